"""Counting, quoting, filters and the checks of reasons, without a database."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import to_json
from backend.digests import filters, replies
from backend.digests.adoption import AdoptionContent, Letter, Procedure, compile_report
from backend.digests.comment_list import LISTED_IN_FULL
from backend.digests.compiling import compile_content
from backend.digests.content import DigestContent, Heading
from backend.digests.digest_paper import digest_paper
from backend.digests.filters import Filter, FilterError
from backend.digests.frame import Frame, Item, Link, PlanFrame, SectionNode, Voice
from backend.digests.frozen import thaw
from backend.digests.paper import Note, Table
from backend.digests.rules import demand, excerpt, mask_name, ranges, tally

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HEADING = Heading("征询", "slug", "某区", "起草处", "某规划", "征求意见稿（第1版）", None, None)
PLAN = PlanFrame(
    title="某规划",
    version="征求意见稿（第1版）",
    versions={1: "征求意见稿（第1版）"},
    sections={
        "s1": SectionNode("s1", None, 1, "第一章", "总则", 0),
        "s2": SectionNode("s2", None, 1, "第二章", "出行", 1),
        "s3": SectionNode("s3", "s2", 2, "第一节", "停车", 2),
    },
    items={
        "i14": Item("indicator", "i14", "14", "新增泊位", "s3", "500 个", "at_least", 0),
        "t1": Item("task", "t1", "", "建设停车楼", "s3", "", None, 0),
    },
    passages={"p1": "新增公共停车泊位五百个。"},
)


def voice(number: int, text: str = "建议增加车位。", **given: object) -> Voice:
    base = Voice(
        id=number,
        submission_id=number,
        ordinal=1,
        received_at=NOW,
        channel="web",
        sender="resident",
        street="临江街道",
        neighbourhood="",
        is_late=False,
        text=text,
        wording="",
        anchor_kind="plan",
        anchor_key=None,
        section_key="s3",
        quoted="",
        version_id=1,
        sentiment="neutral",
        intent="proposes",
        links=(),
        topic=None,
        cluster=None,
        handling="new",
        merged_into=None,
        handed_over_to=None,
        outcome=None,
        reason="",
        change_place="",
        change_section_key=None,
        is_reviewed=False,
        machine_sentiment="neutral",
        machine_intent="proposes",
        engine="1",
        left_out=None,
    )
    return replace(base, **given)  # type: ignore[arg-type]


def compiled(*voices: Voice):  # type: ignore[no-untyped-def]
    return compile_content(Frame(voices, PLAN), HEADING, Filter(), now=NOW)


def reported(*voices: Voice, noted: frozenset[int] = frozenset()):  # type: ignore[no-untyped-def]
    return compile_report(
        Frame(voices, PLAN),
        HEADING,
        Procedure(None, None, "", "", ("网站",)),
        letter=Letter(),
        names={},
        linked=frozenset(),
        noted=noted,
        is_draft=True,
        now=NOW,
    )


def codes(report) -> set[str]:  # type: ignore[no-untyped-def]
    return {fault.code for fault in report.faults}


# --- Counting ------------------------------------------------------------------------------------


def test_near_copies_and_merged_doubles_count_once() -> None:
    voices = [voice(1, cluster="a"), voice(2, cluster="a"), voice(3), voice(4, merged_into=3)]
    whole = tally("all", "全部", voices)
    assert (whole.count, whole.unique_count) == (4, 2)
    assert whole.comment_ids == (1, 2, 3, 4)


def test_the_line_officials_quote() -> None:
    link = (Link("indicator", "i14", None, "machine"),)
    wants = [voice(n, "目标偏低，建议提高到800个。", links=link) for n in range(1, 32)]
    others = [voice(n, "写得清楚。", links=link) for n in range(32, 43)]
    item = compiled(*wants, *others).indicators[0]
    assert item.line == "指标14：42条，31条希望提高目标值"


def test_opposite_demands_on_one_item_are_a_conflict() -> None:
    link = (Link("indicator", "i14", None, "machine"),)
    up = [voice(n, "目标太低，要提高。", links=link) for n in (1, 2, 3)]
    down = [voice(n, "定得太高了，应当降低。", links=link) for n in (4, 5)]
    conflict = compiled(*up, *down).conflicts[0]
    assert [(side.key, side.count) for side in conflict.sides] == [("raise", 3), ("lower", 2)]


def test_a_campaign_alone_makes_no_conflict() -> None:
    link = (Link("task", "t1", "opposes", "machine"),)
    copies = [voice(n, cluster="a", links=link) for n in range(1, 9)]
    for_it = [voice(n, links=(Link("task", "t1", "supports", "machine"),)) for n in (20, 21)]
    assert compiled(*copies, *for_it).conflicts == ()


def test_what_was_handed_over_is_listed_and_not_counted_as_opinion() -> None:
    content = compiled(voice(1), voice(2, handling="handed_over", handed_over_to="12345热线"))
    assert [(t.label, t.count) for t in content.handed_over] == [("12345热线", 1)]
    assert content.overview.comment_count == 2
    assert sum(c.total.count for c in content.chapters) == 1


def test_every_row_stands_alone() -> None:
    row = compiled(voice(7, quoted="五百个")).rows[0]
    assert (row.section_number, row.section_title) == ("第二章 第一节", "停车")
    assert (row.quoted, row.version) == ("五百个", "征求意见稿（第1版）")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("目标偏低，建议提高到95%。", "raise"),
        ("这个指标定得太低了。", "raise"),
        ("能不能再多一点泊位", "raise"),
        ("不要盲目提高目标。", "lower"),
        ("目标过高，不现实，应当下调。", "lower"),
        ("写得很清楚，支持。", None),
        ("", None),
    ],
)
def test_hearing_which_way_a_number_should_go(text: str, wanted: str | None) -> None:
    assert demand(text) == wanted


@given(st.text(max_size=400))
def test_an_excerpt_is_verbatim_and_short(text: str) -> None:
    cut = excerpt(text)
    assert cut in text
    assert len(cut) <= 120


def test_numbers_are_printed_as_people_print_them() -> None:
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3、7、9–10"
    assert ranges([5, 1, 3], 2) == "1、3等3条"
    assert ranges([]) == ""


def test_names_are_masked() -> None:
    assert [mask_name(n) for n in ("朱建国", "欧阳明珠", "李", " ", "Li Wei")] == [
        "朱**", "欧阳**", "李**", "", "L**",
    ]  # fmt: skip


# --- Filters -------------------------------------------------------------------------------------


def test_a_filter_reads_back_as_it_was_written() -> None:
    chosen = Filter(
        section="s3",
        indicator="i14",
        street="临江街道",
        department="规划 资源局",
        channel="email",
        since=date(2026, 11, 1),
        until=date(2026, 11, 9),
    )
    assert filters.parse(filters.render(chosen)) == chosen


@pytest.mark.parametrize(
    "query",
    [
        "乱写",
        "天气:晴",
        "提交>昨天",
        "渠道:飞鸽",
        "章节",
        "渠道:网站 还有",
        "提交>2026-13-01",
        "x" * 400,
    ],
)
def test_a_filter_nobody_can_follow_is_explained(query: str) -> None:
    with pytest.raises(FilterError, match=r"。$"):
        filters.parse(query)


@given(st.text(max_size=60))
def test_no_filter_breaks_the_parser(query: str) -> None:
    try:
        chosen = filters.parse(query)
    except FilterError:
        return
    assert filters.parse(filters.render(chosen)) == chosen


# --- The checker of the report -------------------------------------------------------------------

DECIDED = {"handling": "decided", "outcome": "noted", "reason": "停车位数量在年度计划中研究。"}


def test_a_complete_report_has_no_blocking_fault() -> None:
    report = reported(voice(1, **DECIDED), voice(2, left_out="提交人已撤回"))
    assert not [fault for fault in report.faults if fault.is_blocking]


def test_an_undecided_comment_blocks() -> None:
    assert "undecided" in codes(reported(voice(1), voice(2, **DECIDED)))


def test_a_missing_reason_blocks() -> None:
    assert "reason_missing" in codes(reported(voice(1, **DECIDED | {"reason": " "})))


def test_adoption_without_a_place_blocks() -> None:
    adopted = DECIDED | {"outcome": "adopted"}
    assert "change_missing" in codes(reported(voice(1, **adopted)))
    assert "change_missing" not in codes(reported(voice(1, **adopted, change_place="第二章")))


def test_equal_comments_decided_differently_need_a_note() -> None:
    first = voice(1, cluster="a", **DECIDED)
    second = voice(2, cluster="a", **DECIDED | {"outcome": "not_adopted"})
    assert "unequal" in codes(reported(first, second))
    assert "unequal" not in codes(reported(first, second, noted=frozenset({2})))


def test_merged_comments_follow_the_decision_of_the_other() -> None:
    report = reported(voice(1, **DECIDED), voice(2, handling="merged", merged_into=1))
    assert "undecided" not in codes(report)
    assert report.outcomes[0].count == 2


def test_near_copies_decided_alike_share_a_row() -> None:
    report = reported(*(voice(n, cluster="a", **DECIDED) for n in range(1, 6)))
    assert [(row.count, row.comment_ids) for row in report.rows] == [(5, (1, 2, 3, 4, 5))]
    assert report.rows[0].source.endswith("等5条")


def test_totals_that_disagree_are_found() -> None:
    from backend.digests.adoption import check_totals

    report = reported(voice(1, **DECIDED), voice(2, **DECIDED))
    wrong = replace(report, comment_count=3)
    assert {fault.code for fault in check_totals(wrong)} == {"totals"}
    row = replace(report.rows[0], count=9)
    assert {f.code for f in check_totals(replace(report, rows=(row, *report.rows[1:])))} == {
        "table"
    }


# --- Reasons -------------------------------------------------------------------------------------


ASKED = "建议在青禾路增加停车位，晚上回家没地方停。"


def refused(number: int, reason: str) -> Voice:
    given = {"handling": "decided", "outcome": "not_adopted", "reason": reason}
    return voice(number, ASKED, section_key=f"s{number}", **given)


def answered(number: int, outcome: str, reason: str) -> Voice:
    given = {"handling": "decided", "outcome": outcome, "reason": reason}
    return voice(number, ASKED, section_key=f"s{number}", **given)


def test_one_reason_pasted_under_different_demands() -> None:
    same = [refused(n, "您的意见已收悉，将认真研究。") for n in (1, 2, 3)]
    assert replies.repeated(same) == (1, 2, 3)
    assert replies.repeated(same[:2]) == ()


def test_a_pasted_reason_is_known_by_its_words_not_its_numbers() -> None:
    varied = [refused(n, f"经研究，第{n}项建议与“名称{n}”不符，暂不采纳。") for n in (1, 2, 3)]
    assert replies.repeated(varied) == (1, 2, 3)
    apart = [
        refused(1, "该路段是消防通道，不能划线。"),
        refused(2, "明年在南侧建四十个车位。"),
        refused(3, "夜间可停农贸市场。"),
    ]
    assert replies.repeated(apart) == ()


def test_one_reason_for_one_matter_is_no_pasting() -> None:
    one_place = [
        voice(n, ASKED, section_key="s1", outcome="not_adopted", reason="该处是消防通道。")
        for n in (1, 2, 3, 4)
    ]
    assert replies.repeated(one_place) == ()


@pytest.mark.parametrize(
    "reason",
    [
        "经研究不予采纳。",
        "条件不具备，暂不采纳。",
        "因为客观条件限制，不予采纳。",
        "不需要。",
        "不符合实际。",
    ],
)
def test_a_refusal_without_facts(reason: str) -> None:
    assert replies.bare_refusals([refused(1, reason)]) == (1,)


@pytest.mark.parametrize(
    "reason",
    [
        "该处是消防通道，按《消防法》不能停车。",
        "青禾路宽6.5米，划线后消防车过不去。",
        "因为这段路两侧都是学校出入口，上下学时要临时停靠。",
        "现状管线密集，无法开挖。",
    ],
)
def test_a_refusal_with_a_fact_or_a_cause(reason: str) -> None:
    assert replies.bare_refusals([refused(1, reason)]) == ()


@pytest.mark.parametrize(
    ("reason", "is_hollow"),
    [
        ("感谢您的关心和支持。", True),
        ("感谢您的宝贵意见，我们将认真研究，在下一步工作中予以考虑。", True),
        ("您的建议已收悉，将会同有关部门统筹推进。", True),
        ("感谢建议。青禾路夜间停车已写入第三章第二节。", False),
        ("将在2027年停车专项中安排勘察。", False),
    ],
)
def test_thanks_alone_are_no_answer(reason: str, is_hollow: bool) -> None:
    assert bool(replies.hollow([answered(1, "noted", reason)])) is is_hollow
    assert replies.hollow([answered(1, "adopted", reason)]) == ()


@pytest.mark.parametrize(
    ("reason", "is_lost"),
    [
        ("不属于本次征询范围。", True),
        ("超出规划内容，不予讨论。", True),
        ("请向区交警支队反映，电话12345。", False),
        ("这件事由区住房保障和房屋管理局负责办理。", False),
        ("已转交石埠街道办事处。", False),
    ],
)
def test_out_of_scope_says_where_to_go(reason: str, is_lost: bool) -> None:
    assert bool(replies.nowhere_to_go([answered(1, "out_of_scope", reason)])) is is_lost


def test_set_phrases() -> None:
    assert replies.jargon([refused(1, "将统筹推进、压茬推进，形成闭环。")]) == (1,)
    assert replies.jargon([refused(1, "明年三月前完成划线。")]) == ()


def test_a_reason_beside_the_point() -> None:
    beside = [refused(1, "学校食堂由教育局统一招标采购食材。")]
    assert replies.beside_the_point(beside, {}) == (1,)
    assert replies.beside_the_point([refused(1, "青禾路是消防通道，不能增设停车位。")], {}) == ()


def test_a_reason_may_speak_of_the_item_instead_of_the_words() -> None:
    said = replace(
        refused(1, "站点覆盖率的测算口径与全市一致，不宜单独上调。"),
        text="这个数字定得太低了，看着就没有信心，应该往上再提一提。",
        links=(Link("indicator", "i1", None, "resident"),),
    )
    assert replies.beside_the_point([said], {}) == (1,)
    assert replies.beside_the_point([said], {"i1": "指标1 公交站点300米覆盖率"}) == ()


def test_a_snapshot_thaws_to_what_was_frozen() -> None:
    content = compiled(voice(1, cluster="a"), voice(2), voice(3, left_out="提交人已撤回"))
    assert thaw(DigestContent, json.loads(json.dumps(to_json(content)))) == content
    report = reported(voice(1, **DECIDED))
    assert thaw(AdoptionContent, json.loads(json.dumps(to_json(report)))) == report


def test_a_very_long_list_is_left_to_the_workbook() -> None:
    paper = digest_paper(compiled(*(voice(n) for n in range(1, LISTED_IN_FULL + 2))))
    assert paper.blocks[-1] == Note(f"1–{LISTED_IN_FULL + 1}")
    assert "逐条明细见同一摘要的表格文件" in paper.blocks[0].text  # Said where reading begins.
    short = digest_paper(compiled(voice(1)))
    assert "表格文件" not in short.blocks[0].text
    assert isinstance(short.blocks[-1], Table)
