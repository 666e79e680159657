"""Counts and times requests by the pattern of their route, for `/metrics`.

A route's pattern (`/c/{slug}`), never the address that was asked for: no receipt code or name of
a person becomes a label, and there are never more labels than routes.
"""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "POST"})
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0)
NO_ROUTE = "other"  # Static files and addresses that do not exist.


class Meter:
    """The counters of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "zhengxun_http_requests",
            "Requests answered, by route pattern",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "zhengxun_http_request_seconds",
            "Seconds until an answer was complete, by route pattern",
            ("route",),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", None) or NO_ROUTE
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)


class Metering:
    """Stands closest to the routes, where the matched one is known."""

    def __init__(self, app: ASGIApp, meter: Meter) -> None:
        self.app = app
        self.meter = meter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status, begun = 500, time.perf_counter()

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watching)
        finally:
            self.meter.note(scope, status, time.perf_counter() - begun)
