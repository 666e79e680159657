"""Departments: made, renamed, put in order, retired and brought back; never deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.accounts import audit
from backend.kit.text import clean_line
from backend.models import Comment, Department, Handling, Officer
from backend.organisations import rules
from backend.web.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Row:
    """One department as its page shows it."""

    department: Department
    head: Officer | None
    officer_count: int
    waiting_count: int


def rows(session: Session, organisation_id: int) -> list[Row]:
    """All departments in order, retired ones last."""
    statement = (
        select(Department)
        .where(Department.organisation_id == organisation_id)
        .order_by(
            col(Department.retired_at).is_not(None),
            col(Department.position),
            col(Department.name),
        )
    )
    people = session.exec(
        select(Officer).where(
            Officer.organisation_id == organisation_id, col(Officer.deactivated_at).is_(None)
        )
    ).all()
    waiting = _waiting(session)
    return [
        Row(
            department,
            next((p for p in people if p.department_id == department.id and p.is_head), None),
            sum(p.department_id == department.id for p in people),
            waiting.get(department.id, 0),
        )
        for department in session.exec(statement)
    ]


def add(session: Session, name: str, *, by: Officer, now: datetime) -> Department:
    """A new department, last in order."""
    name = clean_line(name)
    every = _all(session, by.organisation_id)
    _refuse(rules.name_problem(name, (d.name for d in every)))
    last = max((d.position for d in every), default=0)
    department = Department(organisation_id=by.organisation_id, name=name, position=last + 1)
    session.add(department)
    session.flush()
    _record(session, department, "department.add", by=by, now=now)
    return department


def rename(
    session: Session, department: Department, name: str, *, by: Officer, now: datetime
) -> None:
    """Comments, officers and history follow: they know a department by its number."""
    name = clean_line(name)
    others = (d.name for d in _all(session, by.organisation_id) if d.id != department.id)
    _refuse(rules.name_problem(name, others))
    before, department.name = department.name, name
    session.add(department)
    _record(session, department, "department.rename", by=by, now=now, before=before)


def move(session: Session, department: Department, *, up: bool) -> None:
    """One place up or down among the departments in use."""
    order = [d for d in _all(session, department.organisation_id) if d.retired_at is None]
    order.sort(key=lambda d: (d.position, d.name))
    at = next(i for i, d in enumerate(order) if d.id == department.id)
    to = at - 1 if up else at + 1
    if 0 <= to < len(order):
        order[at], order[to] = order[to], order[at]
    for position, row in enumerate(order, start=1):
        row.position = position
        session.add(row)


def retire(session: Session, department: Department, *, by: Officer, now: datetime) -> None:
    """No longer offered; refused while opinions wait there."""
    waiting = _waiting(session).get(department.id, 0)
    if waiting:
        raise Refused(f"还有{waiting}条意见分给{department.name}没有办结，请先转办，再撤销部门。")
    department.retired_at = now
    session.add(department)
    _record(session, department, "department.retire", by=by, now=now)


def restore(session: Session, department: Department, *, by: Officer, now: datetime) -> None:
    """In use again."""
    department.retired_at = None
    session.add(department)
    _record(session, department, "department.restore", by=by, now=now)


def of(session: Session, department_id: int, organisation_id: int) -> Department:
    """A department of this organisation, or 404."""
    found = session.get(Department, department_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("没有这个部门，或者它不属于您的单位。")
    return found


def _all(session: Session, organisation_id: int) -> list[Department]:
    statement = select(Department).where(Department.organisation_id == organisation_id)
    return list(session.exec(statement))


def _waiting(session: Session) -> dict[int | None, int]:
    open_ones = (Handling.NEW, Handling.ASSIGNED)
    statement = (
        select(Comment.assigned_department_id, func.count())
        .where(
            col(Comment.assigned_department_id).is_not(None), col(Comment.handling).in_(open_ones)
        )
        .group_by(col(Comment.assigned_department_id))
    )
    return dict(session.exec(statement).all())


def _refuse(problem: str | None) -> None:
    if problem is not None:
        raise Refused(problem)


def _record(
    session: Session,
    department: Department,
    action: str,
    *,
    by: Officer,
    now: datetime,
    **more: str,
) -> None:
    details = {"name": department.name, **more}
    audit.record(session, by, action, "department", department.id, details, now=now)
