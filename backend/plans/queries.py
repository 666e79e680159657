"""Reads of the plan for pages: outline, section, indicators, tasks."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import defer
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.models import Box, Indicator, Passage, PlanVersion, Section, Task


def latest_version(session: Session, consultation_id: int) -> PlanVersion | None:
    """The newest version, confirmed or not."""
    return session.exec(_newest(consultation_id).limit(1)).first()


def current_version(session: Session, consultation_id: int) -> PlanVersion | None:
    """The newest version an official has confirmed: the one the public reads."""
    confirmed = _newest(consultation_id).where(col(PlanVersion.confirmed_at).is_not(None))
    return session.exec(confirmed.limit(1)).first()


def confirmed_version(session: Session, consultation_id: int, number: int) -> PlanVersion | None:
    """The version with that number, once an official has confirmed it."""
    query = _newest(consultation_id).where(
        PlanVersion.number == number, col(PlanVersion.confirmed_at).is_not(None)
    )
    return session.exec(query).first()


def current_numbers(session: Session) -> dict[int, int]:
    """The number of the version the public reads, for every consultation that has one."""
    query = (
        select(PlanVersion.consultation_id, func.max(PlanVersion.number))
        .where(col(PlanVersion.confirmed_at).is_not(None))
        .group_by(col(PlanVersion.consultation_id))
    )
    return {row[0]: row[1] for row in session.exec(query)}


def all_versions(session: Session, consultation_id: int) -> Sequence[PlanVersion]:
    """Newest first."""
    return session.exec(_newest(consultation_id)).all()


def _newest(consultation_id: int) -> SelectOfScalar[PlanVersion]:
    return (
        select(PlanVersion)
        # The whole parsed plan takes milliseconds to decode, and most pages never look at it.
        .options(defer(PlanVersion.parsed))  # type: ignore[arg-type]
        .where(PlanVersion.consultation_id == consultation_id)
        .order_by(col(PlanVersion.number).desc())
    )


def sections(session: Session, version_id: int) -> Sequence[Section]:
    """The outline in reading order."""
    query = select(Section).where(Section.plan_version_id == version_id)
    return session.exec(query.order_by(col(Section.position))).all()


def section(session: Session, version_id: int, key: str) -> Section | None:
    query = select(Section).where(Section.plan_version_id == version_id, Section.key == key)
    return session.exec(query).first()


def passages(
    session: Session, version_id: int, section_key: str | None = None
) -> Sequence[Passage]:
    """The paragraphs of one section, or of the whole plan, in reading order."""
    query = select(Passage).where(Passage.plan_version_id == version_id)
    if section_key is not None:
        query = query.where(Passage.section_key == section_key)
    return session.exec(query.order_by(col(Passage.position))).all()


def passage(session: Session, version_id: int, key: str) -> Passage | None:
    query = select(Passage).where(Passage.plan_version_id == version_id, Passage.key == key)
    return session.exec(query).first()


def indicators(session: Session, version_id: int) -> Sequence[Indicator]:
    query = select(Indicator).where(Indicator.plan_version_id == version_id)
    return session.exec(query.order_by(col(Indicator.position))).all()


def indicator(session: Session, version_id: int, key: str) -> Indicator | None:
    query = select(Indicator).where(Indicator.plan_version_id == version_id, Indicator.key == key)
    return session.exec(query).first()


def tasks(session: Session, version_id: int, section_key: str | None = None) -> Sequence[Task]:
    query = select(Task).where(Task.plan_version_id == version_id)
    if section_key is not None:
        query = query.where(Task.section_key == section_key)
    return session.exec(query.order_by(col(Task.position))).all()


def task(session: Session, version_id: int, key: str) -> Task | None:
    query = select(Task).where(Task.plan_version_id == version_id, Task.key == key)
    return session.exec(query).first()


def boxes(session: Session, version_id: int) -> Sequence[Box]:
    query = select(Box).where(Box.plan_version_id == version_id)
    return session.exec(query.order_by(col(Box.position))).all()


@dataclass(frozen=True, slots=True)
class ItemName:
    """What to call a plan item on any page: kind `indicator`, `task`, `section` or `passage`."""

    kind: str
    key: str
    name: str
    section_key: str | None
    section_path: str


def item_names(session: Session, version_id: int) -> dict[str, ItemName]:
    """Key → name of every section, indicator and task of a version (three queries)."""
    rows = sections(session, version_id)
    paths = {row.key: row.path for row in rows}
    names = {
        row.key: ItemName("section", row.key, _labelled(row.label, row.title), row.key, row.path)
        for row in rows
    }
    for kind, items in (
        ("indicator", [(i.key, i.name, i.section_key) for i in indicators(session, version_id)]),
        ("task", [(t.key, t.title, t.section_key) for t in tasks(session, version_id)]),
    ):
        for key, name, section_key in items:
            names[key] = ItemName(kind, key, name, section_key, paths.get(section_key or "", ""))
    return names


def _labelled(label: str | None, title: str) -> str:
    return f"{label} {title}" if label else title
