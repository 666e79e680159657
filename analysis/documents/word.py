"""Word documents, read from their parts: text, heading styles, automatic numbers, tables, notes.

The parts are parsed directly (entities never resolved, no network): what a reader of plans needs
is small, and automatic numbers, which Word computes and stores nowhere, have to be counted anyway.
Deleted text of tracked changes is skipped, inserted text is read.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from analysis.documents.model import Block, Paragraph, Table, UnreadableDocument
from analysis.documents.wordnumbers import Numbering, read_numbering
from analysis.documents.wordxml import W, parse_part, value

_HEADING = re.compile(r"^(?:heading|标题) ?([1-9])$", re.IGNORECASE)
_CONTENTS = re.compile(r"^(?:toc|目录)(?: ?\d| heading|标题)?$", re.IGNORECASE)
_CONTEXT = 12
_MAX_CELLS = 400_000
_SKIPPED = frozenset(
    f"{W}{tag}" for tag in ("del", "moveFrom", "instrText", "pPr", "rPr", "sectPr")
)
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    KeyError,
    OSError,
    EOFError,
    RuntimeError,  # NotImplementedError too: a way of packing nobody uses
)
_BROKEN = "Word 文件已损坏，无法读取，请用 Word 打开后另存一份再上传。"


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style says: its level as a heading, its numbering, and whose child it is."""

    name: str
    level: int | None = None
    numbering: tuple[str, int] | None = None
    based_on: str | None = None


@dataclass(slots=True)
class _Reader:
    """The parts a paragraph refers to, and the blocks found so far."""

    styles: dict[str, _Style]
    numbering: Numbering
    blocks: list[Block] = field(default_factory=list)
    anchors: dict[str, str] = field(default_factory=dict)


def read_word(data: bytes) -> tuple[Block, ...]:
    """The blocks of a .docx; raises `UnreadableDocument`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {
                name: archive.read(f"word/{name}.xml")
                for name in ("document", "styles", "numbering", "footnotes", "endnotes")
                if f"word/{name}.xml" in archive.namelist()
            }
        body = parse_part(parts["document"]).find(f"{W}body")
        reader = _Reader(_styles(parts.get("styles")), read_numbering(parts.get("numbering")))
        if body is None:
            raise UnreadableDocument(_BROKEN)
        _walk(body, reader)
        for name in ("footnotes", "endnotes"):
            _read_notes(parts.get(name), reader)
    except _DAMAGE as error:
        raise UnreadableDocument(_BROKEN) from error
    return tuple(reader.blocks)


def _styles(part: bytes | None) -> dict[str, _Style]:
    if part is None:
        return {}
    styles: dict[str, _Style] = {}
    for style in parse_part(part).iter(f"{W}style"):
        name = value(style.find(f"{W}name")) or ""
        outline = value(style.find(f"{W}pPr/{W}outlineLvl"))
        named = _HEADING.match(name)
        level = int(named[1]) if named else None
        if level is None and outline and outline.isdigit() and int(outline) < 9:
            level = int(outline) + 1
        styles[style.get(f"{W}styleId", "")] = _Style(
            name=name,
            level=level,
            numbering=_numbering_of(style.find(f"{W}pPr")),
            based_on=value(style.find(f"{W}basedOn")),
        )
    return styles


def _numbering_of(properties: Any) -> tuple[str, int] | None:
    if properties is None or (number := properties.find(f"{W}numPr")) is None:
        return None
    id_, level = value(number.find(f"{W}numId")), value(number.find(f"{W}ilvl"))
    return (id_, int(level) if level and level.isdigit() else 0) if id_ else None


def _inherited(style: str | None, styles: dict[str, _Style]) -> Iterator[_Style]:
    """A style and those it is based on."""
    seen: set[str] = set()
    while style and style in styles and style not in seen:
        seen.add(style)
        yield styles[style]
        style = styles[style].based_on


def _walk(container: Any, reader: _Reader) -> None:
    """Paragraphs and tables in reading order, through content controls."""
    for element in container:
        if element.tag == f"{W}p":
            _read_paragraph(element, reader)
        elif element.tag == f"{W}tbl":
            _read_table(element, reader)
        elif element.tag == f"{W}sdt":
            gallery = value(element.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")) or ""
            content = element.find(f"{W}sdtContent")
            if content is not None and "Table of Contents" not in gallery:
                _walk(content, reader)
        elif element.tag in (f"{W}ins", f"{W}smartTag", f"{W}customXml", f"{W}moveTo"):
            _walk(element, reader)


def _read_paragraph(element: Any, reader: _Reader) -> None:
    properties = element.find(f"{W}pPr")
    style = value(element.find(f"{W}pPr/{W}pStyle"))
    chain = list(_inherited(style, reader.styles))
    if chain and _CONTENTS.match(chain[0].name):
        return
    outline = value(element.find(f"{W}pPr/{W}outlineLvl"))
    level = next((s.level for s in chain if s.level), None)
    if outline and outline.isdigit() and int(outline) < 9:
        level = int(outline) + 1
    numbering = _numbering_of(properties) or next((s.numbering for s in chain if s.numbering), None)
    number = reader.numbering.next(*numbering) if numbering else ""

    content = _content(element)
    text = content.text
    lead = _lead(content.pieces)
    place = len(reader.blocks) + 1
    if text.strip():
        for index, line in enumerate(text.split("\n")):
            prefix = number if index == 0 else ""
            if (prefix + line).strip():
                reader.blocks.append(
                    Paragraph(
                        prefix + line,
                        place,
                        level=level if index == 0 else None,
                        lead=lead if index == 0 and not number else None,
                    )
                )
    for mark, before in content.marks:
        reader.anchors.setdefault(mark, before)
    for box in content.boxes:
        _walk(box, reader)


@dataclass(slots=True)
class _Content:
    """What stands in a paragraph: its text with its boldness, the text boxes anchored in it, and
    the notes it refers to, each with the words before its mark."""

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    marks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text alone."""
        return "".join(piece for piece, _ in self.pieces)


