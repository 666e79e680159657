"""Kinds of plans the rules were not made from; the figures were counted by reading the text."""

import pytest

from analysis.contracts import ParsedPlan, TargetSource, TaskKind
from analysis.documents import read_bytes
from analysis.outline import parse
from tests.analysis import plan_shapes


def read(text: str) -> ParsedPlan:
    return parse(read_bytes(text.encode(), "规划"))


def outline(plan: ParsedPlan) -> list[tuple[int, str | None, str]]:
    return [(section.level, section.number, section.title) for section in plan.sections]


def prose(plan: ParsedPlan) -> dict[str, str | None]:
    return {i.name: i.target for i in plan.indicators if i.source is TargetSource.PROSE}


def table(plan: ParsedPlan) -> list[tuple[str, str | None, str | None]]:
    rows = [i for i in plan.indicators if i.source is TargetSource.TABLE]
    return [(i.name, i.unit, i.target) for i in rows]


def tasks(plan: ParsedPlan, kind: TaskKind = TaskKind.TASK) -> list[str]:
    return [task.title for task in plan.tasks if task.kind is kind]


def codes(plan: ParsedPlan) -> list[str]:
    return [warning.code for warning in plan.warnings]


def test_a_sector_plan_of_chapters_and_sections() -> None:
    plan = read(plan_shapes.SECTOR)
    assert len(plan.sections) == 22
    assert outline(plan)[13:18] == [
        (3, "二", "推进成果转化"),
        (2, "第二节", "丰富产品供给"),
        (3, "一", "发展康复辅助器具"),
        (3, "二", "推进居家适老化改造"),
        (1, "第四章", "组织实施"),
    ]
    assert table(plan) == [
        ("产业营业收入", "万亿元", "4.2"),
        ("规模以上企业数量", "家", "3500"),
        ("研发经费投入强度", "%", "3.5"),
        ("每万名职工有效发明专利", "件", "110"),
        ("产品质量抽检合格率", "%", "≥95"),
        ("国家和行业标准", "项", "400"),
    ]
    found = prose(plan)
    assert found["适老用品产业规模"] == "翻一番"
    assert found["关键技术"] == "30"
    assert found["惠及老年人"] == "200"
    assert found["改造后回访满意度"] == "90"
    assert "15" not in found.values()
    assert len(tasks(plan, TaskKind.BOX_ITEM)) == 3
    assert codes(plan) == []


def test_a_work_report_with_promises_in_a_list() -> None:
    plan = read(plan_shapes.REPORT)
    assert plan.issuer == "溪口县人民政府"
    assert [title for level, _, title in outline(plan) if level == 2] == [
        "突出产业为先，全力以赴推动工业经济提质增效",
        "突出扩大内需，千方百计激发市场潜力",
        "突出民生为本，用心用情增进群众福祉",
        "突出安全为要，坚决守牢发展底线",
    ]
    found = prose(plan)
    assert (found["城镇居民人均可支配收入增长"], found["农村居民人均可支配收入增长"]) == (
        "5.5",
        "7",
    )
    assert (found["食品加工产值"], found["竹木家居产值"]) == ("80", "50")
    assert (found["消费券"], found["独居老人智能看护设备"]) == ("1000", "1000")
    assert found["文件、会议压减"] == "10"
    assert not set(found.values()) & {"312", "6.3", "9.1", "4200", "28"}
    named = tasks(plan)
    assert named[:5] == [
        "聚力壮大主导产业",
        "聚力做强开发区平台",
        "聚力培育创新主体",
        "扩大有效投资",
        "促进消费扩容",
    ]
    assert "更新改造燃气管道40公里" in named
    assert len(named) == 18


