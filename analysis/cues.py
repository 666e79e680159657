"""Cue words: where the entries of a lexicon stand in a text.

A cue belongs to a group (accuse, ask, praise …); readers weigh groups, not words, so that a word
added by an editor works at once. At each place the longest cue wins and the next search begins
behind it: in 不满意 nobody reads 满意. A cue before which the clause holds an odd number of
negations is reported as negated.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis import data
from analysis.polarity.kernel import compiled
from analysis.scan import Hits, Letters, PhraseScanner, letters_of

_NEGATION = re.compile(
    r"谁说|难道.{0,3}会|怎么会|怎会|哪会|岂会|何曾|并非|并不|从不|从未|绝不|毫不|不是|不能|不会|没有|不太|不怎么|不够|未能|无法|毫无|[不没未无非别]"
)
# 不仅支持, 不得不, 无论: these hold a negating character and negate nothing.
_NO_NEGATION = re.compile(
    r"不仅|不但|不只|不光|不得不|无论|不管|非常|没想到|不断|不少|不论|无不|别人|特别|不好意思|未来|不过|要不|除非|无非|不由"
)
# Every negation holds one of these.
_CHARACTERS_OF_NEGATION = letters_of("不没未无非别谁难怎哪岂何毫绝")
_CLAUSE_END = re.compile(r"[,。!?;:\n]")
_CLAUSE_ENDS = letters_of(",。!?;:\n")
_SCOPE = 7


class Cue(NamedTuple):
    """One cue found, as offsets into the text searched."""

    start: int
    end: int
    group: str
    negated: bool


@cache
def _scanner(lexicon: str) -> tuple[PhraseScanner, tuple[str, ...]]:
    """The cues of a lexicon and the group of each; the first line wins where two are alike."""
    groups = dict(reversed([(cue, group) for cue, group in data.rows(lexicon, 2)]))
    return PhraseScanner(tuple(groups)), tuple(groups.values())


def find(text: str, lexicon: str) -> tuple[Cue, ...]:
    """Every cue of the lexicon in reading order; linear in the length of the text."""
    return find_many([text], lexicon)[0]


def find_many(texts: Sequence[str], lexicon: str) -> list[tuple[Cue, ...]]:
    """The same for many texts, laid end to end with a line break between them."""
    joined = "\n".join(texts)
    letters = letters_of(joined)
    scanner, groups = _scanner(lexicon)
    hits = scanner.scan_apart(letters)
    starts = np.cumsum([0, *(len(text) + 1 for text in texts)], dtype=np.int64)
    bounds = np.searchsorted(hits[:, 0], starts).tolist()
    own = np.repeat(starts[:-1], np.diff(bounds))
    doubtful = may_be_negated(letters, hits)
    negated = doubtful.tolist()
    for hit in np.flatnonzero(doubtful).tolist():
        negated[hit] = is_negated(joined, int(hits[hit, 0]))
    names = map(groups.__getitem__, hits[:, 2].tolist())
    begin, end = (hits[:, 0] - own).tolist(), (hits[:, 1] - own).tolist()
    found = tuple(map(Cue._make, zip(begin, end, names, negated, strict=True)))
    return [found[first:last] for first, last in pairwise(bounds)]


def is_negated(text: str, at: int) -> bool:
    """Whether an odd number of negations stands close before, in the same clause."""
    before = _CLAUSE_END.split(text[max(0, at - _SCOPE) : at])[-1]
    return len(_NEGATION.findall(_NO_NEGATION.sub("", before))) % 2 == 1


def may_be_negated(letters: Letters, hits: Hits) -> NDArray[np.bool_]:
    """Which hits have a character of negation close before, in the same clause."""
    doubtful = np.zeros(len(hits), np.bool_)
    _look_before(letters, hits, _CHARACTERS_OF_NEGATION, _CLAUSE_ENDS, doubtful)
    return doubtful


@compiled
def _look_before(letters: Any, hits: Any, negating: Any, ending: Any, doubtful: Any) -> None:
    for hit in range(len(hits)):
        at = hits[hit, 0] - 1
        first = max(0, hits[hit, 0] - _SCOPE)
        while at >= first:
            letter = letters[at]
            for one in ending:
                if one == letter:
                    first = at  # the clause begins here: nothing before it counts
            for one in negating:
                if one == letter:
                    doubtful[hit] = True
            at -= 1
