"""What a dossier holds: notices, register, decisions, versions, reports and every comment.

Masked texts only; no receipt number and no contact data ever goes in.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from sqlmodel import Session, col, select

from backend.digests import exporting, reporting
from backend.digests.writers.plain import write_csv
from backend.kit.clock import local
from backend.models import (
    Assignment,
    AuditEntry,
    Comment,
    Consultation,
    Digest,
    DigestKind,
    Disposition,
    NoticeRevision,
    OutcomeNotice,
    PlanChange,
    PlanVersion,
    Submission,
)
from backend.web.labels import label


def to_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def comment_file(comment_id: int) -> str:
    return f"意见/{comment_id:06d}.json"


def dossier_files(session: Session, consultation: Consultation) -> Iterator[tuple[str, bytes]]:
    yield "公告.json", _notices(session, consultation)
    yield "登记簿.csv", _register(session, consultation)
    yield "办理记录.csv", _decisions(session, consultation)
    yield "分办记录.csv", _assignments(session, consultation)
    yield "留痕.csv", _audit(session, consultation)
    yield from _versions(session, consultation)
    yield "文本修改.json", _changes(session, consultation)
    yield from _reports(session, consultation)
    yield from _comments(session, consultation)


def _notices(session: Session, consultation: Consultation) -> bytes:
    rows = session.exec(
        select(NoticeRevision)
        .where(NoticeRevision.consultation_id == consultation.id)
        .order_by(col(NoticeRevision.id))
    )
    notices = [
        {
            "kind": row.kind,
            "at": row.created_at.isoformat(),
            "reason": row.reason,
            "content": row.content,
        }
        for row in rows
    ]
    outcome = session.exec(
        select(OutcomeNotice).where(OutcomeNotice.consultation_id == consultation.id)
    ).first()
    shown = None
    if outcome is not None:
        shown = {"published_at": outcome.published_at.isoformat(), "narrative": outcome.narrative}
    return to_bytes({"notices": notices, "outcome": shown})


def _register(session: Session, consultation: Consultation) -> bytes:
    """件 as they arrived; no receipt numbers, no contact data."""
    rows = session.exec(
        select(Submission)
        .where(Submission.consultation_id == consultation.id)
        .order_by(col(Submission.id))
    )
    heads = ("件号", "收到时间", "渠道", "类别", "街镇", "居委", "邮戳日期", "截止后", "撤回时间")
    return write_csv(
        heads,
        (
            (
                str(row.id),
                _moment(row.received_at),
                label("channel", row.channel),
                label("submitter_kind", row.submitter_kind, ""),
                row.street or "",
                row.neighbourhood or "",
                str(row.posted_on or ""),
                "是" if row.is_late else "",
                _moment(row.withdrawn_at),
            )
            for row in rows
        ),
    )


def _decisions(session: Session, consultation: Consultation) -> bytes:
    """Every decision, superseded ones included."""
    rows = session.exec(
        select(Disposition)
        .join(Comment, col(Comment.id) == Disposition.comment_id)
        .where(Comment.consultation_id == consultation.id)
        .order_by(col(Disposition.id))
    )
    heads = ("意见编号", "结论", "理由", "修改位置", "答复", "经办人", "时间", "被替代时间")
    return write_csv(
        heads,
        (
            (
                str(row.comment_id),
                label("outcome", row.outcome),
                row.reason,
                row.change_place,
                row.reply,
                str(row.decided_by_id),
                _moment(row.decided_at),
                _moment(row.superseded_at),
            )
            for row in rows
        ),
    )


def _assignments(session: Session, consultation: Consultation) -> bytes:
    rows = session.exec(
        select(Assignment)
        .join(Comment, col(Comment.id) == Assignment.comment_id)
        .where(Comment.consultation_id == consultation.id)
        .order_by(col(Assignment.id))
    )
    heads = ("意见编号", "动作", "部门", "人员", "原因", "操作人", "时间")
    return write_csv(
        heads,
        (
            (
                str(row.comment_id),
                row.action,
                str(row.department_id or ""),
                str(row.officer_id or ""),
                row.reason,
                str(row.by_officer_id),
                _moment(row.created_at),
            )
            for row in rows
        ),
    )


def _audit(session: Session, consultation: Consultation) -> bytes:
    """The organisation's chain of hashes without its details: enough to see that none is gone."""
    rows = session.exec(
        select(AuditEntry)
        .where(AuditEntry.organisation_id == consultation.organisation_id)
        .order_by(col(AuditEntry.number))
    )
    heads = ("序号", "时间", "人员", "动作", "对象", "对象编号", "前一条校验码", "校验码")
    return write_csv(
        heads,
        (
            (
                str(row.number),
                _moment(row.at),
                str(row.officer_id or ""),
                row.action,
                row.subject_type,
                str(row.subject_id or ""),
                row.previous_hash,
                row.hash,
            )
            for row in rows
        ),
    )


