"""开放数据: what anybody may take away and reuse, as plain records without personal data.

The same records make the JSON interface and the files of the bundle. Opinions are the published
ones in their masked wording; decisions appear once the outcome is published, as on the pages.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TypeVar

from pydantic import BaseModel, Field
from sqlalchemy import and_
from sqlmodel import Session, col, select

from backend.consultations import rules as consultation_rules
from backend.models import (
    Comment,
    Disposition,
    Indicator,
    PlanVersion,
    Section,
    Stage,
    Submission,
    Task,
)
from backend.plans import queries as plans
from backend.portal import outcomes
from backend.portal.opened import Opened
from backend.portal.queries import Summary, may_be_shown, organisation_name

PAGE = 500
Record = TypeVar("Record", bound=BaseModel)


class ConsultationRecord(BaseModel):
    """One consultation (征询): its notice in figures, and where the rest is."""

    slug: str
    title: str
    stage: Stage
    organisation: str
    drafting_office: str
    subject: str
    place: str
    published_on: date | None
    opens_at: datetime | None
    closes_at: datetime | None = Field(description="half-open: the first moment after closing")
    legal_basis: str
    submission_count: int = Field(description="件: sendings by every channel")
    comment_count: int = Field(description="条: single opinions")
    plan_version: int | None
    page: str
    plan: str
    comments: str | None = Field(description="null where opinions are not published one by one")
    outcome: str | None = Field(description="null until the outcome is published")
    bundle: str


class Passage(BaseModel):
    """One paragraph; its `key` stays the same through all versions of the plan."""

    key: str
    text: str


class SectionRecord(BaseModel):
    """One heading with its own paragraphs, in reading order."""

    key: str
    parent: str | None
    level: int
    label: str | None
    title: str
    comment_count: int = Field(description="opinions on it and on everything below it")
    passages: list[Passage]


class IndicatorRecord(BaseModel):
    """One indicator (指标), its values as printed."""

    key: str
    section: str | None
    number: str | None
    name: str
    unit: str | None
    kind: str | None
    baseline: str | None
    current: str | None
    target: str | None
    bound: str | None
    source: str = Field(description="table, or prose for a target stated in running text")
    comment_count: int


class TaskRecord(BaseModel):
    """One task (任务), item of a box, or major project."""

    key: str
    section: str | None
    kind: str
    title: str
    comment_count: int


class PlanRecord(BaseModel):
    """The plan as the public reads it."""

    title: str
    version: int
    kind: str
    sections: list[SectionRecord]
    indicators: list[IndicatorRecord]
    tasks: list[TaskRecord]


class CommentRecord(BaseModel):
    """One published opinion (条), masked."""

    id: int
    received_on: date
    anchor_kind: str
    anchor_key: str | None
    section: str | None
    text: str
    proposed_wording: str | None
    support_count: int
    outcome: str | None = Field(description="the decision, once the outcome is published")


class CommentPage(BaseModel):
    """Opinions in the order of their ids; `next` continues after the last one."""

    comments: list[CommentRecord]
    next: str | None


class ChangeRecord(BaseModel):
    """因您的意见而改: one change of the text, with the opinions behind it."""

    section: str | None
    section_title: str
    before: str
    after: str
    why: str
    comment_count: int
    comments: list[int] = Field(description="ids of published opinions, the first three")


class OutcomeRecord(BaseModel):
    """What was decided, and what changed."""

    published_at: datetime
    narrative: str
    counts: dict[str, int]
    changes: list[ChangeRecord]


def consultation_record(row: Summary, organisation: str, version: int | None) -> ConsultationRecord:
    """One line of the list of consultations."""
    consultation = row.consultation
    api = f"/api/consultations/{consultation.slug}"
    has_outcome = row.stage in (Stage.ANSWERED, Stage.ARCHIVED)
    return ConsultationRecord(
        slug=consultation.slug,
        title=consultation.title,
        stage=row.stage,
        organisation=organisation,
        drafting_office=consultation.drafting_office,
        subject=consultation.subject,
        place=consultation.place,
        published_on=consultation.published_on,
        opens_at=consultation.opens_at,
        closes_at=consultation.closes_at,
        legal_basis=consultation.legal_basis,
        submission_count=row.submission_count,
        comment_count=row.comment_count,
        plan_version=version,
        page=f"/consultations/{consultation.slug}",
        plan=f"{api}/plan",
        comments=f"{api}/comments" if consultation.publishes_comments else None,
        outcome=f"{api}/outcome" if has_outcome else None,
        bundle=f"/consultations/{consultation.slug}/open-data.zip",
    )


def opened_record(session: Session, opened: Opened, now: datetime) -> ConsultationRecord:
    """The consultation somebody reads."""
    summary = Summary(
        opened.consultation,
        consultation_rules.stage(opened.consultation, now),
        consultation_rules.days_left(opened.consultation, now),
        opened.voices.submission_count,
        opened.voices.comment_count,
    )
    number = None if opened.version is None else opened.version.number
    return consultation_record(summary, organisation_name(session, opened.consultation), number)


def plan_record(session: Session, opened: Opened) -> PlanRecord:
    """The whole plan; three queries whatever its length."""
    version_id = opened.version_id
    version: PlanVersion = session.get_one(PlanVersion, version_id)
    paragraphs: dict[str, list[Passage]] = {}
    for passage in plans.passages(session, version_id):
        own = paragraphs.setdefault(passage.section_key, [])
        own.append(Passage(key=passage.key, text=passage.text))
    return PlanRecord(
        title=version.title,
        version=version.number,
        kind=version.kind,
        sections=[_section(row, opened, paragraphs.get(row.key, [])) for row in opened.sections],
        indicators=[_indicator(row, opened) for row in plans.indicators(session, version_id)],
        tasks=[_task(row, opened) for row in plans.tasks(session, version_id)],
    )


def _section(row: Section, opened: Opened, passages: list[Passage]) -> SectionRecord:
    return SectionRecord(
        key=row.key,
        parent=row.parent_key,
        level=row.level,
        label=row.label,
        title=row.title,
        comment_count=opened.voices.in_section(row.key),
        passages=passages,
    )


def _indicator(row: Indicator, opened: Opened) -> IndicatorRecord:
    values = row.model_dump(
        include={"key", "name", "unit", "kind", "baseline", "current", "target", "bound", "source"}
    )
    return IndicatorRecord(
        **values,
        section=row.section_key,
        number=row.no,
        comment_count=opened.voices.on(row.key),
    )


def _task(row: Task, opened: Opened) -> TaskRecord:
    return TaskRecord(
        key=row.key,
        section=row.section_key,
        kind=row.kind,
        title=row.title,
        comment_count=opened.voices.on(row.key),
    )


def comment_records(
    session: Session, opened: Opened, now: datetime, *, after: int = 0, limit: int = PAGE
) -> list[CommentRecord]:
    """Published opinions with greater ids, in their order; none where none are published."""
    if not opened.consultation.publishes_comments:
        return []
    stage = consultation_rules.stage(opened.consultation, now)
    is_answered = stage in (Stage.ANSWERED, Stage.ARCHIVED)
    current = and_(
        col(Disposition.comment_id) == col(Comment.id), col(Disposition.superseded_at).is_(None)
    )
    rows = session.exec(
        select(Comment, Disposition.outcome)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .join(Disposition, current, isouter=True)
        .where(
            Comment.consultation_id == opened.consultation.id,
            col(Comment.id) > after,
            may_be_shown(),
        )
        .order_by(col(Comment.id))
        .limit(limit)
    )
    return [_comment(comment, outcome if is_answered else None) for comment, outcome in rows]


def _comment(comment: Comment, outcome: str | None) -> CommentRecord:
    assert comment.id is not None
    return CommentRecord(
        id=comment.id,
        received_on=comment.received_at.date(),
        anchor_kind=comment.anchor_kind,
        anchor_key=comment.anchor_key,
        section=comment.anchor_section_key,
        text=comment.masked_text or "",
        proposed_wording=comment.masked_wording,
        support_count=comment.support_count,
        outcome=outcome,
    )


def all_comments(session: Session, opened: Opened, now: datetime) -> Iterator[CommentRecord]:
    """Every published opinion, read page by page."""
    after = 0
    while page := comment_records(session, opened, now, after=after):
        yield from page
        after = page[-1].id


def outcome_record(session: Session, opened: Opened) -> OutcomeRecord | None:
    """The outcome as published; None before that."""
    assert opened.consultation.id is not None
    outcome = outcomes.published(session, opened.consultation.id)
    if outcome is None:
        return None
    return OutcomeRecord(
        published_at=outcome.notice.published_at,
        narrative=outcome.notice.narrative,
        counts=dict(outcome.counts),
        changes=[
            ChangeRecord(
                section=row.change.section_key,
                section_title=row.change.section_title,
                before=row.change.before,
                after=row.change.after,
                why=row.change.why,
                comment_count=row.comment_count,
                comments=[comment.id for comment in row.comments if comment.id is not None],
            )
            for row in outcome.changes
        ],
    )


def cells(records: Iterable[Record], names: list[str]) -> Iterator[list[str]]:
    """Records as rows of a table; a missing value is an empty cell."""
    for record in records:
        values = record.model_dump(mode="json")
        yield ["" if values[name] is None else str(values[name]) for name in names]
