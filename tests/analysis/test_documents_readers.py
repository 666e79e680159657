"""Text, Markdown, web pages and PDF as blocks."""

import time

import pytest
import typst

from analysis.documents import Paragraph, Table, read_bytes
from analysis.outline import parse


def texts(data: bytes) -> list[str]:
    return [b.text.strip() for b in read_bytes(data, "x").blocks if isinstance(b, Paragraph)]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"]
)
def test_every_encoding_a_chinese_office_saves_in(encoding: str) -> None:
    text = "一、总体要求\r\n推动高质量发展，改善人民生活。\r\n二、主要任务\r\n"
    assert texts(text.encode(encoding)) == [line for line in text.split("\r\n") if line]


def test_a_few_broken_bytes_do_not_make_a_text_unreadable() -> None:
    data = ("推动高质量发展，改善人民生活。\n" * 20).encode()
    assert len(texts(data[:-2])) == 20


PAGE = """<html><head><meta charset="utf-8"></head><body>
<div class="nav">首页 &gt; 规划</div><script>var x = "一、假标题";</script>
<table><tr><td><table><tr><td>
<p><strong>一、总体要求</strong></p><p>　　推动&nbsp;高质量发展，<b>改善</b>民生。</p>
<p style="display:none">隐藏</p>
<table border="1"><tr><th rowspan="2">指标</th><th colspan="2">数值</th></tr>
<tr><td>2025年</td><td>2030年</td></tr>
<tr><td>床位</td><td>20</td><td>30</td></tr></table>
</td></tr></table></td></tr></table>
<div id="footer">主办单位 ICP备</div></body></html>"""


def test_a_web_page_gives_its_article_and_its_data_table() -> None:
    blocks = read_bytes(PAGE.encode(), "x.html").blocks
    words = [b.text.strip(" \u3000") for b in blocks if isinstance(b, Paragraph)]
    assert words[0] == "一、总体要求"
    assert "改善民生" in words[1]
    assert len(words) == 2
    (table,) = [b for b in blocks if isinstance(b, Table)]
    assert table.rows == (
        ("指标", "数值", "数值"),
        ("指标", "2025年", "2030年"),
        ("床位", "20", "30"),
    )


def test_markdown_headings_notes_and_links() -> None:
    data = (
        "# 规划\n\n## 一、总则\n\n见[方案](http://a.example)[^1]。\n\n## 二、任务\n\n"
        "[^1]: 说明文字\n"
    ).encode()
    blocks = [b for b in read_bytes(data, "x").blocks if isinstance(b, Paragraph)]
    assert [(b.text, b.level) for b in blocks if b.level] == [
        ("规划", 1),
        ("一、总则", 2),
        ("二、任务", 2),
    ]
    assert "见方案。" in [b.text for b in blocks]
    note = next(b for b in blocks if b.note)
    assert (note.note, note.text, note.anchor) == ("1", "说明文字", "见方案")


FONT = '#set text(font: ("Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC"))\n'


def test_a_pdf_table_that_goes_over_the_page_end_is_one_table() -> None:
    rows = "".join(f"[{n}], [指标名称{n}], [个], [预期性], [{n * 3}],\n" for n in range(1, 61))
    heads = "table.header([序号], [指标名称], [单位], [属性], [2030年目标])"
    page = '#set page(paper: "a5", numbering: "1", header: [临河区规划])\n' + FONT
    body = f"一、主要指标\n\n#table(columns: 5, {heads},\n{rows})\n\n"
    source = page + body + "二、主要任务\n\n推进更新改造，改善居住条件。"
    plan = parse(read_bytes(bytes(typst.compile(source.encode())), "x.pdf"))
    assert [i.target for i in plan.indicators] == [str(n * 3) for n in range(1, 61)]
    assert [s.title for s in plan.sections] == ["主要指标", "主要任务"]


def test_a_long_pdf_is_read_within_its_time() -> None:
    paragraph = "推进城市更新和社区治理，完善公共服务设施布局，改善居住条件。" * 12
    source = '#set page(paper: "a4", numbering: "1")\n' + FONT
    source += "\n\n".join(f"（{n}）第{n}段 {paragraph}" for n in range(1, 301))
    data = bytes(typst.compile(source.encode()))
    started = time.perf_counter()
    document = read_bytes(data, "x.pdf")
    pages = max(b.page or 0 for b in document.blocks)
    assert pages >= 60
    # 300 pages in 30 s is the promise; half of that again is left for a busy machine.
    assert (time.perf_counter() - started) / pages < 0.15
