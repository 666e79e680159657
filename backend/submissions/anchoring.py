"""Where the words a comment is about stand in a newer text. Pure.

A comment keeps the quote, what stood around it, and the key of its passage, indicator, task or
section. On a new version it is found again by key and quote, else by the quote elsewhere, else it
says 原文已修改 or 已删除 and its old words stay on show. A comment is never lost with its passage.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.contracts import ParsedPlan
from backend.models import AnchorKind, AnchorState


@dataclass(frozen=True, slots=True)
class Place:
    """What a key points to in one version: its words and its section."""

    words: str
    section_key: str | None


@dataclass(frozen=True, slots=True)
class Anchored:
    """Where a comment stands now."""

    key: str | None
    section_key: str | None
    state: AnchorState


def places_of(plan: ParsedPlan) -> dict[str, Place]:
    """Key → place of every section, passage, indicator and task."""
    places = {s.id: Place(s.title, s.id) for s in plan.sections}
    places |= {p.id: Place(p.text, s.id) for s in plan.sections for p in s.passages}
    places |= {i.id: Place(i.name, i.section) for i in plan.indicators}
    places |= {t.id: Place(t.title, t.section) for t in plan.tasks}
    return places


def re_anchor(
    kind: AnchorKind, key: str | None, quote: str, places: Mapping[str, Place]
) -> Anchored:
    """Find a comment's words in the places of the current text."""
    if kind is AnchorKind.PLAN or key is None:
        return Anchored(key, None, AnchorState.PRESENT)
    here = places.get(key)
    if here is not None and (not quote or quote in here.words):
        return Anchored(key, here.section_key, AnchorState.PRESENT)
    if kind is AnchorKind.PASSAGE and quote:
        moved = next((k for k, p in places.items() if k[0] == key[0] and quote in p.words), None)
        if moved is not None:
            return Anchored(moved, places[moved].section_key, AnchorState.PRESENT)
    if here is not None:
        return Anchored(key, here.section_key, AnchorState.CHANGED)
    return Anchored(key, None, AnchorState.REMOVED)
