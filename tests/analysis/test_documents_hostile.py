"""Files that are not what they seem: each gets one clear Chinese sentence, never a traceback."""

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
import typst

from analysis.documents import UnreadableDocument, read, read_bytes
from analysis.outline import parse

SENTENCE = re.compile(r"^[^。]+。$")


def refusal(data: bytes, name: str = "规划.docx", **limits: int) -> str:
    with pytest.raises(UnreadableDocument) as refused:
        read_bytes(data, name, **limits)
    message = str(refused.value)
    assert SENTENCE.match(message), message
    assert isinstance(refused.value, ValueError)
    return message


def word_file(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return buffer.getvalue()


def small_word() -> bytes:
    document = docx.Document()
    document.add_paragraph("一、总体要求")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def small_pdf() -> bytes:
    return bytes(typst.compile(b"#table(columns: 2, [a plan], [b], [c], [d])\n" * 9))


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    b"<w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
)
ENCRYPTED_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
    b"4 0 obj<</Filter/Standard/V 1/R 2/Length 40/P -4/O<"
    + b"41" * 32
    + b">/U<"
    + b"42" * 32
    + b">>>endobj\n"
    b"trailer<</Root 1 0 R/Encrypt 4 0 R/ID[<00><00>]>>\n%%EOF"
)


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda: b"", "空"),
        (lambda: b" \r\n\x00\n", "空"),
        (lambda: b"\x89PNG\r\n\x1a\n" + b"\x00" * 500, "图片"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, ".docx"),
        (lambda: b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        (lambda: b"{\\rtf1 plan}", "RTF"),
        (lambda: b"PK\x03\x04" + b"\x01" * 400, "损坏"),
        (lambda: word_file({"a.txt": b"x"}), "压缩包"),
        (lambda: word_file({"xl/workbook.xml": b"<x/>"}), "表格"),
        (lambda: word_file({"word/document.xml": ENTITY}), "不安全"),
        (lambda: word_file({"word/document.xml": b"<w:broken"}), "损坏"),
        (lambda: small_word()[:-40], "损坏"),
        (lambda: b"%PDF-1.7\n" + b"junk" * 100, "损坏"),
        (lambda: ENCRYPTED_PDF, "密码"),
        (lambda: random.Random(7).randbytes(6000), "文本"),
        (lambda: b"<html><body><script>var a = 1;</script><p></p></body></html>", "没有文字"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(
    make: Callable[[], bytes], hint: str
) -> None:
    assert hint in refusal(make())


def test_too_large_a_file_is_refused_before_it_is_opened() -> None:
    assert "上限" in refusal(b"%PDF-" + b"0" * 5000, max_bytes=1024)


def test_a_zip_bomb_is_judged_from_its_directory() -> None:
    bomb = word_file(
        {"word/document.xml": b"<w:document/>", "word/media/a.bin": b"\x00" * 80_000_000}
    )
    started = time.perf_counter()
    assert "解压" in refusal(bomb)
    assert time.perf_counter() - started < 1


def test_a_page_of_pure_image_is_called_a_scan() -> None:
    page = typst.compile(
        b"#set page(width: 200pt, height: 200pt)\n#rect(width: 90pt, height: 90pt)"
    )
    message = refusal(bytes(page))
    assert "扫描件" in message
    assert "OCR" in message


def test_the_bytes_decide_and_not_the_name() -> None:
    assert read_bytes(small_word(), "规划.txt").format == "docx"
    assert read_bytes("一、总则\n正文。".encode(), "规划.pdf").format == "txt"


def test_a_missing_file_is_a_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="找不到"):
        read(tmp_path / "没有.txt")


def test_text_without_a_heading_is_a_preface_with_a_warning() -> None:
    plan = parse(read_bytes("这是没有标题的一段文字，说明情况。".encode(), "x.txt"))
    assert [(s.title, s.inferred) for s in plan.sections] == [("前言", True)]
    assert "no_headings" in {w.code for w in plan.warnings}


def test_invisible_and_right_to_left_characters_are_taken_out() -> None:
    text = "一、总\u200b体\u202e要求\u202c\n推\x07进城\u2067市更新工作，改善居住条件。"
    plan = parse(read_bytes(text.encode(), "x.txt"))
    assert plan.sections[0].title == "总体要求"
    assert plan.sections[0].passages[0].text == "推进城市更新工作，改善居住条件。"


WIDE_SPANS = (
    "<table><tr><td rowspan=99999 colspan=99999>甲</td><td>乙</td></tr><tr><td>丙</td></tr>"
    "</table>" + "<p>文</p>" * 20
)


def ten_thousand_rows() -> str:
    rows = [f"{n} | 指标名称{n} | 个 | 预期性 | {n} |" for n in range(1, 10_001)]
    return "\n".join(["一、主要指标", "序号 | 指标名称 | 单位 | 属性 | 2030年目标 |", *rows])


@pytest.mark.parametrize(
    "text",
    [
        ten_thousand_rows(),
        "、".join(["建设"] * 100_000),
        "第一章 总则\n" * 4000,
        "（一）加快建设\n" * 4000,
        "新增 3 个 " * 12_000,
        "中 文 12 " * 12_000,
        "一" * 300_000,
        "“" * 100_000 + "。" * 100_000,
        "<div>" * 200 + "<p>正文内容。</p>",
        WIDE_SPANS,
    ],
    ids=[
        "rows",
        "list",
        "chapters",
        "sections",
        "numbers",
        "endless",
        "one",
        "quotes",
        "divs",
        "span",
    ],
)
def test_enormous_shapes_are_read_within_seconds(text: str) -> None:
    started = time.perf_counter()
    assert parse(read_bytes(text.encode(), "x")).sections
    assert time.perf_counter() - started < 20


def test_a_table_of_ten_thousand_rows_gives_as_many_indicators() -> None:
    plan = parse(read_bytes(ten_thousand_rows().encode(), "x.txt"))
    assert len(plan.indicators) == 10_000


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("make", [small_word, small_pdf], ids=["word", "pdf"])
def test_a_damaged_file_is_read_or_refused(make: Callable[[], bytes], seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(make())
    for _ in range(chance.choice([1, 5, 40])):
        data[chance.randrange(len(data))] = chance.randrange(256)
    try:
        assert parse(read_bytes(bytes(data), "x")).title is not None
    except UnreadableDocument as refused:
        message = str(refused)
    else:
        message = "可以读取。"
    assert SENTENCE.match(message)
