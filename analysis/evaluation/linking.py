"""How well comments are linked to plan items, against kept answer keys.

Two keys: real residents' messages against the 闵行 and 静安 plans (ids and item titles only, the
texts stay in the shared folder), and a small plan with comments written for this project. Beside
the linker stand the baselines it must beat. keys/linking/README.md says who labelled and how.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from analysis.contracts import CommentText, ItemType, LinkStatus, ParsedPlan, from_json
from analysis.evaluation import Report, table
from analysis.linking import AliasLexicon, Linker, PlanItem, plan_items
from analysis.linking.index import compact
from analysis.segment import words

KEYS = Path(__file__).parent / "keys" / "linking"
PLANS = ("minhang", "jingan-midterm")
NO_ITEM = "no_item"
SPLITS = ("development", "test")
RESAMPLES = 1000

Ranking = list[str] | None
"""Item ids, best first; empty for no item, None for undecided."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one comment is about: item ids, and ids that are no error either."""

    comment: CommentText
    items: frozenset[str]
    also_right: frozenset[str]

    @property
    def is_no_item(self) -> bool:
        """Whether the plan holds nothing for this comment."""
        return NO_ITEM in self.items

    @property
    def accepted(self) -> frozenset[str]:
        """Everything that is not an error."""
        return self.items | self.also_right


@dataclass(frozen=True, slots=True)
class Outcome:
    """One reading against its key; None where a figure does not apply to it."""

    hit1: float | None = None
    hit3: float | None = None
    f1: float | None = None
    no_item_found: float | None = None
    no_item_right: float | None = None
    abstained: float = 0.0


FIGURES = ("hit1", "hit3", "f1", "no_item_found", "no_item_right", "abstained")
HEAD = ("hit@1", "hit@3", "sample-F1", "no item: recall", "no item: precision", "undecided")


def judge(ranking: Ranking, key: Key) -> Outcome:
    """Score one ranking. A doubtful key (no item also right) is satisfied by either answer."""
    said_none = ranking is not None and not ranking
    right = float(NO_ITEM in key.accepted) if said_none else None
    abstained = float(ranking is None)
    found = ranking or []
    if key.is_no_item:
        if set(found[:1]) & key.also_right:
            return Outcome(abstained=abstained)
        return Outcome(no_item_found=float(said_none), no_item_right=right, abstained=abstained)
    if said_none and NO_ITEM in key.also_right:
        return Outcome(1.0, 1.0, 1.0, no_item_right=right)
    good = [i for i in found if i in key.accepted]
    precision = len(good) / len(found) if found else 0.0
    recall = len(key.items & set(found)) / len(key.items)
    if good and not recall:
        # Only second-best answers: as good as one of the items named.
        recall = 1 / len(key.items)
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    hit1, hit3 = (float(bool(set(found[:k]) & key.accepted)) for k in (1, 3))
    return Outcome(hit1, hit3, f1, no_item_right=right, abstained=abstained)


