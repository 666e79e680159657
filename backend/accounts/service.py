"""What is done with accounts: making officers, signing in and out, passwords, second factor.

Signing in uses several short transactions, because no database lock is held while a password is
being hashed. A wrong name and a wrong password are told apart nowhere, not even by time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session, col, select

from backend.accounts import audit, limits, passwords, queries, rules, sessions, totp
from backend.accounts.forms import OfficerForm, PasswordForm, SetupForm
from backend.kit.db import Database
from backend.kit.sealing import keyed_hash, seal, unseal
from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.models import Officer, Organisation, RecoveryCode, Role, RoleGrant
from backend.web.errors import PageError, Refused, TooMany

WRONG = "用户名或密码不对，请检查后再试。"
WRONG_CODE = "验证码不对或已用过，请输入最新的 6 位数字，或一个没有用过的恢复码。"
SECOND_STEP = timedelta(minutes=5)


class WrongCredentials(PageError):
    """Said the same way whatever was wrong."""

    status = 422
    title = "没有登录成功"


@dataclass(frozen=True, slots=True)
class Opened:
    """A started session, or the ticket for the second step."""

    token: str | None = None
    ticket: str | None = None


def create_officer(
    session: Session,
    *,
    organisation: Organisation,
    username: str,
    display_name: str,
    password: str,
    roles: Iterable[Role] = (Role.OFFICER,),
    department_id: int | None = None,
    is_demo: bool = False,
    by: Officer | None = None,
    now: datetime,
) -> Officer:
    """Make an officer; raises `Refused` when the name is taken or the password too weak.

    Demonstration officers may have the simple password that is printed on the console: they are
    refused outside demonstration mode.
    """
    assert organisation.id is not None
    name = rules.normalise_username(username)
    problem = rules.username_problem(name) or (
        None if is_demo else rules.password_problem(password, own_words=(name, display_name))
    )
    if problem is None and queries.officer_named(session, name) is not None:
        problem = "这个用户名已经有人使用。"
    if problem is not None:
        raise Refused(problem)
    officer = Officer(
        organisation_id=organisation.id,
        department_id=department_id,
        username=name,
        display_name=clean_line(display_name)[:64] or name,
        password_hash=passwords.hash_password(password),
        is_demo=is_demo,
        created_at=now,
    )
    session.add(officer)
    session.flush()
    for role in dict.fromkeys(roles):
        session.add(RoleGrant(officer_id=officer.id or 0, role=role))
    details = {"username": name, "roles": [role.value for role in dict.fromkeys(roles)]}
    audit.record(
        session, by, "officer.create", "officer", officer.id, details,
        now=now, organisation_id=organisation.id,
    )  # fmt: skip
    return officer


def add_officer(session: Session, form: OfficerForm, *, by: Officer, now: datetime) -> Officer:
    """An administrator makes an officer of the same organisation."""
    organisation = session.get_one(Organisation, by.organisation_id)
    known = {department.id for department in queries.departments(session, by.organisation_id)}
    if form.department_id is not None and form.department_id not in known:
        raise Refused("没有这个部门。")
    return create_officer(
        session,
        organisation=organisation,
        username=form.username,
        display_name=form.display_name,
        password=form.password,
        roles=form.roles,
        department_id=form.department_id,
        by=by,
        now=now,
    )


def grant_roles(
    session: Session, officer: Officer, roles: Iterable[Role], *, by: Officer, now: datetime
) -> None:
    """Set an officer's organisation-wide roles; grants on single consultations stay."""
    wanted = set(roles)
    wide = session.exec(
        select(RoleGrant).where(
            RoleGrant.officer_id == officer.id,
            col(RoleGrant.consultation_id).is_(None),
        )
    ).all()
    if officer.id == by.id and Role.ADMINISTRATOR not in wanted:
        raise Refused("不能取消自己的管理员角色，请由另一位管理员操作。")
    for grant in wide:
        if grant.role not in wanted:
            session.delete(grant)
    for role in wanted - {grant.role for grant in wide}:
        session.add(RoleGrant(officer_id=officer.id or 0, role=role))
    details = {"roles": sorted(role.value for role in wanted)}
    audit.record(session, by, "officer.roles", "officer", officer.id, details, now=now)


