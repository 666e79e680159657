"""What only Word does: automatic numbers, merged cells, text boxes, notes, tracked changes."""

import io
import zipfile

from analysis.documents import Document, Paragraph, Table, read_bytes
from analysis.documents.model import Block
from analysis.outline import parse

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LEVELS = (
    ("chineseCountingThousand", "第%1章"),
    ("chineseCounting", "%2、"),
    ("chineseCounting", "（%3）"),
    ("decimal", "%4."),
)
NUMBERING = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">'
    + "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{format_}"/>'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (format_, text) in enumerate(LEVELS)
    )
    + '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
STYLES = (
    f"<w:styles {W}>"
    '<w:style w:styleId="a1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="a2"><w:name w:val="我的标题"/><w:basedOn w:val="a1"/></w:style>'
    '<w:style w:styleId="t1"><w:name w:val="toc 1"/></w:style></w:styles>'
)


def word(body: str, *, footnotes: str = "") -> tuple[Block, ...]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"
        )
        archive.writestr("word/numbering.xml", NUMBERING)
        archive.writestr("word/styles.xml", STYLES)
        if footnotes:
            archive.writestr("word/footnotes.xml", f"<w:footnotes {W}>{footnotes}</w:footnotes>")
    return read_bytes(buffer.getvalue(), "x.docx").blocks


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def numbered(text: str, level: int) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="5"/></w:numPr>')


def texts(blocks: tuple[Block, ...]) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_automatic_numbers_are_part_of_the_heading_and_start_anew_below() -> None:
    levels = [0, 1, 1, 2, 3, 0, 1]
    blocks = word("".join(numbered("标题", level) for level in levels))
    assert texts(blocks) == [
        "第一章 标题",
        "一、标题",
        "二、标题",
        "（一）标题",
        "1. 标题",
        "第二章 标题",
        "一、标题",
    ]


def test_a_plan_numbered_by_word_has_its_outline() -> None:
    body = numbered("总体要求", 0) + p("坚持以人为本，推动发展。")
    body += numbered("主要任务", 0) + numbered("改善环境", 1) + p("推进绿化建设，增加公园。")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>"
        )
        archive.writestr("word/numbering.xml", NUMBERING)
    plan = parse(read_bytes(buffer.getvalue(), "x"))
    assert [(s.level, s.number, s.title) for s in plan.sections] == [
        (1, "第一章", "总体要求"),
        (1, "第二章", "主要任务"),
        (2, "一", "改善环境"),
    ]


def test_heading_levels_are_inherited_and_contents_left_out() -> None:
    blocks = word(
        p("目录行 1", '<w:pStyle w:val="t1"/>')
        + p("标题", '<w:pStyle w:val="a2"/>')
        + p("正文", '<w:outlineLvl w:val="2"/>')
    )
    assert [(b.text, b.level) for b in blocks if isinstance(b, Paragraph)] == [
        ("标题", 1),
        ("正文", 3),
    ]


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


def test_merged_cells_are_repeated_in_every_place_they_cover() -> None:
    rows = [
        cell("类别") + cell("指标", '<w:gridSpan w:val="2"/>'),
        cell("民生", '<w:vMerge w:val="restart"/>') + cell("床位") + cell("30"),
        cell("", "<w:vMerge/>") + cell("托位") + cell("5"),
    ]
    (table,) = word("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>")
    assert isinstance(table, Table)
    assert table.rows == (("类别", "指标", "指标"), ("民生", "床位", "30"), ("民生", "托位", "5"))


def test_a_table_of_one_column_is_a_frame_around_paragraphs() -> None:
    framed = f"<w:tr><w:tc>{p('专栏1 重点工程')}{p('（1）更新项目：改造旧房。')}</w:tc></w:tr>"
    assert texts(word(f"<w:tbl>{framed}</w:tbl>")) == [
        "专栏1 重点工程",
        "（1）更新项目：改造旧房。",
    ]


def test_text_boxes_notes_and_tracked_changes() -> None:
    box = f"<w:r><w:pict><w:txbxContent>{p('框中文字')}</w:txbxContent></w:pict></w:r>"
    body = (
        f"<w:p>{box}<w:r><w:t>推进生活圈</w:t></w:r>"
        '<w:r><w:footnoteReference w:id="2"/></w:r>'
        "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>建设。</w:t></w:r></w:ins></w:p>"
    )
    note = f'<w:footnote w:id="2">{p("步行可达的范围。")}</w:footnote>'
    blocks = word(body, footnotes=note)
    assert texts(blocks) == ["推进生活圈建设。", "框中文字", "步行可达的范围。"]
    last = blocks[-1]
    assert isinstance(last, Paragraph)
    assert (last.note, last.anchor) == ("1", "推进生活圈")


def test_indicators_below_merged_heads_are_read_from_their_own_columns() -> None:
    span = '<w:gridSpan w:val="2"/>'
    begin, go_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    heads = ("类别", "指标", "单位")
    rows = [
        "".join(cell(head, begin) for head in heads) + cell("规划目标", span) + cell("属性", begin),
        "".join(cell("", go_on) for _ in heads) + cell("2028年") + cell("2030年") + cell("", go_on),
    ]
    values = [
        ("绿色", "公园绿地面积", "公顷", "120", "150", "约束性"),
        ("", "步道长度", "公里", "60", "95", "预期性"),
        ("", "充电桩数量", "个", "800", "≥2000", "预期性"),
    ]
    for kind, *others in values:
        rows.append(cell(kind, begin if kind else go_on) + "".join(map(cell, others)))
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    body = p("临河区绿化规划") + p("一、主要目标") + p("表1 主要指标") + table
    plan = parse(Document(name="规划.docx", format="docx", blocks=word(body)))
    assert [(i.name, i.unit, i.target) for i in plan.indicators] == [
        ("公园绿地面积", "公顷", "150"),
        ("步道长度", "公里", "95"),
        ("充电桩数量", "个", "≥2000"),
    ]
