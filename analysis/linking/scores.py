"""Sum the evidence of many comments over all items of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.linking.evidence import Evidence
from analysis.linking.index import ItemIndex, Matrix, sparse_rows

# One step of each score, so that the three can be added (fitted on the development split).
ALIAS_UNIT, WORD_UNIT, CHARACTER_UNIT = 1.0, 0.06, 1.2
ANCHOR_BONUS = 1.2
ANCHOR_SECTION_BONUS = 0.4


@dataclass(frozen=True, slots=True)
class Scores:
    """Comment × item sums, and how much of each comment's subject the plan knows at all."""

    total: Matrix
    alias: Matrix
    subject_mass: NDArray[np.float32]
    outside_mass: NDArray[np.float32]


def score(evidence: Sequence[Evidence], index: ItemIndex, anchors: Sequence[str | None]) -> Scores:
    """Score every comment against every item."""
    alias_rows = sparse_rows([e.aliases for e in evidence], index.aliases.shape[0])
    alias = np.asarray(alias_rows @ index.aliases, np.float32)
    word = _rows([e.words for e in evidence], index.words)
    pairs = sparse_rows([e.pairs for e in evidence], index.characters.shape[0])
    lengths = np.sqrt(np.asarray(pairs.multiply(pairs).sum(axis=1))).ravel()
    character = np.asarray(pairs @ index.characters) / np.maximum(lengths, 1e-6)[:, None]
    total = ALIAS_UNIT * alias + WORD_UNIT * word + CHARACTER_UNIT * character
    total += _anchor_bonus(anchors, index)
    known = index.aliases.max(axis=1, initial=0.0) > 0
    mass = np.asarray(alias_rows.sum(axis=1)).ravel()
    outside = np.asarray(alias_rows @ (~known).astype(np.float32)).ravel()
    return Scores(total.astype(np.float32), alias, mass.astype(np.float32), outside)


def _rows(rows: Sequence[dict[int, float]], table: Matrix) -> Matrix:
    return np.asarray(sparse_rows(rows, table.shape[0]) @ table, np.float32)


def _anchor_bonus(anchors: Sequence[str | None], index: ItemIndex) -> Matrix:
    bonus = np.zeros((len(anchors), len(index.items)), np.float32)
    for row, anchor in enumerate(anchors):
        if anchor is None:
            continue
        for column, item in enumerate(index.items):
            if item.id == anchor:
                bonus[row, column] = ANCHOR_BONUS
            elif item.section_id == anchor:
                bonus[row, column] = ANCHOR_SECTION_BONUS
    return bonus
