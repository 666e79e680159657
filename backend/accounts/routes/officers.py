"""The officers of an organisation, for its administrator."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts import audit, queries, rules, service, signing_in
from backend.accounts.access import SignedIn, requires
from backend.accounts.forms import DetailsForm, OfficerForm, Password
from backend.accounts.password_rules import POLICIES
from backend.accounts.rules import Permission
from backend.kit.settings import Settings
from backend.models import Consultation, Officer, Role
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
Administrator = Annotated[SignedIn, requires(Permission.MANAGE_OFFICERS)]
DONE = {
    "added": "账号已新建。请当面告知初始密码，本人第一次登录时会被要求修改。",
    "roles": "角色已保存。",
    "details": "已保存。",
    "password": "密码已重设，原来的登录都已退出。请当面告知，本人登录后会被要求修改。",
    "unlocked": "已解除锁定。",
    "second-factor": "两步验证已重设，请提醒本人登录后重新开启。",
    "deactivated": "账号已停用。",
    "reactivated": "账号已恢复。",
}


@router.get("/desk/officers")
def show_officers(
    request: Request,
    officer: Administrator,
    session: ReadSession,
    settings: AppSettings,
    role: Annotated[str, Query(max_length=32)] = "",
    consultation: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    chosen = Role(role) if role in set(Role) else None
    on = int(consultation) if consultation.isdecimal() else None
    return _list_page(request, officer, session, settings, OfficerForm(), role=chosen, on=on)


@router.post("/desk/officers")
def add_officer(
    request: Request,
    officer: Administrator,
    form: Annotated[OfficerForm, Form()],
    database: AppDatabase,
    session: ReadSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    policy = POLICIES[settings.password_policy]
    try:
        with database.writing() as writing:
            made = service.add_officer(writing, form, policy=policy, by=officer.officer, now=now)
            officer_id = made.id
    except Refused as error:
        return _list_page(request, officer, session, settings, form, error=error.message)
    return redirect(f"/desk/officers/{officer_id}?done=added")


@router.get("/desk/officers/{officer_id}")
def show_officer(
    request: Request,
    officer_id: int,
    officer: Administrator,
    session: ReadSession,
    settings: AppSettings,
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    return _person_page(request, officer, session, settings, colleague)


@router.post("/desk/officers/{officer_id}/details")
def describe(
    request: Request,
    officer_id: int,
    officer: Administrator,
    form: Annotated[DetailsForm, Form()],
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    try:
        service.describe(session, colleague, form, by=officer.officer, now=now)
    except Refused as error:
        return _person_page(request, officer, session, settings, colleague, error=error.message)
    return redirect(f"/desk/officers/{officer_id}?done=details")


@router.post("/desk/officers/{officer_id}/roles")
def set_roles(
    officer_id: int,
    officer: Administrator,
    session: WriteSession,
    now: Now,
    roles: Annotated[list[Role], Form()] = [],  # noqa: B006
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.grant_roles(session, colleague, roles, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=roles")


@router.post("/desk/officers/{officer_id}/grants")
def grant_on(
    officer_id: int,
    officer: Administrator,
    session: WriteSession,
    now: Now,
    role: Annotated[Role, Form()],
    consultation_id: Annotated[int, Form()],
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    consultation = session.get(Consultation, consultation_id)
    if consultation is None or consultation.organisation_id != officer.organisation_id:
        raise NotFound("没有这个征询，或者它不属于您的单位。")
    service.grant_on(session, colleague, role, consultation, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=roles")


@router.post("/desk/officers/{officer_id}/grants/{grant_id}/remove")
def withdraw_grant(
    officer_id: int, grant_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.withdraw_grant(session, colleague, grant_id, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=roles")


@router.post("/desk/officers/{officer_id}/password")
def reset_password(
    request: Request,
    officer_id: int,
    officer: Administrator,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
    password: Annotated[Password, Form()] = "",
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    try:
        service.reset_password(
            session, colleague, password, settings=settings, by=officer.officer, now=now
        )
    except Refused as error:
        return _person_page(request, officer, session, settings, colleague, error=error.message)
    return redirect(f"/desk/officers/{officer_id}?done=password")


@router.post("/desk/officers/{officer_id}/unlock")
def unlock(
    officer_id: int, officer: Administrator, session: WriteSession, settings: AppSettings, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    signing_in.unlock(session, colleague, settings=settings)
    audit.record(session, officer.officer, "officer.unlock", "officer", officer_id, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=unlocked")


@router.post("/desk/officers/{officer_id}/second-factor/off")
def reset_second_factor(
    officer_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.reset_second_factor(session, colleague, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=second-factor")


@router.post("/desk/officers/{officer_id}/deactivate")
def deactivate(
    officer_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.deactivate(session, colleague, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=deactivated")


@router.post("/desk/officers/{officer_id}/reactivate")
def reactivate(
    officer_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.reactivate(session, colleague, by=officer.officer, now=now)
    return redirect(f"/desk/officers/{officer_id}?done=reactivated")


def _colleague(session: Session, officer: SignedIn, officer_id: int) -> Officer:
    found = session.get(Officer, officer_id)
    if found is None or found.organisation_id != officer.organisation_id:
        raise NotFound("没有这位工作人员，或者不属于您的单位。")
    return found


def _list_page(
    request: Request,
    officer: SignedIn,
    session: Session,
    settings: Settings,
    form: OfficerForm,
    *,
    role: Role | None = None,
    on: int | None = None,
    error: str | None = None,
) -> Response:
    rows = queries.officers(session, officer.organisation_id)
    context = {
        "rows": [row for row in rows if row.holds(role, on)],
        "total": len(rows),
        "role": role,
        "on": on,
        "consultations": queries.consultation_titles(session, officer.organisation_id),
        "neighbourhoods": [
            (home.id, f"{home.street} {home.name}")
            for home in queries.neighbourhoods(session, officer.organisation_id)
        ],
        "departments": queries.departments(session, officer.organisation_id),
        "form": form,
        "error": error,
        "roles": list(Role),
        "password_hint": POLICIES[settings.password_policy].hint,
    }
    return render(request, "accounts/officers.html", context, status=422 if error else 200)


def _person_page(
    request: Request,
    officer: SignedIn,
    session: Session,
    settings: Settings,
    colleague: Officer,
    *,
    error: str | None = None,
) -> Response:
    grants = queries.role_grants(session, colleague.id or 0)
    context = {
        "person": colleague,
        "wide": [grant.role for grant in grants if grant.consultation_id is None],
        "single": [grant for grant in grants if grant.consultation_id is not None],
        "titles": queries.consultation_titles(session, officer.organisation_id),
        "departments": queries.departments(session, officer.organisation_id),
        "roles": list(Role),
        "grantable": list(rules.GRANTABLE_ON_ONE),
        "password_hint": POLICIES[settings.password_policy].hint,
        "error": error,
        "done": None if error else DONE.get(request.query_params.get("done", "")),
        "is_self": colleague.id == officer.id,
    }
    return render(request, "accounts/officer.html", context, status=422 if error else 200)
