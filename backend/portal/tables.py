"""Table rows that a plan carries as paragraphs, put together again for reading. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

FEWEST_CELLS = 3
FEWEST_ROWS = 2
_BETWEEN = re.compile(r"\s*[|｜\t]\s*")
_RULE = re.compile(r"[\s|｜:+-]+")
_VALUE = re.compile(r"[-+≥≤><]?\s*\d+(?:[.,]\d+)*\s*%?")


class HasText(Protocol):
    """A paragraph with its margin."""

    @property
    def text(self) -> str: ...

    @property
    def is_item(self) -> bool: ...


Row = TypeVar("Row", bound=HasText)


@dataclass(frozen=True, slots=True)
class TableBlock(Generic[Row]):
    """Paragraphs that are rows: the cells of the head, and each row with its cells."""

    head: tuple[str, ...]
    rows: list[tuple[Row, tuple[str, ...]]]


def blocks(rows: Sequence[Row]) -> list[Row | TableBlock[Row]]:
    """Paragraphs in order, every run of table rows among them as one table."""
    result: list[Row | TableBlock[Row]] = []
    run: list[tuple[Row, tuple[str, ...]]] = []
    for row in rows:
        cells = cells_of(row.text)
        if cells:
            run.append((row, cells))
            continue
        result += _closed(run)
        run = []
        result.append(row)
    return result + _closed(run)


def cells_of(text: str) -> tuple[str, ...]:
    """The cells of a row written with bars or tabs; empty when the text is no such row."""
    if "\n" in text.strip():
        return ()
    cells = tuple(_BETWEEN.split(text.strip().strip("|｜").strip()))
    return cells if len(cells) >= FEWEST_CELLS else ()


def _closed(run: list[tuple[Row, tuple[str, ...]]]) -> list[Row | TableBlock[Row]]:
    if len(run) < FEWEST_ROWS:
        return [row for row, _ in run]
    first, cells = run[0]
    is_head = not first.is_item and not any(_VALUE.fullmatch(cell) for cell in cells)
    body = [(row, c) for row, c in run[is_head:] if not _RULE.fullmatch(row.text)]
    return [TableBlock(cells if is_head else (), body)]
