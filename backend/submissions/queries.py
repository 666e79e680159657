"""Reads for the form, the check page and the receipt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from backend.models import (
    AnchorKind,
    AnswerVerdict,
    Attachment,
    Comment,
    Consultation,
    Contact,
    Disposition,
    Draft,
    Neighbourhood,
    PlanVersion,
    ProxyConsent,
    Screening,
    Submission,
)
from backend.plans import queries as plans
from backend.submissions import rules
from backend.submissions.rating import ratings


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an opinion is about: the plan item, what to call it, and its words."""

    kind: AnchorKind
    key: str | None
    section_key: str | None
    label: str
    words: str


WHOLE_PLAN = Anchor(AnchorKind.PLAN, None, None, "整个规划", "")


def anchor(session: Session, version: PlanVersion | None, about: str) -> Anchor:
    """The plan item with the key `about`; an unknown key means the plan as a whole."""
    if version is None or version.id is None or not about:
        return WHOLE_PLAN
    finders = {"p": _passage, "s": _section, "i": _indicator, "t": _task}
    finder = finders.get(about[:1])
    return (finder and finder(session, version.id, about)) or WHOLE_PLAN


def _passage(session: Session, version_id: int, key: str) -> Anchor | None:
    row = plans.passage(session, version_id, key)
    if row is None:
        return None
    place = _place(session, version_id, row.section_key)
    return Anchor(AnchorKind.PASSAGE, key, row.section_key, f"{place}，其中一段", row.text)


def _section(session: Session, version_id: int, key: str) -> Anchor | None:
    row = plans.section(session, version_id, key)
    return (
        None
        if row is None
        else Anchor(AnchorKind.SECTION, key, key, row.path or row.title, row.title)
    )


def _indicator(session: Session, version_id: int, key: str) -> Anchor | None:
    row = plans.indicator(session, version_id, key)
    if row is None:
        return None
    return Anchor(AnchorKind.INDICATOR, key, row.section_key, f"指标：{row.name}", row.name)


def _task(session: Session, version_id: int, key: str) -> Anchor | None:
    row = plans.task(session, version_id, key)
    if row is None:
        return None
    return Anchor(AnchorKind.TASK, key, row.section_key, f"任务：{row.title}", row.title)


def _place(session: Session, version_id: int, section_key: str) -> str:
    row = plans.section(session, version_id, section_key)
    return "规划正文" if row is None else row.path or row.title


def neighbourhoods(session: Session, organisation_id: int) -> dict[str, list[str]]:
    """Street (街镇) → its 居委, both in name order."""
    query = select(Neighbourhood).where(Neighbourhood.organisation_id == organisation_id)
    streets: dict[str, list[str]] = {}
    for row in session.exec(
        query.order_by(col(Neighbourhood.street), col(Neighbourhood.name))
    ).all():
        streets.setdefault(row.street, []).append(row.name)
    return streets


def draft(session: Session, token: str, now: datetime, *, locked: bool = False) -> Draft | None:
    """An unsent form that has not expired; `locked` waits for another sending of the same form."""
    query = select(Draft).where(Draft.token == token, col(Draft.expires_at) > now)
    return session.exec(query.with_for_update() if locked else query).first()


def sent_under(session: Session, key: str) -> Submission | None:
    """The submission made of the form with this key, if it was sent."""
    return session.exec(select(Submission).where(Submission.idempotency_key == key)).first()


def by_receipt(session: Session, code: str, token: str) -> Submission | None:
    query = select(Submission).where(
        Submission.receipt_code == code, Submission.receipt_token == token
    )
    return session.exec(query).first()


def by_look_up(session: Session, code: str, look_up_code: str) -> Submission | None:
    query = select(Submission).where(
        Submission.receipt_code == code, Submission.look_up_code == look_up_code
    )
    return session.exec(query).first()


def published_comment(
    session: Session, consultation: Consultation, comment_id: int
) -> Comment | None:
    """An opinion anybody may read; None while it is not screened, not masked or taken back."""
    if not consultation.publishes_comments:
        return None
    query = _published(consultation.id).where(Comment.id == comment_id)
    return session.exec(query).first()


def published_beside(
    session: Session, consultation_id: int, about: Sequence[str], *, limit: int = 3
) -> Sequence[Comment]:
    """What others said about the same items, most supported first."""
    query = _published(consultation_id).where(col(Comment.anchor_key).in_(about))
    return session.exec(
        query.order_by(col(Comment.support_count).desc(), col(Comment.id)).limit(limit)
    ).all()


def _published(consultation_id: int | None) -> SelectOfScalar[Comment]:
    return (
        select(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            Comment.consultation_id == consultation_id,
            Comment.screening == Screening.PUBLISHED,
            col(Comment.masked_text).is_not(None),
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
            col(Comment.is_current),
        )
    )


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One opinion on the receipt, with where it stands and what was decided."""

    comment: Comment
    about: str
    progress: rules.Progress
    disposition: Disposition | None
    is_merged: bool
    verdict: AnswerVerdict | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything a sender sees again."""

    submission: Submission
    consultation: Consultation
    lines: Sequence[ReceiptLine]
    attachments: Sequence[Attachment]
    has_contact: bool
    is_verified: bool


def receipt(session: Session, submission: Submission) -> Receipt:
    """The receipt with the state of each opinion; a merged one answers with its leader's."""
    consultation = session.get_one(Consultation, submission.consultation_id)
    comments = session.exec(
        select(Comment)
        .where(Comment.submission_id == submission.id, col(Comment.is_current))
        .order_by(col(Comment.ordinal))
    ).all()
    decided_as = {c.id: c.merged_into_id or c.id for c in comments}
    decisions = _decisions(session, [key for key in decided_as.values() if key is not None])
    versions: dict[int | None, PlanVersion | None] = {
        key: None if key is None else session.get(PlanVersion, key)
        for key in {c.anchor_version_id for c in comments}
    }
    said = ratings(session, [comment.id for comment in comments if comment.id is not None])
    lines = []
    for comment in comments:
        decision = decisions.get(decided_as[comment.id])
        about = anchor(session, versions[comment.anchor_version_id], comment.anchor_key or "")
        lines.append(
            ReceiptLine(
                comment,
                about.label,
                rules.progress(comment, submission, decision),
                decision if submission.withdrawn_at is None else None,
                comment.merged_into_id is not None,
                said.get(comment.id or 0),
            )
        )
    known = contact(session, submission)
    return Receipt(
        submission,
        consultation,
        lines,
        session.exec(select(Attachment).where(Attachment.submission_id == submission.id)).all(),
        known is not None and known.erased_at is None,
        known is not None and known.verified_at is not None,
    )


def _decisions(session: Session, comment_ids: Sequence[int]) -> dict[int | None, Disposition]:
    query = select(Disposition).where(
        col(Disposition.comment_id).in_(comment_ids), col(Disposition.superseded_at).is_(None)
    )
    return {row.comment_id: row for row in session.exec(query).all()}


def contact(session: Session, submission: Submission) -> Contact | None:
    return session.exec(select(Contact).where(Contact.submission_id == submission.id)).first()


def consent(session: Session, submission: Submission) -> ProxyConsent | None:
    """The recorded consent of whom staff wrote for."""
    query = select(ProxyConsent).where(ProxyConsent.submission_id == submission.id)
    return session.exec(query).first()
