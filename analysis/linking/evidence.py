"""What one comment says, as weighted hits: which phrases, where, how prominently.

The title names the matter; the first lines explain it; further down people tell their story. So a
hit counts by its field and position, repeats count less and less, and greetings, thanks and
signatures (boilerplate clauses) do not count at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.contracts import CommentText, Span
from analysis.linking.index import ItemIndex, pair_codes
from analysis.segment import Normalised, clauses, normalise

TITLE_WEIGHT = 3.0
# Without a title the opening words take its place.
OPENING = 1.6
# The weight of a body hit falls from LEAD at the start toward LATE far down the text.
LEAD, LATE, FADE = 1.0, 0.15, 160.0
# Beyond this many characters a message repeats itself.
LONG = 4000
# 体育路 and 公园大道 are places.
STREET = re.compile(r"路(?!线|面|段|口|边|上|况|网|灯|牌|过|由|程|人|桩)|大道|巷")


@dataclass(frozen=True, slots=True)
class FoundPhrase:
    """One hit: the phrase's number among aliases or words, and its place in the raw field."""

    is_alias: bool
    number: int
    field: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """All hits of one comment: weight per alias, per plan word and per character pair."""

    aliases: dict[int, float]
    words: dict[int, float]
    pairs: dict[int, float]
    found: tuple[FoundPhrase, ...]
    fields: dict[str, Normalised]
    length: int

    def span(self, phrase: FoundPhrase) -> Span:
        """Where the phrase stands in the raw field."""
        start, end = self.fields[phrase.field].span(phrase.start, phrase.end)
        return Span(phrase.field, start, end)

    def surface(self, phrase: FoundPhrase) -> str:
        """The normalised words of the hit, for a reason an official reads."""
        return self.fields[phrase.field].text[phrase.start : phrase.end]


def gather(comment: CommentText, index: ItemIndex) -> Evidence:
    """Read the title and text of `comment` once and collect everything the index knows."""
    fields = {
        name: normalise(text)
        for name, text in (("title", comment.title or ""), ("text", comment.text))
        if text.strip()
    }
    aliases: dict[int, float] = {}
    words: dict[int, float] = {}
    found: list[FoundPhrase] = []
    kept: list[tuple[str, float]] = []
    lead = LEAD if "title" in fields else OPENING
    for field, start, end in _stretches(fields):
        text = fields[field].text
        kept.append((text[start:end], _weight(field, start, lead)))
        for is_alias, hits in (
            (True, index.lexicon.find(text, start, end)),
            (False, index.scanner.scan(text, start, end)),
        ):
            totals = aliases if is_alias else words
            for at, stop, number in hits:
                if is_alias and STREET.match(text, stop):
                    continue
                totals[number] = totals.get(number, 0.0) + _weight(field, at, lead)
                found.append(FoundPhrase(is_alias, number, field, at, stop))
    return Evidence(
        {k: _saturate(v) * float(index.alias_weights[k]) for k, v in aliases.items()},
        {k: _saturate(v) * float(index.word_weights[k]) for k, v in words.items()},
        _pairs(kept, index.pairs),
        tuple(found),
        fields,
        sum(len(text) for text, _ in kept),
    )


def _stretches(fields: dict[str, Normalised]) -> Iterator[tuple[str, int, int]]:
    for name, field in fields.items():
        spans = clauses(field)
        useful = [c for c in spans if not c.boilerplate and c.start < LONG]
        # A comment of nothing but courtesies is still read: 谢谢 may be all there is.
        for clause in useful or spans:
            yield name, clause.start, clause.end


def _weight(field: str, at: int, lead: float) -> float:
    if field == "title":
        return TITLE_WEIGHT
    return LATE + (lead - LATE) / (1 + at / FADE)


def _saturate(total: float) -> float:
    return total / (total + 1.0) * 2


def _pairs(kept: list[tuple[str, float]], known: NDArray[np.int64]) -> dict[int, float]:
    if not kept or not len(known):
        return {}
    codes = np.concatenate([pair_codes(text) for text, _ in kept])
    weights = np.concatenate([np.full(max(len(t) - 1, 0), w, np.float32) for t, w in kept])
    place = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    hit = known[place] == codes
    totals = np.bincount(place[hit], weights[hit], minlength=0)
    numbers = np.flatnonzero(totals)
    return dict(zip(numbers.tolist(), np.log1p(totals[numbers]).tolist(), strict=True))
