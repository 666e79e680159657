"""What is waiting to be read, and what was read."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from analysis.contracts import CommentText
from backend.models import (
    Assessment,
    AssessmentLink,
    Comment,
    Consultation,
    CorpusRun,
    Handling,
    Neighbourhood,
    Review,
    ReviewLink,
    Stage,
    Submission,
)

UNDECIDED = (Handling.NEW, Handling.ASSIGNED)


def unread_comments(
    session: Session,
    consultation_id: int,
    engine_version: str,
    version_id: int,
    limit: int,
    *,
    learned: str | None = None,
    rolled_back: Sequence[str] = (),
) -> list[CommentText]:
    """Comments without a reading by this engine on this plan version, oldest first.

    With `learned`, the version that includes what was learned, undecided comments not read by it
    are due as well; a reading by one that was `rolled_back` is none.
    """
    here = Assessment.plan_version_id == version_id
    read = select(Assessment.comment_id).where(
        here,
        or_(
            col(Assessment.engine_version) == engine_version,
            col(Assessment.engine_version).startswith(engine_version + "+"),
        ),
        col(Assessment.engine_version).not_in(rolled_back),
    )
    due: ColumnElement[bool] = col(Comment.id).not_in(read)
    if learned is not None and learned != engine_version:
        improved = select(Assessment.comment_id).where(here, Assessment.engine_version == learned)
        undecided = col(Comment.handling).in_(UNDECIDED)
        due = or_(due, and_(undecided, col(Comment.id).not_in(improved)))
    query = _texts(consultation_id).where(due).limit(limit)
    return [_as_text(row) for row in session.exec(query).all()]


def comment_texts(session: Session, consultation_id: int) -> list[CommentText]:
    """Every comment of a consultation that was not withdrawn, in order of arrival."""
    return [_as_text(row) for row in session.exec(_texts(consultation_id)).all()]


def _texts(consultation_id: int) -> Select[Comment, str]:
    return (
        select(Comment, Submission.channel)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            Comment.consultation_id == consultation_id,
            col(Submission.withdrawn_at).is_(None),
            col(Comment.is_current),
        )
        .order_by(col(Comment.id))
    )


def _as_text(row: tuple[Comment, str]) -> CommentText:
    comment, channel = row
    return CommentText(
        id=str(comment.id),
        text=comment.text,
        posted_at=comment.received_at,
        channel=str(channel),
        anchor=comment.anchor_key,
    )


def gazetteer(session: Session, organisation_id: int) -> list[str]:
    """The 街镇 and 居委 names of an organisation, sorted."""
    rows = session.exec(
        select(Neighbourhood.street, Neighbourhood.name).where(
            Neighbourhood.organisation_id == organisation_id
        )
    ).all()
    return sorted({street for street, _ in rows} | {name for _, name in rows})


def readable_consultations(session: Session) -> Sequence[Consultation]:
    """Consultations whose comments are read: every one that was published."""
    return session.exec(select(Consultation).where(Consultation.stage != Stage.DRAFT)).all()


def consultation(session: Session, consultation_id: int) -> Consultation:
    return session.exec(select(Consultation).where(Consultation.id == consultation_id)).one()


def latest_run(session: Session, consultation_id: int) -> CorpusRun | None:
    query = select(CorpusRun).where(CorpusRun.consultation_id == consultation_id)
    return session.exec(query.order_by(col(CorpusRun.id).desc()).limit(1)).first()


def current(session: Session, comment_id: int) -> Assessment | None:
    """The reading that counts now."""
    query = select(Assessment).where(
        Assessment.comment_id == comment_id, col(Assessment.is_current).is_(True)
    )
    return session.exec(query).first()


def links(session: Session, assessment_id: int) -> Sequence[AssessmentLink]:
    """The plan items of a reading, best first."""
    query = select(AssessmentLink).where(AssessmentLink.assessment_id == assessment_id)
    return session.exec(query.order_by(col(AssessmentLink.rank))).all()


def linked_items(session: Session, consultation_id: int) -> dict[int, frozenset[str]]:
    """What each comment is linked to: by a person where one confirmed, else by the machine."""
    found: dict[int, set[str]] = defaultdict(set)
    confirmed = set(
        session.exec(
            select(Review.comment_id)
            .join(Comment, col(Comment.id) == col(Review.comment_id))
            .where(
                Comment.consultation_id == consultation_id, col(Review.links_confirmed).is_(True)
            )
        )
    )
    by_machine = (
        sa.select(col(AssessmentLink.comment_id), col(AssessmentLink.item_key))
        .join(Assessment, col(Assessment.id) == col(AssessmentLink.assessment_id))
        .join(Comment, col(Comment.id) == col(Assessment.comment_id))
        .where(
            col(Comment.consultation_id) == consultation_id, col(Assessment.is_current).is_(True)
        )
    )
    by_person = (
        sa.select(col(ReviewLink.comment_id), col(ReviewLink.item_key))
        .join(Comment, col(Comment.id) == col(ReviewLink.comment_id))
        .where(col(Comment.consultation_id) == consultation_id)
    )
    for statement, of_people in ((by_machine, False), (by_person, True)):
        for comment_id, key in session.connection().execute(statement):
            if (comment_id in confirmed) is of_people:
                found[comment_id].add(key)
    return {comment_id: frozenset(keys) for comment_id, keys in found.items()}
