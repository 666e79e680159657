"""Sum the evidence of many comments over all items of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.linking.evidence import Evidence, Floats
from analysis.linking.index import ItemIndex

# One step of each score, so that the three can be added (fitted on the development split).
ALIAS_UNIT, WORD_UNIT, CHARACTER_UNIT = 1.0, 0.06, 1.2
# The item the resident chose counts like a subject named in the title.
ANCHOR, ANCHOR_SECTION = 1.5, 0.5


@dataclass(frozen=True, slots=True)
class Scores:
    """Comment × item sums; how much each comment talks about, and how much of it no item knows."""

    total: Floats
    alias: Floats
    subjects: Floats
    unknown: Floats


def score(evidence: Evidence, index: ItemIndex, anchors: Sequence[str | None]) -> Scores:
    """Score every comment of a block against every item."""
    chosen = _anchored(anchors, index)
    alias = evidence.aliases @ index.aliases + chosen
    word = (evidence.words @ index.sparse_words).toarray()
    lengths = np.sqrt(evidence.pairs.multiply(evidence.pairs).sum(axis=1).A1)
    character = (evidence.pairs @ index.characters).toarray() / np.maximum(lengths, 1e-6)[:, None]
    total = ALIAS_UNIT * alias + WORD_UNIT * word + CHARACTER_UNIT * character
    subjects = evidence.aliases.sum(axis=1).A1 + chosen.max(axis=1, initial=0)
    unknown = evidence.aliases @ index.unknown
    return Scores(total, alias, subjects, unknown)


def _anchored(anchors: Sequence[str | None], index: ItemIndex) -> Floats:
    chosen = np.zeros((len(anchors), len(index.items)), np.float64)
    kinds = {anchor: _anchor_row(anchor, index) for anchor in set(anchors) if anchor}
    for row, anchor in enumerate(anchors):
        if anchor:
            chosen[row] = kinds[anchor]
    return chosen


def _anchor_row(anchor: str, index: ItemIndex) -> list[float]:
    return [
        ANCHOR if i.id == anchor else ANCHOR_SECTION if i.section_id == anchor else 0.0
        for i in index.items
    ]
