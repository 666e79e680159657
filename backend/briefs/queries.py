"""Reads for briefs."""

from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from backend.accounts.queries import officers
from backend.kit.clock import start_of
from backend.models import (
    Assessment,
    Brief,
    Comment,
    CommentFlag,
    Consultation,
    CorpusRun,
    CorpusTag,
    Officer,
    Role,
    Screening,
    Stage,
    Submission,
)
from backend.triage import rules as triage_rules

LEAKABLE = frozenset({"name", "address"})


def published(session: Session) -> list[Consultation]:
    statement = select(Consultation).where(Consultation.stage != Stage.DRAFT)
    return list(session.exec(statement.order_by(col(Consultation.id))))


def latest(session: Session, consultation_id: int) -> Brief | None:
    statement = select(Brief).where(Brief.consultation_id == consultation_id)
    return session.exec(statement.order_by(col(Brief.day).desc()).limit(1)).first()


def of_day(session: Session, consultation_id: int, day: date) -> Brief | None:
    statement = select(Brief).where(Brief.consultation_id == consultation_id, Brief.day == day)
    return session.exec(statement).first()


def days(session: Session, consultation_id: int, *, most: int = 30) -> list[date]:
    """The days there are briefs of, newest first."""
    statement = select(col(Brief.day)).where(Brief.consultation_id == consultation_id)
    return list(session.exec(statement.order_by(col(Brief.day).desc()).limit(most)))


def readers(session: Session, consultation: Consultation) -> list[Officer]:
    """Officers of the drafting office who want it and have an address."""
    return [
        row.officer
        for row in officers(session, consultation.organisation_id)
        if row.officer.deactivated_at is None
        and row.officer.wants_brief
        and row.officer.email
        and row.holds(Role.DRAFTING_OFFICE, consultation.id)
    ]


def issue_tags(session: Session, consultation_id: int) -> list[tuple[str, int]]:
    """(issue, comment) of the latest corpus reading."""
    statement = (
        select(CorpusTag.issue, CorpusTag.comment_id)
        .join(Comment, col(Comment.id) == CorpusTag.comment_id)
        .where(Comment.consultation_id == consultation_id, col(CorpusTag.issue).is_not(None))
        .order_by(col(CorpusTag.comment_id))
    )
    return [(issue or "", comment_id) for issue, comment_id in session.exec(statement)]


def topic_labels(session: Session, consultation_id: int) -> dict[str, str]:
    run = session.exec(
        select(CorpusRun)
        .where(CorpusRun.consultation_id == consultation_id)
        .order_by(col(CorpusRun.id).desc())
        .limit(1)
    ).first()
    return {topic["id"]: topic["label"] for topic in (run.result.get("topics", []) if run else [])}


def overdue_ids(session: Session, consultation_id: int, today: date) -> list[int]:
    """What passed its day: due before today, or new for longer than the office allows."""
    cutoff = start_of(triage_rules.overdue_before(today))
    statement = (
        select(Comment.id)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation_id,
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
            col(Comment.handling).in_(triage_rules.UNDECIDED),
            or_(
                col(Comment.due_on) < today,
                col(Comment.due_on).is_(None) & (col(Comment.received_at) < cutoff),
            ),
        )
        .order_by(col(Comment.received_at))
    )
    return [number for number in session.exec(statement) if number is not None]


def held_ids(session: Session, consultation_id: int, since: datetime, until: datetime) -> list[int]:
    """Comments of sendings that look like machines' and wait for a person."""
    statement = (
        select(Comment.id)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation_id,
            col(Submission.is_quarantined).is_(True),
            col(Comment.received_at) >= since,
            col(Comment.received_at) < until,
        )
        .order_by(col(Comment.id))
    )
    return [number for number in session.exec(statement) if number is not None]


def flags(
    session: Session, consultation_id: int, since: datetime, until: datetime
) -> list[tuple[int, str, str]]:
    """(comment, word, category) of the office's own words in what came in."""
    statement = (
        select(CommentFlag.comment_id, CommentFlag.word, CommentFlag.category)
        .join(Comment, col(Comment.id) == CommentFlag.comment_id)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation_id,
            col(Submission.withdrawn_at).is_(None),
            col(Comment.received_at) >= since,
            col(Comment.received_at) < until,
        )
        .order_by(col(CommentFlag.comment_id))
    )
    return list(session.exec(statement).all())


def doubtful_published(session: Session, consultation_id: int, since: datetime) -> list[int]:
    """Public comments in which the machine saw a name or a door: masked, but worth a look."""
    statement = (
        select(Comment.id, Assessment.evidence)
        .join(Assessment, col(Assessment.comment_id) == Comment.id)
        .where(
            Comment.consultation_id == consultation_id,
            Comment.screening == Screening.PUBLISHED,
            col(Assessment.is_current).is_(True),
            col(Assessment.created_at) >= since,
        )
        .order_by(col(Comment.id))
    )
    return [
        number
        for number, evidence in session.exec(statement)
        if number is not None
        and any(found["kind"] in LEAKABLE for found in evidence.get("personal_data", ()))
    ]


def comments(session: Session, ids: tuple[int, ...]) -> list[Comment]:
    """The comments of a line, oldest first."""
    statement = select(Comment).where(col(Comment.id).in_(ids)).order_by(col(Comment.received_at))
    return list(session.exec(statement))
