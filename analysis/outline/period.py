"""Which plan period a document is about: 十四五 is the 14th, 2021 to 2025."""

import re
from collections import Counter

_ORDINAL = re.compile(
    r"[“\"]十([一二三四五六七八九])五[”\"]|第十([一二三四五六七八九])个五年|"
    r"十([一二三四五六七八九])五规划"
)
_DIGITS = "一二三四五六七八九"


def plan_ordinal(title: str, text: str) -> int | None:
    """The ordinal of the plan's period: from its title, else the one it speaks of most."""
    if found := _ordinals(title):
        return found[-1]
    counts = Counter(_ordinals(text))
    if not counts:
        return None
    most = max(counts.values())
    return max(ordinal for ordinal, count in counts.items() if count * 3 >= most)


def _ordinals(text: str) -> list[int]:
    return [
        10 + _DIGITS.index(next(filter(None, match.groups()))) + 1
        for match in _ORDINAL.finditer(text)
    ]


def first_year(ordinal: int | None) -> int | None:
    """The first year of a five-year plan: 2021 for the 14th."""
    return None if ordinal is None else 2021 + 5 * (ordinal - 14)


def of_earlier_plan(text: str, ordinal: int | None) -> bool:
    """Whether a caption or a column head speaks of an earlier plan only."""
    found = _ordinals(text)
    return bool(ordinal and found and max(found) < ordinal)
