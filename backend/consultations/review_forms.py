"""What an official types on the review pages, and the corrections it stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Request

from analysis.contracts import Indicator, ParsedPlan, Task
from backend.kit.text import clean_line
from backend.plans import editing
from backend.plans.editing import CannotEdit
from backend.plans.item_tables import IndicatorLine, TaskLine

ON_PASSAGE_PAGE = frozenset({"split", "open-section"})
INDICATOR_FIELDS = (
    "name", "unit", "kind", "baseline", "current", "target", "bound", "period",
)  # fmt: skip
TASK_FIELDS = ("title", "kind", "section")


@dataclass(frozen=True, slots=True)
class Correction:
    """One press of a button on the review page."""

    action: Annotated[str, Form()]
    key: Annotated[str, Form()] = ""
    number: Annotated[str, Form()] = ""
    title: Annotated[str, Form()] = ""
    text: Annotated[str, Form()] = ""
    first_is_heading: Annotated[bool, Form()] = False
    index: Annotated[int, Form()] = -1


def corrected(plan: ParsedPlan, wanted: Correction) -> ParsedPlan:
    """The plan after one correction; raises `CannotEdit` with a sentence."""
    key, number, title = wanted.key, clean_line(wanted.number), clean_line(wanted.title)
    match wanted.action:
        case "rename":
            return editing.rename(plan, key, number, title)
        case "promote":
            return editing.promote(plan, key)
        case "demote":
            return editing.demote(plan, key)
        case "merge-up":
            return editing.merge_up(plan, key)
        case "not-a-heading":
            return editing.not_a_heading(plan, key)
        case "make-heading":
            return editing.make_heading(plan, key)
        case "open-section":
            return editing.open_section(plan, key, number, title)
        case "split":
            return editing.split_passage(
                plan, key, wanted.text, first_is_heading=wanted.first_is_heading
            )
        case "join":
            return editing.join_passage(plan, key)
        case "settle-warning":
            return editing.settle_warning(plan, wanted.index, wanted.text)
    raise CannotEdit("没有这种修改，请刷新页面后重试。")


async def _typed(request: Request) -> Mapping[str, str]:
    form = await request.form()
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


Typed = Annotated[Mapping[str, str], Depends(_typed)]


def indicator_line(item: Indicator) -> dict[str, str]:
    """An indicator as the fields of its line."""
    values = {name: getattr(item, name) for name in INDICATOR_FIELDS}
    return {"key": item.id} | {name: str(value or "") for name, value in values.items()}


def task_line(task: Task) -> dict[str, str]:
    return {"key": task.id, "title": task.title, "kind": task.kind.value}


def indicator_lines(typed: Mapping[str, str]) -> list[IndicatorLine]:
    """The lines of the table as sent: `name-i3`, `unit-i3` …; `…-new1` are the empty ones."""
    return [
        IndicatorLine(
            key="" if key.startswith("new") else key,
            is_removed=f"remove-{key}" in typed,
            **{name: clean_line(typed.get(f"{name}-{key}", "")) for name in INDICATOR_FIELDS},
        )
        for key in _keys(typed, "name-")
    ]


def task_lines(typed: Mapping[str, str]) -> list[TaskLine]:
    return [
        TaskLine(
            key="" if key.startswith("new") else key,
            is_removed=f"remove-{key}" in typed,
            **{name: clean_line(typed.get(f"{name}-{key}", "")) for name in TASK_FIELDS},
        )
        for key in _keys(typed, "title-")
    ]


def _keys(typed: Mapping[str, str], prefix: str) -> list[str]:
    return [name.removeprefix(prefix) for name in typed if name.startswith(prefix)]
