"""Small judgements the public pages need. Pure."""

import re
from collections.abc import Sequence

from backend.models import Indicator, Section

_RATE = re.compile(r"年均|增速|增长率|增幅|降幅|下降率")
_ADDED = re.compile(r"新增|新建|累计|加装|改造|完工|建成|开工|引进|培育")
_NUMBER = re.compile(r"\d+(?:[,，]\d{3})*(?:\.\d+)?")


def reached(indicator: Indicator) -> float | None:
    """How far the present value is on the way to the target, 0..1; None when it cannot be told.

    A yearly rate is no way one goes along, and what the last period built says nothing about what
    this one is to build.
    """
    if _RATE.search(indicator.name) or (not indicator.current and _ADDED.search(indicator.name)):
        return None
    now = _number(indicator.current or indicator.baseline)
    target = _number(indicator.target)
    if indicator.redacted or not now or not target:
        return None
    share = target / now if indicator.bound == "at_most" else now / target
    return round(min(1.0, share), 3)


def neighbours(
    sections: Sequence[Section], current: Section
) -> tuple[Section | None, Section | None]:
    """The headings to read before and after one: on the same or a higher level."""
    reachable = [s for s in sections if s.level <= current.level]
    at = next(i for i, section in enumerate(reachable) if section.key == current.key)
    before = reachable[at - 1] if at > 0 else None
    after = reachable[at + 1] if at + 1 < len(reachable) else None
    return before, after


def ancestors(sections: Sequence[Section], current: Section) -> list[Section]:
    """The headings above one, the top first."""
    by_key = {section.key: section for section in sections}
    found: list[Section] = []
    at = by_key.get(current.parent_key or "")
    while at is not None:
        found.insert(0, at)
        at = by_key.get(at.parent_key or "")
    return found


def chapters(sections: Sequence[Section]) -> dict[str, Section]:
    """Key of every section → the top heading it stands under; sections are in reading order."""
    found: dict[str, Section] = {}
    for section in sections:
        found[section.key] = found.get(section.parent_key or "", section)
    return found


def _number(text: str | None) -> float | None:
    match = _NUMBER.search(text or "")
    return float(match[0].replace(",", "").replace("，", "")) if match else None
