"""The same plan in other clothes: other formats, encodings, line breaks, numberings, flat tables.

A plan that was parsed well is written out again as a file of another kind; parsing that file must
find the same headings, indicators and tasks. Nothing here knows how the parser works.
"""

import html
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import docx
import typst
from docx.document import Document as WordDocument

from analysis.contracts import Indicator, IndicatorKind, ParsedPlan, Section, TargetSource

HEADS = ("序号", "指标名称", "单位", "属性", "目标", "现状")
_CN = "零一二三四五六七八九十"
_WRAP = 32


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading (`level` set), a paragraph, or a table (`rows` set) of a plan."""

    text: str = ""
    level: int | None = None
    number: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def pieces(plan: ParsedPlan) -> list[Piece]:
    """A parsed plan as a sequence of headings, paragraphs and one table of indicators."""
    rows = [i for i in plan.indicators if i.source is TargetSource.TABLE]
    home = rows[0].section if rows else None
    names = {i.name for i in rows}
    found: list[Piece] = []
    for section in plan.sections:
        found.append(Piece(section.title, section.level, _sign(section)))
        texts = (passage.text for passage in section.passages)
        found.extend(Piece(text) for text in texts if " | " not in text and text not in names)
        if section.id == home:
            found.append(Piece("表1 主要指标"))
            found.append(Piece(rows=(HEADS, *(_row(n, i) for n, i in enumerate(rows, start=1)))))
    return found


def _row(number: int, indicator: Indicator) -> tuple[str, ...]:
    kind = "约束性" if indicator.kind is IndicatorKind.BINDING else "预期性"
    return (
        str(number),
        indicator.name,
        indicator.unit or "/",
        kind,
        indicator.target or "/",
        indicator.current or "/",
    )


def _sign(section: Section) -> str:
    """The number with the sign that follows it in print."""
    number = section.number or ""
    if not number:
        return ""
    if number.startswith("第"):
        return f"{number} "
    if number.endswith((")", "）")):
        return number
    return f"{number}、" if not re.match(r"\d+[.．]\d", number) else f"{number} "


def _lines(plan: ParsedPlan) -> Iterator[str]:
    yield plan.title
    for piece in pieces(plan):
        if piece.rows:
            yield from (" | ".join(row) + " |" for row in piece.rows)
        else:
            yield piece.number + piece.text


def as_gb18030(plan: ParsedPlan) -> bytes:
    """A text file of an older system: GB18030, CRLF, two blanks before each paragraph."""
    text = "\r\n".join(f"\u3000\u3000{line}" for line in _lines(plan))
    return text.encode("gb18030")


def as_utf16(plan: ParsedPlan) -> bytes:
    """What Notepad calls Unicode."""
    return "\r\n".join(_lines(plan)).encode("utf-16")


def hard_wrapped(plan: ParsedPlan) -> bytes:
    """Lines broken at a fixed width, paragraphs indented, as copied from a PDF."""
    lines: list[str] = []
    for line in _lines(plan):
        if "|" in line:
            lines.append(line)
            continue
        whole = f"\u3000\u3000{line}"
        lines.extend(whole[i : i + _WRAP] for i in range(0, len(whole), _WRAP))
    return "\n".join(lines).encode()


def flat_columns(plan: ParsedPlan) -> bytes:
    """The table of indicators one column after another, each cell on its own line."""
    return _flat(plan, lambda rows: [cell for column in zip(*rows, strict=True) for cell in column])


def flat_rows(plan: ParsedPlan) -> bytes:
    """The table of indicators one cell per line, row after row."""
    return _flat(plan, lambda rows: [cell for row in rows for cell in row])


def _flat(plan: ParsedPlan, order: Callable[[tuple[tuple[str, ...], ...]], list[str]]) -> bytes:
    lines = [plan.title]
    for piece in pieces(plan):
        lines.extend(order(piece.rows) if piece.rows else [piece.number + piece.text])
    return "\n".join(lines).encode()


def renumbered(plan: ParsedPlan) -> bytes:
    """Other numbers at every level: 一、（一）1.（1） for whatever the plan had."""
    counts: dict[int, int] = {}
    lines = [plan.title]
    for piece in pieces(plan):
        if piece.rows:
            lines.extend(" | ".join(row) + " |" for row in piece.rows)
        elif piece.level is None or not piece.number:
            lines.append(piece.text)
        else:
            counts[piece.level] = counts.get(piece.level, 0) + 1
            for deeper in [level for level in counts if level > piece.level]:
                del counts[deeper]
            lines.append(_other_number(piece.level, counts[piece.level]) + piece.text)
    return "\n".join(lines).encode()


def _other_number(level: int, number: int) -> str:
    chinese = _chinese(number)
    return (f"{chinese}、", f"（{chinese}）", f"{number}.", f"（{number}）")[min(level, 4) - 1]


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _CN[ones]
    return ("" if tens == 1 else _CN[tens]) + "十" + (_CN[ones] if ones else "")


def as_markdown(plan: ParsedPlan) -> bytes:
    """Markdown with heading signs and a pipe table."""
    lines = [f"# {plan.title}", ""]
    for piece in pieces(plan):
        if piece.rows:
            head, *rows = piece.rows
            lines += ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
            lines += ["| " + " | ".join(row) + " |" for row in rows]
        elif piece.level:
            lines.append(f"{'#' * (piece.level + 1)} {piece.number}{piece.text}")
        else:
            lines.append(piece.text)
        lines.append("" if not piece.rows else "\n")
    return "\n".join(lines).encode()


def as_web_page(plan: ParsedPlan) -> bytes:
    """A government page: layout tables, a menu, spans, nbsp, full-width blanks, a merged cell."""
    parts = [
        "<html><head><meta charset='utf-8'><title>页面</title>",
        "<script>var a=1;</script></head><body>",
        "<div class='nav'><a>首页</a> &gt; <a>信息公开</a></div>",
        "<table width='100%'><tr><td><table><tr><td><div class='TRS_Editor'>",
        f"<p align='center'><b>{html.escape(plan.title)}</b></p>",
    ]
    for piece in pieces(plan):
        if piece.rows:
            parts.append(_web_table(piece.rows))
        else:
            text = html.escape(piece.number + piece.text)
            bold = f"<strong>{text}</strong>" if piece.level else text
            parts.append(f"<p style='text-indent:2em'>\u3000\u3000<span>{bold}</span>&nbsp;</p>")
    parts.append("</div></td></tr></table></td></tr></table>")
    parts.append("<div class='footer'>主办单位：网站 ICP备00000000号</div></body></html>")
    return "\n".join(parts).encode()


def _web_table(rows: tuple[tuple[str, ...], ...]) -> str:
    head, *body = ("".join(f"<td><p>{html.escape(cell)}</p></td>" for cell in row) for row in rows)
    lines = [f"<tr>{head}</tr>"]
    category = f"<td rowspan='{len(rows) - 1}'>发展</td>"
    lines = [f"<tr><td>类别</td>{head}</tr>"]
    lines += [f"<tr>{category if n == 0 else ''}{row}</tr>" for n, row in enumerate(body)]
    return f"<table border='1'>{''.join(lines)}</table>"


def as_word(plan: ParsedPlan) -> bytes:
    """Word without heading styles: numbers typed, headings only bold."""
    document = docx.Document()
    document.add_paragraph(plan.title)
    for piece in pieces(plan):
        if piece.rows:
            _word_table(document, piece.rows)
        else:
            run = document.add_paragraph().add_run(piece.number + piece.text)
            run.bold = piece.level is not None
    return _saved(document)


def as_styled_word(plan: ParsedPlan) -> bytes:
    """Word with heading styles and typed numbers."""
    document = docx.Document()
    document.add_paragraph(plan.title, style="Title")
    for piece in pieces(plan):
        if piece.rows:
            _word_table(document, piece.rows)
        elif piece.level:
            document.add_heading(piece.number + piece.text, level=min(piece.level, 9))
        else:
            document.add_paragraph(piece.text)
    return _saved(document)


def _word_table(document: WordDocument, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for y, row in enumerate(rows):
        for x, text in enumerate(row):
            table.cell(y, x).text = text


def _saved(document: WordDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


_TYPST = """
#let data = json(bytes(sys.inputs.plan))
#set page(paper: "a4", margin: 2.6cm, numbering: "1", header: align(center, text(9pt, data.title)))
#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC"), size: 12pt)
#set par(first-line-indent: (amount: 2em, all: true), justify: true, leading: 0.9em)
#align(center, text(18pt, data.title))
#for piece in data.pieces {
  if piece.rows.len() > 0 {
    table(columns: piece.rows.at(0).len(), ..piece.rows.flatten())
  } else if piece.level != none {
    par(strong(piece.text))
  } else { par(piece.text) }
}
"""


def as_pdf(plan: ParsedPlan) -> bytes:
    """A4 pages with running heads and page numbers, justified lines, a ruled table."""
    content = [
        {"text": piece.number + piece.text, "level": piece.level, "rows": piece.rows}
        for piece in pieces(plan)
    ]
    data = json.dumps({"title": plan.title, "pieces": content}, ensure_ascii=False)
    made = typst.compile(_TYPST.encode(), sys_inputs={"plan": data})
    assert isinstance(made, bytes)
    return made


VARIANTS: Mapping[str, Callable[[ParsedPlan], bytes]] = {
    "GB18030, CRLF": as_gb18030,
    "UTF-16": as_utf16,
    "hard line breaks": hard_wrapped,
    "table by columns": flat_columns,
    "table by rows": flat_rows,
    "renumbered": renumbered,
    "Markdown": as_markdown,
    "web page": as_web_page,
    "Word, plain": as_word,
    "Word, heading styles": as_styled_word,
    "PDF": as_pdf,
}
