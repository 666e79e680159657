"""The second factor: enrolling an authenticator, recovery codes, turning it off."""

from typing import Annotated

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import Response

from backend.accounts import own_account, totp
from backend.accounts.access import CurrentOfficer, SignedIn
from backend.accounts.routes.own_account import account_page
from backend.accounts.signing_in import WRONG_CODE
from backend.kit.sealing import seal, unseal
from backend.kit.settings import Settings
from backend.web.deps import AppSettings, Now, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


@router.post("/account/second-factor")
def begin_second_factor(
    request: Request, officer: CurrentOfficer, settings: AppSettings
) -> Response:
    return _enrolment_page(request, officer, totp.new_secret(), settings=settings)


@router.post("/account/second-factor/confirm")
def enable_second_factor(
    request: Request,
    officer: CurrentOfficer,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
    sealed: Annotated[str, Form()] = "",
    code: Annotated[str, Form()] = "",
) -> Response:
    secret = unseal(settings.secret(), sealed)
    if secret is None:
        raise Refused("这一步已经过期，请从账号页面重新开始。")
    codes = own_account.enable_second_factor(
        session, officer.officer, secret, code, settings=settings, now=now
    )
    if codes is None:
        return _enrolment_page(request, officer, secret, settings=settings, failed=True)
    return render(request, "accounts/recovery_codes.html", {"codes": codes})


@router.post("/account/second-factor/off")
def disable_second_factor(
    request: Request,
    officer: CurrentOfficer,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
    password: Annotated[str, Form()] = "",
) -> Response:
    if not own_account.is_own_password(session, officer.officer, password):
        errors = {"password": "密码不对，两步验证仍然开启。"}
        return account_page(request, officer, session, settings=settings, now=now, errors=errors)
    own_account.disable_second_factor(session, officer.officer, now=now)
    return redirect("/account?done=second-factor-off")


def _enrolment_page(
    request: Request, officer: SignedIn, secret: str, *, settings: Settings, failed: bool = False
) -> Response:
    uri = totp.enrolment_uri(
        secret, account=officer.officer.username, issuer=settings.organisation_name
    )
    context = {
        "qr": Markup(segno.make(uri, error="m").svg_inline(scale=5, title="两步验证二维码")),  # noqa: S704
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "sealed": seal(settings.secret(), secret),
        "error": WRONG_CODE if failed else None,
    }
    return render(
        request, "accounts/enrol_second_factor.html", context, status=422 if failed else 200
    )
