"""How much each word, and each pair of words in one clause, says of a comment.

A comment's matter is carried by few of its words: those that are rare in the collection, repeated
in the comment or stand in its title. Their shares of the comment add up to one, so that a long
letter weighs no more than a short one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from analysis.ragged import Ragged
from analysis.terms import TITLE_CLAUSE, weak_words

WORDS_KEPT = 12
"""The most telling words of one comment; the rest is narrative."""

SHARPNESS = 2.0
"""Power that lets the few most telling words outweigh the many half-telling ones."""

TITLE_WEIGHT = 3.0
WEAK_SHARE = 0.3
SINGLE_SHARE = 0.85
"""A word alone names a matter less than two words of one clause do."""

SINGLE = 0xFFFFFFFF
"""Stands in for the second word of a key that is one word."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Keys:
    """Every (comment, key, value): key is `first word << 32 | second word`, the lower first."""

    rows: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    values: Floats


def word_weights(terms: Ragged, rows: npt.NDArray[np.int64]) -> Floats:
    """How telling each word of the vocabulary is among these comments; 0 for one used once."""
    counts = comment_counts(terms.values, terms.starts, rows, len(terms.vocabulary))
    weak = weak_words()
    prior = np.array([WEAK_SHARE if word in weak else 1.0 for word in terms.vocabulary])
    with np.errstate(divide="ignore"):
        idf = np.log((len(rows) + 1) / counts)
    return np.where(counts > 1, np.maximum(idf, 0.0) * prior, 0.0)


def key_values(terms: Ragged, weights: Floats, rows: npt.NDArray[np.int64]) -> Keys:
    """The keys of the chosen comments with the share of the comment each stands for."""
    found_rows, keys, values = _key_values(terms.values, terms.marks, terms.starts, rows, weights)
    return Keys(found_rows, keys, values)


@njit(cache=True)
def comment_counts(words: Any, starts: Any, rows: Any, size: int) -> Any:
    """How many of the comments use each word."""
    counts = np.zeros(size, dtype=np.int64)
    seen = np.full(size, -1, dtype=np.int64)
    for row in rows:
        for at in range(starts[row], starts[row + 1]):
            if seen[words[at]] != row:
                seen[words[at]] = row
                counts[words[at]] += 1
    return counts


@njit(cache=True)
def _salient(words: Any, clauses: Any, weights: Any) -> Any:
    """The most telling distinct words of one comment and their shares, which add up to one."""
    distinct = np.unique(words)
    scores = np.zeros(len(distinct))
    for at in range(len(words)):
        place = np.searchsorted(distinct, words[at])
        scores[place] += TITLE_WEIGHT if clauses[at] == TITLE_CLAUSE else 1.0
    for place in range(len(distinct)):
        scores[place] = (np.log1p(scores[place]) * weights[distinct[place]]) ** SHARPNESS
    kept = np.argsort(-scores, kind="mergesort")[:WORDS_KEPT]
    total = scores[kept].sum()
    if total <= 0.0:
        return distinct[:0], scores[:0]
    return distinct[kept], scores[kept] / total


@njit(cache=True)
def _key_values(words: Any, clauses: Any, starts: Any, rows: Any, weights: Any) -> Any:
    out_rows = [np.int64(0) for _ in range(0)]
    out_keys = [np.uint64(0) for _ in range(0)]
    out_values = [0.0 for _ in range(0)]
    for row in rows:
        begin, end = starts[row], starts[row + 1]
        salient, shares = _salient(words[begin:end], clauses[begin:end], weights)
        for i in range(len(salient)):
            if shares[i] <= 0.0:
                continue
            out_rows.append(row)
            out_keys.append(np.uint64(salient[i]) << np.uint64(32) | np.uint64(SINGLE))
            out_values.append(shares[i] * SINGLE_SHARE)
        done = {np.uint64(0)}
        for at in range(begin, end):
            i = _place(salient, words[at])
            if i < 0:
                continue
            for other in range(at + 1, end):
                if clauses[other] != clauses[at]:
                    break
                j = _place(salient, words[other])
                if j < 0 or i == j:
                    continue
                low, high = min(words[at], words[other]), max(words[at], words[other])
                key = np.uint64(low) << np.uint64(32) | np.uint64(high)
                if key not in done:
                    done.add(key)
                    out_rows.append(row)
                    out_keys.append(key)
                    out_values.append(shares[i] + shares[j])
    return np.array(out_rows), np.array(out_keys), np.array(out_values)


@njit(cache=True)
def _place(salient: Any, word: int) -> int:
    for k in range(len(salient)):
        if salient[k] == word:
            return k
    return -1


@njit(cache=True)
def row_marks(words: Any, starts: Any, rows: Any) -> Any:
    """A number per comment that depends only on which words it uses."""
    marks = np.empty(len(rows), dtype=np.uint64)
    for k in range(len(rows)):
        mark = np.uint64(14695981039346656037)
        for at in range(starts[rows[k]], starts[rows[k] + 1]):
            mark = (mark ^ np.uint64(words[at])) * np.uint64(1099511628211)
        marks[k] = mark ^ (mark >> np.uint64(29))
    return marks
