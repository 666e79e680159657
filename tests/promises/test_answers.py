"""What every answer carries, good or bad: security headers, and errors as pages in Chinese."""

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from backend.app import create_app
from backend.kit import migrations
from backend.kit.settings import Settings
from backend.web.security import HEADERS, POLICY
from tests.page import ORIGIN, Page, faults


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("answers")))
    migrations.upgrade(app.state.database.engine)

    @app.get("/broken")
    def broken() -> None:
        raise ZeroDivisionError("a secret of the house")

    return app


@pytest.fixture(scope="module")
def visitor(app: FastAPI) -> TestClient:
    return TestClient(app, base_url=ORIGIN, raise_server_exceptions=False, follow_redirects=False)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/static/css/public.css", 200),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/healthz", 200),
        ("GET", "/feed.atom", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/consultations/unknown", 404),
        ("GET", "/desk", 303),
        ("DELETE", "/help", 405),
        ("POST", "/sign-in", 422),
        ("GET", "/broken", 500),
    ],
)
def test_every_answer_carries_the_headers(
    visitor: TestClient, method: str, path: str, status: int
) -> None:
    answer = visitor.request(method, path, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers.get("Cache-Control")


def test_a_request_from_another_site_is_refused_with_the_same_headers(visitor: TestClient) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = visitor.post("/receipts", headers=headers)
        assert answer.status_code == 403
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_own_files_only() -> None:
    assert "unsafe" not in POLICY
    assert "http:" not in POLICY and "https:" not in POLICY and "*" not in POLICY
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == rules["base-uri"] == "'none'"


def test_https_is_remembered_by_browsers(app: FastAPI) -> None:
    answer = TestClient(app, base_url="https://testserver").get("/healthz")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize("path", ["/nowhere", "/consultations/unknown", "/broken"])
def test_an_error_is_a_page_that_says_what_to_do(visitor: TestClient, path: str) -> None:
    page = Page(visitor.get(path))
    assert faults(page) == []
    assert page.heading
    assert page.all('main a[href="/"]'), "an error page leads back home"
    for inner in ("secret of the house", "ZeroDivisionError", "Traceback", "Internal Server Error"):
        assert inner not in page.html
