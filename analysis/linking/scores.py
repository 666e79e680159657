"""Sum the evidence of many comments over all items of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.linking.evidence import Evidence
from analysis.linking.index import ItemIndex, Matrix, sparse_rows

# One step of each score, so that the three can be added (fitted on the development split).
ALIAS_UNIT, WORD_UNIT, CHARACTER_UNIT = 1.0, 0.06, 1.2
# The item the resident chose counts like a subject named in the title.
ANCHOR, ANCHOR_SECTION = 1.5, 0.5


@dataclass(frozen=True, slots=True)
class Scores:
    """Comment × item sums; how much each comment talks about, and how much of it no item knows."""

    total: Matrix
    alias: Matrix
    subjects: NDArray[np.float32]
    unknown: NDArray[np.float32]


def score(evidence: Sequence[Evidence], index: ItemIndex, anchors: Sequence[str | None]) -> Scores:
    """Score every comment against every item."""
    alias_rows = sparse_rows([e.aliases for e in evidence], index.aliases.shape[0])
    chosen = _anchored(anchors, index)
    alias = np.asarray(alias_rows @ index.aliases, np.float32) + chosen
    word = _rows([e.words for e in evidence], index.words)
    pairs = sparse_rows([e.pairs for e in evidence], index.characters.shape[0])
    lengths = np.sqrt(np.asarray(pairs.multiply(pairs).sum(axis=1))).ravel()
    character = np.asarray(pairs @ index.characters) / np.maximum(lengths, 1e-6)[:, None]
    total = ALIAS_UNIT * alias + WORD_UNIT * word + CHARACTER_UNIT * character
    subjects = np.asarray(alias_rows.sum(axis=1)).ravel() + chosen.max(axis=1, initial=0)
    unknown = np.asarray(alias_rows @ (1 - index.known)).ravel()
    return Scores(total.astype(np.float32), alias, subjects, unknown)


def _rows(rows: Sequence[dict[int, float]], table: Matrix) -> Matrix:
    return np.asarray(sparse_rows(rows, table.shape[0]) @ table, np.float32)


def _anchored(anchors: Sequence[str | None], index: ItemIndex) -> Matrix:
    chosen = np.zeros((len(anchors), len(index.items)), np.float32)
    for row, anchor in enumerate(anchors):
        if anchor is None:
            continue
        for column, item in enumerate(index.items):
            if item.id == anchor:
                chosen[row, column] = ANCHOR
            elif item.section_id == anchor:
                chosen[row, column] = ANCHOR_SECTION
    return chosen
