"""Every writer keeps residents' words readable and harmless, and gives the same bytes twice."""

import csv
import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import pairwise

import lxml.etree
import lxml.html
import openpyxl
import pdfplumber
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from backend.digests import charts, fonts
from backend.digests.paper import (
    Chart,
    Column,
    Letterhead,
    Note,
    Paper,
    Quote,
    Signature,
    Table,
    Text,
    Title,
    balanced,
)
from backend.digests.sheets import Sheet, SheetChart, SheetColumn
from backend.digests.writers.docx import write_docx
from backend.digests.writers.html import write_html
from backend.digests.writers.pdf import write_pdf
from backend.digests.writers.plain import write_csv, write_json
from backend.digests.writers.safe import guarded, visible
from backend.digests.writers.xlsx import write_xlsx

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PT = 72 / 25.4
HOSTILE = [
    '#read("/etc/passwd")',
    "#panic() $x$ *粗* _斜_ `码` @ref <label> // 注 /* 注 */ \\u{41}",
    "{{7*7}} {% include 'x' %} {# 注 #}",
    "</w:t></w:r><w:p/>",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '=HYPERLINK("http://evil.example","点我")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "＝1＋1",
    "http://evil.example/ mailto:a@b.example",
    "&lt;已经转义&gt; &#x41; ]]> <!--",
    "喆玥珺龑的名字",
    "行一\n行二",
]


def paper(texts: list[str], *, is_draft: bool = False, title: str = "测试文件") -> Paper:
    chart = charts.bars([(text.replace("\n", " "), n + 1) for n, text in enumerate(texts[:3])])
    return Paper(
        title=title,
        subtitle="（副题）",
        author="起草处",
        made_at=NOW,
        blocks=(
            Title(1, "一、情况"),
            *(Text(text, "来源：1") for text in texts),
            *(Quote(text, "1号") for text in texts[:3]),
            Table(
                "明细",
                (Column("编号", 0.2, "center"), Column("内容", 0.8)),
                tuple((str(n), text) for n, text in enumerate(texts)),
                small=True,
            ),
            Chart("标题说明发现", "说明", chart),
            Note("小字"),
            Signature("某区发展改革委", date(2026, 11, 22)),
        ),
        is_draft=is_draft,
    )


def sheets(texts: list[str]) -> tuple[Sheet, ...]:
    rows = tuple((n, text) for n, text in enumerate(texts))
    columns = (SheetColumn("编号", 8), SheetColumn("内容", 40))
    return (
        Sheet("总览", columns, rows[:2]),
        Sheet("内容", columns, rows, SheetChart("bar", "图", 1, (0,), min(len(rows), 5))),
    )


def book(texts: list[str]) -> bytes:
    return write_xlsx(sheets(texts), title="表", author="起草处", made_at=NOW)


def word_text(data: bytes) -> list[str]:
    body = Document(io.BytesIO(data)).element.body
    paragraphs = []
    for paragraph in body.iter(qn("w:p")):
        parts = [
            "\n" if node.tag == qn("w:br") else node.text or ""
            for node in paragraph.iter(qn("w:t"), qn("w:br"))
        ]
        paragraphs.append("".join(parts))
    return paragraphs


def pdf_text(data: bytes) -> str:
    with pdfplumber.open(io.BytesIO(data)) as document:
        return "".join(page.extract_text() or "" for page in document.pages)


# --- Hostile text --------------------------------------------------------------------------------


def test_word_shows_hostile_text_as_typed() -> None:
    paragraphs = word_text(write_docx(paper(HOSTILE)))
    for text in HOSTILE:
        assert text in paragraphs


def test_pdf_shows_hostile_text_as_typed() -> None:
    shown = "".join(pdf_text(write_pdf(paper(HOSTILE))).split())
    for text in HOSTILE:
        assert "".join(text.split()) in shown, text


