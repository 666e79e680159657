"""Keeping keys from one version of a plan to the next. Pure.

A section, passage, indicator or task of the new text gets the key of the old one it continues:
first by identical wording, then by the most similar wording left over. What is new gets the next
free number. So a stable address, an anchor or a link keeps meaning the same thing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from analysis.contracts import ParsedPlan

SIMILAR_ENOUGH = 0.55


def rekey(new: ParsedPlan, old: ParsedPlan, retired: Collection[str] = ()) -> ParsedPlan:
    """`new` with the keys of `old` wherever it continues it; ids stay unique.

    `retired` holds keys of still older versions: what they named is gone and they are not reused.
    """
    fresh, former = named(new), named(old)
    pairs = {
        kind: _paired(fresh[kind], former[kind], kind, retired)
        for kind in ("s", "p", "i", "t", "b")
    }
    return _renamed(new, pairs["s"], pairs["p"], pairs["i"], pairs["t"], pairs["b"])


def kept_clear(new: ParsedPlan, old: ParsedPlan, retired: Collection[str]) -> ParsedPlan:
    """`new`, a correction of `old`, with what it added under keys that never named anything."""
    known = keys_of(old)
    clashing = {key for key in keys_of(new) if key not in known and key in retired}
    if not clashing:
        return new
    pairs: dict[str, dict[str, str]] = {}
    for kind, items in named(new).items():
        numbers = _free_numbers([*known, *retired, *(key for key, _ in items)], kind)
        pairs[kind] = {
            key: f"{kind}{next(numbers)}" if key in clashing else key for key, _ in items
        }
    return _renamed(new, pairs["s"], pairs["p"], pairs["i"], pairs["t"], pairs["b"])


def named(plan: ParsedPlan) -> dict[str, list[tuple[str, str]]]:
    """Ids with their wording, by the letter of their kind."""
    return {
        "s": [(s.id, s.title) for s in plan.sections],
        "p": [(p.id, p.text) for s in plan.sections for p in s.passages],
        "i": [(i.id, i.name) for i in plan.indicators],
        "t": [(t.id, t.title) for t in plan.tasks],
        "b": [(b.id, b.title) for b in plan.boxes],
    }


def keys_of(plan: ParsedPlan) -> set[str]:
    """Every key a plan uses."""
    return {key for pairs in named(plan).values() for key, _ in pairs}


def _paired(
    new: Sequence[tuple[str, str]],
    old: Sequence[tuple[str, str]],
    prefix: str,
    retired: Collection[str],
) -> dict[str, str]:
    """New id → key. Identical wordings pair in order; then the nearest of what is left."""
    left: dict[str, list[str]] = {}
    for key, words in old:
        left.setdefault(words, []).append(key)
    pairs: dict[str, str] = {}
    unmatched: list[tuple[str, str]] = []
    for new_id, words in new:
        if left.get(words):
            pairs[new_id] = left[words].pop(0)
        else:
            unmatched.append((new_id, words))
    remaining = [(key, words) for words, keys in left.items() for key in keys]
    pairs |= _nearest(unmatched, remaining)
    numbers = _free_numbers([*(key for key, _ in old), *retired], prefix)
    for new_id, _ in new:
        if new_id not in pairs:
            pairs[new_id] = f"{prefix}{next(numbers)}"
    return pairs


def _nearest(new: Sequence[tuple[str, str]], old: Sequence[tuple[str, str]]) -> dict[str, str]:
    scored = []
    for new_id, words in new:
        matcher = SequenceMatcher(None, "", words, autojunk=False)
        for key, other in old:
            matcher.set_seq1(other)
            if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < SIMILAR_ENOUGH:
                continue
            ratio = matcher.ratio()
            if ratio >= SIMILAR_ENOUGH:
                scored.append((-ratio, new_id, key))
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for _, new_id, key in sorted(scored):
        if new_id not in pairs and key not in taken:
            pairs[new_id] = key
            taken.add(key)
    return pairs


def _free_numbers(keys: Iterable[str], prefix: str) -> Iterator[int]:
    used = [int(key[1:]) for key in keys if key[0] == prefix and key[1:].isdigit()]
    start = max(used, default=0)
    while True:
        start += 1
        yield start


def _renamed(
    plan: ParsedPlan,
    sections: Mapping[str, str],
    passages: Mapping[str, str],
    indicators: Mapping[str, str],
    tasks: Mapping[str, str],
    boxes: Mapping[str, str],
) -> ParsedPlan:
    def section(key: str | None) -> str | None:
        return None if key is None else sections[key]

    def passage(key: str | None) -> str | None:
        # A note may stand at a passage that was made a heading since.
        return None if key is None else passages.get(key)

    return replace(
        plan,
        sections=tuple(
            replace(
                s,
                id=sections[s.id],
                parent=section(s.parent),
                passages=tuple(replace(p, id=passages[p.id]) for p in s.passages),
            )
            for s in plan.sections
        ),
        indicators=tuple(
            replace(i, id=indicators[i.id], section=section(i.section)) for i in plan.indicators
        ),
        tasks=tuple(
            replace(
                t,
                id=tasks[t.id],
                section=section(t.section),
                box=None if t.box is None else boxes[t.box],
            )
            for t in plan.tasks
        ),
        boxes=tuple(
            replace(
                b,
                id=boxes[b.id],
                section=section(b.section),
                items=tuple(tasks[t] for t in b.items),
            )
            for b in plan.boxes
        ),
        footnotes=tuple(replace(f, passage=passage(f.passage)) for f in plan.footnotes),
        captions=tuple(replace(c, section=section(c.section)) for c in plan.captions),
        warnings=tuple(replace(w, passage=passage(w.passage)) for w in plan.warnings),
    )
