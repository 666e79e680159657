"""How well plan documents are read: headings, indicators, targets, tasks, notice.

The answer keys in `keys/plans` hold facts only (titles, numbers, positions) and say who made them;
for some plans a second reading of the raw text stands in `keys/plans/second`, and the agreement of
the two is printed.
Each real plan is measured against its key; then every plan, and the demo plan written for this
project, is written out again in other formats, encodings and numberings, and measured against its
own reading, so that the rules cannot lean on how one file happens to look.
"""

import json
import re
import time
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from pathlib import Path
from typing import Any

from analysis.contracts import ParsedPlan, TargetSource, TaskKind, to_json
from analysis.documents import read_bytes
from analysis.evaluation import MissingMaterialError, Report, table
from analysis.evaluation.planvariants import VARIANTS
from analysis.outline import parse, parse_file

KEYS = Path(__file__).parent / "keys" / "plans"
SCORES = (
    "headings F1",
    "indicators",
    "targets recall",
    "targets precision",
    "tasks recall",
    "tasks precision",
    "notice",
)
LIKENESS = ("headings F1", "indicators", "targets F1", "tasks F1")


def report(shared: Path | None) -> Report:
    """Scores per plan, and per variant of each plan."""
    if shared is None:
        raise MissingMaterialError("the real plans are not beside the checkout")
    rows: list[tuple[object, ...]] = []
    figures: dict[str, float] = {}
    variants: list[tuple[object, ...]] = []
    readings = tuple(_agreements(figures))
    for path in sorted(KEYS.glob("*.json")):
        key = json.loads(path.read_text(encoding="utf-8"))
        source = shared / "plans" / f"{key['plan']}.txt"
        if not source.exists():
            raise MissingMaterialError(f"{source.name} is not among the real plans")
        started = time.perf_counter()
        plan = parse_file(source)
        seconds = time.perf_counter() - started
        scores = score(plan, key)
        rows.append((key["plan"], *scores.values(), seconds))
        figures.update({f"{key['plan']} {name}": value for name, value in scores.items()})
        figures[f"{key['plan']} seconds"] = seconds
        variants.extend(_variant_rows(plan, str(key["plan"]), figures))
    return Report("Plans", _lines(rows, readings, variants), figures)


def _agreements(figures: dict[str, float]) -> Iterable[tuple[object, ...]]:
    """How far the second reading of a plan agrees with the first: F1 of each kind of fact."""
    for path in sorted((KEYS / "second").glob("*.json")):
        second = json.loads(path.read_text(encoding="utf-8"))
        first = json.loads((KEYS / path.name).read_text(encoding="utf-8"))
        for what in (what for what in _COMPARED if what in second):
            value, counts = agreement(first[what], second[what], what)
            figures[f"{second['plan']} agreement on {what}"] = value
            yield (second["plan"], what, *counts, value)


_COMPARED = ("headings", "indicators", "targets")


def agreement(
    first: Sequence[Sequence[Any]], second: Sequence[Sequence[Any]], what: str
) -> tuple[float, tuple[int, int]]:
    """F1 between two keys, and how many facts each has."""
    if what == "targets":
        hits = _pairs(
            [(row[0], row[1]) for row in first], [(row[0], row[1]) for row in second], _same_target
        )
    else:
        one = Counter(tuple(_fact(cell) for cell in row) for row in first)
        hits = sum((one & Counter(tuple(_fact(cell) for cell in row) for row in second)).values())
    return 2 * hits / max(1, len(first) + len(second)), (len(first), len(second))


def _fact(cell: object) -> object:
    return _plain(cell) if isinstance(cell, str) else cell


def _lines(
    rows: Sequence[Sequence[object]],
    readings: Sequence[Sequence[object]],
    variants: Sequence[Sequence[object]],
) -> tuple[str, ...]:
    return (
        "Against the answer keys: F1 of headings by level and title; indicators with name, unit, "
        "kind and target; recall and precision of prose targets and of tasks.",
        "",
        *table(("plan", *SCORES, "seconds"), rows),
        "",
        "Two readings of the raw text against each other (the second made without the parser and "
        "without the first): facts in each, and their F1.",
        "",
        *table(("plan", "facts", "first", "second", "agreement"), readings),
        "",
        "Variants against the reading of the original:",
        "",
        *table(("plan", "variant", *LIKENESS), variants),
    )


