"""One comment with everything an official needs to decide on it, read for its page."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.models import (
    Assessment,
    Assignment,
    Attachment,
    Channel,
    Comment,
    Consultation,
    Contact,
    CorpusTag,
    Department,
    Disagreement,
    Disposition,
    Officer,
    Proposal,
    Review,
    Standpoint,
    Submission,
    SupportingOpinion,
)
from backend.submissions import people, verifying
from backend.submissions.correcting import earlier_words
from backend.submissions.queries import contact as contact_of
from backend.triage import (
    approving,
    filters,
    handing_over,
    history,
    looking,
    rules,
    splitting,
    supporting,
)
from backend.triage.anchor import AnchorText, anchor_text
from backend.triage.approving import ProposalRow
from backend.triage.filters import Scope
from backend.triage.handing_over import HandOverRow
from backend.triage.highlight import Segment, segments
from backend.triage.leave import StandIn
from backend.triage.similar import SimilarComment, copy_count, similar_comments
from backend.triage.supporting import OpinionRow
from backend.triage.tags import ItemTag, evidence_marks, item_tags, machine_links


@dataclass(frozen=True, slots=True)
class OtherSending:
    """Another sending of the same person; `comment_id` when this officer may read it."""

    channel: Channel
    received_at: datetime
    comment_id: int | None


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
    notes: tuple[history.Note, ...]
    history: tuple[history.HistoryRow, ...]
    similar: tuple[SimilarComment, ...]
    attachments: tuple[Attachment, ...]
    assigned_officer: str | None
    assigned_department: str | None
    stand_in: StandIn | None
    claimed_by: str | None
    others_here: tuple[str, ...]
    due_on: date | None
    approval_steps: int
    proposal: ProposalRow | None
    opinions: tuple[OpinionRow, ...]
    own_opinion: SupportingOpinion | None
    disagreement: Disagreement | None
    hand_overs: tuple[HandOverRow, ...]
    parts: tuple[Comment, ...]
    same_person: tuple[OtherSending, ...]
    entered_by: str | None
    corrected: tuple[Comment, ...]
    contact: Contact | None
    needs_verified: bool

    @property
    def open_proposal(self) -> Proposal | None:
        """The proposal that waits to be checked or approved."""
        row = self.proposal
        return row.proposal if row is not None and row.proposal.state in approving.OPEN else None

    @property
    def objections(self) -> list[str]:
        """The departments that do not agree."""
        return [
            row.department for row in self.opinions if row.opinion.standpoint is Standpoint.OBJECTS
        ]

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
    links = machine_links(session, assessment)
    names = _names(session, comment, submission)
    decisions = history.dispositions(session, comment.id)
    current = next((d for d, _ in decisions if d.superseded_at is None), None)
    opinions = supporting.opinions(session, comment.id)
    shown = comment.masked_text if comment.masked_text is not None else comment.text
    return CommentView(
        comment=comment,
        submission=submission,
        sibling_count=_sibling_count(session, comment),
        text=tuple(segments(shown, comment.text, evidence_marks(assessment, links, scope.plan))),
        is_masked=comment.masked_text is not None and comment.masked_text != comment.text,
        anchor=anchor_text(session, comment, scope.plan),
        assessment=assessment,
        review=review,
        items=item_tags(session, comment, links, review, scope.plan),
        sentiment=(review.sentiment if review else None)
        or (assessment.sentiment if assessment else None),
        intent=(review.intent if review else None) or (assessment.intent if assessment else None),
        topic=dict(scope.topics).get(tag.topic or "") if tag else None,
        copies=copy_count(session, tag),
        cluster=tag.cluster if tag else None,
        disposition=current,
        decided_by=next((name for d, name in decisions if d is current), None),
        earlier=tuple((d, name) for d, name in decisions if d is not current),
        assignments=history.assignments(session, comment.id),
        notes=history.notes(session, comment.id),
        history=history.history(session, comment.id),
        similar=similar_comments(session, comment, tag, scope),
        attachments=tuple(
            session.exec(select(Attachment).where(Attachment.submission_id == submission.id))
        ),
        assigned_officer=names.get(("officer", comment.assigned_officer_id)),
        assigned_department=names.get(("department", comment.assigned_department_id)),
        claimed_by=names.get(("officer", comment.claimed_by_id))
        if rules.is_claimed_by_other(comment, scope.officer_id, scope.now)
        else None,
        stand_in=scope.absent.get(comment.assigned_officer_id or 0),
        others_here=looking.others_here(session, comment.id, scope.officer_id, scope.now),
        due_on=rules.due_on(comment),
        approval_steps=approving.steps_of(session, comment),
        proposal=approving.latest(session, comment.id),
        opinions=opinions,
        own_opinion=next(
            (
                row.opinion
                for row in opinions
                if scope.department_id is not None
                and row.opinion.department_id == scope.department_id
            ),
            None,
        ),
        disagreement=supporting.disagreement(session, comment.id) if opinions else None,
        hand_overs=handing_over.hand_overs(session, comment.id, scope.now),
        parts=tuple(splitting.parts_from(session, comment.split_from_id))
        if comment.split_from_id is not None
        else (),
        same_person=_same_person(session, submission, scope),
        corrected=tuple(earlier_words(session, comment)),
        contact=contact_of(session, submission),
        needs_verified=verifying.is_asked_for(
            session.get_one(Consultation, comment.consultation_id)
        ),
        entered_by=names.get(("officer", submission.transcribed_by_id)),
    )


def _same_person(
    session: Session, submission: Submission, scope: Scope
) -> tuple[OtherSending, ...]:
    """What the same person (by telephone or e-mail) also sent, as far as this officer may see."""
    others = people.others_of(session, submission)
    if not others:
        return ()
    rows = session.exec(
        select(Submission, sa.func.min(Comment.id))
        .join(Comment, col(Comment.submission_id) == col(Submission.id))
        .where(col(Submission.id).in_(others), filters.visible(scope))
        .group_by(col(Submission.id))
    ).all()
    first = {row.id: comment_id for row, comment_id in rows}
    every = select(Submission).where(col(Submission.id).in_(others)).order_by(col(Submission.id))
    return tuple(
        OtherSending(row.channel, row.received_at, first.get(row.id))
        for row in session.exec(every).all()
    )


def _names(
    session: Session, comment: Comment, submission: Submission
) -> dict[tuple[str, int | None], str]:
    named = {comment.assigned_officer_id, comment.claimed_by_id, submission.transcribed_by_id}
    officers = named - {None}
    names: dict[tuple[str, int | None], str] = {}
    if officers:
        rows = session.exec(
            select(Officer.id, Officer.display_name).where(col(Officer.id).in_(officers))
        )
        names = {("officer", key): name for key, name in rows}
    if comment.assigned_department_id is not None:
        department = session.get_one(Department, comment.assigned_department_id)
        names["department", department.id] = department.name
    return names


def _sibling_count(session: Session, comment: Comment) -> int:
    statement = select(sa.func.count()).select_from(Comment)
    return session.exec(statement.where(Comment.submission_id == comment.submission_id)).one() - 1
