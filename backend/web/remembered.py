"""Public pages are remembered, in each process, until anything in the database changes.

A page may be kept when its route says so (`keep`): then it holds nothing of one visitor's own, no
ticket and no token. What is kept is good for one state of the database (`Database.stamp`), so an
opinion that is withdrawn or withheld is gone from every process with the commit that says so; and
only for seconds, and never past the moment a consultation opens or closes, as pages also speak of
the time. Browsers keep a page too, but ask each time whether it still stands (`ETag`).
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.kit.db import Database, sqlite_module
from backend.web.pages import ELDER_COOKIE

SECONDS = 10
MOST_BYTES = 32_000_000
MOST_ADDRESS = 500

Key = tuple[str, bytes, bool, bool, bool]


def keep(request: Request, now: datetime, changes_at: Iterable[datetime | None] = ()) -> None:
    """This answer is the same for everybody; `changes_at` are moments after which it is another."""
    ends = [moment for moment in changes_at if moment is not None and moment > now]
    request.state.good_until = min([*ends, now + timedelta(seconds=SECONDS)])


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer, as it was sent."""

    stamp: str
    good_until: datetime
    headers: list[tuple[bytes, bytes]]
    etag: str
    body: bytes


class RememberedPages:
    """Answers from memory what a route allowed to be kept; 304 to who has it already."""

    def __init__(self, app: ASGIApp, database: Database, clock: Callable[[], datetime]) -> None:
        self.app = app
        self._database = database
        self._clock = clock
        self._pages: OrderedDict[Key, Kept] = OrderedDict()
        self._turns: dict[Key, asyncio.Lock] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _may_be_public(scope):
            await self.app(scope, receive, send)
            return
        key, stamp = _key(scope), await self._stamp()
        kept = self._good(key, stamp)
        if kept is None and key not in self._pages:
            await self._make(scope, receive, send, key, stamp)
            return
        if kept is None:
            # It changed under a crowd: one visitor has it made, the others wait for that.
            async with self._turns.setdefault(key, asyncio.Lock()):
                stamp = await self._stamp()
                kept = self._good(key, stamp)
                if kept is None:
                    await self._make(scope, receive, send, key, stamp)
                    return
        await _send_kept(kept, Headers(scope=scope), send)

    def _good(self, key: Key, stamp: str | None) -> Kept | None:
        kept = self._pages.get(key)
        if kept is None or kept.stamp != stamp or self._clock() >= kept.good_until:
            return None
        self._pages.move_to_end(key)
        return kept

    async def _make(
        self, scope: Scope, receive: Receive, send: Send, key: Key, stamp: str | None
    ) -> None:
        """Ask the application; keep the answer when its route says so.

        The stamp was read before anything else: what is kept is as new or newer.
        """
        state = scope.setdefault("state", {})
        start: Message | None = None
        body = b""

        async def gather(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _may_be_kept(message, state):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")

        await self.app(scope, receive, gather)
        if start is None:
            self._forget(key)
            return
        kept = _kept(start, body, stamp, state["good_until"])
        if stamp is not None:
            self._keep(key, kept)
        await _send_kept(kept, Headers(scope=scope), send)

    def _keep(self, key: Key, kept: Kept) -> None:
        self._forget(key)
        self._pages[key] = kept
        self._bytes += len(kept.body)
        while self._bytes > MOST_BYTES:
            self._forget(next(iter(self._pages)))

    def _forget(self, key: Key) -> None:
        kept = self._pages.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.body)
        turn = self._turns.get(key)
        if turn is not None and not turn.locked():
            del self._turns[key]

    async def _stamp(self) -> str | None:
        """The state of the database; None, and nothing is remembered, when it cannot be told."""
        try:
            if self._database.is_sqlite:  # It looks into shared memory: quicker than a thread.
                return self._database.stamp()
            return await anyio.to_thread.run_sync(self._database.stamp)
        except (SQLAlchemyError, sqlite_module().Error):
            return None


def _may_be_public(scope: Scope) -> bool:
    path: str = scope["path"]
    is_short = len(path) + len(scope["query_string"]) <= MOST_ADDRESS
    return is_short and (path == "/" or path.startswith("/consultations/"))


def _key(scope: Scope) -> Key:
    """All that an answer to everybody may still depend on."""
    headers = Headers(scope=scope)
    return (
        scope["path"],
        scope["query_string"],
        cookie_parser(headers.get("cookie", "")).get(ELDER_COOKIE) == "1",
        headers.get("hx-request") == "true",
        "gzip" in headers.get("accept-encoding", ""),
    )


def _may_be_kept(start: Message, state: dict[str, Any]) -> bool:
    is_own = state.get("officer") is not None or state.get("csrf") is not None
    is_plain = start["status"] == 200 and "set-cookie" not in Headers(raw=start["headers"])
    return "good_until" in state and is_plain and not is_own


def _kept(start: Message, body: bytes, stamp: str | None, good_until: datetime) -> Kept:
    headers = MutableHeaders(raw=list(start["headers"]))
    # Bytes 4 to 8 of a packed page tell when it was packed.
    is_packed = headers.get("content-encoding") == "gzip"
    words = body[:4] + body[8:] if is_packed else body
    etag = f'"{blake2b(words, digest_size=16).hexdigest()}"'
    headers["ETag"] = etag
    headers["Cache-Control"] = "no-cache"
    headers["Content-Length"] = str(len(body))
    return Kept(stamp or "", good_until, headers.raw, etag, body)


async def _send_kept(kept: Kept, asked: Headers, send: Send) -> None:
    known = {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}
    is_known = kept.etag in known
    headers = list(kept.headers)
    if is_known:
        headers = [pair for pair in headers if pair[0] not in _OF_THE_BODY]
    status, body = (304, b"") if is_known else (200, kept.body)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_OF_THE_BODY = (b"content-length", b"content-type", b"content-encoding")
