"""Signing in through the organisation's own identity provider, and linking an account to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from backend.accounts import oidc, signing_in
from backend.accounts.access import CurrentOfficer
from backend.accounts.oidc import Journey, SignOnFailed
from backend.accounts.routes.signing_in import second_factor_page, signed_in
from backend.kit.settings import Settings
from backend.web.access import public
from backend.web.deps import AppDatabase, AppSettings, Now, WriteSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
open_to_all = [Depends(public)]
COOKIE = "sign-on"


@router.get("/sign-in/oidc", dependencies=open_to_all)
def begin(
    request: Request,
    settings: AppSettings,
    now: Now,
    next: Annotated[str, Query(max_length=2000)] = "",  # noqa: A002
) -> Response:
    _refuse_unless_on(settings)
    journey = oidc.begin(next, now=now)
    response = redirect(oidc.authorisation_url(settings, journey))
    _remember(request, response, journey, settings)
    return response


@router.get("/sign-in/oidc/callback", dependencies=open_to_all)
def arrive(
    request: Request,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    _refuse_unless_on(settings)
    journey = oidc.unpack(request.cookies.get(COOKIE, ""), settings, state=state, now=now)
    if not code:
        raise SignOnFailed("您在统一身份认证的页面上取消了，或者它没有认出您。可以改用密码登录。")
    identity = oidc.identify(settings, journey, code, now=now)
    with database.writing() as session:
        if journey.officer_id is not None:
            signing_in.link_sign_on(session, journey.officer_id, identity, now=now)
            response = redirect("/account?done=linked")
        else:
            opened = signing_in.sign_on(
                session,
                identity,
                settings=settings,
                user_agent=request.headers.get("user-agent", ""),
                now=now,
            )
            if opened.ticket is not None:
                response = second_factor_page(request, opened.ticket, journey.goal)
            else:
                response = signed_in(request, opened.token or "", journey.goal, settings)
    response.delete_cookie(COOKIE, path="/sign-in/oidc")
    return response


@router.post("/account/single-sign-on")
def begin_linking(
    request: Request, officer: CurrentOfficer, settings: AppSettings, now: Now
) -> Response:
    """A page with the link: form-action 'self' would stop a redirect to the provider."""
    _refuse_unless_on(settings)
    journey = oidc.begin("/account", now=now, officer_id=officer.id)
    context = {"address": oidc.authorisation_url(settings, journey)}
    response = render(request, "accounts/link_sign_on.html", context)
    _remember(request, response, journey, settings)
    return response


@router.post("/account/single-sign-on/off")
def unlink(officer: CurrentOfficer, session: WriteSession, now: Now) -> Response:
    signing_in.unlink_sign_on(session, officer.officer, now=now)
    return redirect("/account?done=unlinked")


def _refuse_unless_on(settings: Settings) -> None:
    if not oidc.is_on(settings):
        raise NotFound("本系统没有启用统一身份认证，请用密码登录。")


def _remember(request: Request, response: Response, journey: Journey, settings: Settings) -> None:
    response.set_cookie(
        COOKIE,
        oidc.pack(journey, settings),
        max_age=oidc.LIFETIME_SECONDS,
        path="/sign-in/oidc",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
