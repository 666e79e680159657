"""送审: a drafted decision is checked (审核) and, where two steps are set, approved (批准).

A proposal waits in a table of its own: what has not been approved is no decision, and neither a
receipt nor a report can show it. Who drafted it can neither check nor approve it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update

from backend.accounts.rules import Permission
from backend.models import Comment, Consultation, Officer, Outcome, Proposal, ProposalState
from backend.triage import deciding, rules, saving, telling
from backend.web.errors import Refused

OPEN = (ProposalState.DRAFTED, ProposalState.CHECKED)
OWN = "这条结论是您自己拟的，请由另一位同事审批。"

# What colleagues are told of a proposal in this state, and what it takes to pass it on.
_NEXT = {
    ProposalState.DRAFTED: ("to_check", Permission.CHECK),
    ProposalState.CHECKED: ("to_approve", Permission.APPROVE),
}


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A proposal with the names of who drafted and checked it."""

    proposal: Proposal
    drafted_by: str
    checked_by: str | None


@dataclass(frozen=True, slots=True)
class Passing:
    """A proposal to be passed on, and the version its comment was read at."""

    comment: Comment
    version: int
    proposal: Proposal


def propose_all(
    session: Session, rulings: Sequence[deciding.Ruling], officer: Officer, *, now: datetime
) -> None:
    """拟定: drafts, each in the place of an earlier one that was still waiting."""
    saving.advance_all(session, [(one.comment, one.version, deciding.FREED) for one in rulings])
    session.exec(
        update(Proposal)
        .where(
            col(Proposal.comment_id).in_([one.comment.id for one in rulings]),
            col(Proposal.state).in_(OPEN),
        )
        .values(
            state=ProposalState.WITHDRAWN, closing_note="", closed_by_id=officer.id, closed_at=now
        )
    )
    rows = [Proposal(**one.words, drafted_by_id=officer.id or 0, drafted_at=now) for one in rulings]
    session.add_all(rows)
    session.flush()
    acts = [
        (one.comment, {"outcome": one.outcome.value, "proposal": row.id, **one.details})
        for one, row in zip(rulings, rows, strict=True)
    ]
    saving.record_all(session, officer, "comment.propose", acts, now=now)


