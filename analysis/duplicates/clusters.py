"""Clusters of near-copies in a whole collection of texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from analysis.duplicates import kernels
from analysis.duplicates.folding import FoldedTexts, fold_many

SHORTEST = 8
"""Folded characters below which two equal texts (支持！) are two people, not two copies."""

_SAMPLED_FOR_TEMPLATE = 48

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Positions of the texts that are copies of one another, in order; `template` is one of them.

    `unique_count` is the number of different wordings among them.
    """

    members: tuple[int, ...]
    template: int
    unique_count: int


def find_clusters(texts: Iterable[str]) -> tuple[Cluster, ...]:
    """Clusters of two or more near-copies, largest first."""
    return find_clusters_in(fold_many(texts))


def find_clusters_in(folded: FoldedTexts) -> tuple[Cluster, ...]:
    """The same, for texts that are folded already."""
    if len(folded) < 2:
        return ()
    first_of = _exact_copies(folded)
    parents = _joined(folded, first_of)
    roots = _roots(parents, first_of)
    clusters = [_cluster(folded, members, first_of) for members in _groups(roots)]
    return tuple(sorted(clusters, key=lambda cluster: (-len(cluster.members), cluster.members[0])))


def _exact_copies(folded: FoldedTexts) -> Integers:
    """For each text the first with the same folded characters; -1 for texts too short to tell."""
    hashes = kernels.row_hashes(folded.codes, folded.starts)
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    first_of = first[inverse].astype(np.int64)
    first_of[np.diff(folded.starts) < SHORTEST] = -1
    return first_of


def _joined(folded: FoldedTexts, first_of: Integers) -> Integers:
    """Union-find parents over the different texts, near-copies joined."""
    parents = np.arange(len(folded), dtype=np.int64)
    rows = np.flatnonzero(first_of == parents)
    if len(rows) < 2:
        return parents
    signatures, runs = kernels.sketch_rows(
        folded.codes, folded.starts, rows, kernels.MULTIPLIERS, kernels.INCREMENTS
    )
    join = partial(_join, rows, signatures, folded, parents)
    every = np.arange(len(rows))
    for band in range(kernels.BANDS):
        join(kernels.band_keys(signatures, band), every, kernels.LEAST_AGREEMENT)
    owners = np.repeat(every, kernels.RUNS_KEPT)
    join(runs.ravel(), owners, kernels.LEAST_AGREEMENT_WITH_RUN)
    return parents


def _join(
    rows: Integers,
    signatures: npt.NDArray[np.uint32],
    folded: FoldedTexts,
    parents: Integers,
    keys: npt.NDArray[np.uint64],
    owners: Integers,
    least: int,
) -> None:
    order = np.argsort(keys, kind="stable")
    # A key that stands alone can join nothing: leave it out of the slow pass.
    ordered = keys[order]
    same = np.zeros(len(keys), dtype=bool)
    same[1:] = ordered[1:] == ordered[:-1]
    same[:-1] |= same[1:]
    kernels.join_buckets(
        keys, order[same], owners, rows, signatures, least, folded.codes, folded.starts, parents
    )


def _roots(parents: Integers, first_of: Integers) -> Integers:
    """The root of every text, exact copies included; -1 where it has none."""
    roots = np.full(len(parents), -1, dtype=np.int64)
    for text in np.flatnonzero(first_of >= 0):
        roots[text] = kernels.find(parents, first_of[text])
    return roots


def _groups(roots: Integers) -> list[Integers]:
    """Positions with the same root, for roots with two or more."""
    order = np.argsort(roots, kind="stable")
    order = order[roots[order] >= 0]
    if not len(order):
        return []
    edges = np.flatnonzero(np.diff(roots[order])) + 1
    return [group for group in np.split(order, edges) if len(group) > 1]


def _cluster(folded: FoldedTexts, members: Integers, first_of: Integers) -> Cluster:
    wordings, counts = np.unique(first_of[members], return_counts=True)
    template = _template(folded, wordings, counts)
    return Cluster(tuple(members.tolist()), int(template), len(wordings))


def _template(folded: FoldedTexts, wordings: Integers, counts: Integers) -> int:
    """The wording most sent; among equals the one that is most contained in the others."""
    most = wordings[counts == counts.max()][:_SAMPLED_FOR_TEMPLATE]
    if len(most) == 1:
        return int(most[0])
    grams = [kernels.grams_of(folded.row(int(text))) for text in most]
    contained = [
        sum(kernels.shared_grams(own, other) for other in grams) / max(len(own), 1) for own in grams
    ]
    return int(most[int(np.argmax(np.round(contained, 6)))])
