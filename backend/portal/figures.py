"""The figures of a consultation (看板), counted from plain rows. Pure.

A comment speaks of a chapter or an item when it is anchored there or linked to it, by a person
where one has looked, else by the machine: the same rule as the desk's search, so that every number
here is the number of comments its link finds. One comment may speak of several chapters.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

UNREAD = "none"
"""The key of comments that no reading has decided on: not read yet, or the machine abstained."""
MOST_PLACES = 15
MOST_CAMPAIGNS = 20
MOST_TOPICS = 30


@dataclass(frozen=True, slots=True)
class Voice:
    """One comment as the figures need it; `keys` are the anchors and links that count."""

    id: int
    submission_id: int
    day: date
    sentiment: str | None
    intent: str | None
    channel: str
    kind: str | None
    street: str | None
    neighbourhood: str | None
    topic: str | None
    issue: str | None
    cluster: str | None
    keys: frozenset[str]
    is_read: bool


@dataclass(frozen=True, slots=True)
class Split:
    """A count with its parts by feeling and by purpose."""

    key: str
    count: int
    sentiment: dict[str, int] = field(default_factory=dict)
    intent: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Campaign:
    """Near-copies of one text: how many, since when; `first_id` came first."""

    cluster: str
    first_id: int
    count: int
    senders: int
    first_on: str
    last_on: str


@dataclass(frozen=True, slots=True)
class Street:
    """One 街镇: its comments, its people as the gazetteer knows them, and its silent 居委."""

    name: str
    count: int
    population: int | None
    silent: tuple[str, ...]
    neighbourhood_count: int


@dataclass(frozen=True, slots=True)
class Rising:
    """An issue raised more than usual this week, the 街镇 it came from, and all its comments."""

    issue: str
    recent_count: int
    usual_count: float
    streets: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the dashboard shows, as keys and counts."""

    comment_count: int = 0
    submission_count: int = 0
    unread_count: int = 0
    unique_count: int = 0
    whole: Split = field(default_factory=lambda: Split("", 0))
    chapters: tuple[Split, ...] = ()
    items: tuple[Split, ...] = ()
    topics: tuple[Split, ...] = ()
    places: tuple[tuple[str, int], ...] = ()
    days: tuple[tuple[str, int], ...] = ()
    rising: tuple[Rising, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    channels: tuple[tuple[str, int], ...] = ()
    kinds: tuple[tuple[str, int], ...] = ()
    streets: tuple[Street, ...] = ()
    unplaced_count: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Figures":
        """Read back what `as_json` gave; sequences come back as tuples."""
        simple = {
            name: data[name]
            for name in ("comment_count", "submission_count", "unread_count", "unique_count",
                         "unplaced_count")
        }  # fmt: skip
        return cls(
            **simple,
            whole=Split(**data["whole"]),
            chapters=tuple(Split(**row) for row in data["chapters"]),
            items=tuple(Split(**row) for row in data["items"]),
            topics=tuple(Split(**row) for row in data["topics"]),
            campaigns=tuple(Campaign(**row) for row in data["campaigns"]),
            streets=tuple(Street(**{**r, "silent": tuple(r["silent"])}) for r in data["streets"]),
            rising=tuple(Rising(**{**r, "streets": tuple(r["streets"])}) for r in data["rising"]),
            places=_pairs(data["places"]),
            days=_pairs(data["days"]),
            channels=_pairs(data["channels"]),
            kinds=_pairs(data["kinds"]),
        )


@dataclass(frozen=True, slots=True)
class District:
    """The gazetteer: (街镇, 居委, people living there or None)."""

    rows: tuple[tuple[str, str, int | None], ...] = ()


def count(
    voices: Sequence[Voice],
    *,
    chapters: Mapping[str, frozenset[str]],
    items: Iterable[str],
    district: District,
    places: Sequence[tuple[str, int]] = (),
    hot: Sequence[tuple[str, int, float, tuple[str, ...]]] = (),
) -> Figures:
    """Count everything once. `chapters` maps a chapter to the keys of all that is in it.

    `hot` holds (issue, comments this week, in a usual week, 街镇) of the issues that rise.
    """
    groups = _Groups(chapters, frozenset(items))
    for voice in voices:
        groups.add(voice)
    return Figures(
        comment_count=len(voices),
        submission_count=len({voice.submission_id for voice in voices}),
        unread_count=sum(not voice.is_read for voice in voices),
        unique_count=len({voice.cluster or voice.id for voice in voices}),
        whole=groups.whole.split(""),
        chapters=tuple(groups.chapters[key].split(key) for key in chapters),
        items=_ranked(groups.items),
        topics=_ranked(groups.topics)[:MOST_TOPICS],
        places=tuple(places),
        rising=_rising(voices, hot),
        days=tuple((day.isoformat(), n) for day, n in sorted(_days(voices).items())),
        campaigns=_campaigns(voices),
        channels=_most(Counter(voice.channel for voice in voices)),
        kinds=_most(Counter(voice.kind or UNREAD for voice in voices)),
        streets=_streets(voices, district),
        unplaced_count=sum(voice.street is None for voice in voices),
    )


class _Tally:
    """Counts one group of comments while they pass by."""

    __slots__ = ("count", "intent", "sentiment")

    def __init__(self) -> None:
        self.count = 0
        self.sentiment: Counter[str] = Counter()
        self.intent: Counter[str] = Counter()

    def add(self, voice: Voice) -> None:
        self.count += 1
        self.sentiment[voice.sentiment or UNREAD] += 1
        self.intent[voice.intent or UNREAD] += 1

    def split(self, key: str) -> Split:
        return Split(key, self.count, dict(self.sentiment), dict(self.intent))


class _Groups:
    """The tallies of the whole, of every chapter, item and topic."""

    def __init__(self, chapters: Mapping[str, frozenset[str]], items: frozenset[str]) -> None:
        self.whole = _Tally()
        self.chapters = {key: _Tally() for key in chapters}
        self.items: dict[str, _Tally] = defaultdict(_Tally)
        self.topics: dict[str, _Tally] = defaultdict(_Tally)
        self._known = items
        self._chapter_of: dict[str, list[str]] = defaultdict(list)
        for chapter, inside in chapters.items():
            for key in inside:
                self._chapter_of[key].append(chapter)

    def add(self, voice: Voice) -> None:
        self.whole.add(voice)
        for chapter in {c for key in voice.keys for c in self._chapter_of.get(key, ())}:
            self.chapters[chapter].add(voice)
        for key in voice.keys & self._known:
            self.items[key].add(voice)
        if voice.topic is not None:
            self.topics[voice.topic].add(voice)


def _ranked(tallies: Mapping[str, _Tally]) -> tuple[Split, ...]:
    ranked = sorted(tallies.items(), key=lambda pair: (-pair[1].count, pair[0]))
    return tuple(tally.split(key) for key, tally in ranked)


def _most(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _days(voices: Sequence[Voice]) -> Counter[date]:
    return Counter(voice.day for voice in voices)


def _rising(
    voices: Sequence[Voice], hot: Sequence[tuple[str, int, float, tuple[str, ...]]]
) -> tuple[Rising, ...]:
    totals = Counter(voice.issue for voice in voices)
    return tuple(Rising(*one, count=totals[one[0]]) for one in hot)


def _campaigns(voices: Sequence[Voice]) -> tuple[Campaign, ...]:
    members: dict[str, list[Voice]] = defaultdict(list)
    for voice in voices:
        if voice.cluster is not None:
            members[voice.cluster].append(voice)
    found = [
        Campaign(
            cluster,
            min(voice.id for voice in group),
            len(group),
            len({voice.submission_id for voice in group}),
            min(voice.day for voice in group).isoformat(),
            max(voice.day for voice in group).isoformat(),
        )
        for cluster, group in members.items()
        if len(group) > 1
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.cluster))[:MOST_CAMPAIGNS])


