"""How long a digest takes and what it holds: `zhengxun bench digest`.

The written comments of the demo are repeated with numbers of their own until there are enough.
Every figure is taken in a process of its own, watched together with the typesetter it starts.
"""

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, select

from analysis.contracts import ParsedPlan
from backend.bench.memory import PeakMemory
from backend.consultations import service as consultations
from backend.demo import material
from backend.digests import exporting, making, streaming
from backend.digests.filters import Filter
from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.ids import new_look_up_code, new_token
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    AnchorState,
    Assessment,
    AssessmentLink,
    Channel,
    Comment,
    Consultation,
    Digest,
    Handling,
    Organisation,
    Screening,
    Submission,
    SubmitterKind,
)
from backend.plans import service as plans

START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
BATCH = 2_000
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing to measure; limits are promises (docs/standards.md D4), None where none is."""

    what: str
    count: int
    most_seconds: float | None
    most_mb: int | None = 500


CASES = (
    Case("job", 2_000, None),
    Case("pdf", 2_000, 10),
    Case("docx", 2_000, 15),
    Case("job", 10_000, None),
    Case("xlsx", 10_000, 5),
    Case("csv-stream", 100_000, None),
    Case("xlsx-stream", 100_000, None),
)
NAMES = {
    "job": "整个后台任务（归纳、核对、保存、三种文件）",
    "pdf": "PDF",
    "docx": "Word",
    "xlsx": "Excel",
    "csv-stream": "CSV 明细（流式）",
    "xlsx-stream": "Excel 明细（流式）",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What one case took. `peak_mb` counts the process and all it started."""

    what: str
    count: int
    seconds: float
    cpu_seconds: float
    peak_mb: int
    size_mb: float
    most_seconds: float | None
    most_mb: int | None
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Report:
    """All figures, and where they were taken."""

    machine: str
    cores: int
    load: tuple[float, float, float]
    scale: float
    figures: tuple[Figure, ...]


