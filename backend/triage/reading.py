"""One comment with everything an official needs to decide on it, read for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.models import (
    Assessment,
    AssessmentLink,
    Assignment,
    Attachment,
    AuditEntry,
    Comment,
    CorpusTag,
    Department,
    Disposition,
    InternalNote,
    Officer,
    Outcome,
    Passage,
    Review,
    ReviewLink,
    Submission,
)
from backend.triage import filters, rules
from backend.triage.filters import Scope
from backend.triage.highlight import Mark, Segment, marks_of, segments
from backend.triage.plan import PlanIndex

SIMILAR_COUNT = 8
HISTORY_COUNT = 40
AROUND = 1


@dataclass(frozen=True, slots=True)
class ItemTag:
    """A plan item a comment is said to be about, by the machine or by a person."""

    kind: str
    key: str
    title: str
    place: str
    stance: str | None
    score: float | None
    evidence: tuple[str, ...]
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class AnchorText:
    """The plan around an anchor: passages as they are now, and the quote as it was."""

    path: str
    passages: tuple[tuple[Passage, bool], ...]
    quote: str


@dataclass(frozen=True, slots=True)
class SimilarComment:
    """A comment of the same near-copy cluster, issue or topic, decided ones first."""

    id: int
    snippet: str
    is_copy: bool
    outcome: Outcome | None
    reason: str


@dataclass(frozen=True, slots=True)
class Note:
    officer_name: str
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One entry of the audit that speaks of this comment."""

    at: datetime
    officer_name: str | None
    action: str
    details: dict[str, object]


@dataclass(frozen=True, slots=True)
class CommentView:
    """Everything on a comment's page."""

    comment: Comment
    submission: Submission
    sibling_count: int
    text: tuple[Segment, ...]
    is_masked: bool
    anchor: AnchorText
    assessment: Assessment | None
    review: Review | None
    items: tuple[ItemTag, ...]
    sentiment: str | None
    intent: str | None
    topic: str | None
    copies: int
    cluster: str | None
    disposition: Disposition | None
    decided_by: str | None
    earlier: tuple[tuple[Disposition, str], ...]
    assignments: tuple[tuple[Assignment, str, str | None], ...]
    notes: tuple[Note, ...]
    history: tuple[HistoryRow, ...]
    similar: tuple[SimilarComment, ...]
    attachments: tuple[Attachment, ...]
    assigned_officer: str | None
    assigned_department: str | None
    claimed_by: str | None
    due_on: date | None

    @property
    def copies_decided_otherwise(self) -> tuple[SimilarComment, ...]:
        """Near-copies whose outcome differs from this comment's: like matters, decided unlike."""
        own = self.disposition.outcome if self.disposition else None
        outcomes = {s.outcome for s in self.similar if s.is_copy and s.outcome is not None}
        if len(outcomes | ({own} if own else set())) < 2:
            return ()
        return tuple(s for s in self.similar if s.is_copy and s.outcome not in (None, own))


def find(session: Session, comment_id: int, scope: Scope) -> tuple[Comment, Submission] | None:
    """A comment this officer may see, with the sending it came in."""
    statement = (
        select(Comment, Submission)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(Comment.id == comment_id, filters.visible(scope))
    )
    return session.exec(statement).first()


def view(session: Session, comment: Comment, submission: Submission, scope: Scope) -> CommentView:
    """Read the rest of a comment's page."""
    assert comment.id is not None
    assessment = session.exec(
        select(Assessment).where(
            Assessment.comment_id == comment.id, col(Assessment.is_current).is_(True)
        )
    ).first()
    review = session.exec(select(Review).where(Review.comment_id == comment.id)).first()
    tag = session.get(CorpusTag, comment.id)
    links = _machine_links(session, assessment)
    names = _names(session, comment)
    decisions = _dispositions(session, comment.id)
    current = next((d for d, _ in decisions if d.superseded_at is None), None)
    shown = comment.masked_text if comment.masked_text is not None else comment.text
    return CommentView(
        comment=comment,
        submission=submission,
        sibling_count=_sibling_count(session, comment),
        text=tuple(segments(shown, comment.text, _marks(assessment, links, scope.plan))),
        is_masked=comment.masked_text is not None and comment.masked_text != comment.text,
        anchor=_anchor(session, comment, scope.plan),
        assessment=assessment,
        review=review,
        items=_items(session, comment, links, review, scope.plan),
        sentiment=(review.sentiment if review else None)
        or (assessment.sentiment if assessment else None),
        intent=(review.intent if review else None) or (assessment.intent if assessment else None),
        topic=dict(scope.topics).get(tag.topic or "") if tag else None,
        copies=_copy_count(session, tag),
        cluster=tag.cluster if tag else None,
        disposition=current,
        decided_by=next((name for d, name in decisions if d is current), None),
        earlier=tuple((d, name) for d, name in decisions if d is not current),
        assignments=_assignments(session, comment.id),
        notes=_notes(session, comment.id),
        history=_history(session, comment.id),
        similar=_similar(session, comment, tag, scope),
        attachments=tuple(
            session.exec(select(Attachment).where(Attachment.submission_id == submission.id))
        ),
        assigned_officer=names.get(("officer", comment.assigned_officer_id)),
        assigned_department=names.get(("department", comment.assigned_department_id)),
        claimed_by=names.get(("officer", comment.claimed_by_id))
        if rules.is_claimed_by_other(comment, scope.officer_id, scope.now)
        else None,
        due_on=rules.due_on(comment),
    )


