"""The compiled loops of issue finding: candidates by rare phrases, likeness by weighted grams."""

from typing import Any

import numpy as np
from numba import njit

from analysis.terms import TITLE_CLAUSE

RARE_GRAM = 3
RARE_WINDOW = 72
"""Folded characters of a core in which a rare phrase makes two comments candidates."""

MOST_WITH_GRAM = 16
FEWEST_SHARED = 2
MOST_CANDIDATES = 16

GRAM_BITS = 22


@njit(cache=True, inline="always")
def _mixed(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def _gram(codes: Any, at: int, size: int, bits: int) -> int:
    value = np.uint64(size)
    for k in range(size):
        value = (value << np.uint64(16)) ^ np.uint64(codes[at + k]) ^ (value >> np.uint64(48))
    return int(_mixed(value) >> np.uint64(64 - bits))


@njit(cache=True)
def candidates(codes: Any, starts: Any, rows: Any, bits: int) -> Any:
    """Pairs (a < b, places in `rows`) whose cores begin with several rare phrases in common."""
    counts = np.zeros((1 << bits) + 1, dtype=np.int64)
    for row in rows:
        end = min(starts[row + 1], starts[row] + RARE_WINDOW)
        for at in range(starts[row], end - RARE_GRAM + 1):
            counts[_gram(codes, at, RARE_GRAM, bits)] += 1
    total = 0
    for gram in range(len(counts)):
        kept = counts[gram] if 2 <= counts[gram] <= MOST_WITH_GRAM else 0
        counts[gram] = total
        total += kept
    ends = counts[:-1].copy()
    places = np.empty(total, dtype=np.int32)
    shared = np.zeros(len(rows), dtype=np.int32)
    found_a = [np.int64(0) for _ in range(0)]
    found_b = [np.int64(0) for _ in range(0)]
    touched = np.empty(RARE_WINDOW * MOST_WITH_GRAM, dtype=np.int64)
    for place in range(len(rows)):
        row = rows[place]
        end = min(starts[row + 1], starts[row] + RARE_WINDOW)
        seen = 0
        for at in range(starts[row], end - RARE_GRAM + 1):
            gram = _gram(codes, at, RARE_GRAM, bits)
            if counts[gram + 1] == counts[gram]:
                continue
            for k in range(counts[gram], ends[gram]):
                other = places[k]
                if other == place:
                    continue
                if shared[other] == 0:
                    touched[seen] = other
                    seen += 1
                shared[other] += 1
            if ends[gram] == counts[gram] or places[ends[gram] - 1] != place:
                places[ends[gram]] = place
                ends[gram] += 1
        _keep_most(touched[:seen], shared, place, found_a, found_b)
        for k in range(seen):
            shared[touched[k]] = 0
    return np.array(found_a), np.array(found_b)


@njit(cache=True)
def _keep_most(touched: Any, shared: Any, place: int, found_a: Any, found_b: Any) -> None:
    """Keep the earlier comments with most rare phrases in common, a bounded number of them."""
    least = FEWEST_SHARED
    if len(touched) > MOST_CANDIDATES:
        counts = np.array([shared[other] for other in touched])
        counts.sort()
        least = max(least, counts[len(counts) - MOST_CANDIDATES])
    kept = 0
    for other in touched:
        if shared[other] >= least and kept < MOST_CANDIDATES:
            found_a.append(other)
            found_b.append(place)
            kept += 1


@njit(cache=True)
def gram_counts(codes: Any, starts: Any, rows: Any) -> Any:
    """In how many cores each 2- and 3-gram stands (by hash)."""
    counts = np.zeros(1 << GRAM_BITS, dtype=np.int32)
    seen = np.full(1 << GRAM_BITS, -1, dtype=np.int32)
    for place in range(len(rows)):
        row = rows[place]
        for size in (2, 3):
            for at in range(starts[row], starts[row + 1] - size + 1):
                gram = _gram(codes, at, size, GRAM_BITS)
                if seen[gram] != place:
                    seen[gram] = place
                    counts[gram] += 1
    return counts


@njit(cache=True)
def norms(codes: Any, starts: Any, lengths: Any, idf: Any) -> Any:
    """The length of each row's vector of distinct grams; only its first characters count."""
    found = np.zeros(len(lengths))
    seen = np.full(1 << GRAM_BITS, -1, dtype=np.int32)
    for row in range(len(lengths)):
        total = 0.0
        for size in (2, 3):
            for at in range(starts[row], starts[row] + lengths[row] - size + 1):
                gram = _gram(codes, at, size, GRAM_BITS)
                if seen[gram] != row:
                    seen[gram] = row
                    total += idf[gram] * idf[gram]
        found[row] = np.sqrt(total)
    return found


@njit(cache=True)
def gram_cosines(
    first: Any, second: Any, codes: Any, starts: Any, lengths: Any, idf: Any, norm: Any
) -> Any:
    """How alike the grams of each pair of rows are; pairs with one second row stand together."""
    found = np.zeros(len(first))
    weight = np.zeros(1 << GRAM_BITS, dtype=np.float32)
    counted = np.full(1 << GRAM_BITS, -1, dtype=np.int32)
    last = -1
    for k in range(len(first)):
        if second[k] != last:
            for size in (2, 3):
                if last >= 0:
                    for at in range(starts[last], starts[last] + lengths[last] - size + 1):
                        weight[_gram(codes, at, size, GRAM_BITS)] = 0.0
                row = second[k]
                for at in range(starts[row], starts[row] + lengths[row] - size + 1):
                    gram = _gram(codes, at, size, GRAM_BITS)
                    weight[gram] = idf[gram] * idf[gram]
            last = second[k]
        row = first[k]
        if norm[row] == 0.0 or norm[last] == 0.0:
            continue
        total = 0.0
        for size in (2, 3):
            for at in range(starts[row], starts[row] + lengths[row] - size + 1):
                gram = _gram(codes, at, size, GRAM_BITS)
                if weight[gram] > 0.0 and counted[gram] != k:
                    counted[gram] = k
                    total += weight[gram]
        found[k] = total / (norm[row] * norm[last])
    return found


@njit(cache=True)
def _word_values(words: Any, marks: Any, begin: int, end: int, weights: Any, values: Any) -> float:
    """Add up the values of a row's words in `values`; returns the length of its vector."""
    for at in range(begin, end):
        values[words[at]] += 3.0 if marks[at] == TITLE_CLAUSE else 1.0
    total = 0.0
    for at in range(begin, end):
        value = values[words[at]]
        if value > 0.0:
            values[words[at]] = -np.log1p(value) * weights[words[at]]
            total += values[words[at]] * values[words[at]]
    for at in range(begin, end):
        values[words[at]] = abs(values[words[at]])
    return float(np.sqrt(total))


@njit(cache=True)
def word_cosines(first: Any, second: Any, words: Any, marks: Any, starts: Any, weights: Any) -> Any:
    """How alike the telling words of each pair of rows are."""
    found = np.zeros(len(first))
    ours, theirs = np.zeros(len(weights)), np.zeros(len(weights))
    last, norm = -1, 0.0
    for k in range(len(first)):
        if second[k] != last:
            if last >= 0:
                for at in range(starts[last], starts[last + 1]):
                    ours[words[at]] = 0.0
            last = second[k]
            norm = _word_values(words, marks, starts[last], starts[last + 1], weights, ours)
        begin, end = starts[first[k]], starts[first[k] + 1]
        other = _word_values(words, marks, begin, end, weights, theirs)
        total = 0.0
        for at in range(begin, end):
            total += ours[words[at]] * theirs[words[at]]
            theirs[words[at]] = 0.0
        if norm > 0.0 and other > 0.0:
            found[k] = total / (norm * other)
    return found


@njit(cache=True)
def shared_places(first: Any, second: Any, values: Any, starts: Any, idf: Any) -> Any:
    """For each pair of rows the weight of the places both name and the lesser weight of all."""
    found = np.zeros((len(first), 2))
    for k in range(len(first)):
        a, b = first[k], second[k]
        total_a, total_b = 0.0, 0.0
        for j in range(starts[b], starts[b + 1]):
            total_b += idf[values[j]]
        for i in range(starts[a], starts[a + 1]):
            total_a += idf[values[i]]
            for j in range(starts[b], starts[b + 1]):
                if values[i] == values[j]:
                    found[k, 0] += idf[values[i]]
        found[k, 1] = min(total_a, total_b)
    return found
