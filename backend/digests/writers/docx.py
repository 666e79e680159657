"""Word by the measures of GB/T 9704-2012: margins, 22 × 28 grid, Chinese fonts on every style.

python-docx leaves East Asian fonts to the theme; `_set_fonts` names them. Rows are written as XML
elements directly: its cell objects take minutes for thousands of rows.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

from backend.digests.paper import (
    Block,
    Chart,
    Note,
    PageBreak,
    Paper,
    Quote,
    Signature,
    Table,
    Text,
    Title,
)
from backend.digests.writers.pdf import render_png
from backend.digests.writers.safe import timeless, visible
from backend.kit.clock import local

LATIN = "Times New Roman"
FANG, HEI, KAI, SONG, TITLE_FACE = "仿宋", "黑体", "楷体", "宋体", "方正小标宋简体"
INK, SOFT, VERMILION = RGBColor(0x1D, 0x1D, 0x1F), RGBColor(0x55, 0x56, 0x5A), RGBColor(194, 58, 43)
PITCH = 29
TEXT_WIDTH_TWIPS = 8845  # 156 mm
# Word refuses a file whose properties stand in another order than the schema's.
_ORDER = {
    "rPr": re.findall(
        r"\w+", "rStyle rFonts b bCs i iCs color spacing w kern position sz szCs u lang"
    ),
    "pPr": re.findall(
        r"\w+",
        "pStyle keepNext keepLines pageBreakBefore widowControl numPr pBdr shd tabs kinsoku "
        "autoSpaceDE autoSpaceDN snapToGrid spacing ind contextualSpacing jc outlineLvl rPr",
    ),
}
_TEXT_NODES = re.compile(r">([^<]+)<")


@dataclass(frozen=True, slots=True)
class Face:
    """How a paragraph style is set; sizes and pitches in points, indents in characters."""

    font: str
    size: float
    pitch: float
    bold: bool = False
    indent: float = 0
    align: WD_ALIGN_PARAGRAPH | None = None
    before: float = 0
    after: float = 0
    left: float = 0
    colour: RGBColor = INK


CENTER, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
FACES = {
    "Normal": Face(FANG, 16, PITCH),
    "Body Text": Face(FANG, 16, PITCH, indent=2, align=WD_ALIGN_PARAGRAPH.JUSTIFY),
    "Title": Face(TITLE_FACE, 22, 36, align=CENTER, before=0),
    "Subtitle": Face(KAI, 16, PITCH, align=CENTER, after=PITCH),
    "Heading 1": Face(HEI, 16, PITCH, indent=2),
    "Heading 2": Face(KAI, 16, PITCH, indent=2),
    "Heading 3": Face(FANG, 16, PITCH, bold=True, indent=2),
    "Quote": Face(KAI, 14, 23, left=32, before=4, after=6),
    "Caption": Face(HEI, 12, 18, align=CENTER, before=8, after=3),
    "Body Text 2": Face(KAI, 10.5, 16, after=8, colour=SOFT),
    "Body Text 3": Face(FANG, 10.5, 16),
    "List": Face(FANG, 9, 13.5),
    "Footer": Face(SONG, 14, 18),
    "Header": Face(HEI, 14, 18, colour=VERMILION),
}


def write_docx(paper: Paper) -> bytes:
    """The document as .docx, the same bytes for the same paper."""
    document = Document()
    _set_page(document, paper)
    for name, face in FACES.items():
        _set_style(document, name, face)
    _set_properties(document, paper)
    _letterhead(document, paper)
    for line in paper.title.split("\n"):
        _paragraph(document, line, "Title")
    if paper.subtitle:
        _paragraph(document, paper.subtitle, "Subtitle")
    for block in paper.blocks:
        _WRITERS[type(block)](document, block)
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def _set_page(document: WordDocument, paper: Paper) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(25)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    # 225 mm in 22 lines. The 28 characters come from the letter spacing of the styles: Word,
    # WPS and LibreOffice each read a character grid in their own way.
    section._sectPr.append(_element("w:docGrid", {"w:type": "lines", "w:linePitch": "579"}))
    document.settings.odd_and_even_pages_header_footer = True
    _page_number(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer.paragraphs[0], LEFT)
    if paper.is_draft:
        for header in (section.header, section.even_page_header):
            header.paragraphs[0].text = "草稿"
            header.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _page_number(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    paragraph.alignment = align
    side = "right_indent" if align == WD_ALIGN_PARAGRAPH.RIGHT else "left_indent"
    setattr(paragraph.paragraph_format, side, Pt(14))
    paragraph.add_run("— ")
    field = _element("w:fldSimple", {"w:instr": "PAGE"})
    field.append(_run("1"))
    paragraph._p.append(field)
    paragraph.add_run(" —")


def _set_style(document: WordDocument, name: str, face: Face) -> None:
    style = document.styles[name]
    style.font.size, style.font.bold, style.font.italic = Pt(face.size), face.bold, False
    style.font.color.rgb = face.colour
    letters = style.element.get_or_add_rPr()
    _set_fonts(letters, face.font)
    if face.pitch == PITCH:
        # 28 characters of 三号 (16 pt) in 156 mm: 0.2 pt closer than they would stand.
        letters.append(_element("w:spacing", {"w:val": "-4"}))
    form = style.paragraph_format
    form.line_spacing, form.alignment = Pt(face.pitch), face.align
    form.space_before, form.space_after = Pt(face.before), Pt(face.after)
    form.left_indent = Pt(face.left)
    form.first_line_indent = Pt(face.indent * face.size)
    form.widow_control = False
    properties = style.element.get_or_add_pPr()
    for border in properties.findall(qn("w:pBdr")):
        properties.remove(border)
    for pair in ("w:autoSpaceDE", "w:autoSpaceDN"):
        properties.append(_element(pair, {"w:val": "0"}))
    if face.pitch != PITCH:
        properties.append(_element("w:snapToGrid", {"w:val": "0"}))
    _sort(properties, "pPr")
    _sort(letters, "rPr")


def _sort(properties: Any, kind: str) -> None:
    order = {qn(f"w:{name}"): place for place, name in enumerate(_ORDER[kind])}
    properties[:] = sorted(properties, key=lambda child: order.get(child.tag, len(order)))


def _set_fonts(properties: Any, east_asian: str) -> None:
    fonts = properties.get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for kind in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{kind}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)
    fonts.set(qn("w:hint"), "eastAsia")
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    properties.append(_element("w:lang", {"w:val": "en-US", "w:eastAsia": "zh-CN"}))


def _set_properties(document: WordDocument, paper: Paper) -> None:
    core = document.core_properties
    core.title = visible(paper.title.replace("\n", ""))[:255]
    core.author = core.last_modified_by = visible(paper.author)[:255]
    core.language, core.comments = "zh-CN", ""
    core.created = core.modified = local(paper.made_at).replace(tzinfo=None, microsecond=0)


def _letterhead(document: WordDocument, paper: Paper) -> None:
    head = paper.letterhead
    if not head.issuer:
        return
    colour = VERMILION if head.red else INK
    paragraph = _paragraph(document, head.issuer, "Title")
    run = paragraph.runs[0]
    run.font.size = Pt(min(36, 430 / max(len(head.issuer), 1)))
    run.font.color.rgb = colour
    paragraph.paragraph_format.line_spacing = Pt(48)
    line = _paragraph(document, head.number, "Subtitle")
    line.paragraph_format.space_after = Pt(PITCH)
    border = _element("w:pBdr")
    edge = {"w:val": "single", "w:sz": "16" if head.red else "8", "w:space": "6"}
    border.append(_element("w:bottom", edge | {"w:color": str(colour)}))
    properties = line._p.get_or_add_pPr()
    properties.append(border)
    _sort(properties, "pPr")


def _paragraph(document: WordDocument, text: str, style: str) -> Paragraph:
    element = _element("w:p")
    form = _element("w:pPr")
    form.append(_element("w:pStyle", {"w:val": _style_id(style)}))
    element.extend([form, _run(text)])
    _append(document, element)
    return Paragraph(element, document._body)


def _style_id(name: str) -> str:
    return name.replace(" ", "")  # So they are called in python-docx's template.


def _append(document: WordDocument, element: Any) -> None:
    """Before the section's own properties, which stand last."""
    document.element.body[-1].addprevious(element)


