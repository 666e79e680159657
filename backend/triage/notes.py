"""内部备注: said among colleagues, never shown to the public."""

from datetime import datetime

from sqlmodel import Session

from backend.models import Comment, InternalNote, Officer
from backend.triage import rules, saving
from backend.web.errors import Refused


def note(
    session: Session, comment: Comment, officer: Officer, text: str, *, now: datetime
) -> InternalNote:
    """内部备注: said among colleagues, never shown to the public."""
    if not text:
        raise Refused("请先写备注内容。")
    if len(text) > rules.REASON_MAX:
        raise Refused(f"备注最多 {rules.REASON_MAX} 字，现在是 {len(text)} 字。")
    row = InternalNote(
        comment_id=comment.id or 0, officer_id=officer.id or 0, text=text, created_at=now
    )
    session.add(row)
    session.flush()
    saving.record(session, officer, "comment.note", comment, now=now, note=row.id)
    return row
