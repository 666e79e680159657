"""How well near-copies are found.

Written pairs are made from texts of this project: each letter is sent with changed names, numbers
and order, with a greeting, with sentences added or left out, and stands beside different letters
of the same shape. Real pairs are those of `messages.csv` kept in keys/duplicates/pairs.tsv (ids
only); a machine labelled them in one pass by reading both texts, mostly from clusters our own
finder proposed. The thresholds were lowered once after the score on written letters was seen.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from importlib.resources import files
from itertools import combinations
from pathlib import Path

from analysis.duplicates import find_clusters
from analysis.evaluation import Report, table

LETTERS = tuple(
    line
    for line in files("analysis")
    .joinpath("evaluation/keys/duplicates/letters.txt")
    .read_text("utf-8")
    .splitlines()
    if line and not line.startswith("#")
)
_COPIES = 12

Pair = tuple[int, int]


def report(shared: Path | None) -> Report:
    """Pairwise recall and precision on written letters and, where present, on real messages."""
    rows = [("written", *_score(*_written()))]
    if shared is not None:
        rows.append(("messages", *_score(*_messages(shared))))
    figures: dict[str, float] = {}
    for name, pairs, recall, precision in rows:
        figures |= {f"{name} recall": recall, f"{name} precision": precision}
        figures[f"{name} pairs"] = float(pairs)
    return Report("Near-copies", table(("set", "copy pairs", "recall", "precision"), rows), figures)


def _score(
    texts: Sequence[str], copies: set[Pair], judged: set[Pair] | None
) -> tuple[int, float, float]:
    """Copy pairs, recall and precision; only judged pairs count when not all were judged."""
    found = {pair for cluster in find_clusters(texts) for pair in combinations(cluster.members, 2)}
    if judged is not None:
        found &= judged
    right = len(found & copies)
    return len(copies), right / max(len(copies), 1), right / max(len(found), 1)


# --- Written letters -----------------------------------------------------------------------------


def _written() -> tuple[list[str], set[Pair], None]:
    chance = random.Random(20261122)
    texts: list[str] = []
    copies: set[Pair] = set()
    for place, letter in enumerate(LETTERS):
        others = [other for k, other in enumerate(LETTERS) if k != place]
        first = len(texts)
        texts += [_sent(letter, others, chance) for _ in range(_COPIES)]
        copies |= set(combinations(range(first, len(texts)), 2))
    return texts, copies, None


def _sent(letter: str, others: Sequence[str], chance: random.Random) -> str:
    """The letter as one sender changed it."""
    sentences = [f"{part}。" for part in letter.split("。") if part]
    for change in chance.sample(_CHANGES, k=chance.randrange(0, 4)):
        sentences = change(sentences, others, chance)
    return "".join(sentences)


def _greeted(sentences: list[str], _: Sequence[str], chance: random.Random) -> list[str]:
    return [chance.choice(("尊敬的领导，您好！", "各位领导：", "你好，")), *sentences, "谢谢！"]


def _with_own_words(
    sentences: list[str], others: Sequence[str], chance: random.Random
) -> list[str]:
    own = [part for part in chance.choice(others).split("。") if part]
    return [*sentences, f"{chance.choice(own)}。"]


def _shortened(sentences: list[str], _: Sequence[str], chance: random.Random) -> list[str]:
    if len(sentences) < 4:
        return sentences
    left_out = chance.randrange(len(sentences))
    return [sentence for k, sentence in enumerate(sentences) if k != left_out]


def _reordered(sentences: list[str], _: Sequence[str], chance: random.Random) -> list[str]:
    return chance.sample(sentences, k=len(sentences))


def _renumbered(sentences: list[str], _: Sequence[str], chance: random.Random) -> list[str]:
    digits = str.maketrans({n: chance.choice("一二三四五六七八九") for n in "一二三四五六七八九"})
    return [sentence.translate(digits) for sentence in sentences]


def _repunctuated(sentences: list[str], _: Sequence[str], chance: random.Random) -> list[str]:
    mark = chance.choice((" ", "，", "!", "\n"))
    return [sentence.replace("，", mark).replace("。", mark) for sentence in sentences]


_CHANGES = (_greeted, _with_own_words, _shortened, _reordered, _renumbered, _repunctuated)


# --- Real messages -------------------------------------------------------------------------------


def _messages(shared: Path) -> tuple[list[str], set[Pair], set[Pair]]:
    with (shared / "data" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    place = {row["id"]: k for k, row in enumerate(rows)}
    judged = {
        (min(place[a], place[b]), max(place[a], place[b])): same == "1"
        for a, b, same in _kept_pairs()
    }
    copies = {pair for pair, same in judged.items() if same}
    return [row["body"] for row in rows], copies, set(judged)


def _kept_pairs() -> Iterable[tuple[str, str, str]]:
    kept = files("analysis").joinpath("evaluation/keys/duplicates/pairs.tsv").read_text("utf-8")
    for row in csv.DictReader(kept.splitlines(), delimiter="\t"):
        yield row["id_a"], row["id_b"], row["copy"]
