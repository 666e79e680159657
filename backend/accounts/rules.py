"""Who may do what: permissions, the roles that carry them, and what a password must be.

A role granted without a consultation holds for the whole organisation. Passwords follow
NIST SP 800-63B and ASVS 5.0 (2.1): length counts, composition rules do not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.models import Role


class Permission(StrEnum):
    """One thing an officer may be trusted with."""

    VIEW = "view"
    READ_CONTACT = "read_contact"
    TRANSCRIBE = "transcribe"
    REVIEW = "review"
    NOTE = "note"
    CLAIM = "claim"
    ASSIGN = "assign"
    RETURN = "return"
    DECIDE = "decide"
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
    VIEW_AUDIT = "view_audit"
    VIEW_SYSTEM = "view_system"


P = Permission
_HANDLING = {P.VIEW, P.REVIEW, P.NOTE, P.CLAIM, P.RETURN}
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CLERK: frozenset(_HANDLING | {P.TRANSCRIBE, P.ASSIGN, P.HAND_OVER, P.READ_CONTACT}),
    Role.OFFICER: frozenset(
        _HANDLING
        | {P.READ_CONTACT, P.TRANSCRIBE, P.ASSIGN, P.DECIDE, P.SCREEN, P.HAND_OVER, P.MERGE}
        | {P.BULK, P.MAKE_DIGEST, P.EXPORT}
    ),
    Role.DEPARTMENT: frozenset(_HANDLING | {P.DECIDE}),
    Role.DRAFTING_OFFICE: frozenset(
        _HANDLING
        | {P.ASSIGN, P.DECIDE, P.MERGE, P.BULK, P.MAKE_DIGEST, P.EXPORT}
        | {P.MANAGE_PLAN, P.MANAGE_CONSULTATION}
    ),
    Role.PUBLISHER: frozenset(
        {P.VIEW, P.SCREEN, P.MAKE_DIGEST, P.MANAGE_CONSULTATION, P.PUBLISH, P.PUBLISH_OUTCOME}
    ),
    Role.ADMINISTRATOR: frozenset({P.MANAGE_OFFICERS, P.MANAGE_ORGANISATION, P.VIEW_SYSTEM}),
    Role.AUDITOR: frozenset({P.VIEW_AUDIT}),
}
# These see every comment of a consultation; a department sees what it was given.
_WHOLE_QUEUE = frozenset({Role.CLERK, Role.OFFICER, Role.DRAFTING_OFFICE, Role.PUBLISHER})


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
    return any(grant.role in _WHOLE_QUEUE and grant.covers(consultation_id) for grant in grants)


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


# --- Names and passwords -------------------------------------------------------------------------

PASSWORD_MIN = 12
PASSWORD_MAX = 128
_COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "letmein", "welcome", "admin",
    "iloveyou", "woaini", "abc123", "123456", "654321", "111111", "000000", "888888", "zhengxun",
    "征询", "密码",
)  # fmt: skip


def password_problem(password: str, *, own_words: Sequence[str] = ()) -> str | None:
    """Why a password is refused, as a sentence; None when it will do."""
    if len(password) < PASSWORD_MIN:
        return f"密码至少 {PASSWORD_MIN} 个字符，可以用几个不相关的词连成一句。"
    if len(password) > PASSWORD_MAX:
        return f"密码最多 {PASSWORD_MAX} 个字符。"
    folded = password.casefold()
    rest = folded
    for word in (*_COMMON, *(w.casefold() for w in own_words if len(w) >= 2)):
        rest = rest.replace(word, "")
    if len(rest) < PASSWORD_MIN // 2:
        return "密码主要由常见词或您的名字组成，容易被猜到，请换一个。"
    if len(set(folded)) < 5:
        return "密码里重复的字符太多，请换一个。"
    return None


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
