"""Markdown: headings by their signs, everything else line by line.

Tables typed with pipes and bold leads are left in the text; the outline reads them there, because
the same debris stands in many plain text files.
"""

import re

from analysis.documents.model import Block, Paragraph
from analysis.documents.plain import LINE_ENDS

_HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]^]+)\]\([^)]*\)")
_NOTE = re.compile(r"^\[\^([^\]]+)\]:\s*(.*)$")
_NOTE_MARK = re.compile(r"\[\^([^\]]+)\]")
_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!|-])")
_CONTEXT = 12


def read_markdown(text: str) -> tuple[Block, ...]:
    """One paragraph per line that holds anything."""
    blocks: list[Block] = []
    anchors: dict[str, str] = {}
    gap = False
    for place, raw in enumerate(LINE_ENDS.split(_COMMENT.sub("", text)), start=1):
        line = _QUOTE.sub("", raw)
        if not line.strip() or line.strip().startswith("```"):
            gap = True
            continue
        if note := _NOTE.match(line):
            mark = note[1]
            blocks.append(Paragraph(note[2], place, note=mark, anchor=anchors.get(mark)))
            continue
        if _UNDERLINE.match(line) and blocks and not gap and isinstance(blocks[-1], Paragraph):
            depth = 1 if "=" in line else 2
            blocks[-1] = Paragraph(blocks[-1].text, blocks[-1].place, level=depth, gap=True)
            continue
        heading = _HEADING.match(line)
        plain = _LINK.sub(r"\1", _IMAGE.sub(r"\1", heading[2] if heading else line))
        plain, marks = _without_note_marks(_ESCAPE.sub(r"\1", plain))
        anchors.update(marks)
        level = len(heading[1]) if heading else None
        text_ = plain.replace("**", "") if heading else plain
        blocks.append(Paragraph(text_, place, level=level, gap=gap))
        gap = False
    return tuple(blocks)


def _without_note_marks(text: str) -> tuple[str, dict[str, str]]:
    """The text without footnote marks, and the words before each."""
    anchors: dict[str, str] = {}
    plain, at = "", 0
    for mark in _NOTE_MARK.finditer(text):
        plain += text[at : mark.start()]
        anchors[mark[1]] = plain[-_CONTEXT:]
        at = mark.end()
    return plain + text[at:], anchors
