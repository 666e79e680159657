"""Signing in and out, and the first administrator of an installation."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from backend.accounts import oidc, queries, service, sessions, signing_in
from backend.accounts.access import CurrentOfficer
from backend.accounts.forms import (
    SecondFactorForm,
    SetupForm,
    SignInForm,
)
from backend.kit.settings import Settings
from backend.web.access import public
from backend.web.appearance import own_path
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import PageError, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
open_to_all = [Depends(public)]


@router.get("/sign-in", dependencies=open_to_all)
def show_sign_in(
    request: Request,
    session: ReadSession,
    next: Annotated[str, Query()] = "",  # noqa: A002
) -> Response:
    if not queries.officer_count(session):
        return redirect("/setup")
    return _sign_in_page(request, SignInForm(next=next))


@router.post("/sign-in", dependencies=open_to_all)
def sign_in(
    request: Request,
    form: Annotated[SignInForm, Form()],
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
) -> Response:
    if not sessions.is_transport_safe(request, settings):
        raise Refused(
            "这个地址没有加密，密码会在网络上被看到。请使用 https 地址登录；"
            "确属可信内网的，由管理员设置 ZHENGXUN_ALLOW_PLAIN_HTTP=1。",
            title="不能在未加密的地址登录",
        )
    try:
        opened = signing_in.sign_in(
            database,
            form.username,
            form.password,
            settings=settings,
            client=request.client.host if request.client else "",
            user_agent=request.headers.get("user-agent", ""),
            now=now,
        )
    except PageError as error:
        return _sign_in_page(request, form, error=error)
    if opened.ticket is not None:
        return second_factor_page(request, opened.ticket, form.next)
    return signed_in(request, opened.token or "", form.next, settings)


@router.post("/sign-in/second-factor", dependencies=open_to_all)
def confirm_second_factor(
    request: Request,
    form: Annotated[SecondFactorForm, Form()],
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    opened = signing_in.confirm_second_factor(
        session,
        form.ticket,
        form.code,
        settings=settings,
        user_agent=request.headers.get("user-agent", ""),
        now=now,
    )
    if opened is None:
        return second_factor_page(request, form.ticket, form.next, error=signing_in.WRONG_CODE)
    return signed_in(request, opened.token or "", form.next, settings)


@router.post("/sign-out")
def sign_out(
    request: Request, officer: CurrentOfficer, session: WriteSession, now: Now
) -> Response:
    signing_in.sign_out(session, officer.officer, officer.session_id, now=now)
    response = redirect("/sign-in")
    sessions.clear_cookie(request, response)
    return response


@router.get("/setup", dependencies=open_to_all)
def show_setup(request: Request, session: ReadSession) -> Response:
    if queries.officer_count(session):
        return redirect("/sign-in")
    return render(request, "accounts/setup.html", {"form": SetupForm(), "error": None})


@router.post("/setup", dependencies=open_to_all)
def set_up(
    request: Request,
    form: Annotated[SetupForm, Form()],
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
) -> Response:
    try:
        with database.writing() as session:
            service.set_up(session, form, settings=settings, now=now)
    except Refused as error:
        context = {"form": form, "error": error.message}
        return render(request, "accounts/setup.html", context, status=422)
    return redirect("/sign-in")


def _sign_in_page(
    request: Request, form: SignInForm, *, error: PageError | None = None
) -> Response:
    settings: Settings = request.app.state.settings
    sign_on = settings.oidc_name if oidc.is_on(settings) else None
    context = {"form": form, "error": error.message if error else None, "sign_on": sign_on}
    status = error.status if error else 200
    return render(request, "accounts/sign_in.html", context, status=status)


def second_factor_page(
    request: Request, ticket: str, goal: str, *, error: str | None = None
) -> Response:
    """The second step; `goal` is where one wanted to go."""
    context = {"form": SecondFactorForm(ticket=ticket, next=goal), "error": error}
    return render(request, "accounts/second_factor.html", context, status=422 if error else 200)


def signed_in(request: Request, token: str, goal: str, settings: Settings) -> Response:
    """Off to where one wanted to go, with the session's cookie."""
    response = redirect(own_path(goal) if goal else "/desk")
    sessions.set_cookie(request, response, token, settings=settings)
    return response
