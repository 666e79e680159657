"""What holds for the reading of any text at all, found or made up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.documents import UnreadableDocument, read_bytes
from analysis.outline import parse

FRAGMENTS = st.sampled_from(
    [
        "第一章 总则",
        "第二章 主要任务",
        "第一节 概况",
        "一、总体要求",
        "二、重点任务",
        "（一）指导思想",
        "（二）优化布局。推进项目建设，提升能级。",
        "1、加快建设",
        "（1）完善设施：新建3处",
        "① 说明",
        "1.1 背景",
        "第三条 各部门应当负责。",
        "前言",
        "附录 名词解释",
        "目录",
        "专栏1 重大工程",
        "到2030年，绿地率达到40%以上；新增床位**张。",
        "推进更新。完善机制，落实责任。",
        "表1 主要指标",
        "序号 | 指标名称 | 单位 | 属性 | 2030年目标 |",
        "1 | 绿地率 | % | 约束性 | 40 |",
        "2 | 床位 | 张 | 预期性 | ## |",
        "——坚持以人为本。把居民放在首位。",
        "- 12 -",
        "12",
        "内部资料 注意保密",
        "“十四五”期间完成了改造",
        "短标题一行",
        "",
        "\u3000\u3000缩进的段落，没有结束",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(FRAGMENTS, st.text(max_size=40)), max_size=40).map("\n".join),
)


def read_plan(text: str) -> ParsedPlan | None:
    try:
        return parse(read_bytes(text.encode("utf-8", "surrogatepass"), "任意.txt"))
    except UnreadableDocument:
        return None


@settings(max_examples=120, deadline=None)
@given(TEXTS)
def test_any_text_is_read_or_refused_and_the_reading_holds_together(text: str) -> None:
    plan = read_plan(text)
    if plan is None:
        return
    sections = [section.id for section in plan.sections]
    passages = {p.id: p.text for section in plan.sections for p in section.passages}
    ids = [
        *sections,
        *(p.id for section in plan.sections for p in section.passages),
        *(item.id for item in plan.indicators),
        *(task.id for task in plan.tasks),
        *(box.id for box in plan.boxes),
    ]
    assert len(ids) == len(set(ids))
    for index, section in enumerate(plan.sections):
        assert section.title.strip()
        if section.parent is None:
            assert section.level == 1
        else:
            parent = plan.sections[sections.index(section.parent)]
            assert sections.index(section.parent) < index
            assert section.level == parent.level + 1
    for item in (*plan.indicators, *plan.tasks):
        assert item.section in sections
        if item.quote is not None:
            assert any(item.quote in passage for passage in passages.values())
    tasks = {task.id for task in plan.tasks}
    for box in plan.boxes:
        assert set(box.items) <= tasks
    for warning in plan.warnings:
        if warning.passage is not None:
            assert warning.quote is None or warning.quote in passages[warning.passage]


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_the_same_bytes_give_the_same_reading_and_json_keeps_it(text: str) -> None:
    plan = read_plan(text)
    assert plan == read_plan(text)
    if plan is not None:
        assert from_json(ParsedPlan, to_json(plan)) == plan


BODY = st.lists(
    st.text(alphabet="推进城市更新改善居住条件加强社区治理服务设施", min_size=12, max_size=60),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["总体要求", "主要任务", "保障措施", "空间布局"]), BODY),
        min_size=1,
        max_size=6,
    )
)
def test_no_text_of_a_plan_is_lost(chapters: list[tuple[str, list[str]]]) -> None:
    numbers = "一二三四五六"
    lines: list[str] = []
    for number, (title, paragraphs) in zip(numbers, chapters, strict=False):
        lines.append(f"{number}、{title}")
        lines.extend(f"{paragraph}。" for paragraph in paragraphs)
    plan = read_plan("\n".join(lines))
    assert plan is not None
    assert [section.title for section in plan.sections] == [title for title, _ in chapters]
    found = "".join(p.text for section in plan.sections for p in section.passages)
    assert found == "".join(f"{p}。" for _, paragraphs in chapters for p in paragraphs)
