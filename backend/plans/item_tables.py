"""The tables of indicators and tasks as an official corrects them: edit, add, delete. Pure.

A table comes back whole or in part: a line names the item it is about, an empty key is a new one,
and items without a line stay as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from analysis.contracts import (
    Bound,
    Indicator,
    IndicatorKind,
    ParsedPlan,
    TargetSource,
    Task,
    TaskKind,
)
from backend.plans.editing import CannotEdit, free_key


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    """One line of the table of indicators as typed; empty words mean "not stated"."""

    key: str
    name: str
    unit: str = ""
    kind: str = ""
    baseline: str = ""
    current: str = ""
    target: str = ""
    bound: str = ""
    period: str = ""
    is_removed: bool = False

    @property
    def is_blank(self) -> bool:
        return not (self.key or self.name or self.target)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of the table of tasks as typed."""

    key: str
    title: str
    kind: str = TaskKind.TASK.value
    section: str = ""
    is_removed: bool = False

    @property
    def is_blank(self) -> bool:
        return not (self.key or self.title)


def with_indicators(plan: ParsedPlan, lines: Sequence[IndicatorLine]) -> ParsedPlan:
    """The plan with these lines; a new indicator joins the plan's own table."""
    by_key = {line.key: line for line in lines if line.key}
    _check_known(by_key.keys(), {item.id for item in plan.indicators})
    kept = [
        _indicator(item, by_key[item.id]) if item.id in by_key else item
        for item in plan.indicators
        if not (item.id in by_key and by_key[item.id].is_removed)
    ]
    last = max((at for at, i in enumerate(kept) if i.source is TargetSource.TABLE), default=-1)
    new = [
        _indicator(Indicator(free_key(plan, "i", at), no=None, name=""), line)
        for at, line in enumerate(x for x in lines if not x.key and not x.is_blank)
    ]
    return replace(plan, indicators=(*kept[: last + 1], *new, *kept[last + 1 :]))


def with_tasks(plan: ParsedPlan, lines: Sequence[TaskLine]) -> ParsedPlan:
    """The plan with these lines; a new task stands last in its section."""
    by_key = {line.key: line for line in lines if line.key}
    _check_known(by_key.keys(), {task.id for task in plan.tasks})
    gone = {key for key, line in by_key.items() if line.is_removed}
    kept = [_task(t, by_key[t.id]) if t.id in by_key else t for t in plan.tasks if t.id not in gone]
    order = {section.id: at for at, section in enumerate(plan.sections)}
    for at, line in enumerate(x for x in lines if not x.key and not x.is_blank):
        task = _task(Task(free_key(plan, "t", at), title="", section=line.section or None), line)
        place = order.get(line.section, len(order))
        before = [i for i, t in enumerate(kept) if order.get(t.section or "", len(order)) <= place]
        kept.insert(before[-1] + 1 if before else 0, task)
    boxes = tuple(replace(b, items=tuple(i for i in b.items if i not in gone)) for b in plan.boxes)
    return replace(plan, tasks=tuple(kept), boxes=boxes)


def _indicator(item: Indicator, line: IndicatorLine) -> Indicator:
    if not line.name:
        raise CannotEdit("指标名称不能为空。如果这不是指标，请勾选“删除”。")
    return replace(
        item,
        name=line.name,
        unit=line.unit or None,
        kind=IndicatorKind(line.kind) if line.kind else None,
        baseline=line.baseline or None,
        current=line.current or None,
        target=line.target or None,
        bound=Bound(line.bound) if line.bound else None,
        period=line.period or None,
    )


def _task(task: Task, line: TaskLine) -> Task:
    if not line.title:
        raise CannotEdit("任务名称不能为空。如果这不是任务，请勾选“删除”。")
    return replace(task, title=line.title, kind=TaskKind(line.kind))


def _check_known(wanted: Iterable[str], known: set[str]) -> None:
    if not set(wanted) <= known:
        raise CannotEdit("表里有一行已经被别人删除，请刷新页面后重新修改。")
