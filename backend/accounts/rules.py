"""Who may do what: permissions, and the roles that carry them.

A role granted without a consultation holds for the whole organisation.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.models import Role


class Permission(StrEnum):
    """One thing an officer may be trusted with."""

    VIEW = "view"
    VIEW_WHOLE = "view_whole"
    READ_CONTACT = "read_contact"
    TRANSCRIBE = "transcribe"
    PROXY = "proxy"
    REVIEW = "review"
    NOTE = "note"
    CLAIM = "claim"
    ASSIGN = "assign"
    RETURN = "return"
    DECIDE = "decide"
    CHECK = "check"
    APPROVE = "approve"
    OVERSEE = "oversee"
    SCREEN = "screen"
    HAND_OVER = "hand_over"
    MERGE = "merge"
    BULK = "bulk"
    MAKE_DIGEST = "make_digest"
    EXPORT = "export"
    MANAGE_PLAN = "manage_plan"
    MANAGE_CONSULTATION = "manage_consultation"
    PUBLISH = "publish"
    PUBLISH_OUTCOME = "publish_outcome"
    MANAGE_OFFICERS = "manage_officers"
    MANAGE_ORGANISATION = "manage_organisation"
    MANAGE_LISTS = "manage_lists"
    VIEW_AUDIT = "view_audit"
    VIEW_SYSTEM = "view_system"


P = Permission
_HANDLING = {P.VIEW, P.REVIEW, P.NOTE, P.CLAIM, P.RETURN}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: frozenset(
        _HANDLING | {P.VIEW_WHOLE, P.TRANSCRIBE, P.ASSIGN, P.HAND_OVER, P.READ_CONTACT}
    ),
    Role.OFFICER: frozenset(
        _HANDLING
        | {
            P.VIEW_WHOLE,
            P.READ_CONTACT,
            P.TRANSCRIBE,
            P.ASSIGN,
            P.DECIDE,
            P.SCREEN,
            P.HAND_OVER,
            P.MERGE,
        }
        | {P.CHECK, P.OVERSEE, P.BULK, P.MAKE_DIGEST, P.EXPORT}
    ),
    Role.DEPARTMENT: frozenset(_HANDLING | {P.DECIDE, P.OVERSEE}),
    Role.DRAFTING_OFFICE: frozenset(
        _HANDLING
        | {P.VIEW_WHOLE, P.ASSIGN, P.DECIDE, P.CHECK, P.APPROVE, P.HAND_OVER, P.MERGE, P.BULK}
        | {P.OVERSEE, P.MAKE_DIGEST, P.EXPORT}
        | {P.MANAGE_PLAN, P.MANAGE_CONSULTATION, P.MANAGE_LISTS}
    ),
    Role.PUBLISHER: frozenset(
        {P.VIEW, P.VIEW_WHOLE, P.CHECK, P.APPROVE, P.SCREEN, P.BULK, P.MAKE_DIGEST}
        | {P.MANAGE_CONSULTATION, P.PUBLISH, P.PUBLISH_OUTCOME}
    ),
    Role.ADMINISTRATOR: frozenset(
        {P.MANAGE_OFFICERS, P.MANAGE_ORGANISATION, P.MANAGE_LISTS, P.VIEW_SYSTEM}
    ),
    Role.AUDITOR: frozenset({P.VIEW_AUDIT}),
    Role.NEIGHBOURHOOD: frozenset({P.PROXY}),
}
# What an office hands out for one consultation; accounts and the audit belong to all of them.
GRANTABLE_ON_ONE = tuple(r for r in Role if r not in (Role.ADMINISTRATOR, Role.AUDITOR))


@dataclass(frozen=True, slots=True)
class Grant:
    """A role, on one consultation or (None) on all of the organisation's."""

    role: Role
    consultation_id: int | None = None

    def covers(self, consultation_id: int | None) -> bool:
        return self.consultation_id is None or self.consultation_id == consultation_id


def may(grants: Iterable[Grant], permission: Permission, consultation_id: int | None) -> bool:
    """Whether the grants carry a permission; without a consultation only wide grants count."""
    return any(
        permission in PERMISSIONS[grant.role] and grant.covers(consultation_id) for grant in grants
    )


def may_anywhere(grants: Iterable[Grant], permission: Permission) -> bool:
    """Whether the grants carry a permission on some consultation (for navigation)."""
    return any(permission in PERMISSIONS[grant.role] for grant in grants)


def sees_whole_queue(grants: Iterable[Grant], consultation_id: int) -> bool:
    """False for those who only work for a department: they see what is assigned to it."""
    return may(grants, Permission.VIEW_WHOLE, consultation_id)


# --- Sessions ------------------------------------------------------------------------------------


def session_ended(
    *,
    created_at: datetime,
    last_seen_at: datetime,
    now: datetime,
    idle_minutes: int,
    hours: int,
) -> bool:
    """Idle too long, or older than a working day."""
    return now - last_seen_at >= timedelta(minutes=idle_minutes) or now - created_at >= timedelta(
        hours=hours
    )


# --- Names ---------------------------------------------------------------------------------------


def username_problem(username: str) -> str | None:
    """Why a user name is refused, as a sentence; None when it will do."""
    if not 2 <= len(username) <= 64:
        return "用户名需要 2 到 64 个字符。"
    if not all(char.isalnum() or char in "._-" for char in username):
        return "用户名只能使用字母、汉字、数字、点、短横线和下划线。"
    return None


def normalise_username(username: str) -> str:
    """User names do not differ by case or surrounding spaces."""
    return username.strip().casefold()


_EMAIL = re.compile(r"[^@\s\"'<>,;:\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def email_problem(email: str) -> str | None:
    """Why an e-mail address is refused, as a sentence; none at all is fine."""
    if email and (len(email) > 254 or _EMAIL.fullmatch(email) is None):
        return "邮箱地址不完整，应当像 name@example.gov.cn 这样。"
    return None