# --- Parts ---------------------------------------------------------------------------------------


def _machine_links(session: Session, assessment: Assessment | None) -> Sequence[AssessmentLink]:
    if assessment is None:
        return ()
    statement = select(AssessmentLink).where(AssessmentLink.assessment_id == assessment.id)
    return session.exec(statement.order_by(col(AssessmentLink.rank))).all()


def _marks(
    assessment: Assessment | None, links: Sequence[AssessmentLink], plan: PlanIndex
) -> list[Mark]:
    if assessment is None:
        return []
    evidence = assessment.evidence
    found = marks_of(evidence.get("sentiment"), "情感")
    found += marks_of(evidence.get("intent"), "意图")
    found += marks_of(evidence.get("places"), "地点")
    for link in links:
        found += marks_of(link.evidence, plan.title_of(link.item_key))
    return found


def _items(
    session: Session,
    comment: Comment,
    links: Sequence[AssessmentLink],
    review: Review | None,
    plan: PlanIndex,
) -> tuple[ItemTag, ...]:
    """What a person chose first; then what the machine suggests beside it."""
    is_confirmed = review is not None and review.links_confirmed
    chosen = (
        session.exec(
            select(ReviewLink)
            .where(ReviewLink.comment_id == comment.id)
            .order_by(col(ReviewLink.id))
        ).all()
        if is_confirmed
        else ()
    )
    suggested = {link.item_key: link for link in links}
    taken = {own.item_key for own in chosen}
    return (
        *(_tag(plan, comment, own, suggested.get(own.item_key), is_chosen=True) for own in chosen),
        *(
            _tag(plan, comment, link, link, is_chosen=not is_confirmed)
            for link in links
            if link.item_key not in taken
        ),
    )


def _tag(
    plan: PlanIndex,
    comment: Comment,
    shown: ReviewLink | AssessmentLink,
    link: AssessmentLink | None,
    *,
    is_chosen: bool,
) -> ItemTag:
    item = plan.items.get(shown.item_key)
    spans = marks_of(link.evidence if link else (), "")
    return ItemTag(
        kind=shown.item_kind,
        key=shown.item_key,
        title=plan.title_of(shown.item_key),
        place=plan.path_of(item.section_key) if item else "",
        stance=shown.stance,
        score=link.score if link else None,
        evidence=tuple(comment.text[span.start : span.end] for span in spans),
        is_chosen=is_chosen,
    )


def _anchor(session: Session, comment: Comment, plan: PlanIndex) -> AnchorText:
    """The anchored passage with its neighbours, as the newest version has them."""
    path = plan.path_of(comment.anchor_section_key)
    rows: Sequence[Passage] = ()
    if plan.version_id is not None and comment.anchor_section_key is not None:
        rows = session.exec(
            select(Passage)
            .where(
                Passage.plan_version_id == plan.version_id,
                Passage.section_key == comment.anchor_section_key,
            )
            .order_by(col(Passage.position))
        ).all()
    at = next((i for i, row in enumerate(rows) if row.key == comment.anchor_key), None)
    if at is None and comment.anchor_quote:
        at = next((i for i, row in enumerate(rows) if comment.anchor_quote in row.text), None)
    if at is None:
        return AnchorText(
            path, tuple((row, False) for row in rows[: 2 * AROUND]), comment.anchor_quote
        )
    around = rows[max(0, at - AROUND) : at + AROUND + 1]
    return AnchorText(path, tuple((row, row is rows[at]) for row in around), comment.anchor_quote)


