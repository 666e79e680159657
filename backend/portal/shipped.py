"""The figures this release was measured at, read from its own quality report."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

REPORT = Path(__file__).parents[2] / "docs" / "quality.md"
_SECTIONS = {
    "Feeling": ("情感（三类宏平均 F1）", "this reader"),
    "Intent": ("意图（六类宏平均 F1）", "this reader"),
    "Linking": ("关联（首位命中）", "linker"),
}
# The report is written in English; a set it names in words unknown here is shown as it is, as code.
_WORDS = {
    "messages": "真实留言",
    "random draw": "随机抽取",
    "blind draw": "新抽取",
    "random and rare draw": "随机加少见的类",
    "body alone": "只读正文",
    "written comments": "自拟意见",
    "own": "自拟规划",
    "minhang": "闵行规划",
    "jingan-midterm": "静安中期评估",
    "test": "留出部分",
    "residents": "居民说法",
}
_SET = re.compile(r"^(?:\*\*(?P<bold>[^*]+)\*\*|### (?P<head>[^:]+):?)", re.MULTILINE)
_FIGURE = re.compile(r"(\d\.\d+)(?:\s*\|\s*|\s*\()(\d\.\d+–\d\.\d+)")


@dataclass(frozen=True, slots=True)
class ShippedFigure:
    """One figure with its 95 % interval, and the set it was measured on."""

    what: str
    on: str
    is_named: bool
    value: str
    interval: str


@lru_cache(maxsize=1)
def shipped_figures() -> tuple[ShippedFigure, ...]:
    """Empty where the report was not installed with the program."""
    if not REPORT.exists():
        return ()
    found = []
    for part in REPORT.read_text(encoding="utf-8").split("\n## ")[1:]:
        title = part.split(maxsplit=1)[0]
        if title in _SECTIONS:
            what, reader = _SECTIONS[title]
            found += _figures(part, what, reader)
    return tuple(found)


def _figures(part: str, what: str, reader: str) -> list[ShippedFigure]:
    heads = list(_SET.finditer(part))
    found = []
    for head, after in zip(heads, [*heads[1:], None], strict=True):
        block = part[head.end() : after.start() if after else None]
        row = re.search(rf"^\| {reader} \| (.+)$", block, re.MULTILINE)
        figure = _FIGURE.match(row[1]) if row else None
        # What was used to fit or choose is no measure of how well it reads.
        on = (head["bold"] or head["head"]).strip()
        if figure and "development" not in on:
            name = _name(on)
            found.append(ShippedFigure(what, name or on, bool(name), figure[1], figure[2]))
    return found


def _name(on: str) -> str:
    """`minhang.test` → 闵行规划，留出部分; empty when a word is unknown."""
    words = [_WORDS.get(part) for part in re.split(r", |\.", on)]
    return "，".join(word for word in words if word) if all(words) else ""
