"""A document comes in: kept, read in the background, and made a consultation or a newer version.

An import is a row; the job only looks which are due. Reading takes place in a child process and no
transaction is open meanwhile. What cannot be read stays, with the reason, and can be tried again.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, and_, col, or_, select

from analysis.contracts import ParsedPlan
from backend.accounts import audit
from backend.consultations import service
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Consultation,
    ImportState,
    Officer,
    Organisation,
    PlanImport,
    PlanVersion,
    VersionKind,
)
from backend.plans import service as plans
from backend.plans.parsing import ScannedPlan, UnreadablePlan, parse_untrusted

log = structlog.get_logger()
Clock = Callable[[], datetime]

QUICK_BYTES = 200_000
MOST_TRIES = 3
LEASE = timedelta(minutes=3)  # A reading without a sign of life for so long has lost its worker.
TOLD_EVERY = 1.0
PARKED = "读了三次都没有读完，已停止。请另存为 .docx 或 .txt 后重新上传。"
BROKEN = "读取时出了意外，文件已经保存。请再试一次；还不行的话，请另存为 .docx 或 .txt 后重新上传。"


def register(
    session: Session,
    organisation_id: int,
    *,
    consultation: Consultation | None = None,
    kind: VersionKind | None = None,
    file_name: str,
    file_sha256: str,
    officer_id: int,
    now: datetime,
) -> PlanImport:
    """Put a document that was kept on the list of those to read."""
    row = PlanImport(
        organisation_id=organisation_id,
        consultation_id=None if consultation is None else consultation.id,
        kind=kind,
        file_name=file_name[:255],
        file_sha256=file_sha256,
        officer_id=officer_id,
        created_at=now,
        touched_at=now,
    )
    session.add(row)
    session.flush()
    return row


def try_again(session: Session, row: PlanImport, *, recognise: bool, now: datetime) -> None:
    """Read a kept document once more; a scan by machine if so wished."""
    row.state, row.reason = ImportState.WAITING, ""
    row.recognise = recognise and row.is_scan
    row.done = row.total = row.tries = 0
    row.touched_at = now
    session.add(row)


def unread(session: Session, organisation_id: int) -> list[PlanImport]:
    """Documents of an organisation that are being read or could not be, newest first."""
    query = select(PlanImport).where(
        PlanImport.organisation_id == organisation_id, PlanImport.state != ImportState.READ
    )
    return list(session.exec(query.order_by(col(PlanImport.id).desc()).limit(10)))


def read_due(database: Database, settings: Settings, *, clock: Clock) -> None:
    """Read every document that waits; safe to run twice at once."""
    while (row := _claim(database, clock())) is not None:
        _read(database, settings, row, clock)


def read_now(database: Database, settings: Settings, import_id: int, *, clock: Clock) -> None:
    """Read one document while its sender waits, unless a worker has taken it."""
    row = _claim(database, clock(), only=import_id)
    if row is not None:
        _read(database, settings, row, clock)


def _claim(database: Database, now: datetime, *, only: int | None = None) -> PlanImport | None:
    """The next document, taken; parks what was begun too often."""
    waiting = col(PlanImport.state) == ImportState.WAITING
    lost = and_(
        col(PlanImport.state) == ImportState.READING, col(PlanImport.touched_at) <= now - LEASE
    )
    query = select(PlanImport).where(or_(waiting, lost)).order_by(col(PlanImport.id))
    if only is not None:
        query = query.where(PlanImport.id == only)
    with database.writing() as session:
        for row in session.exec(query.limit(20).with_for_update(skip_locked=True)):
            row.touched_at = now
            session.add(row)
            if row.tries >= MOST_TRIES:
                row.state, row.reason = ImportState.FAILED, PARKED
                continue
            row.state, row.tries = ImportState.READING, row.tries + 1
            return row
    return None


def _read(database: Database, settings: Settings, row: PlanImport, clock: Clock) -> None:
    """Read one claimed document and store what it says; nothing is raised."""
    path = settings.uploads_dir / row.file_sha256
    try:
        parsed = parse_untrusted(
            path, row.file_name, recognise=row.recognise, on_progress=_teller(database, row, clock)
        )
        keyed, continues = parsed, None
        if row.consultation_id is not None:
            with database.reading() as session:
                keyed, continues = plans.continued(session, row.consultation_id, parsed)
        with database.writing() as session:
            _store(session, row, keyed, continues, now=clock())
    except UnreadablePlan as error:
        _fail(database, row, str(error), is_scan=isinstance(error, ScannedPlan), now=clock())
    except Exception as error:
        log.exception("plan_not_read", plan_import=row.id, kind=type(error).__name__)
        _fail(database, row, BROKEN, is_scan=False, now=clock())


def _teller(database: Database, row: PlanImport, clock: Clock) -> Callable[[int, int], None]:
    """Writes down how many of how many pages are read, about once a second."""
    last = 0.0

    def tell(done: int, total: int) -> None:
        nonlocal last
        if done != total and time.monotonic() - last < TOLD_EVERY:
            return
        last = time.monotonic()
        with database.writing() as session:
            stored = session.get_one(PlanImport, row.id)
            stored.done, stored.total, stored.touched_at = done, total, clock()
            session.add(stored)

    return tell


def _fail(
    database: Database, row: PlanImport, reason: str, *, is_scan: bool, now: datetime
) -> None:
    with database.writing() as session:
        stored = session.get_one(PlanImport, row.id)
        stored.state, stored.reason = ImportState.FAILED, reason
        stored.is_scan = stored.is_scan or is_scan
        stored.touched_at = now
        session.add(stored)


def _store(
    session: Session, row: PlanImport, parsed: ParsedPlan, continues: int | None, *, now: datetime
) -> None:
    """A draft consultation of the plan, or a newer version of the one it was uploaded to."""
    stored = session.get_one(PlanImport, row.id)
    version = (
        _new_consultation(session, stored, parsed, now=now)
        if stored.consultation_id is None
        else _new_version(session, stored, parsed, continues, now=now)
    )
    stored.consultation_id, stored.plan_version_id = version.consultation_id, version.id
    stored.state, stored.touched_at = ImportState.READ, now
    session.add(stored)


def _new_consultation(
    session: Session, row: PlanImport, parsed: ParsedPlan, *, now: datetime
) -> PlanVersion:
    consultation, version = service.draft_from(
        session,
        session.get_one(Organisation, row.organisation_id),
        parsed,
        slug=None,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        now=now,
    )
    details = {"slug": consultation.slug, "file": row.file_name, "sha256": row.file_sha256}
    audit.record(
        session, _sender(session, row), "consultation.import", "consultation", consultation.id,
        details, now=now,
    )  # fmt: skip
    return version


def _new_version(
    session: Session,
    row: PlanImport,
    parsed: ParsedPlan,
    continues: int | None,
    *,
    now: datetime,
) -> PlanVersion:
    assert row.consultation_id is not None
    version = plans.store_version(
        session,
        row.consultation_id,
        parsed,
        kind=row.kind or VersionKind.REVISED_DRAFT,
        file_name=row.file_name,
        file_sha256=row.file_sha256,
        continues=continues,
        now=now,
    )
    details = {"file": row.file_name, "sha256": row.file_sha256, "number": version.number}
    audit.record(
        session, _sender(session, row), "plan.import_version", "plan_version", version.id,
        details, now=now,
    )  # fmt: skip
    return version


def _sender(session: Session, row: PlanImport) -> Officer | None:
    return None if row.officer_id is None else session.get(Officer, row.officer_id)
