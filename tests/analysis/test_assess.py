"""One comment: a reading or a stated reason, whatever was typed, and quickly."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import readable
from analysis.assess import ENGINE_VERSION, assess, assess_many
from analysis.contracts import CommentText, LinkStatus, ReadStatus
from analysis.linking import Linker, plan_items
from analysis.readable import DamagedComment, reason_unreadable
from tests.analysis.corpora import PLAN, comments

LINKER = Linker(plan_items(PLAN))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", readable.EMPTY),
        (" \n\t\u200b\ufeff", readable.EMPTY),
        ("！？。……", readable.SYMBOLS),
        ("👍👍🎉", readable.SYMBOLS),
        ("<br/><p></p>", readable.MARKUP),
        ("12345", readable.DIGITS),
        ("好", readable.ONE_CHARACTER),
        ("啊" * 500, readable.REPEATED),
        ("hahahaha", readable.REPEATED),
        ("+-----+\n|  o  |\n|  o  |\n+-----+", readable.REPEATED),
        ("*" * 60 + " ab " + "/\\" * 40 + " cd", readable.DRAWING),
    ],
)
def test_what_cannot_be_read_says_why(text, reason):
    read = assess(CommentText("1", text), LINKER).reading
    assert (read.status, read.reason) == (ReadStatus.UNREADABLE, reason)
    assert read.sentiment is read.intent is None
    assert read.link_status is LinkStatus.UNDECIDED


@pytest.mark.parametrize(
    "text",
    [
        "請儘快加裝電梯，老人上落樓好辛苦。",
        "侬讲电梯啥辰光好装啊，阿拉老头子爬勿动了",
        "Please add more buses on Linfen Road.",
        "<p>请增加<b>停车位</b></p>",
        "停车" + "难" * 200,
        "电\u200b梯\x00坏\ufeff了",
        "请增加停车泊位。" * 2500,
    ],
)
def test_odd_texts_are_read(text):
    read = assess(CommentText("1", text), LINKER).reading
    assert read.status is ReadStatus.READ
    assert read.reason is None
    assert 0 <= read.sentiment_score <= 1
    assert read.masked_text


def test_a_title_alone_can_be_read():
    assert reason_unreadable(CommentText("1", "", title="请加装电梯")) is None
    assert reason_unreadable(CommentText("1", "？", title="！")) == readable.SYMBOLS


def test_a_damaged_row_keeps_its_own_reason():
    row = DamagedComment("1", "", fault="这一行不是有效的 JSON")
    assert assess(row, LINKER).reading.reason == "这一行不是有效的 JSON"


def test_links_stances_and_reasons_are_filled_in():
    told = assess(CommentText("1", "我支持老公房加装电梯，希望尽快开工。"), LINKER)
    assert told.reading.link_status is LinkStatus.LINKED
    best = told.reading.items[0]
    assert best.id == "k3"
    assert best.stance == "supports"
    assert told.reasons
    assert 0 < told.link_confidence <= 1
    assert 0 < told.intent_confidence <= 1


def test_many_are_read_as_one_by_one():
    texts = comments()
    together = assess_many(texts, LINKER)
    assert together == [assess(comment, LINKER) for comment in texts]


def test_personal_data_of_title_and_text_are_told_apart():
    comment = CommentText("1", "我的电话13800138000，请回电。", title="电话13900139000")
    read = assess(comment, LINKER).reading
    assert {data.field for data in read.personal_data} == {"title", "text"}
    assert "13800138000" not in read.masked_text
    for data in read.personal_data:
        raw = comment.title if data.field == "title" else comment.text
        assert raw[data.start : data.end].isdigit()


@settings(max_examples=150)
@given(st.text(max_size=200), st.none() | st.text(max_size=30))
def test_no_text_breaks_the_reader_and_offsets_hold(text, title):
    read = assess(CommentText("1", text, title), LINKER).reading
    assert (read.status is ReadStatus.READ) == (read.reason is None)
    fields = {"text": text, "title": title or ""}
    spans = [
        *read.places,
        *read.personal_data,
        *(span for item in read.items for span in item.evidence),
    ]
    for span in spans:
        assert 0 <= span.start <= span.end <= len(fields[span.field])


def test_one_comment_is_read_within_fifty_milliseconds():
    texts = comments()
    assess_many(texts, LINKER)
    times = []
    for comment in texts:
        start = time.process_time()
        assess(comment, LINKER)
        times.append(time.process_time() - start)
    assert sorted(times)[int(len(times) * 0.95)] < 0.05


def test_the_engine_version_is_a_digest():
    assert len(ENGINE_VERSION) == 12
    int(ENGINE_VERSION, 16)
