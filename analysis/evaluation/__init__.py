"""Measured quality: what the analysis library gets right, counted against kept answer keys.

Each subject (plans, sentiment, intent, …) is a module of this package with one function,
`report(shared)`, that reads its data, measures, and returns a `Report`. `python -m
analysis.evaluation [subject]` prints them. `shared` is the folder of real material beside the
checkout, or None where there is none; a subject that cannot be measured without it says so by
raising `MissingMaterialError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


class MissingMaterialError(Exception):
    """A subject's data are not on this machine; the message says which."""


@dataclass(frozen=True, slots=True)
class Report:
    """One subject's result: Markdown lines to read, and the same figures by name to test."""

    title: str
    lines: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)

    def markdown(self) -> str:
        """The report as a Markdown section."""
        return "\n".join([f"## {self.title}", "", *self.lines, ""])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[str, ...]:
    """Markdown lines of a table; floats are printed with three decimals."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in rows]
    return tuple(lines)


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
