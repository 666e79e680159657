"""Reads for the pages about single plan items, and for the tables that list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlmodel import Session, col, select

from backend.models import Box, Comment, Indicator, Passage, Section, Submission, Task
from backend.portal import rules
from backend.portal.opened import Opened
from backend.portal.queries import Voices, may_be_shown
from backend.portal.reading import TaskGroup

MOST_COMMENTS = 20
Item = TypeVar("Item", Indicator, Task)


class Order(StrEnum):
    """How the table of indicators is sorted."""

    PLAN = "plan"
    VOICES = "voices"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator of the table: how far it is on its way (0..1), and how often it is spoken of."""

    item: Indicator
    share: float | None
    voice_count: int


@dataclass(frozen=True, slots=True)
class Chapter:
    """Targets stated in the running text of one chapter; `section` None when it is unknown."""

    section: Section | None
    rows: list[IndicatorRow]

    @property
    def voice_count(self) -> int:
        return sum(row.voice_count for row in self.rows)


def indicator_rows(indicators: Sequence[Indicator], voices: Voices) -> list[IndicatorRow]:
    return [IndicatorRow(i, rules.reached(i), voices.on(i.key)) for i in indicators]


def ordered(rows: Sequence[IndicatorRow], order: Order) -> list[IndicatorRow]:
    """As printed; or the most spoken of on top; or what has the farthest way to go on top."""
    if order is Order.VOICES:
        return sorted(rows, key=lambda row: -row.voice_count)
    if order is Order.FAR:
        return sorted(rows, key=lambda row: 2.0 if row.share is None else row.share)
    return list(rows)


def by_chapter(
    sections: Sequence[Section], rows: Sequence[IndicatorRow], order: Order
) -> list[Chapter]:
    """Rows under the top headings they stand below, in reading order."""
    chapters = rules.chapters(sections)
    groups: dict[str | None, Chapter] = {}
    for row in rows:
        chapter = chapters.get(row.item.section_key or "")
        key = None if chapter is None else chapter.key
        groups.setdefault(key, Chapter(chapter, [])).rows.append(row)
    return [Chapter(group.section, ordered(group.rows, order)) for group in groups.values()]


def chapters_of(groups: Sequence[TaskGroup]) -> list[tuple[Section, int]]:
    """The chapters that have tasks, each with how many."""
    found: dict[str, tuple[Section, int]] = {}
    for group in groups:
        if group.chapter is not None:
            _, count = found.get(group.chapter.key, (group.chapter, 0))
            found[group.chapter.key] = (group.chapter, count + len(group.tasks))
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item is written and what stands around it.

    `parts` is the paragraph that carries it, cut into what stands before, the quoted words, and
    what stands after; None when it stands in no single paragraph.
    """

    section: Section | None
    passage: Passage | None
    parts: tuple[str, str, str] | None
    comments: Sequence[Comment]
    before: Indicator | Task | None
    after: Indicator | Task | None


def place_of(session: Session, opened: Opened, item: Item) -> Place:
    """Everything around one item; four queries."""
    section = next((s for s in opened.sections if s.key == item.section_key), None)
    passage = _passage_of(session, opened.version_id, item)
    comments = _published_about(session, opened, item.key)
    return Place(
        section,
        passage,
        None if passage is None else _cut(passage.text, item.quote or ""),
        comments,
        _beside(session, opened.version_id, item, -1),
        _beside(session, opened.version_id, item, +1),
    )


def _passage_of(session: Session, version_id: int, item: Indicator | Task) -> Passage | None:
    if not item.quote or item.section_key is None:
        return None
    query = select(Passage).where(
        Passage.plan_version_id == version_id, Passage.section_key == item.section_key
    )
    passages = session.exec(query.order_by(col(Passage.position))).all()
    return next((p for p in passages if item.quote in p.text), None)


def _cut(text: str, quote: str) -> tuple[str, str, str]:
    before, _, after = text.partition(quote)
    return before, quote, after


def _published_about(session: Session, opened: Opened, key: str) -> Sequence[Comment]:
    if not opened.consultation.publishes_comments:
        return ()
    query = (
        select(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            Comment.consultation_id == opened.consultation.id,
            Comment.anchor_key == key,
            may_be_shown(),
        )
        .order_by(col(Comment.support_count).desc(), col(Comment.id))
    )
    return session.exec(query.limit(MOST_COMMENTS)).all()


def _beside(session: Session, version_id: int, item: Item, step: int) -> Item | None:
    table = type(item)
    query = select(table).where(
        col(table.plan_version_id) == version_id, col(table.position) == item.position + step
    )
    return session.exec(query).first()


@dataclass(frozen=True, slots=True)
class BoxOfTask:
    """The 专栏 a task stands in, with its other items."""

    box: Box
    others: list[Task]


def box_of(session: Session, opened: Opened, task: Task) -> BoxOfTask | None:
    if task.box_key is None:
        return None
    query = select(Box).where(Box.plan_version_id == opened.version_id, Box.key == task.box_key)
    box = session.exec(query).first()
    if box is None:
        return None
    inside = select(Task).where(
        Task.plan_version_id == opened.version_id,
        Task.box_key == task.box_key,
        Task.key != task.key,
    )
    return BoxOfTask(box, list(session.exec(inside.order_by(col(Task.position))).all()))
