"""What a block of comments says, as weighted hits: which phrases, where, how prominently.

The title names the matter; the first lines explain it; further down people tell their story. So a
hit counts by its field and position, repeats count less and less, and greetings, thanks and
signatures (boilerplate clauses) do not count at all. A block of comments is laid end to end and
scanned at once, so that the work per character is numpy's.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from analysis.contracts import CommentText, Span
from analysis.linking.index import ItemIndex
from analysis.scan import Hit, letters_of
from analysis.segment import Clause, Normalised, clauses, normalise

TITLE_WEIGHT = 3.0
# Without a title the opening words take its place.
OPENING = 1.6
# The weight of a body hit falls from LEAD at the start toward LATE far down the text.
LEAD, LATE, FADE = 1.0, 0.15, 160.0
# Beyond this many characters a message repeats itself.
LONG = 2000
# 体育路 and 公园大道 are places.
STREET = re.compile(r"路(?!线|面|段|口|边|上|况|网|灯|牌|过|由|程|人|桩)|大道|巷")
STREET_STARTS = frozenset("路大巷")

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReadField:
    """One field of a comment, normalised and cut into clauses."""

    name: str
    normalised: Normalised
    clauses: tuple[Clause, ...]

    def useful(self) -> tuple[Clause, ...]:
        """The clauses to read; all of them when there is nothing but courtesies."""
        return tuple(c for c in self.clauses if not c.boilerplate) or self.clauses


def read_fields(comment: CommentText) -> tuple[ReadField, ...]:
    """Normalise and cut the title (when there is one) and the text."""
    fields = []
    for name, raw in (("title", comment.title or ""), ("text", comment.text)):
        if raw.strip():
            normalised = normalise(raw)
            fields.append(ReadField(name, normalised, clauses(normalised)))
    return tuple(fields)


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits of one kind of phrase, ordered by comment: parallel arrays, offsets in the block."""

    bounds: list[int]
    """Where the hits of each comment begin, and the end of the last."""
    number: Ints
    start: Ints
    end: Ints
    power: Floats
    """How much the phrase counts in its comment, all its mentions together."""

    def of(self, row: int) -> slice:
        """The hits of one comment."""
        return slice(self.bounds[row], self.bounds[row + 1])


class Evidence:
    """All hits of a block of comments, and one sparse row of weights per comment and kind."""

    def __init__(self, comments: Sequence[Sequence[ReadField]], index: ItemIndex) -> None:
        self._layout = layout = _Layout(comments)
        letters = letters_of(layout.text)
        rows = len(comments)
        aliases = list(_street_names_dropped(layout.text, index.lexicon.find(layout.text, letters)))
        words = index.scanner.scan(letters)
        self.alias_hits, self.aliases = layout.weigh(aliases, rows, index.alias_weights)
        self.word_hits, self.words = layout.weigh(words, rows, index.word_weights)
        places, which = index.pairs.find(letters)
        self.pairs = layout.weigh_pairs(places, which, rows, len(index.pairs.codes))
        self.lengths: Ints = layout.lengths(rows)

    def names_subject(self, row: int) -> bool:
        """Whether a comment holds any everyday expression the lexicon knows."""
        return bool(self.aliases.indptr[row] < self.aliases.indptr[row + 1])

    def surface(self, start: int, end: int) -> str:
        """The normalised words of a hit, for a reason an official reads."""
        return self._layout.text[start:end]

    def span(self, start: int, end: int) -> Span:
        """Where a hit stands in the raw field."""
        field, offset = self._layout.field_at(start)
        raw = field.normalised.span(start - offset, end - offset)
        return Span(field.name, *raw)


