"""What a Word template can name, for each kind of paper, and the values of one paper.

`NAMES` is the contract with those who make templates: the page shows it, the checker holds
templates to it, and `values_of` gives exactly these.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.digests.adoption import ADOPTING, AdoptionContent
from backend.digests.adoption_paper import adoption_paper
from backend.digests.content import DigestContent, Tally
from backend.digests.digest_paper import day_zh, digest_paper
from backend.digests.paper import Chart, Note, Paper, Quote, Text, Title
from backend.digests.rules import ranges
from backend.kit.clock import local
from backend.models import DigestKind

Names = Mapping[str, Mapping[str, str] | str]
CHARTS = "图表"
_COUNTED = {"名称": "名称", "条数": "条数"}
_COMMON: dict[str, Mapping[str, str] | str] = {
    "标题": "文件标题",
    "单位": "发布征询的单位",
    "起草部门": "起草部门",
    "规划名称": "规划名称",
    "规划版本": "征求意见稿、修改稿等",
    "征询名称": "征询名称",
    "开始日期": "征求意见开始的日期",
    "截止日期": "征求意见截止的日期",
    "成文日期": "生成文件的日期",
    "收到件数": "收到多少件",
    "收到条数": "收到多少条",
    "合并后条数": "内容基本相同的意见合并后多少条",
    "渠道": _COUNTED,
    "正文": {"文字": "一个段落", "是标题": "这一段是不是标题", "是引文": "这一段是不是引文"},
}
NAMES: dict[DigestKind, Names] = {
    DigestKind.ADOPTION_REPORT: _COMMON
    | {
        "发文机关": "发文机关标志",
        "发文字号": "发文字号",
        "是草稿": "还没有定稿",
        "征询天数": "征求意见多少天",
        "采纳条数": "采纳和部分采纳多少条",
        "署名": {"名称": "署名的单位"},
        "章节": _COUNTED,
        "结论": _COUNTED,
        "意见": {
            "序号": "序号",
            "来源": "意见来源",
            "章节": "对应章节",
            "内容": "意见内容",
            "结论": "采纳情况",
            "理由": "理由",
            "修改位置": "改在哪里",
            "条数": "这一行是几条意见",
            "编号": "意见编号",
        },
        "分歧": {
            "编号": "意见编号",
            "争议要点": "争议要点",
            "有关单位意见": "不同意的单位和意见",
            "起草单位意见": "起草单位意见",
            "理由和依据": "理由和依据",
        },
    },
    DigestKind.DIGEST: _COMMON
    | {
        "范围": "收录哪些意见",
        "发现": {"文字": "一条主要发现", "编号": "依据的意见编号"},
        "街镇": _COUNTED,
        "章节": _COUNTED,
        "指标": {"名称": "名称", "目标值": "目标值", "条数": "条数", "一句话": "意见取向"},
        "任务": {"名称": "名称", "条数": "条数", "一句话": "意见取向"},
        "话题": {"名称": "名称", "条数": "条数", "说明": "说明"},
        "结论": _COUNTED,
        CHARTS: {"标题": "图说明了什么", "图片": "图"},
        "意见": {
            "编号": "意见编号",
            "日期": "收到日期",
            "渠道": "渠道",
            "来源": "提交者类别和街镇",
            "章节": "章节编号和标题",
            "内容": "意见内容",
            "建议改为": "建议的表述",
            "倾向": "情感倾向和意图",
            "结论": "采纳情况",
            "理由": "理由",
        },
    },
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to stand in a template; `width` in points."""

    data: bytes
    width: float


