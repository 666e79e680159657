"""送审: a drafted decision is checked (审核) and, where two steps are set, approved (批准).

A proposal waits in a table of its own: what has not been approved is no decision, and neither a
receipt nor a report can show it. Who drafted it can neither check nor approve it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from backend.models import Comment, Consultation, Officer, Outcome, Proposal, ProposalState
from backend.triage import deciding, rules, saving, telling
from backend.web.errors import Refused

OPEN = (ProposalState.DRAFTED, ProposalState.CHECKED)


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal with the names of who drafted and checked it."""

    proposal: Proposal
    drafted_by: str
    checked_by: str | None


def propose(
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
) -> Proposal:
    """拟定: a draft in the place of an earlier one that was still waiting."""
    saving.advance(session, comment, version, claimed_by_id=None, claimed_until=None)
    earlier = open_proposal(session, comment)
    if earlier is not None:
        _close(session, earlier, officer, ProposalState.WITHDRAWN, "", now)
    proposal = Proposal(
        comment_id=comment.id or 0,
        outcome=outcome,
        reason=reason,
        change_section_key=section_key,
        change_place=place,
        reply=reply,
        drafted_by_id=officer.id or 0,
        drafted_at=now,
    )
    session.add(proposal)
    session.flush()
    saving.record(
        session, officer, "comment.propose", comment, now=now,
        outcome=outcome.value, proposal=proposal.id, **details,
    )  # fmt: skip
    return proposal


def check(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime,
    **details: Any,
) -> None:  # fmt: skip
    """审核通过: with one step this decides; with two it goes on to approval."""
    proposal = _waiting(session, comment, ProposalState.DRAFTED, "这条意见没有等待审核的结论。")
    _refuse_own(proposal, officer)
    if steps_of(session, comment) < rules.MOST_STEPS:
        proposal.checked_by_id, proposal.checked_at = officer.id, now
        _decide(session, comment, proposal, officer, "comment.check", version, now, details)
        return
    saving.advance(session, comment, version)
    proposal.state = ProposalState.CHECKED
    proposal.checked_by_id, proposal.checked_at = officer.id, now
    session.add(proposal)
    session.flush()
    saving.record(session, officer, "comment.check", comment, now=now, proposal=proposal.id)


def approve(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime,
    **details: Any,
) -> None:  # fmt: skip
    """批准: the proposal becomes the decision."""
    proposal = _waiting(session, comment, ProposalState.CHECKED, "这条意见没有等待批准的结论。")
    _refuse_own(proposal, officer)
    if proposal.checked_by_id == officer.id:
        raise Refused("您已经审核过这条结论，请由另一位同事批准。")
    _decide(session, comment, proposal, officer, "comment.approve", version, now, details)