def test_html_shows_hostile_text_as_typed_and_asks_for_nothing() -> None:
    tree = lxml.html.fromstring(write_html(paper(HOSTILE)).decode())
    cells = [cell.text_content() for cell in tree.cssselect("td")]
    for text in HOSTILE:
        assert text in cells
    assert not tree.cssselect("script, img, link, iframe, [onerror], [onload]")
    assert all(link.get("href").startswith("#") for link in tree.cssselect("a"))


def test_a_workbook_holds_no_formula_and_no_link() -> None:
    data = book(HOSTILE)
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(data))["内容"] for cell in row]
    assert {cell.value for cell in cells} >= set(HOSTILE)
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
    for name in zipfile.ZipFile(io.BytesIO(data)).namelist():
        if name.startswith("xl/worksheets/sheet"):
            xml = zipfile.ZipFile(io.BytesIO(data)).read(name)
            assert b"<f>" not in xml
            assert b"hyperlink" not in xml


def test_no_csv_cell_begins_like_a_formula() -> None:
    data = write_csv(["编号", "内容"], [(n, text) for n, text in enumerate(HOSTILE)])
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert data.startswith(b"\xef\xbb\xbf")
    assert len(rows) == len(HOSTILE) + 1
    for (_, cell), text in zip(rows[1:], HOSTILE, strict=True):
        assert cell.removeprefix("'") == text
        assert not cell.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


@given(st.text())
def test_a_guarded_cell_is_never_a_formula(text: str) -> None:
    assert not guarded(text).lstrip(" \n\u3000").startswith(tuple("=+-@\t\r＝＋－＠"))


@given(st.text())
def test_what_is_visible_can_be_xml(text: str) -> None:
    shown = visible(text)
    lxml.etree.Element("p").text = shown
    assert not set(shown) & set("\u202e\u2066\x00\x0b\ufffe")


# --- Random Unicode ------------------------------------------------------------------------------


