"""The officers of an organisation, for its administrator."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import queries, rules, service
from backend.accounts.access import SignedIn, requires
from backend.accounts.forms import (
    OfficerForm,
)
from backend.accounts.rules import Permission
from backend.models import Officer, Role
from backend.web.deps import AppDatabase, Now, ReadSession, WriteSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)

Administrator = Annotated[SignedIn, requires(Permission.MANAGE_OFFICERS)]


@router.get("/desk/officers")
def show_officers(request: Request, officer: Administrator, session: ReadSession) -> Response:
    return _officers_page(request, officer, session, OfficerForm())


@router.post("/desk/officers")
def add_officer(
    request: Request,
    officer: Administrator,
    form: Annotated[OfficerForm, Form()],
    database: AppDatabase,
    session: ReadSession,
    now: Now,
) -> Response:
    try:
        with database.writing() as writing:
            service.add_officer(writing, form, by=officer.officer, now=now)
    except Refused as error:
        return _officers_page(request, officer, session, form, error=error.message)
    return redirect("/desk/officers?done=added")


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
    return redirect("/desk/officers?done=roles")


@router.post("/desk/officers/{officer_id}/deactivate")
def deactivate(
    officer_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    colleague = _colleague(session, officer, officer_id)
    service.deactivate(session, colleague, by=officer.officer, now=now)
    return redirect("/desk/officers?done=deactivated")


def _colleague(session: Any, officer: SignedIn, officer_id: int) -> Officer:
    found: Officer | None = session.get(Officer, officer_id)
    if found is None or found.organisation_id != officer.organisation_id:
        raise NotFound("没有这位工作人员，或者不属于您的单位。")
    return found


OFFICERS_DONE = {"added": "账号已新建。", "roles": "角色已保存。", "deactivated": "账号已停用。"}


def _officers_page(
    request: Request,
    officer: SignedIn,
    session: Any,
    form: OfficerForm,
    *,
    error: str | None = None,
) -> Response:
    context = {
        "rows": queries.officers(session, officer.organisation_id),
        "departments": queries.departments(session, officer.organisation_id),
        "form": form,
        "error": error,
        "done": None if error else OFFICERS_DONE.get(request.query_params.get("done", "")),
        "roles": list(Role),
        "password_min": rules.PASSWORD_MIN,
        "own_id": officer.id,
    }
    return render(request, "accounts/officers.html", context, status=422 if error else 200)
