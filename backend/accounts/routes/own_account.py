"""One's own account: password, keys, and the places one is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import audit, rules, service, sessions
from backend.accounts.access import CurrentOfficer, SignedIn
from backend.accounts.forms import (
    PasswordForm,
)
from backend.kit.settings import Settings
from backend.models import Officer
from backend.web.deps import AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


@router.get("/account")
def show_account(
    request: Request, officer: CurrentOfficer, session: ReadSession, settings: AppSettings, now: Now
) -> Response:
    return account_page(request, officer, session, settings=settings, now=now)


@router.post("/account/password")
def change_password(
    request: Request,
    officer: CurrentOfficer,
    form: Annotated[PasswordForm, Form()],
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    errors = service.change_password(
        session, officer.officer, form, session_id=officer.session_id, now=now
    )
    if errors:
        return account_page(request, officer, session, settings=settings, now=now, errors=errors)
    return redirect("/account?done=password")


@router.post("/account/sessions/{session_id}/end")
def end_session(
    session_id: int, officer: CurrentOfficer, session: WriteSession, now: Now
) -> Response:
    if not sessions.end(session, session_id, officer_id=officer.id, now=now):
        raise NotFound("这处登录已经结束。")
    audit.record(session, officer.officer, "officer.end_session", "officer", officer.id, now=now)
    return redirect("/account?done=session")


@router.post("/account/shortcuts")
def switch_shortcuts(
    officer: CurrentOfficer, session: WriteSession, on: Annotated[bool, Form()] = False
) -> Response:
    service.switch_shortcuts(session, officer.officer, on=on)
    return redirect("/account?done=shortcuts")


DONE = {
    "password": "密码已修改，其他地方的登录已经退出。",
    "session": "已结束那处登录。",
    "shortcuts": "键盘快捷键的设置已保存。",
    "second-factor-off": "两步验证已关闭。",
}


def account_page(
    request: Request,
    officer: SignedIn,
    session: Any,
    *,
    settings: Settings,
    now: Any,
    errors: dict[str, str] | None = None,
) -> Response:
    context = {
        "officer": session.get(Officer, officer.id),
        "roles": [grant.role for grant in officer.grants],
        "sessions": sessions.still_open(session, officer.id, settings=settings, now=now),
        "session_id": officer.session_id,
        "errors": errors or {},
        "done": None if errors else DONE.get(request.query_params.get("done", "")),
        "password_min": rules.PASSWORD_MIN,
    }
    return render(request, "accounts/account.html", context, status=422 if errors else 200)
