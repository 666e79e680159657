"""办理结论: what the office answers to a comment. A newer decision supersedes, none is changed."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from backend.models import Comment, Disposition, Handling, Officer, Outcome
from backend.triage import rules, saving
from backend.triage.forms import DecisionForm
from backend.triage.plan import PlanIndex
from backend.web.errors import Refused


def dispose(
    session: Session,
    comment: Comment,
    officer: Officer,
    form: DecisionForm,
    plan: PlanIndex,
    *,
    now: datetime,
) -> Disposition:
    """Save the outcome with its reason; an earlier decision is superseded, not changed."""
    section_key = form.change_section_key if form.change_section_key in plan.sections else None
    errors = rules.decision_errors(
        outcome=form.chosen,
        reason=form.reason,
        place=form.change_place,
        section_key=section_key,
        reply=form.reply,
    )
    if errors or form.chosen is None:
        raise saving.Incomplete(errors)
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    return decide(
        session,
        comment,
        officer,
        version=form.version,
        outcome=form.chosen,
        reason=form.reason,
        section_key=section_key,
        place=form.change_place,
        reply=form.reply,
        now=now,
    )


def decide(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    outcome: Outcome,
    reason: str,
    section_key: str | None,
    place: str,
    reply: str,
    now: datetime,
    **details: Any,
) -> Disposition:
    """Write a decision that has been checked."""
    before = comment.handling
    saving.advance(
        session, comment, version,
        handling=Handling.DECIDED, claimed_by_id=None, claimed_until=None,
    )  # fmt: skip
    supersede(session, comment, now=now)
    disposition = Disposition(
        comment_id=comment.id or 0,
        outcome=outcome,
        reason=reason,
        change_section_key=section_key,
        change_place=place,
        reply=reply,
        decided_by_id=officer.id or 0,
        decided_at=now,
    )
    session.add(disposition)
    session.flush()
    saving.record(
        session, officer, "comment.dispose", comment, now=now,
        outcome=outcome.value, disposition=disposition.id, before=before.value, **details,
    )  # fmt: skip
    return disposition


def supersede(session: Session, comment: Comment, *, now: datetime) -> None:
    """The decision that counted so far stays on record and counts no more."""
    session.exec(
        update(Disposition)
        .where(col(Disposition.comment_id) == comment.id, col(Disposition.superseded_at).is_(None))
        .values(superseded_at=now)
    )
