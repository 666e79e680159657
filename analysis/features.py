"""What the readers of feeling and intent see of a comment: some hundred numbers.

Each group of cues is counted in the body, in the title, in the opening words and near the end, with
negated cues apart; to these come question and exclamation marks, length, and snownlp's polarity.
The numbers are made of group names only, so the weights fitted on them (data/*/weights.json) hold
no word of any resident.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log, log1p
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis import cues, data
from analysis.cues import Cue
from analysis.polarity import score as polarity
from analysis.polarity.kernel import compiled
from analysis.segment import Clause, Normalised, clauses, normalise

LEXICONS = ("intent/cues.tsv", "sentiment/cues.tsv")
# What a title asks for tells complaint from proposal only together: 请求 + 修建, 请求 + 查处.
_PAIRS = (
    ("i.wish", "i.build"),
    ("i.wish", "i.remedy"),
    ("i.wish", "i.wrong"),
    ("i.wish", "i.nuisance"),
    ("i.ask", "i.build"),
    ("i.ask", "i.wrong"),
    ("i.ask", "i.nuisance"),
    ("i.report", "i.nuisance"),
    ("i.suggest", "i.build"),
    ("i.oppose", "i.against"),
    ("i.wrong", "i.against"),
    ("i.remedy", "i.wrong"),
)
_BAD = {"wrong", "nuisance", "anger", "sorrow", "worry", "blame", "trouble", "irony"}
# Few messages have a given word in the title, and it decides: it must not be shrunk away.
_WEIGHTY = 2.0
_BAD_LETTERS = re.compile(
    "[怕吓累挤脏乱贵差难坑臭吵烂慢涨旧破漏堵骗坏伤毁假黑停欠拖死病摔淹]|却|连.{0,6}都|越来越|越.越|又.{1,6}了|根本|才知道"
)
_GOOD_LETTERS = re.compile("[赞棒美谢喜乐优佳清爱赢暖]|不错|挺好|很好|真好|好事")
_ASKING_LETTERS = re.compile("[吗呢哪几何谁?]|什么|多少|怎么|怎样|是否|还是")
_OTHERS_OBJECT = re.compile("不顾|反对下|反对声|遭.{0,6}反对")
_WAITING = re.compile(
    r"[\d一二两三四五六七八九十几多半]+(?:个)?(?:年|月|天|小时|次|趟)(?:了|多|都|也|还|过去|才)"
)
_OPENING = 40
_ENDING = 60
_READ_AT_MOST = 2000  # a message's feeling and purpose are clear long before; keeps time bounded


@dataclass(frozen=True, slots=True)
class Signals:
    """A field of a comment, cut and searched once for all readers."""

    folded: Normalised
    clauses: tuple[Clause, ...]
    found: tuple[tuple[Cue, ...], ...]  # one tuple for each of LEXICONS


_seen: dict[str, Signals] = {}


def see(texts: Iterable[str]) -> None:
    """Cut and search many texts in one go and remember them until the next many."""
    global _seen
    wanted = list(dict.fromkeys(texts))
    _seen = dict(zip(wanted, _signals(wanted), strict=True))


def signals(text: str) -> Signals:
    """Cues outside the formulas of a letter; the last texts are remembered."""
    return _seen.get(text) or _signals_of_one(text)


@lru_cache(maxsize=32)
def _signals_of_one(text: str) -> Signals:
    return _signals([text])[0]


def _signals(texts: Sequence[str]) -> list[Signals]:
    folded = [normalise(text) for text in texts]
    cut = [clauses(one) for one in folded]
    heads = [one.text[:_READ_AT_MOST] for one in folded]
    found = [cues.find_many(heads, lexicon) for lexicon in LEXICONS]
    return [
        Signals(one, pieces, tuple(_outside(hits, pieces) for hits in own))
        for one, pieces, *own in zip(folded, cut, *found, strict=True)
    ]


def _outside(found: tuple[Cue, ...], pieces: Sequence[Clause]) -> tuple[Cue, ...]:
    formulas = [(piece.start, piece.end) for piece in pieces if piece.boilerplate]
    if not formulas:
        return found
    kept, at = [], 0
    for cue in found:
        while at < len(formulas) and formulas[at][1] <= cue.start:
            at += 1
        if at == len(formulas) or cue.end <= formulas[at][0]:
            kept.append(cue)
    return tuple(kept)


@cache
def names() -> tuple[str, ...]:
    """The features in their order."""
    groups = [g for lexicon in LEXICONS for g in _groups(lexicon)]
    places = ("", "not:", "title:", "opening:", "end:", "lead:", "first:", "share:")
    counted = [f"{place}{g}" for g in groups for place in places]
    pairs = [f"{one}+{other}" for one, other in _PAIRS]
    return (*counted, *pairs, "bias", "polarity", "length", "questions", "asked", "exclaimed",
            "formulas", "title:question", "title:given", "short", "ends:question", "negative:share",
            "none", "title:objects", "bad letters", "good letters", "asking letters", "waiting",
            "short+bad letters")  # fmt: skip


@cache
def _groups(lexicon: str) -> tuple[str, ...]:
    short = lexicon[0]
    return tuple(dict.fromkeys(f"{short}.{row[1]}" for row in data.rows(lexicon, 2)))


@cache
def _position() -> dict[str, int]:
    return {name: i for i, name in enumerate(names())}


class _Group(NamedTuple):
    """Where the features of one group of cues stand."""

    plain: int
    negated: int
    title: int
    opening: int
    end: int
    lead: int
    first: int
    share: int


@cache
def _groups_of() -> tuple[dict[str, _Group], ...]:
    """For each of LEXICONS the groups by name."""
    position = _position()
    prefixes = ("", "not:", "title:", "opening:", "end:", "lead:", "first:", "share:")
    return tuple(
        {name[2:]: _Group._make(position[p + name] for p in prefixes) for name in _groups(lexicon)}
        for lexicon in LEXICONS
    )


@lru_cache(maxsize=32)
def features(text: str, title: str | None, snownlp: float) -> tuple[tuple[int, float], ...]:
    """Feature numbers and values, zeros left out."""
    body, position = signals(text), _position()
    values: dict[int, float] = {}
    start, end = _range(body)
    for groups, found in zip(_groups_of(), body.found, strict=True):
        counts: dict[int, int] = {}
        for at, until, name, negated in found:
            group = groups[name]
            place = group.negated if negated else group.plain
            counts[place] = counts.get(place, 0) + 1
            if at < start + _OPENING:
                values[group.opening] = 1.0
            if until > end - _ENDING:
                values[group.end] = 1.0
        for place, count in counts.items():
            values[place] = log1p(count)
    if title:
        for groups, found in zip(_groups_of(), signals(title).found, strict=True):
            for cue in found:
                values[groups[cue.group].title] = _WEIGHTY
            if found:
                values[groups[found[0].group].lead] = _WEIGHTY
        values[position["title:given"]] = 1.0
        values[position["title:objects"]] = 2 * _WEIGHTY * _objects(title)
        values[position["title:question"]] = float(title.rstrip().endswith(("?", "？", "吗", "呢")))
    for groups, found in zip(_groups_of(), body.found, strict=True):
        if found:
            values[groups[found[0].group].first] = 1.0
    _add_shares(body, values)
    lead = signals(title) if title else body
    first = {f"i.{c.group}" for c in lead.found[0] if title or c.start < start + _OPENING}
    for one, other in _PAIRS:
        if one in first and other in first:
            values[position[f"{one}+{other}"]] = _WEIGHTY
    values[position["bias"]] = 1.0
    values[position["ends:question"]] = float(_ends_in_question(body))
    values[position["none"]] = float(not any(body.found))
    _add_letters(body.folded.text[:_READ_AT_MOST], values)
    questions = sum("?" in c.closes or c.text[-1] in "吗呢么" for c in body.clauses)
    own = sum(not c.boilerplate for c in body.clauses)
    values[position["polarity"]] = _logit(snownlp)
    values[position["length"]] = log1p(end - start) - 5.0
    values[position["questions"]] = log1p(questions)
    values[position["asked"]] = questions / (1 + own)
    values[position["exclaimed"]] = log1p(body.folded.text.count("!"))
    values[position["formulas"]] = float(own < len(body.clauses))
    values[position["short"]] = float(end - start < 25)
    return tuple(sorted((i, v) for i, v in values.items() if v))


def _add_shares(body: Signals, values: dict[int, float]) -> None:
    """How many of the clauses show each group: a long story is not weighed by its length alone."""
    ends = [c.end for c in body.clauses if not c.boilerplate]
    bad: set[int] = set()
    for groups, found in zip(_groups_of(), body.found, strict=True):
        clauses_of: dict[str, set[int]] = {}
        for cue in found:
            clauses_of.setdefault(cue.group, set()).add(bisect_left(ends, cue.end))
        for name, inside in clauses_of.items():
            values[groups[name].share] = len(inside) / (2 + len(ends))
            if name in _BAD:
                bad |= inside
    values[_position()["negative:share"]] = len(bad) / (1 + len(ends))


def _objects(title: str) -> bool:
    """The title says no in its own voice; 不顾反对 and 在反对下 tell of others' objections."""
    against = any(c.group == "against" and not c.negated for c in signals(title).found[0])
    return against and _OTHERS_OBJECT.search(title) is None


