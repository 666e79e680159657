"""Making officers and giving them roles; the first administrator of an installation."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from backend.accounts import (
    audit,
    own_account,
    password_rules,
    passwords,
    queries,
    rules,
    sessions,
    signing_in,
)
from backend.accounts.forms import DetailsForm, OfficerForm, SetupForm
from backend.accounts.password_rules import ASVS, POLICIES, PasswordPolicy
from backend.kit.sealing import keyed_hash
from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.models import Consultation, Officer, Organisation, Role, RoleGrant
from backend.web.errors import Refused


def create_officer(
    session: Session,
    *,
    organisation: Organisation,
    username: str,
    display_name: str,
    password: str,
    roles: Iterable[Role] = (Role.OFFICER,),
    department_id: int | None = None,
    neighbourhood_id: int | None = None,
    is_demo: bool = False,
    policy: PasswordPolicy = ASVS,
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
        None
        if is_demo
        else password_rules.problem(password, own_words=(name, display_name), policy=policy)
    )
    if problem is None and queries.officer_named(session, name) is not None:
        problem = "这个用户名已经有人使用。"
    if problem is not None:
        raise Refused(problem)
    officer = Officer(
        organisation_id=organisation.id,
        department_id=department_id,
        neighbourhood_id=neighbourhood_id,
        username=name,
        display_name=clean_line(display_name)[:64] or name,
        password_hash=passwords.hash_password(password),
        is_demo=is_demo,
        # A password somebody else chose is changed at the first sign-in.
        password_changed_at=now if by is None else None,
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


def add_officer(
    session: Session, form: OfficerForm, *, policy: PasswordPolicy, by: Officer, now: datetime
) -> Officer:
    """An administrator makes an officer of the same organisation."""
    organisation = session.get_one(Organisation, by.organisation_id)
    known = {department.id for department in queries.departments(session, by.organisation_id)}
    if form.department_id is not None and form.department_id not in known:
        raise Refused("没有这个部门。")
    homes = {home.id for home in queries.neighbourhoods(session, by.organisation_id)}
    if form.neighbourhood_id is not None and form.neighbourhood_id not in homes:
        raise Refused("没有这个居委。")
    if Role.NEIGHBOURHOOD in form.roles and form.neighbourhood_id is None:
        raise Refused("居委人员需要选择所属的居委，只能代本居委的居民录入。")
    return create_officer(
        session,
        organisation=organisation,
        username=form.username,
        display_name=form.display_name,
        password=form.password,
        roles=form.roles,
        department_id=form.department_id,
        policy=policy,
        neighbourhood_id=form.neighbourhood_id,
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


def grant_on(
    session: Session,
    officer: Officer,
    role: Role,
    consultation: Consultation,
    *,
    by: Officer,
    now: datetime,
) -> None:
    """Give a role on one consultation only."""
    if role not in rules.GRANTABLE_ON_ONE:
        raise Refused("管理员和审计员的权限不分征询，请在上面的全单位角色里调整。")
    known = select(RoleGrant.id).where(
        RoleGrant.officer_id == officer.id,
        RoleGrant.role == role,
        RoleGrant.consultation_id == consultation.id,
    )
    if session.exec(known).first() is not None:
        raise Refused("已经有这项角色。")
    session.add(RoleGrant(officer_id=officer.id or 0, role=role, consultation_id=consultation.id))
    details = {"roles": [role.value], "title": consultation.title}
    audit.record(session, by, "officer.grant", "officer", officer.id, details, now=now)


def withdraw_grant(
    session: Session, officer: Officer, grant_id: int, *, by: Officer, now: datetime
) -> None:
    """Take back a role on one consultation."""
    grant = session.get(RoleGrant, grant_id)
    if grant is None or grant.officer_id != officer.id or grant.consultation_id is None:
        raise Refused("这项角色已经收回。")
    consultation = session.get_one(Consultation, grant.consultation_id)
    details = {"roles": [grant.role.value], "title": consultation.title}
    session.delete(grant)
    audit.record(session, by, "officer.withdraw_grant", "officer", officer.id, details, now=now)


def describe(
    session: Session, officer: Officer, form: DetailsForm, *, by: Officer, now: datetime
) -> None:
    """Name, address and department; a department has one head at most."""
    name = clean_line(form.display_name)[:64]
    problem = rules.email_problem(form.email) or (None if name else "请填写姓名。")
    if problem is not None:
        raise Refused(problem)
    department_id = int(form.department_id) if form.department_id.isdecimal() else None
    known = {department.id for department in queries.departments(session, by.organisation_id)}
    if department_id is not None and department_id not in known:
        raise Refused("没有这个部门。")
    if form.is_head and department_id is None:
        raise Refused("负责人需要先有所在的部门。")
    officer.display_name, officer.email = name, form.email or None
    officer.department_id, officer.is_head = department_id, form.is_head
    session.add(officer)
    if form.is_head:
        session.execute(
            update(Officer)
            .where(col(Officer.department_id) == department_id, col(Officer.id) != officer.id)
            .values(is_head=False)
        )
    details = {"name": name, "head": form.is_head}
    audit.record(session, by, "officer.describe", "officer", officer.id, details, now=now)


def reset_password(
    session: Session,
    officer: Officer,
    password: str,
    *,
    settings: Settings,
    by: Officer,
    now: datetime,
) -> None:
    """A new first password for somebody who forgot theirs: all sessions end, locks are lifted."""
    words = (officer.username, officer.display_name)
    policy = POLICIES[settings.password_policy]
    problem = password_rules.problem(password, own_words=words, policy=policy)
    if problem is not None:
        raise Refused(problem)
    officer.password_hash = passwords.hash_password(password)
    officer.password_changed_at = None
    session.add(officer)
    sessions.end_all(session, officer.id or 0, now=now)
    signing_in.unlock(session, officer, settings=settings)
    audit.record(session, by, "officer.reset_password", "officer", officer.id, now=now)


def reset_second_factor(session: Session, officer: Officer, *, by: Officer, now: datetime) -> None:
    """For a lost authenticator without recovery codes; the administrator knows the person."""
    own_account.forget_second_factor(session, officer, now=now)
    audit.record(session, by, "officer.reset_second_factor", "officer", officer.id, now=now)


def reactivate(session: Session, officer: Officer, *, by: Officer, now: datetime) -> None:
    """An officer comes back, with the roles they had."""
    officer.deactivated_at = None
    session.add(officer)
    audit.record(session, by, "officer.reactivate", "officer", officer.id, now=now)


def deactivate(session: Session, officer: Officer, *, by: Officer, now: datetime) -> None:
    """An officer leaves: sessions end, what they did stays."""
    if officer.id == by.id:
        raise Refused("不能停用自己的账号，请由另一位管理员操作。")
    officer.deactivated_at = now
    session.add(officer)
    sessions.end_all(session, officer.id or 0, now=now)
    audit.record(session, by, "officer.deactivate", "officer", officer.id, now=now)


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
        policy=POLICIES[settings.password_policy],
        now=now,
    )
