"""Lists of words per comment as four arrays, so that a million comments fit in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ragged:
    """Row i is `values[starts[i]:starts[i + 1]]`: numbers into the sorted `vocabulary`.

    Each value carries a mark: the clause of a word, the stance of a link.
    """

    vocabulary: tuple[str, ...]
    values: Integers
    marks: Integers
    starts: Offsets

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, index: int) -> list[tuple[str, int]]:
        """The words of one row with their marks."""
        part = slice(self.starts[index], self.starts[index + 1])
        pairs = zip(self.values[part].tolist(), self.marks[part].tolist(), strict=True)
        return [(self.vocabulary[value], mark) for value, mark in pairs]

    def row_numbers(self) -> Offsets:
        """For each value the row it stands in."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))


def build(rows: Iterable[Iterable[tuple[str, int]]]) -> Ragged:
    """A table of (word, mark) lists."""
    numbers: dict[str, int] = {}
    values: list[int] = []
    marks: list[int] = []
    starts = [0]
    for row in rows:
        for word, mark in row:
            values.append(numbers.setdefault(word, len(numbers)))
            marks.append(mark)
        starts.append(len(values))
    as_found = Ragged(
        tuple(numbers),
        np.array(values, dtype=np.int32),
        np.array(marks, dtype=np.int32),
        np.array(starts, dtype=np.int64),
    )
    return concatenate([as_found])


def concatenate(tables: Sequence[Ragged]) -> Ragged:
    """One table of many with one sorted vocabulary: the same however the rows were divided."""
    vocabulary = tuple(sorted(set().union(*(table.vocabulary for table in tables))))
    number = {word: k for k, word in enumerate(vocabulary)}
    none = np.empty(0, dtype=np.int32)
    values, starts, base = [none], [np.zeros(1, dtype=np.int64)], 0
    for table in tables:
        renumbered = np.array([number[word] for word in table.vocabulary], dtype=np.int32)
        values.append(renumbered[table.values] if len(table.values) else none)
        starts.append(table.starts[1:] + base)
        base += int(table.starts[-1])
    return Ragged(
        vocabulary,
        np.concatenate(values),
        np.concatenate([none, *(table.marks for table in tables)]),
        np.concatenate(starts),
    )
