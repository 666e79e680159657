"""会办: asking other departments, hearing them, and recording where they disagree."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select, update

from backend.kit.clock import local
from backend.models import (
    Comment,
    Department,
    Disagreement,
    Officer,
    Standpoint,
    SupportingOpinion,
)
from backend.triage import rules, saving, telling
from backend.triage.forms import DisagreementForm, OpinionForm
from backend.triage.working_days import add_working_days
from backend.web.errors import Refused


@dataclass(frozen=True, slots=True)
class OpinionRow:
    """A supporting department and what it said, if it has."""

    opinion: SupportingOpinion
    department: str
    given_by: str | None


def ask(
    session: Session,
    comment: Comment,
    officer: Officer,
    department_ids: Collection[int],
    question: str,
    *,
    version: int,
    now: datetime,
) -> None:
    """请会办: each department has some working days to say what it thinks."""
    rules.check_length("会办说明", question)
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    wanted = set(department_ids) - _asked(session, comment)
    if not wanted:
        raise Refused("请选择还没有请过的会办部门。")
    if comment.assigned_department_id in wanted:
        raise Refused("主办部门不用会办，请选择其他部门。")
    found = session.exec(
        select(Department.id).where(
            col(Department.id).in_(wanted), Department.organisation_id == officer.organisation_id
        )
    ).all()
    if set(found) != wanted:
        raise Refused("没有这个部门。")
    saving.advance(session, comment, version)
    due_on = add_working_days(local(now).date(), rules.SUPPORT_DAYS)
    for department_id in sorted(wanted):
        session.add(
            SupportingOpinion(
                comment_id=comment.id or 0,
                department_id=department_id,
                question=question,
                due_on=due_on,
                asked_by_id=officer.id or 0,
                asked_at=now,
            )
        )
        people = telling.members(session, department_id)
        telling.tell(session, people, "asked", comment, by=officer, words=question, now=now)
    session.flush()
    saving.record(
        session, officer, "comment.ask_support", comment, now=now, departments=sorted(wanted)
    )


def give(
    session: Session, comment: Comment, officer: Officer, form: OpinionForm, *, now: datetime
) -> None:
    """The department's word; a later word replaces an earlier one, which stays on record."""
    if form.chosen is None:
        raise saving.Incomplete({"standpoint": "请选择同意、有补充或不同意。"})
    if form.chosen is not Standpoint.AGREES and not form.opinion:
        raise saving.Incomplete({"opinion": "请写明补充意见或不同意的理由。"})
    rules.check_length("会办意见", form.opinion)
    asked = own_opinion(session, comment, officer)
    if asked is None:
        raise Refused("没有请您的部门会办这条意见。")
    saving.advance(session, comment, form.version)
    if asked.given_at is not None:
        asked.closed_at = now
        session.add(asked)
        asked = SupportingOpinion(
            comment_id=asked.comment_id,
            department_id=asked.department_id,
            question=asked.question,
            due_on=asked.due_on,
            asked_by_id=asked.asked_by_id,
            asked_at=asked.asked_at,
        )
    asked.standpoint, asked.text = form.chosen, form.opinion
    asked.given_by_id, asked.given_at = officer.id, now
    session.add(asked)
    session.flush()
    people = [asked.asked_by_id, *telling.assignees(session, comment)]
    telling.tell(session, people, "opinion", comment, by=officer, words=form.opinion, now=now)
    saving.record(
        session, officer, "comment.give_opinion", comment, now=now, standpoint=form.chosen.value
    )


def record_disagreement(
    session: Session, comment: Comment, officer: Officer, form: DisagreementForm, *, now: datetime
) -> None:
    """分歧情况: points at issue, the drafter's view, reasons and basis (Order 713, Art. 13)."""
    fields = {
        "points": ("争议要点", form.points),
        "drafter_view": ("起草单位意见", form.drafter_view),
        "basis": ("理由和依据", form.basis),
    }
    errors = {key: f"请写明{name}。" for key, (name, text) in fields.items() if not text}
    if errors:
        raise saving.Incomplete(errors)
    for name, text in fields.values():
        rules.check_length(name, text)
    if not objections(session, comment.id or 0):
        raise Refused("没有会办部门提出不同意见，不需要记录分歧情况。")
    saving.advance(session, comment, form.version)
    session.exec(
        update(Disagreement)
        .where(
            col(Disagreement.comment_id) == comment.id,
            col(Disagreement.superseded_at).is_(None),
        )
        .values(superseded_at=now)
    )
    session.add(
        Disagreement(
            comment_id=comment.id or 0,
            points=form.points,
            drafter_view=form.drafter_view,
            basis=form.basis,
            recorded_by_id=officer.id or 0,
            recorded_at=now,
        )
    )
    session.flush()
    saving.record(session, officer, "comment.disagreement", comment, now=now)


