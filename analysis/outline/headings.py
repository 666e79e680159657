"""Which paragraphs are headings.

A numbered line without a full stop is one; a long numbered line may hold a heading that ran into
its text (`glued`), or a lead sentence that only opens a paragraph. Short lines without a number
may be headings that lost theirs: they are proposed here and judged in `levels`, where a gap in the
numbering can speak for them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.outline.contents import Entry
from analysis.outline.glued import split_glued
from analysis.outline.lines import Line
from analysis.outline.numbering import Kind, Mark, is_quantity, read_mark, read_plain_mark
from analysis.outline.text import bare, ends_sentence, sentences, squeeze

_SPECIAL = re.compile(
    r"^(前言|引言|序言|导言|导语|序|结语|结束语|后记|尾声|附则|"
    r"(?:(?:有关|相关|主要|部分|专业)*(?:名词|术语|用语|概念)(?:解释|注释|说明|释义)))$|"
    r"^(附录|附件)[一二三四五六七八九十\dA-Z]{0,3}[:： ]*(?=[^:：]{0,40}$)"
)
# 附件：1．清单 only lists what is attached.
_LISTED_ANNEX = re.compile(r"\d{1,2} ?[.．、]")
_ANNEX = re.compile(r"(?:附件|附录)[一二三四五六七八九十\d]{0,3}[:：]?")
_CAPTION = re.compile(
    r"^(?:图|表) ?[\d一二三四五六七八九十]+|^[图表注][:：]|"
    r"(?:[图表]|示意图|一览表|情况表|指标体系|空间布局|分布图)(?:[(（][^)）]*[)）])?$|"
    r"^(?:单位|来源|资料来源|备注)[:：]"
)
_DATE = re.compile(r"^[(（]?(?:19|20|二)[\d〇○零一二三四五六七八九]{3} ?年")
_BOX = re.compile(r"^专栏")
_LONGEST_TITLE = 60
_LONGEST_RUN_IN = 45
_LISTS = frozenset(
    (Kind.ARABIC, Kind.ARABIC_DOT, Kind.ARABIC_PAREN, Kind.ARABIC_RIGHT, Kind.CIRCLED)
)


_RUN_IN = frozenset((Kind.CN, Kind.CN_PAREN, Kind.DECIMAL, Kind.DECIMAL_3))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as found: its number (None: lost or absent), its title, the line it stood on.

    `doubtful` headings had no number and no declared level; `weak` ones have no text below them
    either, so that only a gap in the numbering can prove them.
    """

    mark: Mark | None
    title: str
    line: Line
    special: bool = False
    doubtful: bool = False
    weak: bool = False

    @property
    def style(self) -> int | None:
        """The level the document's format declares, if any."""
        return self.line.level


Item = Heading | Line


def find_headings(lines: Sequence[Line], contents: Sequence[Entry], start: int = 0) -> list[Item]:
    """The paragraphs with the headings among them told apart; those before `start` hold none."""
    before, lines = list(lines[:start]), _with_titled_annexes(_without_title(lines[start:]))
    decimal = sum(bool((m := read_mark(x.text)) and m.kind is Kind.DECIMAL) for x in lines) >= 2
    items: list[Item] = []
    boxed: _Items | None = None
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else None
        found = _read(line, following, contents, decimal)
        if _BOX.match(line.text):
            boxed = _box_items(lines, index)
        elif isinstance(heading := found[0], Heading):
            boxed = boxed and _is_item(heading, boxed)
            # What follows an item that ended in a semicolon is the next item of its list.
            if _goes_on(items[-1] if items else None, heading):
                found = [line]
        items.extend([line] if boxed else found)
    items = _without_named_annexes(_without_bare_lists(items))
    return [*before, *_with_lost_numbers(items)]


@dataclass(slots=True)
class _Items:
    """The items of a box: the kind of number they carry, and the last number so far."""

    kind: Kind | None
    last: int = 0


def _box_items(lines: Sequence[Line], index: int) -> _Items:
    """What numbers the items of a box: what its first line carries, or any of a list's."""
    first = read_mark(lines[index + 1].text) if index + 1 < len(lines) else None
    own = first is not None and first.value == 1 and first.kind in (Kind.CN, Kind.CN_PAREN)
    return _Items(first.kind if own and first else None)


def _is_item(heading: Heading, items: _Items) -> _Items | None:
    """The items with one more, or None where a heading ends the box."""
    mark = heading.mark
    if mark is None:
        return None
    if items.kind is None:
        return items if mark.kind in _LISTS else None
    if mark.kind is items.kind and mark.value == items.last + 1:
        items.last = mark.value
        return items
    return items if mark.kind in _LISTS else None