def means(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """The mean of each figure over the readings it applies to."""
    result = {}
    for name in FIGURES:
        values = [v for o in outcomes if (v := getattr(o, name)) is not None]
        result[name] = float(np.mean(values)) if values else float("nan")
    return result


def intervals(outcomes: Sequence[Outcome]) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals over comments, seeded."""
    generator = np.random.default_rng(5)
    columns = {
        name: np.asarray(
            [np.nan if (v := getattr(o, name)) is None else v for o in outcomes], np.float64
        )
        for name in FIGURES
    }
    picks = generator.integers(0, len(outcomes), (RESAMPLES, len(outcomes)))
    found = {}
    for name, values in columns.items():
        sampled = values[picks]
        counts = np.maximum((~np.isnan(sampled)).sum(axis=1), 1)
        low, high = np.percentile(np.nansum(sampled, axis=1) / counts, (2.5, 97.5))
        found[name] = (float(low), float(high))
    return found


# --- Keys ----------------------------------------------------------------------------------------


def read_messages(shared: Path) -> dict[str, CommentText]:
    """The real messages by id."""
    with (shared / "data" / "messages.csv").open(encoding="utf-8-sig", newline="") as file:
        return {r["id"]: CommentText(r["id"], r["body"], r["title"]) for r in csv.DictReader(file)}


def message_keys(
    items: Sequence[PlanItem], messages: Mapping[str, CommentText], plan: str, split: str
) -> tuple[list[Key], list[str]]:
    """The keys of one plan and split, and the item names this parse of the plan does not hold."""
    rows = (r for r in _rows("messages.tsv", plan=plan, split=split) if r["message"] in messages)
    return _resolved(((messages[r["message"]], r) for r in rows), items)


def resident_keys(items: Sequence[PlanItem], plan: str) -> tuple[list[Key], list[str]]:
    """The same for short comments in residents' wording, written for this project."""
    rows = enumerate(_rows("residents.tsv", plan=plan), start=1)
    return _resolved(((CommentText(str(n), r["text"]), r) for n, r in rows), items)


def _rows(name: str, **wanted: str) -> list[dict[str, str]]:
    with (KEYS / name).open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return [r for r in rows if all(r[column] == value for column, value in wanted.items())]


def _resolved(
    rows: Iterable[tuple[CommentText, dict[str, str]]], items: Sequence[PlanItem]
) -> tuple[list[Key], list[str]]:
    by_name: dict[str, str] = {}
    for item in items:
        by_name.setdefault(f"{item.type.value}:{compact(item.title)}", item.id)
    keys, missing = [], set()
    for comment, row in rows:
        named = [_names(row[column]) for column in ("items", "also_right")]
        ids = [{name: _id_of(name, by_name) for name in names} for names in named]
        missing |= {name for found in ids for name, i in found.items() if i is None}
        first, also = (frozenset(i for i in found.values() if i is not None) for found in ids)
        if first:
            keys.append(Key(comment, first, also))
    return keys, sorted(missing)


def _names(cell: str) -> list[str]:
    return [name for name in cell.split(" | ") if name]


def _id_of(name: str, by_name: dict[str, str]) -> str | None:
    if name == NO_ITEM:
        return NO_ITEM
    if name in by_name:
        return by_name[name]
    # Parsers cut titles a little differently: a task may carry its whole lead sentence.
    kind, title = name.split(":", 1)
    near = [
        i
        for other, i in by_name.items()
        if other.startswith(kind) and (title in other or other.split(":", 1)[1] in title)
    ]
    return near[0] if near else None


def own_keys(split: str) -> tuple[tuple[PlanItem, ...], list[Key]]:
    """The plan and comments written for this project."""
    plan = from_json(ParsedPlan, json.loads((KEYS / "own_plan.json").read_text("utf-8")))
    keys = []
    for number, row in enumerate(_rows("own_comments.tsv", split=split), start=1):
        items, also = (frozenset(_names(row[c])) for c in ("items", "also_right"))
        keys.append(Key(CommentText(str(number), row["text"]), items, also))
    return plan_items(plan), keys


# --- What is compared ----------------------------------------------------------------------------


def linker_rankings(items: Sequence[PlanItem], keys: Sequence[Key]) -> list[Ranking]:
    """What the library says."""
    readings = Linker(items).link_many([key.comment for key in keys])
    return [
        None if r.status is LinkStatus.UNDECIDED else [item.id for item in r.items]
        for r in readings
    ]


def bm25_rankings(items: Sequence[PlanItem], keys: Sequence[Key]) -> list[Ranking]:
    """Stock BM25 over words of title and text, three answers, no item when no word matches."""
    k1, b = 1.5, 0.75
    vectorizer = CountVectorizer(analyzer=str.split, dtype=np.float64)
    counts = vectorizer.fit_transform([_plain(f"{i.title} {i.text}") for i in items]).tocoo()
    carriers = np.bincount(counts.col, minlength=counts.shape[1])
    idf = np.log1p((len(items) - carriers + 0.5) / (carriers + 0.5))
    lengths = np.bincount(counts.row, counts.data, minlength=len(items))
    norm = k1 * (1 - b + b * lengths / lengths.mean())
    counts.data *= idf[counts.col] * (k1 + 1) / (counts.data + norm[counts.row])
    queries = vectorizer.transform([_plain(_text(k)) for k in keys]).sign()
    return _best_three(items, (queries @ counts.T).toarray(), 0.0)


def character_rankings(items: Sequence[PlanItem], keys: Sequence[Key]) -> list[Ranking]:
    """Character 1–3-gram TF-IDF over item titles, three answers, no item when nothing matches."""
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    matrix = vectorizer.fit_transform([compact(i.title) for i in items])
    queries = vectorizer.transform([_text(k) for k in keys])
    return _best_three(items, (queries @ matrix.T).toarray(), 0.0)


def frequent_rankings(items: Sequence[PlanItem], keys: Sequence[Key]) -> list[Ranking]:
    """The three items that the keys name most, for every comment."""
    counts = [sum(item.id in key.items for key in keys) for item in items]
    best = np.argsort(-np.asarray(counts), kind="stable")[:3]
    return [[items[i].id for i in best] for _ in keys]


def _best_three(
    items: Sequence[PlanItem],
    scores: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    floor: float,
) -> list[Ranking]:
    rankings: list[Ranking] = []
    for row in scores:
        best = np.argsort(-row, kind="stable")[:3]
        rankings.append([items[i].id for i in best if row[i] > floor])
    return rankings


def _plain(text: str) -> str:
    return " ".join(w.text for w in words(compact(text)) if len(w.text) > 1)


def _text(key: Key) -> str:
    return compact(f"{key.comment.title or ''}\n{key.comment.text}")


METHODS: dict[str, Callable[[Sequence[PlanItem], Sequence[Key]], list[Ranking]]] = {
    "linker": linker_rankings,
    "BM25": bm25_rankings,
    "characters of titles": character_rankings,
    "most frequent": frequent_rankings,
}


# --- Report --------------------------------------------------------------------------------------


def report(shared: Path | None) -> Report:
    """Measure on the project's own set and, where present, on the real plans and messages."""
    figures: dict[str, float] = {}
    lines: list[str] = []
    for split in SPLITS:
        items, keys = own_keys(split)
        lines += _measure(f"own.{split}", items, keys, figures)
    if shared is not None:
        lines += _on_messages(shared, figures)
    return Report("Linking to plan items", tuple(lines), figures)


def _on_messages(shared: Path, figures: dict[str, float]) -> Iterator[str]:
    from analysis.outline import parse_file

    messages = read_messages(shared)
    for plan in PLANS:
        items = plan_items(parse_file(shared / "plans" / f"{plan}.txt"))
        for split in SPLITS:
            keys, missing = message_keys(items, messages, plan, split)
            yield from _measure(f"{plan}.{split}", items, keys, figures, missing)
        keys, missing = resident_keys(items, plan)
        yield from _measure(f"{plan}.residents", items, keys, figures, missing)
    unused = AliasLexicon.load().report_unused(
        f"{m.title or ''}\n{m.text}" for m in messages.values()
    )
    figures["aliases"] = len(AliasLexicon.load().aliases)
    figures["aliases_unused"] = len(unused)
    yield f"Aliases: {len(AliasLexicon.load().aliases)}, of which {len(unused)} fire on no message."


def _measure(
    name: str,
    items: Sequence[PlanItem],
    keys: Sequence[Key],
    figures: dict[str, float],
    missing: Sequence[str] = (),
) -> Iterator[str]:
    rows = []
    for method, rank in METHODS.items():
        outcomes = [judge(r, k) for r, k in zip(rank(items, keys), keys, strict=True)]
        result = means(outcomes)
        spread = intervals(outcomes)
        rows.append([method, *(_cell(result[f], spread[f]) for f in FIGURES)])
        if method == "linker":
            figures.update({f"{name}.{figure}": result[figure] for figure in FIGURES})
    about = sum(not k.is_no_item for k in keys)
    kinds = sum(item.type is not ItemType.SECTION for item in items)
    yield f"### {name}: {about} comments about an item, {len(keys) - about} about none; "
    yield f"{kinds} indicators and tasks, {len(items) - kinds} sections"
    yield ""
    yield from table(("method", *HEAD), rows)
    yield ""
    if missing:
        yield f"Items of the key not found in this parse: {'、'.join(missing)}."
        yield ""


def _cell(value: float, interval: tuple[float, float]) -> str:
    return "–" if value != value else f"{value:.2f} ({interval[0]:.2f}–{interval[1]:.2f})"
