"""What a brief says: parts of lines, each with the comments it rests on. Stored as plain JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. `tone` is empty, amber or vermilion; `comment_ids` are what it rests on."""

    text: str
    comment_ids: tuple[int, ...]
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its lines; `empty` is said when there are none."""

    key: str
    title: str
    lines: tuple[Line, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class BriefContent:
    """A morning's brief: counts of what came in, and the parts."""

    submission_count: int
    comment_count: int
    total_count: int
    parts: tuple[Part, ...]

    @property
    def says_something(self) -> bool:
        return any(part.lines for part in self.parts)

    def by_part(self) -> list[tuple[Part, list[tuple[int, Line]]]]:
        """Every part with its numbered lines."""
        numbered = self.numbered()
        return [(p, [(n, line) for n, part, line in numbered if part is p]) for p in self.parts]

    def numbered(self) -> list[tuple[int, Part, Line]]:
        """Every line with its number within the brief, counted from 1."""
        lines = [(part, line) for part in self.parts for line in part.lines]
        return [(number, part, line) for number, (part, line) in enumerate(lines, start=1)]


def to_json(content: BriefContent) -> dict[str, Any]:
    return asdict(content)


def from_json(stored: Mapping[str, Any]) -> BriefContent:
    return BriefContent(
        stored["submission_count"],
        stored["comment_count"],
        stored["total_count"],
        tuple(
            Part(part["key"], part["title"], _lines(part["lines"]), part["empty"])
            for part in stored["parts"]
        ),
    )


def _lines(stored: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    return tuple(Line(row["text"], tuple(row["comment_ids"]), row["tone"]) for row in stored)
