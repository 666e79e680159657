"""Learning intent and feeling: the shipped reader's odds, and what corrections add to them.

The learned part is a linear model on character n-grams whose start is the shipped reader: with no
evidence it says what that says. A class is taken over when the learned reader's F1 on it is higher
on examined decisions by a margin, and with 99 % confidence; all taken classes together must also
read more decisions right than before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from analysis.features import features, snownlp_of, weights
from analysis.intent import read_intent
from analysis.learning import grams
from analysis.learning.grams import Floats
from analysis.learning.splitting import (
    FEWEST_CORRECTED,
    MARGIN,
    TooFew,
    interval,
    lower_bound,
    resamples,
    split,
    wins,
)
from analysis.sentiment import read_sentiment

TASKS = ("intent", "sentiment")
_FEWEST_OF_CLASS = 8
_SHRINKAGE = 1e-3
_STEPS = 80
_CURVE = (0.25, 0.5, 0.75, 1.0)
Labels = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class ClassExample:
    """A decision: the masked text, and the label an official gave or let stand."""

    id: str
    text: str
    label: str
    was_corrected: bool


@dataclass(frozen=True, slots=True)
class ClassReader:
    """A learned reader; it speaks for the `taken` classes only."""

    task: str
    taken: frozenset[str]
    matrix: Floats

    def read(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        """(label, probability) of each text, by the learned reader alone."""
        if not texts:
            return []
        base = np.array([base_odds(self.task, text) for text in texts])
        odds = _softmax(base + grams.matrix(texts) @ self.matrix)
        best = odds.argmax(axis=1)
        names = classes(self.task)
        return [(names[k], float(row[k])) for k, row in zip(best, odds, strict=True)]

    def replaces(self, base: str | None, own: str) -> bool:
        """Whether its word counts: it may give a taken class, and take one back."""
        return own != base and (own in self.taken or base in self.taken)

    def as_json(self) -> dict[str, Any]:
        return {"taken": sorted(self.taken), "weights": grams.pack(self.matrix)}

    @classmethod
    def from_json(cls, task: str, data: dict[str, Any]) -> "ClassReader":
        matrix = grams.unpack(data["weights"], len(classes(task)))
        return cls(task, frozenset(data["taken"]), matrix)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A trained reader and how it did; `reader.taken` is empty when it did not win."""

    reader: ClassReader
    taught: int
    examined: int
    base_accuracy: float
    accuracy: float
    by_class: dict[str, dict[str, Any]] = field(default_factory=dict)
    curve: tuple[tuple[int, float], ...] = ()

    def report(self) -> dict[str, Any]:
        """The figures without the reader."""
        return {
            "taught": self.taught,
            "examined": self.examined,
            "base_accuracy": self.base_accuracy,
            "accuracy": self.accuracy,
            "by_class": self.by_class,
            "curve": [list(point) for point in self.curve],
            "taken": sorted(self.reader.taken),
        }


@cache
def classes(task: str) -> tuple[str, ...]:
    """The classes of a reader, in the order of its weights."""
    return weights(task).classes


@lru_cache(maxsize=4096)
def base_odds(task: str, text: str) -> tuple[float, ...]:
    """The shipped reader's log probabilities."""
    probabilities = weights(task).probabilities(features(text, None, snownlp_of(text)))
    return tuple(float(np.log(max(p, 1e-6))) for p in probabilities)


def base_label(task: str, text: str) -> str | None:
    """What the shipped reader says, None where it abstains."""
    if task == "sentiment":
        return read_sentiment(text).label.value
    intent = read_intent(text, by_clause=False).intent
    return None if intent is None else intent.value


def learn_classes(
    task: str, examples: Sequence[ClassExample], *, previous: ClassReader | None = None
) -> Lesson:
    """Train on the oldest decisions, examine on the newest; raises `TooFew`.

    `examples` stand in order of time. A `previous` learned reader is kept unless this one reads
    the examined decisions at least as well.
    """
    corrected = sum(example.was_corrected for example in examples)
    if corrected < FEWEST_CORRECTED:
        raise TooFew(f"只有{corrected}条更正，至少需要{FEWEST_CORRECTED}条。")
    known = [example for example in examples if example.label in classes(task)]
    teaching, examining = split(known, lambda example: example.text)
    truth = np.array([example.label for example in examining], dtype=object)
    texts = [example.text for example in examining]
    base = np.array([base_label(task, text) for text in texts], dtype=object)
    curve = []
    reader = ClassReader(task, frozenset(), np.zeros((grams.SIZE, len(classes(task)))))
    own = base
    for share in _CURVE:
        part = teaching[: max(1, round(share * len(teaching)))]
        reader = ClassReader(task, frozenset(classes(task)), _train(task, part))
        own = np.array([label for label, _ in reader.read(texts)], dtype=object)
        curve.append((len(part), _accuracy(own, truth)))
    by_class = {name: _compare(name, truth, base, own) for name in classes(task)}
    taken = _taken(by_class, truth, base, own)
    if taken and previous is not None:
        before = _spoken(previous, texts, base)
        if _accuracy(_merged(base, own, taken), truth) < _accuracy(before, truth):
            taken = frozenset()
    return Lesson(
        ClassReader(task, taken, reader.matrix),
        len(teaching),
        len(examining),
        _accuracy(base, truth),
        _accuracy(_merged(base, own, taken) if taken else own, truth),
        by_class,
        tuple(curve),
    )