def test_a_five_year_outline_of_volumes() -> None:
    plan = read(plan_shapes.OUTLINE)
    assert [title for level, _, title in outline(plan) if level == 1] == [
        "序言",
        "开启新征程",
        "建设现代化产业体系",
        "建设美丽家园",
    ]
    assert len(table(plan)) == 8
    assert ("森林覆盖率", "%", ">68") in table(plan)
    found = prose(plan)
    assert [found[f"{what}排放总量减少"] for what in ("化学需氧量", "氨氮", "氮氧化物")] == [
        "8",
        "8",
        "10",
    ]
    assert [found[f"{what}综合产值"] for what in ("茶叶", "咖啡", "坚果")] == ["200", "80", "60"]
    assert found["劳动年龄人口平均受教育年限"] == "11.5"
    assert found["每千人口拥有执业（助理）医师"] == "3.6"
    assert found["单位地区生产总值二氧化碳排放下降"] == "17"
    assert tasks(plan, TaskKind.BOX_ITEM) == ["高原湖泊治理工程", "国土绿化工程"]
    share = next(i for i in plan.indicators if i.name == "工业增加值占比提高")
    assert share.unit == "个百分点"
    assert codes(plan) == []


def test_flattened_columns_under_a_head_no_list_knows() -> None:
    plan = read(plan_shapes.MIDTERM)
    rows = [i for i in plan.indicators if i.source is TargetSource.TABLE]
    assert [(i.name, i.target, i.current, i.assessment) for i in rows][:2] == [
        ("养老床位总数", "4800", "4320", "符合预期"),
        ("护理型床位占比", "60以上", "52.4", "滞后"),
    ]
    assert len(rows) == 8
    found = prose(plan)
    assert set(found.values()) == {"6", "400", "15", "95", "1000"}
    assert tasks(plan) == [
        "加快机构改造",
        "增加社区设施",
        "开展护理员技能培训不少于1000人次",
        "提高护理员待遇",
        "推进校企合作",
    ]


def test_a_list_of_duties_is_no_heading_and_an_address_ends_before_its_postcode() -> None:
    plan = read(plan_shapes.RULES)
    assert [number for level, number, _ in outline(plan) if level == 2] == [
        "第一条",
        "第二条",
        "第三条",
        "第四条",
        "第五条",
        "第六条",
        "第七条",
    ]
    assert plan.notice is not None
    assert plan.notice.postal_address == "临江市滨河路88号城市管理局法规科"
    assert plan.notice.postcode == "333000"
    assert codes(plan) == []


def test_decimal_numbers_before_words_that_begin_like_units() -> None:
    plan = read(plan_shapes.SPATIAL)
    assert [(number, title) for _, number, title in outline(plan)][11:19] == [
        ("4", "对外交通"),
        ("4.1", "铁路"),
        ("4.1.1", "规划线位"),
        ("4.1.2", "枢纽布局"),
        ("4.2", "公路"),
        ("5", "公共交通"),
        ("5.1", "轨道交通"),
        ("5.2", "常规公交"),
    ]
    assert [row[2] for row in table(plan)] == ["80", "55", "≤30", "60", "0.8"]
    found = prose(plan)
    assert found["轨道交通线路"] == "4"
    assert found["500米站点覆盖率"] == "100"
    assert tasks(plan, TaskKind.MAJOR_PROJECT) == [
        "滨海大道改造工程",
        "东澳枢纽站",
        "绿道贯通工程",
    ]
    # 75 % in 2030 and 80 % in 2035 do not contradict each other.
    assert codes(plan) == []


def test_a_government_page_of_nested_tables() -> None:
    plan = read(plan_shapes.WATER_PAGE)
    assert plan.title == "河源口市水网建设“十五五”规划"
    assert [(number, title) for level, number, title in outline(plan) if level == 2] == [
        ("（一）", "指导思想"),
        ("（二）", "主要目标"),
        ("（三）", "完善骨干水系通道"),
        ("（四）", "夯实水源调蓄节点"),
        ("（五）", "建设数字孪生水网"),
    ]
    assert [row[2] for row in table(plan)] == ["85", "[1.5]", "[12]", "97", "92以上"]
    assert tasks(plan, TaskKind.MAJOR_PROJECT) == ["东水西调工程", "青岭水库工程"]
    assert codes(plan) == []
    texts = [p.text for section in plan.sections for p in section.passages]
    assert not any("打印" in text or "ICP" in text or "索 引 号" in text for text in texts)


