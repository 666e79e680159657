"""Corrections an official makes to a machine-read outline before publishing it. Pure.

Each verb takes a parsed plan and gives a new one; parents follow from levels, and every id stays,
so that a correction never moves a comment. Text is never lost: what is not a heading becomes a
passage of the section before it.
"""

from collections.abc import Iterable
from dataclasses import replace

from analysis.contracts import (
    Indicator,
    IndicatorKind,
    ParsedPlan,
    Passage,
    Section,
    TargetSource,
    Task,
)


class CannotEdit(ValueError):
    """The message says why, in Chinese."""


def rename(plan: ParsedPlan, key: str, number: str | None, title: str) -> ParsedPlan:
    """Correct a heading's number and words."""
    if not title:
        raise CannotEdit("标题不能为空。如果这一行不是标题，请用“不是标题”。")
    at = _index(plan, key)
    renamed = replace(plan.sections[at], number=number or None, title=title)
    return replace(plan, sections=(*plan.sections[:at], renamed, *plan.sections[at + 1 :]))


def promote(plan: ParsedPlan, key: str) -> ParsedPlan:
    """One level up, with everything below it."""
    return _shift(plan, key, -1)


def demote(plan: ParsedPlan, key: str) -> ParsedPlan:
    """One level down, with everything below it."""
    return _shift(plan, key, +1)


def not_a_heading(plan: ParsedPlan, key: str) -> ParsedPlan:
    """The heading's words become a passage of the section before, followed by its passages."""
    at = _index(plan, key)
    if at == 0:
        raise CannotEdit("第一个标题前面没有章节可以并入。")
    gone, before = plan.sections[at], plan.sections[at - 1]
    words = f"{gone.number} {gone.title}" if gone.number else gone.title
    heading = Passage(_free(plan, "p"), words)
    merged = replace(before, passages=(*before.passages, heading, *gone.passages))
    sections = (*plan.sections[: at - 1], merged, *plan.sections[at + 1 :])
    return _rehung(_moved(replace(plan, sections=sections), gone.id, before.id))


def make_heading(plan: ParsedPlan, passage_key: str) -> ParsedPlan:
    """A passage that really is a heading: it opens a section one level below its own."""
    for at, section in enumerate(plan.sections):
        for number, passage in enumerate(section.passages):
            if passage.id != passage_key:
                continue
            first = replace(section, passages=section.passages[:number])
            opened = Section(
                id=_free(plan, "s"),
                level=section.level + 1,
                number=None,
                title=passage.text[:300],
                parent=section.id,
                inferred=True,
                passages=section.passages[number + 1 :],
            )
            sections = (*plan.sections[:at], first, opened, *plan.sections[at + 1 :])
            return _rehung(replace(plan, sections=sections))
    raise CannotEdit("没有找到这个段落，请刷新页面。")


def edit_indicator(
    plan: ParsedPlan,
    key: str,
    *,
    name: str,
    unit: str | None,
    kind: IndicatorKind | None,
    baseline: str | None,
    target: str | None,
) -> ParsedPlan:
    """Correct an indicator in place."""
    if not name:
        raise CannotEdit("指标名称不能为空。如果这不是指标，请删除它。")

    def corrected(item: Indicator) -> Indicator:
        return replace(item, name=name, unit=unit, kind=kind, baseline=baseline, target=target)

    if all(item.id != key for item in plan.indicators):
        raise CannotEdit("没有找到这个指标，请刷新页面。")
    return replace(
        plan, indicators=tuple(corrected(i) if i.id == key else i for i in plan.indicators)
    )


def add_indicator(plan: ParsedPlan, name: str) -> ParsedPlan:
    """An indicator the machine overlooked; its other fields are filled in afterwards."""
    if not name:
        raise CannotEdit("请填写指标名称。")
    added = Indicator(_free(plan, "i"), no=None, name=name, source=TargetSource.TABLE)
    return replace(plan, indicators=(*plan.indicators, added))


def remove_indicator(plan: ParsedPlan, key: str) -> ParsedPlan:
    return replace(plan, indicators=tuple(i for i in plan.indicators if i.id != key))


def rename_task(plan: ParsedPlan, key: str, title: str) -> ParsedPlan:
    if not title:
        raise CannotEdit("任务名称不能为空。如果这不是任务，请删除它。")
    return replace(
        plan, tasks=tuple(replace(t, title=title) if t.id == key else t for t in plan.tasks)
    )


def add_task(plan: ParsedPlan, title: str, section_key: str | None) -> ParsedPlan:
    if not title:
        raise CannotEdit("请填写任务名称。")
    added = Task(_free(plan, "t"), title=title, section=section_key)
    return replace(plan, tasks=(*plan.tasks, added))


def remove_task(plan: ParsedPlan, key: str) -> ParsedPlan:
    boxes = tuple(replace(b, items=tuple(i for i in b.items if i != key)) for b in plan.boxes)
    return replace(plan, tasks=tuple(t for t in plan.tasks if t.id != key), boxes=boxes)


def _index(plan: ParsedPlan, key: str) -> int:
    for at, section in enumerate(plan.sections):
        if section.id == key:
            return at
    raise CannotEdit("没有找到这个标题，请刷新页面。")


def _shift(plan: ParsedPlan, key: str, step: int) -> ParsedPlan:
    at = _index(plan, key)
    level = plan.sections[at].level
    if level + step < 1:
        raise CannotEdit("已经是最高一级。")
    if step > 0 and (at == 0 or level > plan.sections[at - 1].level):
        raise CannotEdit("前面没有同级的标题，不能再降。")
    end = at + 1
    while end < len(plan.sections) and plan.sections[end].level > level:
        end += 1
    moved = tuple(replace(s, level=s.level + step) for s in plan.sections[at:end])
    return _rehung(replace(plan, sections=(*plan.sections[:at], *moved, *plan.sections[end:])))


def _rehung(plan: ParsedPlan) -> ParsedPlan:
    """Parents as the levels say."""
    above: list[Section] = []
    sections = []
    for section in plan.sections:
        while above and above[-1].level >= section.level:
            above.pop()
        hung = replace(section, parent=above[-1].id if above else None)
        sections.append(hung)
        above.append(hung)
    return replace(plan, sections=tuple(sections))


def _moved(plan: ParsedPlan, gone: str, into: str) -> ParsedPlan:
    def section(key: str | None) -> str | None:
        return into if key == gone else key

    return replace(
        plan,
        indicators=tuple(replace(i, section=section(i.section)) for i in plan.indicators),
        tasks=tuple(replace(t, section=section(t.section)) for t in plan.tasks),
        boxes=tuple(replace(b, section=section(b.section)) for b in plan.boxes),
        captions=tuple(replace(c, section=section(c.section)) for c in plan.captions),
    )


def _free(plan: ParsedPlan, prefix: str) -> str:
    keys: dict[str, Iterable[str]] = {
        "s": (s.id for s in plan.sections),
        "p": (p.id for s in plan.sections for p in s.passages),
        "i": (i.id for i in plan.indicators),
        "t": (t.id for t in plan.tasks),
    }
    used = [int(key[1:]) for key in keys[prefix] if key[1:].isdigit()]
    return f"{prefix}{max(used, default=0) + 1}"
