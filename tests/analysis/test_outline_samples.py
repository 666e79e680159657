"""Plans of several shapes, read as an editor would read them."""

from datetime import date

import pytest

from analysis.contracts import Bound, IndicatorKind, ParsedPlan, TargetSource, TaskKind
from analysis.documents import read_bytes
from analysis.outline import parse
from analysis.outline.warnings import CODES
from tests.analysis import plan_samples

BODY = "推进各项工作。" * 4


def read(text: str) -> ParsedPlan:
    return parse(read_bytes(text.encode(), "规划.txt"))


def outline(plan: ParsedPlan) -> list[tuple[int, str | None, str]]:
    return [(section.level, section.number, section.title) for section in plan.sections]


@pytest.fixture(scope="module")
def district() -> ParsedPlan:
    return read(plan_samples.DISTRICT)


def test_the_cover_and_the_notice_are_read(district: ParsedPlan) -> None:
    assert district.title == "临河区公共服务“十五五”规划"
    assert district.issuer == "临河区发展和改革委员会"
    assert district.is_draft is True
    notice = district.notice
    assert notice is not None
    assert (notice.published_on, notice.deadline) == (date(2026, 11, 1), date(2026, 11, 30))
    assert (notice.email, notice.postcode) == ("plan@linhe.example", "200999")
    assert notice.postal_address == "临河区文昌路18号306室规划科"


def test_a_heading_that_lost_its_number_takes_the_place_the_numbers_leave(
    district: ParsedPlan,
) -> None:
    lost = next(section for section in district.sections if section.title == "发展普惠托育")
    assert (lost.level, lost.number, lost.inferred) == (2, None, True)
    assert [s.title for s in district.sections if s.parent == lost.parent] == [
        "完善养老服务",
        "发展普惠托育",
        "提升医疗服务",
    ]


def test_table_indicators_are_exact_and_past_achievements_are_no_targets(
    district: ParsedPlan,
) -> None:
    table = [i for i in district.indicators if i.source is TargetSource.TABLE]
    assert [(i.no, i.name, i.unit, i.target) for i in table] == [
        ("1", "每千人口托位数", "个", "5.5以上"),
        ("2", "养老床位总数", "张", "3200"),
        ("3", "人均体育场地面积", "平方米", "1.1"),
        ("4", "单位面积能耗下降率", "%", "**"),
        ("5", "社区食堂数", "家", "30"),
    ]
    assert [i.kind for i in table].count(IndicatorKind.BINDING) == 2
    assert table[0].bound is Bound.AT_LEAST
    assert [i.redacted for i in table] == [False, False, False, True, False]
    assert not any(i.target == "900" for i in district.indicators)


def test_prose_targets_keep_value_unit_bound_and_redaction(district: ParsedPlan) -> None:
    prose = {i.name: i for i in district.indicators if i.source is TargetSource.PROSE}
    assert prose["每千人口托位数"].target == "5.5"
    assert prose["每千人口托位数"].bound is Bound.AT_LEAST
    assert prose["每千人口托位数"].period == "到2030年"
    assert prose["新增护理型床位"].redacted
    assert prose["街镇"].target == "全覆盖"


def test_tasks_come_from_leads_semicolons_boxes_and_bare_sections(district: ParsedPlan) -> None:
    tasks = [(task.title, task.kind) for task in district.tasks]
    assert tasks == [
        ("优化机构布局", TaskKind.TASK),
        ("丰富助餐供给", TaskKind.TASK),
        ("文昌养老院扩建", TaskKind.BOX_ITEM),
        ("助餐点补点工程", TaskKind.BOX_ITEM),
        ("推进园区办托", TaskKind.TASK),
        ("支持幼儿园开设托班", TaskKind.TASK),
        ("完善照护人员培训", TaskKind.TASK),
        ("提升医疗服务", TaskKind.TASK),
        ("加强组织领导", TaskKind.TASK),
        ("强化评估", TaskKind.TASK),
    ]
    (box,) = district.boxes
    assert box.items == ("t3", "t4")


