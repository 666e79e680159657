"""Choosing the keys that become topics.

A topic is a key: one telling word, or two words residents use in one clause. Keys are chosen one
after another, each time the one that explains most of what is not yet explained (greedy facility
location, Nemhauser, Wolsey and Fisher 1978), so a broad word comes first and a narrower pair is
split off only where it says more. Nothing is drawn at random and a key is its own name: one more
per cent of comments moves a few counts, not the topics.
"""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.ragged import Ragged
from analysis.terms import weak_words
from analysis.topics import salience

MOST_TOPICS = 100
_TOPICS_PER_ROOT = 2.2
"""Topics grow with the root of the comments: 38 for 300, the most for 2,000 and beyond."""

FEWEST_COMMENTS = 3
SMALLEST_SHARE = 0.0012
"""A topic holds at least this share of the different comments (and at least three of them)."""

LEAST_VALUE = 0.05
"""Share of a comment its topic has to stand for; below, the comment has no topic."""

SPLIT_SHARE = 0.12
"""A pair leaves its broader topic when it takes along at least this share of it."""

_MOST_READ = 60_000
"""Different comments read to choose topics; beyond that a fixed sample speaks for all."""

_ASSIGNED_AT_ONCE = 50_000

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Discovered:
    """The chosen keys, largest first, and for each comment row the place of its key, or -1."""

    words: tuple[tuple[str, ...], ...]
    topic_of: Numbers
    value: Floats


@dataclass(frozen=True, slots=True)
class _Postings:
    """Where a key occurs and how much it explains there."""

    rows: Rows
    values: npt.NDArray[np.float64]


def discover(terms: Ragged, wording: Rows) -> Discovered:
    """Topics over the different wordings among the rows.

    `wording[row]` is the first row with the same wording (near-copies), -1 for a row without
    meaning. Copies follow their wording into its topic.
    """
    originals = np.flatnonzero(wording == np.arange(len(wording)))
    sample = _sample(terms, originals)
    weights = salience.word_weights(terms, sample)
    fewest = max(FEWEST_COMMENTS, int(np.ceil(SMALLEST_SHARE * len(sample))))
    postings = _postings(terms, salience.key_values(terms, weights, sample), fewest)
    most = int(np.clip(_TOPICS_PER_ROOT * np.sqrt(len(sample)), 8, MOST_TOPICS))
    chosen = _choose(postings, len(terms), fewest, 2 * most)
    chosen = _keep_large(chosen, postings, len(terms), fewest, most)
    return _assign(terms, chosen, weights, originals, wording)


def _sample(terms: Ragged, rows: Rows) -> Rows:
    """A choice of comments that depends on what each says, not on where it stands."""
    if len(rows) <= _MOST_READ:
        return rows
    marks = salience.row_marks(terms.values, terms.starts, rows)
    return np.sort(rows[np.argsort(marks, kind="stable")[:_MOST_READ]])


def _postings(terms: Ragged, found: salience.Keys, fewest: int) -> dict[int, _Postings]:
    """The keys that could be topics, with their comments."""
    order = np.argsort(found.keys, kind="stable")
    keys, starts, counts = np.unique(found.keys[order], return_index=True, return_counts=True)
    weak = weak_words()
    postings = {}
    for key, start, count in zip(keys, starts, counts, strict=True):
        if count < fewest or all(word in weak for word in words_of(terms, int(key))):
            continue
        places = order[start : start + count]
        postings[int(key)] = _Postings(found.rows[places], found.values[places])
    return postings


def words_of(terms: Ragged, key: int) -> tuple[str, ...]:
    """The word or the two words of a key."""
    first, second = key >> 32, key & salience.SINGLE
    if second == salience.SINGLE:
        return (terms.vocabulary[first],)
    return terms.vocabulary[first], terms.vocabulary[second]


