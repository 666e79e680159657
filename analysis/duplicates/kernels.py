"""The compiled loops of near-copy detection: hashing, comparing, joining."""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

GRAM = 3
RUN = 16
PERMUTATIONS = 96
BAND_ROWS = 3
BANDS = PERMUTATIONS // BAND_ROWS
RUNS_KEPT = 8
LEADERS = 8
"""How many different texts of one bucket a newcomer is compared with."""

LEAST_AGREEMENT = 24
"""Equal entries of two signatures (of 96) below which the texts themselves are not compared."""

LEAST_AGREEMENT_WITH_RUN = 14
"""The same for two texts with a long run in common, one of which may hold much more besides."""

NEAR_JACCARD = 0.5
NEAR_CONTAINMENT = 0.7
SHORT_JACCARD = 0.75
SHORT_GRAMS = 24
"""Below so many distinct 3-grams a text is near only at the stricter measure."""

EMPTY = np.uint32(0xFFFFFFFF)
NO_RUN = np.uint64(0xFFFFFFFFFFFFFFFF)

Array = npt.NDArray[Any]


def _odd_multipliers() -> tuple[Array, Array]:
    random = np.random.default_rng(20201016)
    multipliers = random.integers(0, 2**32, PERMUTATIONS, dtype=np.uint32) | np.uint32(1)
    return multipliers, random.integers(0, 2**32, PERMUTATIONS, dtype=np.uint32)


MULTIPLIERS, INCREMENTS = _odd_multipliers()


