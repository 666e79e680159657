"""The open-data bundle of one consultation: JSON, CSV, and a page that explains every column."""

import json
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from pydantic import BaseModel
from sqlmodel import Session

from backend.digests.writers.plain import stream_csv
from backend.kit.clock import local
from backend.portal import open_data
from backend.portal.opened import Opened

SPOOLED = 20_000_000  # bytes kept in memory before the bundle goes to a file
_TABLES: tuple[tuple[str, type[BaseModel], str], ...] = (
    ("sections.csv", open_data.SectionRecord, "规划的章节"),
    ("indicators.csv", open_data.IndicatorRecord, "规划的指标，数值和原文一致"),
    ("tasks.csv", open_data.TaskRecord, "规划的任务、专栏项目和重大项目"),
    ("comments.csv", open_data.CommentRecord, "已经公开的意见，个人信息已隐去"),
    ("changes.csv", open_data.ChangeRecord, "因意见作出的修改"),
)
_FIELDS = {
    "key": "编号，在规划的各个版本里不变",
    "parent": "上级章节的编号",
    "level": "层级，1 最高",
    "label": "原文的序号",
    "title": "标题",
    "comment_count": "意见条数",
    "section": "所在章节的编号",
    "number": "指标表里的序号",
    "name": "名称",
    "unit": "单位",
    "kind": "属性或类别",
    "baseline": "基期值",
    "current": "现状值",
    "target": "目标值",
    "bound": "目标是下限、上限还是定值",
    "source": "table 来自指标表，prose 来自正文",
    "id": "意见编号",
    "received_on": "收到日期",
    "anchor_kind": "对什么提的意见",
    "anchor_key": "所对条目的编号",
    "text": "意见（已隐去个人信息）",
    "proposed_wording": "建议的文字",
    "support_count": "支持人数",
    "outcome": "采纳情况，结果公布后才有",
    "section_title": "章节标题",
    "before": "原文",
    "after": "改后",
    "why": "为什么改",
    "comments": "依据的已公开意见编号",
}


def write(session: Session, opened: Opened, now: datetime, base_url: str) -> IO[bytes]:
    """The zip as an open file at its beginning; the caller closes it."""
    target: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=SPOOLED)  # noqa: SIM115
    consultation = open_data.opened_record(session, opened, now)
    plan = open_data.plan_record(session, opened) if opened.version is not None else None
    outcome = open_data.outcome_record(session, opened)
    rows: dict[str, Iterable[BaseModel]] = {
        "sections.csv": plan.sections if plan else (),
        "indicators.csv": plan.indicators if plan else (),
        "tasks.csv": plan.tasks if plan else (),
        "comments.csv": open_data.all_comments(session, opened, now),
        "changes.csv": outcome.changes if outcome else (),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.md", readme(consultation, now, base_url))
        archive.writestr("consultation.json", _json(consultation))
        if plan is not None:
            archive.writestr("plan.json", _json(plan))
        if outcome is not None:
            archive.writestr("outcome.json", _json(outcome))
        for name, record, _ in _TABLES:
            columns = columns_of(record)
            with archive.open(name, "w") as file:
                for piece in stream_csv(columns, open_data.cells(rows[name], columns)):
                    file.write(piece)
    target.seek(0)
    return target


def columns_of(record: type[BaseModel]) -> list[str]:
    """The columns of a table: every field but the paragraphs, which stand in plan.json."""
    return [name for name in record.model_fields if name != "passages"]


def readme(consultation: open_data.ConsultationRecord, now: datetime, base_url: str) -> str:
    """What is in the bundle, in Chinese, column by column."""
    lines = [
        f"# {consultation.title}：开放数据",
        "",
        f"{consultation.organisation}，{local(now):%Y-%m-%d %H:%M} 生成。",
        f"来源：{base_url.rstrip('/')}{consultation.page}",
        "",
        f"共收到意见 {consultation.submission_count} 件 {consultation.comment_count} 条。"
        "这里只有经过审核公开的意见，姓名、电话、住址等个人信息已经隐去；"
        "未公开的意见只计入条数。",
        "表格是 UTF-8 编码的 CSV，可以用 Excel 或 WPS 打开；JSON 的内容相同，并含规划全文。",
        "转载和使用请注明来源。",
    ]
    for name, record, about in _TABLES:
        lines += ["", f"## {name}：{about}", ""]
        lines += [f"- `{column}`：{_FIELDS[column]}" for column in columns_of(record)]
    return "\n".join(lines) + "\n"


def _json(record: BaseModel) -> str:
    return json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
