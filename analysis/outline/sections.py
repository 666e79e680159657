"""Sections with their passages, from placed headings and the text between them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.contracts import Passage, Section
from analysis.outline.headings import Item
from analysis.outline.levels import Placed
from analysis.outline.lines import Line

PREFACE = "前言"


@dataclass(slots=True)
class Paragraph:
    """A line with the passage it became and the section it stands in (an index)."""

    passage: Passage
    line: Line
    section: int


@dataclass(slots=True)
class Outline:
    """The tree while it is being read: sections in order, and every paragraph in order.

    Everything is by index of section, and ids come from the same indices; `groups` holds the
    paragraphs of each section, `below` its subsections.
    """

    titles: list[str] = field(default_factory=list)
    numbers: list[str | None] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    parents: list[int | None] = field(default_factory=list)
    inferred: list[bool] = field(default_factory=list)
    placed: list[Placed | None] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    groups: list[list[Paragraph]] = field(default_factory=list)
    below: list[list[int]] = field(default_factory=list)

    def section_id(self, index: int) -> str:
        """The public id of a section."""
        return f"s{index + 1}"

    def of(self, index: int) -> list[Paragraph]:
        """The paragraphs directly below a heading."""
        return self.groups[index]

    def children(self, index: int) -> list[int]:
        """The sections directly below one."""
        return self.below[index]

    def path(self, index: int) -> list[int]:
        """A section and all that enclose it, innermost first."""
        found: list[int] = []
        at: int | None = index
        while at is not None:
            found.append(at)
            at = self.parents[at]
        return found

    def sections(self) -> tuple[Section, ...]:
        """The sections as the contract has them."""
        return tuple(
            Section(
                id=self.section_id(i),
                level=self.levels[i],
                number=self.numbers[i],
                title=title,
                parent=None if (p := self.parents[i]) is None else self.section_id(p),
                inferred=self.inferred[i],
                passages=tuple(paragraph.passage for paragraph in self.groups[i]),
            )
            for i, title in enumerate(self.titles)
        )


def build(items: Sequence[Placed | Item]) -> Outline:
    """Hang every heading under the nearest one that encloses it, every line under its heading."""
    outline = Outline()
    items = _with_text_below_preface(items)
    open_ranks: list[tuple[float, int]] = []
    for item in items:
        if isinstance(item, Placed):
            while open_ranks and open_ranks[-1][0] >= item.rank:
                open_ranks.pop()
            _add(outline, item, open_ranks[-1][1] if open_ranks else None)
            open_ranks.append((item.rank, len(outline.titles) - 1))
        elif isinstance(item, Line) and not item.note:
            if not outline.titles:
                _add(outline, None, None)
            for text in passages_of(item):
                passage = Passage(id=f"p{len(outline.paragraphs) + 1}", text=text)
                section = len(outline.titles) - 1
                paragraph = Paragraph(passage, item, section)
                outline.paragraphs.append(paragraph)
                outline.groups[section].append(paragraph)
    return outline


def _with_text_below_preface(items: Sequence[Placed | Item]) -> list[Placed | Item]:
    """Text before a printed 前言 belongs to it; there is only one."""
    first = next((i for i, item in enumerate(items) if isinstance(item, Placed)), None)
    if first:
        heading = items[first]
        if isinstance(heading, Placed) and heading.heading.title == PREFACE:
            return [heading, *items[:first], *items[first + 1 :]]
    return list(items)


def passages_of(line: Line) -> list[str]:
    """The texts of a line: one, or one for each row of a table."""
    if line.grid is None:
        return [line.text] if line.text else []
    rows = (row_text(row) for row in line.grid)
    return [row for row in rows if row.strip(" |")]


def row_text(row: Sequence[str]) -> str:
    """A row of a table as one passage; a merged cell is shown once."""
    return " | ".join(c for i, c in enumerate(row) if i == 0 or c != row[i - 1] or not c)


def _add(outline: Outline, placed: Placed | None, parent: int | None) -> None:
    mark = placed.heading.mark if placed else None
    outline.titles.append(placed.heading.title if placed else PREFACE)
    outline.numbers.append(mark.printed if mark else None)
    outline.levels.append(1 if parent is None else outline.levels[parent] + 1)
    outline.parents.append(parent)
    outline.inferred.append(mark is None)
    outline.placed.append(placed)
    outline.groups.append([])
    outline.below.append([])
    if parent is not None:
        outline.below[parent].append(len(outline.titles) - 1)
