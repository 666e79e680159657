"""Word templates an office makes itself: checked before they are kept, filled without trust.

A template is a .docx with `{{ 标题 }}` where words go and `{%p for … %}`, `{%tr for … %}` around
what repeats. Of Jinja only that, conditions and the documented names are allowed: the tree of
every expression is read before anything runs, and what runs is sandboxed and autoescaped. What
residents wrote is data and never read as a template.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from docx.shared import Pt
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from backend.digests.template_values import CHARTS, NAMES, Picture
from backend.digests.writers.safe import timeless, visible
from backend.models import DigestKind

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
DEEPEST = 3
_LOOP_WORDS = frozenset({"index", "first", "last", "length"})
_PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
_FOREIGN = {
    "vbaProject": "宏",
    "embeddings/": "嵌入的对象",
    "activeX": "控件",
    "afchunk": "嵌入的文件",
}
_FETCHING = re.compile(
    r"\b(DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|LINK|IMPORT|DATABASE)\b", re.IGNORECASE
)
_FIELD = re.compile(r"<w:instrText[^>]*>([^<]*)|w:instr=\"([^\"]*)\"")


class BadTemplate(ValueError):
    """What is wrong with a template, and where, in a sentence."""


def environment() -> ImmutableSandboxedEnvironment:
    """What templates run in: escaped, sandboxed, every unknown name an error, nothing built in."""
    made = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    made.globals.clear()
    made.filters.clear()
    return made


def check(data: bytes, kind: DigestKind, sample: Mapping[str, Any]) -> None:
    """Raises BadTemplate unless `data` can be filled; `sample` is used for a trial."""
    _check_archive(data)
    try:
        parts = list(_parts(data))
    except Exception as error:
        raise BadTemplate("这个文件打不开，请用 Word 另存为 docx 后再上传。") from error
    for where, xml in parts:
        _check_part(where, xml, kind)
    if not any("{{" in xml or "{%" in xml for _, xml in parts):
        raise BadTemplate(
            "模板里没有任何变量，生成的文件会与模板一模一样。"
            "请在要填写的地方写上变量，例如 {{ 标题 }}。"
        )
    try:
        fill(data, sample)
    except BadTemplate:
        raise
    except Exception as error:
        raise BadTemplate(
            "按模板试填时没有成功。请检查 {%p %}、{%tr %} 是不是各占一个段落或者一行，并成对出现。"
        ) from error


def fill(data: bytes, values: Mapping[str, Any]) -> bytes:
    """The template with the values in it; the same bytes for the same values."""
    document = DocxTemplate(io.BytesIO(data))
    try:
        document.render(_inert(values, document), environment())
    except TemplateError as error:
        context = " ".join(getattr(error, "docx_context", ())).split()
        place = f"（在“{''.join(context)[:40]}”附近）" if context else ""
        raise BadTemplate(f"模板有一处不能填写：{_reason(error)}{place}。") from error
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def _inert(value: Any, document: DocxTemplate) -> Any:
    """Words as words: escaped, without invisible signs, and never the library's own marks."""
    if isinstance(value, str):
        # docxtpl turns “{_{” into “{{” after filling: an escaped underscore stays what it is.
        return Markup(str(escape(visible(value))).replace("_", "&#95;"))  # noqa: S704
    if isinstance(value, Picture):
        return InlineImage(document, io.BytesIO(value.data), width=Pt(value.width))
    if isinstance(value, Mapping):
        return {key: _inert(part, document) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_inert(part, document) for part in value]
    return value


# --- What a template may hold --------------------------------------------------------------------


