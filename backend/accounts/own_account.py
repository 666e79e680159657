"""What officers do with their own account: password, second factor, keys of the desk."""

from datetime import datetime

from sqlmodel import Session

from backend.accounts import audit, password_rules, passwords, queries, rules, sessions, totp
from backend.accounts.forms import ContactForm, PasswordForm
from backend.accounts.password_rules import PasswordPolicy
from backend.kit.sealing import keyed_hash, seal
from backend.kit.settings import Settings
from backend.models import Officer, RecoveryCode


def change_password(
    session: Session,
    officer: Officer,
    form: PasswordForm,
    *,
    policy: PasswordPolicy,
    session_id: int,
    now: datetime,
) -> dict[str, str]:
    """Set a new password and end the other sessions; gives the errors by field."""
    errors = {}
    if not passwords.is_right(form.current, officer.password_hash):
        errors["current"] = "现在的密码不对。"
    words = (officer.username, officer.display_name)
    problem = password_rules.problem(form.new, own_words=words, policy=policy)
    if form.new and form.new == form.current:
        errors["new"] = "新密码和现在的密码一样，请换一个。"
    elif problem is not None:
        errors["new"] = problem
    elif form.new != form.again:
        errors["again"] = "两次输入的新密码不一样。"
    if errors:
        return errors
    row = session.get_one(Officer, officer.id)
    row.password_hash = passwords.hash_password(form.new)
    row.password_changed_at = now
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
        digest = recovery_hash(settings, row, new)
        session.add(RecoveryCode(officer_id=row.id or 0, code_hash=digest))
    audit.record(session, row, "officer.second_factor_on", "officer", row.id, now=now)
    return codes


def disable_second_factor(session: Session, officer: Officer, *, now: datetime) -> None:
    """Turn TOTP off; the recovery codes go with it."""
    row = session.get_one(Officer, officer.id)
    forget_second_factor(session, row, now=now)
    audit.record(session, row, "officer.second_factor_off", "officer", row.id, now=now)


def forget_second_factor(session: Session, row: Officer, *, now: datetime) -> None:
    """The secret goes, and unused recovery codes count no more."""
    row.sealed_totp = None
    session.add(row)
    for code in queries.unused_recovery_codes(session, row.id or 0):
        code.used_at = now
        session.add(code)


def change_contact(
    session: Session, officer: Officer, form: ContactForm, *, now: datetime
) -> str | None:
    """Keep an e-mail address and whether the morning brief is wanted; gives what is wrong."""
    problem = rules.email_problem(form.email)
    if problem is not None:
        return problem
    row = session.get_one(Officer, officer.id)
    row.email, row.wants_brief = form.email or None, form.wants_brief
    session.add(row)
    audit.record(session, row, "officer.contact", "officer", row.id, now=now)
    return None


def switch_shortcuts(session: Session, officer: Officer, *, on: bool) -> None:
    """Keyboard shortcuts of the desk, for this officer."""
    row = session.get_one(Officer, officer.id)
    row.shortcuts_on = on
    session.add(row)


def recovery_hash(settings: Settings, officer: Officer, code: str) -> str:
    value = f"{officer.id}:{totp.normalise_recovery_code(code)}"
    return keyed_hash(settings.secret(), "recovery code", value)
