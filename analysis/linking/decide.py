"""From sums of evidence to a reading: linked, about nothing in the plan, or undecided."""

from dataclasses import dataclass

import numpy as np

from analysis.contracts import LinkedItem, LinkStatus
from analysis.linking.evidence import Evidence, FoundPhrase
from analysis.linking.index import ItemIndex, Matrix

# Fitted on the development split: P(right) = sigmoid(SLOPE * (score - MIDDLE)).
SLOPE, MIDDLE = 1.6, 1.3
# Below NOTHING the comment is about no item; between the two nobody could say.
NOTHING, ENOUGH = 0.45, 0.5
# Further items must come near the best one.
NEAR = 0.7
MOST_ITEMS = 3
MOST_EVIDENCE = 6
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class LinkReading:
    """What one comment is about; `margin` is the lead of the best item over the next, 0..1."""

    status: LinkStatus
    items: tuple[LinkedItem, ...] = ()
    margin: float = 0.0
    reasons: tuple[str, ...] = ()


def decide(totals: Matrix, outside: float, evidence: Evidence, index: ItemIndex) -> LinkReading:
    """The reading of one comment from its row of `totals`."""
    if not len(totals) or not totals.any():
        return LinkReading(LinkStatus.NO_ITEM, reasons=("没有说到规划中任何条目的内容",))
    order = np.argsort(-totals, kind="stable")[: MOST_ITEMS + 1]
    best = float(totals[order[0]])
    strength = best - 0.35 * outside
    margin = (best - float(totals[order[1]])) / best if len(order) > 1 else 1.0
    if strength < NOTHING:
        return LinkReading(LinkStatus.NO_ITEM, margin=margin, reasons=("与规划条目关联很弱",))
    if strength < ENOUGH:
        return LinkReading(LinkStatus.UNDECIDED, margin=margin, reasons=("线索太少，不能确定",))
    chosen = [int(i) for i in order[:MOST_ITEMS] if totals[i] >= NEAR * best]
    ranked = _ranked(chosen[0], evidence, index)
    items = tuple(_linked(i, float(totals[i]), evidence, index) for i in chosen)
    return LinkReading(LinkStatus.LINKED, items, round(margin, 4), (_reason(ranked, evidence),))


def _linked(item: int, total: float, evidence: Evidence, index: ItemIndex) -> LinkedItem:
    probability = 1 / (1 + float(np.exp(-SLOPE * (total - MIDDLE))))
    spans = sorted(
        {evidence.span(p) for p in _ranked(item, evidence, index)[:MOST_EVIDENCE]},
        key=lambda s: (s.field != "title", s.start, s.end),
    )
    found = index.items[item]
    return LinkedItem(found.id, found.type, round(probability, 4), None, tuple(spans))


def _ranked(item: int, evidence: Evidence, index: ItemIndex) -> list[FoundPhrase]:
    def power(phrase: FoundPhrase) -> float:
        if phrase.is_alias:
            return float(evidence.aliases[phrase.number] * index.aliases[phrase.number, item])
        return float(0.06 * evidence.words[phrase.number] * index.words[phrase.number, item])

    pairs = [(power(p), p) for p in evidence.found]
    return [p for _, p in sorted((x for x in pairs if x[0] > 0), key=lambda x: (-x[0], x[1].start))]


def _reason(ranked: list[FoundPhrase], evidence: Evidence) -> str:
    surfaces = dict.fromkeys(evidence.surface(p) for p in ranked)
    return "因" + "".join(f"“{s}”" for s in list(surfaces)[:MOST_REASONS])