def _title(document: WordDocument, block: Title) -> None:
    paragraph = _paragraph(document, block.text, f"Heading {min(block.level, 3)}")
    paragraph.paragraph_format.keep_with_next = True


def _text(document: WordDocument, block: Text) -> None:
    paragraph = _paragraph(document, block.text, "Body Text")
    if block.sources:
        _small_print(paragraph, f"（{block.sources}）")


def _quote(document: WordDocument, block: Quote) -> None:
    paragraph = _paragraph(document, f"“{block.text}”", "Quote")
    _small_print(paragraph, f"　——{block.source}")


def _small_print(paragraph: Paragraph, text: str) -> None:
    run = paragraph.add_run(visible(text))
    run.font.size, run.font.color.rgb = Pt(10.5), SOFT
    letters = run._r.get_or_add_rPr()
    _set_fonts(letters, KAI)
    _sort(letters, "rPr")


def _note(document: WordDocument, block: Note) -> None:
    _paragraph(document, block.text, "Body Text 2")


def _chart(document: WordDocument, block: Chart) -> None:
    caption = _paragraph(document, block.title, "Caption")
    caption.paragraph_format.keep_with_next = True
    caption.paragraph_format.alignment = LEFT
    paragraph = _paragraph(document, "", "Body Text 3")
    paragraph.paragraph_format.line_spacing = 1.0
    paragraph.paragraph_format.space_after = Pt(12)
    paragraph.add_run().add_picture(io.BytesIO(render_png(block.svg)), width=Pt(440))
    words = "；".join(unescape(t) for t in _TEXT_NODES.findall(block.svg))
    picture = paragraph._p.xpath(".//wp:docPr")[0]
    picture.set("descr", visible(f"{block.title}。{block.summary}。{words}"))