def score(plan: ParsedPlan, key: dict[str, Any]) -> dict[str, float]:
    """The figures of one plan against its answer key."""
    targets = [(i.name, i.target) for i in plan.indicators if i.source is TargetSource.PROSE]
    tasks = [task.title for task in plan.tasks]
    added = key.get("added_after_second_reading", [])
    asked_targets = [(name, target) for name, target, _ in [*key["targets"], *added]]
    asked_tasks = [title for _, title in key["tasks"]]
    target_hits = _pairs(asked_targets, targets, _same_target)
    task_hits = _pairs(asked_tasks, tasks, _same_title)
    return {
        "headings F1": f1(
            [(level, _plain(title)) for level, _, title in key["headings"]], headings(plan)
        ),
        "indicators": share(
            [tuple(map(_plain, row[1:])) for row in key["indicators"]], table_rows(plan)
        ),
        "targets recall": target_hits / max(1, len(asked_targets)),
        "targets precision": target_hits / max(1, len(targets)),
        "tasks recall": task_hits / max(1, len(asked_tasks)),
        "tasks precision": task_hits / max(1, len(tasks)),
        "notice": float(to_json(plan.notice) == key["notice"]),
    }


def _variant_rows(
    plan: ParsedPlan, name: str, figures: dict[str, float]
) -> Iterable[tuple[object, ...]]:
    for variant, write in VARIANTS.items():
        again = parse(read_bytes(write(plan), variant))
        scores = likeness(plan, again)
        figures.update({f"{name} / {variant} {what}": value for what, value in scores.items()})
        yield (name, variant, *scores.values())


def likeness(plan: ParsedPlan, again: ParsedPlan) -> dict[str, float]:
    """How much of a plan is found in the same way in another form of it.

    Tables of projects are not written into the variants and are left out on both sides.
    """
    return {
        "headings F1": f1(headings(plan), headings(again)),
        "indicators": share(table_rows(plan), table_rows(again)),
        "targets F1": f1(_targets(plan), _targets(again)),
        "tasks F1": f1(_tasks(plan), _tasks(again)),
    }


def headings(plan: ParsedPlan) -> list[Hashable]:
    """Level and title of every section."""
    return [(section.level, _plain(section.title)) for section in plan.sections]


def table_rows(plan: ParsedPlan) -> list[Hashable]:
    """Name, unit, kind and target of every indicator of a table."""
    return [
        tuple(map(_plain, (i.name, i.unit, i.kind.value if i.kind else None, i.target)))
        for i in plan.indicators
        if i.source is TargetSource.TABLE
    ]


def _targets(plan: ParsedPlan) -> list[Hashable]:
    return [
        (_plain(i.name), _plain(i.target))
        for i in plan.indicators
        if i.source is TargetSource.PROSE
    ]


def _tasks(plan: ParsedPlan) -> list[Hashable]:
    return [_plain(t.title) for t in plan.tasks if t.kind is not TaskKind.MAJOR_PROJECT]


def _plain(text: str | None) -> str | None:
    """Without spaces, half-width and full-width punctuation alike."""
    if text is None:
        return None
    return re.sub(r"\s+", "", text).translate(str.maketrans("，：；（）！？", ",:;()!?"))


def f1(asked: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """F1 of two lists, each entry counted as often as it stands there."""
    if not asked and not found:
        return 1.0
    hits = sum((Counter(asked) & Counter(found)).values())
    return 2 * hits / (len(asked) + len(found))


def share(asked: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """The share of entries found exactly; entries too many count against it."""
    hits = sum((Counter(asked) & Counter(found)).values())
    return hits / max(1, len(asked), len(found)) if asked or found else 1.0


def _pairs(asked: Sequence[Any], found: Sequence[Any], same: Any) -> int:
    """How many of the asked have a partner of their own among the found."""
    left = list(found)
    hits = 0
    for one in asked:
        partner = next((other for other in left if same(one, other)), None)
        if partner is not None:
            left.remove(partner)
            hits += 1
    return hits


def _same_title(one: str, other: str) -> bool:
    first, second = _plain(one) or "", _plain(other) or ""
    return first == second or (
        min(len(first), len(second)) >= 6 and (first in second or second in first)
    )


def _same_target(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    """The same value of names that share most of their characters."""
    if _plain(one[1]) != _plain(other[1]):
        return False
    first, second = set(_plain(one[0]) or ""), set(_plain(other[0]) or "")
    return len(first & second) >= 0.6 * min(len(first), len(second))