def _add_letters(text: str, values: dict[int, float]) -> None:
    """Single characters that few cues catch in short, colloquial comments."""
    position, long = _position(), len(text) >= 60
    bad = len(_BAD_LETTERS.findall(text)) / (1 + len(text) / 40)
    values[position["bad letters"]] = log1p(bad)
    values[position["short+bad letters"]] = 0.0 if long else log1p(bad)
    values[position["good letters"]] = log1p(
        len(_GOOD_LETTERS.findall(text)) / (1 + len(text) / 40)
    )
    values[position["asking letters"]] = log1p(
        len(_ASKING_LETTERS.findall(text)) / (1 + len(text) / 40)
    )
    values[position["waiting"]] = float(_WAITING.search(text) is not None)


def _ends_in_question(body: Signals) -> bool:
    own = [c for c in body.clauses if not c.boilerplate]
    return bool(own) and ("?" in own[-1].closes or own[-1].text[-1] in "吗呢么")


def _range(body: Signals) -> tuple[int, int]:
    """Where the message itself begins and ends, without the formulas around it."""
    own = [c for c in body.clauses if not c.boilerplate]
    if not own:
        return 0, len(body.folded.text)
    return own[0].start, min(own[-1].end, _READ_AT_MOST)


def _logit(score: float) -> float:
    """Snownlp's score is nearly always close to 0 or 1; its log odds, bounded, tell more."""
    bounded = min(max(score, 1e-6), 1 - 1e-6)
    return log(bounded / (1 - bounded)) / 14


