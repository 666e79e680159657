"""The lines of one PDF page: characters gathered by height, with indents, gaps and small type."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

_EDGE = 0.09
_NOTE = re.compile(r"^(?:([①-⑳])|[\[〔(（]?(\d{1,3})[\]〕)）]?)\s*[.、．]?\s*(?=\S)")
_CONTEXT = 12


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a line with wide blanks on both sides."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of text and where it stands, measured from the top left in points.

    `shift`: how far right of the page's own margin the margin of its column lies.
    """

    text: str
    page: int
    left: float
    right: float
    top: float
    bottom: float
    size: float = 10.0
    at_edge: bool = False
    indented: bool = False
    gap: bool = False
    note: str | None = None
    anchor: str | None = None
    segments: tuple[Segment, ...] = ()
    shift: float = 0.0


@dataclass(frozen=True, slots=True)
class _Char:
    text: str
    left: float
    right: float
    top: float
    bottom: float

    @property
    def size(self) -> float:
        return self.bottom - self.top


def lines_of_page(page: Any, number: int) -> list[PageLine]:
    """The lines of a page from top to bottom."""
    height = page.get_height()
    rows = _rows(_characters(page, height))
    if not rows:
        return []
    size = median(char.size for row in rows for char in row if char.text.strip()) or 10.0
    lines: list[PageLine] = []
    anchors: dict[str, str] = {}
    below = 0.0
    for row in rows:
        text, marks = _text(row, size)
        if not text.strip():
            continue
        anchors.update(marks)
        top, bottom = min(c.top for c in row), max(c.bottom for c in row)
        left, right = min(c.left for c in row), max(c.right for c in row)
        small = median(c.size for c in row) < size * 0.86 and top > height * 0.5
        note = _NOTE.match(text) if small else None
        mark = (note[1] or note[2]) if note else None
        lines.append(
            PageLine(
                text=text[note.end() :].strip() if note else text.strip(),
                page=number,
                left=left,
                right=right,
                top=top,
                bottom=bottom,
                at_edge=bottom < height * _EDGE or top > height * (1 - _EDGE),
                size=size,
                gap=bool(below) and top - below > 1.8 * size,
                note=mark,
                anchor=anchors.get(mark) if mark else None,
                segments=_segments(row, text.strip(), size),
            )
        )
        below = bottom
    return _with_long_notes(lines, size)


def _segments(row: Sequence[_Char], whole: str, size: float) -> tuple[Segment, ...]:
    """The pieces of a row between blanks wider than a character and a bit."""
    pieces: list[list[_Char]] = []
    for char in row:
        if not char.text.strip():
            continue
        if pieces and char.left - pieces[-1][-1].right < 1.2 * size:
            pieces[-1].append(char)
        else:
            pieces.append([char])
    if len(pieces) == 1:
        return (Segment(whole, pieces[0][0].left, pieces[0][-1].right),)
    return tuple(
        Segment(_text(piece, size)[0].strip(), piece[0].left, max(c.right for c in piece))
        for piece in pieces
    )


def _characters(page: Any, height: float) -> list[_Char]:
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        text = textpage.get_text_range(0, count) if count else ""
        if len(text) != count:  # pdfium counts UTF-16 units; ask one by one where they differ
            text = "".join((textpage.get_text_range(i, 1) or " ")[:1] for i in range(count))
        chars: list[_Char] = []
        for index, character in enumerate(text):
            if character in "\r\n\ufffe\x02":
                continue
            left, bottom, right, top = textpage.get_charbox(index, loose=True)
            chars.append(_Char(character, left, right, height - top, height - bottom))
        return chars
    finally:
        textpage.close()


def _rows(chars: Sequence[_Char]) -> list[list[_Char]]:
    """Characters of one height, left to right; a raised mark stays in its line."""
    rows: list[list[_Char]] = []
    for char in chars:
        middle = (char.top + char.bottom) / 2
        row = rows[-1] if rows else None
        if row is not None:
            top = min(c.top for c in row[-6:])
            bottom = max(c.bottom for c in row[-6:])
            if top <= middle <= bottom and char.left >= row[-1].left - 1:
                row.append(char)
                continue
        rows.append([char])
    rows.sort(key=lambda r: (round(median(c.bottom for c in r)), r[0].left))
    return _joined_rows(rows)


def _joined_rows(rows: Sequence[list[_Char]]) -> list[list[_Char]]:
    """Pieces of one line that the file stored apart are one row."""
    joined: list[list[_Char]] = []
    for row in rows:
        last = joined[-1] if joined else None
        if last and _same_height(last, row) and row[0].left >= last[-1].right - 2:
            last.extend(row)
        else:
            joined.append(list(row))
    return joined


def _same_height(first: Sequence[_Char], second: Sequence[_Char]) -> bool:
    middle = median((c.top + c.bottom) / 2 for c in second)
    return min(c.top for c in first) <= middle <= max(c.bottom for c in first)


def with_indents(pages: Sequence[Sequence[PageLine]]) -> list[list[PageLine]]:
    """The lines with `indented` set: by the left margin of the odd and of the even pages."""
    margins = [_margin([line for page in pages[odd::2] for line in page]) for odd in (0, 1)]
    return [
        [
            replace(
                line,
                indented=0.9 * line.size
                < line.left - line.shift - margins[number % 2]
                < 4.5 * line.size,
            )
            for line in page
        ]
        for number, page in enumerate(pages)
    ]


def _margin(lines: Sequence[PageLine]) -> float:
    """Where full lines begin: the leftmost edge that many lines share."""
    edges = Counter(
        round(line.left - line.shift) for line in lines if not line.at_edge and not line.note
    )
    if not edges:
        return 0.0
    shared = max(edges.values()) * 0.2
    return float(min(edge for edge, count in edges.items() if count >= shared))


def _text(row: Sequence[_Char], size: float) -> tuple[str, dict[str, str]]:
    """The text of a row with spaces for wide gaps, raised footnote marks taken out."""
    text, marks, mark = "", {}, ""
    own = median(c.size for c in row)
    base = max(c.bottom for c in row)
    previous: _Char | None = None
    for char in row:
        raised = char.size < own * 0.75 and char.bottom < base - 0.2 * size
        if raised and char.text.isdigit() and text:
            mark += char.text
            previous = char
            continue
        if mark:
            marks[mark], mark = text[-_CONTEXT:], ""
        if previous is not None and char.left - previous.right > 0.6 * own and text[-1:] != " ":
            text += " "
        text += char.text
        previous = char
    if mark:
        marks[mark] = text[-_CONTEXT:]
    return re.sub(r" {2,}", " ", text), marks


def _with_long_notes(lines: Sequence[PageLine], size: float) -> list[PageLine]:
    """A footnote goes on over the small lines below its first."""
    result: list[PageLine] = []
    for line in lines:
        last = result[-1] if result else None
        small = line.bottom - line.top < size * 0.95
        if last and last.note and not line.note and not line.at_edge and small:
            result[-1] = replace(last, text=last.text + line.text, bottom=line.bottom)
        else:
            result.append(line)
    return result