def _streets(voices: Sequence[Voice], district: District) -> tuple[Street, ...]:
    """Every 街镇 that is known or named, the most heard first; who is silent stands with it."""
    counts = Counter(voice.street for voice in voices if voice.street is not None)
    heard = {(voice.street, voice.neighbourhood) for voice in voices}
    places: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for street, name, population in district.rows:
        places[street].append((name, population))
    rows = [
        Street(
            name,
            counts.get(name, 0),
            _population(places.get(name, [])),
            tuple(n for n, _ in places.get(name, []) if (name, n) not in heard),
            len(places.get(name, [])),
        )
        for name in {*counts, *places}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.name)))


def _population(rows: Sequence[tuple[str, int | None]]) -> int | None:
    """The people of a 街镇, when all its parts are known."""
    numbers = [number for _, number in rows]
    return sum(n for n in numbers if n is not None) if numbers and None not in numbers else None


def _pairs(rows: Iterable[Sequence[Any]]) -> tuple[tuple[str, int], ...]:
    return tuple((str(name), int(number)) for name, number in rows)


# --- What the public may see ---------------------------------------------------------------------

SMALLEST_SHOWN = 5


def suppressed(cells: Sequence[tuple[str, int]]) -> list[tuple[str, int | None]]:
    """Cells with what could point to single people hidden: None stands for "fewer than shown".

    Where cells add up to a total that is known, one hidden cell could be worked out from the
    others: the next smallest is hidden with it, until at least two are and they add up to enough.
    """
    hidden = {name for name, number in cells if 0 < number < SMALLEST_SHOWN}
    rest = sorted((n, name) for name, n in cells if n >= SMALLEST_SHOWN)
    together = sum(number for name, number in cells if name in hidden)
    while hidden and rest and (len(hidden) < 2 or together < SMALLEST_SHOWN):
        number, name = rest.pop(0)
        hidden.add(name)
        together += number
    return [(name, None if name in hidden else number) for name, number in cells]
