"""A small load generator: visitors in threads, each on a connection that stays open.

It only ever asks this machine (127.0.0.1), a bounded number of times. Seconds are those a visitor
waits: from sending a request until its last byte is read.
"""

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

HOST = "127.0.0.1"
_HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip", "User-Agent": "zhengxun-bench"}


class Unexpected(RuntimeError):
    """A server answered with something a visitor could not use."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Visitor:
    """One keep-alive connection; cookies are kept as a browser keeps them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection(HOST, port, timeout=60)
        self._cookies: dict[str, str] = {}

    def get(self, path: str, *, encoding: str = "gzip") -> Answer:
        """A page; `encoding="identity"` for one whose words are read."""
        return self._ask("GET", path, None, {"Accept-Encoding": encoding})

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Send a form; the address the answer leads to."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{HOST}:{self._port}",
        }
        answer = self._ask("POST", path, urlencode(fields).encode(), headers, status=303)
        return answer.headers["Location"]

    def close(self) -> None:
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: bytes | None, more: dict[str, str], status: int = 200
    ) -> Answer:
        headers = _HEADERS | more
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        self._connection.request(method, path, body, headers)
        got = self._connection.getresponse()
        data = got.read()
        for cookie in got.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        # Django redirects with 302 where we say 303.
        if got.status != status and (got.status, status) != (302, 303):
            raise Unexpected(f"{method} {path}: {got.status}")
        return Answer(got.status, got.headers, data)


Act = Callable[[Visitor, int], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How it went: acts a second, and milliseconds of one act."""

    count: int
    per_second: float
    median_ms: float
    p95_ms: float


def drive(port: int, act: Act, *, count: int, visitors: int) -> Pace:
    """Let visitors do `act` (given its number) `count` times in all; the first error ends it."""
    numbers = itertools.count()
    times: list[float] = []
    wrong: list[BaseException] = []

    def go() -> None:
        visitor = Visitor(port)
        try:
            while not wrong and (number := next(numbers)) < count:
                began = time.perf_counter()
                act(visitor, number)
                times.append(time.perf_counter() - began)
        except BaseException as error:
            wrong.append(error)
        finally:
            visitor.close()

    threads = [threading.Thread(target=go) for _ in range(visitors)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    if wrong:
        raise wrong[0]
    return pace(times, took)


def pace(times: list[float], took: float) -> Pace:
    """`times` of the acts in seconds, `took` from the first to the last of all visitors."""
    ranked = sorted(times)
    return Pace(
        count=len(times),
        per_second=round(len(times) / took, 1),
        median_ms=round(1000 * statistics.median(ranked), 2),
        p95_ms=round(1000 * ranked[int(0.95 * (len(ranked) - 1))], 2),
    )
