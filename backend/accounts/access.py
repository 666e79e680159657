"""The access rules of officers' routes: who is signed in, and what they may do here.

`CurrentOfficer` in a route's signature means "somebody signed in"; `requires(Permission.X)` adds
the permission, on the consultation named by the path's `{slug}` when there is one. A consultation
of another organisation does not exist for an officer: 404, not 403. Unsafe methods must carry the
CSRF token bound to the session.
"""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import select

from backend.accounts import password_rules, queries, rules, sessions
from backend.accounts.password_rules import POLICIES
from backend.accounts.rules import Grant, Permission
from backend.kit.settings import Settings
from backend.models import Consultation, Officer, OfficerSession
from backend.web import access
from backend.web.deps import AppDatabase, AppSettings, Now
from backend.web.errors import Elsewhere, Forbidden, NotFound, PageError, SignInNeeded
from backend.web.security import SAFE_METHODS

# The fields of the desk that hold words somebody had to think about.
WORDS = frozenset({"reason", "reply", "text", "change_place", "narrative", "explanation"})


# Where somebody whose password is due may still go.
OWN = ("/account", "/sign-out")


class PasswordDue(Elsewhere):
    """The password was chosen by somebody else, or is older than the policy allows."""

    status = 403
    title = "请先修改密码"
    path = "/account?due=password"


class SessionEnded(PageError):
    """A form was sent after the session had ended; what was typed is shown for copying."""

    status = 401
    title = "登录已过期，刚才的内容还没有保存"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The officer of this request, with what they may do."""

    officer: Officer
    session_id: int
    grants: tuple[Grant, ...]
    csrf: str
    unread_count: int = 0

    @property
    def id(self) -> int:
        assert self.officer.id is not None
        return self.officer.id

    @property
    def organisation_id(self) -> int:
        return self.officer.organisation_id

    @property
    def display_name(self) -> str:
        return self.officer.display_name

    def may(self, permission: Permission | str, consultation_id: int | None = None) -> bool:
        return rules.may(self.grants, Permission(permission), consultation_id)

    def may_anywhere(self, permission: Permission | str) -> bool:
        return rules.may_anywhere(self.grants, Permission(permission))

    def sees_whole_queue(self, consultation_id: int) -> bool:
        return rules.sees_whole_queue(self.grants, consultation_id)


async def _sent_csrf(request: Request) -> str:
    """The token a request carries, in a header (htmx) or a form field."""
    if request.method in SAFE_METHODS:
        return ""
    form = await request.form()
    request.state.typed = _typed(form.multi_items())
    sent = request.headers.get("x-csrf-token") or form.get("csrf_token")
    return sent if isinstance(sent, str) else ""


def _typed(fields: Iterable[tuple[str, object]]) -> str:
    """What a person wrote into a form, to be shown for copying when it cannot be accepted."""
    return "\n\n".join(value for name, value in fields if name in WORDS and isinstance(value, str))


def current_officer(
    request: Request,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    sent_csrf: Annotated[str, Depends(_sent_csrf)],
) -> SignedIn:
    """Whoever is signed in; otherwise the sign-in page."""
    token = request.cookies.get(sessions.cookie_name(request), "")
    with database.reading() as session:
        found = sessions.find(session, token, settings=settings, now=now) if token else None
        if found is None:
            raise _not_signed_in(request)
        row, officer = found
        signed_in = SignedIn(
            officer,
            row.id or 0,
            queries.grants_of(session, officer.id or 0),
            sessions.csrf_token(settings, token),
            queries.unread_count(session, officer.id or 0),
        )
    if _must_change_password(row, officer, settings) and not request.url.path.startswith(OWN):
        raise PasswordDue("请先修改密码，再继续办理。")
    if request.method not in SAFE_METHODS and not hmac.compare_digest(
        sent_csrf.encode(), signed_in.csrf.encode()
    ):
        raise Forbidden(
            "页面停留太久或登录已更换，为了安全没有受理。请后退，复制填写的内容，刷新页面后再提交。",
            title="没有受理，内容还没有保存",
            text=request.state.typed,
        )
    if now - row.last_seen_at >= sessions.TOUCH_EVERY:
        with database.writing() as session:
            fresh = session.get(OfficerSession, row.id)
            if fresh is not None:
                fresh.last_seen_at = now
                session.add(fresh)
    request.state.officer = signed_in
    request.state.csrf = signed_in.csrf
    return signed_in


access.declare(current_officer, "signed-in")
CurrentOfficer = Annotated[SignedIn, Depends(current_officer)]


def requires(permission: Permission) -> Any:
    """A dependency that lets in officers with `permission`; gives the `SignedIn`."""

    def check(request: Request, officer: CurrentOfficer, database: AppDatabase) -> SignedIn:
        consultation = _consultation_of(request, officer, database)
        consultation_id = consultation.id if consultation is not None else None
        if not officer.may(permission, consultation_id):
            raise Forbidden("您的角色没有这项权限。需要时请联系本单位管理员。")
        return officer

    return Depends(_declared(check, permission))


def consultation_here(request: Request) -> Consultation:
    """The consultation of the path's `{slug}`, found by `requires`."""
    consultation: Consultation = request.state.consultation
    return consultation


def _declared(check: Callable[..., SignedIn], permission: Permission) -> Callable[..., SignedIn]:
    check.__name__ = f"requires_{permission.value}"
    return access.declare(check, permission.value)


def _consultation_of(
    request: Request, officer: SignedIn, database: AppDatabase
) -> Consultation | None:
    slug = request.path_params.get("slug")
    if slug is None:
        return None
    with database.reading() as session:
        consultation = session.exec(
            select(Consultation).where(
                Consultation.slug == slug, Consultation.organisation_id == officer.organisation_id
            )
        ).first()
    if consultation is None:
        raise NotFound("没有这个征询，或者它不属于您的单位。")
    request.state.consultation = consultation
    return consultation


def _must_change_password(row: OfficerSession, officer: Officer, settings: Settings) -> bool:
    # Looked at as of signing in, so that nobody is interrupted in the middle of their work.
    if officer.is_demo or row.by_single_sign_on:
        return False
    changed_at = officer.password_changed_at
    policy = POLICIES[settings.password_policy]
    return changed_at is None or password_rules.is_expired(changed_at, policy, row.created_at)


def _not_signed_in(request: Request) -> PageError:
    if request.method in SAFE_METHODS:
        return SignInNeeded("请先登录。")
    return SessionEnded(
        "请先复制下面的内容；重新登录后，打开原来的页面，再提交一次。", text=request.state.typed
    )
