"""Linking a comment to the items of a small plan written for these tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts import (
    CommentText,
    Indicator,
    ItemType,
    LinkStatus,
    ParsedPlan,
    Passage,
    Section,
    Task,
)
from analysis.linking import Alias, Linker, plan_items

HOMES = "推进旧住房综合改造。完善小区综合环境，规范推进既有多层住宅加装电梯工作。提升物业服务水平。"
ROADS = "优化静态交通服务。增建公共停车场，推进停车共享。完善公共交通网络。优化公交线网。"
PLAN = ParsedPlan(
    title="云亭区规划",
    sections=(
        Section("s1", 1, "第一章", "发展基础", None, False),
        Section("s2", 1, "第二章", "建设宜居家园", None, False, (Passage("p1", HOMES),)),
        Section("s3", 1, "第三章", "构建畅达交通", None, False, (Passage("p2", ROADS),)),
    ),
    indicators=(Indicator("i1", "1", "人均公园绿地面积", section="s2"),),
    tasks=(
        Task("t1", "推进旧住房综合改造", section="s2", quote="推进旧住房综合改造"),
        Task("t2", "提升物业服务水平", section="s2", quote="提升物业服务水平"),
        Task("t3", "优化静态交通服务", section="s3", quote="优化静态交通服务"),
        Task("t4", "完善公共交通网络", section="s3", quote="完善公共交通网络"),
    ),
)


@pytest.fixture(scope="module")
def linker() -> Linker:
    return Linker(plan_items(PLAN))


def test_a_task_owns_the_words_up_to_the_next_task() -> None:
    items = {item.id: item for item in plan_items(PLAN)}
    assert "加装电梯" in items["t1"].text
    assert "物业" not in items["t1"].text
    assert items["t2"].section_path == ("建设宜居家园",)
    assert "s1" not in items, "a heading that reviews the past is nothing to link to"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("老公房六层没电梯，我妈八十了下不了楼", "t1"),
        ("晚上回家绕三圈都找不到车位", "t3"),
        ("等公交等了四十分钟", "t4"),
        ("家门口想有个散步的小公园", "i1"),
    ],
)
def test_everyday_words_reach_the_plan(linker: Linker, text: str, expected: str) -> None:
    reading = linker.link(CommentText("c", text))
    assert reading.status is LinkStatus.LINKED
    assert reading.items[0].id == expected


def test_evidence_points_into_the_raw_text(linker: Linker) -> None:
    comment = CommentText("c", "尊敬的領導：\n\n停　車　難！ 小區裏沒有車位", title="停車難")
    reading = linker.link(comment)
    first = reading.items[0]
    assert first.type is ItemType.TASK
    assert {(s.field, comment.title[s.start : s.end]) for s in first.evidence if s.field == "title"}
    assert "車位" in {comment.text[s.start : s.end] for s in first.evidence if s.field == "text"}
    assert "停车难" in reading.reasons[0]


def test_a_matter_outside_the_plan_is_no_item(linker: Linker) -> None:
    assert linker.link(CommentText("c", "我的护照什么时候能办好")).status is LinkStatus.NO_ITEM


def test_the_anchor_is_evidence_not_truth(linker: Linker) -> None:
    vague = CommentText("c", "这条写得很好，支持", anchor="t2")
    assert linker.link(vague).items[0].id == "t2"
    misplaced = CommentText("c", "公交车太少，末班车太早，公交站太远", title="公交", anchor="t2")
    assert linker.link(misplaced).items[0].id == "t4"


def test_officers_may_add_an_alias() -> None:
    extra = (Alias("铁皮棚子", ("停车",), "停车", "officers approved it"),)
    reading = Linker(plan_items(PLAN), extra_aliases=extra).link(CommentText("c", "铁皮棚子"))
    assert reading.items[0].id == "t3"


@pytest.mark.parametrize("text", ["", " ", "？", "👍👍👍", "啊" * 20000, "\u200b\x00", "<b>hi</b>"])
def test_anything_gets_a_reading(linker: Linker, text: str) -> None:
    assert linker.link(CommentText("c", text)).status is not LinkStatus.LINKED


def test_one_by_one_and_together_agree(linker: Linker) -> None:
    comments = [CommentText(str(i), t) for i, t in enumerate(["停车难", "公交", "", "电梯"])]
    assert linker.link_many(comments) == [linker.link(c) for c in comments]


def test_a_plan_without_items_links_nothing() -> None:
    reading = Linker(()).link(CommentText("c", "停车难"))
    assert reading.status is LinkStatus.NO_ITEM


SMALL = Linker(plan_items(PLAN))
SCRAPS = st.sampled_from(
    ["停车难", "電梯", "公交", "　", "\n", "。", "\u200b", "𠮷", "ﬁ", "谢谢", "①"]
)


@settings(max_examples=60, deadline=None)
@given(
    title=st.none() | st.text(max_size=20),
    text=st.lists(st.text(max_size=8) | SCRAPS, max_size=20).map("".join),
)
def test_evidence_always_lies_inside_the_raw_fields(title: str | None, text: str) -> None:
    reading = SMALL.link(CommentText("c", text, title))
    for item in reading.items:
        for span in item.evidence:
            raw = {"title": title or "", "text": text}[span.field]
            assert 0 <= span.start < span.end <= len(raw)
