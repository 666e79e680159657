"""The templates shipped with the product, to be taken away and changed; set as our papers are."""

import io
from datetime import UTC, datetime

from docx import Document

from backend.digests.paper import (
    Block,
    Column,
    Letterhead,
    Note,
    PageBreak,
    Paper,
    Table,
    Text,
    Title,
)
from backend.digests.writers.docx import write_docx
from backend.digests.writers.safe import timeless
from backend.models import DigestKind

_MADE = datetime(2020, 1, 1, tzinfo=UTC)


def default_template(kind: DigestKind) -> bytes:
    """A .docx with every kind of mark in it; the same bytes every time."""
    blocks = _REPORT if kind is DigestKind.ADOPTION_REPORT else _DIGEST
    head = Letterhead("{{ 发文机关 }}", "{{ 发文字号 }}", red=True)
    made = write_docx(
        Paper(
            title="{{ 标题 }}",
            subtitle="" if kind is DigestKind.ADOPTION_REPORT else "（{{ 范围 }}）",
            author="",
            made_at=_MADE,
            blocks=blocks,
            letterhead=head if kind is DigestKind.ADOPTION_REPORT else Letterhead(),
        )
    )
    return _with_room_for_pictures(made)


def _with_room_for_pictures(data: bytes) -> bytes:
    """A line of fixed height would cut a picture."""
    document = Document(io.BytesIO(data))
    for paragraph in document.paragraphs:
        if "图片" in paragraph.text:
            paragraph.paragraph_format.line_spacing = 1.0
    out = io.BytesIO()
    document.save(out)
    return timeless(out.getvalue())


def _loop(name: str, *lines: Block) -> tuple[Block, ...]:
    return (Text(f"{{%p for 项 in {name} %}}"), *lines, Text("{%p endfor %}"))


def _rows(caption: str, name: str, columns: tuple[tuple[str, float, str], ...]) -> Table:
    """A table whose middle row is repeated; the marks stand in rows of their own."""
    blank = ("",) * (len(columns) - 1)
    return Table(
        caption,
        tuple(Column(title, share) for title, share, _ in columns),
        (
            (f"{{%tr for 项 in {name} %}}", *blank),
            tuple(f"{{{{ 项.{field} }}}}" for _, _, field in columns),
            ("{%tr endfor %}", *blank),
        ),
        small=True,
    )


_NARRATIVE = (
    Text("{%p for 项 in 正文 %}"),
    Text("{%p if 项.是标题 %}"),
    Title(1, "{{ 项.文字 }}"),
    Text("{%p else %}"),
    Text("{{ 项.文字 }}"),
    Text("{%p endif %}"),
    Text("{%p endfor %}"),
)
_REPORT: tuple[Block, ...] = (
    *_NARRATIVE,
    *_loop("署名", Text("{{ 项.名称 }}")),
    Text("{{ 成文日期 }}"),
    PageBreak(),
    _rows(
        "公众意见采纳情况汇总表",
        "意见",
        (
            ("序号", 0.08, "序号"),
            ("意见来源", 0.13, "来源"),
            ("对应章节", 0.15, "章节"),
            ("意见内容", 0.32, "内容"),
            ("采纳情况", 0.10, "结论"),
            ("理由", 0.22, "理由"),
        ),
    ),
)
_DIGEST: tuple[Block, ...] = (
    Text(
        "{{ 单位 }}就《{{ 规划名称 }}》公开征求意见，时间为{{ 开始日期 }}至{{ 截止日期 }}，"
        "共收到{{ 收到件数 }}件{{ 收到条数 }}条，合并内容基本相同的意见后为{{ 合并后条数 }}条。"
    ),
    Title(1, "一、主要发现"),
    *_loop("发现", Text("{{ 项.文字 }}（来源：{{ 项.编号 }}）")),
    Title(1, "二、图表"),
    *_loop("图表", Note("{{ 项.标题 }}"), Note("{{ 项.图片 }}")),
    Title(1, "三、对主要指标的意见"),
    _rows(
        "收到意见的指标",
        "指标",
        (
            ("指标", 0.34, "名称"),
            ("目标值", 0.2, "目标值"),
            ("条数", 0.1, "条数"),
            ("意见取向", 0.36, "一句话"),
        ),
    ),
    Title(1, "四、主要话题"),
    *_loop(
        "话题",
        Text("{%p if loop.index <= 12 %}"),
        Text("{{ 项.名称 }}：{{ 项.条数 }}条。{{ 项.说明 }}"),
        Text("{%p endif %}"),
    ),
    Title(1, "附：意见明细表"),
    _rows(
        "意见明细表",
        "意见",
        (
            ("编号", 0.09, "编号"),
            ("来源", 0.15, "来源"),
            ("章节", 0.2, "章节"),
            ("意见内容", 0.38, "内容"),
            ("研判", 0.18, "倾向"),
        ),
    ),
)  # fmt: skip