def _signature(document: WordDocument, block: Signature) -> None:
    day = f"{block.day.year}年{block.day.month}月{block.day.day}日"
    # A signature never stands alone on a page: the text before it comes along.
    before = document.element.body[-1].getprevious()
    if before is not None and before.tag == qn("w:p"):
        Paragraph(before, document._body).paragraph_format.keep_with_next = True
    _paragraph(document, "", "Normal").paragraph_format.keep_with_next = True
    for line in (*block.office.split("\n"), day):
        paragraph = _paragraph(document, line, "Normal")
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.paragraph_format.right_indent = Pt(64)
        paragraph.paragraph_format.keep_with_next = line != day


def _page_break(document: WordDocument, _block: PageBreak) -> None:
    _paragraph(document, "", "Body Text 3").add_run().add_break(WD_BREAK.PAGE)


def _table(document: WordDocument, block: Table) -> None:
    caption = _paragraph(document, block.caption, "Caption")
    caption.paragraph_format.keep_with_next = True
    style = _style_id("List" if block.small else "Body Text 3")
    total = sum(column.share for column in block.columns)
    widths = [round(TEXT_WIDTH_TWIPS * c.share / total) for c in block.columns]
    table = _element("w:tbl")
    table.append(_table_properties(widths))
    grid = _element("w:tblGrid")
    grid.extend([_element("w:gridCol", {"w:w": str(width)}) for width in widths])
    table.append(grid)
    heads = tuple(column.title for column in block.columns)
    table.append(_row(heads, widths, ("center",) * len(heads), style, is_header=True))
    sides = tuple(column.align for column in block.columns)
    for row in block.rows:
        table.append(_row(row, widths, sides, style, top=block.small))
    _append(document, table)
    after = _paragraph(document, "", "List")
    after.paragraph_format.line_spacing = Pt(10)


def _table_properties(widths: list[int]) -> Any:
    properties = _element("w:tblPr")
    properties.append(_element("w:tblW", {"w:w": str(sum(widths)), "w:type": "dxa"}))
    borders = _element("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = {"w:val": "single", "w:sz": "4", "w:space": "0", "w:color": "77767A"}
        borders.append(_element(f"w:{side}", line))
    properties.append(borders)
    properties.append(_element("w:tblLayout", {"w:type": "fixed"}))
    margins = _element("w:tblCellMar")
    for side in ("top", "left", "bottom", "right"):
        margins.append(_element(f"w:{side}", {"w:w": "80", "w:type": "dxa"}))
    properties.append(margins)
    return properties


def _row(
    cells: tuple[str, ...],
    widths: list[int],
    sides: tuple[str, ...],
    style: str,
    *,
    is_header: bool = False,
    top: bool = False,
) -> Any:
    row = _element("w:tr")
    if is_header:
        properties = _element("w:trPr")
        properties.extend([_element("w:cantSplit"), _element("w:tblHeader")])
        row.append(properties)
    for text, width, side in zip(cells, widths, sides, strict=True):
        cell = _element("w:tc")
        properties = _element("w:tcPr")
        properties.append(_element("w:tcW", {"w:w": str(width), "w:type": "dxa"}))
        if is_header:
            shade = {"w:val": "clear", "w:color": "auto", "w:fill": "F4F1EA"}
            properties.append(_element("w:shd", shade))
        if not top:
            properties.append(_element("w:vAlign", {"w:val": "center"}))
        cell.append(properties)
        paragraph = _element("w:p")
        form = _element("w:pPr")
        form.append(_element("w:pStyle", {"w:val": style}))
        form.append(_element("w:jc", {"w:val": side}))
        paragraph.append(form)
        paragraph.append(_run(text, HEI if is_header else ""))
        cell.append(paragraph)
        row.append(cell)
    return row


def _run(text: str, font: str = "") -> Any:
    """A run of plain text; line breaks stay line breaks."""
    run = _element("w:r")
    if font:
        properties = OxmlElement("w:rPr")
        properties.append(_element("w:rFonts", {"w:eastAsia": font, "w:hint": "eastAsia"}))
        run.append(properties)
    for number, line in enumerate(visible(text).split("\n")):
        if number:
            run.append(_element("w:br"))
        node = _element("w:t")
        node.text = line
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(node)
    return run


def _element(name: str, attributes: dict[str, str] | None = None) -> Any:
    element = OxmlElement(name)
    for key, value in (attributes or {}).items():
        element.set(qn(key), value)
    return element


_WRITERS: dict[type[Block], Callable[[WordDocument, Any], None]] = {
    Title: _title,
    Text: _text,
    Quote: _quote,
    Table: _table,
    Chart: _chart,
    Note: _note,
    Signature: _signature,
    PageBreak: _page_break,
}
