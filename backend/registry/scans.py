"""The tray 待录入: scanned letters that wait to be typed in, and how they are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.settings import Settings
from backend.models import Attachment, Consultation, Officer, Scan
from backend.registry import rendering
from backend.submissions import uploads
from backend.submissions.uploads import UploadRefused
from backend.web.errors import NotFound, Refused

KINDS = {"application/pdf", "image/jpeg", "image/png"}
MAX_AT_ONCE = 20
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of files that were put into the tray."""

    scans: tuple[Scan, ...] = ()
    problems: tuple[str, ...] = ()


def take(
    session: Session,
    consultation: Consultation,
    files: Sequence[tuple[str, bytes]],
    officer: Officer,
    *,
    settings: Settings,
    now: datetime,
) -> Taken:
    """Put scans into the tray; one sentence for each file that cannot be taken."""
    scans: list[Scan] = []
    problems = []
    for name, data in files[:MAX_AT_ONCE]:
        try:
            scans.append(_take_one(session, consultation, name, data, officer, settings, now))
        except (UploadRefused, rendering.Unreadable) as error:
            problems.append(str(error))
    if len(files) > MAX_AT_ONCE:
        problems.append(f"一次最多上传{MAX_AT_ONCE}个扫描件，其余没有收下")
    return Taken(tuple(scans), tuple(problems))


def _take_one(
    session: Session,
    consultation: Consultation,
    name: str,
    data: bytes,
    officer: Officer,
    settings: Settings,
    now: datetime,
) -> Scan:
    file = uploads.examine(name, data, max_megabytes=settings.max_upload_mb)
    if file.media_type not in KINDS:
        raise UploadRefused(f"“{file.file_name}”不是扫描件，请上传 PDF、JPG 或 PNG")
    known = select(Scan).where(
        Scan.consultation_id == consultation.id,
        Scan.sha256 == file.sha256,
        col(Scan.set_aside_at).is_(None),
    )
    if session.exec(known).first() is not None:
        raise UploadRefused(f"“{file.file_name}”已经上传过，没有重复收下")
    uploads.keep(settings, file, data)
    pages = 1
    if file.media_type == "application/pdf":
        pages = rendering.page_count(uploads.path_of(settings, file.sha256))
    scan = Scan(
        consultation_id=consultation.id or 0,
        **file.model_dump(),
        page_count=pages,
        uploaded_by_id=officer.id or 0,
        uploaded_at=now,
    )
    session.add(scan)
    session.flush()
    return scan


def waiting(session: Session, consultation_id: int) -> Sequence[Scan]:
    """The tray, oldest first."""
    query = select(Scan).where(
        Scan.consultation_id == consultation_id,
        col(Scan.submission_id).is_(None),
        col(Scan.set_aside_at).is_(None),
    )
    return session.exec(query.order_by(col(Scan.id))).all()


def chosen(session: Session, consultation_id: int, ids: Sequence[int]) -> list[Scan]:
    """The scans of these numbers that still wait in the tray."""
    return [scan for scan in waiting(session, consultation_id) if scan.id in ids]


def find(session: Session, consultation_id: int, scan_id: int) -> Scan:
    scan = session.get(Scan, scan_id)
    if scan is None or scan.consultation_id != consultation_id:
        raise NotFound("没有这个扫描件。")
    return scan


def attach(session: Session, scan: Scan, submission_id: int) -> None:
    """The scan belongs to a registered letter now."""
    scan.submission_id = submission_id
    session.add(scan)
    session.add(
        Attachment(
            submission_id=submission_id,
            file_name=scan.file_name,
            media_type=scan.media_type,
            size=scan.size,
            sha256=scan.sha256,
        )
    )


def set_aside(
    session: Session, scan: Scan, officer: Officer, *, reason: str, now: datetime
) -> None:
    """Take a scan out of the tray without registering it (not an opinion, scanned twice)."""
    if not reason:
        raise Refused("请写明为什么不录入这个扫描件，例如“与本征询无关”。")
    if scan.submission_id is not None:
        raise Refused("这个扫描件已经录入，不能再移出。")
    scan.set_aside_at, scan.set_aside_reason = now, reason[:MAX_REASON]
    session.add(scan)
    session.flush()
    details = {"file": scan.file_name, "reason": scan.set_aside_reason}
    audit.record(session, officer, "scan.set_aside", "scan", scan.id, details, now=now)


def picture(settings: Settings, scan: Scan, page: int) -> tuple[bytes, str]:
    """One page of a scan as a picture, with its media type; pages of a PDF are made once."""
    path = uploads.path_of(settings, scan.sha256)
    if not path.is_file() or not 1 <= page <= scan.page_count:
        raise NotFound("没有这一页。")
    if scan.media_type != "application/pdf":
        return path.read_bytes(), scan.media_type
    made = settings.data_dir / "cache" / "scans" / f"{scan.sha256}-{page}.png"
    if not made.is_file():
        try:
            data = rendering.page_picture(path, page)
        except rendering.Unreadable as error:
            raise Refused(str(error)) from error
        made.parent.mkdir(parents=True, exist_ok=True)
        partial = made.with_suffix(".part")
        partial.write_bytes(data)
        partial.replace(made)
    return made.read_bytes(), "image/png"
