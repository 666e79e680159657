"""Physical lines of a text that was copied out of its pages as one endless line.

Line ends survive as spaces between Chinese characters, page numbers as bare figures in the middle
of sentences, footnotes as runs of text before a page number. Chinese is printed without spaces, so
a space between two Chinese characters can only be a line end; beside a figure it may be either,
and the width of the column decides. Page numbers are found as one rising chain over the whole
text, evenly spaced: no single figure has to be judged alone.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.outline.text import LEADER, SENTENCE_END, clean, width

ENDLESS = 1500
_TOKEN_EDGE = re.compile(r"[A-Za-z0-9]")
_DIVISION = re.compile(
    r"^(?:[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、|"
    r"第[一二三四五六七八九十百]{1,4}[章节篇编])"
)
_ITEM = re.compile(r"^(?:\d{1,2}[、.．](?!\d)|[（(]\d{1,2}[)）]|[①-⑳])")
_MEASURE = re.compile(r"^[年月日个家条项亿万名人所元张处套米户％%、.．)）:：:]")
_BARE_NUMBER = re.compile(r"^第[一二三四五六七八九十百零\d]{1,4}(?:篇|编|卷|部分|章|节|条)$")
_MOST_CANDIDATES = 60
_PAGE = re.compile(r"^\d{1,3}$")


@dataclass(frozen=True, slots=True)
class PageLine:
    """A physical line and the page it stands on (0 where pages are unknown)."""

    text: str
    page: int


def is_endless(text: str) -> bool:
    """Whether a line is a whole document: long, and full of spaces between Chinese characters."""
    return len(text) > ENDLESS and len(re.findall(r"[^\x00-\x7f] [^\x00-\x7f]", text)) > 20


def physical_lines(text: str) -> list[PageLine]:
    """The lines of an endless text, page numbers taken out."""
    contents, rest = _split_contents(clean(text))
    tokens = rest.split(" ")
    numbers = _page_numbers(tokens)
    lines = [PageLine(line, 0) for line in contents]
    pages: list[list[str]] = [[]]
    for index, token in enumerate(tokens):
        if index in numbers:
            pages.append([])
        else:
            pages[-1].append(token)
    column = _column([piece for page in pages for piece in _pieces(page)])
    for number, page in enumerate(pages, start=1):
        for piece in _pieces(page):
            lines.extend(PageLine(line, number) for line in _fit(piece, column))
    return lines


def _split_contents(text: str) -> tuple[list[str], str]:
    """The entries of a contents list with dot leaders, and the text after it."""
    lines: list[str] = []
    at = 0
    for leader in LEADER.finditer(text):
        if lines and leader.start() - at > 200:
            break
        lines.extend(_entry_lines(text[at : leader.end()]))
        at = leader.end()
    return lines, text[at:].strip()


def _entry_lines(text: str) -> list[str]:
    """What stands before the first entry (title, date, 目录) on lines of its own."""
    if match := re.search(r"目 ?录 ", text):
        before = [piece for piece in text[: match.start()].split(" ") if piece]
        return [*_rejoin_figures(before), "目录", text[match.end() :].strip()]
    return [text.strip()]


def _rejoin_figures(pieces: Sequence[str]) -> list[str]:
    """2021 年 1 月 is one piece."""
    joined: list[str] = []
    for piece in pieces:
        beside = joined and (_TOKEN_EDGE.search(joined[-1][-1:]) or _TOKEN_EDGE.search(piece[:1]))
        if beside:
            joined[-1] += " " + piece
        else:
            joined.append(piece)
    return joined


def _pieces(tokens: Sequence[str]) -> list[str]:
    """Tokens joined where a figure leaves it open whether the line ended."""
    pieces: list[list[str]] = []
    for token in filter(None, tokens):
        if pieces and not _begins_line(pieces[-1], token):
            pieces[-1].append(token)
        else:
            pieces.append([token])
    return [" ".join(piece) for piece in pieces]


def _begins_line(piece: Sequence[str], token: str) -> bool:
    """Whether the space before a token can only be a line end, given the tokens before it."""
    last = piece[-1]
    if len(piece) == 1 and _BARE_NUMBER.match(last):
        return False
    beside_figure = _TOKEN_EDGE.search(last[-1]) or _TOKEN_EDGE.search(token[0])
    if not beside_figure or last[-1] in ",，。；;：:、！？" or _DIVISION.match(token):
        return True
    return bool(_ITEM.match(token)) and _closed(piece)


def _closed(piece: Sequence[str]) -> bool:
    """Whether a line could end a paragraph or be a title."""
    last = piece[-1][-1]
    short = sum(map(width, piece[-44:])) < 44
    return last in SENTENCE_END + "：:" or (short and last not in ",，、的")


def _column(pieces: Sequence[str]) -> int:
    """The width of a full line: the commonest among those that stop inside a sentence."""
    widths = Counter(
        width(piece) // 2 * 2
        for piece in pieces
        if piece[-1] not in SENTENCE_END and width(piece) > 30
    )
    return widths.most_common(1)[0][0] if widths else 80


def _fit(piece: str, column: int) -> list[str]:
    """Break a piece that is longer than a line at its open spaces."""
    lines = [""]
    for token in piece.split(" "):
        longer = f"{lines[-1]} {token}".strip()
        if lines[-1] and width(longer) > column + 4 and width(lines[-1]) > column - 8:
            lines.append(token)
        else:
            lines[-1] = longer
    return lines


def _page_numbers(tokens: Sequence[str]) -> set[int]:
    """The indices of the tokens that are page numbers: the cheapest rising chain of figures."""
    offsets, at = [], 0
    for token in tokens:
        offsets.append(at)
        at += len(token) + 1
    candidates: dict[int, list[int]] = {}
    for index, token in enumerate(tokens):
        if _PAGE.match(token):
            candidates.setdefault(int(token), []).append(index)
    last = _last_page(candidates, tokens)
    if last < 3:
        return set()
    step = at / last
    chains: dict[int, tuple[float, tuple[int, ...]]] = {-1: (0.0, ())}
    for number in range(1, last + 1):
        extended: dict[int, tuple[float, tuple[int, ...]]] = {}
        for index in _nearest(candidates.get(number, []), offsets, number * step):
            options = (
                (
                    cost
                    + _strangeness(tokens, index)
                    + _uneven(offsets, before, index, step, number, chain),
                    chain,
                )
                for before, (cost, chain) in chains.items()
                if before < index
            )
            if best := min(options, default=None):
                extended[index] = (best[0], (*best[1], index))
        skipped = {index: (cost + 2.5, chain) for index, (cost, chain) in chains.items()}
        chains = _cheapest(
            skipped
            | {i: c for i, c in extended.items() if i not in skipped or c[0] < skipped[i][0]}
        )
    _, chain = min(chains.values())
    return set(chain) if len(chain) >= last * 0.7 else set()


def _nearest(indices: Sequence[int], offsets: Sequence[int], place: float) -> list[int]:
    """The figures closest to where an average page would end; a bound on the search."""
    return sorted(sorted(indices, key=lambda index: abs(offsets[index] - place))[:_MOST_CANDIDATES])


def _cheapest(
    chains: dict[int, tuple[float, tuple[int, ...]]],
) -> dict[int, tuple[float, tuple[int, ...]]]:
    return dict(sorted(chains.items(), key=lambda item: item[1][0])[:40])


def _last_page(candidates: dict[int, list[int]], tokens: Sequence[str]) -> int:
    """The highest number up to which nearly every number occurs as a bare figure."""
    last = 0
    for number in range(1, 1000):
        if number in candidates:
            last = number
        elif sum(n in candidates for n in range(number, number + 4)) < 2:
            break
    final = (
        next((int(t) for t in reversed(tokens) if t), 0)
        if tokens and _PAGE.match(tokens[-1])
        else 0
    )
    return final if 3 <= final <= last else last


def _strangeness(tokens: Sequence[str], index: int) -> float:
    """How unlike a page number a bare figure looks from its neighbours."""
    before = tokens[index - 1] if index else ""
    after = tokens[index + 1] if index + 1 < len(tokens) else ""
    cost = 0.0
    if _MEASURE.match(after):
        cost += 2.0
    if _PAGE.match(after) or _PAGE.match(before):
        cost += 0.3
    if before and before[-1] in SENTENCE_END:
        cost -= 0.5
    return cost


def _uneven(
    offsets: Sequence[int],
    before: int,
    index: int,
    step: float,
    number: int,
    chain: tuple[int, ...],
) -> float:
    """How far a page is longer or shorter than the average page."""
    start = offsets[before] if before >= 0 else 0
    pages = number - len(chain)
    length = (offsets[index] - start) / step / max(1, pages)
    return abs(length - 1) * 2 if length > 1 else (1 - length) * 1.2