def test_the_editor_is_warned_of_what_does_not_add_up(district: ParsedPlan) -> None:
    found = {warning.code for warning in district.warnings}
    assert found >= {
        "contradiction",
        "two_values",
        "redaction",
        "numbering_gap",
        "lost_number",
        "cut_sentence",
    }
    assert found <= set(CODES)
    contradiction = next(w for w in district.warnings if w.code == "contradiction")
    assert "4" in contradiction.message
    assert "5" in contradiction.message


def test_terms_are_explained(district: ParsedPlan) -> None:
    assert [entry.term for entry in district.glossary] == ["社区食堂", "普惠托育"]


def test_a_sector_plan_with_run_in_headings_and_a_table_inside_a_box() -> None:
    plan = read(plan_samples.NATIONAL)
    assert plan.title == "“十四五”智慧港航发展规划"
    assert plan.issuer == "国务院办公厅"
    assert [line for line in outline(plan) if line[0] == 1] == [
        (1, None, "前言"),
        (1, "一", "发展环境"),
        (1, "二", "总体要求"),
        (1, "三", "完善智慧港航基础设施"),
        (1, "四", "提升运输服务水平"),
        (1, "五", "保障措施"),
    ]
    assert (2, "（一）", "建设智慧码头") in outline(plan)
    table = [i for i in plan.indicators if i.source is TargetSource.TABLE]
    assert [(i.no, i.name, i.unit, i.baseline, i.target) for i in table] == [
        ("1", "港口集装箱铁水联运量年均增长率", "%", "—", "15"),
        ("2", "沿海主要港口岸电使用量", "万千瓦时", "5400", "8000"),
        ("3", "自动化码头数量", "座", "10", "40"),
    ]
    assert "智慧码头建设工程" in {t.title for t in plan.tasks if t.kind is TaskKind.BOX_ITEM}


def test_a_work_report_looks_back_without_targets_and_ahead_with_them() -> None:
    plan = read(plan_samples.WORK_REPORT)
    assert (2, "（一）", "大力发展新质生产力，加快建设现代化产业体系") in outline(plan)
    targets = {(i.name, i.target) for i in plan.indicators}
    assert ("新增规上工业企业", "100") in targets
    assert not {t for _, t in targets} & {"6.1", "210", "12", "2.3"}
    assert "推动工业强市" in {task.title for task in plan.tasks}


def test_decimal_numbers_nest() -> None:
    plan = read(plan_samples.DECIMAL)
    assert outline(plan)[:3] == [(1, "1", "总则"), (2, "1.1", "编制背景"), (2, "1.2", "规划期限")]
    assert (3, "3.1.1", "加固堤防") in outline(plan)
    assert plan.indicators[0].bound is Bound.AT_MOST


def test_articles_are_sections_and_one_without_a_title_takes_its_first_clause() -> None:
    plan = read(plan_samples.ARTICLES)
    assert (2, "第一条", "目的和依据") in outline(plan)
    assert (2, "第四条", "更新项目应当公开征求意见") in outline(plan)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["（一）甲", "一、乙", BODY, "二、丙", BODY, "（二）丁", "一、戊", BODY], [1, 2, 2, 1, 2]),
        (["第一篇 甲篇", "第一章 甲章", BODY, "第二篇 乙篇", "第二章 乙章", BODY], [1, 2, 1, 2]),
        (["1. 总则", "1.1 目的", BODY, "2. 任务", "2.1 行动", BODY], [1, 2, 1, 2]),
        (["第一部分 甲", "（一）乙", "1、丙", BODY, "（1）丁", BODY], [1, 2, 3, 4]),
        (
            ["1、总则", "1.1 目的", "1.1.1 甲", BODY, "2、乙", "2.1 丙", BODY, "3、丁"],
            [1, 2, 3, 1, 2, 1],
        ),
    ],
)  # fmt: skip
def test_levels_follow_the_document_and_not_custom(lines: list[str], expected: list[int]) -> None:
    assert [section.level for section in read("\n".join(lines)).sections] == expected


