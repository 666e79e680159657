"""From the decision form to a decision, or to a proposal where decisions are approved first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from backend.models import Comment, Officer, ProposalState
from backend.triage import approving, deciding, rules, saving, supporting
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
) -> None:
    """Save the outcome with its reason; an earlier decision is superseded, not changed."""
    decision = checked(form, plan)
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    saving.refuse_stale(comment, form.version)
    supporting.check_settled(session, comment)
    ruling = deciding.Ruling(comment, form.version, **decision)
    steps = approving.steps_of(session, comment)
    settle(session, [ruling], officer, steps=steps, now=now)
    if steps:
        approving.tell_waiting(session, ProposalState.DRAFTED, comment, by=officer, now=now)


def checked(form: DecisionForm, plan: PlanIndex) -> dict[str, Any]:
    """What is to be written; raises `Incomplete` with a sentence for each field that lacks."""
    section_key = form.change_section_key if form.change_section_key in plan.sections else None
    errors = rules.decision_errors(
        outcome=form.chosen,
        reason=form.reason,
        place=form.change_place,
        section_key=section_key,
        reply=form.reply,
    )
    if errors:
        raise saving.Incomplete(errors)
    return decision_of(form) | {"section_key": section_key}


def decision_of(form: DecisionForm) -> dict[str, Any]:
    """The fields of a decision, as a form that was checked before says them."""
    return {
        "outcome": form.chosen,
        "reason": form.reason,
        "section_key": form.change_section_key or None,
        "place": form.change_place,
        "reply": form.reply,
    }


def settle(
    session: Session,
    rulings: Sequence[deciding.Ruling],
    officer: Officer,
    *,
    steps: int,
    now: datetime,
) -> None:
    """Decide at once, or send for approval where the consultation asks for `steps` of it."""
    if steps:
        approving.propose_all(session, rulings, officer, now=now)
    else:
        mine = [(ruling, officer.id or 0) for ruling in rulings]
        deciding.decide_all(session, mine, officer, now=now)
