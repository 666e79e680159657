"""The web application, put together: the only place that sees every feature."""

from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response

from backend import jobs, worker
from backend.accounts import routes as accounts
from backend.briefs import routes as briefs
from backend.consultations import imports, review
from backend.consultations import routes as consultations
from backend.digests import routes as digests
from backend.kit.clock import utc_now
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings, get_settings
from backend.mailbox import routes as mailbox
from backend.organisations import routes as organisations
from backend.portal import about, api, comparison, dashboard, plan_pages, quality, topics
from backend.portal import routes as portal
from backend.registry import routes as registry
from backend.submissions import routes as submissions
from backend.system import metrics
from backend.system import routes as system
from backend.triage import routes as triage
from backend.web import access, appearance, health, site
from backend.web.assets import STATIC, HashedStaticFiles
from backend.web.errors import Elsewhere, NotFound, PageError, Refused, SignInNeeded, Unavailable
from backend.web.head import HeadAsGet
from backend.web.metering import Meter, Metering
from backend.web.pages import redirect, render
from backend.web.remembered import RememberedPages
from backend.web.security import HEADERS, SAFE_METHODS, BodyLimit, SameOrigin, SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = structlog.get_logger()


def create_app(
    settings: Settings | None = None, *, clock: Callable[[], datetime] = utc_now
) -> FastAPI:
    """The application; raises when a route has no access rule."""
    settings = settings or get_settings()
    app = FastAPI(
        title="征询 Zhengxun",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.database = Database(make_engine(settings))
    app.state.meter = Meter()
    worker.register_jobs()
    jobs.bind(settings)
    for feature in (
        health,
        appearance,
        accounts,
        organisations,
        imports,
        consultations,
        registry,
        mailbox,
        review,
        triage,
        digests,
        briefs,
        submissions,
        api,
        comparison,
        plan_pages,
        dashboard,
        about,
        quality,
        topics,
        portal,
        system,
        metrics,
    ):
        app.include_router(feature.router)
    app.mount("/static", HashedStaticFiles(directory=STATIC), name="static")
    _add_middleware(app, settings)
    _add_error_pages(app)
    access.check(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> "AsyncIterator[None]":
    site.of(app)  # The first visitor does not wait for what every page shows.
    yield
    app.state.database.engine.dispose()


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    limit = max(settings.max_upload_mb * 3, settings.max_plan_mb) * 1_000_000 + 1_000_000
    app.add_middleware(Metering, meter=app.state.meter)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SameOrigin)
    app.add_middleware(BodyLimit, limit=limit)
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(RememberedPages, database=app.state.database, clock=app.state.clock)
    app.add_middleware(SecurityHeaders)


def _add_error_pages(app: FastAPI) -> None:
    @app.exception_handler(PageError)
    def page_error(request: Request, error: PageError) -> Response:
        if isinstance(error, SignInNeeded):
            wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return redirect(f"/sign-in?next={quote(wanted)}")
        if isinstance(error, Elsewhere) and request.method in SAFE_METHODS:
            return redirect(error.path)
        return _error_page(request, error)

    @app.exception_handler(HTTPException)
    def http_error(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return _error_page(request, NotFound("请检查地址是否完整，或者从首页重新查找。"))
        sentence = {405: "这个地址不支持这样打开，请从首页重新进入。"}
        page = PageError(sentence.get(error.status_code, "请从首页重新进入。"))
        page.status = error.status_code
        return _error_page(request, page)

    @app.exception_handler(RequestValidationError)
    def unreadable_request(request: Request, _error: RequestValidationError) -> Response:
        return _error_page(
            request, Refused("提交的内容不完整或格式不对，请返回上一页检查后再提交。")
        )

    @app.exception_handler(OperationalError)
    def database_down(request: Request, error: OperationalError) -> Response:
        log.error("database_unavailable", path=request.url.path, kind=type(error.orig).__name__)
        return _error_page(
            request,
            Unavailable("刚才的内容还没有保存。请保留页面，过几分钟点浏览器的后退，再提交一次。"),
        )

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        log.error("unexpected_error", path=request.url.path, kind=type(error).__name__)
        answer = _error_page(
            request,
            PageError(
                "服务器处理这个页面时出错，已经记录下来。"
                "您填写的内容如果没有显示回执，就还没有提交，请后退后重试。"
            ),
        )
        # This answer is given outside the middleware that adds the headers to all others.
        answer.headers.update(HEADERS | {"Cache-Control": "no-store"})
        return answer


def _error_page(request: Request, error: PageError) -> Response:
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": error.message}, error.status)
    return render(request, "error.html", {"error": error}, status=error.status)