def _goes_on(before: "Item | None", heading: Heading) -> bool:
    """Whether a heading is but the next item of a list whose items end in semicolons."""
    mark = heading.mark
    if (
        mark is None
        or not isinstance(before, Line)
        or not (before.text.endswith(("；", ";")) or before.text.startswith("附件"))
    ):
        return False
    last = read_mark(re.sub("^附件 ?[:：]? ?", "", before.text))
    return last is not None and (last.kind, last.value) == (mark.kind, mark.value - 1)


def _with_titled_annexes(lines: Sequence[Line]) -> list[Line]:
    """附件 on a line of its own below the text takes the next line for its title."""
    result: list[Line] = []
    headed = False
    for line in lines:
        alone = bool(result and headed and _ANNEX.fullmatch(squeeze(result[-1].text)))
        if alone and _may_head_annex(line):
            annex = squeeze(result[-1].text).rstrip(":：")
            result[-1] = replace(line, text=f"{annex} {line.text}")
        else:
            result.append(line)
        mark = read_mark(line.text)
        headed = headed or (mark is not None and mark.kind <= Kind.CN_PAREN)
    return result


def _may_head_annex(line: Line) -> bool:
    short = 2 <= len(line.text) <= 40 and not re.search("[。；;：:|]", line.text)
    return short and line.grid is None and read_mark(line.text) is None


def _without_title(lines: Sequence[Line]) -> list[Line]:
    """The document's own title, set as its only heading of the highest level, heads nothing."""
    levels = [line.level or 0 for line in lines if line.level]
    first = next((i for i, line in enumerate(lines) if line.level), None)
    if first is None or len(levels) < 3:
        return list(lines)
    line = lines[first]
    alone = levels.count(levels[0]) == 1 and levels[0] == min(levels)
    if not alone or read_mark(line.text) or _special(line.text):
        return list(lines)
    return [*lines[:first], replace(line, level=None), *lines[first + 1 :]]


def _read(
    line: Line, following: Line | None, contents: Sequence[Entry], decimal: bool
) -> list[Item]:
    """A paragraph as a heading, a heading with its text, or the paragraph it is."""
    text = line.text
    if line.grid or line.note or _BOX.match(text):
        return [line]
    mark = read_mark(text)
    if mark is None and (line.level or (decimal and len(text) <= _LONGEST_RUN_IN)):
        mark = read_plain_mark(text)
    if special := _special(text):
        return [Heading(None, special, line, special=True)]
    if line.level and len(text) <= 2 * _LONGEST_TITLE:
        title = text[mark.length :] if mark else text
        return [Heading(mark, bare(title) or title, line)]
    if mark is None or is_quantity(text, mark):
        return [line]
    title, rest = _title_and_rest(line, mark, contents, following)
    if not title:
        return [line]
    heading = Heading(mark, title, line)
    return [heading, replace(line, text=rest, lead=None)] if rest else [heading]


def _special(text: str) -> str | None:
    match = _SPECIAL.match(squeeze(text))
    if not match or len(text) > 48 or ends_sentence(text):
        return None
    if match[1]:
        return match[1]
    rest = text[len(match[2]) :].strip(" :：")
    # 附件 alone on a line introduces the document it belongs to; it heads nothing itself.
    if match[2] == "附件" and (not rest or _LISTED_ANNEX.match(rest)):
        return None
    return None if "《" in rest else f"{match[2]} {rest}".strip()


def _title_and_rest(
    line: Line, mark: Mark, contents: Sequence[Entry], following: Line | None
) -> tuple[str, str]:
    """The title of a numbered line, and the text that ran into it; no title: not a heading."""
    text = line.text[mark.length :]
    if listed := _listed(text, mark, contents):
        return listed
    if not text:
        return "", ""
    if mark.kind is Kind.ARTICLE:
        return _article(text)
    if mark.kind in _LISTS:
        plain = len(text) <= _LONGEST_RUN_IN and not re.search(r"[。；;：:]", text)
        return (text, "") if plain and not ends_sentence(text) else ("", "")
    if mark.kind <= Kind.SECTION and text.endswith("。"):
        glued = split_glued(text, bold=True)
        if glued[0]:
            return glued
    if len(text) <= _LONGEST_TITLE and not re.search(r"[。；;]", text):
        return (bare(text), "") if text[-1] not in ",，、" else ("", "")
    if len(text) <= _LONGEST_RUN_IN and text.count("。") == 1 and text.endswith("。"):
        return (bare(text), "") if following is not None else ("", "")
    if mark.kind in _RUN_IN and (run_in := _run_in(text, contents)):
        return run_in
    return split_glued(text, bold=mark.kind <= Kind.SECTION)