def _content(element: Any) -> _Content:
    content = _Content()
    stack = [iter(element)]
    bold = False
    while stack:
        node = next(stack[-1], None)
        if node is None:
            stack.pop()
        elif node.tag in _SKIPPED or node.tag == _FALLBACK:
            continue
        elif node.tag == f"{W}txbxContent":
            content.boxes.append(node)
        elif node.tag in _NOTES:
            mark = f"{_NOTES[node.tag]}/{node.get(f'{W}id')}"
            content.marks.append((mark, content.text[-_CONTEXT:]))
        elif (text := _printed(node)) is not None:
            content.pieces.append((text, bold))
        else:
            if node.tag == f"{W}r":
                sign = node.find(f"{W}rPr/{W}b")
                bold = sign is not None and sign.get(f"{W}val", "1") not in ("0", "false", "none")
            stack.append(iter(node))
    return content


def _printed(node: Any) -> str | None:
    """The text an element stands for, or None where it only contains others."""
    if node.tag == f"{W}t":
        return node.text or ""
    if node.tag in (f"{W}br", f"{W}cr"):
        return "" if node.get(f"{W}type") == "page" else "\n"
    return {f"{W}tab": " ", f"{W}noBreakHyphen": "-"}.get(node.tag)


def _lead(pieces: list[tuple[str, bool]]) -> str | None:
    """The bold text that opens a paragraph which goes on in plain type."""
    lead = ""
    for text, bold in pieces:
        if not bold and text.strip():
            break
        lead += text
    whole = "".join(text for text, _ in pieces)
    return lead.strip() if lead.strip() and len(lead.strip()) < len(whole.strip()) else None


def _read_notes(part: bytes | None, reader: _Reader) -> None:
    """Footnotes or endnotes, numbered in their order as Word prints them."""
    if part is None:
        return
    root = parse_part(part)
    kind = "footnotes" if root.tag.endswith("footnotes") else "endnotes"
    number = 0
    for note in root:
        if note.get(f"{W}type") in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        text = "".join(t.text or "" for t in note.iter(f"{W}t")).strip()
        if text:
            number += 1
            anchor = reader.anchors.get(f"{kind}/{note.get(f'{W}id')}")
            reader.blocks.append(
                Paragraph(text, len(reader.blocks) + 1, note=str(number), anchor=anchor)
            )


def _read_table(element: Any, reader: _Reader) -> None:
    """A grid; a table of one column is a frame around paragraphs."""
    rows = [row for row in element.iter(f"{W}tr") if _belongs(row, element)]
    cells = [[c for c in row.iter(f"{W}tc") if _belongs(c, element)] for row in rows]
    if all(len(row) <= 1 for row in cells):
        for row in cells:
            for cell in row:
                _walk(cell, reader)
        return
    grid: list[list[str]] = []
    above: dict[int, str] = {}
    count = 0
    for row in cells:
        line: list[str] = []
        for cell in row:
            span = value(cell.find(f"{W}tcPr/{W}gridSpan")) or "1"
            width = min(int(span), 100) if span.isdigit() else 1
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            text = " ".join(_cell_text(cell).split("\n")).strip()
            if merge is not None and merge.get(f"{W}val") != "restart":
                text = above.get(len(line), text)
            for _ in range(width):
                above[len(line)] = text
                line.append(text)
        count += len(line)
        if count > _MAX_CELLS:
            raise UnreadableDocument("表格过大，无法读取，请拆分后重新上传。")
        grid.append(line)
    columns = max(map(len, grid))
    filled = tuple(tuple(line + [""] * (columns - len(line))) for line in grid)
    reader.blocks.append(Table(filled, len(reader.blocks) + 1))


def _belongs(node: Any, table: Any) -> bool:
    """Whether a row or cell is the table's own and not that of a table inside it."""
    at = node.getparent()
    while at is not None and at.tag != f"{W}tbl":
        at = at.getparent()
    return at is table


def _cell_text(cell: Any) -> str:
    lines = [_content(paragraph).text.replace("\n", " ") for paragraph in cell.iter(f"{W}p")]
    return "\n".join(line for line in lines if line.strip())
