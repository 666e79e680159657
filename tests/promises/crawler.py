"""Walks a running application by its own links, as one visitor, and writes down what it met.

Pages of one kind (the same route asked with the same names in the query) are visited a few times,
not a thousand: four sections stand for all sections.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from sqlalchemy import Engine, event

from tests.page import ORIGIN, Browser, Page

OF_EACH_KIND = 2
LINKS = ("href", "src", "action", "hx-get")


@dataclass(frozen=True)
class Visit:
    """One address as one visitor found it. `page` is None for files and feeds."""

    who: str
    address: str
    kind: str
    response: Response
    page: Page | None
    statements: int
    linked_from: str

    def __str__(self) -> str:
        return f"{self.who}: {self.address} (linked from {self.linked_from})"

    @property
    def is_whole_page(self) -> bool:
        return self.page is not None and self.page.html.lstrip().startswith("<!DOCTYPE")


class StatementCounter:
    """Counts what is sent to the database, beginnings of transactions left out."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "before_cursor_execute", self._see)

    def _see(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            self.count += 1


class Crawler:
    """One visitor of `app`; `walk` opens everything that can be reached by following links."""

    def __init__(self, app: FastAPI, browser: Browser, counter: StatementCounter, who: str) -> None:
        self._browser = browser
        self._counter = counter
        self._who = who
        self._patterns = [
            (route.path_regex, route.path)
            for route in iter_route_contexts(app.routes)
            if hasattr(route, "path_regex")
        ]

    def walk(self, *starts: str) -> Iterator[Visit]:
        waiting = deque((start, "the start") for start in starts)
        known, seen = set(starts), Counter[str]()
        while waiting:
            address, origin = waiting.popleft()
            kind = self.kind_of(address)
            if seen[kind] >= OF_EACH_KIND:
                continue
            seen[kind] += 1
            visit = self._visit(address, kind, origin)
            yield visit
            for link in links_of(visit):
                if link not in known:
                    known.add(link)
                    waiting.append((link, address))

    def kind_of(self, address: str) -> str:
        """The route an address belongs to, with the names (not the values) of its query."""
        parts = urlsplit(address)
        path = next((path for regex, path in self._patterns if regex.match(parts.path)), parts.path)
        names = sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)})
        return f"{path}?{'&'.join(names)}" if names else str(path)

    def _visit(self, address: str, kind: str, origin: str) -> Visit:
        before = self._counter.count
        response = self._browser.get(address)
        is_html = response.headers.get("content-type", "").startswith("text/html")
        page = Page(response) if is_html else None
        statements = self._counter.count - before
        return Visit(self._who, address, kind, response, page, statements, origin)


def links_of(visit: Visit) -> list[str]:
    """Addresses on this site that a page leads to, without fragments; GET forms count."""
    if visit.page is None:
        return []
    found = []
    for name in LINKS:
        for element in visit.page.all(f"[{name}]"):
            if name == "action" and (element.get("method") or "get").lower() != "get":
                continue
            target = urldefrag(urljoin(str(visit.page.url), element.get(name).strip())).url
            if target.startswith(ORIGIN + "/"):
                found.append(target.removeprefix(ORIGIN))
    return list(dict.fromkeys(found))


def strangers(page: Page) -> list[str]:
    """Addresses on a page that would make a browser, or a click, leave this site."""
    found = []
    for name in ("href", "src", "action", "formaction", "srcset", "poster", "data", "hx-get"):
        for element in page.all(f"[{name}]"):
            target = urlsplit(urljoin(ORIGIN, element.get(name).strip()))
            if target.scheme in ("mailto", "tel", "data"):
                continue
            if f"{target.scheme}://{target.netloc}" != ORIGIN:
                found.append(f"<{element.tag} {name}={element.get(name)!r}>")
    return found