class _Layout:
    """The useful clauses of many comments in one text, with what each position belongs to."""

    def __init__(self, comments: Sequence[Sequence[ReadField]]) -> None:
        pieces: list[str] = []
        self._fields: list[tuple[ReadField, int]] = []
        clause_starts: list[int] = []
        clause_ends: list[int] = []
        rows: list[int] = []
        fields: list[int] = []
        leads: list[float] = []
        at = 0
        for row, read in enumerate(comments):
            lead = LEAD if len(read) > 1 else OPENING
            for field in read:
                text = field.normalised.text[:LONG]
                for clause in field.useful():
                    if clause.start < LONG:
                        clause_starts.append(at + clause.start)
                        clause_ends.append(at + min(clause.end, LONG))
                        rows.append(row)
                        fields.append(at)
                        leads.append(0.0 if field.name == "title" else lead)
                self._fields.append((field, at))
                pieces.append(text)
                at += len(text) + 1
        self.text = "\n".join(pieces)
        self._starts = np.asarray(clause_starts, np.intp)
        self._ends = np.asarray(clause_ends, np.intp)
        self._rows = np.asarray(rows, np.intp)
        self._field_starts = np.asarray(fields, np.intp)
        self._leads = np.asarray(leads, np.float64)
        self._offsets = [offset for _, offset in self._fields]

    def field_at(self, at: int) -> tuple[ReadField, int]:
        """The field that position `at` belongs to, and where it begins in the block."""
        return self._fields[bisect_right(self._offsets, at) - 1]

    def lengths(self, rows: int) -> Ints:
        """How many characters of each comment are read."""
        return np.bincount(self._rows, self._ends - self._starts, rows).astype(np.intp)

    def weigh(
        self, hits: Sequence[Hit] | NDArray[np.int64], rows: int, weights: Floats
    ) -> tuple[Hits, sp.csr_matrix]:
        """Weigh hits by place; a sparse row of saturated totals for each comment."""
        table = np.asarray(hits, np.intp).reshape(-1, 3)
        table = table[np.lexsort((table[:, 2], table[:, 0]))]
        clause, inside = self._clauses_of(table[:, 0], table[:, 1])
        table, clause = table[inside], clause[inside]
        row, number = self._rows[clause], table[:, 2]
        totals = _sums(row, number, self._place_weights(table[:, 0], clause), rows, len(weights))
        totals.data = 2 * totals.data / (totals.data + 1) * weights[totals.indices]
        power = np.asarray(totals[row, number]).ravel() if len(row) else np.empty(0)
        bounds = np.searchsorted(row, np.arange(rows + 1)).tolist()
        return Hits(bounds, number, table[:, 0], table[:, 1], power), totals

    def weigh_pairs(self, places: Ints, which: Ints, rows: int, width: int) -> sp.csr_matrix:
        """The same for character pairs, damped by logarithm as TF-IDF has it."""
        clause, inside = self._clauses_of(places, places + 2)
        places, which, clause = places[inside], which[inside], clause[inside]
        weights = self._place_weights(places, clause)
        totals = _sums(self._rows[clause], which, weights, rows, width)
        totals.data = np.log1p(totals.data)
        return totals

    def _clauses_of(self, starts: Ints, ends: Ints) -> tuple[Ints, NDArray[np.bool_]]:
        """The clause each hit begins in, and whether it ends there too."""
        if not len(self._starts):
            return np.zeros(len(starts), np.intp), np.zeros(len(starts), np.bool_)
        clause = np.maximum(np.searchsorted(self._starts, starts, side="right") - 1, 0)
        return clause, (starts >= self._starts[clause]) & (ends <= self._ends[clause])

    def _place_weights(self, starts: Ints, clause: Ints) -> Floats:
        lead = self._leads[clause]
        faded = LATE + (lead - LATE) / (1 + (starts - self._field_starts[clause]) / FADE)
        return np.asarray(np.where(lead == 0, TITLE_WEIGHT, faded), np.float64)


def _sums(row: Ints, column: Ints, weights: Floats, rows: int, width: int) -> sp.csr_matrix:
    # Building from coordinates adds up what falls on the same place.
    return sp.csr_matrix((weights, (row, column)), shape=(rows, width), dtype=np.float64)


def _street_names_dropped(text: str, hits: Sequence[Hit]) -> Iterator[Hit]:
    for hit in hits:
        end = hit[1]
        if text[end : end + 1] in STREET_STARTS and STREET.match(text, end):
            continue
        yield hit
