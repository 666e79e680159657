"""Verbs around the adoption report and the published outcome (意见采纳情况, 结果公开)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.consultations.rules import notice_days
from backend.digests import queries
from backend.digests.adoption import AdoptionContent, Letter, Procedure, compile_report
from backend.digests.adoption_paper import adoption_paper
from backend.digests.content import Tally
from backend.digests.disputes import load_disputes
from backend.digests.filters import Filter
from backend.digests.frozen import thaw
from backend.digests.paper import Text
from backend.digests.rules import mask_name
from backend.digests.service import DigestRefused, canonical, read_heading
from backend.kit.sealing import unseal
from backend.models import (
    AnswerRating,
    Comment,
    Consultation,
    Contact,
    Digest,
    DigestKind,
    InternalNote,
    Officer,
    OutcomeNotice,
    PlanChange,
    PlanChangeComment,
    Screening,
    Stage,
    Submission,
)
from backend.web.labels import LABELS, label

NOT_PUBLIC = "（意见内容未公开）"


def compile_adoption(
    session: Session,
    consultation: Consultation,
    *,
    letter: Letter | None = None,
    secret: bytes | None = None,
    is_draft: bool = True,
    now: datetime,
) -> AdoptionContent:
    """The report as things stand, faults included; with `secret`, masked names are given."""
    frame = queries.load_frame(session, consultation, Filter())
    heading = read_heading(session, consultation, frame.plan.title, frame.plan.version)
    content = compile_report(
        frame,
        heading,
        _procedure(consultation),
        letter=letter or Letter(),
        names=_masked_names(session, consultation, secret) if secret else {},
        linked=_linked(session, consultation),
        noted=_noted(session, consultation),
        is_draft=is_draft,
        now=now,
    )
    return replace(content, disputes=load_disputes(session, consultation))


def finalise_report(
    session: Session,
    consultation: Consultation,
    *,
    letter: Letter,
    secret: bytes | None,
    officer: Officer,
    now: datetime,
) -> Digest:
    """Freeze the report; raises DigestRefused while the checker finds a blocking fault."""
    content = compile_adoption(
        session, consultation, letter=letter, secret=secret, is_draft=False, now=now
    )
    blocking = [fault.message for fault in content.faults if fault.is_blocking]
    if blocking:
        raise DigestRefused(blocking)
    plain, sha256 = canonical(content)
    digest = Digest(
        consultation_id=cast(int, consultation.id),
        kind=DigestKind.ADOPTION_REPORT,
        content=plain,
        content_sha256=sha256,
        comment_count=content.comment_count,
        created_by_id=officer.id,
        created_at=now,
    )
    session.add(digest)
    session.flush()
    details = {"sha256": sha256, "comments": content.comment_count, "names": secret is not None}
    audit.record(session, officer, "report.finalise", "digest", digest.id, details, now=now)
    return digest


def unstored(content: AdoptionContent, consultation: Consultation) -> Digest:
    """A report as something that can be written out; not stored."""
    plain, sha256 = canonical(content)
    return Digest(
        consultation_id=cast(int, consultation.id),
        kind=DigestKind.ADOPTION_REPORT,
        content=plain,
        content_sha256=sha256,
        comment_count=content.comment_count,
        created_at=content.made_at,
    )


def publish_outcome(
    session: Session,
    consultation: Consultation,
    *,
    narrative: str,
    officer: Officer,
    despite_doubts: bool = False,
    now: datetime,
) -> OutcomeNotice:
    """Make the outcome public; raises DigestRefused without a final report that still holds.

    Replies the checker doubts are published only when somebody has looked and says so.
    """
    report = queries.latest(session, consultation, DigestKind.ADOPTION_REPORT)
    problems = publishing_problems(
        session, consultation, report, narrative, despite_doubts=despite_doubts, now=now
    )
    if problems:
        raise DigestRefused(problems)
    notice = outcome_notice(session, consultation) or OutcomeNotice(
        consultation_id=cast(int, consultation.id), narrative="", published_at=now
    )
    notice.narrative, notice.published_at = narrative.strip(), now
    notice.digest_id = report.id if report else None
    notice.published_by_id = officer.id
    stored = session.get_one(Consultation, consultation.id)
    stored.stage = Stage.ANSWERED
    session.add(notice)
    session.add(stored)
    session.flush()
    details = {
        "digest": notice.digest_id,
        "sha256": report.content_sha256 if report else "",
        "despite_doubts": despite_doubts,
    }
    audit.record(
        session, officer, "outcome.publish", "consultation", consultation.id, details, now=now
    )
    return notice


def publishing_problems(
    session: Session,
    consultation: Consultation,
    report: Digest | None,
    narrative: str,
    *,
    despite_doubts: bool = False,
    now: datetime,
) -> list[str]:
    """Why the outcome cannot be published yet, in sentences."""
    if report is None:
        return ["请先定稿意见采纳情况报告，再公布结果。"]
    problems = []
    if not narrative.strip():
        problems.append("请写明研究采纳的总体情况。")
    content = thaw(AdoptionContent, report.content)
    fresh = compile_adoption(session, consultation, now=now)
    if counts_of(fresh) != counts_of(content):
        problems.append("报告定稿以后又有意见或者结论发生变化，请重新定稿报告。")
    doubts = [fault.message for fault in fresh.faults if not fault.is_blocking]
    if doubts and not despite_doubts:
        problems.append(
            "有的答复请再看看：" + "".join(doubts) + "改好以后，或者勾选“已经看过”再公布。"
        )
    return problems


def counts_of(content: AdoptionContent) -> dict[str, int]:
    """The numbers the public will read."""
    groups = (*content.outcomes, *content.handed_over, *content.left_out)
    return {"all": content.comment_count} | {part.key: part.count for part in groups}


def standard_narrative(content: AdoptionContent) -> str:
    """A first text for the outcome page, for the office to complete."""
    paper = adoption_paper(replace(content, disputes=()))
    paragraphs = [b.text for b in paper.blocks if isinstance(b, Text)]
    return "\n\n".join(text for text in paragraphs if not text.endswith("见附件。"))


# --- What the public gets ----------------------------------------------------------------------


def answer_ratings(session: Session, consultation: Consultation) -> tuple[Tally, ...]:
    """What senders said of the answers they got, for officers only."""
    rows = session.exec(
        select(AnswerRating.verdict, AnswerRating.comment_id)
        .join(Comment, col(Comment.id) == AnswerRating.comment_id)
        .where(Comment.consultation_id == consultation.id)
        .order_by(col(AnswerRating.comment_id))
    ).all()
    said = {key: tuple(i for verdict, i in rows if verdict == key) for key in LABELS["verdict"]}
    return tuple(
        Tally(key, label("verdict", key), len(ids), len(ids), ids)
        for key, ids in said.items()
        if ids
    )


def outcome_notice(session: Session, consultation: Consultation) -> OutcomeNotice | None:
    """The outcome as published, or None while it is not."""
    return session.exec(
        select(OutcomeNotice).where(OutcomeNotice.consultation_id == consultation.id)
    ).first()


def public_report(session: Session, consultation: Consultation) -> Digest | None:
    """The published report without the words nobody cleared for publication."""
    notice = outcome_notice(session, consultation)
    report = session.get(Digest, notice.digest_id) if notice and notice.digest_id else None
    if report is None:
        return None
    content = thaw(AdoptionContent, report.content)
    cleared = _cleared(session, consultation)
    rows = tuple(
        row if row.comment_ids[0] in cleared else replace(row, text=NOT_PUBLIC)
        for row in content.rows
    )
    # What the checker still doubted, and where departments disagreed, is for the office alone.
    return unstored(replace(content, rows=rows, faults=(), disputes=()), consultation)


def _cleared(session: Session, consultation: Consultation) -> frozenset[int | None]:
    return frozenset(
        session.exec(
            select(Comment.id)
            .join(Submission, col(Submission.id) == Comment.submission_id)
            .where(
                Comment.consultation_id == consultation.id,
                Comment.screening == Screening.PUBLISHED,
                col(Submission.withdrawn_at).is_(None),
            )
        )
    )


# --- What the report is computed from ------------------------------------------------------------


def _procedure(consultation: Consultation) -> Procedure:
    channels = ["网站"]
    channels += ["电子邮件"] if consultation.email else []
    channels += ["信函"] if consultation.postal_address else []
    channels += ["电话"] if consultation.phone else []
    return Procedure(
        published_on=consultation.published_on,
        days=notice_days(consultation),
        shortened_reason=consultation.shortened_reason or "",
        legal_basis=consultation.legal_basis,
        channels=tuple(channels),
    )


def _masked_names(session: Session, consultation: Consultation, secret: bytes) -> Mapping[int, str]:
    rows = session.exec(
        select(Contact.submission_id, Contact.sealed_name)
        .join(Submission, col(Submission.id) == Contact.submission_id)
        .where(
            Submission.consultation_id == consultation.id,
            col(Contact.sealed_name).is_not(None),
            col(Contact.erased_at).is_(None),
        )
    )
    names = {key: unseal(secret, sealed or "") for key, sealed in rows}
    return {key: mask_name(name) for key, name in names.items() if name}


def _linked(session: Session, consultation: Consultation) -> frozenset[int]:
    return frozenset(
        session.exec(
            select(PlanChangeComment.comment_id)
            .join(PlanChange, col(PlanChange.id) == PlanChangeComment.plan_change_id)
            .where(PlanChange.consultation_id == consultation.id)
        )
    )


def _noted(session: Session, consultation: Consultation) -> frozenset[int]:
    return frozenset(
        session.exec(
            select(InternalNote.comment_id)
            .join(Comment, col(Comment.id) == InternalNote.comment_id)
            .where(Comment.consultation_id == consultation.id)
        )
    )
