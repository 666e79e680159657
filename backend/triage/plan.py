"""The plan as the desk needs it: sections and items by key, for names, pickers and filters."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from backend.models import Section as SectionRow
from backend.plans import queries as plans


@dataclass(frozen=True, slots=True)
class Section:
    """A heading; `number` is its place, such as `3.2` for the second under the third."""

    key: str
    parent: str | None
    label: str | None
    title: str
    level: int
    number: str

    @property
    def name(self) -> str:
        return f"{self.label} {self.title}" if self.label else self.title


@dataclass(frozen=True, slots=True)
class Item:
    """Something a comment can be linked to: an indicator, a task or a section."""

    kind: str
    key: str
    title: str
    section_key: str | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlanIndex:
    """One version of the plan; empty when a consultation has none yet."""

    version_id: int | None = None
    sections: Mapping[str, Section] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)

    def title_of(self, key: str | None) -> str:
        """The name of a section or item; an unknown key shows as itself."""
        if key is None:
            return "整个规划"
        item = self.items.get(key)
        return item.title if item is not None else key

    def path_of(self, section_key: str | None) -> str:
        """第三章 › 第二节."""
        return " › ".join(section.name for section in reversed(list(self._upwards(section_key))))

    def below(self, section_key: str) -> set[str]:
        """The keys of a section and everything under it: sections and items."""
        inside = {section_key}
        for section in self.sections.values():  # In reading order: parents come first.
            if section.parent in inside:
                inside.add(section.key)
        return inside | {item.key for item in self.items.values() if item.section_key in inside}

    def find_sections(self, asked: str) -> list[str]:
        """Section keys for a key, a number (`3.2`), a label (`第三章`) or part of a title."""
        if asked in self.sections:
            return [asked]
        if re.fullmatch(r"\d+(\.\d+)*", asked):
            return [s.key for s in self.sections.values() if s.number == asked]
        return [s.key for s in self.sections.values() if asked == s.label or asked in s.title]

    def find_items(self, asked: str) -> list[str]:
        """Item keys for a key, `key title` as the picker writes it, or part of a title."""
        first = asked.split(maxsplit=1)[0] if asked.strip() else ""
        if first in self.items:
            return [first]
        return [item.key for item in self.items.values() if asked and asked in item.title]

    def _upwards(self, section_key: str | None) -> Iterator[Section]:
        while section_key is not None and section_key in self.sections:
            yield self.sections[section_key]
            section_key = self.sections[section_key].parent


def load(session: Session, consultation_id: int) -> PlanIndex:
    """The newest version of a consultation's plan, without its text."""
    version = plans.latest_version(session, consultation_id)
    if version is None or version.id is None:
        return PlanIndex()
    sections = _numbered(plans.sections(session, version.id))
    items: dict[str, Item] = {}
    for row in plans.indicators(session, version.id):
        items[row.key] = Item("indicator", row.key, row.name, row.section_key, row.target or "")
    for task in plans.tasks(session, version.id):
        items[task.key] = Item("task", task.key, task.title, task.section_key)
    for section in sections.values():
        items[section.key] = Item("section", section.key, section.name, section.key)
    return PlanIndex(version.id, sections, items)


def _numbered(rows: Iterable[SectionRow]) -> dict[str, Section]:
    sections: dict[str, Section] = {}
    counts: dict[str | None, int] = {}
    for row in rows:
        # The foreword (前言) has no number of its own: chapter one is 1.
        is_foreword = row.parent_key is None and row.inferred and not sections
        counts[row.parent_key] = counts.get(row.parent_key, 0) + (0 if is_foreword else 1)
        own = str(counts[row.parent_key])
        parent = sections.get(row.parent_key or "")
        number = f"{parent.number}.{own}" if parent is not None else own
        sections[row.key] = Section(
            row.key, row.parent_key, row.label, row.title, row.level, number
        )
    return sections
