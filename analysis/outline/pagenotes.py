"""Footnotes of a text whose lines were restored: taken from the foot of the page they stand on.

In such a text a note's mark is a figure set tight against a Chinese character (figures of the text
itself stand apart), and the marks count up through the document. Of the notes at the foot, some
begin with their mark, some have lost its place to the end of the line; the term they explain, and
the smaller print with its longer lines, tell where the foot begins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from analysis.outline.restore import PageLine
from analysis.outline.text import HAN, width

_NOT_MEASURED = r"(?! ?[年月日个家条项亿万名人所元张处套米户分秒岁％%])"
_TIGHT = re.compile(
    rf"(?<=[{HAN}”》）)])(\d{{1,2}})(?=[{HAN}”》，。、；：,;:)）+\s]|$){_NOT_MEASURED}"
)
_CONTEXT = 12


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: its mark, its text, and the words its mark follows."""

    mark: str
    text: str
    anchor: str


def take_notes(lines: Sequence[PageLine]) -> tuple[list[PageLine], list[Note]]:
    """The lines without footnotes and their marks, and the footnotes."""
    kept: list[PageLine] = []
    notes: list[Note] = []
    expected = 1
    for number, group in groupby(lines, key=lambda line: line.page):
        page = "\n".join(line.text for line in group)
        marks = _marks(page, expected) if number else []
        start = _foot(page, marks) if marks else len(page)
        body, foot = page[:start], page[start:]
        if foot:
            notes.extend(_split(foot, marks))
            expected += len(marks)
            body = _without_marks(body, [mark for mark, _ in marks])
        kept.extend(PageLine(text, number) for text in body.split("\n") if text)
    return kept, notes


def _marks(page: str, expected: int) -> list[tuple[str, str]]:
    """The marks on a page that continue the count, each with the words before it."""
    found: list[tuple[str, str]] = []
    for match in _TIGHT.finditer(page):
        if int(match[1]) == expected + len(found) and _stands_alone(page[match.end() :], match[1]):
            context = page[max(0, match.start() - _CONTEXT) : match.start()]
            found.append((match[1], context.replace("\n", "")))
    return found


def _stands_alone(text: str, mark: str) -> bool:
    """Whether the mark comes again further down, as the number of its note."""
    return re.search(rf"(?:^|\s){mark}(?![\d%])(?!\.\d)", text) is not None


def _foot(page: str, marks: Sequence[tuple[str, str]]) -> int:
    """Where the foot of the page begins, or the length of the page."""
    lines = page.split("\n")
    full = sorted(map(width, lines))[len(lines) // 2]
    after = max(page.find(context[-4:] + mark) for mark, context in marks)
    starts: list[int] = []
    for mark, context in marks:
        own = rf"(?<=\s){mark}(?:[.．]|(?!\d){_NOT_MEASURED})"
        starts.extend(m.start() for m in re.finditer(own, page))
        if term := _term(context):
            starts.extend(m.start() + 1 for m in re.finditer("\n" + re.escape(term), page))
    at = 0
    for line in lines:
        if width(line) > full * 1.3:
            starts.append(at)
        at += len(line) + 1
    for start in sorted(starts):
        if start > after and all(_stands_alone(page[start:], mark) for mark, _ in marks):
            return start
    return len(page)


def _term(context: str) -> str:
    """The quoted term before a mark, or the last words before it."""
    if quoted := re.search(r"“[^“”]{1,10}”$", context):
        return quoted[0]
    plain = re.search(rf"[{HAN}A-Za-z]{{4}}$", context)
    return plain[0] if plain else ""


def _split(foot: str, marks: Sequence[tuple[str, str]]) -> list[Note]:
    """The text of the foot, cut where each note begins."""
    starts: list[int] = []
    for mark, context in marks:
        own = re.search(rf"(?<!\S){mark}(?:[.．]\s?|(?!\d)\s?{_NOT_MEASURED}(?=[^\d\s]))", foot)
        term = _term(context)
        at = own.start() if own else foot.find("\n" + term) if term else -1
        starts.append(at)
    if -1 in starts or any(a >= b for a, b in pairwise(starts)):
        starts = _line_starts(foot, len(marks))
    bounds = [*sorted(starts), len(foot)]
    numbers = "|".join(mark for mark, _ in marks)
    own_number = re.compile(rf"(?<!\S)(?:{numbers})(?:[.．](?!\d)|(?=\s|$)|(?=[^\d\s.%-]))")
    return [
        Note(mark, own_number.sub("", foot[start:stop]).replace("\n", "").strip(), context)
        for (mark, context), start, stop in zip(marks, bounds, bounds[1:], strict=False)
    ]


def _line_starts(text: str, count: int) -> list[int]:
    """As many beginnings of sentences as there are notes."""
    ends = [m.end() for m in re.finditer(r"。\s*", text)][: count - 1]
    return [0, *ends, *[len(text)] * (count - 1 - len(ends))]


def _without_marks(body: str, marks: Sequence[str]) -> str:
    waiting = list(marks)

    def drop(match: re.Match[str]) -> str:
        if waiting and match[1] == waiting[0]:
            waiting.pop(0)
            return ""
        return match[0]

    return _TIGHT.sub(drop, body)