def check(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> None:
    """审核通过: with one step this decides; with two it goes on to approval."""
    passing = _passing(session, comment, officer, ProposalState.DRAFTED, version)
    steps = steps_of(session, comment)
    check_all(session, [passing], officer, steps=steps, now=now)
    if steps == rules.MOST_STEPS:
        tell_waiting(session, ProposalState.CHECKED, comment, by=officer, now=now)


def check_all(
    session: Session, passing: Sequence[Passing], officer: Officer, *, steps: int, now: datetime,
    **details: Any,
) -> None:  # fmt: skip
    """审核通过 of proposals nothing speaks against."""
    for one in passing:
        one.proposal.checked_by_id, one.proposal.checked_at = officer.id, now
    if steps < rules.MOST_STEPS:
        _decide(session, passing, officer, "comment.check", now, details)
        return
    for one in passing:
        one.proposal.state = ProposalState.CHECKED
        session.add(one.proposal)
    saving.advance_all(session, [(one.comment, one.version, {}) for one in passing])
    acts = [(one.comment, {"proposal": one.proposal.id, **details}) for one in passing]
    saving.record_all(session, officer, "comment.check", acts, now=now)


def approve(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> None:
    """批准: the proposal becomes the decision."""
    passing = _passing(session, comment, officer, ProposalState.CHECKED, version)
    approve_all(session, [passing], officer, now=now)


def approve_all(
    session: Session, passing: Sequence[Passing], officer: Officer, *, now: datetime, **details: Any
) -> None:
    """批准 of proposals nothing speaks against."""
    _decide(session, passing, officer, "comment.approve", now, details)


def reason_not_to_pass(
    proposal: Proposal | None, officer: Officer, state: ProposalState
) -> str | None:
    """Why an officer cannot pass on what waits in `state`, as a sentence."""
    if proposal is None or proposal.state is not state:
        step = "审核" if state is ProposalState.DRAFTED else "批准"
        return f"这条意见没有等待{step}的结论。"
    if proposal.drafted_by_id == officer.id:
        return OWN
    if state is ProposalState.CHECKED and proposal.checked_by_id == officer.id:
        return "您已经审核过这条结论，请由另一位同事批准。"
    return None


def tell_waiting(
    session: Session, state: ProposalState, comment: Comment, *, by: Officer,
    count: int = 1, now: datetime,
) -> None:  # fmt: skip
    """Tell those who may pass it on that a proposal waits; of many at once, by one of them."""
    kind, needed = _NEXT[state]
    people = telling.holders(session, by, needed, comment.consultation_id)
    proposal = open_proposal(session, comment)
    if proposal is not None:
        people.discard(proposal.drafted_by_id)
    words = f"这次一共 {count} 条。" if count > 1 else ""
    telling.tell(session, people, kind, comment, by=by, words=words, now=now)


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
    if proposal.drafted_by_id == officer.id:
        raise Refused(OWN)
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


def open_proposals(session: Session, comment_ids: Collection[int]) -> dict[int, Proposal]:
    """Comment → the proposal that waits, where one does."""
    statement = select(Proposal).where(
        col(Proposal.comment_id).in_(comment_ids), col(Proposal.state).in_(OPEN)
    )
    return {row.comment_id: row for row in session.exec(statement)}


def state_of(proposal: Proposal | None) -> dict[str, Any] | None:
    """What `restore` needs to put back a proposal that waits now; plain JSON."""
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
    session: Session, before: Mapping[int, Mapping[str, Any] | None], *, now: datetime
) -> None:
    """Undo: let the proposals that waited wait again, and take back what came after them.

    `before` maps comments to what `state_of` said of them.
    """
    for later in open_proposals(session, before.keys()).values():
        later.state, later.closed_at = ProposalState.WITHDRAWN, now
        session.add(later)
    session.flush()
    waited = {state["id"]: state for state in before.values() if state is not None}
    for proposal in session.exec(select(Proposal).where(col(Proposal.id).in_(waited))):
        state = waited[proposal.id]
        at = state["checked_at"]
        proposal.state = ProposalState(state["state"])
        proposal.checked_by_id = state["checked_by_id"]
        proposal.checked_at = datetime.fromisoformat(at) if at else None
        proposal.closed_by_id = proposal.closed_at = None
        proposal.closing_note = ""
        session.add(proposal)
    session.flush()


def _passing(
    session: Session, comment: Comment, officer: Officer, state: ProposalState, version: int
) -> Passing:
    proposal = open_proposal(session, comment)
    problem = reason_not_to_pass(proposal, officer, state)
    if proposal is None or problem is not None:
        raise Refused(problem or "")
    return Passing(comment, version, proposal)


def _decide(
    session: Session, passing: Sequence[Passing], officer: Officer, action: str, now: datetime,
    details: Mapping[str, Any],
) -> None:  # fmt: skip
    rulings = []
    for one in passing:
        proposal = one.proposal
        proposal.state, proposal.closing_note = ProposalState.APPROVED, ""
        proposal.closed_by_id, proposal.closed_at = officer.id, now
        session.add(proposal)
        ruling = deciding.Ruling(
            one.comment, one.version, Outcome(proposal.outcome), proposal.reason,
            proposal.change_section_key, proposal.change_place, proposal.reply,
            {"proposal": proposal.id, **details},
        )  # fmt: skip
        rulings.append((ruling, proposal.drafted_by_id))
    deciding.decide_all(session, rulings, officer, action=action, now=now)
    told = [([one.proposal.drafted_by_id], one.comment) for one in passing]
    telling.tell_all(session, told, "approved", by=officer, now=now)


def _close(
    session: Session, proposal: Proposal, officer: Officer, state: ProposalState, note: str,
    now: datetime,
) -> None:  # fmt: skip
    proposal.state, proposal.closing_note = state, note
    proposal.closed_by_id, proposal.closed_at = officer.id, now
    session.add(proposal)
    session.flush()
