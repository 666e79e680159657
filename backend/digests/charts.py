"""Charts for documents as plain SVG: horizontal bars, stacked shares, columns by day.

Sizes are in points of the page (text width 442). Colours are attributes and classes at once, so
that a page's style sheet may override them; every value is written beside its mark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

WIDTH = 442
LABEL = 15  # characters before a bar
INK, SOFT, RULE = "#1d1d1f", "#55565a", "#d9d6cf"
AZURITE, JADE, VERMILION, AMBER, GREY = "#1f5fae", "#2f7d5b", "#c23a2b", "#9a6a00", "#a9a69f"
PALETTE = (AZURITE, JADE, AMBER, VERMILION, "#6b5b95", GREY)
# Sides that mean something keep their colour in every chart; patterns tell them apart in grey.
COLOURS = {
    "偏正面": JADE,
    "支持": JADE,
    "表示支持": JADE,
    "中性": "#c9c5bb",
    "偏负面": VERMILION,
    "反对": VERMILION,
    "表示反对": VERMILION,
    "希望提高目标值": AZURITE,
    "希望降低目标值": AMBER,
    "未判定": "#e7e4dc",
}


@dataclass(frozen=True, slots=True)
class Stack:
    """One row of a stacked chart: a label and values in the order of the series."""

    label: str
    values: tuple[int, ...]


def bars(rows: Sequence[tuple[str, int]], *, unit: str = "条", font: str = "") -> str:
    """Horizontal bars, one under another, label above the mark."""
    top = max((value for _, value in rows), default=0) or 1
    step, room = 21, WIDTH - 190
    parts = []
    for index, (name, value) in enumerate(rows):
        y = index * step
        width = room * value / top
        parts += [
            _text(136, y + 13, _fit(name, 12), anchor="end"),
            _rect(144, y + 3, width, 13, AZURITE, "mark"),
            _text(148 + width, y + 13, f"{value}{unit}"),
        ]
    return _svg(parts, len(rows) * step + 4, font)


def stacks(series: Sequence[str], rows: Sequence[Stack], *, font: str = "") -> str:
    """Bars split into series, scaled to the largest total; the legend stands above."""
    top = max((sum(row.values) for row in rows), default=0) or 1
    left, room = 174, WIDTH - 216
    step = 29 if any(len(row.label) > LABEL for row in rows) else 21
    parts = []
    x = float(left)
    for index, name in enumerate(series):
        parts += [_rect(x, 2, 10, 10, _colour(name, index), ""), _text(x + 14, 11, name)]
        x += 24 + 11 * len(name)
    for number, row in enumerate(rows):
        y = 20 + number * step
        x = float(left)
        parts += _label(left - 8, y + 13, row.label, step)
        y += (step - 21) // 2
        for index, value in enumerate(row.values):
            width = room * value / top
            if value:
                parts.append(_rect(x, y + 3, width, 13, _colour(series[index], index), ""))
                if width >= 16 and _colour(series[index], index) not in ("#c9c5bb", "#e7e4dc"):
                    parts.append(_text(x + width / 2, y + 13, str(value), "#ffffff", "middle"))
                elif width >= 16:
                    parts.append(_text(x + width / 2, y + 13, str(value), anchor="middle"))
            x += width
        parts.append(_text(x + 5, y + 13, f"{sum(row.values)}条"))
    return _svg(parts, 24 + len(rows) * step, font)


def _label(x: float, y: float, text: str, step: int) -> list[str]:
    """A label before its bar, on two lines when it is long; broken after a comma where one is."""
    if len(text) <= LABEL:
        return [_text(x, y + (step - 21) // 2, text, anchor="end")]
    comma = max(text.rfind("，", 0, LABEL), text.rfind(" ", 0, LABEL))
    cut = comma + 1 if comma >= LABEL // 3 else LABEL
    lines = (text[:cut].strip(), _fit(text[cut:].strip(), LABEL))
    return [_text(x, y - 2 + 12 * n, line, anchor="end") for n, line in enumerate(lines)]


def timeline(
    days: Sequence[tuple[date, int]], moments: Sequence[tuple[date, str]] = (), *, font: str = ""
) -> str:
    """Columns by day, with marked moments such as the deadline."""
    if not days:
        return _svg([_text(0, 13, "没有数据")], 20, font)
    first = min([days[0][0], *(day for day, _ in moments)])
    last = max([days[-1][0], *(day for day, _ in moments)])
    span = (last - first).days + 1
    top = max(count for _, count in days) or 1
    step = WIDTH / span
    parts = []
    for day, count in days:
        x, height = (day - first).days * step, 84 * count / top
        parts.append(_rect(x, 110 - height, step * 0.8, height, AZURITE, "mark"))
        if count == top:
            parts.append(
                _text(_inside(x + step * 0.4), 106 - height, f"{count}条", anchor="middle")
            )
    parts.append(_line(0, 110, WIDTH, 110, RULE))
    for day, name in moments:
        x = (day - first).days * step + step * 0.4
        parts.append(_line(x, 18, x, 110, INK, dash="4 3"))
        parts.append(_text(x, 12, name, anchor="start" if x < WIDTH / 2 else "end"))
    parts.append(_text(0, 124, _day(first)))
    parts.append(_text(WIDTH, 124, _day(last), anchor="end"))
    return _svg(parts, 130, font)


def _inside(x: float) -> float:
    return min(max(x, 14), WIDTH - 14)


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _colour(name: str, index: int) -> str:
    return COLOURS.get(name, PALETTE[index % len(PALETTE)])


def _fit(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _svg(parts: Sequence[str], height: float, font: str) -> str:
    family = font or "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {_n(height)}" '
        f'width="{WIDTH}" height="{_n(height)}" font-family="{escape(family)}" font-size="10.5">'
        + "".join(parts)
        + "</svg>"
    )


def _text(x: float, y: float, text: str, fill: str = INK, anchor: str = "start") -> str:
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" fill="{fill}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str, name: str) -> str:
    extra = f' class="{name}"' if name else ""
    return (
        f'<rect{extra} x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" '
        f'fill="{fill}"/>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str, dash: str = "") -> str:
    extra = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" '
        f'stroke="{stroke}" stroke-width="1"{extra}/>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
