"""休假代办: while an officer is away, a colleague looks after their comments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.clock import local
from backend.models import Absence, Officer
from backend.triage.forms import LeaveForm
from backend.triage.saving import Incomplete
from backend.web.errors import Refused

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class StandIn:
    """Who looks after an absent officer's comments, and the last day of it."""

    delegate_id: int
    name: str
    until_on: date


@dataclass(frozen=True, slots=True)
class LeaveRow:
    """One recorded absence."""

    absence: Absence
    officer_name: str
    delegate_name: str
    is_now: bool


def record_leave(
    session: Session,
    officer: Officer,
    absent: Officer,
    delegate: Officer | None,
    form: LeaveForm,
    *,
    now: datetime,
) -> Absence:
    """From one day to another, both inclusive, `delegate` works for `absent`."""
    today = local(now).date()
    errors = {}
    if delegate is None or delegate.organisation_id != absent.organisation_id:
        errors["delegate_id"] = "请选择代办的同事。"
    elif delegate.id == absent.id:
        errors["delegate_id"] = "不能由本人代办，请选择另一位同事。"
    if form.from_on is None:
        errors["from_on"] = "请填写开始日期，例如 2026-12-01。"
    if form.until_on is None:
        errors["until_on"] = "请填写结束日期，例如 2026-12-10。"
    elif form.until_on < today:
        errors["until_on"] = "结束日期已经过去。"
    elif form.from_on is not None and form.until_on < form.from_on:
        errors["until_on"] = "结束日期早于开始日期。"
    elif form.from_on is not None and (form.until_on - form.from_on).days >= LONGEST_DAYS:
        errors["until_on"] = "一次最多登记一年。"
    if errors or delegate is None or form.from_on is None or form.until_on is None:
        raise Incomplete(errors)
    if _overlaps(session, absent, form.from_on, form.until_on):
        raise Refused("这段时间已经登记过，请先结束原来的登记。")
    # Nobody stands in who is away themselves: work would be passed round a circle.
    if _overlaps(session, delegate, form.from_on, form.until_on):
        raise Refused(f"{delegate.display_name}这段时间也不在，请选择另一位同事。")
    row = Absence(
        officer_id=absent.id or 0,
        delegate_id=delegate.id or 0,
        from_on=form.from_on,
        until_on=form.until_on,
        recorded_by_id=officer.id or 0,
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {"from": form.from_on.isoformat(), "until": form.until_on.isoformat()}
    audit.record(
        session, officer, "officer.leave", "officer", absent.id,
        details | {"to_officer": delegate.id}, now=now,
    )  # fmt: skip
    return row


def end_leave(session: Session, absence: Absence, officer: Officer, *, now: datetime) -> None:
    """Back early, or not away after all."""
    if absence.ended_at is not None:
        return
    absence.ended_at = now
    session.add(absence)
    audit.record(session, officer, "officer.leave_end", "officer", absence.officer_id, {}, now=now)


def absent_now(session: Session, organisation_id: int, now: datetime) -> Mapping[int, StandIn]:
    """Officer → who stands in today."""
    delegate = aliased(Officer)
    statement = (
        select(Absence, delegate.display_name)
        .join(delegate, col(delegate.id) == Absence.delegate_id)
        .where(delegate.organisation_id == organisation_id, *_covers(local(now).date()))
    )
    return {
        row.officer_id: StandIn(row.delegate_id, name, row.until_on)
        for row, name in session.exec(statement)
    }


def stand_ins(session: Session, officer_ids: Collection[int], now: datetime) -> dict[int, int]:
    """Officer → delegate, of those officers who are away today."""
    if not officer_ids:
        return {}
    statement = select(Absence.officer_id, Absence.delegate_id).where(
        col(Absence.officer_id).in_(officer_ids), *_covers(local(now).date())
    )
    return dict(session.exec(statement).all())


def listed(session: Session, organisation_id: int, now: datetime) -> list[LeaveRow]:
    """Present and coming absences of an organisation, the first to begin on top."""
    today = local(now).date()
    absent, delegate = aliased(Officer), aliased(Officer)
    statement = (
        select(Absence, absent.display_name, delegate.display_name)
        .join(absent, col(absent.id) == Absence.officer_id)
        .join(delegate, col(delegate.id) == Absence.delegate_id)
        .where(
            absent.organisation_id == organisation_id,
            col(Absence.ended_at).is_(None),
            col(Absence.until_on) >= today,
        )
        .order_by(col(Absence.from_on), col(Absence.id))
    )
    return [
        LeaveRow(row, name, stands_in, row.from_on <= today)
        for row, name, stands_in in session.exec(statement)
    ]


def _covers(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Absence.ended_at).is_(None),
        col(Absence.from_on) <= day,
        col(Absence.until_on) >= day,
    )


def _overlaps(session: Session, officer: Officer, from_on: date, until_on: date) -> bool:
    statement = select(Absence.id).where(
        Absence.officer_id == officer.id,
        col(Absence.ended_at).is_(None),
        col(Absence.from_on) <= until_on,
        col(Absence.until_on) >= from_on,
    )
    return session.exec(statement).first() is not None
