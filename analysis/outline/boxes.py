"""专栏 boxes: a title and numbered items, each a task of the plan."""

import re
from dataclasses import dataclass

from analysis.outline.numbering import Kind, read_mark
from analysis.outline.sections import Outline, Paragraph
from analysis.outline.text import bare

BOX = re.compile(r"^专栏 ?[\d一二三四五六七八九十]{0,3} ?[:：—-]? ?(?=\S|$)")
_ITEM_KINDS = frozenset(
    (
        Kind.CN,
        Kind.CN_PAREN,
        Kind.ARABIC,
        Kind.ARABIC_DOT,
        Kind.ARABIC_PAREN,
        Kind.ARABIC_RIGHT,
        Kind.CIRCLED,
    )
)
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class FoundBox:
    """A box with its title paragraph and its item paragraphs."""

    title: str
    head: Paragraph
    items: tuple[Paragraph, ...]


def find_boxes(outline: Outline) -> list[FoundBox]:
    """Every box; it reaches to the end of its section or to the first text that is no item."""
    boxes: list[FoundBox] = []
    paragraphs = outline.paragraphs
    for index, head in enumerate(paragraphs):
        match = BOX.match(head.passage.text)
        if match is None or len(head.passage.text) > 60 or head.line.grid:
            continue
        items: list[Paragraph] = []
        for paragraph in paragraphs[index + 1 :]:
            if paragraph.section != head.section or BOX.match(paragraph.passage.text):
                break
            if not _is_item(paragraph, items):
                break
            items.append(paragraph)
        boxes.append(FoundBox(head.passage.text, head, tuple(items)))
    return boxes


def _is_item(paragraph: Paragraph, before: list[Paragraph]) -> bool:
    mark = read_mark(paragraph.passage.text)
    if mark is None or mark.kind not in _ITEM_KINDS:
        return False
    previous = read_mark(before[-1].passage.text) if before else None
    return previous is None or previous.kind is mark.kind


def item_name(text: str) -> str:
    """What a numbered item is called: the words before its colon or its first full stop."""
    mark = read_mark(text)
    rest = text[mark.length :] if mark else text
    name = re.match(r"[^：:。；;]{2,}", rest)
    words = bare(name[0]) if name else bare(rest)
    if len(words) > _LONGEST_NAME:
        words = bare(re.split("[,，]", words)[0])
    return words or bare(text)
