"""工作量: what each department and each officer has open, late and decided, and how long it took.

Every number is that of a search, and the page links it there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.models import Comment, Department, Disposition, Handling, Officer, Submission
from backend.triage import filters, rules
from backend.triage.filters import Scope
from backend.triage.leave import StandIn

NOBODY = "无"


@dataclass(frozen=True, slots=True)
class Load:
    """One line: counts with the search each stands for; `days` is the mean from receipt."""

    name: str
    open_count: int
    overdue_count: int
    decided_count: int
    days: float | None
    open_query: str
    overdue_query: str
    decided_query: str
    stand_in: StandIn | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.open_count or self.decided_count)


@dataclass(frozen=True, slots=True)
class Workload:
    """The head of section's page."""

    departments: tuple[Load, ...]
    officers: tuple[Load, ...]


def workload(session: Session, scope: Scope) -> Workload:
    """Departments by what was assigned to them; officers by assignment and by who decided."""
    by_department = _open(session, scope, col(Comment.assigned_department_id))
    by_officer = _open(session, scope, col(Comment.assigned_officer_id))
    decided_in = _decided(session, scope, col(Comment.assigned_department_id))
    decided_by = _decided(session, scope, col(Disposition.decided_by_id))
    units = _names(session, Department, by_department.keys() | decided_in.keys())
    people = _names(session, Officer, by_officer.keys() | decided_by.keys())
    return Workload(
        tuple(
            _load("部门", "部门", name, by_department.get(key), decided_in.get(key))
            for key, name in units
        ),
        tuple(
            _load(
                "负责人", "办结人", name, by_officer.get(key), decided_by.get(key),
                stand_in=scope.absent.get(key or 0),
            )
            for key, name in people
        ),
    )  # fmt: skip


def _load(
    word: str,
    decided_word: str,
    name: str,
    open_: tuple[int, int] | None,
    decided: tuple[int, float] | None,
    *,
    stand_in: StandIn | None = None,
) -> Load:
    quoted = f'"{name}"' if " " in name else name
    waiting, overdue = open_ or (0, 0)
    count, days = decided or (0, None)
    return Load(
        name="还没有分办" if name == NOBODY else name,
        open_count=waiting,
        overdue_count=overdue,
        decided_count=count,
        days=days,
        open_query=f"{word}:{quoted}",
        overdue_query=f"{word}:{quoted} 逾期",
        decided_query=f"状态:已办结 {decided_word}:{quoted}",
        stand_in=stand_in,
    )


def _open(session: Session, scope: Scope, owner: Any) -> dict[int | None, tuple[int, int]]:
    late = sa.func.sum(sa.case((filters.overdue(scope), 1), else_=0))
    statement = (
        sa.select(owner, sa.func.count(), late)
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(filters.visible(scope), col(Comment.handling).in_(rules.UNDECIDED))
        .group_by(owner)
    )
    rows = session.connection().execute(statement)
    return {key: (int(count), int(overdue or 0)) for key, count, overdue in rows}


def _decided(session: Session, scope: Scope, owner: Any) -> dict[int | None, tuple[int, float]]:
    statement = (
        sa.select(owner, sa.func.count(), sa.func.avg(_days(session)))
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .join(
            Disposition,
            sa.and_(
                col(Disposition.comment_id) == col(Comment.id),
                col(Disposition.superseded_at).is_(None),
            ),
        )
        .where(filters.visible(scope), col(Comment.handling) == Handling.DECIDED)
        .group_by(owner)
    )
    rows = session.connection().execute(statement)
    return {key: (int(count), float(days or 0)) for key, count, days in rows}


def _days(session: Session) -> Any:
    """Days from receipt to decision, as SQL of either engine."""
    received, decided = col(Comment.received_at), col(Disposition.decided_at)
    if session.connection().dialect.name == "postgresql":
        return sa.extract("epoch", decided - received) / 86400.0
    return sa.func.julianday(decided) - sa.func.julianday(received)


def _names(
    session: Session, table: type[Department] | type[Officer], keys: Iterable[int | None]
) -> list[tuple[int | None, str]]:
    wanted = [key for key in keys if key is not None]
    name = Department.name if table is Department else Officer.display_name
    names: Mapping[int | None, str] = dict(
        session.exec(select(table.id, name).where(col(table.id).in_(wanted))).all()
    )
    listed = sorted(names.items(), key=lambda pair: pair[1])
    return [*listed, (None, NOBODY)] if None in set(keys) else listed
