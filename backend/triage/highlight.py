"""Marking the words a reading rests on, inside the text that is shown.

Spans count code points of the raw text (analysis contract); what is shown may be the masked text,
in which other words can stand. A span is marked only where the shown words are the raw ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the raw text and what it speaks for, such as `情感`."""

    start: int
    end: int
    note: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of shown text; `notes` is empty for plain words."""

    text: str
    notes: tuple[str, ...] = ()


def marks_of(spans: Iterable[Mapping[str, Any]] | None, note: str) -> list[Mark]:
    """Marks from stored evidence; only those in the comment's text, malformed ones left out."""
    found = []
    for span in spans or ():
        start, end = span.get("start"), span.get("end")
        if span.get("field", "text") == "text" and isinstance(start, int) and isinstance(end, int):
            found.append(Mark(start, end, note))
    return found


def segments(shown: str, raw: str, marks: Iterable[Mark]) -> list[Segment]:
    """The shown text cut at the edges of the marks; joined, the segments are the text again."""
    placed = [mark for mark in (_place(mark, shown, raw) for mark in marks) if mark is not None]
    edges = sorted({0, len(shown), *(m.start for m in placed), *(m.end for m in placed)})
    cut = []
    for start, end in pairwise(edges):
        notes = dict.fromkeys(m.note for m in placed if m.start <= start and end <= m.end)
        cut.append(Segment(shown[start:end], tuple(notes)))
    return cut


def _place(mark: Mark, shown: str, raw: str) -> Mark | None:
    words = raw[mark.start : mark.end]
    if not words.strip() or mark.start < 0:
        return None
    start = mark.start if shown.startswith(words, mark.start) else shown.find(words)
    return None if start < 0 else Mark(start, start + len(words), mark.note)
