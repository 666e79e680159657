"""One's own account: password, keys, and the places one is signed in."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts import audit, oidc, own_account, sessions
from backend.accounts.access import CurrentOfficer, SignedIn
from backend.accounts.forms import ContactForm, PasswordForm
from backend.accounts.password_rules import POLICIES
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
    errors = own_account.change_password(
        session,
        officer.officer,
        form,
        policy=POLICIES[settings.password_policy],
        session_id=officer.session_id,
        now=now,
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


@router.post("/account/sessions/end-others")
def end_other_sessions(officer: CurrentOfficer, session: WriteSession, now: Now) -> Response:
    count = sessions.end_all(session, officer.id, now=now, but=officer.session_id)
    details = {"count": count}
    audit.record(
        session, officer.officer, "officer.end_session", "officer", officer.id, details, now=now
    )
    return redirect("/account?done=sessions")


@router.post("/account/contact")
def change_contact(
    request: Request,
    officer: CurrentOfficer,
    form: Annotated[ContactForm, Form()],
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    problem = own_account.change_contact(session, officer.officer, form, now=now)
    if problem is not None:
        errors = {"email": problem}
        return account_page(request, officer, session, settings=settings, now=now, errors=errors)
    return redirect("/account?done=contact")


@router.post("/account/shortcuts")
def switch_shortcuts(
    officer: CurrentOfficer, session: WriteSession, on: Annotated[bool, Form()] = False
) -> Response:
    own_account.switch_shortcuts(session, officer.officer, on=on)
    return redirect("/account?done=shortcuts")


DONE = {
    "password": "密码已修改，其他地方的登录已经退出。",
    "session": "已结束那处登录。",
    "sessions": "其他地方的登录都已退出。",
    "contact": "邮箱和晨报的设置已保存。",
    "linked": "统一身份认证已关联，以后可以从登录页面用它登录。",
    "unlinked": "已解除与统一身份认证的关联。",
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
        "is_due": request.query_params.get("due") == "password" and not errors,
        "sign_on": settings.oidc_name if oidc.is_on(settings) else None,
        "done": None if errors else DONE.get(request.query_params.get("done", "")),
        "password_hint": POLICIES[settings.password_policy].hint,
    }
    return render(request, "accounts/account.html", context, status=422 if errors else 200)
