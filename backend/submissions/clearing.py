"""Clearing what nobody sent: forms past their fourteen days, files that belong to nothing."""

from datetime import UTC, datetime, timedelta

from sqlmodel import col, delete, select

from backend.accounts import limits
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Attachment, Draft, ImportBatch, Scan
from backend.submissions import rules

# Every bucket refills, and every lock ends, within a day.
BUCKETS_KEPT = timedelta(days=7)


def clear_drafts(database: Database, settings: Settings) -> None:
    """Delete expired drafts, and attachments of no submission that are older than any draft."""
    now = utc_now()
    with database.writing() as session:
        session.exec(delete(Draft).where(col(Draft.expires_at) <= now))
        limits.forget_idle(session, since=now - BUCKETS_KEPT)
        owned = {
            sha256
            for table in (Attachment, Scan, ImportBatch)
            for sha256 in session.exec(select(table.sha256)).all()
        }
    oldest = now - 2 * rules.DRAFT_LIFETIME
    # Attachments lie two levels down (`ab/abcd…`); plan files lie directly in the folder.
    for path in settings.uploads_dir.glob("??/*"):
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if path.name not in owned and changed < oldest:
            path.unlink(missing_ok=True)
