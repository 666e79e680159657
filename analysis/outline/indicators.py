"""Indicators from tables: columns known by their heads, rows read as they are printed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.contracts import Bound, Indicator, IndicatorKind, TargetSource
from analysis.outline.lines import Grid
from analysis.outline.period import Period, names_earlier_plan, of_earlier_plan
from analysis.outline.sections import Outline, row_text

REDACTED = re.compile(r"\*{2,}|#{2,}|＊{2,}|＃{2,}|[xX×Ｘ]{2,}")
_KIND = re.compile(r"^[（(\[【]?(?:约束性?|预期性?|指导性)(?:指标)?[)）\]】]?$")
_KIND_IN_NAME = re.compile(r"[【\[(（〔](?:约束性|预期性)(?:指标)?[】\])）〕]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AT_LEAST = re.compile(r"^[>≥＞]|以上|不少于|不低于|高于|超过|大于|至少|力争达到?")
_AT_MOST = re.compile(r"^[<≤＜]|\([<≤＜]|以内|以下|不超过|不高于|不大于|低于|小于|控制在")
_PERIOD = re.compile(r"五年累计|五年年均|年均|累计|每年|五年(?:合计|总计)")
_NUMBERED_NAME = re.compile(r"^[（(]?(\d{1,3})(?:[)）]|[.、．](?!\d)| (?=[\u4e00-\u9fff])) ?(?=\D)")
_UNIT_IN_NAME = re.compile(r"[（(]([^()（）]{1,12})[)）]$")
_UNIT = re.compile(
    r"[%％‰]|元|米|公顷|亩|人|名|家|个|件|项|张|套|条|所|台|座|公里|吨|"
    r"岁|亿|万|辆|处|户|次|倍|克|瓦|时|天|年|分|度|级|位|册|艘|标准煤"
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The index of each column of an indicator table; None where it has none."""

    name: int
    target: int | None
    no: int | None = None
    unit: int | None = None
    kind: int | None = None
    baseline: int | None = None
    current: int | None = None
    assessment: int | None = None
    fallback: int | None = None


def bound_of(text: str) -> Bound | None:
    """不少于, 以上 … is at least; 不超过, 以内 … is at most; no such word: not determined."""
    if re.search("不少于|不低于|不小于", text):
        return Bound.AT_LEAST
    if _AT_MOST.search(text):
        return Bound.AT_MOST
    return Bound.AT_LEAST if _AT_LEAST.search(text) else None


def kind_of(text: str | None) -> IndicatorKind | None:
    """约束性 or 预期性, when a cell says so."""
    if text and "约束" in text:
        return IndicatorKind.BINDING
    return IndicatorKind.ANTICIPATORY if text and "预期" in text else None


def table_indicators(outline: Outline, period: Period) -> list[Indicator]:
    """The indicators of every table about the current plan, ids not yet given."""
    found: list[Indicator] = []
    seen: set[int] = set()
    for index, paragraph in enumerate(outline.paragraphs):
        grid = paragraph.line.grid
        if grid is None or id(paragraph.line) in seen:
            continue
        seen.add(id(paragraph.line))
        caption = outline.paragraphs[index - 1].passage.text if index else ""
        found.extend(read_table(grid, caption, outline.section_id(paragraph.section), period))
    return found


def read_table(grid: Grid, caption: str, section: str, period: Period) -> list[Indicator]:
    """The rows of one table as indicators; none where it is no table of indicators."""
    start = _first_row(grid)
    heads = _heads(grid[:start]) if start else []
    columns = _columns(heads, grid[start:], period)
    if columns is None or _about_an_earlier_plan(caption, heads, columns, period):
        return []
    rows = [row for row in grid[start:] if _is_indicator(row, columns)]
    kinds = sum(kind_of(_at(row, columns.kind)) is not None for row in rows)
    named = re.search("指标", caption + "".join(heads))
    if len(rows) < 2 or not (kinds * 2 > len(rows) or (named and columns.target is not None)):
        return []
    head = heads[columns.target] if columns.target is not None else ""
    return [_indicator(row, columns, head, section) for row in rows]


def _first_row(grid: Grid) -> int:
    """The first row that is no head: it has a number, a kind or a figure."""
    for index, row in enumerate(grid[:5]):
        kinds = any(
            re.fullmatch(r"[（(\[]?(?:约束性|预期性|约束|预期)[)）\]]?", cell) for cell in row
        )
        figures = sum(bool(re.match(r"[<>≥≤＜＞]?\d+(?:\.\d+)?[%％]?$", cell)) for cell in row)
        if kinds or (figures and re.fullmatch(r"\d{1,3}", row[0])) or figures >= 2:
            return index
    return 1


def _heads(rows: Sequence[Sequence[str]]) -> list[str]:
    """One head per column; stacked heads are joined, merged ones said once."""
    heads: list[str] = []
    for column in zip(*rows, strict=False):
        parts = list(dict.fromkeys(cell for cell in column if cell))
        heads.append("".join(parts))
    return heads


