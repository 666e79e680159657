"""How good topics and shared issues are on real messages.

Topics: how many comments have one, whether they hold together (the share of the commonest official
subject within a topic, on `labelled_messages.csv`, beside the share over all; and an intruder test
whose judge is the likeness of titles by character grams), and whether they are still there when
one per cent of the messages is added. Issues: pairwise precision, recall and F1 on labelled pairs
of `messages.csv` (keys/topics/README.md says who labelled them); `dev` pairs fitted the weights,
`test` pairs did not.
"""

import csv
from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import TfidfVectorizer

from analysis import columns as columns_of
from analysis.contracts import CommentText, Reading, ReadStatus
from analysis.duplicates import find_clusters
from analysis.evaluation import MissingMaterialError, Report, table
from analysis.files.reading import read_comments
from analysis.issues import find_issues
from analysis.issues.cores import cores_of
from analysis.places import find_places
from analysis.terms import extract
from analysis.topics import TopicsFound, find_topics

_SEEDS = 3
_JUDGE = (
    "The judge of the intruder test is a program: of five titles, four of one topic, it picks the "
    "one least like the others by one- and two-character grams; chance is 0.2. No person judged."
)
_INTRUDER_TRIALS = 600

Numbers = npt.NDArray[np.int32]


def report(shared: Path | None) -> Report:
    """Coverage, coherence and stability of topics; pairwise quality of issues."""
    if shared is None:
        raise MissingMaterialError("the real messages are not on this machine")
    messages = list(read_comments(shared / "data" / "messages.csv", "body"))
    collection = _Collection(messages)
    topics = collection.topics()
    rows: list[tuple[str, float]] = [
        ("topics", float(len(topics.topics))),
        ("comments with a topic", float((topics.topic_of >= 0).mean())),
        ("intruder found", _intruder(messages, topics.topic_of)),
        ("matched after +1 %", _stability(messages, topics)),
        *_subjects(shared),
        *_issues(collection),
    ]
    lines = [*table(("measure", "value"), rows), "", _JUDGE]
    return Report("Topics and shared issues", tuple(lines), dict(rows))


class _Collection:
    """Messages with what topics and issues need of them; feeling and links play no part."""

    def __init__(self, comments: Sequence[CommentText]) -> None:
        self.comments = comments
        places = [
            (*find_places(c.title or "", "title"), *find_places(c.text, "text")) for c in comments
        ]
        readings = [
            Reading(c.id, ReadStatus.READ, places=found)
            for c, found in zip(comments, places, strict=True)
        ]
        self.columns = columns_of.from_readings(comments, readings)
        self.terms = extract(comments, places)
        self.wording = np.arange(len(comments))
        for cluster in find_clusters(c.text for c in comments):
            self.wording[list(cluster.members)] = cluster.members[0]

    def texts(self, rows: Sequence[int]) -> dict[int, CommentText]:
        return {row: self.comments[row] for row in rows}

    def topics(self) -> TopicsFound:
        return find_topics(self.columns, self.terms, self.wording, self.texts)

    def issue_of(self) -> Numbers:
        cores = cores_of(self.comments)
        found = find_issues(self.columns, self.terms, cores, self.wording, self.texts)
        return found.issue_of


def _stability(messages: Sequence[CommentText], whole: TopicsFound) -> float:
    """Share of the topics of 99 % of the messages that are there with all, with their comments."""
    matched = []
    for seed in range(_SEEDS):
        keep = np.random.default_rng(seed).permutation(len(messages))[: len(messages) * 99 // 100]
        before = _Collection([messages[k] for k in np.sort(keep)]).topics()
        after = {topic.id: set(topic.comment_ids) for topic in whole.topics}
        for topic in before.topics:
            old, new = set(topic.comment_ids), after.get(topic.id, set())
            matched.append(len(old & new) >= 0.5 * len(old | new))
    return float(np.mean(matched))


def _intruder(messages: Sequence[CommentText], topic_of: Numbers) -> float:
    """How often the judge picks the one title of five that comes from another topic."""
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True)
    table_of = vectors.fit_transform([c.title or c.text[:30] for c in messages])
    chance = np.random.default_rng(20261122)
    groups = [np.flatnonzero(topic_of == t) for t in range(int(topic_of.max()) + 1)]
    groups = [group for group in groups if len(group) >= 4]
    right = 0
    for _ in range(_INTRUDER_TRIALS):
        own, other = chance.choice(len(groups), 2, replace=False)
        five = [*chance.choice(groups[own], 4, replace=False), chance.choice(groups[other])]
        alike = (table_of[five] @ table_of[five].T).toarray()
        right += int(alike.sum(axis=1).argmin() == 4)
    return right / _INTRUDER_TRIALS


def _subjects(shared: Path) -> list[tuple[str, float]]:
    """Purity of topics by the seven official first-level subjects."""
    with (shared / "data" / "labelled_messages.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    messages = [CommentText(row["id"], row["body"], row["title"]) for row in rows]
    topic_of = _Collection(messages).topics().topic_of
    agreeing = sum(
        Counter(rows[k]["label"] for k in np.flatnonzero(topic_of == t)).most_common(1)[0][1]
        for t in range(int(topic_of.max()) + 1)
    )
    commonest = Counter(row["label"] for row in rows).most_common(1)[0][1]
    return [
        ("subject purity", agreeing / int((topic_of >= 0).sum())),
        ("subject purity, one topic", commonest / len(rows)),
    ]


def _issues(collection: _Collection) -> list[tuple[str, float]]:
    issue_of = collection.issue_of()
    place = {comment.id: row for row, comment in enumerate(collection.comments)}
    kept = files("analysis").joinpath("evaluation/keys/topics/issue_pairs.tsv").read_text("utf-8")
    counts: Counter[tuple[str, bool, bool]] = Counter()
    for row in csv.DictReader(kept.splitlines(), delimiter="\t"):
        a, b = (issue_of[place[row[name]]] for name in ("id_a", "id_b"))
        counts[row["split"], bool(a >= 0 and a == b), row["same"] == "1"] += 1
    figures = []
    for split in ("dev", "test"):
        right, wrong = counts[split, True, True], counts[split, True, False]
        missed = counts[split, False, True]
        figures += [
            (f"issues {split} precision", right / max(right + wrong, 1)),
            (f"issues {split} recall", right / max(right + missed, 1)),
            (f"issues {split} F1", 2 * right / max(2 * right + wrong + missed, 1)),
        ]
    return figures
