"""Who may use which address: every route says so, and the list is reviewed.

`routes.txt` is read by people. After a change of routes write it anew with
`ZHENGXUN_WRITE_ROUTES=1 pytest tests/promises/test_routes.py` and look at the difference.
"""

import os
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, FastAPI

from backend.app import create_app
from backend.kit.settings import Settings
from backend.web import access
from backend.web.access import public, rules_by_route
from backend.web.security import SAFE_METHODS

REVIEWED = Path(__file__).with_name("routes.txt")
# Unsafe routes nobody signs in for, with what stands in for the session's token.
PUBLIC_WRITES = {
    "POST /appearance": "sets a cookie of the reader's own",
    "POST /sign-in": "a password",
    "POST /sign-in/second-factor": "a code and the signed first step",
    "POST /setup": "works once, on an empty installation",
    "POST /consultations/{slug}/comment": "a signed ticket",
    "POST /consultations/{slug}/drafts/{token}/send": "an unguessable token",
    "POST /consultations/{slug}/drafts/{token}/points/{index}/remove": "an unguessable token",
    "POST /consultations/{slug}/comments/{comment_id}/support": "counted once per device",
    "POST /receipts": "a receipt code and its look-up code",
    "POST /receipts/{code}/{token}/verify/{key}": "a key that only the receipt mail tells",
    "POST /receipts/{code}/{token}/correct": "an unguessable token",
    "POST /receipts/{code}/{token}/proof": "an unguessable token",
    "POST /receipts/{code}/{token}/withdraw": "an unguessable token",
    "POST /receipts/{code}/{token}/erase-contact": "an unguessable token",
    "POST /receipts/{code}/{token}/answers/{comment_id:int}": "an unguessable token",
}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("routes")))
    return rules_by_route(app)


def test_every_route_names_its_access_rule(routes: dict[str, str | None]) -> None:
    assert len(routes) > 50
    assert None not in routes.values()


def test_the_route_list_is_the_reviewed_one(routes: dict[str, str | None]) -> None:
    now = "".join(f"{route}  {label}\n" for route, label in sorted(routes.items(), key=_by_path))
    if os.environ.get("ZHENGXUN_WRITE_ROUTES") == "1":
        REVIEWED.write_text(now, encoding="utf-8")
    assert now == REVIEWED.read_text(encoding="utf-8"), "see the top of this file"


def _by_path(item: tuple[str, str | None]) -> tuple[str, str]:
    method, path = item[0].split(" ", 1)
    return path, method


def test_the_desk_is_for_officers_only(routes: dict[str, str | None]) -> None:
    open_desk = [r for r, label in routes.items() if "/desk" in r and label == "public"]
    assert open_desk == []


def test_public_writes_are_few_and_guarded_otherwise(routes: dict[str, str | None]) -> None:
    writes = {
        route
        for route, label in routes.items()
        if label == "public" and route.split(" ", 1)[0] not in SAFE_METHODS
    }
    assert writes == PUBLIC_WRITES.keys()


def _included(router: APIRouter) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    return app


def test_a_route_without_a_rule_is_refused_at_start() -> None:
    router = APIRouter()
    router.add_api_route("/forgotten", lambda: "open to anybody by accident")
    with pytest.raises(RuntimeError, match="GET /forgotten"):
        access.check(_included(router))


def test_a_rule_of_the_router_or_of_the_include_counts() -> None:
    router = APIRouter()
    router.add_api_route("/page", lambda: "meant to be open")
    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/a", dependencies=[Depends(public)])
    assert rules_by_route(app) == {"GET /a/page": "public"}
    access.check(app)


def test_seeing_no_route_at_all_is_an_error() -> None:
    with pytest.raises(RuntimeError):
        access.check(FastAPI(openapi_url=None))
