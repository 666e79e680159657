"""Reads for the counter: what was typed in lately, and the slip for the sender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.models import (
    Attachment,
    Channel,
    Comment,
    Consultation,
    Officer,
    ProxyConsent,
    Submission,
)

RECENT = 20


@dataclass(frozen=True, slots=True)
class Entered:
    """One letter in the list of the day."""

    id: int
    receipt_code: str
    channel: Channel
    point_count: int
    received_at: datetime
    entered_at: datetime
    by: str
    is_late: bool
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Slip:
    """What is printed for the sender, and what the office keeps about the entry."""

    submission: Submission
    consultation: Consultation
    entered_by: str
    abouts: Sequence[str]
    attachments: Sequence[Attachment]
    consent: ProxyConsent | None


def recent(
    session: Session, consultation_id: int, *, officer_id: int | None = None
) -> list[Entered]:
    """What was typed in by hand, newest first; of one officer when asked."""
    points = (
        select(func.count())
        .select_from(Comment)
        .where(Comment.submission_id == Submission.id)
        .scalar_subquery()
    )
    query = (
        select(Submission, Officer.display_name, points)
        .join(Officer, col(Officer.id) == Submission.transcribed_by_id)
        .where(
            Submission.consultation_id == consultation_id,
            col(Submission.entered_at).is_not(None),
            col(Submission.import_batch).is_(None),
        )
        .order_by(col(Submission.id).desc())
        .limit(RECENT)
    )
    if officer_id is not None:
        query = query.where(Submission.transcribed_by_id == officer_id)
    return [
        Entered(
            row.id or 0,
            row.receipt_code,
            row.channel,
            count,
            row.received_at,
            row.entered_at or row.received_at,
            name,
            row.is_late,
            row.withdrawn_at is not None,
        )
        for row, name, count in session.exec(query).all()
    ]


def slip(session: Session, submission: Submission, names: Sequence[str]) -> Slip:
    """The slip of one registered letter; `names` are what its points are about."""
    officer = session.get_one(Officer, submission.transcribed_by_id)
    consent = select(ProxyConsent).where(ProxyConsent.submission_id == submission.id)
    files = select(Attachment).where(Attachment.submission_id == submission.id)
    return Slip(
        submission,
        session.get_one(Consultation, submission.consultation_id),
        officer.display_name,
        names,
        session.exec(files).all(),
        session.exec(consent).first(),
    )


def abouts(session: Session, submission: Submission) -> list[str | None]:
    """The keys the points of a letter are about, in order."""
    query = select(Comment.anchor_key).where(Comment.submission_id == submission.id)
    return list(session.exec(query.order_by(col(Comment.ordinal))).all())
