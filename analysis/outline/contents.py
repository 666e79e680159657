"""The table of contents: taken out of the text and kept as evidence for the headings.

It is known by its dot leaders and page numbers, or by the word 目录 followed by titles that come
again later. Nothing of it is ever imported as text.
"""

import re
from dataclasses import dataclass

from analysis.outline.lines import Line
from analysis.outline.numbering import Mark, read_mark
from analysis.outline.text import LEADER, ends_sentence, squeeze, tidy

_WORD = re.compile(r"^(目录|目次|contents)$", re.IGNORECASE)
_PAGE_AT_END = re.compile(r"[ \t]+\d{1,3}$")
_LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the contents; `title` is squeezed, without number, leader and page."""

    mark: Mark | None
    title: str


def take_contents(lines: list[Line]) -> tuple[tuple[Entry, ...], list[Line]]:
    """The entries of the table of contents, and the lines without it."""
    inside = _with_leaders(lines) or _after_the_word(lines)
    if not inside:
        return (), [line for line in lines if not _WORD.match(squeeze(line.text))]
    texts = [lines[index].text for index in sorted(inside)]
    if any(LEADER.search(text) for text in texts):
        texts = _joined(texts)
    entries = tuple(_entry(text) for text in texts if not _WORD.match(squeeze(text)))
    kept = [
        line
        for index, line in enumerate(lines)
        if index not in inside and not _WORD.match(squeeze(line.text))
    ]
    return entries, kept


def _with_leaders(lines: list[Line]) -> set[int]:
    found = {i for i, line in enumerate(lines) if LEADER.search(line.text)}
    if len(found) < 3:
        return set()
    # A long title may fill one line alone before the line with its leader.
    for i in sorted(found):
        before = i - 1
        if before >= 0 and before not in found and read_mark(lines[i].text) is None:
            line = lines[before]
            if read_mark(line.text) and not ends_sentence(line.text) and min(found) <= before:
                found.add(before)
    return found


def _after_the_word(lines: list[Line]) -> set[int]:
    """After 目录: short lines up to the place where the first of them comes again."""
    for start, line in enumerate(lines):
        if not _WORD.match(squeeze(line.text)) or start + 2 >= len(lines):
            continue
        first = _title_key(lines[start + 1].text)
        for stop in range(start + 3, min(len(lines), start + 400)):
            if first and _title_key(lines[stop].text) == first:
                return set(range(start, stop))
            if lines[stop].grid or len(lines[stop].text) > _LONGEST_TITLE:
                break
    return set()


def _title_key(text: str) -> str:
    return squeeze(_PAGE_AT_END.sub("", text))


def _joined(texts: list[str]) -> list[str]:
    """Long titles take more than one line; only the last one has the leader and the page."""
    joined: list[str] = []
    for text in texts:
        if joined and not LEADER.search(joined[-1]) and read_mark(text) is None:
            joined[-1] += text
        else:
            joined.append(text)
    return joined


def _entry(text: str) -> Entry:
    text = tidy(_PAGE_AT_END.sub("", LEADER.sub("", text)))
    mark = read_mark(text)
    return Entry(mark, squeeze(text[mark.length :] if mark else text))
