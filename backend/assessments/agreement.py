"""How often officials agreed with what the machine had said to them, with intervals."""

from collections import Counter
from dataclasses import dataclass

from sqlmodel import Session, col, select

from analysis.intervals import wilson
from backend.assessments.learning import Decided, decisions
from backend.models import AssessmentLink, Comment, Consultation, Review

ENOUGH = 20
"""Fewer decisions than this are counted, but no share is told of them."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `count` decisions `agreed` were as the machine had said; a share needs enough of them."""

    key: str
    count: int
    agreed: int

    @property
    def share(self) -> float | None:
        return self.agreed / self.count if self.count >= ENOUGH else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.agreed, self.count)


@dataclass(frozen=True, slots=True)
class Agreements:
    """What officials made of the machine's readings of one consultation."""

    comment_count: int
    decided_count: int
    corrected_count: int
    intent: tuple[Agreement, ...]
    sentiment: tuple[Agreement, ...]
    hits: tuple[Agreement, ...]


def agreements(session: Session, consultation: Consultation) -> Agreements:
    """Every decision counts by the reading the official had before them, never by a later one."""
    assert consultation.id is not None
    decided = decisions(session, consultation.organisation_id, consultation.id)
    first, third, linked = _hits(session, consultation.id, decided)
    corrected = sum(
        any((e := one.as_example(task)) and e.was_corrected for task in ("intent", "sentiment"))
        for one in decided
    )
    comments = session.exec(
        select(Comment.id).where(Comment.consultation_id == consultation.id)
    ).all()
    return Agreements(
        len(comments),
        len(decided),
        corrected,
        _by_class(decided, "intent"),
        _by_class(decided, "sentiment"),
        (Agreement("hit1", linked, first), Agreement("hit3", linked, third)),
    )


def _by_class(decided: list[Decided], task: str) -> tuple[Agreement, ...]:
    """All together under the key `all`, then by what the machine had said, the commonest first."""
    said, agreed = Counter[str](), Counter[str]()
    for one in decided:
        example, machine = one.as_example(task), one.said[task]
        if example is None or machine is None:
            continue
        for key in ("all", machine):
            said[key] += 1
            agreed[key] += not example.was_corrected
    return tuple(Agreement(key, number, agreed[key]) for key, number in said.most_common())


def _hits(session: Session, consultation_id: int, decided: list[Decided]) -> tuple[int, int, int]:
    """Of the comments whose links an official confirmed: first right, among three right, all."""
    confirmed = set(
        session.exec(
            select(Review.comment_id)
            .join(Comment, col(Comment.id) == col(Review.comment_id))
            .where(
                Comment.consultation_id == consultation_id, col(Review.links_confirmed).is_(True)
            )
        )
    )
    ranked: dict[int, list[str]] = {}
    for assessment_id, key in session.exec(
        select(AssessmentLink.assessment_id, AssessmentLink.item_key)
        .join(Comment, col(Comment.id) == col(AssessmentLink.comment_id))
        .join(Review, col(Review.comment_id) == col(Comment.id))
        .where(Comment.consultation_id == consultation_id)
        .order_by(col(AssessmentLink.rank))
    ):
        ranked.setdefault(assessment_id, []).append(key)
    first = third = linked = 0
    for one in decided:
        if one.id not in confirmed or one.reading_id is None:
            continue
        linked += 1
        keys = ranked.get(one.reading_id, [])
        if not one.items:
            first += not keys
            third += not keys
        else:
            first += bool(keys) and keys[0] in one.items
            third += any(key in one.items for key in keys[:3])
    return first, third, linked
