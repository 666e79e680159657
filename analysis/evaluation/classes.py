"""Figures for readers that give one label each: macro-F1, its bootstrap interval, agreement."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

Labels = Sequence[str | None]


def f1_by_class(gold: Labels, read: Labels) -> dict[str, float]:
    """F1 of every class that occurs in the gold labels; None (abstained) is a miss."""
    scores = {}
    for label in sorted({g for g in gold if g is not None}):
        hits = sum(g == label and r == label for g, r in zip(gold, read, strict=True))
        named = sum(r == label for r in read)
        present = sum(g == label for g in gold)
        scores[label] = 2 * hits / (named + present)
    return scores


def macro_f1(gold: Labels, read: Labels) -> float:
    """The mean of `f1_by_class`."""
    scores = f1_by_class(gold, read)
    return sum(scores.values()) / len(scores) if scores else 0.0


def accuracy(gold: Labels, read: Labels) -> float:
    """The share of equal labels."""
    return sum(g == r for g, r in zip(gold, read, strict=True)) / max(1, len(gold))


def kappa(one: Labels, other: Labels) -> float:
    """Cohen's kappa: agreement beyond chance of two passes over the same items."""
    n = len(one)
    counts, others = Counter(one), Counter(other)
    chance = sum(counts[c] * others[c] for c in counts) / n**2
    return (accuracy(one, other) - chance) / (1 - chance) if chance < 1 else 1.0


def calibration_error(confidence: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error over ten bins: how far stated confidence is from being right."""
    error = 0.0
    for low in range(10):
        rows = [i for i, c in enumerate(confidence) if low <= min(c * 10, 9.999) < low + 1]
        if rows:
            stated = sum(confidence[i] for i in rows) / len(rows)
            error += len(rows) * abs(stated - sum(right[i] for i in rows) / len(rows))
    return error / max(1, len(confidence))


def interval(
    gold: Labels,
    read: Labels,
    measure: Callable[[Labels, Labels], float] = macro_f1,
    draws: int = 1000,
) -> tuple[float, float]:
    """The 95 % bootstrap interval of a figure, items drawn with replacement, fixed seed."""
    rng = np.random.default_rng(20261122)
    n = len(gold)
    values = []
    for _ in range(draws):
        rows = rng.integers(0, n, n).tolist()
        values.append(measure([gold[i] for i in rows], [read[i] for i in rows]))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
