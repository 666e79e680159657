"""The filter of a digest: `章节:s3 指标:i14 街镇:石埠街道 渠道:网站 提交>2026-11-01`.

A filter is a line of text so that it can stand in an address, in the snapshot and in print. Words
it does not know are refused with a sentence rather than ignored: a digest that silently covers
more than it says would be worse than none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from backend.web.labels import LABELS

_TERM = re.compile(
    r"""(?P<key>[^\s:：<>＜＞"]+?)\s*(?P<sign>[:：]|[<>＜＞]=?)\s*(?P<value>"[^"]*"|\S+)"""
)
_NAMES = {
    "章节": "section",
    "指标": "indicator",
    "任务": "task",
    "街镇": "street",
    "居委": "neighbourhood",
    "部门": "department",
    "渠道": "channel",
    "提交": "received",
}
MAX_LENGTH = 300
KNOWN = "、".join(_NAMES)


class FilterError(ValueError):
    """A filter nobody can follow; the message is a Chinese sentence."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What to include; empty means everything. Days are local, both ends included."""

    section: str | None = None
    indicator: str | None = None
    task: str | None = None
    street: str | None = None
    neighbourhood: str | None = None
    department: str | None = None
    channel: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        return self == Filter()


def parse(query: str) -> Filter:
    """Read a filter; raises FilterError with a sentence that says what was not understood."""
    if len(query) > MAX_LENGTH:
        raise FilterError(f"筛选条件太长，请控制在{MAX_LENGTH}个字以内。")
    values: dict[str, str | date] = {}
    rest = _TERM.sub("", query).strip()
    if rest:
        raise FilterError(f"没有看懂筛选条件“{rest}”。可以使用：{KNOWN}，例如 章节:s3 渠道:网站。")
    for match in _TERM.finditer(query):
        name = _NAMES.get(match["key"])
        value = match["value"].strip('"')
        if name is None:
            raise FilterError(f"没有“{match['key']}”这个筛选条件。可以使用：{KNOWN}。")
        if name == "received":
            _read_period(match["sign"], value, values)
        elif name == "channel":
            values[name] = _channel(value)
        else:
            values[name] = value
    return Filter(**values)  # type: ignore[arg-type]


def render(chosen: Filter) -> str:
    """The canonical text of a filter; `parse(render(f)) == f`."""
    parts = [
        f"{name}:{_quoted(str(getattr(chosen, field)))}"
        for name, field in _NAMES.items()
        if field not in ("received", "channel") and getattr(chosen, field)
    ]
    if chosen.channel:
        parts.append(f"渠道:{_quoted(LABELS['channel'][chosen.channel])}")
    if chosen.since:
        parts.append(f"提交>={chosen.since.isoformat()}")
    if chosen.until:
        parts.append(f"提交<={chosen.until.isoformat()}")
    return " ".join(parts)


def describe(chosen: Filter, names: Mapping[str, str]) -> str:
    """The filter as a reader says it; `names` gives the titles of plan items by key."""
    if chosen.is_empty:
        return "全部意见"
    keys = (chosen.section, chosen.indicator, chosen.task)
    parts = [f"“{names.get(key, key)}”" for key in keys if key]
    parts += [v for v in (chosen.street, chosen.neighbourhood) if v]
    if chosen.department:
        parts.append(f"由{chosen.department}办理")
    if chosen.channel:
        parts.append(f"通过{LABELS['channel'][chosen.channel]}提交")
    if chosen.since and chosen.until:
        parts.append(f"{_day(chosen.since)}至{_day(chosen.until)}提交")
    elif chosen.since:
        parts.append(f"{_day(chosen.since)}起提交")
    elif chosen.until:
        parts.append(f"{_day(chosen.until)}前（含当日）提交")
    return "、".join(parts) + "的意见"


def _read_period(sign: str, value: str, values: dict[str, str | date]) -> None:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise FilterError(f"“{value}”不是日期，请写成 2026-11-01 的样子。") from error
    sign = sign.replace("＜", "<").replace("＞", ">")
    if sign in (":", "："):
        values["since"] = values["until"] = day
    elif sign.startswith(">"):
        values["since"] = day
    else:
        values["until"] = day


def _channel(value: str) -> str:
    for key, name in LABELS["channel"].items():
        if value in (key, name) or value == name.replace(" ", ""):
            return key
    raise FilterError(f"没有“{value}”这个渠道。可以使用：{'、'.join(LABELS['channel'].values())}。")


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
