"""A real server and a real browser: pages as people meet them."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from sqlmodel import Session

from backend.app import create_app
from backend.kit import migrations
from backend.kit.settings import Settings
from tests import browser as driving
from tests.conftest import Clock, missing

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Site:
    """A running installation: its address, its clock, its database."""

    url: str
    clock: Clock
    open_session: Callable[[], Session]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty installation served on a free port, with a clock that stands still."""
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("site"), secret_key="s" * 40, allow_plain_http=True
    )
    clock = Clock()
    app = create_app(settings, clock=clock)
    migrations.upgrade(app.state.database.engine)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    engine = app.state.database.engine
    yield Site(f"http://127.0.0.1:{port}", clock, lambda: Session(engine, expire_on_commit=False))
    server.should_exit = True
    thread.join(10)
    engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if driving.executable() is None:
        missing("Chromium is not installed")
    with driving.browser() as running:
        yield running


@dataclass(slots=True)
class Visitor:
    """A person at a screen; what the browser complains about is collected."""

    context: BrowserContext
    page: Page
    complaints: list[str]

    def wide(self) -> int:
        """Pixels the page is wider than the screen."""
        return int(
            self.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )

    def barriers(self) -> list[str]:
        """What axe finds, as rule and element."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", RULES
        )
        return [f"{v['id']}: {node['html'][:160]}" for v in found for node in v["nodes"]]


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """Open a browser of one's own: `visit(width=360, elder=True, javascript=False)`."""
    opened: list[BrowserContext] = []

    def arrive(**wishes: object) -> Visitor:
        context = driving.person(chromium, site.url, **wishes)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        opened.append(context)
        complaints: list[str] = []
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request", lambda r: None if r.url.startswith(site.url) else complaints.append(r.url)
        )
        return Visitor(context, page, complaints)

    yield arrive
    for context in opened:
        context.close()
