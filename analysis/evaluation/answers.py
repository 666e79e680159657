"""The labelled comments: ids and labels from the keys, texts from the shared material."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis.evaluation import MissingMaterialError

_KEYS = Path(__file__).parent / "keys" / "intent"


@dataclass(frozen=True, slots=True)
class Answer:
    """One comment with its labels; `draw` is random, rare or written."""

    id: str
    split: str
    draw: str
    title: str | None
    text: str
    sentiment: str
    intent: str


def written(split: str) -> list[Answer]:
    """The comments written for the project."""
    return [
        Answer(row["id"], split, "written", None, row["text"], row["sentiment"], row["intent"])
        for row in _rows(_KEYS / "written.csv")
        if row["split"] == split
    ]


def messages(shared: Path | None, split: str) -> list[Answer]:
    """Residents' messages of one split (development, test, blind).

    Raises `MissingMaterialError` where their texts are missing.
    """
    if shared is None or not (shared / "data" / "messages.csv").is_file():
        raise MissingMaterialError("data/messages.csv of the shared material is not there")
    texts = message_texts(shared)
    return [
        Answer(row["id"], split, row["draw"], *texts[row["id"]], row["sentiment"], row["intent"])
        for name in ("messages.csv", "blind.csv")
        for row in _rows(_KEYS / name)
        if row["split"] == split and row["id"] in texts
    ]


def two_passes(subject: str) -> tuple[list[str], list[str]]:
    """The labels that the first and the second reading pass gave the same messages."""
    first = {row["id"]: row[subject] for row in _rows(_KEYS / "messages.csv")}
    second = {row["id"]: row[subject] for row in _rows(_KEYS / "second_pass.csv")}
    return [first[key] for key in second], list(second.values())


@cache
def message_texts(shared: Path) -> dict[str, tuple[str, str]]:
    """Title and body of every message by id."""
    rows = _rows(shared / "data" / "messages.csv")
    return {row["id"]: (row["title"], row["body"]) for row in rows}


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
