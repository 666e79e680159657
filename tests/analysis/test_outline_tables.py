"""Heads of indicator tables as plans print them: which column is the target, which the baseline."""

import pytest

from analysis.outline.indicators import read_table
from analysis.outline.period import Period

PLAN = Period(15, 2026)
Rows = list[tuple[str | None, str | None, str | None, str | None]]


def read(table: str, period: Period = PLAN) -> Rows:
    """Name, unit, baseline and target of each row; current values count as neither."""
    grid = tuple(tuple(line.split("|")) for line in table.strip().splitlines())
    found = read_table(grid, "表1 主要指标", "s1", period)
    return [(i.name, i.unit, i.baseline, i.target) for i in found]


@pytest.mark.parametrize(
    "table",
    [
        "序号|指标|单位|目标值|目标值|属性\n序号|指标|单位|2025年|2030年|属性\n"
        "1|床位|张|10|20|约束性\n2|绿地率|%|30|40|预期性",
        "指标|单位|2020年|2025年|2030年|属性\n床位|张|5|10|20|约束性\n绿地率|%|20|30|40|预期性",
        "类别|指标名称|单位|“十四五”末完成值|“十五五”末目标值|指标性质\n"
        "民生|床位|张|10|20|约束性\n民生|绿地率|%|30|40|预期性",
        "序号|指标名称|2030年目标值|2025年基期值|单位|属性\n"
        "1|床位|20|10|张|约束性\n2|绿地率|40|30|%|预期性",
        "一级指标|二级指标|三级指标|2025年|2030年|属性\n"
        "民生|养老|床位（张）|10|20|约束性\n生态|绿化|绿地率（%）|30|40|预期性",
        "序号|指标|2025年|2030年\n1|床位（张）【约束性】|10|20\n2|绿地率（%）【预期性】|30|40",
        "序号|指标名称|计量单位|属性|2025年实际|2030年目标|责任部门\n"
        "1|床位|张|约束性|10|20|民政局\n2|绿地率|%|预期性|30|40|绿化局",
        "序号|指标|单位|2021-2025年|2026-2030年|属性\n"
        "1|床位|张|10|20|约束性\n2|绿地率|%|30|40|预期性",
    ],
    ids=["merged", "two-plans-back", "ordinals", "target-first", "three-levels", "kind-in-name",
         "departments", "ranges"],
)  # fmt: skip
def test_the_target_is_the_plans_last_year_and_the_baseline_the_year_before_it(table: str) -> None:
    expected = [("床位", "张", "10", "20"), ("绿地率", "%", "30", "40")]
    assert read(table) == expected


def test_a_year_inside_the_plan_is_no_baseline() -> None:
    table = (
        "序号|指标名称|单位|规划目标|规划目标|属性\n序号|指标名称|单位|2027年|2030年|属性\n"
        "1|床位|张|15|20|约束性\n2|绿地率|%|35|40|预期性"
    )
    assert [row[2:] for row in read(table)] == [(None, "20"), (None, "40")]


def test_without_a_period_the_year_five_before_is_the_baseline() -> None:
    table = "指标|单位|2025年|2030年|属性\n床位|张|10|20|约束性\n绿地率|%|30|40|预期性"
    assert [row[2:] for row in read(table, Period())] == [("10", "20"), ("30", "40")]


def test_growth_stands_in_where_there_is_no_level() -> None:
    table = (
        "序号|指标|单位|2025年|2030年|[累计]|属性\n"
        "1|新建学校|所|—|—|[20]|约束性\n2|床位|张|1|2|[1]|预期性"
    )
    assert [row[3] for row in read(table)] == ["[20]", "2"]
