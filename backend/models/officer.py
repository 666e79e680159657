"""Officers, the roles they hold, their sessions, and the audit of what they did (留痕)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class Role(StrEnum):
    """What an officer is entrusted with; permissions follow in accounts/rules.py."""

    CLERK = "clerk"
    OFFICER = "officer"
    DEPARTMENT = "department"
    DRAFTING_OFFICE = "drafting_office"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    NEIGHBOURHOOD = "neighbourhood"


class Officer(Table, table=True):
    """A member of staff (工作人员); never deleted, only deactivated.

    `is_head`: heads their own department. `oidc_subject` is issuer and subject of a single sign-on.
    """

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    neighbourhood_id: int | None = Field(default=None, foreign_key="neighbourhood.id")
    username: str = Field(max_length=64, unique=True)
    display_name: str = Field(max_length=64)
    email: str | None = Field(default=None, max_length=254)
    password_hash: str = Field(max_length=255)
    is_demo: bool = False
    shortcuts_on: bool = True
    is_head: bool = False
    wants_brief: bool = True
    oidc_subject: str | None = Field(default=None, max_length=500, unique=True)
    password_changed_at: datetime | None = moment(default=None)
    daily_mail_on: bool = True
    sealed_totp: str | None = Field(default=None, max_length=255)
    totp_last_step: int = 0
    deactivated_at: datetime | None = moment(default=None)
    created_at: datetime = moment()


class RecoveryCode(Table, table=True):
    """A spare second factor, used once; only its keyed hash is stored."""

    id: int | None = Field(default=None, primary_key=True)
    officer_id: int = Field(foreign_key="officer.id", index=True)
    code_hash: str = Field(max_length=64)
    used_at: datetime | None = moment(default=None)


class RoleGrant(Table, table=True):
    """A role, on one consultation or (without one) on all of the organisation's."""

    __table_args__ = (UniqueConstraint("officer_id", "role", "consultation_id"),)

    id: int | None = Field(default=None, primary_key=True)
    officer_id: int = Field(foreign_key="officer.id", index=True)
    role: Role = choice(Role)
    consultation_id: int | None = Field(default=None, foreign_key="consultation.id")


class OfficerSession(Table, table=True):
    """A signed-in browser; only the hash of its token is stored."""

    id: int | None = Field(default=None, primary_key=True)
    officer_id: int = Field(foreign_key="officer.id", index=True)
    token_hash: str = Field(max_length=64, unique=True)
    user_agent: str = Field(default="", max_length=200)
    by_single_sign_on: bool = False
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)


class AuditEntry(Table, table=True):
    """One act, append-only; `hash` covers the entry and the hash before it (per organisation)."""

    __table_args__ = (UniqueConstraint("organisation_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    number: int
    at: datetime = moment()
    officer_id: int | None = Field(default=None, foreign_key="officer.id")
    action: str = Field(max_length=64)
    subject_type: str = Field(max_length=32)
    subject_id: int | None = None
    details: dict[str, Any] = json_value(default_factory=dict)
    previous_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class AuditHead(Table, table=True):
    """The last number and hash of a chain: the lock writers take, and what betrays a cut tail."""

    organisation_id: int = Field(foreign_key="organisation.id", primary_key=True)
    number: int = 0
    hash: str = Field(max_length=64)


class TokenBucket(Table, table=True):
    """A rate limit shared by all web processes; `key` is a keyed hash, never an address."""

    key: str = Field(primary_key=True, max_length=96)
    tokens: float
    updated_at: datetime = moment()
