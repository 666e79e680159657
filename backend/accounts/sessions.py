"""Signed-in browsers: a token in a cookie, its hash in a table, a CSRF token bound to both."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from backend.accounts import queries, rules
from backend.kit.sealing import keyed_hash
from backend.kit.settings import Settings
from backend.models import Officer, OfficerSession

# `last_seen_at` is written at most this often: reading a page should not cost a write.
TOUCH_EVERY = timedelta(minutes=1)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def start(
    session: Session,
    officer: Officer,
    *,
    user_agent: str,
    by_single_sign_on: bool = False,
    now: datetime,
) -> str:
    """Open a session; gives the token, which is stored nowhere."""
    assert officer.id is not None
    token = secrets.token_urlsafe(32)
    session.add(
        OfficerSession(
            officer_id=officer.id,
            token_hash=token_hash(token),
            user_agent=user_agent[:200],
            by_single_sign_on=by_single_sign_on,
            created_at=now,
            last_seen_at=now,
        )
    )
    session.flush()
    return token


def find(
    session: Session, token: str, *, settings: Settings, now: datetime
) -> tuple[OfficerSession, Officer] | None:
    """The session and officer of a token, unless it has ended or the officer has left."""
    found = queries.signed_in(session, token_hash(token))
    if found is None:
        return None
    row, officer = found
    ended = rules.session_ended(
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        now=now,
        idle_minutes=settings.session_idle_minutes,
        hours=settings.session_hours,
    )
    refused = officer.deactivated_at is not None or (officer.is_demo and not settings.demo)
    return None if ended or refused else found


def still_open(
    session: Session, officer_id: int, *, settings: Settings, now: datetime
) -> list[OfficerSession]:
    """An officer's sessions that have neither ended nor gone idle, latest first."""
    since = now - timedelta(hours=settings.session_hours)
    idle_since = now - timedelta(minutes=settings.session_idle_minutes)
    rows = queries.open_sessions(session, officer_id, since=since)
    return [row for row in rows if row.last_seen_at > idle_since]


def end(session: Session, row_id: int, *, officer_id: int, now: datetime) -> bool:
    """End one of an officer's own sessions."""
    row = session.get(OfficerSession, row_id)
    if row is None or row.officer_id != officer_id or row.ended_at is not None:
        return False
    row.ended_at = now
    session.add(row)
    return True


def end_all(session: Session, officer_id: int, *, now: datetime, but: int | None = None) -> int:
    """End an officer's sessions, save one."""
    count = 0
    for row in queries.open_sessions(session, officer_id, since=now - timedelta(days=365)):
        if row.id != but:
            row.ended_at = now
            session.add(row)
            count += 1
    return count


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def csrf_token(settings: Settings, token: str) -> str:
    """What unsafe requests of this session must carry."""
    return keyed_hash(settings.secret(), "csrf", token)


# --- The cookie ----------------------------------------------------------------------------------


def cookie_name(request: Request) -> str:
    """`__Host-` binds the cookie to this host and to TLS; plain loopback HTTP cannot have it."""
    return "__Host-officer" if request.url.scheme == "https" else "officer"


def set_cookie(request: Request, response: Response, token: str, *, settings: Settings) -> None:
    response.set_cookie(
        cookie_name(request),
        token,
        max_age=settings.session_hours * 3600,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response) -> None:
    response.delete_cookie(
        cookie_name(request), path="/", secure=request.url.scheme == "https", httponly=True
    )


def is_transport_safe(request: Request, settings: Settings) -> bool:
    """TLS, or loopback, or an operator who said that plain HTTP is meant."""
    return (
        request.url.scheme == "https"
        or (request.url.hostname or "") in LOOPBACK
        or settings.allow_plain_http
    )
