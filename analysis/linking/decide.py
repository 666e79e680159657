"""From sums of evidence to a reading: linked, about nothing in the plan, or undecided.

Whether a comment is about anything in the plan at all is a question of its own: a message about a
driving licence always has some best item. It is answered from how strong the best item is, how
much of what the comment talks about that item explains, and how much no item explains.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.contracts import LinkedItem, LinkStatus, Span
from analysis.linking.evidence import Evidence, Floats
from analysis.linking.index import ItemIndex
from analysis.linking.scores import ALIAS_UNIT, WORD_UNIT, Scores

Order = NDArray[np.intp]
Place = tuple[int, int]

# P(no item) = sigmoid of these weights; logistic regression on the development split.
NONE_BASE = -0.74
NONE_BY_STRENGTH = -3.47  # log of the best item's sum
NONE_BY_EXPLAINED = -1.84  # share of what the comment talks about that the best item explains
NONE_BY_UNKNOWN = 4.22  # share that no item explains
NONE_BY_LENGTH = 0.67  # log of the characters read: long messages gather evidence by chance
NONE_BY_CLOSEST = -1.57  # how well the best item fits its closest expression
# From here up the comment is about no item; from DOUBT up nobody could say.
NONE, DOUBT = 0.45, 0.43
# P(item is right | about some item), by its share of the best item's sum and the sum itself.
RIGHT_BASE, RIGHT_BY_SHARE, RIGHT_BY_STRENGTH = -5.19, 5.92, 0.66
# Further items must come near the best one.
NEAR = 0.65
MOST_ITEMS = 3
MOST_EVIDENCE = 6
MOST_REASONS = 3
# Fewer characters without a single known subject (支持！) say nothing about the plan either way.
FEW = 40
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


def decide_all(scores: Scores, evidence: Evidence, index: ItemIndex) -> list[LinkReading]:
    """The readings of all comments of one block."""
    rows = len(scores.total)
    if not index.items:
        nothing = LinkReading(LinkStatus.NO_ITEM, (), 1.0, 0.0, ("规划中没有可关联的条目",))
        return [nothing] * rows
    order = np.argsort(-scores.total, axis=1, kind="stable")[:, : MOST_ITEMS + 1]
    none = no_item_probability(scores, order[:, 0], evidence, index)
    return [
        _decide(row, order[row], scores.total[row], float(none[row]), evidence, index)
        for row in range(rows)
    ]


def no_item_probability(
    scores: Scores, best: Order, evidence: Evidence, index: ItemIndex
) -> Floats:
    """P(about nothing in the plan) for each comment, given its best item."""
    rows = np.arange(len(best))
    spoken = scores.subjects + 0.5
    logit = (
        NONE_BASE
        + NONE_BY_STRENGTH * np.log1p(scores.total[rows, best])
        + NONE_BY_EXPLAINED * scores.alias[rows, best] / spoken
        + NONE_BY_UNKNOWN * scores.unknown / spoken
        + NONE_BY_LENGTH * np.log1p(evidence.lengths)
        + NONE_BY_CLOSEST * _closest(best, evidence, index)
    )
    return np.asarray(1 / (1 + np.exp(-logit)))


def _closest(best: Order, evidence: Evidence, index: ItemIndex) -> Floats:
    """For each comment, how well its best item fits the expression that fits it best."""
    hits = evidence.alias_hits
    rows = np.repeat(np.arange(len(best)), np.diff(hits.bounds))
    closest = np.zeros(len(best), np.float64)
    np.maximum.at(closest, rows, index.aliases[hits.number, best[rows]])
    return closest


def _decide(
    row: int, order: Order, totals: Floats, none: float, evidence: Evidence, index: ItemIndex
) -> LinkReading:
    best = float(totals[order[0]])
    faint = best < FAINT and not evidence.names_subject(row)
    if faint and evidence.lengths[row] < FEW:
        return LinkReading(LinkStatus.UNDECIDED, (), 0.5, 0.0, ("没有说到具体事项",))
    margin = round((best - float(totals[order[1]])) / best, 4) if len(order) > 1 and best else 0.0
    if none >= NONE or faint:
        reason = _outside_reason(row, evidence, index)
        return LinkReading(LinkStatus.NO_ITEM, (), round(max(none, 0.5), 4), margin, (reason,))
    if none >= DOUBT:
        return LinkReading(LinkStatus.UNDECIDED, (), 0.5, margin, ("线索太少，不能确定",))
    chosen = [int(i) for i in order[:MOST_ITEMS] if totals[i] >= NEAR * best]
    speaking = [_speaking_for(item, row, evidence, index) for item in chosen]
    items = tuple(
        LinkedItem(
            index.items[item].id,
            index.items[item].type,
            round((1 - none) * _right(float(totals[item]), best), 4),
            None,
            _spans(places, evidence),
        )
        for item, places in zip(chosen, speaking, strict=True)
    )
    surfaces = dict.fromkeys(evidence.surface(*place) for place in speaking[0])
    return LinkReading(LinkStatus.LINKED, items, round(1 - none, 4), margin, (_because(surfaces),))


def _right(total: float, best: float) -> float:
    logit = RIGHT_BASE + RIGHT_BY_SHARE * total / best + RIGHT_BY_STRENGTH * math.log1p(total)
    return 1 / (1 + math.exp(-logit))


def _speaking_for(item: int, row: int, evidence: Evidence, index: ItemIndex) -> list[Place]:
    """Where the hits stand that speak for `item`, strongest first; on a tie the earlier one."""
    found: list[tuple[float, int, int]] = []
    for hits, table, unit in (
        (evidence.alias_hits, index.aliases, ALIAS_UNIT),
        (evidence.word_hits, index.words, WORD_UNIT),
    ):
        part = hits.of(row)
        power = unit * hits.power[part] * table[hits.number[part], item]
        found += zip(
            (-power).tolist(), hits.start[part].tolist(), hits.end[part].tolist(), strict=True
        )
    places = [(start, end) for power, start, end in sorted(found) if power < 0]
    return list(dict.fromkeys(places))


def _spans(places: Sequence[Place], evidence: Evidence) -> tuple[Span, ...]:
    spans = (evidence.span(*place) for place in places[:MOST_EVIDENCE])
    return tuple(sorted(spans, key=lambda s: (s.field != "title", s.start, s.end)))


def _because(surfaces: Iterable[str]) -> str:
    quoted = "".join(f"“{s}”" for s in list(surfaces)[:MOST_REASONS])
    return f"因{quoted}" if quoted else "因用语相近或由提交人选定"


def _outside_reason(row: int, evidence: Evidence, index: ItemIndex) -> str:
    """Name what the comment is about and the plan is not."""
    hits = evidence.alias_hits
    part = hits.of(row)
    loss = hits.power[part] * index.unknown[hits.number[part]]
    order = np.argsort(-loss, kind="stable")
    starts, ends = hits.start[part][order].tolist(), hits.end[part][order].tolist()
    surfaces = dict.fromkeys(evidence.surface(s, e) for s, e in zip(starts, ends, strict=True))
    quoted = "".join(f"“{s}”" for s in list(surfaces)[:MOST_REASONS])
    return f"规划条目很少涉及{quoted}" if quoted else "没有说到规划条目的内容"
