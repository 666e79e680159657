"""Reads for the public pages: small rows made for one screen each.

Withdrawn and quarantined sendings are never counted. Only text that was masked and screened is
ever selected for the public.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, func, select

from backend.consultations import queries as consultations
from backend.consultations import rules as consultation_rules
from backend.models import (
    Comment,
    Consultation,
    Organisation,
    Screening,
    Section,
    Stage,
    Submission,
)


def counts_as_voice() -> ColumnElement[bool]:
    return and_(
        col(Submission.withdrawn_at).is_(None),
        col(Submission.is_quarantined).is_(False),
        col(Comment.is_current),
    )


def may_be_shown() -> ColumnElement[bool]:
    return and_(
        counts_as_voice(),
        col(Comment.screening) == Screening.PUBLISHED,
        col(Comment.masked_text).is_not(None),
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """A consultation on the home page."""

    consultation: Consultation
    stage: Stage
    days_left: int
    submission_count: int
    comment_count: int


def summaries(session: Session, now: datetime) -> list[Summary]:
    """Everything public, the one that closes first on top."""
    totals: dict[int | None, tuple[int, int]] = {
        row[0]: (row[1], row[2])
        for row in session.exec(
            select(
                Comment.consultation_id,
                func.count(func.distinct(Comment.submission_id)),
                func.count(),
            )
            .join(Submission, col(Submission.id) == col(Comment.submission_id))
            .where(counts_as_voice())
            .group_by(col(Comment.consultation_id))
        ).all()
    }
    return [
        Summary(
            consultation,
            consultation_rules.stage(consultation, now),
            consultation_rules.days_left(consultation, now),
            *totals.get(consultation.id, (0, 0)),
        )
        for consultation in consultations.published(session)
    ]


def grouped(rows: Sequence[Summary]) -> dict[str, list[Summary]]:
    """`open`, `coming` and `closed`: first to close on top, of the closed ones the last."""
    groups: dict[str, list[Summary]] = {"open": [], "coming": [], "closed": []}
    for row in rows:
        name = {Stage.OPEN: "open", Stage.ANNOUNCED: "coming"}.get(row.stage, "closed")
        groups[name].append(row)
    groups["closed"].reverse()
    return groups


@dataclass(frozen=True, slots=True)
class Voices:
    """How many opinions there are on each plan item and below each section."""

    submission_count: int = 0
    comment_count: int = 0
    by_key: Mapping[str, int] = field(default_factory=dict)
    below: Mapping[str, int] = field(default_factory=dict)

    def on(self, key: str) -> int:
        return self.by_key.get(key, 0)

    def in_section(self, key: str) -> int:
        """Opinions on a section, its subsections, and everything in them."""
        return self.below.get(key, 0)


def voices(session: Session, consultation_id: int, sections: Iterable[Section]) -> Voices:
    """Counts of a consultation; one query for items, one for sendings."""
    rows = session.exec(
        select(Comment.anchor_key, Comment.anchor_section_key, func.count())
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(Comment.consultation_id == consultation_id, counts_as_voice())
        .group_by(col(Comment.anchor_key), col(Comment.anchor_section_key))
    ).all()
    sent = session.exec(
        select(func.count(func.distinct(Comment.submission_id)))
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(Comment.consultation_id == consultation_id, counts_as_voice())
    ).one()
    by_key: dict[str, int] = {}
    own: dict[str, int] = {}
    for key, section_key, count in rows:
        if key is not None:
            by_key[key] = by_key.get(key, 0) + count
        if section_key is not None:
            own[section_key] = own.get(section_key, 0) + count
    return Voices(sent, sum(row[2] for row in rows), by_key, _summed(sections, own))


def _summed(sections: Iterable[Section], own: Mapping[str, int]) -> dict[str, int]:
    parents = {section.key: section.parent_key for section in sections}
    below: dict[str, int] = {}
    for key, count in own.items():
        at: str | None = key
        while at is not None:
            below[at] = below.get(at, 0) + count
            at = parents.get(at)
    return below


def organisation_names(session: Session) -> dict[int | None, str]:
    """Every organisation's name by its id."""
    return {row[0]: row[1] for row in session.exec(select(Organisation.id, Organisation.name))}


def organisation_name(session: Session, consultation: Consultation) -> str:
    return session.get_one(Organisation, consultation.organisation_id).name
