"""Letterhead, signature and Word templates of an office, from the page to the files."""

import io
from collections.abc import Callable

import pdfplumber
import pytest
from docx import Document
from sqlmodel import Session, select

from backend.digests import exporting, reporting, service
from backend.digests.stationery import template_of
from backend.digests.template_values import NAMES
from backend.models import AuditEntry, Digest, DigestKind, Role, WordTemplate
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office
from tests.features.test_answer_ratings import answer
from tests.page import Browser, Page
from tests.unit.test_digest_writers import word_text
from tests.unit.test_word_templates import template

DOCX = exporting.MEDIA_TYPES["docx"]


@pytest.fixture
def drafting(office: Office, session: Session) -> Office:
    office.hire("drafter", Role.DRAFTING_OFFICE)
    office.hire("helper", Role.OFFICER)
    comment = office.receive("请把末班车延到23时。{{7*7}}", anchor="i1")
    office.read(comment, "i1")
    answer(office, comment)
    return office


def upload(browser: Browser, office: Office, kind: str, data: bytes, *, status: int = 200) -> Page:
    page = browser.open(f"{office.path}/digests/stationery")
    form = page.form(f"/{kind}/template")
    form.values.pop("file", None)
    return browser.press(form, files={"file": ("我们的.docx", data, DOCX)}, status=status)


def test_letterhead_and_signature_stand_in_word_and_pdf(
    drafting: Office, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in("drafter")
    page = browser.open(f"{drafting.path}/digests/stationery")
    form = page.form("/stationery").fill(
        issuer="青石区发展改革委文件",
        document_number="青发改〔2026〕8号",
        red="true",
        signatures="青石区发展和改革委员会\r\n青石区规划资源局\n",
    )
    page = browser.press(form)
    assert page.form("/stationery").values["issuer"] == "青石区发展改革委文件"
    report = browser.open(f"{drafting.path}/digests/report")
    assert report.form("/report").values["document_number"] == "青发改〔2026〕8号"
    browser.press(report.form("/report"))
    made = session.exec(select(Digest)).one()
    words = word_text(exporting.write(made, "docx"))
    with pdfplumber.open(io.BytesIO(exporting.write(made, "pdf"))) as document:
        first = document.pages[0]
        shown = "".join("".join((p.extract_text() or "").split()) for p in document.pages)
        red = [c for c in first.chars if c["text"] == "青" and c["non_stroking_color"][0] > 0.7]
    html = exporting.write(made, "html").decode()
    for line in (
        "青石区发展改革委文件",
        "青发改〔2026〕8号",
        "青石区发展和改革委员会",
        "青石区规划资源局",
    ):
        assert line in words
        assert line in shown
        assert line in html
    assert red


def test_an_office_template_is_used_kept_and_retired(
    drafting: Office, sign_in: SignIn, session: Session, make_digests: Callable[[], None]
) -> None:
    browser = sign_in("drafter")
    own = template("本单位样式 {{ 收到条数 }}条", "{% for 项 in 意见 %}{{ 项.内容 }}{% endfor %}")
    page = upload(browser, drafting, "digest", own)
    assert "我们的.docx" in page.text
    preview = browser.get(f"{drafting.path}/digests/stationery/digest/preview.docx")
    assert "本单位样式 1条" in word_text(preview.content)
    page = browser.press(browser.open(f"{drafting.path}/digests").form("/digests"))
    make_digests()
    address = browser.open(page.path).path
    word = browser.get(f"{address}.docx").content
    assert word_text(word)[:2] == ["本单位样式 1条", "请把末班车延到23时。{{7*7}}"]
    page = browser.open(f"{drafting.path}/digests/stationery")
    browser.press(page.form("/digest/retire"))
    assert browser.get(f"{address}.docx").content == word  # Made before: it keeps its look.
    digest = session.exec(select(Digest)).one()
    assert exporting.write(digest, "docx", template=template_of(session, digest)) == word
    fresh = service.prepare(session, drafting.consultation, officer_id=None, now=MONDAY)
    assert template_of(session, fresh) is None
    actions = [entry.action for entry in session.exec(select(AuditEntry))]
    assert actions.count("template.use") == actions.count("template.retire") == 1


def test_a_bad_template_is_explained_and_changes_nothing(
    drafting: Office, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in("drafter")
    page = upload(browser, drafting, "adoption_report", template("一", "{{ 天气 }}"), status=422)
    assert page.title.startswith("错误：")
    assert "正文第2段（“{{ 天气 }}”）没有“天气”这个变量。" in page.text
    page = upload(browser, drafting, "adoption_report", b"", status=422)
    assert "请选择一个 Word 文件" in page.text
    assert session.exec(select(WordTemplate)).all() == []


def test_the_shipped_template_goes_round(
    drafting: Office, sign_in: SignIn, session: Session
) -> None:
    browser = sign_in("drafter")
    for kind in DigestKind:
        data = browser.get(f"{drafting.path}/digests/stationery/{kind}/default.docx").content
        upload(browser, drafting, kind.value, data)
        made = browser.get(f"{drafting.path}/digests/stationery/{kind}/preview.docx").content
        assert "请把末班车延到23时。{{7*7}}" in word_text(made)
        Document(io.BytesIO(made))


def test_every_documented_name_has_a_value(drafting: Office, session: Session) -> None:
    digest = service.prepare(session, drafting.consultation, officer_id=None, now=MONDAY)
    content = reporting.compile_adoption(session, drafting.consultation, now=MONDAY)
    for made in (digest, reporting.unstored(content, drafting.consultation)):
        values = exporting.values_of(made)
        assert values.keys() == NAMES[made.kind].keys()
        for name, fields in NAMES[made.kind].items():
            if not isinstance(fields, str):
                assert all(row.keys() == fields.keys() for row in values[name]), name


def test_only_those_who_run_the_consultation_change_it(drafting: Office, sign_in: SignIn) -> None:
    helper = sign_in("helper")
    page = helper.open(f"{drafting.path}/digests/stationery")
    assert not page.all("main form")
    token = page.form("/sign-out").values["csrf_token"]
    sent = {"issuer": "x", "csrf_token": token}
    refused = helper.post(f"{drafting.path}/digests/stationery", data=sent)
    assert refused.status_code == 403
    assert "您的角色没有这项权限" in refused.text