def deactivate(session: Session, officer: Officer, *, by: Officer, now: datetime) -> None:
    """An officer leaves: sessions end, what they did stays."""
    if officer.id == by.id:
        raise Refused("不能停用自己的账号，请由另一位管理员操作。")
    officer.deactivated_at = now
    session.add(officer)
    sessions.end_all(session, officer.id or 0, now=now)
    audit.record(session, by, "officer.deactivate", "officer", officer.id, now=now)


# --- Signing in ----------------------------------------------------------------------------------


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
        _slow_down(session, settings, f"sign-in name {name}", now=now)
        _slow_down(session, settings, f"sign-in from {client}", capacity=30, now=now)
    with database.reading() as session:
        officer = queries.officer_named(session, name)
    is_right = passwords.is_right(password, officer.password_hash if officer else None)
    if officer is None or not is_right or _is_refused(officer, settings):
        with database.writing() as session:
            if officer is not None:
                audit.record(
                    session, None, "officer.sign_in_failed", "officer", officer.id,
                    now=now, organisation_id=officer.organisation_id,
                )  # fmt: skip
        raise WrongCredentials(WRONG)
    if officer.sealed_totp is not None:
        until = int((now + SECOND_STEP).timestamp())
        return Opened(ticket=_tickets(settings).dumps([officer.id, until]))
    new_hash = (
        passwords.hash_password(password) if passwords.is_outdated(officer.password_hash) else None
    )
    with database.writing() as session:
        officer = session.get_one(Officer, officer.id)
        officer.password_hash = new_hash or officer.password_hash
        return Opened(token=_open(session, officer, user_agent=user_agent, now=now))


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
    officer_id = _officer_of(ticket, settings=settings, now=now)
    officer = session.get(Officer, officer_id) if officer_id is not None else None
    if officer is None or _is_refused(officer, settings) or officer.sealed_totp is None:
        raise WrongCredentials("登录步骤已过期，请重新输入用户名和密码。")
    _slow_down(session, settings, f"second factor {officer.id}", now=now)
    secret = unseal(settings.secret(), officer.sealed_totp) or ""
    step = totp.accepted_step(secret, code, now=now, last_step=officer.totp_last_step)
    if step is not None:
        officer.totp_last_step = step
        session.add(officer)
    elif not _spend_recovery_code(session, officer, code, settings=settings, now=now):
        return None
    return Opened(token=_open(session, officer, user_agent=user_agent, now=now))


def sign_out(session: Session, officer: Officer, session_id: int, *, now: datetime) -> None:
    """End this browser's session."""
    sessions.end(session, session_id, officer_id=officer.id or 0, now=now)
    audit.record(session, officer, "officer.sign_out", "officer", officer.id, now=now)


# --- An officer's own account --------------------------------------------------------------------


def change_password(
    session: Session, officer: Officer, form: PasswordForm, *, session_id: int, now: datetime
) -> dict[str, str]:
    """Set a new password and end the other sessions; gives the errors by field."""
    errors = {}
    if not passwords.is_right(form.current, officer.password_hash):
        errors["current"] = "现在的密码不对。"
    words = (officer.username, officer.display_name)
    problem = rules.password_problem(form.new, own_words=words)
    if problem is not None:
        errors["new"] = problem
    elif form.new != form.again:
        errors["again"] = "两次输入的新密码不一样。"
    if errors:
        return errors
    row = session.get_one(Officer, officer.id)
    row.password_hash = passwords.hash_password(form.new)
    session.add(row)
    sessions.end_all(session, row.id or 0, now=now, but=session_id)
    audit.record(session, row, "officer.change_password", "officer", row.id, now=now)
    return {}


def is_own_password(session: Session, officer: Officer, typed: str) -> bool:
    """Whether an officer knows their password, asked again before something weakens."""
    return passwords.is_right(typed, session.get_one(Officer, officer.id).password_hash)