def report_values(content: AdoptionContent) -> dict[str, Any]:
    """The values of an adoption report."""
    paper = adoption_paper(content)
    adopted = sum(o.count for o in content.outcomes if o.key in ADOPTING)
    offices = content.signatures or (content.heading.organisation,)
    return _common(content, paper) | {
        "成文日期": day_zh(local(content.made_at).date()),
        "发文机关": content.issuer,
        "发文字号": content.document_number,
        "是草稿": content.is_draft,
        "征询天数": content.procedure.days if content.procedure.days is not None else "",
        "收到件数": content.submission_count,
        "收到条数": content.comment_count,
        "合并后条数": content.unique_count,
        "采纳条数": adopted,
        "署名": [{"名称": office} for office in offices],
        "渠道": _tallies(content.channels),
        "章节": _tallies(content.chapters),
        "结论": _tallies((*content.outcomes, *content.handed_over, *content.left_out)),
        "意见": [
            {
                "序号": row.number,
                "来源": row.source,
                "章节": row.chapter,
                "内容": row.text,
                "结论": row.outcome,
                "理由": row.reason,
                "修改位置": row.change,
                "条数": row.count,
                "编号": ranges(row.comment_ids),
            }
            for row in content.rows
        ],
        "分歧": [
            {
                "编号": str(dispute.comment_id),
                "争议要点": dispute.points,
                "有关单位意见": "；".join(dispute.objections),
                "起草单位意见": dispute.drafter_view,
                "理由和依据": dispute.basis,
            }
            for dispute in content.disputes
        ],
    }


def digest_values(content: DigestContent, picture: Callable[[str], bytes]) -> dict[str, Any]:
    """The values of a digest; `picture` draws an SVG as a PNG."""
    paper = digest_paper(content)
    overview = content.overview
    items = {"指标": content.indicators, "任务": content.tasks}
    listed = {
        name: [
            {"名称": item.total.label, "条数": item.total.count, "一句话": item.line}
            | ({"目标值": item.target} if name == "指标" else {})
            for item in found
        ]
        for name, found in items.items()
    }
    return _common(content, paper) | listed | {
        "成文日期": day_zh(local(content.compiled_at).date()),
        "范围": content.scope,
        "收到件数": overview.submission_count,
        "收到条数": overview.comment_count,
        "合并后条数": overview.unique_count,
        "发现": [{"文字": f.text, "编号": ranges(f.comment_ids, 8)} for f in content.findings],
        "渠道": _tallies(overview.channels),
        "街镇": _tallies(overview.places),
        "章节": _tallies([chapter.total for chapter in content.chapters]),
        "话题": [
            {"名称": t.total.label, "条数": t.total.count, "说明": t.description}
            for t in content.topics
        ],
        "结论": _tallies(content.decisions),
        CHARTS: [
            {"标题": block.title, "图片": Picture(picture(block.svg), 440)}
            for block in paper.blocks
            if isinstance(block, Chart)
        ],
        "意见": [
            {
                "编号": row.comment_id,
                "日期": day_zh(row.received_on),
                "渠道": row.channel,
                "来源": " ".join(part for part in (row.sender, row.place) if part),
                "章节": f"{row.section_number} {row.section_title}".strip(),
                "内容": row.text,
                "建议改为": row.proposed_wording,
                "倾向": row.left_out or f"{row.sentiment}，{row.intent}",
                "结论": row.outcome or row.handling,
                "理由": row.reason,
            }
            for row in content.rows
        ],
    }  # fmt: skip


def _common(content: AdoptionContent | DigestContent, paper: Paper) -> dict[str, Any]:
    heading = content.heading
    return {
        "标题": paper.title.replace("\n", ""),
        "单位": heading.organisation,
        "起草部门": heading.drafting_office,
        "规划名称": heading.plan_title,
        "规划版本": heading.version,
        "征询名称": heading.consultation,
        "开始日期": day_zh(heading.opens_on),
        "截止日期": day_zh(heading.closes_on),
        "正文": [
            {
                "文字": block.text,
                "是标题": isinstance(block, Title),
                "是引文": isinstance(block, Quote),
            }
            for block in paper.blocks
            if isinstance(block, Title | Text | Quote | Note)
        ],
    }


def _tallies(parts: Sequence[Tally]) -> list[dict[str, Any]]:
    return [{"名称": part.label, "条数": part.count} for part in parts]