def measure(*, scale: float = 1.0, tell: Tell) -> Report:
    """Fill a database of its own, measure every case, and throw it away."""
    cases = [replace(case, count=max(10, round(case.count * scale))) for case in CASES]
    with TemporaryDirectory(prefix="zhengxun-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url=None, secret_key=None)
        database = Database(make_engine(settings))
        migrations.upgrade(database.engine)
        for count in sorted({case.count for case in cases}):
            tell(f"生成{count:,}条意见……")
            with database.writing() as session:
                fill(session, count)
        database.engine.dispose()
        figures = []
        for case in cases:
            tell(f"{NAMES[case.what]}，{case.count:,}条……")
            figures.append(_measured(settings, case))
    return Report(platform.platform(), os.cpu_count() or 1, os.getloadavg(), scale, tuple(figures))


def as_markdown(report: Report) -> str:
    """The figures as a table people read."""
    lines = [
        "| 项目 | 条数 | 用时（秒） | 其中处理器 | 内存峰值（MB） | 文件（MB） | 承诺 |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for f in report.figures:
        promised = [f"≤ {f.most_seconds:g} 秒"] if f.most_seconds else []
        promised += [f"≤ {f.most_mb} MB"] if f.most_mb else []
        lines.append(
            f"| {NAMES[f.what]} | {f.count:,} | {f.seconds:.1f} | {f.cpu_seconds:.1f} "
            f"| {f.peak_mb} | {f.size_mb:.1f} | {'，'.join(promised)}"
            f"：{'做到' if f.is_kept else '没有做到'} |"
        )
    load = "、".join(f"{part:.2f}" for part in report.load)
    return "\n".join([*lines, "", f"{report.machine}，{report.cores} 核，负载 {load}"])


def _measured(settings: Settings, case: Case) -> Figure:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(settings.data_dir, case, there))
    process.start()
    there.close()
    with PeakMemory(process.pid or 0) as peak:
        seconds, cpu, size = here.recv()
        process.join()
    return figure(case, seconds=seconds, cpu=cpu, peak=peak.bytes, size=size)


def figure(case: Case, *, seconds: float, cpu: float, peak: int, size: int) -> Figure:
    """What was measured beside what was promised; `peak` and `size` in bytes."""
    peak_mb = peak // 1_000_000
    in_time = case.most_seconds is None or seconds <= case.most_seconds
    return Figure(
        case.what,
        case.count,
        round(seconds, 2),
        round(cpu, 2),
        peak_mb,
        round(size / 1e6, 1),
        case.most_seconds,
        case.most_mb,
        in_time and (case.most_mb is None or peak_mb <= case.most_mb),
    )


def _work(folder: Path, case: Case, answer: Any) -> None:
    """Runs in the process that is measured; the imports are done before the clock starts."""
    settings = Settings(data_dir=folder, database_url=None, secret_key=None)
    os.environ["ZHENGXUN_DATA_DIR"] = str(folder)
    database = Database(make_engine(settings))
    started, used = time.perf_counter(), sum(os.times()[:4])
    size = DOING[case.what](database, settings, case)
    answer.send((time.perf_counter() - started, sum(os.times()[:4]) - used, size))
    answer.close()


def _make(database: Database, settings: Settings, case: Case) -> int:
    def clock() -> datetime:
        return START + timedelta(days=30)

    with database.writing() as session:
        making.order_digest(session, _consultation(session, case), officer_id=None, now=clock())
    making.make_due(database, settings, clock=clock)
    return sum(path.stat().st_size for path in making.files_folder(settings).iterdir())


def _write(database: Database, _settings: Settings, case: Case) -> int:
    """From the snapshot to the file, as for somebody who downloads one that was not kept."""
    with database.reading() as session:
        consultation = _consultation(session, case)
        query = select(Digest).where(Digest.consultation_id == consultation.id)
        digest = session.exec(query).one()
        session.expunge(digest)
    return len(exporting.write(digest, case.what))


def _stream_csv(database: Database, _settings: Settings, case: Case) -> int:
    with database.reading() as session:
        here = _consultation(session, case)
        return sum(map(len, streaming.csv_of_all(session, here, Filter())))


def _stream_xlsx(database: Database, settings: Settings, case: Case) -> int:
    path = settings.data_dir / "all.xlsx"
    with database.reading() as session:
        streaming.xlsx_of_all(session, _consultation(session, case), Filter(), path)
    return path.stat().st_size


DOING: dict[str, Callable[[Database, Settings, Case], int]] = {
    "job": _make,
    "pdf": _write,
    "docx": _write,
    "xlsx": _write,
    "csv-stream": _stream_csv,
    "xlsx-stream": _stream_xlsx,
}


def _consultation(session: Session, case: Case) -> Consultation:
    slug = f"bench-{case.count}"
    return session.exec(select(Consultation).where(Consultation.slug == slug)).one()


# --- What is measured on -------------------------------------------------------------------------


def fill(session: Session, count: int) -> None:
    """A consultation on the demo's outline plan with `count` comments the machine has read."""
    organisation = session.exec(select(Organisation)).first() or Organisation(
        slug="bench", name="测速区政府", created_at=START
    )
    session.add(organisation)
    session.flush()
    parsed = _plan()
    consultation, version = consultations.draft_from(
        session, organisation, parsed, slug=f"bench-{count}", now=START
    )
    consultation.opens_at, consultation.closes_at = START, START + timedelta(days=30)
    session.add(consultation)
    session.flush()
    first = (session.exec(select(Comment.id).order_by(Comment.id.desc())).first() or 0) + 1  # type: ignore[union-attr]
    rows = _rows(parsed, consultation.id or 0, version.id or 0, first, count)
    for batch in _batches(rows):
        for table in (Submission, Comment, Assessment, AssessmentLink):
            session.execute(insert(table), [row[table] for row in batch])


def _plan() -> ParsedPlan:
    window = material.Window(START.date(), START.date() + timedelta(days=30))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.txt"
        path.write_text(material.OUTLINE.text(window), encoding="utf-8")
        return plans.parse_file(path)


def _batches(rows: Iterator[dict[Any, Any]]) -> Iterator[list[dict[Any, Any]]]:
    batch: list[dict[Any, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _rows(
    parsed: ParsedPlan, consultation_id: int, version_id: int, first: int, count: int
) -> Iterator[dict[Any, Any]]:
    """One comment after another: rows of the four tables, ids given."""
    said = [comment.text for comment in material.demo_comments()]
    sections = [section for section in parsed.sections if section.passages]
    items = [("indicator", i.id) for i in parsed.indicators] + [
        ("task", t.id) for t in parsed.tasks
    ]
    channels, kinds = tuple(Channel), tuple(SubmitterKind)
    for n in range(count):
        key, moment = first + n, START + timedelta(minutes=n * 41_000 // count)
        text = f"{said[n % len(said)]}（{n // len(said) + 1}号楼）"
        section = sections[n % len(sections)]
        kind, item = items[n % len(items)]
        yield {
            Submission: {
                "id": key,
                "consultation_id": consultation_id,
                "receipt_code": f"{key:09d}",
                "receipt_token": new_token(),
                "look_up_code": new_look_up_code(),
                "idempotency_key": str(key),
                "channel": channels[n % len(channels)],
                "submitter_kind": kinds[n % len(kinds)],
                "street": f"{'东南西北中'[n % 5]}街道",
                "is_late": False,
                "is_quarantined": False,
                "received_at": moment,
            },
            Comment: {
                "id": key,
                "submission_id": key,
                "consultation_id": consultation_id,
                "ordinal": 1,
                "text": text,
                "masked_text": text,
                "received_at": moment,
                "anchor_kind": AnchorKind.PASSAGE,
                "anchor_key": section.passages[0].id,
                "anchor_section_key": section.id,
                "anchor_version_id": version_id,
                "anchor_quote": "",
                "anchor_prefix": "",
                "anchor_suffix": "",
                "anchor_state": AnchorState.PRESENT,
                "handling": Handling.NEW,
                "screening": Screening.PENDING,
                "support_count": 0,
                "version": 1,
            },
            Assessment: {
                "id": key,
                "comment_id": key,
                "plan_version_id": version_id,
                "engine_version": "bench",
                "status": "read",
                "sentiment": ("negative", "neutral", "positive")[n % 3],
                "intent": ("proposes", "complains", "asks", "supports", "opposes")[n % 5],
                "link_status": "linked",
                "evidence": {},
                "created_at": moment,
            },
            AssessmentLink: {
                "assessment_id": key,
                "comment_id": key,
                "rank": 1,
                "item_kind": kind,
                "item_key": item,
                "score": 0.8,
                "stance": ("supports", "opposes", "none")[n % 3],
                "evidence": [],
            },
        }
