"""Acting on many comments at once: a frozen set, a result for each, one undo.

What will be acted on is written down first, with the version of every comment, and shown with its
number. Running it changes only comments that still have that version; the others say why not.
Undo within thirty minutes restores, exactly, each comment nobody has touched since. The set is
worked through in short transactions, so that people who submit or decide meanwhile never wait.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from backend.accounts import audit
from backend.accounts.rules import Permission
from backend.kit.db import Database
from backend.models import (
    BulkItem,
    BulkRun,
    Comment,
    Consultation,
    Officer,
    ProposalState,
)
from backend.triage import approving, assigning, batch, rules, saving
from backend.triage.batch import DONE, UNDONE
from backend.triage.forms import BulkForm
from backend.triage.plan import PlanIndex
from backend.web.errors import Conflict, Refused

CHUNK = 200
LIMIT = 5000
ACTIONS = {
    "decide": "作出同一结论",
    "check": "审核通过",
    "approve": "批准",
    "assign": "分办",
    "withhold": "不公开",
    "publish": "公开",
    "sheet": "按表格办理",
}
# What an officer must be trusted with, beside acting on many at once.
NEEDS = {
    "decide": Permission.DECIDE,
    "sheet": Permission.DECIDE,
    "check": Permission.CHECK,
    "approve": Permission.APPROVE,
    "assign": Permission.ASSIGN,
    "withhold": Permission.SCREEN,
    "publish": Permission.SCREEN,
}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many comments ended each way, most first."""

    run: BulkRun
    officer_name: str
    total: int
    results: tuple[tuple[str, int], ...]
    can_undo: bool


def freeze(
    session: Session,
    consultation_id: int,
    officer: Officer,
    form: BulkForm,
    found: Sequence[tuple[int, int]],
    plan: PlanIndex,
    *,
    now: datetime,
) -> BulkRun:
    """Write down what is to be done to which comments; nothing has changed yet."""
    if form.action not in ACTIONS or form.action == "sheet":
        raise Refused("请选择要做什么。")
    chosen = set(form.ids)
    items = [pair for pair in found if form.everything or pair[0] in chosen]
    if not items:
        raise Refused("请至少选择一条意见。")
    if len(items) > LIMIT:
        raise Refused(f"一次最多办理 {LIMIT} 条，现在是 {len(items)} 条，请先缩小范围。")
    _check(session, officer, form, plan)
    run = BulkRun(
        consultation_id=consultation_id,
        officer_id=officer.id or 0,
        action=form.action,
        query=form.q,
        form=form.model_dump(mode="json", include=_KEPT),
        created_at=now,
    )
    return write_down(session, run, [(key, version, {}) for key, version in items])


def write_down(
    session: Session, run: BulkRun, items: Iterable[tuple[int, int, dict[str, Any]]]
) -> BulkRun:
    """Keep a run with its (comment, version, what it alone is to get)."""
    session.add(run)
    session.flush()
    rows: list[dict[str, Any]] = [
        {
            "bulk_run_id": run.id, "comment_id": key, "version": version, "result": "",
            "before": {}, "given": given,
        }
        for key, version, given in items
    ]  # fmt: skip
    if rows:
        session.connection().execute(sa.insert(BulkItem), rows)
    return run


def start(database: Database, run_id: int, officer: Officer, *, now: datetime) -> None:
    """Work through the set; a second start finds nothing left and changes nothing."""
    with database.writing() as session:
        claimed = session.exec(
            update(BulkRun)
            .where(
                col(BulkRun.id) == run_id,
                col(BulkRun.started_at).is_(None),
                col(BulkRun.officer_id) == officer.id,
            )
            .values(started_at=now)
        )
        if claimed.rowcount != 1:
            raise Conflict("这次批量办理已经执行过，没有重复执行。")
        run = session.get_one(BulkRun, run_id)
        form = BulkForm.model_validate(run.form)
        ids = _ids(session, run_id)
    for chunk in _chunks(ids):
        with database.writing() as session:
            batch.act(session, run, chunk, officer, form, now=now)
    with database.writing() as session:
        _tell_waiting(session, run, officer, now)
        _record(session, officer, "comment.bulk", run_id, len(ids), now)


