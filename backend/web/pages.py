"""Turning templates into pages.

Undefined names are errors. The GOV.UK macros expect missing parameters to be falsy, so they live
in an environment of their own and are called as plain functions (`govuk.button({...})`). Our own
macros are the global `ui`: a block rendered alone does not see the imports of its file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
)
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from backend.kit.clock import last_day_before, local
from backend.kit.settings import Settings
from backend.kit.text import shorten
from backend.web import site
from backend.web.assets import FRONTEND, static_url
from backend.web.labels import LABELS, label
from backend.web.site import Site

TEMPLATES = FRONTEND / "templates"
ELDER_COOKIE = "elder"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What every template may rely on as `page`."""

    path: str
    query: str
    elder: bool
    csrf: str | None
    officer: Any
    settings: Settings
    site: Site
    now: datetime
    is_fragment: bool


class Namespace:
    """Macros under one name: `ui.tag(...)`, `govuk.button({...})`."""

    def __init__(self, macros: Mapping[str, Callable[..., Any]]) -> None:
        self.__dict__.update(macros)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The process-wide template environment."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(static=static_url, govuk=_govuk(), label=label, labels=LABELS)
    env.filters.update(
        date_zh=date_zh,
        datetime_zh=datetime_zh,
        time_zh=time_zh,
        closing_day=lambda moment: date_zh(last_day_before(moment)),
        shorten=shorten,
        paragraphs=paragraphs,
        **{f"{kind}_label": _labeller(kind) for kind in LABELS},
    )
    env.globals["ui"] = _own_macros(env)
    return env


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page (or, for a template whose name starts with `_`, a fragment)."""
    html = environment().get_template(template).render(page=facts(request), **(context or {}))
    return HTMLResponse(html, status, dict(headers or {}) | {"Vary": "HX-Request, Cookie"})


def redirect(path: str) -> Response:
    """303: the browser follows with GET, so that going back or reloading sends nothing twice."""
    return RedirectResponse(path, 303)


def facts(request: Request) -> PageFacts:
    state = request.state
    return PageFacts(
        path=request.url.path,
        query=request.url.query,
        elder=request.cookies.get(ELDER_COOKIE) == "1",
        csrf=getattr(state, "csrf", None),
        officer=getattr(state, "officer", None),
        settings=request.app.state.settings,
        site=site.of(request.app),
        now=local(request.app.state.clock()),
        is_fragment=request.headers.get("hx-request") == "true",
    )


def date_zh(day: date | datetime | None) -> str:
    """2026年11月22日."""
    if day is None:
        return ""
    if isinstance(day, datetime):
        day = local(day).date()
    return f"{day.year}年{day.month}月{day.day}日"


def datetime_zh(moment: datetime | None) -> str:
    """2026年11月22日 09:30."""
    return "" if moment is None else f"{date_zh(moment)} {local(moment):%H:%M}"


def time_zh(moment: datetime) -> str:
    return f"{local(moment):%H:%M}"


def paragraphs(text: str) -> Markup:
    """Typed text as escaped paragraphs and line breaks."""
    blocks = [block for block in text.split("\n\n") if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in block.split("\n")))
        for block in blocks
    )


def _labeller(kind: str) -> Callable[[Any], str]:
    return lambda value: label(kind, value)


def _own_macros(env: Environment) -> Namespace:
    macros: dict[str, Callable[..., Any]] = {}
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        module = env.get_template(f"components/{path.name}").module
        exported = {k: v for k, v in vars(module).items() if callable(v) and k[0] != "_"}
        twice = macros.keys() & exported.keys()
        if twice:
            raise RuntimeError(f"macros defined twice: {sorted(twice)}")
        macros |= exported
    return Namespace(macros)


def _govuk() -> Namespace:
    env = Environment(
        loader=ChoiceLoader(
            [PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})]
        ),
        undefined=ChainableUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    macros: dict[str, Callable[..., Any]] = {}
    for name in env.list_templates():
        if name.endswith("/macro.html"):
            for key, macro in vars(env.get_template(name).module).items():
                if key.startswith("govuk"):
                    short = key.removeprefix("govuk")
                    macros[short[0].lower() + short[1:]] = macro
    return Namespace(macros)
