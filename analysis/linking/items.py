"""What a comment can be linked to: the indicators, tasks and sections of one parsed plan.

A task's own words are the stretch of its passage from its lead sentence up to the next task's;
that is what it promises, not only its title. Section items stand for the subject of a section and
are meant for comments that no single task or indicator answers.
"""

import re
from collections import defaultdict
from dataclasses import dataclass

from analysis.contracts import Indicator, ItemType, ParsedPlan, Section, Task

# A section's text only describes its subject; its tasks carry the detail.
SECTION_TEXT_LIMIT = 1500
# Headings under which a plan speaks of itself, not of anything a resident could ask for.
FRAME = re.compile(
    r"前言|引言|序言|结语|附录|附件|附表|解释|目录|指导思想|基本原则|总体要求|发展基础|面临.{0,4}形势"
    r"|发展环境|新的发展形势|总体情况|完成情况|困难和问题|规划背景|编制依据"
)


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One thing a comment can be about; `section_path` runs from the top division inwards."""

    id: str
    type: ItemType
    title: str
    text: str
    section_path: tuple[str, ...]
    section_id: str | None


def plan_items(plan: ParsedPlan) -> tuple[PlanItem, ...]:
    """List the indicators, tasks and sections of `plan`, in that order."""
    paths = _paths(plan.sections)
    stretches = _task_texts(plan)
    boxes = {box.id: box.title for box in plan.boxes}
    found = [
        PlanItem(i.id, ItemType.INDICATOR, i.name, _indicator_text(i), *_place(i.section, paths))
        for i in plan.indicators
    ]
    for task in plan.tasks:
        path, section = _place(task.section, paths)
        if task.box in boxes:
            path = (*path, boxes[task.box])
        found.append(
            PlanItem(task.id, ItemType.TASK, task.title, stretches[task.id], path, section)
        )
    for s in plan.sections:
        if s.title and not FRAME.search(s.title):
            text = "\n".join(p.text for p in s.passages)[:SECTION_TEXT_LIMIT]
            found.append(PlanItem(s.id, ItemType.SECTION, s.title, text, paths[s.id][:-1], s.id))
    return tuple(found)


def _place(
    section: str | None, paths: dict[str, tuple[str, ...]]
) -> tuple[tuple[str, ...], str | None]:
    return (paths.get(section, ()) if section else ()), section


def _paths(sections: tuple[Section, ...]) -> dict[str, tuple[str, ...]]:
    by_id = {s.id: s for s in sections}
    paths: dict[str, tuple[str, ...]] = {}
    for section in sections:
        titles: list[str] = []
        current: Section | None = section
        seen: set[str] = set()
        while current is not None and current.id not in seen:
            seen.add(current.id)
            titles.append(current.title)
            current = by_id.get(current.parent) if current.parent else None
        paths[section.id] = tuple(reversed(titles))
    return paths


def _indicator_text(indicator: Indicator) -> str:
    # Cells hold the figures of the row, which no resident quotes; the sentence of a prose target
    # does say what the figure is for.
    return indicator.quote or indicator.name


def _task_texts(plan: ParsedPlan) -> dict[str, str]:
    passages = {s.id: [p.text for p in s.passages] for s in plan.sections}
    starts: dict[tuple[str, int], list[tuple[int, Task]]] = defaultdict(list)
    texts: dict[str, str] = {}
    for task in plan.tasks:
        texts[task.id] = task.quote or task.title
        for number, text in enumerate(passages.get(task.section or "", ())):
            at = text.find(task.quote or task.title)
            if at >= 0:
                starts[(task.section or "", number)].append((at, task))
                break
    for (section, number), found in starts.items():
        text = passages[section][number]
        found.sort(key=lambda pair: pair[0])
        ends = [at for at, _ in found[1:]] + [len(text)]
        for (at, task), end in zip(found, ends, strict=True):
            texts[task.id] = text[at : max(end, at + len(task.quote or task.title))]
    return texts