def _columns(
    heads: Sequence[str], rows: Sequence[Sequence[str]], period: Period
) -> _Columns | None:
    def first(pattern: str, but: str = r"$^") -> int | None:
        return next(
            (i for i, h in enumerate(heads) if re.search(pattern, h) and not re.search(but, h)),
            None,
        )

    kind = first("属性|性质|指标类型")
    if kind is None:
        kind = next(
            (i for i in range(len(heads)) if _share(rows, i, _KIND) > 0.6),
            None,
        )
    name = first("三级指标", "属性|单位")
    if name is None:
        name = first("二级指标", "属性|单位")
    if name is None:
        name = first(
            r"指标名称|指标内容|^(?:主要|具体|二级|三级)?指标$|^名称$|指标(?!属性|性质|单位|类)",
            "属性|性质|单位|值|类别|一级",
        )
    if name is None:
        name = first("^项目$|^名称$|^项目名称$|^内容$") if kind is not None else None
    if name is None:
        return None
    assessment = first("评价|评估结果|进展(?!.*20)", "完成情况|目标")
    target, baseline, current, fallback = _value_columns(heads, period)
    return _Columns(
        name=name,
        target=target,
        no=first("^序 ?号$|^编号$"),
        unit=first("单位", "责任|牵头|部门|指标"),
        kind=kind,
        baseline=baseline,
        current=current,
        assessment=assessment,
        fallback=fallback,
    )


def _share(rows: Sequence[Sequence[str]], column: int, pattern: re.Pattern[str]) -> float:
    cells = [row[column] for row in rows if column < len(row)]
    return sum(bool(pattern.search(cell)) for cell in cells) / max(1, len(cells))


def _value_columns(
    heads: Sequence[str], period: Period
) -> tuple[int | None, int | None, int | None, int | None]:
    """Target, baseline, current value, and the growth that serves where there is no level."""
    start = period.first_year
    target = baseline = current = fallback = None
    latest = 0
    for index, head in enumerate(heads):
        years = [int(year) for year in _YEAR.findall(head)]
        done = re.search("完成情况|实际|现状|进展(?!评价)|完成值|现值|实现情况|完成数", head)
        if done and not re.search("目标|评价", head):
            base = (years and start and max(years) < start) or names_earlier_plan(head, period)
            if base:
                baseline = index
            else:
                current = index
        elif re.search("基期|基准", head):
            baseline = index
        elif re.search("年均|累计|增速|增长", head) and not years:
            fallback = index
        elif re.search("目标|规划值|预期值", head) or years:
            year = max(years, default=0) or (9999 if "目标" in head else 0)
            if years and start and year < start:
                baseline = index
            elif year >= latest:
                latest, target = year, index
        elif re.search("^评价$", head):
            continue
    if baseline is None and start is None:
        baseline = _first_of_five(heads, latest)
    if target is None:
        target, fallback = fallback, None
    return target, baseline, current, fallback


def _first_of_five(heads: Sequence[str], latest: int) -> int | None:
    """The column five years before the target's, in a document that says no period."""
    years = [(int(found[0]), i) for i, head in enumerate(heads) if (found := _YEAR.findall(head))]
    return next((i for year, i in years if year == latest - 5), None)


def _about_an_earlier_plan(
    caption: str, heads: Sequence[str], columns: _Columns, period: Period
) -> bool:
    if of_earlier_plan(caption, period) or of_earlier_plan(" ".join(heads), period):
        return True
    head = heads[columns.target] if columns.target is not None else ""
    years = [int(year) for year in _YEAR.findall(head)]
    start = period.first_year
    return bool(years and start and max(years) < start)


def _is_indicator(row: Sequence[str], columns: _Columns) -> bool:
    """A row of its own: not a category that fills the whole row, not a repeated head."""
    name = _at(row, columns.name)
    if not name or re.fullmatch(r"指标(?:名称)?|名称|合计|注.*", name):
        return False
    values = (columns.target, columns.kind, columns.fallback, columns.current)
    told = [cell for i in values if (cell := _at(row, i)) and cell != name]
    return bool(told)


def _indicator(row: Sequence[str], columns: _Columns, target_head: str, section: str) -> Indicator:
    name, number, unit = _at(row, columns.name) or "", _at(row, columns.no), _at(row, columns.unit)
    if columns.no is None and (numbered := _NUMBERED_NAME.match(name)):
        number, name = numbered[1], name[numbered.end() :]
    kind = kind_of(_at(row, columns.kind))
    if kind is None and (stated := _KIND_IN_NAME.search(name)):
        kind, name = kind_of(stated[0]), _KIND_IN_NAME.sub("", name).strip()
    if not unit and (inside := _UNIT_IN_NAME.search(name)) and _UNIT.search(inside[1]):
        unit, name = inside[1], name[: inside.start()]
    target = _at(row, columns.target) or _at(row, columns.fallback)
    if target and re.fullmatch(r"[-–—/]+", target) and (growth := _at(row, columns.fallback)):
        target = growth
    period = _PERIOD.search(target or "") or re.search(
        r"20\d\d(?: ?[-—–~至] ?20\d\d)? ?年?", target_head
    )
    return Indicator(
        id="",
        no=number,
        name=name.strip(),
        unit=unit,
        kind=kind,
        target=target,
        bound=bound_of(target) if target else None,
        baseline=_at(row, columns.baseline),
        current=_at(row, columns.current),
        assessment=_at(row, columns.assessment),
        period=period[0] if period else None,
        source=TargetSource.TABLE,
        redacted=bool(target and REDACTED.search(target)),
        section=section,
        quote=row_text(row),
        cells=tuple(row),
    )


def _at(row: Sequence[str], column: int | None) -> str | None:
    """A cell, or None where it is empty or there is no such column."""
    if column is None or column >= len(row):
        return None
    return row[column].strip() or None