def snownlp_of(text: str) -> float:
    """The polarity, remembered for the reader that asks next."""
    return _polarity(text)


@lru_cache(maxsize=32)
def _polarity(text: str) -> float:
    return polarity(text)


# --- Weights -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear reader: `matrix[f, c]` is how much feature `f` speaks for class `c`."""

    classes: tuple[str, ...]
    matrix: NDArray[np.float64]

    def probabilities(self, values: Sequence[tuple[int, float]]) -> list[float]:
        """Softmax over the classes."""
        return self.probabilities_of_many([values])[0]

    def probabilities_of_many(
        self, many: Sequence[Sequence[tuple[int, float]]]
    ) -> list[list[float]]:
        """The same for many comments, bit for bit."""
        places = np.array([place for values in many for place, _ in values], np.int64)
        amounts = np.array([amount for values in many for _, amount in values])
        ends = np.cumsum([len(values) for values in many], dtype=np.int64)
        sums = np.zeros((len(many), len(self.classes)))
        _add_up(places, amounts, ends, self.matrix, sums)
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        shares: list[list[float]] = (powers / powers.sum(axis=1, keepdims=True)).tolist()
        return shares

    def speaks_for(self, label: str, feature: str) -> float:
        """The weight of one feature for one class; 0 for a feature the fit never saw."""
        place = _position().get(feature)
        return float(self.matrix[place, self.classes.index(label)]) if place is not None else 0.0


@compiled
def _add_up(places: Any, amounts: Any, ends: Any, matrix: Any, sums: Any) -> None:
    at = 0
    for row in range(len(ends)):
        while at < ends[row]:
            for label in range(sums.shape[1]):
                sums[row, label] += matrix[places[at], label] * amounts[at]
            at += 1


@cache
def weights(name: str) -> Weights:
    """The weights kept as `data/{name}/weights.json`: class → feature → number."""
    path = Path(data.__file__).parent / name / "weights.json"
    kept = json.loads(path.read_text(encoding="utf-8"))["weights"]
    rows = [[float(kept[label].get(feature, 0.0)) for label in kept] for feature in names()]
    return Weights(tuple(kept), np.array(rows))
