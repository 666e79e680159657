"""Topics carry residents' own words, add up, quote verbatim and stay when comments are added."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from analysis import columns as columns_of
from analysis.contracts import CommentText, Intent, Reading, ReadStatus
from analysis.evaluation import topics as evaluation
from analysis.intervals import wilson
from analysis.terms import extract, meaning_of
from analysis.topics import SIDES, find_topics, topic_id
from tests.analysis.corpora import comments

_MATTERS = {f"m{n}" for n in range(6)}


def found(texts: list[CommentText], intents: list[Intent | None] | None = None):
    given = intents or [None] * len(texts)
    readings = [
        Reading(c.id, ReadStatus.READ if c.text else ReadStatus.UNREADABLE, intent=i)
        for c, i in zip(texts, given, strict=True)
    ]
    columns = columns_of.from_readings(texts, readings)
    terms = extract(texts, [() for _ in texts])
    return find_topics(
        columns, terms, np.arange(len(texts)), lambda rows: {row: texts[row] for row in rows}
    )


def test_each_matter_is_a_topic_with_a_name_to_read():
    labels = [topic.label for topic in found(comments()).topics]
    assert all(4 <= len(label) <= 10 for label in labels)
    assert len(labels) == len(set(labels))


def test_comments_on_one_matter_share_a_topic_of_their_own():
    texts = comments()
    topic_of = found(texts).topic_of
    matters = {c.id: c.id.split("-")[0] for c in texts if c.id[:2] in _MATTERS}
    held = {
        (matters[c.id], int(t)) for c, t in zip(texts, topic_of, strict=True) if c.id in matters
    }
    assert all(topic >= 0 for _, topic in held)
    assert len(held) == 6
    assert len({topic for _, topic in held}) == 6


def test_counts_add_up_and_follow_the_comments():
    texts = comments()
    topics = found(texts)
    for place, topic in enumerate(topics.topics):
        rows = np.flatnonzero(topics.topic_of == place)
        assert topic.comment_ids == tuple(texts[row].id for row in rows)
        assert topic.count == len(rows) >= topic.unique_count >= 1
        assert sum(topic.sides.values()) == topic.count
        assert tuple(topic.sides) == SIDES
        assert topic.share == wilson(topic.count, len(texts))
    assert sorted(topic.count for topic in topics.topics) == sorted(
        Counter(topics.topic_of[topics.topic_of >= 0].tolist()).values()
    )


def test_quotes_are_verbatim_and_cover_the_sides():
    texts = [c for c in comments() if c.id[:2] in _MATTERS]
    sides = [Intent.COMPLAINS, Intent.PROPOSES, Intent.ASKS]
    topics = found(texts, [sides[k % 3] for k in range(len(texts))])
    by_id = {c.id: c for c in texts}
    side_of = {c.id: sides[k % 3] for k, c in enumerate(texts)}
    for topic in topics.topics:
        assert 3 <= len(topic.quotes) <= 6
        for quote in topic.quotes:
            raw = by_id[quote.id].title if quote.field == "title" else by_id[quote.id].text
            assert raw[quote.start : quote.end] == quote.text
        heard = {side_of[quote.id] for quote in topic.quotes}
        assert len(heard) == sum(count > 0 for count in topic.sides.values())


def test_the_same_comments_in_another_order_give_the_same_topics():
    there = found(comments())
    back = found(comments()[::-1])
    assert {(t.id, t.count) for t in there.topics} == {(t.id, t.count) for t in back.topics}
    assert found(comments()).topics == there.topics


def test_an_id_depends_on_the_words_alone():
    assert topic_id(("路灯",)) == topic_id(("路灯",)) != topic_id(("电梯",))


def test_few_or_empty_comments_have_no_topics():
    assert found([]).topics == ()
    assert found([CommentText("1", "")]).topics == ()
    assert found([CommentText("1", "路灯坏了"), CommentText("2", "电梯坏了")]).topics == ()


@pytest.mark.parametrize("word", ["反映", "有关部门", "希望", "ab", "12", "，"])
def test_words_of_procedure_carry_no_matter(word):
    assert meaning_of(word) is None


def test_synonyms_are_counted_as_one():
    assert meaning_of("噪声") == meaning_of("噪音") == "噪音"


@pytest.mark.shared
def test_real_messages_keep_their_topics_when_one_per_cent_is_added(shared: Path):
    figures = evaluation.report(shared).figures
    assert figures["matched after +1 %"] >= 0.9
    assert figures["issues test F1"] >= 0.75
