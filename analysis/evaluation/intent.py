"""How well intent is read, how often the reader abstains, and how well it does when it speaks.

Beside it stands always answering the most frequent intent, and taking the first cue of the title
or opening for the whole.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from analysis.evaluation import Report, table
from analysis.evaluation.answers import Answer
from analysis.evaluation.classes import accuracy, f1_by_class, interval, macro_f1
from analysis.evaluation.sentiment import agreement, test_sets
from analysis.intent import read_intent


def report(shared: Path | None) -> Report:
    """Macro-F1 on the frozen split; an abstention counts as a miss."""
    lines: list[str] = []
    figures: dict[str, float] = {}
    for name, answered in test_sets(shared):
        gold = [answer.intent for answer in answered]
        labels = read(answered)
        abstained = labels.count(None) / len(labels)
        frequent: list[str | None] = [Counter(gold).most_common(1)[0][0]] * len(gold)
        rows = [("this reader", labels), ("first clause that shows one", _first(answered))]
        rows.append(("most frequent", frequent))
        counts = ", ".join(f"{label} {n}" for label, n in Counter(gold).most_common())
        lines += ["", f"**{name}** ({len(answered)}: {counts}), abstained {abstained:.1%}", ""]
        lines += table(
            ("reader", "macro-F1", "95 % interval", "accuracy", *sorted(set(gold))),
            [_row(reader, gold, read_labels) for reader, read_labels in rows],
        )
        figures[f"{name}: abstention"] = abstained
        for reader, read_labels in rows:
            figures[f"{name}: {reader}: macro_f1"] = macro_f1(gold, read_labels)
    lines += ["", agreement("intent")]
    return Report(
        "Intent (complains, proposes, asks, supports, opposes, other)", tuple(lines), figures
    )


def read(answered: Sequence[Answer]) -> list[str | None]:
    """This reader's labels, None where it abstains."""
    readings = (read_intent(answer.text, answer.title).intent for answer in answered)
    return [intent.value if intent else None for intent in readings]


def _first(answered: Sequence[Answer]) -> list[str | None]:
    labels: list[str | None] = []
    for answer in answered:
        shown = [
            c.intent.value
            for raw in (answer.title or "", answer.text)
            for c in read_intent(raw).clauses
        ]
        labels.append(shown[0] if shown else "other")
    return labels


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
