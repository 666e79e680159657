"""Readings of many comments side by side, for counting.

A `Reading` is what one comment says; `Columns` holds the same for a whole collection as arrays,
so that topics, issues and summaries count without touching a million objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

import numpy as np
import numpy.typing as npt

from analysis import ragged
from analysis.contracts import (
    CommentText,
    Intent,
    LinkStatus,
    Reading,
    ReadStatus,
    Sentiment,
    Stance,
)
from analysis.ragged import Ragged

SENTIMENTS = tuple(Sentiment)
INTENTS = tuple(Intent)
LINKS = tuple(LinkStatus)
STANCES = tuple(Stance)
_CHINA = timezone(timedelta(hours=8))
UNDETERMINED = -1
"""In a column: the machine abstained, or the comment could not be read."""

Codes = npt.NDArray[np.int8]
Rows = npt.NDArray[np.int64]


class Texts(Protocol):
    """Where the raw comments are when only a few of them are needed."""

    def __call__(self, rows: Sequence[int]) -> Mapping[int, CommentText]:
        """The comments in the given rows."""
        ...


@dataclass(frozen=True, slots=True)
class Columns:
    """One row per comment; codes index the tuples above, -1 where not determined."""

    ids: tuple[str, ...]
    read: npt.NDArray[np.bool_]
    sentiment: Codes
    intent: Codes
    link: Codes
    days: npt.NDArray[np.int32]
    """Proleptic ordinal of the day it was posted; 0 when unknown."""
    places: Ragged
    items: Ragged

    def __len__(self) -> int:
        return len(self.ids)


def from_readings(comments: Sequence[CommentText], readings: Sequence[Reading]) -> Columns:
    """Columns of comments with their readings, in the same order."""
    return Columns(
        tuple(reading.id for reading in readings),
        np.array([reading.status is ReadStatus.READ for reading in readings], dtype=bool),
        _codes(readings, SENTIMENTS, "sentiment"),
        _codes(readings, INTENTS, "intent"),
        _codes(readings, LINKS, "link_status"),
        np.array([_day(comment.posted_at) for comment in comments], dtype=np.int32),
        ragged.build(
            [(place, 0) for place in dict.fromkeys(mention.text for mention in reading.places)]
            for reading in readings
        ),
        ragged.build(
            [
                (item.id, UNDETERMINED if item.stance is None else STANCES.index(item.stance))
                for item in reading.items
            ]
            for reading in readings
        ),
    )


def concatenate(parts: Sequence[Columns]) -> Columns:
    """The rows of many in order."""
    return Columns(
        tuple(one for part in parts for one in part.ids),
        np.concatenate([np.empty(0, dtype=bool), *(part.read for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int8), *(part.sentiment for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int8), *(part.intent for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int8), *(part.link for part in parts)]),
        np.concatenate([np.empty(0, dtype=np.int32), *(part.days for part in parts)]),
        ragged.concatenate([part.places for part in parts]),
        ragged.concatenate([part.items for part in parts]),
    )


def quotable(columns: Columns) -> npt.NDArray[np.bool_]:
    """Rows a quote can point to: read, and the first of their id where an id came twice."""
    chosen = columns.read.copy()
    seen: set[str] = set()
    for row, one in enumerate(columns.ids):
        chosen[row] &= one not in seen
        seen.add(one)
    return chosen


def _day(posted_at: datetime | None) -> int:
    """The day in China as a proleptic ordinal; a time without zone was written in China."""
    if posted_at is None:
        return 0
    return (posted_at.astimezone(_CHINA) if posted_at.tzinfo else posted_at).toordinal()


def _codes(readings: Sequence[Reading], names: Sequence[str], field: str) -> Codes:
    code = {name: number for number, name in enumerate(names)}
    return np.array(
        [code.get(getattr(reading, field), UNDETERMINED) for reading in readings], dtype=np.int8
    )
