"""Topics: what residents talk about, in their own words, counted two ways.

A topic belongs to a comment when its words stand in one clause of it and carry a fair share of
what the comment says; each comment has one topic or none, so the counts add up. Raw counts and
counts of different wordings stand side by side, the share comes with its interval, the sides with
what residents want, and three to six verbatim quotes cover the sides.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt
import rjieba

from analysis.columns import INTENTS, Columns, Texts, quotable
from analysis.contracts import CommentText, Quote, TopicReading
from analysis.intervals import wilson
from analysis.quoting import best_quote
from analysis.ragged import Ragged
from analysis.terms import meaning_of
from analysis.topics import naming
from analysis.topics.discovery import Discovered, discover

__all__ = ["SIDES", "TopicsFound", "find_topics", "topic_id"]

SIDES = (*(intent.value for intent in INTENTS), "undetermined")
_SIDE_WORDS = {
    "complains": "反映问题",
    "proposes": "提出建议",
    "asks": "咨询",
    "supports": "支持",
    "opposes": "反对",
    "other": "其他",
    "undetermined": "倾向不明",
}

_READ_FOR_NAME = 60
_READ_FOR_QUOTES = 12
"""Comments of each side that are read to find its best quote."""

FEWEST_QUOTES, MOST_QUOTES = 3, 6

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TopicsFound:
    """The topics, largest first, and for each comment row the place of its topic, or -1."""

    topics: tuple[TopicReading, ...]
    topic_of: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Members:
    """One topic's comments, the most to the point first."""

    words: tuple[str, ...]
    rows: Rows
    originals: Rows
    quotable: Rows


def find_topics(columns: Columns, terms: Ragged, wording: Rows, texts: Texts) -> TopicsFound:
    """The topics of a collection, or of the part of it that is given.

    `wording[row]` is the first row whose text the row copies (itself if none), -1 for a comment
    that could not be read. Quotes are verbatim and may hold personal data.
    """
    found = discover(terms, np.where(columns.read, wording, -1))
    groups = _members(found, wording, quotable(columns))
    needed = {int(row) for group in groups for row in _rows_read(group, columns)}
    comments = texts(sorted(needed))
    total, taken = len(columns), set[str]()
    topics = []
    for group in groups:
        label = naming.name(
            group.words, [comments[int(row)] for row in group.originals[:_READ_FOR_NAME]], taken
        )
        taken.add(label)
        topics.append(_reading(label, group, columns, comments, total))
    order = sorted(range(len(topics)), key=lambda k: (-topics[k].count, topics[k].id))
    place = np.full(len(topics) + 1, -1, dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return TopicsFound(tuple(topics[k] for k in order), place[found.topic_of])


def topic_id(words: Sequence[str]) -> str:
    """The id of the topic on these words: the same in every run and every collection."""
    return "t-" + blake2b("+".join(words).encode(), digest_size=5).hexdigest()


def _members(found: Discovered, wording: Rows, may_quote: npt.NDArray[np.bool_]) -> list[_Members]:
    own = wording == np.arange(len(wording))
    groups = []
    for place, words in enumerate(found.words):
        rows = np.flatnonzero(found.topic_of == place)
        if len(rows):
            first = rows[own[rows]]
            first = first[np.lexsort((first, -found.value[first].round(6)))]
            groups.append(_Members(words, rows, first, first[may_quote[first]]))
    return groups


def _rows_read(group: _Members, columns: Columns) -> list[int]:
    sides = _by_side(group, columns)
    return [
        *group.originals[:_READ_FOR_NAME].tolist(),
        *(row for rows in sides.values() for row in rows[:_READ_FOR_QUOTES]),
    ]


def _by_side(group: _Members, columns: Columns) -> dict[str, list[int]]:
    """Different wordings by side, the most to the point first, the fullest side first."""
    sides: dict[str, list[int]] = {}
    for row in group.quotable.tolist():
        sides.setdefault(SIDES[columns.intent[row]], []).append(row)
    return dict(sorted(sides.items(), key=lambda side: (-len(side[1]), SIDES.index(side[0]))))


def _reading(
    label: str,
    group: _Members,
    columns: Columns,
    comments: Mapping[int, CommentText],
    total: int,
) -> TopicReading:
    codes = columns.intent[group.rows]
    sides = {side: int((codes == code).sum()) for code, side in enumerate(SIDES[:-1])}
    sides[SIDES[-1]] = int((codes < 0).sum())
    count, unique = len(group.rows), len(group.originals)
    return TopicReading(
        topic_id(group.words),
        label,
        _description(label, count, unique, sides, _places(group, columns)),
        count,
        unique,
        wilson(count, total),
        sides,
        tuple(columns.ids[row] for row in group.rows),
        tuple(_quotes(group, columns, comments)),
    )


def _description(
    label: str, count: int, unique: int, sides: Mapping[str, int], places: list[tuple[str, int]]
) -> str:
    said = sorted((side for side in sides if sides[side]), key=lambda side: -sides[side])
    parts = "、".join(f"{_SIDE_WORDS[side]}{sides[side]}条" for side in said)
    where = "、".join(f"{place}（{number}条）" for place, number in places)
    described = f"{count}条意见谈到“{label}”，去除雷同后{unique}条；其中{parts}。"
    return described + (f"提到较多的地点：{where}。" if where else "")


def _places(group: _Members, columns: Columns) -> list[tuple[str, int]]:
    """The places named by most of the topic's comments, at least two each."""
    counts: Counter[str] = Counter()
    for row in group.rows.tolist():
        counts.update(word for word, _ in columns.places.row(row))
    ranked = sorted(counts.items(), key=lambda place: (-place[1], place[0]))
    return [place for place in ranked[:3] if place[1] > 1]


def _quotes(group: _Members, columns: Columns, comments: Mapping[int, CommentText]) -> list[Quote]:
    """One quote of every side in turn, the fullest side first, until there are enough."""
    waiting = {
        side: [comments[row] for row in rows[:_READ_FOR_QUOTES]]
        for side, rows in _by_side(group, columns).items()
    }
    quotes: list[Quote] = []
    said: set[str] = set()
    while any(waiting.values()):
        for queue in waiting.values():
            if not queue or len(quotes) == MOST_QUOTES:
                continue
            quote = best_quote(queue.pop(0), lambda clause: _to_the_point(clause, group.words))
            if quote and quote.text not in said:
                said.add(quote.text)
                quotes.append(quote)
        if len(quotes) >= max(FEWEST_QUOTES, min(len(waiting), MOST_QUOTES)):
            break
    return quotes


def _to_the_point(clause: str, words: Sequence[str]) -> float:
    """1 for a clause with all the topic's words, less for some, 0 for none."""
    meanings = {meaning_of(word) for word in rjieba.cut(clause)}
    return sum(word in meanings for word in words) / len(words)
