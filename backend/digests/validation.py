"""Checks a digest against the database before anybody may read it.

Three independent looks: totals counted by SQL, every quotation compared with the stored masked
text, and the whole content computed again. A digest with one wrong number or one altered quote
is not built.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from backend.digests import filters, queries
from backend.digests.compiling import compile_content
from backend.digests.content import DigestContent, Quotation, Tally
from backend.models import Comment, Consultation, Submission
from backend.submissions.people import person_count, same_person
from backend.web.labels import label

_CHUNK = 500  # SQLite allows few parameters in one statement.


def validate(session: Session, consultation: Consultation, content: DigestContent) -> list[str]:
    """Chinese sentences, one for each thing that is not so; empty when the digest is true."""
    problems = [
        *_check_tallies(content),
        *_check_totals(session, consultation, content),
        *_check_quotes(session, consultation, content),
        *_check_coverage(content),
        *_check_again(session, consultation, content),
    ]
    return list(dict.fromkeys(problems))


def walk(value: Any) -> Iterator[Any]:
    """Every record inside a content, depth first."""
    if is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in fields(value):
            yield from walk(getattr(value, field.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from walk(part)


def _check_tallies(content: DigestContent) -> Iterator[str]:
    scope = set(content.overview.scope_ids)
    for part in walk(content):
        if not isinstance(part, Tally):
            continue
        if part.count != len(part.comment_ids) or part.unique_count > part.count:
            yield f"“{part.label}”写的是{part.count}条，实际列出{len(part.comment_ids)}条。"
        if not scope.issuperset(part.comment_ids):
            yield f"“{part.label}”引用了范围以外的意见。"


def _check_totals(
    session: Session, consultation: Consultation, content: DigestContent
) -> Iterator[str]:
    ids = content.overview.scope_ids
    comments = sum(_count(session, consultation, Comment.id, ids).values())
    submissions = len(_count(session, consultation, Comment.submission_id, ids))
    if comments != content.overview.comment_count:
        yield f"意见总数写的是{content.overview.comment_count}条，数据库中是{comments}条。"
    if submissions != content.overview.submission_count:
        yield f"意见总数写的是{content.overview.submission_count}件，数据库中是{submissions}件。"
    sendings = _count(session, consultation, Comment.submission_id, ids)
    same = same_person(session, consultation.id or 0, counted_only=False)
    people = person_count(sendings, same)
    if people != content.overview.person_count:
        yield f"提交人数写的是{content.overview.person_count}人，数据库中是{people}人。"
    channels = _count(session, consultation, Submission.channel, ids)
    stored = {label("channel", key): count for key, count in channels.items()}
    written = {part.label: part.count for part in content.overview.channels}
    if stored != written:
        yield "各渠道的数量与数据库不一致。"


def _count(
    session: Session, consultation: Consultation, column: Any, ids: Iterable[int]
) -> Counter[Any]:
    counts: Counter[Any] = Counter()
    for chunk in _chunks(list(ids)):
        rows = session.execute(
            select(column, func.count())
            .select_from(Comment)
            .join(Submission, col(Submission.id) == Comment.submission_id)
            .where(Comment.consultation_id == consultation.id, col(Comment.id).in_(chunk))
            .group_by(column)
        )
        for key, count in rows:
            counts[key] += count
    return counts


def _check_quotes(
    session: Session, consultation: Consultation, content: DigestContent
) -> Iterator[str]:
    quotes = [part for part in walk(content) if isinstance(part, Quotation)]
    wanted = sorted({q.comment_id for q in quotes} | {row.comment_id for row in content.rows})
    stored: dict[int, tuple[str, str]] = {}
    for chunk in _chunks(wanted):
        rows = session.execute(
            select(Comment.id, Comment.masked_text, Comment.masked_wording).where(
                Comment.consultation_id == consultation.id, col(Comment.id).in_(chunk)
            )
        )
        stored |= {key: (text or "", wording or "") for key, text, wording in rows}
    for quote in quotes:
        if not quote.text or quote.text not in stored.get(quote.comment_id, ("", ""))[0]:
            yield f"引用的{quote.comment_id}号意见与原文不一致。"
    for row in content.rows:
        text, wording = stored.get(row.comment_id, ("", ""))
        if row.text != text or row.proposed_wording not in ("", wording):
            yield f"明细表中{row.comment_id}号意见与原文不一致。"
    for change in content.wordings:
        if change.proposed != stored.get(change.comment_id, ("", ""))[1]:
            yield f"{change.comment_id}号意见建议的表述与原文不一致。"


def _check_coverage(content: DigestContent) -> Iterator[str]:
    """Every comment in scope stands in the table, once, or is named among those left out."""
    listed = Counter(row.comment_id for row in content.rows)
    if set(listed) != set(content.overview.scope_ids) or any(n > 1 for n in listed.values()):
        yield "明细表没有恰好列出范围内的每一条意见。"
    left_out = {i for part in content.left_out for i in part.comment_ids}
    if left_out != {row.comment_id for row in content.rows if row.left_out}:
        yield "未纳入统计的意见与明细表不一致。"


def _check_again(
    session: Session, consultation: Consultation, content: DigestContent
) -> Iterator[str]:
    chosen = filters.parse(content.query)
    frame = queries.load_frame(session, consultation, chosen)
    again = compile_content(
        frame,
        content.heading,
        chosen,
        now=content.compiled_at,
        since_last=content.since_last,
        template=content.template,
    )
    for field in fields(DigestContent):
        if getattr(again, field.name) != getattr(content, field.name):
            yield f"“{_PARTS.get(field.name, field.name)}”重新计算后与摘要不一致。"


_PARTS = {
    "findings": "主要发现",
    "overview": "总体情况",
    "chapters": "分章情况",
    "indicators": "指标",
    "tasks": "任务",
    "topics": "话题",
    "campaigns": "相似意见",
    "wordings": "建议的表述",
    "conflicts": "相反要求",
    "handed_over": "移交办理",
    "left_out": "未纳入统计",
    "decisions": "办理结论",
    "ratings": "对答复的评价",
    "method": "方法与质量",
    "rows": "明细表",
    "scope": "范围",
}


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
