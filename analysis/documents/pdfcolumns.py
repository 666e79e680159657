"""Pages set in two columns: the left one is read to its end before the right one.

A gutter is an upright strip that the running text leaves empty. What crosses it (a title, a table
over both columns) ends the columns above it; below it they begin anew.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from analysis.documents.pdflines import PageLine, Segment

_FEWEST_LINES = 5
_FILLED = 0.62


def in_reading_order(lines: Sequence[PageLine]) -> list[PageLine]:
    """The lines of a page, those of two columns split and put one column after the other."""
    body = [line for line in lines if not line.at_edge]
    gutter = _gutter(body)
    if gutter is None:
        return list(lines)
    shift = _shift(body, gutter)
    ordered: list[PageLine] = []
    left: list[PageLine] = []
    right: list[PageLine] = []
    for line in lines:
        if line.at_edge or _crosses(line, gutter):
            ordered += [*left, *right, line]
            left, right = [], []
            continue
        first = [s for s in line.segments if s.right <= gutter]
        second = [s for s in line.segments if s.left >= gutter]
        left += [_part(line, first)] if first else []
        right += [replace(_part(line, second), shift=shift)] if second else []
    return [*ordered, *left, *right]


def _gutter(lines: Sequence[PageLine]) -> float | None:
    """The middle of the empty strip between two columns of text, or None."""
    segments = [segment for line in lines for segment in line.segments]
    if len(segments) < 2 * _FEWEST_LINES:
        return None
    start, end = min(s.left for s in segments), max(s.right for s in segments)
    size = median(line.size for line in lines)
    best: tuple[int, float] | None = None
    # Every place between two segments in the middle third is a candidate.
    for edge in sorted({round(s.right) for s in segments}):
        x = edge + 0.4 * size
        if not start + (end - start) * 0.35 < x < start + (end - start) * 0.65:
            continue
        crossing = sum(s.left < x < s.right for s in segments)
        if best is None or crossing < best[0]:
            best = (crossing, x)
    if best is None:
        return None
    crossing, x = best
    left = [s for s in segments if s.right <= x]
    right = [s for s in segments if s.left >= x]
    few = min(len(left), len(right)) < _FEWEST_LINES or crossing * 3 > len(left) + len(right)
    if few or min(s.left for s in right) - x > 4 * size:
        return None
    return x if _is_text(left, x - start) and _is_text(right, end - x) else None


def _is_text(segments: Sequence[Segment], width: float) -> bool:
    """Whether most lines of a column fill it: cells of a table do not."""
    return median(segment.right - segment.left for segment in segments) >= _FILLED * width


def _crosses(line: PageLine, gutter: float) -> bool:
    return any(s.left < gutter < s.right for s in line.segments)


def _shift(lines: Sequence[PageLine], gutter: float) -> float:
    """How far the right column's margin lies from the left one's."""
    segments = [segment for line in lines for segment in line.segments]
    return min(s.left for s in segments if s.left >= gutter) - min(
        s.left for s in segments if s.right <= gutter
    )


def _part(line: PageLine, segments: Sequence[Segment]) -> PageLine:
    """One column's share of a line."""
    if len(segments) == len(line.segments):
        return line
    return replace(
        line,
        text=" ".join(segment.text for segment in segments),
        left=segments[0].left,
        right=segments[-1].right,
        segments=tuple(segments),
    )
