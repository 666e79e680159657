"""Driving Debian's Chromium: one place for its path, its switches and the sizes we look at.

The switches keep the browser from calling anywhere by itself, so that a test which counts requests
counts only ours. `ZHENGXUN_CHROMIUM` names another executable.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE, DESKTOP = 360, 1280


def executable() -> str | None:
    """The browser's path, or None where there is none."""
    named = os.environ.get("ZHENGXUN_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def browser() -> Iterator[Browser]:
    """A running browser; raises where there is none, for the caller to skip or fail."""
    path = executable()
    if path is None:
        raise FileNotFoundError("Chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        try:
            yield running
        finally:
            running.close()


def person(
    running: Browser,
    base_url: str,
    *,
    width: int = DESKTOP,
    elder: bool = False,
    javascript: bool = True,
) -> BrowserContext:
    """A visitor of their own: a fresh set of cookies, a screen, a preference."""
    context = running.new_context(
        base_url=base_url,
        viewport={"width": width, "height": 780 if width < 600 else 860},
        java_script_enabled=javascript,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    if elder:
        context.add_cookies([{"name": "elder", "value": "1", "url": base_url}])
    return context


def picture(context: BrowserContext, path: str, target: Path) -> None:
    """A whole-page screenshot of `path`, written to `target`."""
    page = context.new_page()
    page.goto(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, full_page=True)
    page.close()
