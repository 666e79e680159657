"""PDF pages by geometry: two columns, tables with and without rules, over page ends, scans."""

import io
import random

import pypdfium2
import pytest
import typst
from PIL import Image

from analysis.contracts import ParsedPlan, TargetSource
from analysis.documents import ScannedDocument, Table, can_recognise, read_bytes
from analysis.outline import parse

SETUP = (
    '#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC"), '
    "size: 10.5pt)\n"
    "#set par(justify: true, first-line-indent: (amount: 2em, all: true), leading: 0.9em)\n"
)
HEADS = ("序号", "指标名称", "单位", "属性", "2025年", "2030年")
ROWS = (
    ("1", "每千人口托位数", "个", "预期性", "4.1", "5.5以上"),
    ("2", "养老床位总数", "张", "约束性", "2800", "3200"),
    ("3", "社区综合为老服务中心建成数（含街镇分中心和嵌入式站点）", "家", "预期性", "21", "30"),
    ("4", "人均体育场地面积", "平方米", "预期性", "0.9", "1.1"),
)
WORDS = tuple(
    "完善推进健全社区养老医疗交通绿化平台机制服务设施居民街镇管理建设更新"[i : i + 2]
    for i in range(0, 34, 2)
)


def pdf(source: str, page: str = "") -> bytes:
    head = f'#set page(paper: "a4", numbering: "1"{page})\n'
    return bytes(typst.compile((head + SETUP + source).encode()))


def paragraph(chance: random.Random) -> str:
    def clause() -> str:
        return "".join(chance.choice(WORDS) for _ in range(chance.randint(3, 6)))

    return "".join(clause() + chance.choice("，，，。") for _ in range(10)) + "完成任务。"


def indicators(rows: tuple[tuple[str, ...], ...], stroke: str) -> bytes:
    cells = ",".join(f"[{cell}]" for row in (HEADS, *rows) for cell in row)
    columns = "columns: (3em, 12em, 5em, 5em, 5em, 6em)"
    table = f"#table({columns}, stroke: {stroke}, align: center + horizon, {cells})"
    lead = "#par[一、主要目标]\n#par[坚持以人为本，改善居住条件。]\n#align(center)[表1 主要指标]\n"
    rest = "\n#par[二、主要任务]\n#par[推进更新改造，改善居住条件，完善服务设施。]"
    return pdf(lead + table + rest)


def targets(plan: ParsedPlan) -> list[tuple[str, str | None, str | None]]:
    rows = [i for i in plan.indicators if i.source is TargetSource.TABLE]
    return [(i.name, i.unit, i.target) for i in rows]


def test_two_columns_are_read_one_after_the_other() -> None:
    chance = random.Random(3)
    heads = ("一、总体要求", "二、主要任务", "三、保障措施")
    texts = [[paragraph(chance) for _ in range(7)] for _ in heads]
    body = "\n".join(
        f"#par[{head}]\n" + "\n".join(f"#par[{text}]" for text in own)
        for head, own in zip(heads, texts, strict=True)
    )
    title = '#place(top, scope: "parent", float: true, align(center)[临河区养老服务规划])\n'
    plan = parse(read_bytes(pdf(title + body, ", columns: 2, header: [临河区]"), "x.pdf"))
    assert plan.title == "临河区养老服务规划"
    assert [section.title for section in plan.sections] == ["总体要求", "主要任务", "保障措施"]
    assert [[p.text for p in section.passages] for section in plan.sections] == texts


@pytest.mark.parametrize(
    "stroke",
    ["none", "(x, y) => (top: if y <= 1 {0.8pt} else {0pt}, bottom: 0pt)", "0.5pt"],
    ids=["no rules", "three lines", "ruled"],
)
def test_a_table_is_read_with_any_rules_or_none(stroke: str) -> None:
    plan = parse(read_bytes(indicators(ROWS, stroke), "x.pdf"))
    assert targets(plan) == [(name, unit, target) for _, name, unit, _, _, target in ROWS]
    assert [section.title for section in plan.sections] == ["主要目标", "主要任务"]


def test_a_table_without_rules_goes_on_over_page_ends() -> None:
    rows = tuple(
        (str(n), f"指标名称第{n}项", "个", "预期性", str(n), str(3 * n)) for n in range(1, 91)
    )
    plan = parse(read_bytes(indicators(rows, "none"), "x.pdf"))
    assert [target for _, _, target in targets(plan)] == [str(3 * n) for n in range(1, 91)]


