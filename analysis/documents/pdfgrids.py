"""Tables without upright rules: rows of short pieces that stand under one another.

A run of lines with several pieces each is a table when the pieces fall into columns with clear
strips between them. A cell of several lines belongs to the row it stands nearest to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from analysis.documents.model import Table
from analysis.documents.pdflines import PageLine

_FEWEST_ROWS = 3
_WIDEST_CELL = 0.62
_CLEAR = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """A table in the place of the lines from `start` to `stop`."""

    start: int
    stop: int
    table: Table


def grids_in(lines: Sequence[PageLine]) -> list[Found]:
    """The tables among the lines of a page, from top to bottom."""
    found: list[Found] = []
    start = 0
    while start < len(lines):
        stop = _end_of_run(lines, start)
        columns = _columns(lines[start:stop]) if stop - start >= _FEWEST_ROWS else []
        if columns:
            stop = _with_rest(lines, stop, columns)
        rows = _rows(lines[start:stop], columns) if len(columns) >= 2 else ()
        if rows and not _is_contents(rows):
            page = lines[start].page
            found.append(Found(start, stop, Table(rows, page, page=page)))
        start = max(stop, start + 1)
    return found


def _is_contents(rows: Sequence[Sequence[str]]) -> bool:
    """Titles with their page numbers and no head above them."""
    return len(rows[0]) == 2 and all(row[1].strip(" -–—·.").isdigit() for row in rows)


def _end_of_run(lines: Sequence[PageLine], start: int) -> int:
    """Where the lines of several pieces end; one piece alone may be the rest of a cell."""
    stop = last = start
    while stop < len(lines):
        line = lines[stop]
        if line.note or (stop > start and line.top - lines[stop - 1].bottom > 3.5 * line.size):
            break
        if len(line.segments) >= 2:
            last = stop + 1
        elif stop + 1 - last > 2 or not last > start or not _may_be_rest(lines, start, stop):
            break
        stop += 1
    return last


def _may_be_rest(lines: Sequence[PageLine], start: int, at: int) -> bool:
    """Whether a single piece stands within one column of the rows above it."""
    line = lines[at]
    left = min(other.left for other in lines[start:at])
    right = max(other.right for other in lines[start:at])
    return line.right - line.left < 0.5 * (right - left)


def _with_rest(lines: Sequence[PageLine], stop: int, columns: Sequence[tuple[float, float]]) -> int:
    """Where the table ends when the last lines of its last cells are counted in."""
    whole = columns[-1][1] - columns[0][0]
    while stop < len(lines) and len(lines[stop].segments) == 1:
        line = lines[stop]
        home = any(
            left - 2 <= line.left and line.right <= right + 2 and right - left < 0.6 * whole
            for left, right in columns
        )
        if not home or line.top - lines[stop - 1].bottom > line.size:
            break
        stop += 1
    return stop


def _columns(lines: Sequence[PageLine]) -> list[tuple[float, float]]:
    """The strips in which the pieces stand, where there are clear ones."""
    several = [line for line in lines if len(line.segments) >= 2]
    if len(several) < _FEWEST_ROWS:
        return []
    counts = [len(line.segments) for line in several]
    common = max(set(counts), key=lambda count: (counts.count(count), count))
    regular = [line for line in several if len(line.segments) == common]
    if len(regular) < max(_FEWEST_ROWS, len(several) * 0.5):
        return []
    strips: list[tuple[float, float]] = []
    for piece in sorted((s for line in regular for s in line.segments), key=lambda s: s.left):
        if strips and piece.left < strips[-1][1] + _CLEAR:
            strips[-1] = (strips[-1][0], max(strips[-1][1], piece.right))
        else:
            strips.append((piece.left, piece.right))
    if len(strips) != common:
        return []
    whole = strips[-1][1] - strips[0][0]
    widest = max(right - left for left, right in strips)
    # Two columns of which one is wide are a list with its page numbers, or text beside text.
    wide = common == 2 and (len(regular) < 4 or widest > _WIDEST_CELL * whole)
    return [] if wide else strips


def _rows(
    lines: Sequence[PageLine], columns: Sequence[tuple[float, float]]
) -> tuple[tuple[str, ...], ...]:
    """The cells; a line that fills less than half of the columns joins the nearest row."""
    cells = [_cells(line, columns) for line in lines]
    full = [i for i, row in enumerate(cells) if sum(map(bool, row)) * 2 > len(columns)]
    if len(full) < _FEWEST_ROWS:
        return ()
    height = median(line.bottom - line.top for line in lines)
    rows = {i: [[text] if text else [] for text in cells[i]] for i in full}
    owners: dict[int, list[int]] = {i: [i] for i in full}
    for index, row in enumerate(cells):
        if index in rows:
            continue
        middle = (lines[index].top + lines[index].bottom) / 2
        owner = min(full, key=lambda i: (abs((lines[i].top + lines[i].bottom) / 2 - middle), -i))
        if abs((lines[owner].top + lines[owner].bottom) / 2 - middle) > 4 * height:
            return ()
        owners[owner].append(index)
        for column, text in enumerate(row):
            if text and index < owner:
                rows[owner][column].insert(0, text)
            elif text:
                rows[owner][column].append(text)
    return tuple(tuple("".join(texts) for texts in rows[i]) for i in full)


def _cells(line: PageLine, columns: Sequence[tuple[float, float]]) -> list[str]:
    """The pieces of a line in the columns they overlap most; one over several fills them all."""
    row = [""] * len(columns)
    for piece in line.segments:
        shares = [min(piece.right, right) - max(piece.left, left) for left, right in columns]
        covered = [i for i, share in enumerate(shares) if share > 0]
        whole = [i for i in covered if shares[i] > 0.7 * (columns[i][1] - columns[i][0])]
        targets = whole if len(whole) > 1 else [max(range(len(columns)), key=shares.__getitem__)]
        for index in targets:
            row[index] += piece.text
    return row