def random_strings(count: int, seed: int = 7) -> list[str]:
    """Any code point but lone surrogates, in short strings, with a bias to the awkward."""
    rng = random.Random(seed)
    awkward = "=+-@#$\\{}<>&\"'\u202e\u200d\ufe0f\x00\x0b\x1b\ufffe\U000e0041龑喆é̈अक्ष"
    planes = [(0, 0x2FF), (0x300, 0xD7FF), (0x3400, 0x9FFF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]

    def one() -> str:
        picks = (
            rng.choice(awkward) if rng.random() < 0.3 else chr(rng.randint(*rng.choice(planes)))
            for _ in range(rng.randint(0, 12))
        )
        return "".join(picks)

    return [one() for _ in range(count)]


@pytest.mark.parametrize(
    ("write", "count"),
    [
        (lambda texts: write_docx(paper(texts)), 1_000),
        (lambda texts: write_html(paper(texts)), 10_000),
        (book, 10_000),
        (lambda texts: write_csv(["内容"], [(text,) for text in texts]), 10_000),
        (lambda texts: write_json({"texts": texts}, "0" * 64), 10_000),
        (lambda texts: write_pdf(paper(texts)), 500),
    ],
    ids=["docx", "html", "xlsx", "csv", "json", "pdf"],
)
def test_random_text_never_breaks_a_file(write: Callable[[list[str]], bytes], count: int) -> None:
    assert write(random_strings(count))


@pytest.mark.drill
def test_ten_thousand_random_strings_as_documents() -> None:
    texts = random_strings(10_000)
    assert write_docx(paper(texts))
    for start in range(0, len(texts), 2_000):
        assert write_pdf(paper(texts[start : start + 2_000]))


def test_lone_surrogates_are_survived() -> None:
    texts = ["坏\ud800字", "\udfff"]
    assert write_docx(paper(texts))
    assert book(texts)
    assert write_html(paper(texts))
    assert write_csv(["内容"], [(text,) for text in texts])
    assert write_json({"texts": texts}, "")
    assert "坏字" in pdf_text(write_pdf(paper(texts)))


@pytest.mark.parametrize("write", [write_docx, write_pdf, write_html], ids=["docx", "pdf", "html"])
def test_the_same_paper_gives_the_same_bytes(write: Callable[[Paper], bytes]) -> None:
    assert write(paper(HOSTILE)) == write(paper(HOSTILE))


def test_the_same_sheets_give_the_same_bytes() -> None:
    assert book(HOSTILE) == book(HOSTILE)


# --- GB/T 9704-2012 ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> pdfplumber.page.Page:
    """A full page of plain text, one character over and over so that lines are full."""
    data = write_pdf(Paper("题", "", "起草处", NOW, (Text("国" * 900),)))
    document = pdfplumber.open(io.BytesIO(data))
    return document.pages[1]


def lines_of(page: pdfplumber.page.Page) -> dict[float, list[dict[str, float]]]:
    lines: dict[float, list[dict[str, float]]] = {}
    for char in page.chars:
        if char["text"] == "国":
            lines.setdefault(round(char["top"], 1), []).append(char)
    return lines


def test_a_pdf_page_is_ruled_as_the_standard_says(page: pdfplumber.page.Page) -> None:
    document = page.pdf
    first = [c for c in document.pages[0].chars if c["text"] == "国"]
    lines = lines_of(document.pages[0])
    tops = sorted(lines)
    pitches = [b - a for a, b in pairwise(tops)]
    assert all(abs(pitch - 29) <= 0.2 for pitch in pitches)
    full = [line for line in lines.values() if len(line) > 20]
    assert {len(line) for line in full[1:]} == {28}
    assert abs(min(c["x0"] for c in first) - 28 * PT) <= PT
    assert abs((page.width - max(c["x1"] for c in first)) - 26 * PT) <= PT


def test_a_pdf_page_has_22_lines() -> None:
    data = write_pdf(Paper("题", "", "起草处", NOW, (Text("国" * 28 * 60),)))
    with pdfplumber.open(io.BytesIO(data)) as document:
        second = document.pages[1]
        tops = sorted(lines_of(second))
        assert len(tops) == 22
        box = [c for c in second.chars if c["text"] == "国"]
        # The glyph box of the font is taller than the em box that stands on the margin.
        assert abs(min(c["top"] for c in box) - 37 * PT) <= 2 * PT
        assert second.height - max(c["bottom"] for c in box) >= 34 * PT


def test_a_pdf_is_tagged_and_bookmarked() -> None:
    import pypdfium2

    data = write_pdf(paper(["内容"]))
    assert b"/MarkInfo" in data or b"/StructTreeRoot" in data
    document = pypdfium2.PdfDocument(data)
    assert document.get_metadata_dict()["Title"] == "测试文件"
    assert [bookmark.get_title() for bookmark in document.get_toc()] == ["一、情况"]
    assert document.is_tagged()


def test_no_glyph_is_missing_in_rare_names() -> None:
    assert {ord(char) for char in "喆玥珺龑"} <= fonts.glyphs()
    assert "喆玥珺龑" in pdf_text(write_pdf(paper(["喆玥珺龑"])))


def test_a_character_no_font_has_is_marked() -> None:
    assert fonts.printable("甲\U0010fffd乙", frozenset(map(ord, "甲乙"))) == "甲〓乙"


def test_word_has_the_measures_and_fonts_of_the_standard() -> None:
    document = Document(io.BytesIO(write_docx(paper(["内容"]))))
    section = document.sections[0]
    margins = (
        section.top_margin.mm,
        section.bottom_margin.mm,
        section.left_margin.mm,
        section.right_margin.mm,
    )
    assert [round(m) for m in margins] == [37, 35, 28, 26]
    grid = section._sectPr.find(qn("w:docGrid"))
    assert abs(int(grid.get(qn("w:linePitch"))) / 20 - 29) < 0.1
    used = {p.style.name: p.style for p in document.paragraphs}
    for style in used.values():
        face = style.element.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia"))
        assert face in {"仿宋", "黑体", "楷体", "宋体", "方正小标宋简体"}, style.name
    for table in document.element.body.iter(qn("w:tbl")):
        first = next(table.iter(qn("w:tr")))
        assert first.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None


def test_workbook_sheets_can_be_worked_with() -> None:
    loaded = openpyxl.load_workbook(io.BytesIO(book(HOSTILE)))
    assert loaded.sheetnames == ["总览", "图表", "内容"]
    sheet = loaded["内容"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:B{len(HOSTILE) + 1}"
    assert sheet.column_dimensions["B"].width >= 40
    assert sheet["B2"].alignment.wrap_text
    assert loaded["图表"]._charts


def test_a_draft_says_so_on_every_page() -> None:
    data = write_pdf(paper(["国" * 2000], is_draft=True))
    with pdfplumber.open(io.BytesIO(data)) as document:
        assert len(document.pages) > 2
        assert all("草稿" in page.extract_text() for page in document.pages)


def test_a_red_head_is_red() -> None:
    red = Paper(
        "题", "", "处", NOW, (Text("文"),), Letterhead("某区文件", "某发〔2026〕1号", red=True)
    )
    with pdfplumber.open(io.BytesIO(write_pdf(red))) as document:
        colours = {c["non_stroking_color"] for c in document.pages[0].chars if c["text"] == "某"}
    assert any(len(c) == 3 and c[0] > 0.7 and c[1] < 0.3 for c in colours)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("某某区国民经济和社会发展第十五个五年规划纲要（征求意见稿）", 2),
        ("临江区国民经济和社会发展第十五个五年规划纲要", 2),
        ("《上海市静安区国民经济和社会发展第十五个五年规划和二〇三五年远景目标纲要》", 2),
        ("某镇规划", 1),
        ("A" * 45, 3),
    ],
)
def test_titles_break_evenly_and_between_words(title: str, lines: int) -> None:
    broken = balanced(title).split("\n")
    assert "".join(broken) == title
    assert len(broken) == lines
    assert max(map(len, broken)) <= 19
    assert max(map(len, broken)) - min(map(len, broken)) <= 4
    for before, after in pairwise(broken):
        assert not after.startswith(("）", "》", "，", "和", "的"))
        assert not before.endswith(("《", "（", "和", "第"))
    for word in ("国民经济", "发展", "纲要", "五年", "规划"):
        assert title.count(word) == sum(line.count(word) for line in broken)


