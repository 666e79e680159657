"""Signing in and out.

Signing in uses several short transactions, because no database lock is held while a password is
being hashed. A wrong name and a wrong password are told apart nowhere, not even by time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from backend.accounts import audit, limits, passwords, queries, rules, sessions, totp
from backend.accounts.oidc import Identity
from backend.accounts.own_account import recovery_hash
from backend.accounts.password_rules import POLICIES
from backend.kit.db import Database
from backend.kit.sealing import keyed_hash, unseal
from backend.kit.settings import Settings
from backend.models import Officer, Role
from backend.web.errors import PageError, TooMany

WRONG = "用户名或密码不对，请检查后再试。"
WRONG_CODE = "验证码不对或已用过，请输入最新的 6 位数字，或一个没有用过的恢复码。"
SECOND_STEP = timedelta(minutes=5)
LOCKED_FOR = timedelta(minutes=30)


class WrongCredentials(PageError):
    """Said the same way whatever was wrong."""

    status = 422
    title = "没有登录成功"


@dataclass(frozen=True, slots=True)
class Opened:
    """A started session, or the ticket for the second step."""

    token: str | None = None
    ticket: str | None = None


def sign_in(
    database: Database,
    username: str,
    password: str,
    *,
    settings: Settings,
    client: str,
    user_agent: str,
    now: datetime,
) -> Opened:
    """Check name and password; raises `WrongCredentials` or, after many tries, `TooMany`."""
    name = rules.normalise_username(username)
    with database.writing() as session:
        _refuse_locked(session, settings, name, now=now)
        _slow_down(session, settings, f"sign-in name {name}", now=now)
        _slow_down(session, settings, f"sign-in from {client}", capacity=30, now=now)
    with database.reading() as session:
        officer = queries.officer_named(session, name)
    is_right = passwords.is_right(password, officer.password_hash if officer else None)
    if officer is None or not is_right or is_refused(officer, settings):
        with database.writing() as session:
            _count_failure(session, settings, name, officer, now=now)
        raise WrongCredentials(WRONG)
    new_hash = (
        passwords.hash_password(password) if passwords.is_outdated(officer.password_hash) else None
    )
    with database.writing() as session:
        limits.forget(session, _strikes(settings, name))
        officer = session.get_one(Officer, officer.id)
        officer.password_hash = new_hash or officer.password_hash
        return enter(session, officer, settings=settings, user_agent=user_agent, now=now)


def enter(
    session: Session,
    officer: Officer,
    *,
    settings: Settings,
    user_agent: str,
    by_single_sign_on: bool = False,
    now: datetime,
) -> Opened:
    """Whoever has shown who they are: a session, or the second step when they have one."""
    if officer.sealed_totp is None:
        token = _open(
            session, officer, user_agent=user_agent, by_single_sign_on=by_single_sign_on, now=now
        )
        return Opened(token=token)
    until = int((now + SECOND_STEP).timestamp())
    return Opened(ticket=_tickets(settings).dumps([officer.id, until, by_single_sign_on]))


def sign_on(
    session: Session, identity: Identity, *, settings: Settings, user_agent: str, now: datetime
) -> Opened:
    """Somebody the identity provider vouches for: an account that exists, never a new one.

    The first time an account is found by its user name and linked to the provider's subject; from
    then on by the subject alone. An administrator's account is linked from its own page only, so
    that a name at the provider makes nobody an administrator here.
    """
    officer = queries.by_oidc_subject(session, identity.subject)
    if officer is None:
        officer = queries.officer_named(session, rules.normalise_username(identity.username))
        if officer is not None and not _may_be_linked_by_name(session, officer):
            officer = None
    if officer is None or is_refused(officer, settings):
        raise WrongCredentials(
            "统一身份认证认识您，但本系统没有与它对应的账号。请联系本单位管理员；"
            "管理员本人请先用密码登录，再到“我的账号”里关联。"
        )
    if officer.oidc_subject is None:
        _link(session, officer, identity, now=now)
    return enter(
        session, officer, settings=settings, user_agent=user_agent, by_single_sign_on=True, now=now
    )


def link_sign_on(session: Session, officer_id: int, identity: Identity, *, now: datetime) -> None:
    """Link the account from whose page the journey began."""
    officer = session.get_one(Officer, officer_id)
    owner = queries.by_oidc_subject(session, identity.subject)
    if owner is not None and owner.id != officer.id:
        raise WrongCredentials("统一身份认证里的这个身份已经关联了另一个账号。")
    _link(session, officer, identity, now=now)


def unlink_sign_on(session: Session, officer: Officer, *, now: datetime) -> None:
    """The account is entered by password again, until it is linked anew."""
    row = session.get_one(Officer, officer.id)
    row.oidc_subject = None
    session.add(row)
    audit.record(session, row, "officer.sign_on_unlinked", "officer", row.id, now=now)


def _may_be_linked_by_name(session: Session, officer: Officer) -> bool:
    roles = {grant.role for grant in queries.grants_of(session, officer.id or 0)}
    return officer.oidc_subject is None and Role.ADMINISTRATOR not in roles


def _link(session: Session, officer: Officer, identity: Identity, *, now: datetime) -> None:
    officer.oidc_subject = identity.subject
    session.add(officer)
    audit.record(session, officer, "officer.sign_on_linked", "officer", officer.id, now=now)


def unlock(session: Session, officer: Officer, *, settings: Settings) -> None:
    """Forget the failures that locked an account."""
    limits.forget(session, _strikes(settings, officer.username))


def confirm_second_factor(
    session: Session,
    ticket: str,
    code: str,
    *,
    settings: Settings,
    user_agent: str,
    now: datetime,
) -> Opened | None:
    """The second step; None when the code is wrong (the try still counts)."""
    officer_id, by_single_sign_on = _first_step(ticket, settings=settings, now=now)
    officer = session.get(Officer, officer_id) if officer_id is not None else None
    if officer is None or is_refused(officer, settings) or officer.sealed_totp is None:
        raise WrongCredentials("登录步骤已过期，请重新输入用户名和密码。")
    _slow_down(session, settings, f"second factor {officer.id}", now=now)
    secret = unseal(settings.secret(), officer.sealed_totp) or ""
    step = totp.accepted_step(secret, code, now=now, last_step=officer.totp_last_step)
    if step is not None:
        officer.totp_last_step = step
        session.add(officer)
    elif not _spend_recovery_code(session, officer, code, settings=settings, now=now):
        return None
    token = _open(
        session, officer, user_agent=user_agent, by_single_sign_on=by_single_sign_on, now=now
    )
    return Opened(token=token)


def sign_out(session: Session, officer: Officer, session_id: int, *, now: datetime) -> None:
    """End this browser's session."""
    sessions.end(session, session_id, officer_id=officer.id or 0, now=now)
    audit.record(session, officer, "officer.sign_out", "officer", officer.id, now=now)


