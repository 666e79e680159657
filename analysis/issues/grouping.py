"""Which comments raise one concrete matter.

Candidates begin with rare phrases in common (a name, a thing). How alike two of them are is weighed
from their heads, cores and telling words and from the days between them, by a logistic model
fitted on labelled pairs of real messages (analysis/evaluation/keys/topics). Groups grow from the
surest pair down and only while the average of their pairs stays likely, so that one comment about
two matters does not chain them together.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.columns import Columns
from analysis.issues import kernels
from analysis.issues.cores import Cores
from analysis.ragged import Ragged
from analysis.topics import salience

COMMONEST = 0.04
"""Grams in a greater share of the comments say nothing."""

LINKED = 0.4
TOGETHER = 0.2
"""Least probability of a pair, and least average between two groups that become one."""

COEFFICIENTS = (-4.6, 3.08, 2.21, 2.56, 2.59, -0.56, 1.68, -0.74, 2.61)
"""Constant, head, core, words, head × core (root), months between (log), share of the places in
common, places but none in common, weight of the places in common."""

_ENOUGH_SHARED = 12.0
_MONTH = 30
_UNKNOWN_DAYS = 30
_MOST_COMPARED = 8

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def group(columns: Columns, terms: Ragged, cores: Cores, wording: Rows) -> list[Rows]:
    """Rows of each shared matter, copies included, the fullest first."""
    originals = np.flatnonzero((wording == np.arange(len(wording))) & columns.read)
    pairs = candidate_pairs(cores, originals)
    likely = probabilities(features(pairs, originals, columns, terms, cores))
    label_of = _grown(len(wording), pairs, likely)
    # Copies of one letter raise one matter, whether or not others raise it in other words.
    alone = originals[label_of[originals] < 0]
    label_of[alone] = alone
    label_of[columns.read] = label_of[wording[columns.read]]
    return _groups(label_of)


def candidate_pairs(cores: Cores, originals: Rows) -> npt.NDArray[np.int64]:
    """Pairs of rows worth comparing, earlier row first."""
    grams = max(len(originals), 1) * kernels.RARE_WINDOW
    bits = int(np.clip(np.ceil(np.log2(4 * grams)), 12, 26))
    first, second = kernels.candidates(cores.folded.codes, cores.folded.starts, originals, bits)
    if not len(first):
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.stack([originals[first], originals[second]], axis=1)
    return pairs[np.lexsort((pairs[:, 0], pairs[:, 1]))]


def features(
    pairs: npt.NDArray[np.int64], originals: Rows, columns: Columns, terms: Ragged, cores: Cores
) -> Floats:
    """One row per pair, in the order of `COEFFICIENTS` after the constant."""
    codes, starts = cores.folded.codes, cores.folded.starts
    counts = kernels.gram_counts(codes, starts, originals)
    idf = np.log((len(originals) + 1) / np.maximum(counts, 1))
    idf[counts > max(COMMONEST * len(originals), 3)] = 0.0
    weights = salience.word_weights(terms, originals)
    first, second = pairs[:, 0], pairs[:, 1]
    alike = []
    for lengths in (cores.heads, np.diff(starts)):
        norm = kernels.norms(codes, starts, lengths, idf)
        alike.append(kernels.gram_cosines(first, second, codes, starts, lengths, idf, norm))
    alike.append(
        kernels.word_cosines(first, second, terms.values, terms.marks, terms.starts, weights)
    )
    days = np.abs(columns.days[pairs[:, 0]] - columns.days[pairs[:, 1]]).astype(np.float64)
    days[(columns.days[pairs] == 0).any(axis=1)] = _UNKNOWN_DAYS
    months = np.log1p(np.maximum(days - _MONTH, 0) / _MONTH)
    places = _place_features(pairs, columns.places)
    return np.column_stack([*alike, np.sqrt(alike[0] * alike[1]), months, places])


def _place_features(pairs: npt.NDArray[np.int64], places: Ragged) -> Floats:
    """Share of the places named in common, whether there are none in common, their weight."""
    counts = np.bincount(places.values, minlength=len(places.vocabulary))
    idf = np.log(len(places) / np.maximum(counts, 1))
    found = kernels.shared_places(pairs[:, 0], pairs[:, 1], places.values, places.starts, idf)
    shared, least = found[:, 0], found[:, 1]
    named = least > 0
    share = np.divide(shared, least, out=np.zeros_like(shared), where=named)
    weight = np.minimum(shared, _ENOUGH_SHARED) / _ENOUGH_SHARED
    return np.column_stack([share, named & (shared == 0), weight])


def probabilities(found: Floats) -> Floats:
    """How likely each pair raises one matter."""
    linear: Floats = COEFFICIENTS[0] + found @ np.array(COEFFICIENTS[1:])
    return np.asarray(1 / (1 + np.exp(-linear)), dtype=np.float64)


def _grown(size: int, pairs: npt.NDArray[np.int64], likely: Floats) -> npt.NDArray[np.int64]:
    """Label of each row's group, or -1, growing from the surest pair down."""
    known = {
        (int(a), int(b)): float(p) for (a, b), p in zip(pairs, likely, strict=True) if p > 0.02
    }
    label_of = np.full(size, -1, dtype=np.int64)
    members: dict[int, list[int]] = defaultdict(list)
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -likely.round(9)))
    for place in order[likely[order] >= LINKED]:
        keep, drop = sorted(_group_of(int(row), label_of, members) for row in pairs[place])
        if keep != drop and _average(members[keep], members[drop], known) >= TOGETHER:
            members[keep] += members.pop(drop)
            label_of[members[keep]] = keep
    return label_of


def _group_of(row: int, label_of: npt.NDArray[np.int64], members: dict[int, list[int]]) -> int:
    if label_of[row] < 0:
        label_of[row] = row
        members[row].append(row)
    return int(label_of[row])


def _average(a: list[int], b: list[int], known: Mapping[tuple[int, int], float]) -> float:
    """Average probability between two groups; a pair that was no candidate counts as none."""
    some_a, some_b = a[:_MOST_COMPARED], b[:_MOST_COMPARED]
    total = sum(known.get((min(i, j), max(i, j)), 0.0) for i in some_a for j in some_b)
    return total / (len(some_a) * len(some_b))


def _groups(label_of: npt.NDArray[np.int64]) -> list[Rows]:
    order: Any = np.argsort(label_of, kind="stable")
    order = order[label_of[order] >= 0]
    if not len(order):
        return []
    edges = np.flatnonzero(np.diff(label_of[order])) + 1
    groups = [rows for rows in np.split(order, edges) if len(rows) > 1]
    return sorted(groups, key=lambda rows: (-len(rows), int(rows[0])))
