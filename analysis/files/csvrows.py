"""Rows of a CSV file that lose nothing, also where somebody forgot a quotation mark.

One mark without its partner makes a CSV reader take everything behind it, thousands of comments,
for one cell. Here a cell that runs to the end of the file, or beyond any length a comment can
have, is read as far as its own line, and reading goes on with the next line.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator

LONGEST_ROW = 400_000
"""Characters of one row; a comment holds at most some ten thousand."""


class _Lines:
    """Physical lines, remembered while one row is read, so that they can be put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self._size = 0
        self.ran_out = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._size > LONGEST_ROW:
            self.ran_out = True
            raise StopIteration
        line = self._back.popleft() if self._back else next(self._source, None)
        if line is None:
            self.ran_out = True
            raise StopIteration
        self.taken.append(line)
        self._size += len(line)
        return line

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.taken, self._size, self.ran_out = [], 0, False

    def put_back(self, lines: list[str]) -> None:
        """Lines that belong to later rows."""
        self._back.extendleft(reversed(lines))


def csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The cells of each row in order; rows without any cell are left out."""
    source = _Lines(lines)
    row: list[str] | None = []
    while row is not None:
        source.begin_row()
        row = _next_row(source, delimiter)
        if row:
            yield row


def _next_row(source: _Lines, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader(source, delimiter=delimiter, strict=True), None)
    except csv.Error:
        taken = source.taken
        # Only a cell that never ended runs out; other faults end with their own line.
        if source.ran_out and len(taken) > 1:
            source.put_back(taken[1:])
            taken = taken[:1]
        return next(csv.reader(taken, delimiter=delimiter), None)
