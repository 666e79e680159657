"""How well feeling is read: three classes on residents' messages and on written plan comments.

Beside it stand what stock snownlp reaches with the two cut-offs that are best *on the test labels
themselves* (so the baseline is flattered), and always answering the most frequent class.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np

from analysis.evaluation import MissingMaterialError, Report, answers, table
from analysis.evaluation.answers import Answer
from analysis.evaluation.classes import (
    accuracy,
    calibration_error,
    f1_by_class,
    interval,
    kappa,
    macro_f1,
)
from analysis.sentiment import read_sentiment, snownlp_scores


def report(shared: Path | None) -> Report:
    """Macro-F1 on the frozen split; the messages only where the shared material is."""
    lines: list[str] = []
    figures: dict[str, float] = {}
    for name, answered in test_sets(shared):
        gold = [answer.sentiment for answer in answered]
        rows = [("this reader", read(answered)), *_baselines(answered, gold)]
        lines += ["", f"**{name}** ({len(answered)}: {_counts(gold)})", ""]
        lines += table(
            ("reader", "macro-F1", "95 % interval", "accuracy", *sorted(set(gold))),
            [_row(reader, gold, labels) for reader, labels in rows],
        )
        lines += ["", _confidence(answered)]
        for reader, labels in rows:
            figures[f"{name}: {reader}: macro_f1"] = macro_f1(gold, labels)
    lines += ["", agreement("sentiment")]
    return Report("Feeling (negative, neutral, positive)", tuple(lines), figures)


def agreement(subject: str) -> str:
    """One sentence: how far two reading passes over the same messages agree."""
    first, second = answers.two_passes(subject)
    return (
        f"Labels: one reading pass by a language model; a second pass over {len(first)} of the "
        f"messages agrees on {accuracy(first, second):.1%} (kappa {kappa(first, second):.2f})."
    )


def test_sets(shared: Path | None) -> list[tuple[str, list[Answer]]]:
    """The frozen comments by set; the messages once with titles and once with the body alone."""
    sets = [("written comments", answers.written("test"))]
    try:
        messages = answers.messages(shared, "test")
    except MissingMaterialError:
        return sets
    drawn = [answer for answer in messages if answer.draw == "random"]
    blind = answers.messages(shared, "blind")
    return [
        ("messages, random draw", drawn),
        ("messages, random draw, body alone", _bodies(drawn)),
        ("messages, random and rare draw", messages),
        ("messages, blind draw", blind),
        ("messages, blind draw, body alone", _bodies(blind)),
        *sets,
    ]


def _bodies(answered: Sequence[Answer]) -> list[Answer]:
    return [replace(answer, title=None) for answer in answered]


def read(answered: Sequence[Answer]) -> list[str | None]:
    """This reader's labels."""
    return [read_sentiment(answer.text, answer.title).label.value for answer in answered]


def _confidence(answered: Sequence[Answer]) -> str:
    readings = [read_sentiment(answer.text, answer.title) for answer in answered]
    right = [r.label.value == a.sentiment for r, a in zip(readings, answered, strict=True)]
    sure = [ok for r, ok in zip(readings, right, strict=True) if r.reliable]
    error = calibration_error([r.confidence for r in readings], right)
    return (
        f"Called reliable: {len(sure) / len(readings):.0%}, of which "
        f"{sum(sure) / max(1, len(sure)):.1%} right; calibration error {error:.3f}."
    )


def _baselines(
    answered: Sequence[Answer], gold: Sequence[str]
) -> list[tuple[str, list[str | None]]]:
    scores = snownlp_scores([answer.text for answer in answered])
    cuts = np.quantile(scores, np.linspace(0, 1, 41))
    readings = [
        _cut(scores.tolist(), low, high) for low, high in combinations_with_replacement(cuts, 2)
    ]
    best = max(readings, key=lambda labels: macro_f1(gold, labels))
    frequent = Counter(gold).most_common(1)[0][0]
    return [("snownlp, best cut-offs", best), ("most frequent", [frequent] * len(gold))]


def _cut(scores: Sequence[float], low: float, high: float) -> list[str | None]:
    return ["negative" if s <= low else "positive" if s > high else "neutral" for s in scores]


def _row(reader: str, gold: Sequence[str], labels: Sequence[str | None]) -> tuple[object, ...]:
    low, high = interval(gold, labels)
    by_class = f1_by_class(gold, labels)
    return (
        reader,
        macro_f1(gold, labels),
        f"{low:.2f}–{high:.2f}",
        accuracy(gold, labels),
        *by_class.values(),
    )


def _counts(gold: Sequence[str]) -> str:
    return ", ".join(f"{label} {n}" for label, n in Counter(gold).most_common())
