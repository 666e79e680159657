"""Permissions by role, passwords, one-time codes."""

from datetime import UTC, datetime

import pytest

from backend.accounts import passwords, totp
from backend.accounts.password_rules import POLICIES
from backend.accounts.password_rules import problem as password_problem
from backend.accounts.rules import PERMISSIONS, Grant, Permission, may
from backend.models import Role


def test_every_role_has_permissions_and_every_permission_a_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == frozenset(Permission)


def test_those_who_manage_accounts_read_no_opinions_and_no_audit() -> None:
    grants = [Grant(Role.ADMINISTRATOR)]
    for permission in (Permission.VIEW, Permission.READ_CONTACT, Permission.VIEW_AUDIT):
        assert not may(grants, permission, 1)


def test_a_grant_on_one_consultation_says_nothing_about_another() -> None:
    grants = [Grant(Role.OFFICER, consultation_id=1)]
    assert may(grants, Permission.DECIDE, 1)
    assert not may(grants, Permission.DECIDE, 2)
    assert not may(grants, Permission.DECIDE, None)


@pytest.mark.parametrize(
    "password",
    ["short", "password1234", "shenwenshenwen", "aaaaaaaaaaaa", "123456123456", "长" * 129],
)
def test_weak_passwords_are_refused(password: str) -> None:
    assert password_problem(password, own_words=("shenwen",))


@pytest.mark.parametrize("password", ["correct horse battery", "梧桐 河岸 灯 2026", "x7#kQ9!mWz2@"])
def test_good_passwords_need_no_symbols(password: str) -> None:
    assert password_problem(password, own_words=("shenwen",)) is None


@pytest.mark.parametrize(
    "password",
    ["qwertyuiop[]", "woaini1314520", "20261122zhengxun", "Shanghai2026!", "mima888888qq"],
)
def test_pinyin_dates_and_keyboard_walks_are_refused(password: str) -> None:
    assert password_problem(password)


def test_the_graded_policy_asks_for_kinds_of_characters_in_addition() -> None:
    policy = POLICIES["dengbao"]
    assert password_problem("梧桐河岸灯火阑珊处有人家") is None
    assert password_problem("梧桐河岸灯火阑珊处有人家", policy=policy)
    assert password_problem("梧桐 Hean deng 72", policy=policy) is None


def test_hashes_are_argon2id_and_nobody_has_no_password() -> None:
    hashed = passwords.hash_password("梧桐 河岸 灯 2026")
    assert hashed.startswith("$argon2id$")
    assert passwords.is_right("梧桐 河岸 灯 2026", hashed)
    assert not passwords.is_right("nobody's password", None)
    assert not passwords.is_right("x", "not a hash")


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_of_rfc_6238(seconds: int, code: str) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    now = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_at(secret, totp.step_at(now)) == code
    step = totp.accepted_step(secret, f"{code[:3]} {code[3:]}", now=now, last_step=0)
    assert step == totp.step_at(now)
    assert totp.accepted_step(secret, code, now=now, last_step=step) is None