def test_a_heading_that_ran_into_its_text_is_cut_off() -> None:
    plan = read(
        "第一章 建设宜居家园坚持以人为本，围绕居民需求推进更新。\n"
        "第二章 提升服务\n推进服务下沉，方便群众。"
    )
    assert plan.sections[0].title == "建设宜居家园"
    assert plan.sections[0].passages[0].text.startswith("坚持以人为本")


def test_contents_are_evidence_and_never_text() -> None:
    contents = ["目 录", "第一章 总体要求......1", "第二章 主要任务......3", "一、改善环境......3"]
    body = [
        "第一章 总体要求",
        "坚持以人为本，推动发展。",
        "第二章 主要任务",
        "一、改善环境 推进绿化建设，增加公园。",
    ]
    plan = read("\n".join(contents + body))
    assert [s.title for s in plan.sections] == ["总体要求", "主要任务", "改善环境"]
    assert plan.sections[2].passages[0].text == "推进绿化建设，增加公园。"


def test_a_secrecy_marking_is_reported_with_its_words() -> None:
    plan = read("内部资料 注意保密\n临河区规划纲要\n一、总体要求\n推动高质量发展，改善民生。")
    assert plan.warnings[0].code == "secrecy_marking"
    assert plan.warnings[0].quote == "内部资料注意保密"


def test_an_earlier_periods_table_is_not_the_plans() -> None:
    lines = [
        "临河区“十四五”规划",
        "一、回顾",
        "“十三五”指标完成情况表",
        "序号 | 指标名称 | 单位 | 属性 | “十三五”目标 |",
        "1 | 绿地率 | % | 约束性 | 30 |",
        "2 | 床位 | 张 | 预期性 | 90 |",
        "二、“十四五”任务",
        "推进绿化，增加公园。",
    ]
    assert read("\n".join(lines)).indicators == ()


def test_a_menu_vanishes_and_a_measure_with_its_words_stays() -> None:
    plan = read(
        "无障碍浏览 | 适老化模式 | 登录\n一、主要任务\n完善无障碍设施\n统一登录入口\n"
        "（一）完善无障碍设施。\n推进坡道改造，方便居民出行。"
    )
    texts = [p.text for section in plan.sections for p in section.passages]
    titles = [section.title for section in plan.sections]
    assert not any("适老化" in text for text in texts)
    assert {"完善无障碍设施", "统一登录入口"} <= {*texts, *titles}


def test_numbers_that_count_on_through_the_chapters_and_remarks_are_no_faults() -> None:
    plan = read(
        f"一、任务\n（一）甲工作\n{BODY}\n（二）乙工作\n推进甲工作，落实乙工作，由各部门办理。（市甲局、市乙局负责）\n"
        f"二、保障\n（三）丙工作\n注：累计数，为五年合计，不含上年结转部分\n{BODY}\n（五）丁工作\n{BODY}"
    )
    assert [w.code for w in plan.warnings] == ["numbering_gap"]


def test_addresses_and_introductions_are_no_tasks_and_each_lead_is_one() -> None:
    plan = read(
        "一、2030年重点工作\n（一）全力抓项目，夯实发展基础。扩大投资规模。实施项目20个，完成年度投资30亿元。"
        "引育优质主体。引进研发机构12家，新增学会站点30个。\n"
        "（二）守护河湖安澜，让水岸更亲近。安全是底线。完善防汛体系。加装水闸监测设备40台，建立会商制度。\n"
        "各位代表！号角已经吹响。让我们为建设幸福家园而努力奋斗！"
    )
    assert [t.title for t in plan.tasks] == ["扩大投资规模", "引育优质主体", "完善防汛体系"]
    assert [(i.name, i.target) for i in plan.indicators][:3] == [
        ("项目", "20"),
        ("年度投资", "30"),
        ("研发机构", "12"),
    ]
    assert "40" in {i.target for i in plan.indicators}


def test_values_in_parallel_are_one_target_for_each_name() -> None:
    plan = read(
        "一、主要目标\n到2030年，中水回用率、雨水利用率和管网检测率分别达到30%、12%以上和100%，"
        "完成老旧管网改造75公里。"
    )
    assert [(i.name, i.target, i.bound, i.period) for i in plan.indicators][:3] == [
        ("中水回用率", "30", None, "到2030年"),
        ("雨水利用率", "12", Bound.AT_LEAST, "到2030年"),
        ("管网检测率", "100", None, "到2030年"),
    ]
    assert ("老旧管网改造", "75") in {(i.name, i.target) for i in plan.indicators}