def check_settled(session: Session, comment: Comment) -> None:
    """Raise `Refused` while departments object and nothing says how the office sees it."""
    names = objections(session, comment.id or 0)
    if names and disagreement(session, comment.id or 0) is None:
        raise Refused(
            f"{'、'.join(names)}不同意。作结论以前请先记录分歧情况"
            "（争议要点、起草单位意见、理由和依据），供决策参考。"
        )


def objections(session: Session, comment_id: int) -> list[str]:
    """The departments whose standing word is 不同意."""
    statement = (
        select(Department.name)
        .join(SupportingOpinion, col(SupportingOpinion.department_id) == Department.id)
        .where(
            SupportingOpinion.comment_id == comment_id,
            SupportingOpinion.standpoint == Standpoint.OBJECTS,
            col(SupportingOpinion.closed_at).is_(None),
        )
        .order_by(col(SupportingOpinion.id))
    )
    return list(session.exec(statement))


def unsettled(session: Session, comment_ids: Collection[int]) -> dict[int, str]:
    """Comments whose departments object while no disagreement is recorded → their names."""
    recorded = select(Disagreement.comment_id).where(
        col(Disagreement.comment_id).in_(comment_ids), col(Disagreement.superseded_at).is_(None)
    )
    statement = (
        select(SupportingOpinion.comment_id, Department.name)
        .join(Department, col(Department.id) == SupportingOpinion.department_id)
        .where(
            col(SupportingOpinion.comment_id).in_(comment_ids),
            SupportingOpinion.standpoint == Standpoint.OBJECTS,
            col(SupportingOpinion.closed_at).is_(None),
            col(SupportingOpinion.comment_id).not_in(recorded),
        )
        .order_by(col(SupportingOpinion.id))
    )
    found: dict[int, str] = {}
    for key, name in session.exec(statement):
        found[key] = f"{found[key]}、{name}" if key in found else name
    return found


def disagreement(session: Session, comment_id: int) -> Disagreement | None:
    """The note that stands."""
    return session.exec(
        select(Disagreement).where(
            Disagreement.comment_id == comment_id, col(Disagreement.superseded_at).is_(None)
        )
    ).first()


def own_opinion(session: Session, comment: Comment, officer: Officer) -> SupportingOpinion | None:
    """What the officer's department was asked about a comment, answered or not."""
    if officer.department_id is None:
        return None
    return session.exec(
        select(SupportingOpinion).where(
            SupportingOpinion.comment_id == comment.id,
            SupportingOpinion.department_id == officer.department_id,
            col(SupportingOpinion.closed_at).is_(None),
        )
    ).first()


def opinions(session: Session, comment_id: int) -> tuple[OpinionRow, ...]:
    """Every department asked, in the order they were."""
    statement = (
        select(SupportingOpinion, Department.name, Officer.display_name)
        .join(Department, col(Department.id) == SupportingOpinion.department_id)
        .join(Officer, col(Officer.id) == SupportingOpinion.given_by_id, isouter=True)
        .where(
            SupportingOpinion.comment_id == comment_id,
            col(SupportingOpinion.closed_at).is_(None),
        )
        .order_by(col(SupportingOpinion.id))
    )
    return tuple(OpinionRow(*row) for row in session.exec(statement))


def _asked(session: Session, comment: Comment) -> set[int]:
    statement = select(SupportingOpinion.department_id).where(
        SupportingOpinion.comment_id == comment.id, col(SupportingOpinion.closed_at).is_(None)
    )
    return set(session.exec(statement))