def undo(database: Database, run_id: int, officer: Officer, *, now: datetime) -> None:
    """Restore what the run changed, once, within thirty minutes."""
    with database.writing() as session:
        run = session.get_one(BulkRun, run_id)
        problem = reason_not_to_undo(run, officer, now)
        if problem is not None:
            raise Refused(problem)
        claimed = session.exec(
            update(BulkRun)
            .where(col(BulkRun.id) == run_id, col(BulkRun.undone_at).is_(None))
            .values(undone_at=now)
        )
        if claimed.rowcount != 1:
            raise Conflict("这次批量办理已经撤销过。")
        ids = _ids(session, run_id)
    for chunk in _chunks(ids):
        with database.writing() as session:
            batch.undo(session, run_id, chunk, officer, now=now)
    with database.writing() as session:
        _record(session, officer, "comment.bulk_undo", run_id, len(ids), now)


def reason_not_to_undo(run: BulkRun, officer: Officer, now: datetime) -> str | None:
    """Why a run cannot be undone, as a sentence."""
    if run.started_at is None:
        return "这次批量办理还没有执行。"
    if run.undone_at is not None:
        return "这次批量办理已经撤销过。"
    if run.officer_id != officer.id:
        return "只有执行的人可以撤销。"
    if now - run.started_at > rules.UNDO_LENGTH:
        return "超过 30 分钟，不能再撤销；请逐条修改。"
    return None


def tally(session: Session, run: BulkRun, officer: Officer, *, now: datetime) -> Tally:
    """The state of a run, counted."""
    counted = sa.select(col(BulkItem.result), sa.func.count()).where(
        col(BulkItem.bulk_run_id) == run.id
    )
    results = session.connection().execute(counted.group_by(col(BulkItem.result))).all()
    by_count = sorted(((text or "待执行", int(n)) for text, n in results), key=lambda r: -r[1])
    name = session.exec(select(Officer.display_name).where(Officer.id == run.officer_id)).one()
    can_undo = reason_not_to_undo(run, officer, now) is None
    return Tally(run, name, sum(n for _, n in by_count), tuple(by_count), can_undo)


def left_out(session: Session, run_id: int, limit: int = 50) -> list[tuple[int, str]]:
    """(comment, why) of those the run did not change."""
    statement = (
        select(BulkItem.comment_id, BulkItem.result)
        .where(BulkItem.bulk_run_id == run_id, col(BulkItem.result).not_in(("", DONE, UNDONE)))
        .order_by(col(BulkItem.comment_id))
        .limit(limit)
    )
    return [(key, result) for key, result in session.exec(statement)]


# --- Within --------------------------------------------------------------------------------------

_KEPT = {
    "action", "outcome", "reason", "change_section_key", "change_place", "reply",
    "department_id", "officer_id",
}  # fmt: skip


def _check(session: Session, officer: Officer, form: BulkForm, plan: PlanIndex) -> None:
    if form.action == "decide":
        errors = rules.decision_errors(
            outcome=form.chosen,
            reason=form.reason,
            place=form.change_place,
            section_key=form.change_section_key if form.change_section_key in plan.sections else "",
            reply=form.reply,
        )
        if errors:
            raise saving.Incomplete(errors)
    elif form.action == "assign":
        assigning.check_assignee(session, officer, form.department_id, form.officer_id)
    elif form.action == "withhold" and not form.reason:
        raise Refused("不公开需要写明原因。")


def _tell_waiting(session: Session, run: BulkRun, officer: Officer, now: datetime) -> None:
    """Whoever passes on what this run sent for approval hears of it once, not once for each."""
    steps = session.get_one(Consultation, run.consultation_id).approval_steps
    if run.action in ("decide", "sheet") and steps:
        state = ProposalState.DRAFTED
    elif run.action == "check" and steps == rules.MOST_STEPS:
        state = ProposalState.CHECKED
    else:
        return
    done = select(BulkItem.comment_id).where(
        BulkItem.bulk_run_id == run.id, BulkItem.result == DONE
    )
    keys = session.exec(done.order_by(col(BulkItem.comment_id))).all()
    if keys:
        first = session.get_one(Comment, keys[0])
        approving.tell_waiting(session, state, first, by=officer, count=len(keys), now=now)


def _ids(session: Session, run_id: int) -> list[int]:
    statement = select(BulkItem.comment_id).where(BulkItem.bulk_run_id == run_id)
    return list(session.exec(statement.order_by(col(BulkItem.comment_id))))


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _record(
    session: Session, officer: Officer, action: str, run_id: int, count: int, now: datetime
) -> None:
    details: Mapping[str, Any] = {"count": count}
    audit.record(session, officer, action, "bulk_run", run_id, details, now=now)
