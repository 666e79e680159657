"""Cue words: where the entries of a lexicon stand in a text.

A cue belongs to a group (accuse, ask, praise …); readers weigh groups, not words, so that a word
added by an editor works at once. At each place the longest cue wins and the next search begins
behind it: in 不满意 nobody reads 满意. A cue before which the clause holds an odd number of
negations is reported as negated.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import add

from analysis import data

_NEGATION = re.compile(
    r"谁说|难道.{0,3}会|怎么会|怎会|哪会|岂会|何曾|并非|并不|从不|从未|绝不|毫不|不是|不能|不会|没有|不太|不怎么|不够|未能|无法|毫无|[不没未无非别]"
)
# 不仅支持, 不得不, 无论: these hold a negating character and negate nothing.
_NO_NEGATION = re.compile(
    r"不仅|不但|不只|不光|不得不|无论|不管|非常|没想到|不断|不少|不论|无不|别人|特别|不好意思|未来|不过|要不|除非|无非|不由"
)
_MAY_NEGATE = re.compile("[不没未无非别谁难怎哪岂何毫绝]")
_CLAUSE_END = re.compile(r"[,。!?;:\n]")
_SCOPE = 7


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue found, as offsets into the text searched."""

    start: int
    end: int
    group: str
    negated: bool


@cache
def _index(lexicon: str) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Cues and groups by their first two characters, longest first."""
    by_start: dict[str, list[tuple[str, str]]] = {}
    for cue, group in data.rows(lexicon, 2):
        by_start.setdefault(cue[:2], []).append((cue, group))
    return {
        start: tuple(sorted(cues, key=lambda c: (-len(c[0]), c[0])))
        for start, cues in by_start.items()
    }


def find(text: str, lexicon: str) -> list[Cue]:
    """Every cue of the lexicon in reading order; linear in the length of the text."""
    index = _index(lexicon)
    places = [at for at, pair in enumerate(map(add, text, text[1:])) if pair in index]
    found: list[Cue] = []
    done = 0
    for at in places:
        if at < done:
            continue
        for cue, group in index[text[at : at + 2]]:
            if text.startswith(cue, at):
                done = at + len(cue)
                found.append(Cue(at, done, group, is_negated(text, at)))
                break
    return found


def is_negated(text: str, at: int) -> bool:
    """Whether an odd number of negations stands close before, in the same clause."""
    near = text[max(0, at - _SCOPE) : at]
    if not _MAY_NEGATE.search(near):
        return False
    before = _CLAUSE_END.split(near)[-1]
    return len(_NEGATION.findall(_NO_NEGATION.sub("", before))) % 2 == 1
