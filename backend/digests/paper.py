"""A document in blocks, the same for Word, PDF and HTML.

What a digest or a report says becomes a Paper once; the writers know how a heading or a table is
set and nothing of consultations. Text is plain: no writer reads any markup in it.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from analysis.segment import words


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Issuer and number; `red` sets them as a 红头 with a red line below."""

    issuer: str = ""
    number: str = ""
    red: bool = False


@dataclass(frozen=True, slots=True)
class Title:
    """A heading of level 1 (一、黑体), 2 （（一）楷体） or 3 (1. 仿宋加粗), number included."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of body text, first line indented by two characters."""

    text: str
    sources: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a resident, set in 楷体, with who said them."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; widths are shares of the text width. align: left, center or right."""

    title: str
    share: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a repeating header row; `small` sets it in 小五 for long lists."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """An SVG drawing whose title states the finding; `summary` says it in words."""

    title: str
    summary: str
    svg: str


@dataclass(frozen=True, slots=True)
class Note:
    """Small print: method, sources, what a number does not cover."""

    text: str


@dataclass(frozen=True, slots=True)
class Signature:
    """署名和成文日期, at the lower right; several offices on lines of their own."""

    office: str
    day: date


@dataclass(frozen=True, slots=True)
class PageBreak:
    """What follows begins on a new page."""


Block = Title | Text | Quote | Table | Chart | Note | Signature | PageBreak


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole document. `title` may hold line breaks; `is_draft` marks every page 草稿."""

    title: str
    subtitle: str
    author: str
    made_at: datetime
    blocks: tuple[Block, ...]
    letterhead: Letterhead = field(default_factory=Letterhead)
    is_draft: bool = False


def balanced(text: str, width: int = 19) -> str:
    """A title in lines of nearly equal length, broken between words (GB/T 9704: 词意完整)."""
    lines: list[str] = []
    for left in range(-(-len(text) // width), 1, -1):
        fitting = [cut for cut in _breaks(text) if len(text) - cut <= width * (left - 1)]
        cuts = [cut for cut in fitting if cut <= width] or [-(-len(text) // left)]
        ideal = len(text) / left
        cut = min(cuts, key=lambda cut: (abs(cut - ideal) + 4 * _clings(text, cut), -cut))
        lines.append(text[:cut])
        text = text[cut:]
    return "\n".join([*lines, text]) if text else "\n".join(lines)


def _breaks(text: str) -> list[int]:
    """Where one word ends and another begins; closing marks stay with what they close."""
    ends = [word.end for word in words(text)]
    return [end for end in ends if end < len(text) and text[end] not in "》）”、，。"]


def _clings(text: str, cut: int) -> bool:
    """Whether a particle or an opening mark would stand at the wrong end of a line."""
    return text[cut] in "和与及的个年" or text[cut - 1] in "和与及《（“、第"