def enable_second_factor(
    session: Session,
    officer: Officer,
    secret: str,
    code: str,
    *,
    settings: Settings,
    now: datetime,
) -> list[str] | None:
    """Turn TOTP on once a first code is right; gives the recovery codes, shown only now."""
    row = session.get_one(Officer, officer.id)
    try:
        step = totp.accepted_step(secret, code, now=now, last_step=row.totp_last_step)
    except ValueError:
        return None
    if step is None:
        return None
    row.sealed_totp = seal(settings.secret(), secret)
    row.totp_last_step = step
    session.add(row)
    codes = totp.new_recovery_codes()
    for old in queries.unused_recovery_codes(session, row.id or 0):
        old.used_at = now
        session.add(old)
    for new in codes:
        digest = _recovery_hash(settings, row, new)
        session.add(RecoveryCode(officer_id=row.id or 0, code_hash=digest))
    audit.record(session, row, "officer.second_factor_on", "officer", row.id, now=now)
    return codes


def disable_second_factor(session: Session, officer: Officer, *, now: datetime) -> None:
    """Turn TOTP off; the recovery codes go with it."""
    row = session.get_one(Officer, officer.id)
    row.sealed_totp = None
    session.add(row)
    for code in queries.unused_recovery_codes(session, row.id or 0):
        code.used_at = now
        session.add(code)
    audit.record(session, row, "officer.second_factor_off", "officer", row.id, now=now)


def switch_shortcuts(session: Session, officer: Officer, *, on: bool) -> None:
    """Keyboard shortcuts of the desk, for this officer."""
    row = session.get_one(Officer, officer.id)
    row.shortcuts_on = on
    session.add(row)


# --- First run -----------------------------------------------------------------------------------


def setup_code(settings: Settings) -> str:
    """What the console prints while an installation has no officer."""
    return keyed_hash(settings.secret(), "setup", "first officer")[:12]


def set_up(session: Session, form: SetupForm, *, settings: Settings, now: datetime) -> Officer:
    """The first administrator; refused once there is anybody, or without the console's code."""
    if queries.officer_count(session):
        raise Refused("这个系统已经有工作人员账号，请直接登录。")
    if form.code.strip() != setup_code(settings):
        raise Refused("启动码不对。启动码显示在服务器控制台上。")
    organisation = session.exec(select(Organisation)).first()
    if organisation is None:
        name = clean_line(form.organisation)[:200] or settings.organisation_name
        organisation = Organisation(slug="main", name=name, created_at=now)
        session.add(organisation)
        session.flush()
    return create_officer(
        session,
        organisation=organisation,
        username=form.username,
        display_name=form.display_name,
        password=form.password,
        roles=(Role.ADMINISTRATOR, Role.OFFICER, Role.PUBLISHER, Role.DRAFTING_OFFICE),
        now=now,
    )


# --- Within --------------------------------------------------------------------------------------


def _open(session: Session, officer: Officer, *, user_agent: str, now: datetime) -> str:
    token = sessions.start(session, officer, user_agent=user_agent, now=now)
    audit.record(session, officer, "officer.sign_in", "officer", officer.id, now=now)
    return token


def _is_refused(officer: Officer, settings: Settings) -> bool:
    return officer.deactivated_at is not None or (officer.is_demo and not settings.demo)


def _slow_down(
    session: Session, settings: Settings, what: str, *, capacity: float = 10, now: datetime
) -> None:
    key = keyed_hash(settings.secret(), "limit", what)
    wait = limits.take(session, key, capacity=capacity, refill_seconds=20, now=now)
    if wait:
        raise TooMany(f"尝试的次数太多，请 {int(wait) + 1} 秒后再试。")


def _tickets(settings: Settings) -> URLSafeSerializer:
    return URLSafeSerializer(settings.secret(), salt="second factor")


def _officer_of(ticket: str, *, settings: Settings, now: datetime) -> int | None:
    try:
        officer_id, until = _tickets(settings).loads(ticket)
    except (BadSignature, ValueError, TypeError):
        return None
    return int(officer_id) if now.timestamp() < until else None


def _spend_recovery_code(
    session: Session, officer: Officer, typed: str, *, settings: Settings, now: datetime
) -> bool:
    digest = _recovery_hash(settings, officer, typed)
    for code in queries.unused_recovery_codes(session, officer.id or 0):
        if code.code_hash == digest:
            code.used_at = now
            session.add(code)
            return True
    return False


def _recovery_hash(settings: Settings, officer: Officer, code: str) -> str:
    value = f"{officer.id}:{totp.normalise_recovery_code(code)}"
    return keyed_hash(settings.secret(), "recovery code", value)
