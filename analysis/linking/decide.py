"""From sums of evidence to a reading: linked, about nothing in the plan, or undecided.

Whether a comment is about anything in the plan at all is a question of its own: a message about a
driving licence always has some best item. It is answered from how strong the best item is, how
much of what the comment talks about that item explains, and how much no item explains.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.contracts import LinkedItem, LinkStatus
from analysis.linking.evidence import Evidence, FoundPhrase
from analysis.linking.index import ItemIndex, Matrix
from analysis.linking.scores import WORD_UNIT, Scores

Order = NDArray[np.intp]

# P(no item) = sigmoid of these weights; logistic regression on the development split.
NONE_BASE = -0.25
NONE_BY_STRENGTH, NONE_BY_EXPLAINED, NONE_BY_UNKNOWN, NONE_BY_SUBJECTS = -2.94, -1.13, 3.23, 1.01
# From here up the comment is about no item; from DOUBT up nobody could say.
NONE, DOUBT = 0.45, 0.43
# P(item is right | about some item), by its share of the best item's sum and the sum itself.
RIGHT_BASE, RIGHT_BY_SHARE, RIGHT_BY_STRENGTH = -5.66, 5.26, 1.18
# Further items must come near the best one.
NEAR = 0.65
MOST_ITEMS = 3
MOST_EVIDENCE = 6
MOST_REASONS = 3
# Fewer characters without a single known subject (支持！) say nothing about the plan either way.
FEW = 16
# Without a known subject, words and characters in common must add up to this much.
FAINT = 0.5


@dataclass(frozen=True, slots=True)
class LinkReading:
    """What one comment is about.

    `confidence` is the probability that the status is right, `margin` the lead of the best item
    over the next; both 0..1. `reasons` are words for an official.
    """

    status: LinkStatus
    items: tuple[LinkedItem, ...] = ()
    confidence: float = 0.0
    margin: float = 0.0
    reasons: tuple[str, ...] = ()


def decide_all(scores: Scores, evidence: Sequence[Evidence], index: ItemIndex) -> list[LinkReading]:
    """The readings of all comments of one block of scores."""
    if not index.items:
        nothing = LinkReading(LinkStatus.NO_ITEM, (), 1.0, 0.0, ("规划中没有可关联的条目",))
        return [nothing for _ in evidence]
    order = np.argsort(-scores.total, axis=1, kind="stable")[:, : MOST_ITEMS + 1]
    none = no_item_probability(scores, order[:, 0])
    return [
        _decide(found, order[row], scores.total[row], float(none[row]), index)
        for row, found in enumerate(evidence)
    ]


def no_item_probability(scores: Scores, best: Order) -> Matrix:
    """P(about nothing in the plan) for each comment, given its best item."""
    rows = np.arange(len(best))
    logit = (
        NONE_BASE
        + NONE_BY_STRENGTH * np.log1p(scores.total[rows, best])
        + NONE_BY_EXPLAINED * scores.alias[rows, best] / (scores.subjects + 0.5)
        + NONE_BY_UNKNOWN * scores.unknown / (scores.subjects + 0.5)
        + NONE_BY_SUBJECTS * np.log1p(scores.subjects)
    )
    return np.asarray(1 / (1 + np.exp(-logit)), np.float32)


def _decide(
    evidence: Evidence, order: Order, totals: Matrix, none: float, index: ItemIndex
) -> LinkReading:
    best = float(totals[order[0]])
    if evidence.length < FEW and best < FAINT and not evidence.aliases:
        return LinkReading(LinkStatus.UNDECIDED, (), 0.5, 0.0, ("没有说到具体事项",))
    margin = round((best - float(totals[order[1]])) / best, 4) if len(order) > 1 and best else 0.0
    if none >= NONE or (best < FAINT and not evidence.aliases):
        reason = _outside_reason(evidence, index)
        return LinkReading(LinkStatus.NO_ITEM, (), round(max(none, 0.5), 4), margin, (reason,))
    if none >= DOUBT:
        return LinkReading(LinkStatus.UNDECIDED, (), 0.5, margin, ("线索太少，不能确定",))
    chosen = [int(i) for i in order[:MOST_ITEMS] if totals[i] >= NEAR * best]
    items = tuple(_linked(i, float(totals[i]), best, none, evidence, index) for i in chosen)
    reason = _reason(rank_phrases(chosen[0], evidence, index), evidence)
    return LinkReading(LinkStatus.LINKED, items, round(1 - none, 4), margin, (reason,))


def _linked(
    item: int, total: float, best: float, none: float, evidence: Evidence, index: ItemIndex
) -> LinkedItem:
    logit = RIGHT_BASE + RIGHT_BY_SHARE * total / best + RIGHT_BY_STRENGTH * np.log1p(total)
    right = (1 - none) / (1 + float(np.exp(-logit)))
    spans = sorted(
        {evidence.span(p) for p in rank_phrases(item, evidence, index)[:MOST_EVIDENCE]},
        key=lambda s: (s.field != "title", s.start, s.end),
    )
    found = index.items[item]
    return LinkedItem(found.id, found.type, round(right, 4), None, tuple(spans))


def rank_phrases(item: int, evidence: Evidence, index: ItemIndex) -> list[FoundPhrase]:
    """The hits that speak for `item`, strongest first; on a tie the earlier one."""
    ranked = []
    for place, phrase in enumerate(evidence.found):
        number = phrase.number
        if phrase.is_alias:
            power = evidence.aliases[number] * float(index.aliases[number, item])
        else:
            power = WORD_UNIT * evidence.words[number] * float(index.words[number, item])
        if power > 0:
            ranked.append((-power, place))
    return [evidence.found[place] for _, place in sorted(ranked)]


def _reason(ranked: Sequence[FoundPhrase], evidence: Evidence) -> str:
    surfaces = list(dict.fromkeys(evidence.surface(p) for p in ranked))[:MOST_REASONS]
    return "因" + "".join(f"“{s}”" for s in surfaces) if surfaces else "因用语相近"


def _outside_reason(evidence: Evidence, index: ItemIndex) -> str:
    """Name what the comment is about and the plan is not."""
    unknown = sorted(
        (-weight * (1 - float(index.known[number])), number)
        for number, weight in evidence.aliases.items()
    )
    lead = {n: p for p in reversed(evidence.found) if p.is_alias for n in (p.number,)}
    surfaces = dict.fromkeys(evidence.surface(lead[n]) for loss, n in unknown if loss < 0)
    if not surfaces:
        return "没有说到规划条目的内容"
    return "规划条目没有涉及" + "".join(f"“{s}”" for s in list(surfaces)[:MOST_REASONS])
