"""Reads for the plan as a page with a margin: outline, paragraphs, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import and_
from sqlmodel import Session, col, func, select

from backend.models import (
    AnchorState,
    Box,
    Comment,
    Disposition,
    Indicator,
    Passage,
    PlanVersion,
    Section,
    Submission,
    Task,
)
from backend.portal import rules
from backend.portal.queries import may_be_shown
from backend.portal.tables import TableBlock, blocks

Item = TypeVar("Item", Passage, Indicator, Task)


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """A heading of the outline with what is below it."""

    section: Section
    children: "list[OutlineRow]"


def outline(sections: Sequence[Section]) -> list[OutlineRow]:
    """The headings as a tree, in reading order."""
    rows = {section.key: OutlineRow(section, []) for section in sections}
    top: list[OutlineRow] = []
    for section in sections:
        above = rows.get(section.parent_key or "")
        (top if above is None else above.children).append(rows[section.key])
    return top


def subtree(sections: Sequence[Section], key: str) -> list[Section]:
    """A section and everything below it, in reading order."""
    inside = {key}
    found = []
    for section in sections:
        if section.key == key or section.parent_key in inside:
            inside.add(section.key)
            found.append(section)
    return found


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A paragraph with its margin: what it carries and what people said about it.

    `since` tells a reader of an earlier text what became of the paragraph.
    """

    passage: Passage
    indicators: list[Indicator]
    tasks: list[Task]
    comments: list[Comment]
    since: AnchorState = AnchorState.PRESENT

    @property
    def text(self) -> str:
        return self.passage.text

    @property
    def is_item(self) -> bool:
        """Whether it carries an indicator or a task."""
        return bool(self.indicators or self.tasks)


@dataclass(frozen=True, slots=True)
class SectionText:
    """A heading with its paragraphs and the items that stand in no single paragraph."""

    section: Section
    blocks: list[PassageRow | TableBlock[PassageRow]]
    indicators: list[Indicator]


def texts(
    session: Session,
    version_id: int,
    sections: Sequence[Section],
    *,
    shows_comments: bool,
    newest_id: int | None = None,
) -> list[SectionText]:
    """The sections with their paragraphs, items and published opinions; four queries.

    One more when `newest_id` names a later text that the paragraphs are held against.
    """
    keys = [section.key for section in sections]
    passages = _in_sections(session, Passage, version_id, keys)
    indicators = _in_sections(session, Indicator, version_id, keys)
    tasks = _in_sections(session, Task, version_id, keys)
    comments = published_on(session, version_id, keys) if shows_comments else {}
    since = {} if newest_id is None else _since(session, newest_id, passages)
    result = []
    for section in sections:
        left = [item for item in indicators if item.section_key == section.key]
        rows = []
        for passage in (p for p in passages if p.section_key == section.key):
            carried = [item for item in left if item.quote and item.quote in passage.text]
            left = [item for item in left if item not in carried]
            rows.append(
                PassageRow(
                    passage,
                    carried,
                    [
                        t
                        for t in tasks
                        if t.quote and t.section_key == section.key and t.quote in passage.text
                    ],
                    comments.get(passage.key, []),
                    since.get(passage.key, AnchorState.PRESENT),
                )
            )
        result.append(SectionText(section, blocks(rows), left))
    return result


def _since(session: Session, newest_id: int, passages: Sequence[Passage]) -> dict[str, AnchorState]:
    """What became of paragraphs of an earlier text in the newest one."""
    query = select(Passage.key, Passage.text).where(
        Passage.plan_version_id == newest_id, col(Passage.key).in_([p.key for p in passages])
    )
    now = {row[0]: row[1] for row in session.exec(query)}
    changed = {p.key: AnchorState.CHANGED for p in passages if now.get(p.key) != p.text}
    return changed | {p.key: AnchorState.REMOVED for p in passages if p.key not in now}


def _in_sections(
    session: Session, table: type[Item], version_id: int, keys: Sequence[str]
) -> Sequence[Item]:
    query = select(table).where(
        col(table.plan_version_id) == version_id, col(table.section_key).in_(keys)
    )
    return session.exec(query.order_by(col(table.position))).all()


def published_on(
    session: Session, version_id: int, section_keys: Sequence[str], *, per_item: int = 3
) -> dict[str, list[Comment]]:
    """Item key → the first few opinions shown to the public beside it."""
    version = session.get_one(PlanVersion, version_id)
    ranked = (
        select(
            Comment.id,
            func.row_number()
            .over(
                partition_by=col(Comment.anchor_key),
                order_by=(col(Comment.support_count).desc(), col(Comment.id)),
            )
            .label("place"),
        )
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            Comment.consultation_id == version.consultation_id,
            col(Comment.anchor_section_key).in_(section_keys),
            may_be_shown(),
        )
        .subquery()
    )
    rows = session.exec(
        select(Comment)
        .join(ranked, ranked.c.id == col(Comment.id))
        .where(ranked.c.place <= per_item)
        .order_by(ranked.c.place)
    ).all()
    found: dict[str, list[Comment]] = {}
    for row in rows:
        found.setdefault(row.anchor_key or "", []).append(row)
    return found


def published_comments(
    session: Session,
    consultation_id: int,
    *,
    section_keys: Sequence[str] = (),
    page: int,
    size: int,
) -> tuple[list[tuple[Comment, Disposition | None]], int]:
    """One page of the opinions shown to the public, newest first, and how many there are."""
    shown = [col(Comment.consultation_id) == consultation_id, may_be_shown()]
    if section_keys:
        shown.append(col(Comment.anchor_section_key).in_(section_keys))
    total = session.exec(
        select(func.count())
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(*shown)
    ).one()
    rows = session.exec(
        select(Comment, Disposition)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .join(
            Disposition,
            and_(
                col(Disposition.comment_id) == col(Comment.id),
                col(Disposition.superseded_at).is_(None),
            ),
            isouter=True,
        )
        .where(*shown)
        .order_by(col(Comment.id).desc())
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    return [(row[0], row[1]) for row in rows], total


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """How many sections, indicators and tasks a plan has."""

    sections: int = 0
    indicators: int = 0
    tasks: int = 0


def item_counts(session: Session, version: PlanVersion | None) -> ItemCounts:
    if version is None:
        return ItemCounts()
    counts = [
        session.exec(
            select(func.count()).select_from(table).where(table.plan_version_id == version.id)
        ).one()
        for table in (Section, Indicator, Task)
    ]
    return ItemCounts(*counts)


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks below one heading, or the items of one box (专栏) below it."""

    chapter: Section | None
    section: Section | None
    box: Box | None
    tasks: list[Task]


def tasks_by_section(
    sections: Sequence[Section], tasks: Sequence[Task], boxes: Sequence[Box]
) -> list[TaskGroup]:
    """Tasks in reading order, a new group wherever the heading or the box changes."""
    by_key = {section.key: section for section in sections}
    by_box = {box.key: box for box in boxes}
    above = rules.chapters(sections)
    groups: list[TaskGroup] = []
    for task in tasks:
        section, box = by_key.get(task.section_key or ""), by_box.get(task.box_key or "")
        if not groups or (groups[-1].section, groups[-1].box) != (section, box):
            groups.append(TaskGroup(section and above[section.key], section, box, []))
        groups[-1].tasks.append(task)
    return groups