def _open(
    session: Session, officer: Officer, *, user_agent: str, by_single_sign_on: bool, now: datetime
) -> str:
    token = sessions.start(
        session, officer, user_agent=user_agent, by_single_sign_on=by_single_sign_on, now=now
    )
    audit.record(session, officer, "officer.sign_in", "officer", officer.id, now=now)
    return token


def is_refused(officer: Officer, settings: Settings) -> bool:
    return officer.deactivated_at is not None or (officer.is_demo and not settings.demo)


def _strikes(settings: Settings, name: str) -> str:
    return keyed_hash(settings.secret(), "strikes", name)


def _refuse_locked(session: Session, settings: Settings, name: str, *, now: datetime) -> None:
    # Names that do not exist are locked like others: a lock tells nobody who is here.
    most = POLICIES[settings.password_policy].failures_before_lock
    if most is None:
        return
    key = _strikes(settings, name)
    left = limits.struck_out(session, key, most=most, lasting=LOCKED_FOR, now=now)
    if left is not None:
        minutes = int(left.total_seconds() // 60) + 1
        raise TooMany(
            f"连续输错{most}次，这个账号已锁定，请 {minutes} 分钟后再试，或者请管理员解锁。",
            title="账号已锁定",
        )


def _count_failure(
    session: Session, settings: Settings, name: str, officer: Officer | None, *, now: datetime
) -> None:
    most = POLICIES[settings.password_policy].failures_before_lock
    locks = most is not None and limits.strike(
        session, _strikes(settings, name), most=most, lasting=LOCKED_FOR, now=now
    )
    if officer is not None:
        for action in ("officer.sign_in_failed", *(("officer.locked",) if locks else ())):
            audit.record(
                session, None, action, "officer", officer.id,
                now=now, organisation_id=officer.organisation_id,
            )  # fmt: skip


def _slow_down(
    session: Session, settings: Settings, what: str, *, capacity: float = 10, now: datetime
) -> None:
    key = keyed_hash(settings.secret(), "limit", what)
    wait = limits.take(session, key, capacity=capacity, refill_seconds=20, now=now)
    if wait:
        raise TooMany(f"尝试的次数太多，请 {int(wait) + 1} 秒后再试。")


def _tickets(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret(), salt="second factor")


def _first_step(ticket: str, *, settings: Settings, now: datetime) -> tuple[int | None, bool]:
    """Who took the first step, and whether at the identity provider."""
    try:
        officer_id, until, by_single_sign_on = _tickets(settings).loads(ticket)
    except (BadSignature, ValueError, TypeError):
        return None, False
    return (int(officer_id) if now.timestamp() < until else None), bool(by_single_sign_on)


def _spend_recovery_code(
    session: Session, officer: Officer, typed: str, *, settings: Settings, now: datetime
) -> bool:
    digest = recovery_hash(settings, officer, typed)
    for code in queries.unused_recovery_codes(session, officer.id or 0):
        if code.code_hash == digest:
            code.used_at = now
            session.add(code)
            return True
    return False
