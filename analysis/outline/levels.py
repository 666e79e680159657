"""How deep each heading lies, read from the document itself.

First the kinds of numbers are ranked: by custom 章 encloses 节 encloses 一、, but where a document
begins its 一、 anew under each （一）, the document is right. Then the numbers are followed from
top to bottom. A heading without a number takes the place the numbers around it leave
open (after （三） and before （四）, or the three that must stand before a 4、); one that fits
nowhere is text.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from analysis.outline.headings import Heading, Item
from analysis.outline.numbering import Kind, Mark

Rank = float
TOP: Rank = -1.0
_BEAM = 24


@dataclass(frozen=True, slots=True)
class Placed:
    """A heading with its rank: smaller ranks enclose larger ones."""

    heading: Heading
    rank: Rank


def place(items: Sequence[Item]) -> list[Placed | Item]:
    """The items with every accepted heading ranked; rejected proposals are lines again."""
    headings = [item for item in items if isinstance(item, Heading)]
    order = _order_of_kinds(headings)
    ranks = iter(_ranks(headings, order))
    placed: list[Placed | Item] = []
    for item in items:
        if not isinstance(item, Heading):
            placed.append(item)
        elif (rank := next(ranks)) is None:
            placed.append(item.line)
        else:
            placed.append(Placed(item, rank))
    return placed


def _order_of_kinds(headings: Sequence[Heading]) -> dict[Kind, Rank]:
    """A rank for each kind of number the document uses."""
    marks = [h.mark for h in headings if h.mark]
    kinds = sorted({mark.kind for mark in marks})
    opens: Counter[tuple[Kind, Kind]] = Counter()
    for above, below in pairwise(marks):
        if below.value == 1 and above.kind is not below.kind:
            opens[above.kind, below.kind] += 1
    # Bubble the kinds past each other where the document contradicts custom.
    for _ in kinds:
        for i in range(len(kinds) - 1):
            outer, inner = kinds[i], kinds[i + 1]
            if opens[inner, outer] > opens[outer, inner]:
                kinds[i], kinds[i + 1] = inner, outer
    for kind in _heads_of_decimals(marks):
        kinds.remove(kind)
        kinds.insert(kinds.index(Kind.DECIMAL), kind)
    return {kind: float(rank) for rank, kind in enumerate(kinds)}


def _heads_of_decimals(marks: Sequence[Mark]) -> list[Kind]:
    """The kind of 2、 where a document divides it into 2.1 and 2.2."""
    above: Counter[Kind] = Counter()
    for outer, inner in pairwise(marks):
        divided = inner.kind is Kind.DECIMAL and re.split("[.．]", inner.printed)[0]
        if outer.kind in (Kind.ARABIC, Kind.ARABIC_DOT) and divided == str(outer.value):
            above[outer.kind] += 1
    return [kind for kind, count in above.items() if count >= 2]


def _ranks(headings: Sequence[Heading], order: dict[Kind, Rank]) -> list[Rank | None]:
    styled = _ranks_of_styles(headings, order)
    fixed: list[Rank | None] = []
    for heading in headings:
        if heading.special:
            fixed.append(TOP if not order else min(order.values()))
        elif heading.mark:
            fixed.append(order[heading.mark.kind])
        elif heading.style is not None:
            fixed.append(styled[heading.style])
        else:
            fixed.append(None)
    if any(heading.doubtful for heading in headings):
        return _fill(headings, fixed, sorted(set(order.values())) or [0.0])
    return fixed


def _ranks_of_styles(headings: Sequence[Heading], order: dict[Kind, Rank]) -> dict[int, Rank]:
    """A rank for each declared level, in tune with the numbers that carry the same level."""
    seen: dict[int, Counter[Rank]] = {}
    for heading in headings:
        if heading.style is not None:
            ranks = seen.setdefault(heading.style, Counter())
            if heading.mark:
                ranks[order[heading.mark.kind]] += 1
    result: dict[int, Rank] = {}
    for style in sorted(seen):
        if seen[style]:
            result[style] = seen[style].most_common(1)[0][0]
        else:
            above = max(result.values(), default=TOP)
            result[style] = above + 0.5 if result else TOP
    return result


@dataclass(frozen=True, slots=True)
class _State:
    """One way to read the headings so far: the last value at each rank, and what it costs.

    Its choices hang together as a chain, the last one first.
    """

    cost: float
    counts: tuple[int, ...]
    choice: Rank | None = None
    before: "_State | None" = None


def _fill(
    headings: Sequence[Heading], fixed: Sequence[Rank | None], ranks: Sequence[Rank]
) -> list[Rank | None]:
    """Choose ranks for the doubtful headings so that the numbers run without gaps."""
    states = [_State(0.0, (0,) * len(ranks))]
    for heading, rank in zip(headings, fixed, strict=True):
        options: list[_State] = []
        for state in states:
            if rank is None:
                options.extend(_guesses(state, heading, ranks))
            else:
                options.append(_step(state, heading, rank, ranks))
        best: dict[tuple[int, ...], _State] = {}
        for option in sorted(options, key=lambda o: o.cost):
            best.setdefault(option.counts, option)
        states = list(best.values())[:_BEAM]
    choices: list[Rank | None] = []
    state = states[0]
    while state.before is not None:
        choices.append(state.choice)
        state = state.before
    return choices[::-1]


def _step(state: _State, heading: Heading, rank: Rank, ranks: Sequence[Rank]) -> _State:
    """Take a heading whose rank is known; a number out of turn costs."""
    depth = ranks.index(rank) if rank in ranks else 0
    value = heading.mark.value if heading.mark else state.counts[depth] + 1
    cost = state.cost
    if heading.mark and value != state.counts[depth] + 1:
        cost += min(3.0, 1.0 + 0.25 * abs(value - state.counts[depth] - 1))
    if heading.mark and value > 1 and depth and not state.counts[depth - 1]:
        cost += 0.4
    counts = (*state.counts[:depth], value, *(0,) * (len(ranks) - depth - 1))
    if heading.mark and heading.mark.kind in (Kind.CHAPTER, Kind.SECTION, Kind.VOLUME):
        counts = _keep_running(state.counts, counts, depth, heading)
    return _State(cost, counts, rank, state)


def _keep_running(
    before: tuple[int, ...], after: tuple[int, ...], depth: int, heading: Heading
) -> tuple[int, ...]:
    """Chapters may count on through the volumes: the next one then follows the last."""
    assert heading.mark is not None
    running = heading.mark.kind is Kind.VOLUME and len(before) > depth + 1
    return (*after[: depth + 1], before[depth + 1], *after[depth + 2 :]) if running else after


def _guesses(state: _State, heading: Heading, ranks: Sequence[Rank]) -> list[_State]:
    """Take a heading without a number at each possible depth, or leave it as text."""
    left_out = 0.0 if heading.weak else 1.5
    options = [_State(state.cost + left_out, state.counts, None, state)]
    for depth, rank in enumerate(ranks):
        cost = state.cost + (0.5 if heading.weak else 0.1)
        if depth and not state.counts[depth - 1]:
            cost += 0.8
        if depth == 0:
            cost += 0.6
        if state.counts[depth] and any(state.counts[depth + 1 :]):
            cost += 0.3
        counts = (*state.counts[:depth], state.counts[depth] + 1, *(0,) * (len(ranks) - depth - 1))
        options.append(_State(cost, counts, rank, state))
    return options
