"""What the public pages work out: progress of an indicator, tables, neighbours."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.models import Indicator, Section
from backend.portal import rules, tables


def _indicator(**fields: object) -> Indicator:
    fields.setdefault("name", "甲")
    return Indicator(plan_version_id=1, key="i1", position=0, **fields)


@pytest.mark.parametrize(
    ("fields", "share"),
    [
        ({"current": "7.6", "target": "9.5以上"}, 0.8),
        ({"baseline": "3,800", "target": "7600张"}, 0.5),
        ({"current": "12", "target": "10"}, 1.0),
        ({"current": "40", "target": "30", "bound": "at_most"}, 0.75),
        ({"current": "", "target": "10"}, None),
        ({"current": "5", "target": None}, None),
        ({"current": "5", "target": "10", "redacted": True}, None),
        ({"current": "0", "target": "10"}, None),
        ({"current": "达标", "target": "全部达标"}, None),
        ({"name": "地区生产总值年均增速", "current": "5.1", "target": "5左右"}, None),
        ({"name": "新增公共停车泊位", "baseline": "3000", "target": "4000"}, None),
        ({"name": "新增公共停车泊位", "current": "3000", "target": "4000"}, 0.75),
    ],
)
def test_progress_is_told_only_where_it_can_be(
    fields: dict[str, object], share: float | None
) -> None:
    assert rules.reached(_indicator(**fields)) == share


def _section(key: str, level: int, parent: str | None) -> Section:
    return Section(
        plan_version_id=1, key=key, parent_key=parent, position=0, level=level, title=key
    )


def test_one_reads_on_at_the_same_or_a_higher_level() -> None:
    rows = [
        _section("a", 1, None),
        _section("a1", 2, "a"),
        _section("a2", 2, "a"),
        _section("b", 1, None),
    ]

    def keys(at: int) -> tuple[str | None, str | None]:
        before, after = rules.neighbours(rows, rows[at])
        return (before and before.key, after and after.key)

    assert [keys(n) for n in range(4)] == [
        (None, "b"),
        ("a", "a2"),
        ("a1", "b"),
        ("a", None),
    ]
    assert [s.key for s in rules.ancestors(rows, rows[2])] == ["a"]


@dataclass(frozen=True)
class _Line:
    text: str
    is_item: bool = False


def test_rows_of_a_table_stand_together_again() -> None:
    lines = [
        _Line("主要指标见表1。"),
        _Line("序号 | 指标名称 | 目标"),
        _Line("--- | --- | ---"),
        _Line("1 | 人均公园绿地 | 9.5", is_item=True),
        _Line("2\t养老床位\t6800"),
        _Line("以上指标按年评估。"),
        _Line("甲 | 乙 | 丙"),
    ]
    before, table, after, lonely = tables.blocks(lines)
    assert (before, after, lonely) == (lines[0], lines[5], lines[6])
    assert isinstance(table, tables.TableBlock)
    assert table.head == ("序号", "指标名称", "目标")
    assert [cells for _, cells in table.rows] == [
        ("1", "人均公园绿地", "9.5"),
        ("2", "养老床位", "6800"),
    ]


def test_a_table_may_have_no_head() -> None:
    (table,) = tables.blocks([_Line("1 | 甲 | 2"), _Line("2 | 乙 | 3")])
    assert isinstance(table, tables.TableBlock)
    assert table.head == ()
    assert len(table.rows) == 2


@given(st.lists(st.text(alphabet="甲1|｜\t-: \n", max_size=12), max_size=12))
def test_no_paragraph_is_lost(texts: list[str]) -> None:
    lines = [_Line(text) for text in texts]
    seen = 0
    for block in tables.blocks(lines):
        seen += len(block.rows) + bool(block.head) if isinstance(block, tables.TableBlock) else 1
    rules_of_tables = [t for t in texts if tables._RULE.fullmatch(t)]
    assert len(lines) - len(rules_of_tables) <= seen <= len(lines)
