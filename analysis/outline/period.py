"""Which period a document plans for: 十四五 is the 14th plan, 2021 to 2025; others say years."""

import re
from collections import Counter
from dataclasses import dataclass

_ORDINAL = re.compile(
    r"[“\"]十([一二三四五六七八九])五[”\"]|第十([一二三四五六七八九])个五年|"
    r"十([一二三四五六七八九])五规划"
)
_DIGITS = "一二三四五六七八九"
_YEARS = re.compile(r"(20\d\d) ?年?(?:度)? ?[-—–~～至到]{1,2} ?(20\d\d) ?年?")
_ONE_YEAR = re.compile(r"^(20\d\d) ?年(?:度)?(?!.*评估)")
_PLANNED = re.compile(r"规划(?:期限?|年限)")


@dataclass(frozen=True, slots=True)
class Period:
    """The five-year plan a document belongs to, and the first year it plans for.

    A plan of other years (2024 to 2027, or one year alone) belongs to the five-year plan it begins
    in. Both are None where the document says neither.
    """

    ordinal: int | None = None
    first_year: int | None = None


def plan_period(title: str, text: str) -> Period:
    """The period: from the years or the ordinal in the title, else from the text.

    Of several ordinals in a text the plan's own is the one it speaks of most, or nearly most.
    """
    if years := _YEARS.search(title) or _ONE_YEAR.search(title):
        return _beginning(int(years[1]))
    if found := _ordinals(title):
        return _of_ordinal(found[-1])
    for said in _PLANNED.finditer(text):
        if years := _YEARS.search(text, said.end(), said.end() + 30):
            return _beginning(int(years[1]))
    counts = Counter(_ordinals(text))
    if not counts:
        return Period()
    most = max(counts.values())
    return _of_ordinal(max(ordinal for ordinal, count in counts.items() if count * 3 >= most))


def _beginning(year: int) -> Period:
    return Period(14 + (year - 2021) // 5, year)


def _of_ordinal(ordinal: int) -> Period:
    return Period(ordinal, 2021 + 5 * (ordinal - 14))


def _ordinals(text: str) -> list[int]:
    return [
        10 + _DIGITS.index(next(filter(None, match.groups()))) + 1
        for match in _ORDINAL.finditer(text)
    ]


def names_earlier_plan(text: str, period: Period) -> bool:
    """Whether a text names any five-year plan before the document's own."""
    return bool(period.ordinal and any(found < period.ordinal for found in _ordinals(text)))


def of_earlier_plan(text: str, period: Period) -> bool:
    """Whether a caption or a column head speaks of an earlier plan only."""
    found = _ordinals(text)
    return bool(period.ordinal and found and max(found) < period.ordinal)