def _check_archive(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise BadTemplate(f"模板不能超过{MOST_BYTES // 1_000_000}MB，请删去里面的大图片。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > 500 or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise BadTemplate("模板解压以后太大，请用 Word 重新另存后再上传。")
            for member in members:
                _check_member(member.filename, archive)
    except zipfile.BadZipFile as error:
        raise BadTemplate("这不是 Word 文件（docx），请用 Word 另存为 docx 后再上传。") from error


def _check_member(name: str, archive: zipfile.ZipFile) -> None:
    for sign, what in _FOREIGN.items():
        if sign.lower() in name.lower():
            raise BadTemplate(f"模板里有{what}，请删去后再上传。")
    if not name.endswith((".xml", ".rels")):
        return
    text = archive.read(name).decode("utf-8", "replace")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadTemplate("模板里有不能接收的定义，请用 Word 重新另存后再上传。")
    if name.endswith(".rels"):
        for target in re.findall(r"<Relationship\b[^>]*TargetMode=\"External\"[^>]*>", text):
            if "/hyperlink" not in target:
                raise BadTemplate("模板引用了外部的文件或者图片，请改为插入到文件里再上传。")
    for field in _FIELD.findall(text):
        if _FETCHING.search("".join(field)):
            raise BadTemplate("模板里有会读取外部内容的域（如 INCLUDETEXT、DDE），请删去后再上传。")


def _parts(data: bytes) -> Iterator[tuple[str, str]]:
    """Every part words can stand in, as the library will hand it to Jinja."""
    document = DocxTemplate(io.BytesIO(data))
    document.init_docx()
    yield "正文", document.patch_xml(document.get_xml())
    for uri, where in ((document.HEADER_URI, "页眉"), (document.FOOTER_URI, "页脚")):
        for _, part in document.get_headers_footers(uri):
            yield where, document.patch_xml(document.get_part_xml(part))
    core = document.docx.core_properties
    for words in (core.title, core.subject, core.comments, core.author, core.identifier):
        yield "文件属性", words or ""


def _check_part(where: str, xml: str, kind: DigestKind) -> None:
    xml = re.sub(r"<w:p([ >])", r"\n<w:p\1", xml)
    lines = xml.split("\n")
    try:
        tree = environment().parse(xml)
    except TemplateSyntaxError as error:
        place = _place(where, lines, error.lineno)
        raise BadTemplate(f"{place}写法有误：{_reason(error)}。") from error
    _Reader(where, lines, NAMES[kind]).read(tree, {}, 0)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Walks the tree of one part; every node is of a known kind and every name documented."""

    where: str
    lines: list[str]
    names: Mapping[str, Mapping[str, str] | str]

    def read(self, node: nodes.Node, rows: Mapping[str, str], depth: int) -> None:
        """`rows` are the names that stand for one entry of a list, with that list's name."""
        if isinstance(node, nodes.For):
            self._read_loop(node, rows, depth)
        elif isinstance(node, nodes.Getattr):
            self._read_field(node, rows)
        elif isinstance(node, nodes.Name):
            if isinstance(self.names.get(node.name), Mapping) or node.name in rows:
                self._refuse(node, f"“{node.name}”是一个列表，要写在循环里逐项使用")
            if node.name not in self.names:
                self._refuse(node, f"没有“{node.name}”这个变量")
        elif isinstance(node, _PLAIN):
            for child in node.iter_child_nodes():
                self.read(child, rows, depth)
        else:
            self._refuse(node, "用了不支持的写法，只能使用变量、条件和循环")

    def _read_loop(self, node: nodes.For, rows: Mapping[str, str], depth: int) -> None:
        source, target = node.iter, node.target
        if not isinstance(source, nodes.Name) or not isinstance(target, nodes.Name):
            self._refuse(node, "循环要写成“for 项 in 列表”的样子")
        elif not isinstance(self.names.get(source.name), Mapping):
            self._refuse(node, f"没有“{source.name}”这个列表")
        elif depth >= DEEPEST or node.recursive or node.test is not None:
            self._refuse(node, "循环太复杂，请写成简单的循环")
        else:
            inner = {**rows, target.name: source.name}
            for child in (*node.body, *node.else_):
                self.read(child, inner, depth + 1)

    def _read_field(self, node: nodes.Getattr, rows: Mapping[str, str]) -> None:
        owner = node.node
        if not isinstance(owner, nodes.Name):
            self._refuse(node, "用了不支持的写法，只能使用变量、条件和循环")
        elif owner.name == "loop" and rows and node.attr in _LOOP_WORDS:
            return
        elif owner.name not in rows:
            self._refuse(node, f"没有“{owner.name}.{node.attr}”这个变量")
        else:
            fields = self.names[rows[owner.name]]
            if isinstance(fields, str) or node.attr not in fields:
                known = "、".join(fields)
                self._refuse(
                    node, f"“{rows[owner.name]}”的每一项没有“{node.attr}”，可以用：{known}"
                )

    def _refuse(self, node: nodes.Node, reason: str) -> None:
        raise BadTemplate(f"{_place(self.where, self.lines, node.lineno)}{reason}。")


def _place(where: str, lines: list[str], number: int | None) -> str:
    """正文第3段（“{{ 标题 }}”）: people find a place by its words."""
    at = max((number or 1) - 1, 0)
    words = re.sub(r"<[^>]*>", "", lines[at] if at < len(lines) else "").strip()[:40]
    paragraph = sum(1 for line in lines[: at + 1] if line.startswith("<w:p")) or 1
    return f"{where}第{paragraph}段" + (f"（“{words}”）" if words else "")


_REASONS = (
    (r"Unexpected end of template", "有循环或者条件没有结束，请补上 endfor 或者 endif"),
    (r"Encountered unknown tag '(\w+)'", "不认识“{0}”"),
    (r"'(.+)' is undefined", "没有“{0}”这个变量"),
    (r"unexpected '(.+)'", "多了或者少了“{0}”"),
    (r"expected token '(.+?)'", "少了“{0}”"),
)


def _reason(error: TemplateError) -> str:
    message = error.message or ""
    for pattern, sentence in _REASONS:
        if found := re.search(pattern, message):
            return sentence.format(*found.groups())
    return "括号、百分号要成对"


def named(kind: DigestKind) -> list[tuple[str, str]]:
    """Every name with what it stands for, for the page that documents them."""
    rows: list[tuple[str, str]] = []
    for name, meaning in NAMES[kind].items():
        if isinstance(meaning, str):
            rows.append((f"{{{{ {name} }}}}", meaning))
        else:
            fields = "；".join(f"项.{field} {words}" for field, words in meaning.items())
            rows.append((f"{{%p for 项 in {name} %}}", fields))
    return rows


__all__ = ["CHARTS", "BadTemplate", "check", "fill", "named"]
