"""Summaries by extraction: what is said, how often, by whom, in residents' own words.

Every sentence makes one claim about one list of comments, carries their ids and a few verbatim
quotes with offsets, and is proved by `validate.check`. Any selection can be summarised: a section,
an indicator, a task, a place, a week, the whole. Quotes are raw and may hold personal data; mask
them before they are shown (`quoting.masked_quote`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis import columns as columns_of
from analysis.columns import INTENTS, SENTIMENTS, Columns, Texts, quotable
from analysis.contracts import (
    CommentText,
    CorpusSummary,
    Intent,
    Quote,
    Reading,
    Sentiment,
    SummarySentence,
    TopicReading,
)
from analysis.duplicates import find_clusters
from analysis.intervals import wilson
from analysis.quoting import whole_quote
from analysis.terms import extract
from analysis.topics import TopicsFound, find_topics
from analysis.validate import percent

MOST_TOPICS = 8
QUOTES_EACH = 2
_FEWEST_FOR_A_PLACE = 3
_WHOLE_DISTRICT = 0.2
_READ_FOR_QUOTES = 6

Rows = npt.NDArray[np.int64]

_INTENT_CLAIMS = {
    Intent.COMPLAINS: "反映问题或投诉的",
    Intent.PROPOSES: "提出建议的",
    Intent.ASKS: "咨询情况的",
    Intent.SUPPORTS: "表示支持的",
    Intent.OPPOSES: "表示反对的",
}
_SENTIMENT_CLAIMS = {Sentiment.NEGATIVE: "情绪偏负面的", Sentiment.POSITIVE: "情绪偏正面的"}


@dataclass(frozen=True, slots=True)
class _Selection:
    """The comments summarised and what is known of them."""

    columns: Columns
    wording: Rows
    texts: Texts
    quotable: npt.NDArray[np.bool_]

    def sentence(self, claim: str, rows: Rows) -> SummarySentence:
        """One claim about these rows, counted both ways, with quotes of the first of them."""
        unique = len(np.unique(self.wording[rows]))
        merged = f"，合并雷同后{unique}条" if unique < len(rows) else ""
        share = f"，占{percent(len(rows), len(self.columns))}%"
        ids = tuple(self.columns.ids[row] for row in rows)
        return SummarySentence(f"{claim}有{len(rows)}条{share}{merged}。", ids, self.quotes(rows))

    def quotes(self, rows: Rows) -> tuple[Quote, ...]:
        """Quotes of the first different wordings among the rows."""
        rows = rows[self.quotable[rows]]
        _, first = np.unique(self.wording[rows], return_index=True)
        chosen = rows[np.sort(first)][:_READ_FOR_QUOTES].tolist()
        comments = self.texts(chosen)
        found = (whole_quote(comments[row]) for row in chosen)
        return tuple(quote for quote in found if quote)[:QUOTES_EACH]


def summarise(
    comments: Sequence[CommentText], readings: Sequence[Reading], *, subject: str = ""
) -> tuple[SummarySentence, ...]:
    """Summarise any selection of comments with their readings; `subject` names it.

    Ids must be distinct. The same selection gives the same sentences.
    """
    table = columns_of.from_readings(comments, readings)
    terms = extract(comments, [reading.places for reading in readings])
    wording = np.arange(len(comments))
    for cluster in find_clusters(comment.text for comment in comments):
        wording[list(cluster.members)] = cluster.members[0]

    def texts(rows: Sequence[int]) -> dict[int, CommentText]:
        return {row: comments[row] for row in rows}

    topics = find_topics(table, terms, wording, texts)
    return tuple(sentences(table, wording, topics, texts, subject=subject))


def summarise_corpus(
    columns: Columns,
    wording: Rows,
    topics: TopicsFound,
    texts: Texts,
    counts: dict[str, int],
) -> CorpusSummary:
    """Counts, shares of all comments received, and sentences over a whole consultation."""
    total = len(columns)
    every = {"total": total, **_counts(columns, wording), **counts}
    shares = {
        name: wilson(count, total)
        for name, count in every.items()
        if name.split(".")[0] in ("read", "unreadable", "sentiment", "intent", "link")
    }
    return CorpusSummary(every, shares, tuple(sentences(columns, wording, topics, texts)))


def sentences(
    columns: Columns, wording: Rows, topics: TopicsFound, texts: Texts, *, subject: str = ""
) -> Iterable[SummarySentence]:
    """The sentences over a selection: all, what residents want, how they feel, topics, places."""
    selection = _Selection(columns, wording, texts, quotable(columns))
    rows = np.arange(len(columns))
    if not len(rows):
        return
    about = f"关于“{subject}”的意见" if subject else "收到的意见"
    unique = len(np.unique(wording))
    merged = f"，合并雷同后{unique}条" if unique < len(rows) else ""
    yield SummarySentence(f"{about}共{len(rows)}条{merged}。", columns.ids)
    unread = np.flatnonzero(~columns.read)
    if len(unread):
        yield SummarySentence(
            f"其中无法研判（内容为空或没有文字）的有{len(unread)}条。",
            tuple(columns.ids[row] for row in unread),
        )
    yield from _by_code(selection, columns.intent, INTENTS, _INTENT_CLAIMS)
    yield from _by_code(selection, columns.sentiment, SENTIMENTS, _SENTIMENT_CLAIMS)
    for place, topic in enumerate(topics.topics[:MOST_TOPICS]):
        members = np.flatnonzero(topics.topic_of == place)
        yield from _about_topic(selection, topic, members)
    yield from _places(selection)


def _by_code(
    selection: _Selection,
    codes: npt.NDArray[np.int8],
    names: Sequence[Intent] | Sequence[Sentiment],
    claims: dict[Intent, str] | dict[Sentiment, str],
) -> Iterable[SummarySentence]:
    """A sentence for each reading, the commonest first."""
    groups = [
        (claim, np.flatnonzero(codes == list(names).index(name))) for name, claim in claims.items()
    ]
    for claim, rows in sorted(groups, key=lambda group: -len(group[1])):
        if len(rows):
            yield selection.sentence(claim, rows)


def _about_topic(
    selection: _Selection, topic: TopicReading, rows: Rows
) -> Iterable[SummarySentence]:
    whole = selection.sentence(f"谈到“{topic.label}”的", rows)
    yield SummarySentence(whole.text, whole.comment_ids, topic.quotes[:QUOTES_EACH])
    sides = {
        side: rows[selection.columns.intent[rows] == INTENTS.index(side)]
        for side in (Intent.SUPPORTS, Intent.OPPOSES)
    }
    if all(len(side) for side in sides.values()):
        for side, members in sides.items():
            claim = _INTENT_CLAIMS[side].removesuffix("的")
            yield selection.sentence(f"对“{topic.label}”{claim}的", members)


def _places(selection: _Selection) -> Iterable[SummarySentence]:
    """The place most comments name, if enough do."""
    places = selection.columns.places
    if not len(places.values):
        return
    counts = np.bincount(places.values, minlength=len(places.vocabulary))
    # A name in every fifth comment is that of the whole district and says nothing of where.
    counts[counts > _WHOLE_DISTRICT * len(selection.columns)] = 0
    place = int(counts.argmax())
    if counts[place] >= _FEWEST_FOR_A_PLACE:
        rows = np.unique(places.row_numbers()[places.values == place])
        yield selection.sentence(f"提到“{places.vocabulary[place]}”的", rows)


def _counts(columns: Columns, wording: Rows) -> dict[str, int]:
    counts = {
        "read": int(columns.read.sum()),
        "unreadable": int((~columns.read).sum()),
        "unique": len(np.unique(wording)),
    }
    for field, names in (
        ("sentiment", SENTIMENTS),
        ("intent", INTENTS),
        ("link", columns_of.LINKS),
    ):
        codes = getattr(columns, field)
        for code, name in enumerate(names):
            counts[f"{field}.{name.value}"] = int((codes == code).sum())
    counts["intent.undetermined"] = int(((columns.intent < 0) & columns.read).sum())
    return counts