def _choose(postings: Mapping[int, _Postings], rows: int, fewest: int, most: int) -> list[int]:
    """Greedy choice, lazily re-evaluated: a key's gain can only fall as others are chosen."""
    explained = np.zeros(rows)
    heap = [(-float(found.values.sum()), key) for key, found in postings.items()]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < most:
        _, key = heapq.heappop(heap)
        found = postings[key]
        more = found.values - explained[found.rows]
        gain = float(more[more > 0].sum())
        if heap and gain < -heap[0][0] - 1e-12:
            heapq.heappush(heap, (-gain, key))
            continue
        if int((more > 0).sum()) < fewest:
            continue
        explained[found.rows] = np.maximum(explained[found.rows], found.values)
        chosen.append(key)
    return chosen


def _keep_large(
    chosen: list[int], postings: Mapping[int, _Postings], rows: int, fewest: int, most: int
) -> list[int]:
    """Drop, smallest first, the keys that in the end hold too few comments of their own."""
    singles = {key >> 32: key for key in chosen if key & salience.SINGLE == salience.SINGLE}
    while chosen:
        counts = np.bincount(_best(chosen, postings, rows) + 1, minlength=len(chosen) + 1)[1:]
        wanted = [_wanted(key, counts, chosen, singles, fewest) for key in chosen]
        spare = [k for k in range(len(chosen)) if counts[k] < wanted[k]]
        if not spare and len(chosen) <= most:
            return [chosen[k] for k in np.argsort(-counts, kind="stable")]
        spare = spare or list(range(len(chosen)))
        smallest = min(spare, key=lambda k: (counts[k] / wanted[k], -k))
        chosen = [key for k, key in enumerate(chosen) if k != smallest]
    return chosen


def _wanted(
    key: int, counts: npt.NDArray[np.int64], chosen: list[int], singles: dict[int, int], fewest: int
) -> float:
    """How many comments a key must hold: a pair also a fair part of the topic it narrows."""
    broader = [singles.get(key >> 32), singles.get(key & salience.SINGLE)]
    held = [counts[chosen.index(k)] for k in broader if k is not None and k != key and k in chosen]
    return max(float(fewest), SPLIT_SHARE * float(max(held, default=0)))


def _best(chosen: list[int], postings: Mapping[int, _Postings], rows: int) -> Numbers:
    """For each row the place of the chosen key that explains most of it, or -1."""
    best = np.full(rows, -1, dtype=np.int32)
    value = np.full(rows, LEAST_VALUE)
    for place, key in enumerate(chosen):
        found = postings[key]
        better = found.values > value[found.rows]
        best[found.rows[better]] = place
        value[found.rows[better]] = found.values[better]
    return best


def _assign(
    terms: Ragged, chosen: list[int], weights: Floats, originals: Rows, wording: Rows
) -> Discovered:
    """Give every comment its topic, by its own words or by those it copies."""
    topic_of = np.full(len(wording), -1, dtype=np.int32)
    value = np.full(len(wording), LEAST_VALUE)
    wanted = np.array(sorted(chosen), dtype=np.uint64)
    place_of = np.array([chosen.index(int(key)) for key in wanted], dtype=np.int32)
    for begin in range(0, len(originals), _ASSIGNED_AT_ONCE):
        every = salience.key_values(terms, weights, originals[begin : begin + _ASSIGNED_AT_ONCE])
        kept = np.flatnonzero(np.isin(every.keys, wanted) & (every.values > LEAST_VALUE))
        places = place_of[np.searchsorted(wanted, every.keys[kept])]
        # Last written wins, so write the weakest first; among equals the earlier topic last.
        order = np.lexsort((-places, every.values[kept].round(9)))
        rows = every.rows[kept][order]
        topic_of[rows] = places[order]
        value[rows] = every.values[kept][order]
    copies = wording >= 0
    topic_of[copies] = topic_of[wording[copies]]
    value[copies] = value[wording[copies]]
    return Discovered(tuple(words_of(terms, key) for key in chosen), topic_of, value)