@njit(cache=True, inline="always")
def _mix(value: Any) -> Any:
    """Spread the bits of a 64-bit value (the finaliser of splitmix64)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True)
def _gram(row: Any, at: int) -> Any:
    return (
        (np.uint64(row[at]) << np.uint64(32))
        | (np.uint64(row[at + 1]) << np.uint64(16))
        | np.uint64(row[at + 2])
    )


@njit(cache=True)
def sketch_row(row: Any, multipliers: Any, increments: Any, signature: Any, runs: Any) -> None:
    """Write the MinHash signature and the smallest 16-gram hashes of one folded text."""
    signature[:] = EMPTY
    runs[:] = NO_RUN
    for at in range(len(row) - GRAM + 1):
        low = np.uint32(_mix(_gram(row, at)) & np.uint64(0xFFFFFFFF))
        for k in range(len(signature)):
            value = np.uint32(low * multipliers[k] + increments[k])
            # The product's low bits are weak; fold the high half down.
            value ^= value >> np.uint32(16)
            signature[k] = min(signature[k], value)
    base = np.uint64(1099511628211)
    power = np.uint64(1)
    for _ in range(RUN):
        power *= base
    rolling = np.uint64(0)
    for at in range(len(row)):
        rolling = rolling * base + np.uint64(row[at]) + np.uint64(1)
        if at >= RUN:
            rolling -= power * (np.uint64(row[at - RUN]) + np.uint64(1))
        if at >= RUN - 1:
            _keep_smallest(runs, _mix(rolling))


@njit(cache=True)
def _keep_smallest(kept: Any, value: Any) -> None:
    """Insert a value into a sorted row of distinct smallest values."""
    last = len(kept) - 1
    if value >= kept[last]:
        return
    place = last
    while place > 0 and kept[place - 1] >= value:
        place -= 1
    if kept[place] == value:
        return
    for k in range(last, place, -1):
        kept[k] = kept[k - 1]
    kept[place] = value


@njit(cache=True)
def sketch_rows(codes: Any, starts: Any, rows: Any, multipliers: Any, increments: Any) -> Any:
    """Signatures and runs of the chosen rows."""
    signatures = np.empty((len(rows), len(multipliers)), dtype=np.uint32)
    runs = np.empty((len(rows), RUNS_KEPT), dtype=np.uint64)
    for k in range(len(rows)):
        row = codes[starts[rows[k]] : starts[rows[k] + 1]]
        sketch_row(row, multipliers, increments, signatures[k], runs[k])
    return signatures, runs


@njit(cache=True)
def row_hashes(codes: Any, starts: Any) -> Any:
    """A 64-bit hash of each whole row, for exact copies."""
    hashes = np.empty(len(starts) - 1, dtype=np.uint64)
    for k in range(len(hashes)):
        value = np.uint64(14695981039346656037)
        for at in range(starts[k], starts[k + 1]):
            value = (value ^ np.uint64(codes[at])) * np.uint64(1099511628211)
        hashes[k] = _mix(value)
    return hashes


@njit(cache=True)
def band_keys(signatures: Any, band: int) -> Any:
    """One 64-bit key per signature for a band of its rows."""
    keys = np.empty(len(signatures), dtype=np.uint64)
    for k in range(len(signatures)):
        value = np.uint64(band + 1)
        for r in range(band * BAND_ROWS, (band + 1) * BAND_ROWS):
            value = _mix(value ^ np.uint64(signatures[k, r]))
        keys[k] = value
    return keys


@njit(cache=True)
def grams_of(row: Any) -> Any:
    """The sorted distinct 3-grams of a folded text."""
    count = len(row) - GRAM + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    grams = np.empty(count, dtype=np.uint64)
    for at in range(count):
        grams[at] = _gram(row, at)
    grams.sort()
    kept = 1
    for at in range(1, count):
        if grams[at] != grams[at - 1]:
            grams[kept] = grams[at]
            kept += 1
    return grams[:kept]


@njit(cache=True)
def shared_grams(a: Any, b: Any) -> int:
    """How many 3-grams two sorted sets have in common."""
    i, j, shared = 0, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            shared += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return shared


@njit(cache=True)
def near(a: Any, b: Any) -> bool:
    """Whether two sorted 3-gram sets come from copies of one text."""
    smaller = min(len(a), len(b))
    if smaller == 0:
        return False
    shared = shared_grams(a, b)
    jaccard = shared / (len(a) + len(b) - shared)
    if smaller < SHORT_GRAMS:
        return bool(jaccard >= SHORT_JACCARD)
    return bool(jaccard >= NEAR_JACCARD or shared >= NEAR_CONTAINMENT * smaller)


@njit(cache=True)
def find(parents: Any, member: int) -> int:
    """The root of a member, halving the path."""
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member


@njit(cache=True)
def join(parents: Any, a: int, b: int) -> None:
    """Unite two components under the earlier root."""
    root_a, root_b = find(parents, a), find(parents, b)
    if root_a < root_b:
        parents[root_b] = root_a
    elif root_b < root_a:
        parents[root_a] = root_b


@njit(cache=True)
def join_buckets(
    keys: Any,
    order: Any,
    owners: Any,
    rows: Any,
    signatures: Any,
    least: int,
    codes: Any,
    starts: Any,
    parents: Any,
) -> None:
    """Within each bucket of equal keys, join the rows that are really near.

    `order` sorts the keys; `owners[k]` is the place of key k in `rows` and `signatures`; only pairs
    with `least` equal entries are compared. A newcomer is compared with the first
    few texts of the bucket that belong to different components, so that a bucket of fifty
    thousand copies costs fifty thousand comparisons, not their square.
    """
    leaders = np.empty(LEADERS, dtype=np.int64)
    begin = 0
    while begin < len(order):
        end = begin + 1
        key = keys[order[begin]]
        while end < len(order) and keys[order[end]] == key:
            end += 1
        if end - begin > 1 and key != NO_RUN:
            count = 0
            for place in range(begin, end):
                count = _meet(
                    owners[order[place]],
                    leaders,
                    count,
                    rows,
                    signatures,
                    least,
                    codes,
                    starts,
                    parents,
                )
        begin = end


@njit(cache=True)
def _meet(
    new: int,
    leaders: Any,
    count: int,
    rows: Any,
    signatures: Any,
    least: int,
    codes: Any,
    starts: Any,
    parents: Any,
) -> int:
    """Compare a newcomer with the leaders of its bucket; returns the new number of leaders."""
    text = rows[new]
    for k in range(count):
        if find(parents, text) == find(parents, rows[leaders[k]]):
            return count
    grams = np.empty(0, dtype=np.uint64)
    for k in range(count):
        if _agreement(signatures[new], signatures[leaders[k]]) < least:
            continue
        if len(grams) == 0:
            grams = grams_of(codes[starts[text] : starts[text + 1]])
        other = rows[leaders[k]]
        if near(grams, grams_of(codes[starts[other] : starts[other + 1]])):
            join(parents, text, other)
            return count
    if count < LEADERS:
        leaders[count] = new
        return count + 1
    return count


@njit(cache=True)
def _agreement(a: Any, b: Any) -> int:
    equal = 0
    for k in range(len(a)):
        equal += a[k] == b[k]
    return equal
