"""What officials upload that is no readable plan: a sentence, in seconds, and nothing lost."""

import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import typst
from sqlmodel import Session, select

from analysis.documents import can_recognise
from backend import jobs
from backend.bench.imports import read_in_child
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Consultation, PlanImport, PlanVersion, Role
from backend.plans import parsing
from backend.plans.parsing import ScannedPlan, UnreadablePlan, parse_untrusted
from tests.analysis.test_documents_hostile import (
    ENCRYPTED_PDF,
    ENTITY,
    small_word,
    ten_thousand_rows,
    word_file,
)
from tests.analysis.test_documents_pdf import scanned
from tests.features.office import Office
from tests.page import Browser, Page

SignIn = Callable[..., Browser]
Make = Callable[[], bytes]
UPLOAD = "/desk/consultations/new"
SECONDS = 20  # A child alone needs one or two; the rest is for a busy machine.
PEAK_MB = 500


@pytest.fixture
def planner(office: Office, sign_in: SignIn, session: Session) -> Browser:
    office.hire("lu", Role.DRAFTING_OFFICE)
    session.commit()
    return sign_in("lu")


def upload(browser: Browser, data: bytes, name: str, *, status: int) -> Page:
    form = browser.open(UPLOAD).form("/new")
    form.values.pop("file", None)
    return browser.press(form, files={"file": (name, data)}, status=status)


def encrypted_word() -> bytes:
    return b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le")


def bomb() -> bytes:
    return word_file({"word/document.xml": b"<w:document/>", "word/a.bin": bytes(80_000_000)})


def nested_bomb() -> bytes:
    """A document.xml of little but spaces: small when packed, and no file of a person."""
    text = b"<w:p><w:r><w:t>" + b" " * 60_000_000 + b"</w:t></w:r></w:p>"
    return word_file({"word/document.xml": text})


@pytest.mark.parametrize(
    ("make", "name", "hint"),
    [
        (encrypted_word, "plan.docx", "密码"),
        (lambda: ENCRYPTED_PDF, "plan.pdf", "密码"),
        (lambda: small_word()[:-40], "plan.docx", "损坏"),
        (lambda: b"%PDF-1.7\n" + b"junk" * 200, "plan.pdf", "损坏"),
        (lambda: b" \r\n\x00\n", "plan.txt", "空"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(500), "plan.pdf", "图片"),
        (bomb, "plan.docx", "解压"),
        (nested_bomb, "plan.docx", "解压"),
        (lambda: word_file({"word/document.xml": ENTITY}), "plan.docx", "不安全"),
        (scanned, "scan.pdf", "扫描件"),
    ],
    ids=["word-locked", "pdf-locked", "word-cut", "pdf-junk", "empty", "picture", "bomb",
         "bomb-xml", "xxe", "scan"],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_seconds_and_kept(
    planner: Browser, session: Session, settings: Settings, make: Make, name: str, hint: str
) -> None:
    data = make()
    started = time.perf_counter()
    page = upload(planner, data, name, status=422)
    assert time.perf_counter() - started < SECONDS
    assert hint in page.text
    assert name in page.text and "没有丢失" in page.text
    assert data in {path.read_bytes() for path in settings.uploads_dir.iterdir()}
    assert len(session.exec(select(Consultation)).all()) == 1  # the office's own


def test_an_enormous_file_is_refused_before_it_is_read(
    planner: Browser, settings: Settings
) -> None:
    settings.max_plan_mb = 1
    page = upload(planner, b"%PDF-" + bytes(1_100_000), "plan.pdf", status=422)
    assert "超过 1 MB" in page.text


@pytest.mark.parametrize(
    ("make", "name", "expected"),
    [
        (small_word, "plan.pdf", "总体要求"),
        (lambda: "没有标题的一段文字，说明编制情况。".encode() * 30, "a.txt", "没有识别出任何标题"),
        (lambda: ten_thousand_rows().encode(), "rows.txt", "主要指标"),
        (
            lambda: "一、总\u202e体要求\u202c\n推\x07进城\u2067市更新工作，改善条件。".encode(),
            "rtl.txt",
            "总体要求",
        ),
    ],
    ids=["wrong-extension", "no-heading", "ten-thousand-rows", "right-to-left"],
)
def test_what_is_only_strange_is_read(make: Make, name: str, expected: str) -> None:
    seconds, _, peak_mb, plan = read_in_child(make(), name)
    assert seconds < 2 * SECONDS
    told = [s["title"] for s in plan["sections"]] + [w["message"] for w in plan["warnings"]]
    assert any(expected in words for words in told)
    assert peak_mb < PEAK_MB


def test_a_child_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "plan"
    path.write_bytes(ten_thousand_rows().encode())
    monkeypatch.setattr(parsing, "READING", parsing.Limits(seconds=0, memory=10**9))
    with pytest.raises(UnreadablePlan, match="没有读完"):
        parse_untrusted(path, "plan.txt")


def test_a_child_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    rows = "<w:tr><w:tc><w:p><w:r><w:t>%d</w:t></w:r></w:p></w:tc></w:tr>"
    body = "".join(rows % n for n in range(2_000_000))
    head = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml",
            f"<w:document {head}><w:body><w:tbl>{body}</w:tbl></w:body></w:document>",
        )
    path = tmp_path / "plan"
    path.write_bytes(buffer.getvalue())
    started = time.perf_counter()
    with pytest.raises(UnreadablePlan, match=r"过大|太大|上限|没有读完"):
        parse_untrusted(path, "plan.docx")
    assert time.perf_counter() - started < 3 * SECONDS


