"""分办, 转办, 退回 and 认领: who works on a comment."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select, update

from backend.models import Assignment, Comment, Department, Handling, Officer
from backend.triage import rules, saving, telling
from backend.web.errors import Refused


def claim(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> bool:
    """Take a comment for fifteen minutes; of many who try at once, one gets it."""
    taken = session.exec(
        update(Comment)
        .where(
            col(Comment.id) == comment.id,
            col(Comment.claimed_by_id).is_(None)
            | (col(Comment.claimed_by_id) == officer.id)
            | (col(Comment.claimed_until) <= now),
        )
        .values(claimed_by_id=officer.id, claimed_until=now + rules.CLAIM_LENGTH)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return False
    saving.record(session, officer, "comment.claim", comment, now=now)
    return True


def release(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """Give up one's own claim."""
    freed = session.exec(
        update(Comment)
        .where(col(Comment.id) == comment.id, col(Comment.claimed_by_id) == officer.id)
        .values(claimed_by_id=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
    if freed.rowcount == 1:
        saving.record(session, officer, "comment.release", comment, now=now)


def assign(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    department_id: int | None,
    officer_id: int | None,
    reason: str = "",
    now: datetime,
) -> None:
    """分办 a comment to a department, an officer or both; 转办 when it already had one."""
    check_assignee(session, officer, department_id, officer_id)
    problem = reason_not_to_assign(comment, reason)
    if problem is not None:
        raise Refused(problem)
    assign_all(
        session, [(comment, version)], officer, department_id=department_id,
        officer_id=officer_id, reason=reason, now=now,
    )  # fmt: skip


def reason_not_to_assign(comment: Comment, reason: str) -> str | None:
    """Why a comment cannot be given to anybody for `reason`, as a sentence."""
    if comment.handling is Handling.ASSIGNED and not reason:
        return "转办需要写明原因，方便接手的同事了解情况。"
    return rules.reason_not_to_decide(comment)


def assign_all(
    session: Session,
    versions: Sequence[tuple[Comment, int]],
    officer: Officer,
    *,
    department_id: int | None,
    officer_id: int | None,
    reason: str = "",
    now: datetime,
) -> None:
    """Give comments nothing speaks against to an assignee who was checked."""
    referred = {c.id for c, _ in versions if c.handling is Handling.ASSIGNED}
    changes = [
        (
            comment,
            version,
            {
                "handling": Handling.DECIDED
                if comment.handling is Handling.DECIDED
                else Handling.ASSIGNED,
                "assigned_department_id": department_id,
                "assigned_officer_id": officer_id,
                "due_on": comment.due_on or rules.handling_due(comment.received_at, now),
            },
        )
        for comment, version in versions
    ]
    saving.advance_all(session, changes)
    given = {"to_department": department_id, "to_officer": officer_id}
    people = telling.assignees(session, versions[0][0]) if versions else []
    for action, kind in (("assign", "assigned"), ("refer", "referred")):
        those = [c for c, _ in versions if (c.id in referred) == (action == "refer")]
        for comment in those:
            keep_assignment(
                session, comment, officer, action, department_id, officer_id, reason, now
            )
        acts = [(comment, given) for comment in those]
        saving.record_all(session, officer, f"comment.{action}", acts, now=now)
        told = [(people, comment) for comment in those]
        telling.tell_all(session, told, kind, by=officer, words=reason, now=now)


def return_to_queue(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    reason: str,
    now: datetime,
) -> None:
    """退回: not ours; a reason is needed so that it does not come back."""
    if not reason:
        raise Refused("退回需要写明原因，例如不属于本部门职责。")
    if comment.handling is not Handling.ASSIGNED:
        raise Refused("这条意见没有分办给任何部门，不需要退回。")
    saving.advance(
        session, comment, version,
        handling=Handling.NEW, assigned_department_id=None, assigned_officer_id=None,
        claimed_by_id=None, claimed_until=None,
    )  # fmt: skip
    giver = session.exec(
        select(Assignment.by_officer_id)
        .where(Assignment.comment_id == comment.id, col(Assignment.action).in_(("assign", "refer")))
        .order_by(col(Assignment.id).desc())
    ).first()
    keep_assignment(session, comment, officer, "return", None, None, reason, now)
    saving.record(session, officer, "comment.return", comment, now=now)
    telling.tell(session, [giver], "returned", comment, by=officer, words=reason, now=now)


def check_assignee(
    session: Session, officer: Officer, department_id: int | None, officer_id: int | None
) -> None:
    """Raise `Refused` unless both, where given, belong to the officer's organisation."""
    if department_id is None and officer_id is None:
        raise Refused("请选择分办给哪个部门或哪位同事。")
    department = session.get(Department, department_id) if department_id is not None else None
    colleague = session.get(Officer, officer_id) if officer_id is not None else None
    if department_id is not None and (
        department is None or department.organisation_id != officer.organisation_id
    ):
        raise Refused("没有这个部门。")
    if officer_id is not None and (
        colleague is None
        or colleague.organisation_id != officer.organisation_id
        or colleague.deactivated_at is not None
    ):
        raise Refused("没有这位同事，或者账号已停用。")


def keep_assignment(
    session: Session,
    comment: Comment,
    by: Officer,
    action: str,
    department_id: int | None,
    officer_id: int | None,
    reason: str,
    now: datetime,
) -> None:
    """Write down who was given a comment, or where it went, and why."""
    session.add(
        Assignment(
            comment_id=comment.id or 0,
            action=action,
            department_id=department_id,
            officer_id=officer_id,
            reason=reason,
            by_officer_id=by.id or 0,
            created_at=now,
        )
    )
