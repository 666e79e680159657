"""What happened to a comment so far: decisions, assignments, notes, and the audit's entries."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backend.models import (
    Assignment,
    AuditEntry,
    Department,
    Disposition,
    InternalNote,
    Officer,
)

HISTORY_COUNT = 40


@dataclass(frozen=True, slots=True)
class Note:
    officer_name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry of the audit that speaks of this comment."""

    at: datetime
    officer_name: str | None
    action: str
    details: dict[str, object]


def dispositions(session: Session, comment_id: int) -> list[tuple[Disposition, str]]:
    statement = (
        select(Disposition, Officer.display_name)
        .join(Officer, col(Officer.id) == Disposition.decided_by_id)
        .where(Disposition.comment_id == comment_id)
        .order_by(col(Disposition.id).desc())
    )
    return list(session.exec(statement).all())


def assignments(
    session: Session, comment_id: int
) -> tuple[tuple[Assignment, str, str | None], ...]:
    statement = (
        select(Assignment, Officer.display_name, Department.name)
        .join(Officer, col(Officer.id) == Assignment.by_officer_id)
        .join(Department, col(Department.id) == Assignment.department_id, isouter=True)
        .where(Assignment.comment_id == comment_id)
        .order_by(col(Assignment.id).desc())
    )
    return tuple(session.exec(statement).all())


def notes(session: Session, comment_id: int) -> tuple[Note, ...]:
    statement = (
        select(Officer.display_name, InternalNote.text, InternalNote.created_at)
        .join(Officer, col(Officer.id) == InternalNote.officer_id)
        .where(InternalNote.comment_id == comment_id)
        .order_by(col(InternalNote.id))
    )
    return tuple(Note(*row) for row in session.exec(statement))


def history(session: Session, comment_id: int) -> tuple[HistoryRow, ...]:
    statement = (
        select(AuditEntry.at, Officer.display_name, AuditEntry.action, AuditEntry.details)
        .join(Officer, col(Officer.id) == AuditEntry.officer_id, isouter=True)
        .where(AuditEntry.subject_type == "comment", AuditEntry.subject_id == comment_id)
        .order_by(col(AuditEntry.id).desc())
        .limit(HISTORY_COUNT)
    )
    return tuple(
        HistoryRow(at, name, action, dict(details))
        for at, name, action, details in session.exec(statement)
    )