def test_the_text_tells_a_review_from_measures_where_the_title_does_not() -> None:
    plan = read(
        "一、走路这件事\n五年来，新增步道30公里，步道总长增长到90公里，完成了12座天桥改造。\n"
        "二、走路更连续\n到2030年，推进步道贯通，新建步道40公里，加快补齐过街设施。"
    )
    assert [i.target for i in plan.indicators] == ["40"]
    assert {t.section for t in plan.tasks} == {"s2"}


def test_a_notice_with_numbered_parts_stays_before_the_plan() -> None:
    plan = read(
        "关于公开征求《青浦河区慢行系统规划（征求意见稿）》意见的通知\n"
        "一、起草说明\n为完善慢行系统，我委起草了规划。\n"
        "二、征求意见的方式\n电子邮箱：walk@qph.example。\n"
        "三、征求意见的时间\n2026年11月2日至2026年12月2日。\n附件：\n"
        "青浦河区慢行系统规划\n（征求意见稿）\n"
        "一、总体要求\n坚持以人为本，推动慢行系统连续、安全、便利。\n"
        f"二、主要任务\n（一）贯通步道\n{BODY}{BODY}\n（二）补齐过街设施\n{BODY}{BODY}\n"
        f"三、保障措施\n{BODY}{BODY}\n"
        "附件\n重点项目安排\n1.东岸步道：贯通5公里。"
    )
    assert [s.title for s in plan.sections if s.level == 1] == [
        "前言",
        "总体要求",
        "主要任务",
        "保障措施",
        "附件 重点项目安排",
    ]
    assert plan.title == "青浦河区慢行系统规划"
    assert plan.notice is not None
    assert plan.notice.deadline == date(2026, 12, 2)


def test_a_report_names_its_government_and_explains_its_terms() -> None:
    plan = read(
        "政府工作报告\n——2030年1月9日在临河区第五届人民代表大会第三次会议上\n区长 李四\n"
        "各位代表：\n现在，我代表区人民政府，向大会报告工作。\n"
        f"一、重点工作\n{BODY}\n二、自身建设\n{BODY}\n"
        "名词解释\n1.口袋公园：指街边的小型绿地。\n2.一码通行：指凭一个码办理多项事务。"
    )
    assert plan.issuer == "临河区人民政府"
    assert plan.sections[-1].title == "名词解释"
    assert [entry.term for entry in plan.glossary] == ["口袋公园", "一码通行"]


def test_a_web_page_with_a_head_of_two_rows() -> None:
    plan = parse(read_bytes(plan_samples.WEB_PAGE.encode(), "规划.html"))
    assert [(i.name, i.unit, i.target) for i in plan.indicators] == [
        ("水质优良比例", "%", "92以上"),
        ("生态岸线长度", "公里", "85"),
        ("滨水开放空间", "公顷", "44"),
        ("混接排口", "个", "120"),
        ("调蓄设施", "座", "6"),
        ("亲水平台", "处", "30"),
    ]
    assert [task.title for task in plan.tasks] == ["整治排口源头", "完善无障碍设施"]
    assert outline(plan)[2] == (1, "三", "守护水清岸绿，让河湖更可亲")


def test_plain_decimal_numbers_with_items_and_semicolons() -> None:
    plan = read(plan_samples.PARKING)
    assert outline(plan)[2:5] == [
        (1, "3", "重点行动"),
        (2, "3.1", "盘活存量泊位"),
        (2, "3.2", "建设智慧平台"),
    ]
    assert [task.title for task in plan.tasks] == [
        "推进错时共享",
        "改造老旧车库",
        "建立统一平台",
        "接入经营性停车场120处",
        "推行先离场后付费",
        "加强组织领导",
    ]
    assert {i.target for i in plan.indicators} >= {"3.6", "2.5", "1500", "18"}