def give_back(
    session: Session, comment: Comment, officer: Officer, *, version: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """退回修改: the drafter is told why."""
    proposal = open_proposal(session, comment)
    if proposal is None:
        raise Refused("这条意见没有等待审批的结论。")
    if not reason:
        raise Refused("退回修改需要写明意见，方便拟稿的同事改。")
    rules.check_length("退回意见", reason)
    _refuse_own(proposal, officer)
    saving.advance(session, comment, version)
    _close(session, proposal, officer, ProposalState.RETURNED, reason, now)
    telling.tell(
        session, [proposal.drafted_by_id], "given_back", comment, by=officer, words=reason, now=now
    )
    saving.record(
        session, officer, "comment.give_back", comment, now=now,
        proposal=proposal.id, reason=reason,
    )  # fmt: skip


def take_back(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> None:
    """撤回送审: the drafter thinks again."""
    proposal = open_proposal(session, comment)
    if proposal is None or proposal.drafted_by_id != officer.id:
        raise Refused("没有您送审的结论可以撤回。")
    saving.advance(session, comment, version)
    _close(session, proposal, officer, ProposalState.WITHDRAWN, "", now)
    saving.record(session, officer, "comment.take_back", comment, now=now, proposal=proposal.id)


def set_steps(
    session: Session, consultation: Consultation, officer: Officer, steps: int, *, now: datetime
) -> None:
    """How many eyes a decision needs before it counts: none, one more, two more."""
    if steps not in range(rules.MOST_STEPS + 1):
        raise Refused("请选择不审批、一级审核或两级审批。")
    row = session.get_one(Consultation, consultation.id)
    waiting = session.exec(
        select(Proposal.id)
        .join(Comment, col(Comment.id) == Proposal.comment_id)
        .where(Comment.consultation_id == row.id, col(Proposal.state).in_(OPEN))
        .limit(1)
    ).first()
    if waiting is not None and steps < row.approval_steps:
        raise Refused("还有结论在等待审批，办完以后才能减少步骤。")
    before, row.approval_steps = row.approval_steps, steps
    session.add(row)
    saving.record_on_consultation(
        session, officer, "consultation.approval", row, now=now, before=before, after=steps
    )


def steps_of(session: Session, comment: Comment) -> int:
    statement = select(Consultation.approval_steps).where(
        Consultation.id == comment.consultation_id
    )
    return session.exec(statement).one()


def open_proposal(session: Session, comment: Comment) -> Proposal | None:
    """The proposal that waits, if one does."""
    return session.exec(
        select(Proposal).where(Proposal.comment_id == comment.id, col(Proposal.state).in_(OPEN))
    ).first()


def latest(session: Session, comment_id: int) -> ProposalRow | None:
    """The last proposal on a comment, whatever became of it."""
    proposal = session.exec(
        select(Proposal).where(Proposal.comment_id == comment_id).order_by(col(Proposal.id).desc())
    ).first()
    if proposal is None:
        return None
    people = {proposal.drafted_by_id, proposal.checked_by_id, proposal.closed_by_id} - {None}
    rows = session.exec(select(Officer.id, Officer.display_name).where(col(Officer.id).in_(people)))
    names: dict[int | None, str] = dict(rows.all())
    return ProposalRow(proposal, names[proposal.drafted_by_id], names.get(proposal.checked_by_id))


def state_of(session: Session, comment: Comment) -> dict[str, Any] | None:
    """What `restore` needs to put back the proposal that waits now; plain JSON."""
    proposal = open_proposal(session, comment)
    if proposal is None:
        return None
    at = proposal.checked_at
    return {
        "id": proposal.id,
        "state": proposal.state.value,
        "checked_by_id": proposal.checked_by_id,
        "checked_at": at.isoformat() if at else None,
    }


def restore(
    session: Session, comment: Comment, before: Mapping[str, Any] | None, *, now: datetime
) -> None:
    """Undo: let the proposal that waited wait again, and take back what came after it."""
    for later in session.exec(
        select(Proposal).where(Proposal.comment_id == comment.id, col(Proposal.state).in_(OPEN))
    ).all():
        later.state, later.closed_at = ProposalState.WITHDRAWN, now
        session.add(later)
    if before is not None:
        proposal = session.get_one(Proposal, before["id"])
        at = before["checked_at"]
        proposal.state = ProposalState(before["state"])
        proposal.checked_by_id = before["checked_by_id"]
        proposal.checked_at = datetime.fromisoformat(at) if at else None
        proposal.closed_by_id = proposal.closed_at = None
        proposal.closing_note = ""
        session.add(proposal)
    session.flush()


def _waiting(session: Session, comment: Comment, state: ProposalState, otherwise: str) -> Proposal:
    proposal = open_proposal(session, comment)
    if proposal is None or proposal.state is not state:
        raise Refused(otherwise)
    return proposal


def _refuse_own(proposal: Proposal, officer: Officer) -> None:
    if proposal.drafted_by_id == officer.id:
        raise Refused("这条结论是您自己拟的，请由另一位同事审批。")


def _decide(
    session: Session, comment: Comment, proposal: Proposal, officer: Officer, action: str,
    version: int, now: datetime, details: Mapping[str, Any],
) -> None:  # fmt: skip
    _close(session, proposal, officer, ProposalState.APPROVED, "", now)
    drafter = session.get_one(Officer, proposal.drafted_by_id)
    deciding.decide(
        session, comment, drafter, version=version, outcome=Outcome(proposal.outcome),
        reason=proposal.reason, section_key=proposal.change_section_key,
        place=proposal.change_place, reply=proposal.reply, now=now,
        recorded=(officer, action), proposal=proposal.id, **details,
    )  # fmt: skip
    telling.tell(session, [proposal.drafted_by_id], "approved", comment, by=officer, now=now)


def _close(
    session: Session, proposal: Proposal, officer: Officer, state: ProposalState, note: str,
    now: datetime,
) -> None:  # fmt: skip
    proposal.state, proposal.closing_note = state, note
    proposal.closed_by_id, proposal.closed_at = officer.id, now
    session.add(proposal)
    session.flush()
