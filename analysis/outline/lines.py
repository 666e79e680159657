"""The lines the outline is read from: tidy text, or the grid of a table.

A document's blocks become `Line`s here. Tables typed with pipes or tabs are gathered into grids,
bullets and bold signs that a converter left behind are taken off (the bold is kept as a hint).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from analysis.documents import Block, Paragraph, Table
from analysis.outline.pagenotes import take_notes
from analysis.outline.restore import is_endless, physical_lines
from analysis.outline.text import clean, tidy

Grid = tuple[tuple[str, ...], ...]

_BULLET = re.compile(r"^(?:[-*+•●■◆▪·]\s+)(?=\S)")
# Redacted figures are printed as ** too: bold opens after a stop and holds no unit of measure.
_BOLD = re.compile(
    r"(?:(?<=^)|(?<=[。；;:：)）\s]))\*\*(?![%％名家个项亿万元件张人平套间处所条座户次])([^*\n]{2,60}?)\*\*"
)
_SPACED_NUMBER = re.compile(
    r"[ \u3000]*(?P<name>行动|任务|举措|工程|专题|板块|)"
    r"(?P<number>[一二三四五六七八九十]{1,3})[ \u3000]+"
    r"(?=[\u4e00-\u9fff“][^。；，,;]{1,30}$)"
)
_RULER = re.compile(r"^\s*[-=_*~─—]{3,}\s*$")
# The picture of a tab: `clean` would make a space of the tab itself.
_TAB = "\u2409"
_PIPE_RULER = re.compile(r"^[\s|:+-]+$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line or paragraph; `grid` is set for a table, and then `text` is empty.

    `indent`: begins with the two blanks of a Chinese paragraph.
    """

    text: str = ""
    grid: Grid | None = None
    level: int | None = None
    lead: str | None = None
    gap: bool = False
    indent: bool = False
    page: int | None = None
    note: str | None = None
    anchor: str | None = None


def lines_of(blocks: Iterable[Block]) -> list[Line]:
    """The blocks of a document as lines, typed tables gathered into grids."""
    lines: list[Line] = []
    for block in _with_signed_numbers(list(blocks)):
        if isinstance(block, Table):
            grid = tuple(tuple(tidy(cell) for cell in row) for row in block.rows)
            lines.append(Line(grid=grid, page=block.page))
            continue
        if _RULER.match(block.text):
            continue
        if is_endless(block.text):
            lines.extend(_restored(block.text))
            continue
        text, lead = _without_signs(block.text)
        if text:
            lines.append(
                Line(
                    text=text,
                    level=block.level,
                    lead=tidy(block.lead) if block.lead else lead,
                    gap=block.gap,
                    indent=block.text.startswith(("\u3000\u3000", "    ")),
                    page=block.page,
                    note=block.note,
                    anchor=block.anchor,
                )
            )
    return gather_typed_tables(lines)


def _with_signed_numbers(blocks: list[Block]) -> list[Block]:
    """一 总则 becomes 一、总则 where a document sets only a blank after the numbers of its titles.

    The blank would go with those a layout leaves between characters; 一 and 二 must both be there.
    """
    found = [
        _SPACED_NUMBER.match(block.text) if isinstance(block, Paragraph) else None
        for block in blocks
    ]
    numbers = {(match["name"], match["number"]) for match in found if match}
    result: list[Block] = []
    for block, match in zip(blocks, found, strict=True):
        if match and {(match["name"], "一"), (match["name"], "二")} <= numbers:
            assert isinstance(block, Paragraph)
            sign = "：" if match["name"] else "、"
            text = f"{block.text[: match.end('number')]}{sign}{block.text[match.end() :]}"
            result.append(replace(block, text=text))
        else:
            result.append(block)
    return result


def _restored(text: str) -> list[Line]:
    """The lines of a document that came as one line, its footnotes at the end."""
    kept, notes = take_notes(physical_lines(text))
    lines = [Line(text=tidy(line.text), page=line.page or None) for line in kept]
    lines.extend(
        Line(text=tidy(note.text), note=note.mark, anchor=tidy(note.anchor)) for note in notes
    )
    return [line for line in lines if line.text]


def _without_signs(raw: str) -> tuple[str, str | None]:
    """The text without bullet and bold signs, and the bold stretch that opened it."""
    text = _BULLET.sub("", clean(raw.replace("\t", _TAB)).replace(_TAB, "\t"))
    bold = [m for m in _BOLD.finditer(text) if re.search(r"[\u4e00-\u9fff]", m[1])]
    lead = tidy(bold[0][1]) if bold and bold[0].start() == 0 else None
    for match in reversed(bold):
        text = text[: match.start()] + match[1] + text[match.end() :]
    return (text if "\t" in raw else tidy(text)), lead


def gather_typed_tables(lines: list[Line]) -> list[Line]:
    """Runs of `a | b | c` rows, or of rows with as many tabs, become one line with a grid."""
    result: list[Line] = []
    start = 0
    while start < len(lines):
        stop = start
        while stop < len(lines) and _cells(lines[stop].text):
            stop += 1
        if stop - start >= 2:
            result.append(replace(lines[start], text="", grid=_grid(lines[start:stop])))
            start = stop
        else:
            result.append(lines[start])
            start += 1
    return result


def _cells(text: str) -> list[str]:
    """The cells of a typed row, or nothing where the line is no row."""
    for sign in ("|", "｜", "\t"):
        if text.count(sign) >= 2:
            cells = text.split(sign)
            if sign != "\t" and not cells[0].strip():
                cells = cells[1:]
            if sign != "\t" and cells and not cells[-1].strip():
                cells = cells[:-1]
            return [tidy(cell) for cell in cells]
    return []


def _grid(rows: list[Line]) -> Grid:
    cells = [_cells(row.text) for row in rows if not _PIPE_RULER.match(row.text)]
    columns = max(map(len, cells), default=0)
    return tuple(tuple(row + [""] * (columns - len(row))) for row in cells)
