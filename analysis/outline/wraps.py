"""Paragraphs from physical lines: sentences broken by a layout are put together again.

Two cases look alike and are not. In a text broken by a layout (hard line ends, page ends) the next
line simply continues. In a text of one paragraph per line, a paragraph that stops in the middle of
a sentence has lost words: it stays as it is and the editor is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import rjieba

from analysis.outline.lines import Line
from analysis.outline.numbering import Kind, read_mark
from analysis.outline.text import CLOSERS, HAN, ends_sentence, width

_STRUCTURAL = re.compile(
    r"^(?:——|一一|[-•●◆■]|专栏|附[件录表图]|[表图] ?[\d一二三四五六七八九十]+|[表图注源][:：]|"
    r"注 ?\d|资料来源|(?:前|引|序|导) ?言$|结 ?(?:束 ?)?语$)"
)
_HANGING_END = re.compile(r"[,，、和与及或的等在以把将对为是]$")
_HANGING_START = re.compile(r"^[,，、。；;：:”’）)》和与及或的]")
_TITLE_LONGEST = 40
_LONGEST = 6000


def join_wraps(lines: Sequence[Line]) -> list[Line]:
    """The lines as paragraphs."""
    column = wrap_column(lines)
    across = column is not None or _layout_cuts(lines)
    indented = sum(line.indent for line in lines) > len(lines) * 0.15
    paragraphs: list[Line] = []
    for index, line in enumerate(lines):
        if index and not _begins(lines, index) and len(paragraphs[-1].text) < _LONGEST:
            local = column or _local_column(lines, index)
            layout = _Layout(local, across, indented)
            if _continues(lines[index - 1], line, paragraphs[-1].text, layout):
                whole = glue(paragraphs[-1].text, line.text)
                paragraphs[-1] = replace(paragraphs[-1], text=whole)
                continue
        paragraphs.append(line)
    return paragraphs


@dataclass(frozen=True, slots=True)
class _Layout:
    """What is known of the layout where two lines meet.

    `column`: the width at which lines were broken, if they were. `across`: open ends are page
    ends. `indented`: paragraphs begin with two blanks.
    """

    column: int | None
    across: bool
    indented: bool


def _begins(lines: Sequence[Line], index: int) -> bool:
    """Whether a line cannot be the continuation of the one before it."""
    before = lines[index - 1]
    return bool(before.grid or before.level or before.note) or starts_structure(lines[index])


def glue(first: str, second: str) -> str:
    """Two pieces of one sentence; only Latin words need the space back."""
    latin = re.search(r"[A-Za-z]$", first) and re.match(r"[A-Za-z]", second)
    return f"{first} {second}" if latin else first + second


def starts_structure(line: Line) -> bool:
    """Whether a line begins something of its own: a number, a dash item, a box, a caption."""
    if line.grid or line.level or line.note or line.indent:
        return True
    if _STRUCTURAL.match(line.text):
        return True
    mark = read_mark(line.text)
    return mark is not None and len(line.text) > mark.length and not _just_a_figure(line.text)


def _just_a_figure(text: str) -> bool:
    return bool(re.match(r"\d{1,3}[.．]\d", text))


def wrap_column(lines: Sequence[Line]) -> int | None:
    """The width at which a layout broke its lines, or None for one paragraph per line."""
    texts = [line.text for line in lines if not line.grid and not line.note]
    widths = [columns for text in texts if (columns := width(text)) >= 24]
    open_ends = [
        columns for text in texts if not ends_sentence(text) and (columns := width(text)) >= 24
    ]
    if len(widths) < 12 or len(open_ends) < len(widths) * 0.45:
        return None
    column = sorted(open_ends)[int(len(open_ends) * 0.9)]
    near = sum(column - 10 <= w <= column + 4 for w in open_ends)
    return column if near >= len(open_ends) * 0.5 and column <= 160 else None


def _layout_cuts(lines: Sequence[Line]) -> bool:
    """Whether the open ends of long lines are page ends (words go on) and not lost words."""
    cuts = [
        (a.text, b.text) for a, b in pairwise(lines) if is_fragment(a) and not starts_structure(b)
    ]
    return sum(_goes_on(a, b) for a, b in cuts) * 2 > len(cuts)


def is_fragment(line: Line) -> bool:
    """A paragraph too long for a title that stops in the middle of a sentence."""
    if line.grid or line.level or ends_sentence(line.text):
        return False
    return len(line.text) > _TITLE_LONGEST or bool(re.search("[。；]", line.text))


def _goes_on(first: str, second: str) -> bool:
    """Whether a word or a phrase runs across the two texts."""
    if _HANGING_END.search(first) or _HANGING_START.match(second):
        return True
    if not (re.search(rf"[{HAN}]$", first) and re.match(rf"[{HAN}]", second)):
        return False
    head, tail = first[-8:], second[:8]
    position = 0
    for word in rjieba.cut(head + tail):
        if position < len(head) < position + len(word):
            return True
        position += len(word)
    return False


def _continues(previous: Line, line: Line, whole: str, layout: _Layout) -> bool:
    if layout.column is not None:
        return _continues_in_layout(previous, line, whole, layout)
    if ends_sentence(previous.text):
        return False
    if layout.indented and width(previous.text) >= 40 and read_mark(whole) is None:
        return True
    if not layout.across:
        return False
    unfinished = len(previous.text) >= 20 and bool(re.search("[,，]", previous.text))
    mark = read_mark(previous.text)
    item = mark is None or mark.kind > Kind.CN_PAREN
    return is_fragment(previous) or (unfinished and item)


def _continues_in_layout(previous: Line, line: Line, whole: str, layout: _Layout) -> bool:
    assert layout.column is not None
    full = width(previous.text) >= layout.column - 7
    mark = read_mark(whole)
    title = mark is not None and len(whole) <= 2 * _TITLE_LONGEST and "。" not in whole
    if title and mark is not None and mark.kind <= Kind.CN_PAREN:
        return full and not line.gap and not ends_sentence(previous.text)
    if previous.text[-1:] in ",，、":
        return True
    if not re.search(rf"[。！？!?：:][{CLOSERS}]*$", previous.text):
        prose = len(whole) > _TITLE_LONGEST + 5 or "。" in whole
        return full or prose or (layout.indented and not line.gap)
    # After a full line that ends a sentence, a shorter line that does not is an indented first one.
    columns = width(line.text)
    first = layout.column - 9 <= columns <= layout.column - 3 and not ends_sentence(line.text)
    return full and not line.gap and (layout.indented or not first)


def _local_column(lines: Sequence[Line], index: int) -> int | None:
    """The width at which the lines before one were broken, where only a part of a text was."""
    before = lines[index - 1]
    own = _tail_width(before.text)
    if own < 36 or ends_sentence(before.text) or width(lines[index].text) > 2 * own:
        return None
    alike = [
        line
        for line in lines[max(0, index - 5) : index + 4]
        if not line.grid
        and not ends_sentence(line.text)
        and not _is_division(line)
        and abs(_tail_width(line.text) - own) <= 6
    ]
    return own if len(alike) >= 3 and not _is_division(before) else None


def _is_division(line: Line) -> bool:
    """Whether a line looks like a numbered heading."""
    short = len(line.text) <= _TITLE_LONGEST + 5 and not re.search("[。；;：:]", line.text)
    return short and read_mark(line.text) is not None


def _tail_width(text: str) -> int:
    """The width of what follows an item that ended inside the line: ……比例。⑨ 覆盖率：……."""
    return width(re.split(r"。(?=[①-⑳]|\d{1,2} ?[“\u4e00-\u9fffA-Z])", text)[-1])
