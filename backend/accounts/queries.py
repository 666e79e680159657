"""What the pages about officers read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.accounts.rules import Grant
from backend.models import AuditEntry, Department, Officer, OfficerSession, RecoveryCode, RoleGrant


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act as the audit page shows it."""

    number: int
    at: datetime
    officer_name: str | None
    action: str
    subject_type: str
    subject_id: int | None
    details: dict[str, object]
    hash: str


@dataclass(frozen=True, slots=True)
class OfficerRow:
    """One officer as the list of officers shows them."""

    officer: Officer
    department_name: str | None
    grants: tuple[RoleGrant, ...]


def officer_named(session: Session, username: str) -> Officer | None:
    """By normalised user name."""
    return session.exec(select(Officer).where(Officer.username == username)).first()


def officer_count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Officer)).one()


def signed_in(session: Session, token_hash: str) -> tuple[OfficerSession, Officer] | None:
    """The open session of a token, with its officer."""
    statement = (
        select(OfficerSession, Officer)
        .join(Officer, col(Officer.id) == OfficerSession.officer_id)
        .where(OfficerSession.token_hash == token_hash, col(OfficerSession.ended_at).is_(None))
    )
    return session.exec(statement).first()


def grants_of(session: Session, officer_id: int) -> tuple[Grant, ...]:
    rows = session.exec(select(RoleGrant).where(RoleGrant.officer_id == officer_id))
    return tuple(Grant(row.role, row.consultation_id) for row in rows)


def open_sessions(session: Session, officer_id: int, *, since: datetime) -> list[OfficerSession]:
    """Sessions still open that began after `since`, newest first."""
    statement = (
        select(OfficerSession)
        .where(
            OfficerSession.officer_id == officer_id,
            col(OfficerSession.ended_at).is_(None),
            OfficerSession.created_at > since,
        )
        .order_by(col(OfficerSession.last_seen_at).desc())
    )
    return list(session.exec(statement))


def unused_recovery_codes(session: Session, officer_id: int) -> list[RecoveryCode]:
    statement = select(RecoveryCode).where(
        RecoveryCode.officer_id == officer_id, col(RecoveryCode.used_at).is_(None)
    )
    return list(session.exec(statement))


def officers(session: Session, organisation_id: int) -> list[OfficerRow]:
    """All officers of an organisation, working ones first."""
    people = session.exec(
        select(Officer, Department.name)
        .join(Department, col(Department.id) == Officer.department_id, isouter=True)
        .where(Officer.organisation_id == organisation_id)
        .order_by(col(Officer.deactivated_at).is_not(None), Officer.username)
    ).all()
    grants: dict[int, list[RoleGrant]] = {}
    for grant in session.exec(
        select(RoleGrant)
        .join(Officer, col(Officer.id) == RoleGrant.officer_id)
        .where(Officer.organisation_id == organisation_id)
    ):
        grants.setdefault(grant.officer_id, []).append(grant)
    return [
        OfficerRow(officer, department, tuple(grants.get(officer.id or 0, ())))
        for officer, department in people
    ]


def departments(session: Session, organisation_id: int) -> list[Department]:
    statement = (
        select(Department)
        .where(Department.organisation_id == organisation_id)
        .order_by(Department.name)
    )
    return list(session.exec(statement))


def whole_audit(session: Session, organisation_id: int) -> Iterator[tuple[AuditEntry, str | None]]:
    """Every entry of an organisation in order, with the officer's name."""
    statement = (
        select(AuditEntry, Officer.display_name)
        .join(Officer, col(Officer.id) == AuditEntry.officer_id, isouter=True)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(col(AuditEntry.number))
    )
    yield from session.exec(statement.execution_options(yield_per=1000))


def audit_page(
    session: Session,
    organisation_id: int,
    *,
    before: int | None,
    size: int,
    action: str | None = None,
    officer_id: int | None = None,
    subject: tuple[str, int] | None = None,
) -> list[AuditRow]:
    """`size` entries older than number `before`, newest first."""
    statement = (
        select(AuditEntry, Officer.display_name)
        .join(Officer, col(Officer.id) == AuditEntry.officer_id, isouter=True)
        .where(AuditEntry.organisation_id == organisation_id)
        .order_by(col(AuditEntry.number).desc())
        .limit(size)
    )
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
    if action:
        statement = statement.where(AuditEntry.action == action)
    if officer_id is not None:
        statement = statement.where(AuditEntry.officer_id == officer_id)
    if subject is not None:
        statement = statement.where(
            AuditEntry.subject_type == subject[0], AuditEntry.subject_id == subject[1]
        )
    return [
        AuditRow(
            entry.number,
            entry.at,
            name,
            entry.action,
            entry.subject_type,
            entry.subject_id,
            entry.details,
            entry.hash,
        )
        for entry, name in session.exec(statement)
    ]