def _listed(text: str, mark: Mark, contents: Sequence[Entry]) -> tuple[str, str] | None:
    """Where the contents list this very title, it ends where they say."""
    for entry in contents:
        same = entry.mark and (entry.mark.kind, entry.mark.value) == (mark.kind, mark.value)
        if not same or len(entry.title) < 2 or not squeeze(text).startswith(entry.title):
            continue
        length = count = 0
        while count < len(entry.title):
            count += text[length] != " "
            length += 1
        return text[:length].strip(), text[length:].strip()
    return None


def _article(text: str) -> tuple[str, str]:
    """第一条（目的）…: the words in brackets are its title."""
    if match := re.match(r"[（(【]([^)）】]{2,30})[)）】] ?", text):
        return match[1], text[match.end() :]
    if len(text) <= 30 and not ends_sentence(text):
        return text, ""
    # An article without a title is named by its first clause, which stays in the text.
    return bare(re.split("[,，。；;：:]", text)[0])[:_LONGEST_RUN_IN], text


def _run_in(text: str, contents: Sequence[Entry]) -> tuple[str, str] | None:
    """（一）健全体系。完善…: a numbered lead sentence that heads the paragraph it opens."""
    if contents:  # They list the headings; a numbered paragraph beside them is none.
        return None
    if colon := re.match(r"([^。；;，,：:]{2,14})[：:](?=.{20})", text):
        return colon[1], text[colon.end() :]
    first = sentences(text)[0]
    if len(re.findall("[,，]", first)) > 1:
        return None
    plain = first.endswith("。") and len(first) <= _LONGEST_RUN_IN and len(text) > len(first) + 8
    if plain and not re.search(r"[一二三]是|[；;：:]", first):
        return bare(first), text[len(first) :].strip()
    return None


def _without_bare_lists(items: list[Item]) -> list[Item]:
    """Short numbered lines that stand one under another without text are a list, not headings."""
    result = list(items)
    start = 0
    while start < len(result):
        stop = start
        while stop < len(result) and _same_list(result[start], result[stop]):
            stop += 1
        if stop - start >= 2:
            for index in range(start, stop):
                heading = result[index]
                assert isinstance(heading, Heading)
                if index < stop - 1 or stop - start >= 3:
                    result[index] = heading.line
        start = max(stop, start + 1)
    return result


def _without_named_annexes(items: list[Item]) -> list[Item]:
    """附件：分工方案 at the very end only names what is attached elsewhere."""
    result = list(items)
    for index in range(len(result) - 1, -1, -1):
        item = result[index]
        if not (isinstance(item, Heading) and item.special and item.title.startswith("附件")):
            break
        result[index] = item.line
    return result


def _same_list(first: Item, other: Item) -> bool:
    return (
        isinstance(first, Heading)
        and isinstance(other, Heading)
        and first.mark is not None
        and other.mark is not None
        and first.mark.kind in _LISTS
        and first.mark.kind is other.mark.kind
        and first.style is None
    )


def _with_lost_numbers(items: list[Item]) -> list[Item]:
    """Propose the short lines between paragraphs that may be headings without their number."""
    numbered = [i for i, item in enumerate(items) if isinstance(item, Heading)]
    if any(isinstance(item, Heading) and item.style for item in items):
        return items
    result = list(items)
    proposed: set[int] = set()
    for index in range(len(items) - 1, -1, -1):
        item = items[index]
        if (numbered and index < numbered[0]) or not isinstance(item, Line):
            continue
        if not _may_be_title(item) or not _closed_before(items, index):
            continue
        below = items[index + 1] if index + 1 < len(items) else None
        has_text = isinstance(below, Line) and (_is_body(below) or index + 1 in proposed)
        if has_text or isinstance(below, Heading):
            proposed.add(index)
            result[index] = Heading(None, item.text, item, doubtful=True, weak=not has_text)
    for index in _in_long_runs(proposed):
        result[index] = items[index]
    return result


def _is_body(line: Line) -> bool:
    """Whether a line is text such as stands below a heading."""
    return len(line.text) >= 40 or (len(line.text) >= 20 and ends_sentence(line.text))


def _in_long_runs(indices: set[int]) -> set[int]:
    """Those that stand four or more in a row: short lines one under another are a list."""
    return {
        index
        for index in indices
        if any(set(range(start, start + 4)) <= indices for start in range(index - 3, index + 1))
    }


def _may_be_title(line: Line) -> bool:
    text = line.text
    return (
        not line.grid
        and not line.note
        and 4 <= len(text) <= 36
        and not re.search(r"[。；;：:！？!?|…]|[,，、]$|——", text)
        and not _CAPTION.search(text)
        and not _DATE.match(text)
        and not _BOX.match(text)
        and read_mark(text) is None
        and bool(re.search(r"[\u4e00-\u9fff]{3}", text))
    )


def _closed_before(items: Sequence[Item], index: int) -> bool:
    before = items[index - 1] if index else None
    if isinstance(before, Line) and not before.grid:
        return ends_sentence(before.text) or _may_be_title(before)
    return True