def test_json_carries_its_hash() -> None:
    data = json.loads(write_json({"乙": 1, "甲": "文"}, "abc"))
    assert data == {"sha256": "abc", "content": {"甲": "文", "乙": 1}}


@pytest.mark.parametrize("lines", range(12, 24))
def test_a_signature_never_stands_alone(lines: int) -> None:
    body = tuple(Text("国" * 26) for _ in range(lines))
    signed = Signature("某区发展改革委\n某区规划资源局", date(2026, 11, 22))
    data = write_pdf(Paper("题", "", "处", NOW, (*body, signed)))
    with pdfplumber.open(io.BytesIO(data)) as document:
        last = document.pages[-1].extract_text()
        assert "2026年11月22日" in last
        assert "某区发展改革委" in last
        assert "国国国" in last


def test_in_word_a_signature_holds_on_to_the_text_before_it() -> None:
    signed = Signature("甲局\n乙局", date(2026, 11, 22))
    document = Document(io.BytesIO(write_docx(Paper("题", "", "处", NOW, (Text("文"), signed)))))
    kept = [(p.text, bool(p.paragraph_format.keep_with_next)) for p in document.paragraphs[1:]]
    assert kept == [
        ("文", True), ("", True), ("甲局", True), ("乙局", True), ("2026年11月22日", False),
    ]  # fmt: skip
