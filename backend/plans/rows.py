"""A parsed plan as the rows that pages and links can address. Pure."""

import re
from collections.abc import Iterator

from analysis.contracts import ParsedPlan
from analysis.contracts import Section as ParsedSection
from backend.models import Box, Indicator, Passage, Section, Task

Row = Section | Passage | Indicator | Task | Box


def rows_of(version_id: int, plan: ParsedPlan) -> list[Row]:
    """Every row of a plan version, each kind in reading order."""
    return [
        *_sections(version_id, plan),
        *_passages(version_id, plan),
        *_indicators(version_id, plan),
        *_tasks(version_id, plan),
        *_boxes(version_id, plan),
    ]


def _sections(version_id: int, plan: ParsedPlan) -> Iterator[Section]:
    paths = _paths(plan.sections)
    for position, section in enumerate(plan.sections):
        yield Section(
            plan_version_id=version_id,
            key=section.id,
            parent_key=section.parent,
            position=position,
            level=section.level,
            label=_label(section.number),
            title=section.title[:300],
            path=paths[section.id],
            inferred=section.inferred,
        )


def _passages(version_id: int, plan: ParsedPlan) -> Iterator[Passage]:
    pairs = [(section.id, p) for section in plan.sections for p in section.passages]
    for position, (section_key, passage) in enumerate(pairs):
        yield Passage(
            plan_version_id=version_id,
            section_key=section_key,
            key=passage.id,
            position=position,
            text=passage.text,
        )


def _indicators(version_id: int, plan: ParsedPlan) -> Iterator[Indicator]:
    for position, item in enumerate(plan.indicators):
        yield Indicator(
            plan_version_id=version_id,
            section_key=item.section,
            key=item.id,
            position=position,
            no=_cut(item.no, 32),
            name=item.name[:300],
            unit=_cut(item.unit, 100),
            kind=None if item.kind is None else item.kind.value,
            baseline=_cut(item.baseline, 200),
            current=_cut(item.current, 200),
            target=_cut(item.target, 300),
            bound=None if item.bound is None else item.bound.value,
            assessment=_cut(item.assessment, 200),
            period=_cut(item.period, 100),
            source=item.source.value,
            quote=item.quote,
            redacted=item.redacted,
        )


def _tasks(version_id: int, plan: ParsedPlan) -> Iterator[Task]:
    for position, task in enumerate(plan.tasks):
        yield Task(
            plan_version_id=version_id,
            section_key=task.section,
            box_key=task.box,
            key=task.id,
            position=position,
            kind=task.kind.value,
            title=task.title[:500],
            quote=task.quote,
        )


def _boxes(version_id: int, plan: ParsedPlan) -> Iterator[Box]:
    for position, box in enumerate(plan.boxes):
        yield Box(
            plan_version_id=version_id,
            section_key=box.section,
            key=box.id,
            position=position,
            title=box.title[:300],
        )


def _paths(sections: tuple[ParsedSection, ...]) -> dict[str, str]:
    """Key → 第三章 宜居家园 › （一） 老旧小区."""
    paths: dict[str, str] = {}
    for section in sections:
        label = _label(section.number)
        own = f"{label} {section.title}" if label else section.title
        above = paths.get(section.parent or "")
        paths[section.id] = f"{above} › {own}" if above else own
    return paths


def _label(number: str | None) -> str | None:
    """The number as a reader expects it before a title: a bare 一 or 1 gets its mark back."""
    if number is not None and re.fullmatch(r"[〇零一二三四五六七八九十百]+", number):
        return f"{number}、"
    if number is not None and number.isdigit():
        return f"{number}."
    return number


def _cut(value: str | None, length: int) -> str | None:
    return None if value is None else value[:length]
