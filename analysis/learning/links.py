"""Learning links: which items officials chose for comments worded like this one.

For every item with enough decisions a linear model tells how likely a comment is about it; this is
added to the shipped linker's score, by a weight chosen on the teaching decisions. "About no item"
is learned like an item. Keys of items name the same thing in every version of one plan, so a
learned linker belongs to one consultation.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.learning import grams
from analysis.learning.classes import fit, sigmoid
from analysis.learning.grams import Floats
from analysis.learning.splitting import (
    FEWEST_CORRECTED,
    Bools,
    TooFew,
    interval,
    resamples,
    split,
    wins,
)

NO_ITEM = "-"
MOST_ITEMS = 3
_FEWEST_OF_ITEM = 3
_NEAR = 0.65
_LIKELY = 0.2
_RARE = -4.0
_SHRINKAGE = 3e-4
_SHARES = (0.0, 0.5, 1.0, 2.0)
_CURVE = (0.25, 0.5, 0.75, 1.0)

Ranking = list[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class LinkExample:
    """A decision: the masked text, what the shipped linker ranked, what an official chose.

    `base` maps item keys (or `NO_ITEM`) to the linker's score; no `chosen` item means none fits.
    """

    id: str
    text: str
    base: Mapping[str, float]
    chosen: frozenset[str]

    @property
    def wanted(self) -> frozenset[str]:
        return self.chosen or frozenset({NO_ITEM})

    @property
    def was_corrected(self) -> bool:
        first = max(self.base, key=lambda key: self.base[key], default=None)
        return first not in self.wanted


@dataclass(frozen=True, slots=True)
class LinkReader:
    """A learned linker; `share` 0 changes nothing."""

    keys: tuple[str, ...]
    share: float
    matrix: Floats

    def rank(self, texts: Sequence[str], base: Sequence[Mapping[str, float]]) -> list[Ranking]:
        """The items of each text, best first, with values that keep the linker's scale."""
        if not texts:
            return []
        likely = sigmoid(_RARE + grams.matrix(texts) @ self.matrix) if self.keys else None
        found = []
        for row, scores in enumerate(base):
            sums = defaultdict(float, scores)
            if likely is not None and self.share:
                for key, value in zip(self.keys, likely[row].tolist(), strict=True):
                    if value >= _LIKELY or key in sums:
                        sums[key] += self.share * value
            found.append(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))
        return found

    def as_json(self) -> dict[str, Any]:
        return {"keys": list(self.keys), "share": self.share, "weights": grams.pack(self.matrix)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "LinkReader":
        keys = tuple(data["keys"])
        return cls(keys, float(data["share"]), grams.unpack(data["weights"], len(keys)))


@dataclass(frozen=True, slots=True)
class LinkLesson:
    """A trained linker and how it did; `wins` says whether it takes over."""

    reader: LinkReader
    wins: bool
    taught: int
    examined: int
    base_hits: tuple[float, float]
    hits: tuple[float, float]
    gain: tuple[float, float]
    curve: tuple[tuple[int, float], ...]

    def report(self) -> dict[str, Any]:
        """The figures without the reader; hits are hit@1 and hit@3."""
        return {
            "taught": self.taught,
            "examined": self.examined,
            "base_accuracy": self.base_hits[0],
            "accuracy": self.hits[0],
            "base_hit3": self.base_hits[1],
            "hit3": self.hits[1],
            "gain": list(self.gain),
            "curve": [list(point) for point in self.curve],
            "taken": ["linking"] if self.wins else [],
        }


def learn_links(
    examples: Sequence[LinkExample], *, previous: LinkReader | None = None
) -> LinkLesson:
    """Train on the oldest decisions, examine on the newest; raises `TooFew`."""
    corrected = sum(example.was_corrected for example in examples)
    if corrected < FEWEST_CORRECTED:
        raise TooFew(f"只有{corrected}条更正，至少需要{FEWEST_CORRECTED}条。")
    teaching, examining = split(examples, lambda example: example.text)
    share = _share(teaching)
    base = _hits(LinkReader((), 0.0, np.zeros((grams.SIZE, 0))), examining)
    curve = []
    reader = LinkReader((), 0.0, np.zeros((grams.SIZE, 0)))
    for part in _CURVE:
        taught = teaching[: max(1, round(part * len(teaching)))]
        reader = _train(taught, share)
        curve.append((len(taught), _mean(_hits(reader, examining)[0])))
    own = _hits(reader, examining)
    won = share > 0 and wins(base[0], own[0])
    if won and previous is not None:
        won = _mean(own[0]) >= _mean(_hits(previous, examining)[0])
    gained = (own[0].astype(float) - base[0].astype(float))[resamples(len(examining))]
    return LinkLesson(
        reader,
        won,
        len(teaching),
        len(examining),
        (_mean(base[0]), _mean(base[1])),
        (_mean(own[0]), _mean(own[1])),
        interval(gained.mean(axis=1)),
        tuple(curve),
    )


def near_the_best(ranking: Ranking) -> Ranking:
    """The items worth showing: up to three, none far behind the first, none after "no item"."""
    items = ranking[: next((n for n, pair in enumerate(ranking) if pair[0] == NO_ITEM), None)]
    return [pair for pair in items[:MOST_ITEMS] if pair[1] >= _NEAR * items[0][1]]


# --- Within --------------------------------------------------------------------------------------


def _train(examples: Sequence[LinkExample], share: float) -> LinkReader:
    counts = Counter(key for example in examples for key in example.wanted)
    keys = tuple(sorted(key for key, number in counts.items() if number >= _FEWEST_OF_ITEM))
    if not keys or not share:
        return LinkReader((), share, np.zeros((grams.SIZE, 0)))
    wanted = np.array([[float(key in example.wanted) for key in keys] for example in examples])
    rows = grams.matrix([example.text for example in examples])
    offsets = np.full(wanted.shape, _RARE)
    return LinkReader(keys, share, fit(rows, offsets, wanted, sigmoid, _SHRINKAGE))


def _share(teaching: Sequence[LinkExample]) -> float:
    """How much the learned part should count, judged within the teaching decisions alone."""
    cut = round(0.75 * len(teaching))
    scored = [
        (_mean(_hits(_train(teaching[:cut], share), teaching[cut:])[0]), -share)
        for share in _SHARES
    ]
    return -max(scored)[1]


def _hits(reader: LinkReader, examples: Sequence[LinkExample]) -> tuple[Bools, Bools]:
    """Whether the first, and whether one of the first three, was chosen."""
    rankings = reader.rank([e.text for e in examples], [e.base for e in examples])
    first, among = [], []
    for ranking, example in zip(rankings, examples, strict=True):
        names = [key for key, _ in ranking[:MOST_ITEMS]]
        first.append(bool(names) and names[0] in example.wanted)
        among.append(any(name in example.wanted for name in names))
    return np.array(first, bool), np.array(among, bool)


def _mean(hits: Bools) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
