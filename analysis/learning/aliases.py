"""Other names for things in a plan, found in comments that only an official could link.

A phrase is proposed for an item when several differently worded comments that an official linked to
it, and the machine had not, hold the phrase, and hardly any comment about something else does.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import rjieba

from analysis.learning.grams import fold
from analysis.terms import meaning_of

FEWEST_COMMENTS = 3
PRECISION = 0.8
LONGEST = 8
MOST = 50


@dataclass(frozen=True, slots=True)
class AliasExample:
    """A decided comment: the items an official chose and those the machine had found."""

    id: str
    text: str
    chosen: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True, slots=True)
class ProposedAlias:
    """A phrase that may stand for an item, the comments it was seen in, how surely it means it."""

    alias: str
    item: str
    precision: float
    comment_ids: tuple[str, ...]


def find_aliases(
    examples: Sequence[AliasExample], titles: dict[str, str]
) -> tuple[ProposedAlias, ...]:
    """Proposals, the best supported first. `titles` names the items; their own words are none."""
    holders: dict[str, set[int]] = defaultdict(set)
    own = _without_copies(examples)
    for place, example in enumerate(own):
        for phrase in _phrases(example.text):
            holders[phrase].add(place)
    found = []
    for phrase, places in holders.items():
        if len(places) < FEWEST_COMMENTS:
            continue
        for item in sorted({key for place in places for key in own[place].chosen}):
            about = [place for place in places if item in own[place].chosen]
            missed = [place for place in about if item not in own[place].found]
            precision = len(about) / len(places)
            if (
                len(missed) >= FEWEST_COMMENTS
                and precision >= PRECISION
                and phrase not in titles.get(item, "")
            ):
                ids = tuple(own[place].id for place in sorted(missed))
                found.append(ProposedAlias(phrase, item, round(precision, 4), ids))
    return tuple(
        _longest(sorted(found, key=lambda p: (-len(p.comment_ids), -len(p.alias), p.alias)))
    )[:MOST]


def _without_copies(examples: Iterable[AliasExample]) -> list[AliasExample]:
    """A form letter is one voice for its words."""
    first: dict[str, AliasExample] = {}
    for example in examples:
        first.setdefault(fold(example.text), example)
    return list(first.values())


def _phrases(text: str) -> set[str]:
    """Words of matter, and pairs of neighbours of which both are."""
    words = rjieba.cut(text)
    matters = [len(word) > 1 and meaning_of(word) is not None for word in words]
    single = {word for word, counts in zip(words, matters, strict=True) if counts}
    double = {
        words[at] + words[at + 1] for at in range(len(words) - 1) if matters[at] and matters[at + 1]
    }
    return {phrase for phrase in single | double if len(phrase) <= LONGEST}


def _longest(proposals: Sequence[ProposedAlias]) -> list[ProposedAlias]:
    """A phrase inside a longer one of the same comments says nothing new."""
    return [
        one
        for one in proposals
        if not any(
            one.alias != other.alias
            and one.alias in other.alias
            and one.item == other.item
            and set(one.comment_ids) <= set(other.comment_ids)
            for other in proposals
        )
    ]
