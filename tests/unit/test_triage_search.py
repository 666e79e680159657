"""The search line: read, written back, and never trusted further than it is understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.triage.search import KEYS, SORTS, Term, parse, sort_key


def test_the_whole_grammar() -> None:
    found = parse(
        '状态:待处理 章节:3.2 负责人:我 标签:交通 渠道:邮件 提交>2026-11-01 -重复 "原文 短语"'
    )
    assert found.hints == ()
    assert found.terms == (
        Term("handling", "new"),
        Term("section", "3.2"),
        Term("officer", "我"),
        Term("tag", "交通"),
        Term("channel", "email"),
        Term("received", "2026-11-01", ">"),
        Term("flag", "duplicate", negated=True),
        Term("text", "原文 短语"),
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("状态：未办结", "状态:未办结"),
        ("-渠道:网站", "-渠道:网站"),
        ("“公交 站”", '"公交 站"'),
        ('"重复"', '"重复"'),
        ("支持>=10", "联署>=10"),
        ('街镇:"石埠 街道"', '街镇:"石埠 街道"'),
        ("渠道:12345", "渠道:12345转办"),
        ("提交＜2026-11-01", "提交<2026-11-01"),
        ("公交 公交", "公交"),
    ],
)
def test_the_line_is_written_canonically(line: str, text: str) -> None:
    assert parse(line).text == text


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("密码:123", "密码"),
        ("联系电话:138", "联系电话"),
        ("状态:没有这个", "没有这个"),
        ("提交>昨天", "昨天"),
        ("联署>很多", "很多"),
        ("渠道>网站", "渠道"),
    ],
)
def test_what_is_not_understood_is_explained_and_ignored(line: str, word: str) -> None:
    found = parse(line)
    assert found.terms == ()
    assert word in found.hints[0]


_lines = st.lists(
    st.one_of(
        st.text(max_size=12),
        st.builds(
            "{}{}{}{}".format,
            st.sampled_from(["", "-"]),
            st.sampled_from([*KEYS, "别的", ""]),
            st.sampled_from([":", "：", ">", "<=", ""]),
            st.sampled_from(
                ["待处理", "网站", '"a b"', "2026-11-01", "12", "无", "“x", '"', "-重复"]
            ),
        ),
    ),
    max_size=6,
).map(" ".join)


@given(_lines)
def test_any_line_round_trips_through_its_chips(line: str) -> None:
    found = parse(line)
    again = parse(found.text)
    assert again.terms == found.terms
    assert again.hints == ()
    assert again.text == found.text


def test_a_chip_is_taken_away_and_a_choice_replaces_another() -> None:
    found = parse("渠道:网站 公交")
    assert found.without(found.terms[0]) == "公交"
    assert found.with_value("channel", "email").text == "公交 渠道:电子邮件"
    assert found.with_value("channel", "").text == "公交"


def test_only_known_orders_reach_the_database() -> None:
    assert sort_key("received_at; DROP TABLE comment") == "newest"
    assert all(sort_key(key) == key for key in SORTS)
