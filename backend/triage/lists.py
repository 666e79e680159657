"""What the desk's pages choose from: consultations, colleagues, departments, views, streets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import Session, col, select

from backend.models import (
    Comment,
    Consultation,
    CorpusRun,
    Handling,
    Officer,
    SavedView,
    Stage,
    Submission,
)
from backend.submissions import people
from backend.triage import rules


@dataclass(frozen=True, slots=True)
class DeskConsultation:
    """One consultation in the chooser, with what is still to be done."""

    consultation: Consultation
    submission_count: int
    comment_count: int
    undecided_count: int
    new_count: int
    person_count: int = 0


def consultations(session: Session, organisation_id: int) -> list[DeskConsultation]:
    """All consultations of an organisation with their counts, newest first."""
    undecided = case((col(Comment.handling).in_(rules.UNDECIDED), 1), else_=0)
    new = case((col(Comment.handling) == Handling.NEW, 1), else_=0)
    counted = (
        sa.select(
            col(Comment.consultation_id).label("of"),
            func.count(func.distinct(Comment.submission_id)).label("submissions"),
            func.count().label("comments"),
            func.sum(undecided).label("undecided"),
            func.sum(new).label("new"),
        )
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(people.counts(), col(Comment.is_current))
        .group_by(col(Comment.consultation_id))
        .subquery()
    )
    statement = (
        sa.select(
            Consultation,
            counted.c.submissions,
            counted.c.comments,
            counted.c.undecided,
            counted.c.new,
        )
        .outerjoin(counted, counted.c.of == col(Consultation.id))
        .where(
            col(Consultation.organisation_id) == organisation_id,
            col(Consultation.stage) != Stage.ARCHIVED,
        )
        .order_by(col(Consultation.closes_at).desc())
    )
    rows = [
        DeskConsultation(row[0], *(int(number or 0) for number in row[1:]))
        for row in session.execute(statement)
    ]
    company = people.company(session, [row.consultation.id or 0 for row in rows])
    return [
        replace(row, person_count=row.submission_count - company.get(row.consultation.id or 0, 0))
        for row in rows
    ]


def totals(session: Session, consultation_id: int) -> tuple[int, int, int]:
    """人, 件 and 条 of everything that is counted."""
    # Each from an index of its own: every sending has a comment, few sendings do not count.
    sendings = col(Submission.consultation_id) == consultation_id
    not_counted = sa.select(col(Submission.id)).where(sendings, sa.not_(people.counts()))
    counted = sa.select(
        sa.select(func.count())
        .select_from(Submission)
        .where(sendings, people.counts())
        .scalar_subquery(),
        sa.select(func.count())
        .select_from(Comment)
        .where(
            col(Comment.consultation_id) == consultation_id,
            col(Comment.is_current),
            col(Comment.submission_id).not_in(not_counted),
        )
        .scalar_subquery(),
    )
    submissions, comments = session.connection().execute(counted).one()
    company = people.company(session, [consultation_id]).get(consultation_id, 0)
    return submissions - company, submissions, comments


def topics(session: Session, consultation_id: int) -> tuple[tuple[str, str], ...]:
    """(id, label) of the latest corpus reading's topics, largest first."""
    result = session.exec(
        select(CorpusRun.result)
        .where(CorpusRun.consultation_id == consultation_id)
        .order_by(col(CorpusRun.id).desc())
        .limit(1)
    ).first()
    listed = (result or {}).get("topics", [])
    return tuple((topic["id"], topic["label"]) for topic in listed)


def officers(session: Session, organisation_id: int) -> Sequence[Officer]:
    """Whom a comment can be given to."""
    statement = select(Officer).where(
        Officer.organisation_id == organisation_id, col(Officer.deactivated_at).is_(None)
    )
    return session.exec(statement.order_by(Officer.display_name)).all()


def saved_views(session: Session, organisation_id: int, officer_id: int) -> Sequence[SavedView]:
    """An officer's own views and those shared with the organisation."""
    statement = select(SavedView).where(
        SavedView.organisation_id == organisation_id,
        (col(SavedView.officer_id) == officer_id) | col(SavedView.officer_id).is_(None),
    )
    return session.exec(
        statement.order_by(col(SavedView.officer_id).is_(None), SavedView.name)
    ).all()


def streets(session: Session, consultation_id: int) -> list[str]:
    """The 街镇 comments came from, for the filter."""
    statement = (
        select(Submission.street)
        .where(Submission.consultation_id == consultation_id, col(Submission.street).is_not(None))
        .distinct()
        .order_by(Submission.street)
    )
    return [street for street in session.exec(statement) if street]
