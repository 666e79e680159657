"""Other names residents use: the machine proposes, an officer approves, only then they link."""

from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.accounts import audit
from backend.models import AliasProposal, AliasState, Consultation, Officer
from backend.web.errors import Conflict, NotFound

PAGE_SIZE = 100


def rows(
    session: Session, organisation_id: int, state: AliasState
) -> list[tuple[AliasProposal, Consultation | None]]:
    """Proposals of one state with their consultation, those most opinions speak for first."""
    statement = (
        select(AliasProposal, Consultation)
        .join(Consultation, col(Consultation.id) == AliasProposal.consultation_id, isouter=True)
        .where(AliasProposal.organisation_id == organisation_id, AliasProposal.state == state)
        .order_by(col(AliasProposal.count).desc(), col(AliasProposal.id))
        .limit(PAGE_SIZE)
    )
    return list(session.exec(statement).all())


def counts(session: Session, organisation_id: int) -> dict[AliasState, int]:
    statement = (
        select(AliasProposal.state, func.count())
        .where(AliasProposal.organisation_id == organisation_id)
        .group_by(col(AliasProposal.state))
    )
    return {AliasState(state): count for state, count in session.exec(statement)}


def decide(
    session: Session, proposal: AliasProposal, *, approve: bool, by: Officer, now: datetime
) -> None:
    """Approve or reject; a decision may be changed later, by a person only."""
    wanted = AliasState.APPROVED if approve else AliasState.REJECTED
    if proposal.state == wanted:
        raise Conflict("这一条刚才已经有人这样处理过了。")
    proposal.state, proposal.decided_by_id, proposal.decided_at = wanted, by.id, now
    session.add(proposal)
    details = {"name": proposal.alias, "target": proposal.target_name}
    action = "alias.approve" if approve else "alias.reject"
    audit.record(session, by, action, "alias_proposal", proposal.id, details, now=now)


def of(session: Session, proposal_id: int, organisation_id: int) -> AliasProposal:
    found = session.get(AliasProposal, proposal_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("没有这条别名，或者它不属于您的单位。")
    return found
