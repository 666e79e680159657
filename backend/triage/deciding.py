"""办理结论: writing a decision. A newer one supersedes, none is ever changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from backend.models import Comment, Disposition, Handling, Officer, Outcome
from backend.triage import saving


def decide(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    outcome: Outcome,
    reason: str,
    section_key: str | None,
    place: str,
    reply: str,
    now: datetime,
    recorded: tuple[Officer, str] | None = None,
    **details: Any,
) -> Disposition:
    """Write a decision that has been checked, as `officer`'s.

    `recorded` names who acts, and how, where that is not the officer deciding: an approval.
    """
    by, action = recorded or (officer, "comment.dispose")
    before = comment.handling
    saving.advance(
        session, comment, version,
        handling=Handling.DECIDED, claimed_by_id=None, claimed_until=None,
    )  # fmt: skip
    supersede(session, comment, now=now)
    disposition = Disposition(
        comment_id=comment.id or 0,
        outcome=outcome,
        reason=reason,
        change_section_key=section_key,
        change_place=place,
        reply=reply,
        decided_by_id=officer.id or 0,
        decided_at=now,
    )
    session.add(disposition)
    session.flush()
    saving.record(
        session, by, action, comment, now=now,
        outcome=outcome.value, disposition=disposition.id, before=before.value, **details,
    )  # fmt: skip
    return disposition


def supersede(session: Session, comment: Comment, *, now: datetime) -> None:
    """The decision that counted so far stays on record and counts no more."""
    session.exec(
        update(Disposition)
        .where(col(Disposition.comment_id) == comment.id, col(Disposition.superseded_at).is_(None))
        .values(superseded_at=now)
    )