def _names(session: Session, comment: Comment) -> dict[tuple[str, int | None], str]:
    people = {comment.assigned_officer_id, comment.claimed_by_id} - {None}
    names: dict[tuple[str, int | None], str] = {}
    if people:
        rows = session.exec(
            select(Officer.id, Officer.display_name).where(col(Officer.id).in_(people))
        )
        names = {("officer", key): name for key, name in rows}
    if comment.assigned_department_id is not None:
        department = session.get_one(Department, comment.assigned_department_id)
        names["department", department.id] = department.name
    return names


def _dispositions(session: Session, comment_id: int) -> list[tuple[Disposition, str]]:
    statement = (
        select(Disposition, Officer.display_name)
        .join(Officer, col(Officer.id) == Disposition.decided_by_id)
        .where(Disposition.comment_id == comment_id)
        .order_by(col(Disposition.id).desc())
    )
    return list(session.exec(statement).all())


def _assignments(
    session: Session, comment_id: int
) -> tuple[tuple[Assignment, str, str | None], ...]:
    statement = (
        select(Assignment, Officer.display_name, Department.name)
        .join(Officer, col(Officer.id) == Assignment.by_officer_id)
        .join(Department, col(Department.id) == Assignment.department_id, isouter=True)
        .where(Assignment.comment_id == comment_id)
        .order_by(col(Assignment.id).desc())
    )
    return tuple(session.exec(statement).all())


def _notes(session: Session, comment_id: int) -> tuple[Note, ...]:
    statement = (
        select(Officer.display_name, InternalNote.text, InternalNote.created_at)
        .join(Officer, col(Officer.id) == InternalNote.officer_id)
        .where(InternalNote.comment_id == comment_id)
        .order_by(col(InternalNote.id))
    )
    return tuple(Note(*row) for row in session.exec(statement))


def _history(session: Session, comment_id: int) -> tuple[HistoryRow, ...]:
    statement = (
        select(AuditEntry.at, Officer.display_name, AuditEntry.action, AuditEntry.details)
        .join(Officer, col(Officer.id) == AuditEntry.officer_id, isouter=True)
        .where(AuditEntry.subject_type == "comment", AuditEntry.subject_id == comment_id)
        .order_by(col(AuditEntry.id).desc())
        .limit(HISTORY_COUNT)
    )
    return tuple(
        HistoryRow(at, name, action, dict(details))
        for at, name, action, details in session.exec(statement)
    )


def _sibling_count(session: Session, comment: Comment) -> int:
    statement = select(sa.func.count()).select_from(Comment)
    return session.exec(statement.where(Comment.submission_id == comment.submission_id)).one() - 1


def _copy_count(session: Session, tag: CorpusTag | None) -> int:
    if tag is None or tag.cluster is None:
        return 0
    statement = select(sa.func.count()).select_from(CorpusTag)
    return session.exec(
        statement.where(
            CorpusTag.corpus_run_id == tag.corpus_run_id, CorpusTag.cluster == tag.cluster
        )
    ).one()


def _similar(
    session: Session, comment: Comment, tag: CorpusTag | None, scope: Scope
) -> tuple[SimilarComment, ...]:
    """Near-copies, then the same issue, then the same topic; decided ones first in each."""
    if tag is None or not (tag.cluster or tag.issue or tag.topic):
        return ()
    nearness = sa.case(
        (col(CorpusTag.cluster) == tag.cluster, 0), (col(CorpusTag.issue) == tag.issue, 1), else_=2
    )
    columns: list[Any] = [
        col(Comment.id),
        sa.func.substr(filters.shown_text, 1, 90).label("snippet"),
        nearness.label("nearness"),
        col(Disposition.outcome),
        col(Disposition.reason),
    ]
    same = sa.or_(
        col(CorpusTag.cluster) == tag.cluster,
        col(CorpusTag.issue) == tag.issue,
        col(CorpusTag.topic) == tag.topic,
    )
    statement = (
        sa.select(*columns)
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .join(CorpusTag, col(CorpusTag.comment_id) == col(Comment.id))
        .outerjoin(
            Disposition,
            sa.and_(
                col(Disposition.comment_id) == col(Comment.id),
                col(Disposition.superseded_at).is_(None),
            ),
        )
        .where(filters.visible(scope), same, col(Comment.id) != comment.id)
        .order_by(nearness, col(Disposition.outcome).is_(None), col(Comment.id))
        .limit(SIMILAR_COUNT)
    )
    return tuple(
        SimilarComment(
            row.id, " ".join(row.snippet.split()), row.nearness == 0, row.outcome, row.reason or ""
        )
        for row in session.connection().execute(statement)
    )
