"""Speed, memory and the page count of Word beside that of PDF.

The full sizes run with `make drill`: `pytest tests/features/test_digests_size.py -m drill -s`
prints what it measured. Times are those of the processor, so that neighbours do not count.
"""

import csv
import io
import resource
import shutil
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pdfplumber
import pytest
from sqlalchemy import insert
from sqlmodel import Session

from backend.digests import exporting, service, streaming
from backend.digests.filters import Filter
from backend.kit.ids import new_look_up_code, new_token
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    AnchorState,
    Assessment,
    Channel,
    Comment,
    Digest,
    Handling,
    Screening,
    Submission,
)
from tests.features.office import MONDAY, Office, found
from tests.unit.test_digest_writers import HOSTILE, book

SENTENCES = (
    "公交站离小区太远，老人走过去要二十分钟，希望在青禾路口增设一站。",
    "晚上九点以后停车位不够，能不能把农贸市场的车位夜间开放给居民。",
    "支持新增社区巴士，建议把早班提前到六点，方便上早班的人。",
    "夜间施工太吵，孩子睡不好，请把作业时间写清楚并公布投诉电话。",
    "规划里的托育点数量看着不少，但是离我们小区最近的也有两公里。",
)


@pytest.fixture
def office(session: Session, settings: Settings) -> Office:
    return found(session, settings)


def fill(office: Office, count: int) -> None:
    """Many comments, inserted in bulk; texts differ in their numbers and order."""
    session, consultation_id = office.session, office.consultation.id
    comments, submissions, readings = [], [], []
    for n in range(1, count + 1):
        moment = MONDAY + timedelta(minutes=n)
        text = "".join(SENTENCES[(n + k) % 5] for k in range(n % 3 + 1)) + f"（{n}号楼）"
        submissions.append(
            {
                "id": n,
                "consultation_id": consultation_id,
                "receipt_code": f"{n:09d}",
                "receipt_token": new_token(),
                "look_up_code": new_look_up_code(),
                "idempotency_key": str(n),
                "channel": Channel.WEB,
                "street": f"{'东南西北'[n % 4]}街道",
                "received_at": moment,
            }
        )
        comments.append(
            {
                "id": n,
                "submission_id": n,
                "consultation_id": consultation_id,
                "text": text,
                "masked_text": text,
                "received_at": moment,
                "anchor_kind": AnchorKind.PASSAGE,
                "anchor_key": f"p{2 + n % 4}",
                "anchor_section_key": "s3" if n % 2 else "s4",
                "anchor_state": AnchorState.PRESENT,
                "handling": Handling.NEW,
                "screening": Screening.PENDING,
            }
        )
        readings.append(
            {
                "comment_id": n,
                "plan_version_id": office.plan_version_id,
                "engine_version": "test-1",
                "status": "read",
                "sentiment": ("positive", "neutral", "negative")[n % 3],
                "intent": ("proposes", "complains", "asks")[n % 3],
                "link_status": "no_item",
                "created_at": MONDAY,
            }
        )
    session.execute(insert(Submission), submissions)
    session.execute(insert(Comment), comments)
    session.execute(insert(Assessment), readings)
    session.commit()


def digest_of(office: Office, count: int) -> Digest:
    fill(office, count)
    return service.prepare(
        office.session, office.consultation, officer_id=None, now=MONDAY + timedelta(days=9)
    )


def pages_of(data: bytes) -> int:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return len(document.pages)


def test_word_has_as_many_pages_as_pdf(office: Office, tmp_path: Path) -> None:
    office_suite = shutil.which("soffice")
    if office_suite is None:
        pytest.skip("LibreOffice is not installed, Word pages cannot be counted")
    digest = digest_of(office, 120)
    (tmp_path / "digest.docx").write_bytes(exporting.write(digest, "docx"))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [office_suite, profile, "--headless", "--convert-to", "pdf", "digest.docx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    word = pages_of((tmp_path / "digest.pdf").read_bytes())
    assert abs(word - pages_of(exporting.write(digest, "pdf"))) <= 1


def test_a_spreadsheet_program_reads_the_workbook_as_written(tmp_path: Path) -> None:
    """LibreOffice opens it, and gives back every hostile text as text, nothing calculated."""
    office_suite = shutil.which("soffice")
    if office_suite is None:
        pytest.skip("LibreOffice is not installed, the workbook cannot be opened")
    (tmp_path / "book.xlsx").write_bytes(book(HOSTILE))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    every_sheet = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = [office_suite, profile, "--headless", "--convert-to", every_sheet, "book.xlsx"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    text = (tmp_path / "book-内容.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[1] for row in rows[1:]] == HOSTILE


def test_streaming_gives_every_comment_once(office: Office, tmp_path: Path) -> None:
    fill(office, 2_300)  # More than two pieces.
    rows = list(streaming.stream_rows(office.session, office.consultation, Filter()))
    assert [row[0] for row in rows] == list(range(1, 2_301))


def memory() -> int:
    """The most this process or a finished child has held, in MB."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(one).ru_maxrss for one in who) // 1024


def cpu() -> float:
    """Seconds of processor this process and its finished children have used."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in who]
    return sum(u.ru_utime + u.ru_stime for u in used)


@pytest.mark.drill
@pytest.mark.parametrize(
    ("count", "format_", "seconds"), [(2_000, "pdf", 10), (2_000, "docx", 15), (10_000, "xlsx", 5)]
)
def test_a_large_digest_is_written_in_time(
    office: Office, count: int, format_: str, seconds: float
) -> None:
    digest = digest_of(office, count)
    exporting.write(digest, "json")
    started, watch = cpu(), time.perf_counter()
    data = exporting.write(digest, format_)
    took, waited = cpu() - started, time.perf_counter() - watch
    print(f"{count} comments, {format_}: {took:.1f} s of processor, {waited:.1f} s by the clock")
    print(f"{len(data) / 1e6:.1f} MB, {memory()} MB held")
    assert took <= seconds
    assert memory() <= 500


@pytest.mark.drill
def test_a_hundred_thousand_comments_are_streamed(office: Office, tmp_path: Path) -> None:
    fill(office, 100_000)
    office.session.expunge_all()
    consultation = office.session.merge(office.consultation, load=False)
    before = memory()
    started = time.perf_counter()
    size = sum(map(len, streaming.csv_of_all(office.session, consultation, Filter())))
    csv_took = time.perf_counter() - started
    streaming.xlsx_of_all(office.session, consultation, Filter(), tmp_path / "all.xlsx")
    xlsx_took = time.perf_counter() - started - csv_took
    print(f"100000 comments: csv {csv_took:.0f} s, {size / 1e6:.0f} MB; xlsx {xlsx_took:.0f} s; "
          f"{memory() - before} MB more held")  # fmt: skip
    assert memory() - before <= 100