def _versions(session: Session, consultation: Consultation) -> Iterator[tuple[str, bytes]]:
    versions = session.exec(
        select(PlanVersion)
        .where(PlanVersion.consultation_id == consultation.id)
        .order_by(col(PlanVersion.number))
    )
    for version in versions:
        kind = label("version_kind", version.kind)
        plain = {
            "title": version.title,
            "kind": version.kind.value,
            "file_name": version.file_name,
            "file_sha256": version.file_sha256,
            "created_at": version.created_at.isoformat(),
            "parsed": version.parsed,
        }
        yield f"规划文本/{version.number:02d}-{kind}.json", to_bytes(plain)


def _changes(session: Session, consultation: Consultation) -> bytes:
    rows = session.exec(
        select(PlanChange)
        .where(PlanChange.consultation_id == consultation.id)
        .order_by(col(PlanChange.position), col(PlanChange.id))
    )
    return to_bytes(
        [
            {"section": r.section_title, "before": r.before, "after": r.after, "why": r.why}
            for r in rows
        ]
    )


def _reports(session: Session, consultation: Consultation) -> Iterator[tuple[str, bytes]]:
    digests = session.exec(
        select(Digest).where(Digest.consultation_id == consultation.id).order_by(col(Digest.id))
    ).all()
    final = [d for d in digests if d.kind == DigestKind.ADOPTION_REPORT][-1:]
    for digest in digests:
        name = "采纳情况报告" if digest.kind == DigestKind.ADOPTION_REPORT else "摘要"
        yield f"{name}/{digest.id:04d}.json", exporting.write(digest, "json")
    for digest in final:
        for format_ in ("docx", "xlsx"):
            yield f"采纳情况报告/定稿.{format_}", exporting.write(digest, format_)
    if not final:
        draft = reporting.compile_adoption(session, consultation, now=_last_change(consultation))
        snapshot = reporting.unstored(draft, consultation)
        yield "采纳情况报告/草稿.xlsx", exporting.write(snapshot, "xlsx")


def _last_change(consultation: Consultation) -> datetime:
    return consultation.closes_at or consultation.created_at


def _comments(session: Session, consultation: Consultation) -> Iterator[tuple[str, bytes]]:
    rows = session.exec(
        select(Comment)
        .where(Comment.consultation_id == consultation.id, col(Comment.is_current))
        .order_by(col(Comment.id))
        .execution_options(yield_per=500)
    )
    for row in rows:
        plain = {
            "id": row.id,
            "submission": row.submission_id,
            "ordinal": row.ordinal,
            "received_at": row.received_at.isoformat(),
            "text": row.masked_text or "",
            "proposed_wording": row.masked_wording or "",
            "anchor": {
                "kind": row.anchor_kind.value,
                "key": row.anchor_key,
                "section": row.anchor_section_key,
                "quote": row.anchor_quote,
            },
            "handling": row.handling.value,
            "handed_over_to": row.handed_over_to,
            "merged_into": row.merged_into_id,
        }
        yield comment_file(cast(int, row.id)), to_bytes(plain)


def _moment(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M:%S}" if moment else ""