# --- Within --------------------------------------------------------------------------------------


def _train(task: str, examples: Sequence[ClassExample]) -> Floats:
    names = classes(task)
    rows = grams.matrix([example.text for example in examples])
    offsets = np.array([base_odds(task, example.text) for example in examples])
    wanted = np.zeros((len(examples), len(names)))
    wanted[np.arange(len(examples)), [names.index(e.label) for e in examples]] = 1.0
    return fit(rows, offsets, wanted, _softmax)


def fit(
    rows: csr_matrix, offsets: Floats, wanted: Floats, link: Any, shrinkage: float = _SHRINKAGE
) -> Floats:
    """Weights that bring `link(offsets + rows @ weights)` near `wanted`, kept small."""
    shape = (rows.shape[1], wanted.shape[1])
    # Characters seen in no example cannot be weighed: they are left out of the search.
    seen = np.flatnonzero(rows.getnnz(axis=0))
    part = rows[:, seen]

    def loss(flat: Floats) -> tuple[float, Floats]:
        own = flat.reshape(len(seen), shape[1])
        shown = np.clip(link(offsets + part @ own), 1e-9, 1 - 1e-9)
        cost = -(wanted * np.log(shown) + (link is sigmoid) * (1 - wanted) * np.log(1 - shown))
        value = cost.sum() / len(wanted) + shrinkage * (own**2).sum()
        slope = part.T @ (shown - wanted) / len(wanted) + 2 * shrinkage * own
        return float(value), np.asarray(slope).ravel()

    start = np.zeros(len(seen) * shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    weights_ = np.zeros(shape)
    weights_[seen] = found.x.reshape(len(seen), shape[1])
    return weights_


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def sigmoid(logits: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))))


def _merged(base: Labels, own: Labels, taken: frozenset[str]) -> Labels:
    """What is read when the learned reader speaks for the taken classes."""
    speaks = np.array([o in taken or b in taken for b, o in zip(base, own, strict=True)], bool)
    return np.where(speaks, own, base)


def _spoken(reader: ClassReader, texts: Sequence[str], base: Labels) -> Labels:
    own = np.array([label for label, _ in reader.read(texts)], dtype=object)
    return _merged(base, own, reader.taken)


def _accuracy(labels: Labels, truth: Labels) -> float:
    return round(float((labels == truth).mean()), 4)


def _f1(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> Floats:
    """F1 over the last axis, 0 where the class appears nowhere."""
    both = (truth & said).sum(axis=-1)
    either = truth.sum(axis=-1) + said.sum(axis=-1)
    return np.asarray(2 * both / np.maximum(either, 1))


def _compare(name: str, truth: Labels, base: Labels, own: Labels) -> dict[str, Any]:
    """Both readers' F1 on one class, the interval of the difference, and who should speak."""
    is_it, old, new = truth == name, base == name, own == name
    draws = resamples(len(truth))
    gain = _f1(is_it[draws], new[draws]) - _f1(is_it[draws], old[draws])
    before, after = float(_f1(is_it, old)), float(_f1(is_it, new))
    enough = int((is_it | old | new).sum()) >= _FEWEST_OF_CLASS
    return {
        "count": int(is_it.sum()),
        "base": round(before, 4),
        "learned": round(after, 4),
        "gain": list(interval(gain)),
        "wins": bool(enough and after - before >= MARGIN and lower_bound(gain) > 0),
    }


def _taken(
    by_class: dict[str, dict[str, Any]], truth: Labels, base: Labels, own: Labels
) -> frozenset[str]:
    """The classes that win, the weakest given up until all together win as well."""
    ranked = sorted(
        (name for name, verdict in by_class.items() if verdict["wins"]),
        key=lambda name: -(by_class[name]["learned"] - by_class[name]["base"]),
    )
    while ranked:
        if wins(base == truth, _merged(base, own, frozenset(ranked)) == truth):
            return frozenset(ranked)
        ranked.pop()
    return frozenset()
