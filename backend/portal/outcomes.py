"""Reads for the outcome page (因您的意见而改): what was decided, and what changed because of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from backend.models import (
    Comment,
    Disposition,
    OutcomeNotice,
    PlanChange,
    PlanChangeComment,
    Submission,
)
from backend.portal.queries import may_be_shown


@dataclass(frozen=True, slots=True)
class Change:
    """因您的意见而改: a change of the text with the opinions behind it."""

    change: PlanChange
    comment_count: int
    comments: list[Comment]


@dataclass(frozen=True, slots=True)
class PublicOutcome:
    """The published result of a consultation."""

    notice: OutcomeNotice
    changes: list[Change]
    counts: Sequence[tuple[str, int]]


def published(session: Session, consultation_id: int) -> PublicOutcome | None:
    """The result as published: narrative, counts by decision, changes; None before that."""
    notice = session.exec(
        select(OutcomeNotice).where(OutcomeNotice.consultation_id == consultation_id)
    ).first()
    if notice is None:
        return None
    counts = session.exec(
        select(Disposition.outcome, func.count())
        .join(Comment, col(Comment.id) == col(Disposition.comment_id))
        .where(
            Comment.consultation_id == consultation_id,
            col(Disposition.superseded_at).is_(None),
        )
        .group_by(col(Disposition.outcome))
        .order_by(func.count().desc())
    ).all()
    return PublicOutcome(
        notice, _changes(session, consultation_id), [(str(row[0]), row[1]) for row in counts]
    )


def _changes(session: Session, consultation_id: int) -> list[Change]:
    changes = session.exec(
        select(PlanChange)
        .where(PlanChange.consultation_id == consultation_id)
        .order_by(col(PlanChange.position), col(PlanChange.id))
    ).all()
    keys = [change.id for change in changes]
    behind = session.exec(
        select(PlanChangeComment.plan_change_id, func.count())
        .where(col(PlanChangeComment.plan_change_id).in_(keys))
        .group_by(col(PlanChangeComment.plan_change_id))
    ).all()
    shown = session.exec(
        select(PlanChangeComment.plan_change_id, Comment)
        .join(Comment, col(Comment.id) == col(PlanChangeComment.comment_id))
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(col(PlanChangeComment.plan_change_id).in_(keys), may_be_shown())
        .order_by(col(Comment.id))
    ).all()
    counts = {row[0]: row[1] for row in behind}
    return [
        Change(
            change,
            counts.get(change.id or 0, 0),
            [comment for key, comment in shown if key == change.id][:3],
        )
        for change in changes
    ]