def test_an_action_plan_with_targets_by_year_and_a_list_of_annexes() -> None:
    plan = read(plan_shapes.ACTION)
    assert plan.title == "松陵市数字经济三年行动方案（2026—2028年）"
    assert [title for level, _, title in outline(plan) if level == 1] == [
        "前言",
        "工作目标",
        "主要任务",
        "组织保障",
    ]
    by_year = [(i.target, i.period) for i in plan.indicators if i.name == "智能工厂"]
    assert by_year == [("60", "力争到2028年底"), ("20", "2026年"), ("40", "2027年")]
    assert "平均办理时限压缩" in prose(plan)
    assert tasks(plan) == [
        "布局算力网络",
        "完善5G网络",
        "推动工业“智改数转”",
        "发展智慧农业",
        "深化“一网通办”",
        "强化统筹",
        "强化考核",
    ]
    assert codes(plan) == []


def test_a_table_flattened_row_by_row_with_categories_between() -> None:
    plan = read(plan_shapes.ENVIRONMENT)
    assert plan.is_draft is True
    assert table(plan) == [
        ("PM2.5年均浓度", "微克/立方米", "≤25"),
        ("优良天数比率", "%", "88"),
        ("地表水国控断面优良比例", "%", "100"),
        ("单位GDP二氧化碳排放下降", "%", "≥18"),
        ("新能源汽车新车销售占比", "%", "70"),
        ("生活垃圾资源化利用率", "%", "65"),
        ("一般工业固废综合利用率", "%", "96"),
    ]
    found = prose(plan)
    assert (found["社会资本"], found["年处置能力"], found["入河排污口"]) == ("30", "12", "320")
    assert "28" not in found.values()
    assert codes(plan) == []


def test_numbers_with_only_a_blank_behind_them_and_numbered_actions() -> None:
    plan = read(plan_shapes.STREET)
    assert outline(plan) == [
        (1, "第一部分", "基本情况"),
        (2, "一", "工作基础"),
        (2, "二", "主要短板"),
        (1, "第二部分", "行动目标"),
        (1, "第三部分", "主要行动"),
        (2, "行动一", "安居行动"),
        (2, "行动二", "宜行行动"),
        (2, "行动三", "乐养行动"),
        (1, "第四部分", "实施保障"),
        (2, "一", "组织保障"),
        (2, "二", "经费保障"),
    ]
    assert not set(prose(plan).values()) & {"4.2", "12", "6.8", "3", "86"}
    assert codes(plan) == []


def test_a_state_plan_behind_a_letter_with_its_annex_elsewhere() -> None:
    plan = read(plan_shapes.YOUTH)
    assert plan.issuer == "国务院"
    assert [number for level, number, _ in outline(plan) if level == 2] == [
        f"（{n}）" for n in "一二三四五六七八九"
    ]
    assert plan.sections[-1].title == "强化督导评价"
    found = prose(plan)
    assert found["总体近视率每年降低"] == "0.5"
    assert found["中小学生每天综合体育活动时间"] == "2"
    assert len(tasks(plan, TaskKind.BOX_ITEM)) == 3
    assert codes(plan) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、主要目标\n到2030年，河道水质稳定达到Ⅲ类标准。", ("河道水质", "Ⅲ类标准")),
        ("一、主要目标\n审批时限压缩至3个工作日。", ("审批时限", "3")),
        ("一、主要目标\n力争新增建设用地实现零增长。", ("新增建设用地", "零增长")),
        ("一、主要任务\n推动50家企业上云用数。", ("企业上云用数", "50")),
        ("一、主要目标\n“十五五”期间，实际利用外资20亿美元。", ("实际利用外资", "20")),
    ],
)
def test_ends_that_are_grades_times_or_no_figures(text: str, expected: tuple[str, str]) -> None:
    assert expected in prose(read(text)).items()


@pytest.mark.parametrize(
    "text",
    [
        "一、主要任务\n建设15分钟社区生活圈，完善30分钟应急圈。",
        "一、主要任务\n工程涉及12个街镇，位于城区东侧。",
        "一、主要任务\n“十四五”期间建成公园12座，本规划再接再厉，推动“十五五”发展。",
    ],
)
def test_names_places_and_the_past_are_no_targets(text: str) -> None:
    assert prose(read("临河区“十五五”规划\n" + text)) == {}
