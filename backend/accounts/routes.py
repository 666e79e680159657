"""Signing in and out, an officer's own account, the officers of an organisation, the audit."""

import csv
import io
import json
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Form, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from backend.accounts import audit, labels, queries, rules, service, sessions, totp
from backend.accounts.access import CurrentOfficer, SignedIn, requires
from backend.accounts.forms import (
    OfficerForm,
    PasswordForm,
    SecondFactorForm,
    SetupForm,
    SignInForm,
)
from backend.accounts.rules import Permission
from backend.kit.sealing import seal, unseal
from backend.kit.settings import Settings
from backend.models import Officer, Role
from backend.web.access import public
from backend.web.appearance import own_path
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound, PageError, Refused
from backend.web.pages import datetime_zh, redirect, render

router = APIRouter(include_in_schema=False)
open_to_all = [Depends(public)]
AUDIT_PAGE_SIZE = 100

Administrator = Annotated[SignedIn, requires(Permission.MANAGE_OFFICERS)]
Auditor = Annotated[SignedIn, requires(Permission.VIEW_AUDIT)]


# --- Signing in ----------------------------------------------------------------------------------


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
        opened = service.sign_in(
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
        return _second_factor_page(request, SecondFactorForm(ticket=opened.ticket, next=form.next))
    return _signed_in(request, opened.token or "", form.next, settings)


@router.post("/sign-in/second-factor", dependencies=open_to_all)
def confirm_second_factor(
    request: Request,
    form: Annotated[SecondFactorForm, Form()],
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    opened = service.confirm_second_factor(
        session,
        form.ticket,
        form.code,
        settings=settings,
        user_agent=request.headers.get("user-agent", ""),
        now=now,
    )
    if opened is None:
        return _second_factor_page(request, form, error=service.WRONG_CODE)
    return _signed_in(request, opened.token or "", form.next, settings)


@router.post("/sign-out")
def sign_out(
    request: Request, officer: CurrentOfficer, session: WriteSession, now: Now
) -> Response:
    service.sign_out(session, officer.officer, officer.session_id, now=now)
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
    context = {"form": form, "error": error.message if error else None}
    status = error.status if error else 200
    return render(request, "accounts/sign_in.html", context, status=status)


def _second_factor_page(
    request: Request, form: SecondFactorForm, *, error: str | None = None
) -> Response:
    context = {"form": form, "error": error}
    return render(request, "accounts/second_factor.html", context, status=422 if error else 200)


def _signed_in(request: Request, token: str, goal: str, settings: Settings) -> Response:
    response = redirect(own_path(goal) if goal else "/desk")
    sessions.set_cookie(request, response, token, settings=settings)
    return response


# --- One's own account ---------------------------------------------------------------------------


@router.get("/account")
def show_account(
    request: Request, officer: CurrentOfficer, session: ReadSession, settings: AppSettings, now: Now
) -> Response:
    return _account_page(request, officer, session, settings=settings, now=now)


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
        return _account_page(request, officer, session, settings=settings, now=now, errors=errors)
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
    codes = service.enable_second_factor(
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
    if not service.is_own_password(session, officer.officer, password):
        errors = {"password": "密码不对，两步验证仍然开启。"}
        return _account_page(request, officer, session, settings=settings, now=now, errors=errors)
    service.disable_second_factor(session, officer.officer, now=now)
    return redirect("/account?done=second-factor-off")


DONE = {
    "password": "密码已修改，其他地方的登录已经退出。",
    "session": "已结束那处登录。",
    "shortcuts": "键盘快捷键的设置已保存。",
    "second-factor-off": "两步验证已关闭。",
}


def _account_page(
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
        "error": service.WRONG_CODE if failed else None,
    }
    return render(
        request, "accounts/enrol_second_factor.html", context, status=422 if failed else 200
    )


# --- The officers of an organisation -------------------------------------------------------------


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


# --- The audit -----------------------------------------------------------------------------------


@router.get("/desk/audit")
def show_audit(
    request: Request,
    officer: Auditor,
    session: ReadSession,
    before: Annotated[int | None, Query()] = None,
    action: Annotated[str, Query(max_length=64)] = "",
    officer_id: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    rows = queries.audit_page(
        session,
        officer.organisation_id,
        before=before,
        size=AUDIT_PAGE_SIZE,
        action=action or None,
        officer_id=int(officer_id) if officer_id.isdecimal() else None,
    )
    context = {
        "rows": rows,
        "actions": sorted(labels.ACTIONS.items()),
        "action": action,
        "officer_id": officer_id,
        "officers": [row.officer for row in queries.officers(session, officer.organisation_id)],
        "action_label": labels.action_label,
        "subject_label": labels.subject_label,
        "older": rows[-1].number if len(rows) == AUDIT_PAGE_SIZE else None,
        "details": labels.details_line,
    }
    return render(request, "accounts/audit.html", context)


@router.post("/desk/audit/verify")
def verify_audit(request: Request, officer: Auditor, session: ReadSession) -> Response:
    breaks = [b for b in audit.verify(session) if b.organisation_id == officer.organisation_id]
    head = queries.audit_page(session, officer.organisation_id, before=None, size=1)
    context = {"breaks": breaks, "head": head[0] if head else None}
    return render(request, "accounts/audit_verified.html", context)


@router.post("/desk/audit/export")
def export_audit(officer: Auditor, session: WriteSession, now: Now) -> Response:
    """The whole chain as CSV, hashes included, so that it can be checked elsewhere."""
    audit.record(session, officer.officer, "audit.export", "audit", None, now=now)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["序号", "时间", "工作人员", "动作", "对象", "编号", "内容", "前一条哈希", "哈希"]
    )
    for entry, name in queries.whole_audit(session, officer.organisation_id):
        writer.writerow(
            [
                entry.number,
                datetime_zh(entry.at),
                _inert(name or ""),
                entry.action,
                entry.subject_type,
                entry.subject_id or "",
                json.dumps(entry.details, ensure_ascii=False, sort_keys=True),
                entry.previous_hash,
                entry.hash,
            ]
        )
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _inert(cell: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@\t" else cell
