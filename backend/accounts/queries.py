"""What the pages about officers read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import Select

from backend.accounts.rules import Grant
from backend.kit.clock import end_of, start_of
from backend.models import (
    AuditEntry,
    Consultation,
    Department,
    Neighbourhood,
    Notification,
    Officer,
    OfficerSession,
    RecoveryCode,
    Role,
    RoleGrant,
)


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

    def holds(self, role: Role | None, consultation_id: int | None) -> bool:
        """Whether the officer has `role` (any, when None) where `consultation_id` says."""
        if role is None and consultation_id is None:
            return True
        return any(
            role in (None, grant.role)
            and (consultation_id is None or grant.consultation_id in (None, consultation_id))
            for grant in self.grants
        )


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


def unread_count(session: Session, officer_id: int) -> int:
    """How many notifications an officer has not taken notice of."""
    return session.exec(
        select(func.count())
        .select_from(Notification)
        .where(Notification.officer_id == officer_id, col(Notification.read_at).is_(None))
    ).one()


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


def role_grants(session: Session, officer_id: int) -> list[RoleGrant]:
    statement = select(RoleGrant).where(RoleGrant.officer_id == officer_id)
    return list(session.exec(statement.order_by(col(RoleGrant.id))))


def neighbourhoods(session: Session, organisation_id: int) -> list[Neighbourhood]:
    """Every 居委 of an organisation, by street."""
    statement = (
        select(Neighbourhood)
        .where(Neighbourhood.organisation_id == organisation_id)
        .order_by(Neighbourhood.street, Neighbourhood.name)
    )
    return list(session.exec(statement))


def departments(session: Session, organisation_id: int) -> list[Department]:
    """Departments that still exist, in the office's own order."""
    statement = (
        select(Department)
        .where(Department.organisation_id == organisation_id, col(Department.retired_at).is_(None))
        .order_by(col(Department.position), col(Department.name))
    )
    return list(session.exec(statement))


def consultation_titles(session: Session, organisation_id: int) -> dict[int, str]:
    """Id → title of an organisation's consultations, newest first."""
    statement = select(Consultation.id, Consultation.title).where(
        Consultation.organisation_id == organisation_id
    )
    rows = session.exec(statement.order_by(col(Consultation.id).desc()))
    return {number: title for number, title in rows if number is not None}


def by_oidc_subject(session: Session, subject: str) -> Officer | None:
    """The officer linked to an issuer's subject."""
    return session.exec(select(Officer).where(Officer.oidc_subject == subject)).first()


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to show; empty means all. Days are local, both ends included."""

    action: str = ""
    officer_id: int | None = None
    subject_type: str = ""
    subject_id: int | None = None
    since: date | None = None
    until: date | None = None

    @property
    def is_empty(self) -> bool:
        return self == AuditFilter()


def audit_entries(
    session: Session, organisation_id: int, chosen: AuditFilter
) -> Iterator[tuple[AuditEntry, str | None]]:
    """The entries of an organisation in order, with the officer's name."""
    statement = _audit(organisation_id, chosen).order_by(col(AuditEntry.number))
    yield from session.exec(statement.execution_options(yield_per=1000))


def audit_page(
    session: Session,
    organisation_id: int,
    chosen: AuditFilter = AuditFilter(),
    *,
    before: int | None,
    size: int,
) -> list[AuditRow]:
    """`size` entries older than number `before`, newest first."""
    statement = _audit(organisation_id, chosen).order_by(col(AuditEntry.number).desc()).limit(size)
    if before is not None:
        statement = statement.where(AuditEntry.number < before)
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


def _audit(organisation_id: int, chosen: AuditFilter) -> Select[AuditEntry, str]:
    statement = (
        select(AuditEntry, Officer.display_name)
        .join(Officer, col(Officer.id) == AuditEntry.officer_id, isouter=True)
        .where(AuditEntry.organisation_id == organisation_id)
    )
    if chosen.action:
        statement = statement.where(AuditEntry.action == chosen.action)
    if chosen.officer_id is not None:
        statement = statement.where(AuditEntry.officer_id == chosen.officer_id)
    if chosen.subject_type:
        statement = statement.where(AuditEntry.subject_type == chosen.subject_type)
    if chosen.subject_id is not None:
        statement = statement.where(AuditEntry.subject_id == chosen.subject_id)
    if chosen.since is not None:
        statement = statement.where(AuditEntry.at >= start_of(chosen.since))
    if chosen.until is not None:
        statement = statement.where(AuditEntry.at < end_of(chosen.until))
    return statement
