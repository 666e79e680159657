"""PDF files with a text layer: lines by their place on the page, tables by their ruling.

Characters come from pdfium with their boxes; lines are gathered by height, page numbers and
running heads dropped by where they stand and how often they come, footnotes known by their small
type at the foot of the page. Ruled tables are read with pdfplumber, on the pages that have rules
only, and a table that goes on over a page end is put together again. An indented line begins with
two blanks, as in a Chinese text file, so that the outline can join the lines into paragraphs.
"""

import io
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2

from analysis.documents.model import (
    Block,
    Paragraph,
    ScannedDocument,
    Table,
    UnreadableDocument,
)
from analysis.documents.pdfcolumns import in_reading_order
from analysis.documents.pdfgrids import grids_in
from analysis.documents.pdflines import PageLine, lines_of_page, with_indents
from analysis.documents.recognition import can_recognise, recognised_lines

_SCANNED = "这是扫描件（只有图片，没有文字层），请选择机器识别文字（OCR），或上传可选中文字的文件。"
_MAX_PAGES = 2000
_EDGE = 0.09
_PAGE_NUMBER = re.compile(
    r"^[-–—~·|\s]*(?:第\s*)?\d{1,4}(?:\s*页)?(?:\s*[/／,，共]+\s*\d{1,4}\s*页?)?[-–—~·|\s]*$"
)
_FEWEST_RULES = 4
_FEWEST_CHARACTERS = 8
# What pdfplumber raises, beside its own errors, on pages whose objects are damaged.
_DAMAGE = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    zlib.error,
    RecursionError,
)
Box = tuple[float, float, float, float]
OnPage = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class PdfText:
    """What a PDF holds; pages by number, `recognised` by machine, `images` not read at all."""

    blocks: tuple[Block, ...]
    recognised: tuple[int, ...] = ()
    images: tuple[int, ...] = ()


def read_pdf(data: bytes, *, recognise: bool = False, on_page: OnPage | None = None) -> PdfText:
    """The text of a PDF; raises `UnreadableDocument`, of a scan `ScannedDocument`.

    `recognise`: pages that are pictures are read by machine, which takes seconds for each.
    """
    if recognise and not can_recognise():
        raise UnreadableDocument("这台服务器没有安装文字识别（OCR），请联系管理员安装后再试。")
    document = _open(data)
    tables = _Tables(data)
    pages: list[list[PageLine]] = []
    images: list[int] = []
    try:
        count = len(document)
        if count > _MAX_PAGES:
            raise UnreadableDocument(f"文件超过 {_MAX_PAGES} 页，请拆分后重新上传。")
        for index in range(count):
            page = document[index]
            lines = lines_of_page(page, index + 1)
            if _is_image(page, lines):
                images.append(index + 1)
                lines = recognised_lines(page, index + 1) if recognise else lines
            elif _rules(page) >= _FEWEST_RULES:
                tables.read(index)
            pages.append(in_reading_order(lines))
            page.close()
            if on_page:
                on_page(index + 1, count)
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(_broken()) from error
    finally:
        document.close()
    if sum(len(line.text) for page in pages for line in page) < 8 * len(pages):
        raise ScannedDocument(_SCANNED, len(pages))
    blocks = _blocks(with_indents(pages), tables.found)
    return PdfText(
        tuple(_without_lone_rows(_across_pages(blocks))),
        recognised=tuple(images) if recognise else (),
        images=() if recognise else tuple(images),
    )


def _blocks(
    pages: Sequence[Sequence[PageLine]], tables: Mapping[int, list[tuple[Box, Table]]]
) -> list[Block]:
    heads = _running_heads(pages)
    blocks: list[Block] = []
    for number, page in enumerate(pages, start=1):
        blocks.extend(_blocks_of_page(page, tables.get(number - 1, []), heads))
    return blocks


def _is_image(page: Any, lines: Sequence[PageLine]) -> bool:
    """Whether a page holds a picture and no text to speak of."""
    if sum(len(line.text) for line in lines if not line.at_edge) >= _FEWEST_CHARACTERS:
        return False
    return next(iter(page.get_objects(filter=[3], max_depth=3)), None) is not None  # 3: an image


def _open(data: bytes) -> Any:
    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocument("PDF 设有密码，请先取消密码再上传。") from error
        raise UnreadableDocument(_broken()) from error


def _broken() -> str:
    return "PDF 文件已损坏，无法打开，请重新导出后上传。"


def _rules(page: Any) -> int:
    """How many drawn lines and boxes a page has, counted up to what makes a table possible."""
    count = 0
    for drawn in page.get_objects(filter=[2], max_depth=2):  # 2: FPDF_PAGEOBJ_PATH
        count += 1
        if count >= _FEWEST_RULES:
            break
        del drawn
    return count