def test_a_single_row_on_the_next_page_belongs_to_the_table() -> None:
    head = "table.header([序号], [指标名称], [单位], [属性], [2030年])"
    rows = ",".join(f"[{n}], [指标名称第{n}项], [个], [预期性], [{3 * n}]" for n in range(1, 9))
    for header in (head, "[序号], [指标名称], [单位], [属性], [2030年]"):
        for room in range(50, 180, 18):  # One row more of the table fits on the first page.
            space = f"#par[一、主要目标]\n#v({760 - room}pt)\n"
            source = f"{space}#table(columns: 5, {header}, {rows})\n"
            plan = parse(read_bytes(pdf(source, ", margin: (y: 20pt)"), "x.pdf"))
            read = [target for _, _, target in targets(plan)]
            assert read == [str(3 * n) for n in range(1, 9)], room


def test_a_row_cut_by_the_page_end_is_one_row() -> None:
    long = "完善社区综合为老服务中心布局并推进适老化改造" * 7
    rows = tuple((str(n), f"第{n}项{long}", "个", "预期性", "1", str(n)) for n in range(1, 13))
    plan = parse(read_bytes(indicators(rows, "0.5pt"), "x.pdf"))
    read = [(name.replace(" ", ""), target) for name, _, target in targets(plan)]
    assert read == [(row[1], row[5]) for row in rows]


def test_a_table_of_two_columns_is_one_and_a_list_of_contents_is_none() -> None:
    cells = ("项目名称", "建设内容", "滨河公园", "新建绿地12公顷", "文昌养老院", "扩建床位200张",
             "社区食堂", "新增18家", "口袋公园", "建成8个")  # fmt: skip
    grid = ",".join(f"[{cell}]" for cell in cells)
    table = f"#table(columns: (14em, 16em), stroke: none, {grid})"
    blocks = read_bytes(pdf(f"#par[一、重点项目]\n{table}\n"), "x.pdf").blocks
    (found,) = [block for block in blocks if isinstance(block, Table)]
    assert found.rows[1] == ("滨河公园", "新建绿地12公顷")
    entries = "\n\n".join(f"第{n}章 总体要求 #h(1fr) {n}" for n in "一二三四五")
    blocks = read_bytes(pdf(entries.replace(") 一", ") 1")), "x.pdf").blocks
    assert sum(isinstance(block, Table) for block in blocks) <= 1


def scanned(*, pages: int = 1) -> bytes:
    """A plan as a scanner leaves it: grey pictures of its pages."""
    text = "#par[一、主要目标]\n#par[到2030年，新建养老床位320张，每千人口托位数达到5.5个以上。]\n"
    original = pypdfium2.PdfDocument(pdf(text * pages))
    images = [page.render(scale=2).to_pil().convert("L") for page in original]
    buffer = io.BytesIO()
    images[0].save(buffer, "PDF", save_all=True, append_images=images[1:], resolution=144)
    return buffer.getvalue()


def test_a_scan_is_recognised_as_one() -> None:
    with pytest.raises(ScannedDocument) as refused:
        read_bytes(scanned(), "x.pdf")
    assert refused.value.pages == 1
    assert "扫描件" in str(refused.value)


@pytest.mark.skipif(not can_recognise(), reason="the optional extra `ocr` is not installed")
def test_a_scan_is_read_by_machine_and_marked() -> None:
    heard: list[tuple[int, int]] = []
    document = read_bytes(
        scanned(), "x.pdf", recognise=True, on_page=lambda done, all_: heard.append((done, all_))
    )
    plan = parse(document)
    assert document.recognised == (1,)
    assert heard == [(1, 1)]
    assert [section.title for section in plan.sections] == ["主要目标"]
    assert ("新建养老床位", "320") in {(i.name, i.target) for i in plan.indicators}
    marked = [warning for warning in plan.warnings if warning.code == "machine_read"]
    assert [(warning.message, warning.passage) for warning in marked] == [
        ("第 1 页由机器识别，请与原件核对", "p1")
    ]


def test_a_page_of_pure_image_among_others_is_told() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 300), "grey").save(picture, "PNG")
    lead = f"#par[一、主要任务]\n#par[{paragraph(random.Random(1))}]\n#pagebreak()\n"
    source = (
        '#set page(paper: "a4")\n' + SETUP + lead
        + f"#image(bytes(({','.join(map(str, picture.getvalue()))})))\n"
    )  # fmt: skip
    plan = parse(read_bytes(bytes(typst.compile(source.encode())), "x.pdf"))
    assert [(w.code, w.message) for w in plan.warnings] == [
        ("image_page", "第 2 页只有图片，没有读取其中的文字")
    ]
