"""Looking at a comment: read marks, who else looks, and personal data.

Who looks is told softly: it keeps nobody from anything. Personal data is shown only after the
look has been recorded.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.models import Comment, Contact, Officer, Presence, ReadMark, Submission
from backend.triage import rules, saving


def mark_read(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """Opened by this officer; no change to the comment, hence no entry in the audit."""
    key = {"comment_id": comment.id, "officer_id": officer.id}
    if session.get(ReadMark, key) is None:
        session.add(ReadMark(comment_id=comment.id or 0, officer_id=officer.id or 0, read_at=now))


def be_present(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """This officer has the comment open now; leaving shows by time alone."""
    row = session.get(Presence, officer.id)
    if row is None:
        row = Presence(officer_id=officer.id or 0, comment_id=comment.id or 0, seen_at=now)
    row.comment_id, row.seen_at = comment.id or 0, now
    session.add(row)


def others_here(
    session: Session, comment_id: int, officer_id: int, now: datetime
) -> tuple[str, ...]:
    """The colleagues who have the comment open."""
    statement = (
        select(Officer.display_name)
        .join(Presence, col(Presence.officer_id) == Officer.id)
        .where(
            Presence.comment_id == comment_id,
            Presence.officer_id != officer_id,
            col(Presence.seen_at) > now - rules.PRESENCE_LENGTH,
        )
        .order_by(Officer.display_name)
    )
    return tuple(session.exec(statement))


def read_contact(
    session: Session, comment: Comment, officer: Officer, *, now: datetime
) -> tuple[Submission, Contact | None]:
    """Who sent it; looking is recorded before anything is shown."""
    submission = session.get_one(Submission, comment.submission_id)
    contact = session.exec(select(Contact).where(Contact.submission_id == submission.id)).first()
    saving.record(session, officer, "contact.read", comment, now=now, submission=submission.id)
    return submission, contact


def read_original(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> str:
    """The text with nothing masked; looking is recorded."""
    saving.record(session, officer, "comment.read_original", comment, now=now)
    return comment.text