class _Tables:
    """The ruled tables of the pages that have rules, by page, each with its box."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._document: Any = None
        self.found: dict[int, list[tuple[Box, Table]]] = {}

    def read(self, index: int) -> None:
        """Find the tables of a page; a damaged page keeps its lines of text."""
        # Imported here: most documents have no ruled table, and it takes a fifth of a second.
        import pdfplumber
        from pdfminer.psexceptions import PSException
        from pdfplumber.utils.exceptions import PdfminerException

        try:
            if self._document is None:
                self._document = pdfplumber.open(io.BytesIO(self._data))
            page = self._document.pages[index]
            self.found[index] = _tables_of_page(page, index + 1)
            page.close()
        except (PdfminerException, PSException, *_DAMAGE):
            return


def _tables_of_page(page: Any, number: int) -> list[tuple[Box, Table]]:
    grids = [(table.bbox, _grid(table)) for table in page.find_tables()]
    return [(box, Table(grid, number, page=number)) for box, grid in grids if grid]


def _grid(table: Any) -> tuple[tuple[str, ...], ...] | None:
    """Cell texts; a merged cell (None for pdfplumber) repeats the one beside or above it."""
    rows: list[list[str]] = []
    for cells in table.extract():
        row: list[str] = []
        for x, cell in enumerate(cells):
            if cell is not None:
                row.append(re.sub(r"\s*\n\s*", " ", cell).strip())
            elif rows and x < len(rows[-1]) and (not x or cells[x - 1] is not None):
                row.append(rows[-1][x])
            else:
                row.append(row[-1] if row else "")
        rows.append(row)
    filled = [row for row in rows if any(row)]
    if not filled or max(map(len, filled)) < 2:
        return None
    return tuple(tuple(row) for row in filled)


def _running_heads(pages: Sequence[Sequence[PageLine]]) -> set[str]:
    """What stands at the same edge of many pages, page numbers apart."""
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_without_figures(line.text) for line in page if line.at_edge})
    enough = 2 if len(pages) <= 6 else len(pages) // 3
    return {text for text, count in counts.items() if count >= enough and text}


def _without_figures(text: str) -> str:
    return re.sub(r"[\d\s\-–—|·/第页共]", "", text)


def _blocks_of_page(
    lines: Sequence[PageLine], tables: Sequence[tuple[Box, Table]], heads: set[str]
) -> list[Block]:
    """Lines and tables of one page in reading order, furniture dropped."""
    body = [line for line in lines if not _is_furniture(line, heads)]
    waiting = sorted(tables, key=lambda item: item[0][1])
    loose = [line for line in body if not any(_inside(line, box) for box, _ in tables)]
    grids = {found.start: found for found in grids_in(loose)}
    blocks: list[Block] = []
    stop = 0
    for index, line in enumerate(loose):
        while waiting and waiting[0][0][1] < line.top and not line.shift:
            blocks.append(waiting.pop(0)[1])
        if index in grids:
            blocks.append(grids[index].table)
            stop = grids[index].stop
        elif index >= stop:
            blocks.append(_paragraph(line))
    return [*blocks, *(table for _, table in waiting)]


def _is_furniture(line: PageLine, heads: set[str]) -> bool:
    if not line.at_edge:
        return False
    return bool(_PAGE_NUMBER.match(line.text)) or _without_figures(line.text) in heads


def _inside(line: PageLine, box: Box) -> bool:
    middle = (line.top + line.bottom) / 2
    return (
        box[1] - 1 <= middle <= box[3] + 1 and line.left >= box[0] - 4 and line.right <= box[2] + 4
    )


def _paragraph(line: PageLine) -> Paragraph:
    if line.note:
        return Paragraph(line.text, line.page, page=line.page, note=line.note, anchor=line.anchor)
    text = f"\u3000\u3000{line.text}" if line.indented else line.text
    return Paragraph(text, line.page, gap=line.gap, page=line.page)


def _across_pages(blocks: Sequence[Block]) -> list[Block]:
    """A table that begins a page goes on the one that ended the page before."""
    merged: list[Block] = []
    for block in blocks:
        last = merged[-1] if merged else None
        if (
            isinstance(block, Table)
            and isinstance(last, Table)
            and block.page != last.page
            and len(block.rows[0]) == len(last.rows[0])
        ):
            rows = block.rows[1:] if block.rows[0] == last.rows[0] else block.rows
            merged[-1] = Table(_joined(last.rows, rows), last.place, page=last.page)
        else:
            merged.append(block)
    return merged


def _without_lone_rows(blocks: Sequence[Block]) -> Iterator[Block]:
    """One ruled row that goes on no table is a frame around text."""
    for block in blocks:
        if isinstance(block, Table) and len(block.rows) == 1:
            cells = dict.fromkeys(cell for cell in block.rows[0] if cell)
            yield from (Paragraph(cell, block.place, page=block.page) for cell in cells)
        else:
            yield block


def _joined(
    above: tuple[tuple[str, ...], ...], below: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], ...]:
    """The rows of both parts; a row cut by the page end is put together again."""
    first = below[0] if below else ()
    cut = first and not first[0] and 2 * sum(map(bool, first)) <= len(first) and above[-1][0]
    if not cut:
        return (*above, *below)
    whole = tuple(a + b for a, b in zip(above[-1], first, strict=True))
    return (*above[:-1], whole, *below[1:])