def long_pdf() -> bytes:
    body = "\n#pagebreak()\n".join(f"第{n}页的文字，推进各项工作，改善居住条件。" for n in range(9))
    return bytes(typst.compile(f"= 总体要求\n{body}".encode()))


def test_pages_read_are_told_while_they_are_read(planner: Browser, session: Session) -> None:
    upload(planner, long_pdf(), "plan.pdf", status=200)
    session.rollback()
    reading = session.exec(select(PlanImport)).one()
    assert (reading.done, reading.total) == (9, 9)


def test_a_scan_that_is_kept_can_be_read_by_machine(
    planner: Browser, session: Session, database: Database, settings: Settings
) -> None:
    page = upload(planner, scanned(), "scan.pdf", status=422)
    kept = planner.open(page.one("#unread ~ ul a").get("href"))
    if not can_recognise():
        assert "由机器识别" not in kept.text
        pytest.skip("the optional extra `ocr` is not installed")
    planner.press(kept.form("/retry").fill(recognise="true"))
    jobs.run_now("read-plans", database, settings)
    session.rollback()
    version = session.exec(select(PlanVersion).order_by(PlanVersion.id.desc())).first()
    assert version is not None
    assert version.file_name == "scan.pdf"
    assert "machine_read" in {warning["code"] for warning in version.parsed["warnings"]}


@pytest.mark.parametrize("made_up", ["9999", "..%2F..%2Fetc%2Fpasswd"])
def test_a_scan_that_was_never_kept_is_refused(planner: Browser, made_up: str) -> None:
    token = planner.open(UPLOAD).form("/new").values["csrf_token"]
    sent = {"csrf_token": token, "recognise": "true"}
    assert planner.post(f"/desk/imports/{made_up}/retry", data=sent).status_code == 404


def test_a_scan_says_that_it_is_one(tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_bytes(scanned())
    expected = ScannedPlan if can_recognise() else UnreadablePlan
    with pytest.raises(expected, match="扫描件"):
        parse_untrusted(path, "scan.pdf")


def test_a_word_table_of_ten_thousand_rows_is_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("一、主要指标")
    document.add_table(rows=1, cols=2)
    document.add_paragraph("推进各项工作，改善居住条件。")
    document.save(str(tmp_path / "plan"))
    assert parse_untrusted(tmp_path / "plan", "plan.docx").sections
