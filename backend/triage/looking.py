"""Looking at a comment: read marks, and personal data that is shown only after it is recorded."""

from datetime import datetime

from sqlmodel import Session, select

from backend.models import Comment, Contact, Officer, ReadMark, Submission
from backend.triage import saving


def mark_read(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """Opened by this officer; no change to the comment, hence no entry in the audit."""
    key = {"comment_id": comment.id, "officer_id": officer.id}
    if session.get(ReadMark, key) is None:
        session.add(ReadMark(comment_id=comment.id or 0, officer_id=officer.id or 0, read_at=now))


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
