"""Role × route: who gets in where, generated from the routes; nobody signed out gets anywhere."""

import re

import pytest
from fastapi import FastAPI

from backend.accounts.rules import PERMISSIONS, Permission
from backend.models import Role
from backend.web.access import rules_by_route
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import ORIGIN, Browser

DESK = re.compile(r"^(GET|POST) (/desk.*|/account.*)$")


def desk_routes(app: FastAPI) -> dict[str, str]:
    """`METHOD /path` → the permission it asks for, of every route behind sign-in."""
    return {
        name: label or ""
        for name, label in rules_by_route(app).items()
        if DESK.match(name) and name != "GET /sign-in"
    }


def address_of(route: str, office: Office, comment_id: int) -> tuple[str, str]:
    method, path = route.split(" ", 1)
    path = path.replace("{slug}", office.consultation.slug)
    path = path.replace("{comment_id}", str(comment_id))
    return method, re.sub(r"\{[^}]*\}", "999999", path)


def test_nobody_gets_in_without_signing_in(office: Office, app: FastAPI, client: Browser) -> None:
    routes = desk_routes(app)
    assert len(routes) > 30
    for route in routes:
        method, path = address_of(route, office, 1)
        answer = client.request(method, path, headers={"Origin": ORIGIN}, follow_redirects=False)
        expected = 303 if method == "GET" else 401
        assert answer.status_code == expected, f"{route}: {answer.status_code}"


@pytest.mark.parametrize("role", list(Role))
def test_every_route_lets_in_whom_the_table_says(
    office: Office, app: FastAPI, sign_in: SignIn, role: Role
) -> None:
    office.hire("tester", role, department="交通局")
    comment = office.receive("一条意见")
    comment.assigned_department_id = office.departments["交通局"].id
    office.session.commit()
    browser = sign_in("tester")
    token = browser.open("/account").form("/account/shortcuts").values["csrf_token"]
    wrong = {}
    for route, label in desk_routes(app).items():
        method, path = address_of(route, office, comment.id or 0)
        if path.startswith("/account"):
            continue
        headers = {"Origin": ORIGIN, "X-CSRF-Token": token}
        answer = browser.request(method, path, headers=headers, follow_redirects=False)
        allowed = label == "signed-in" or Permission(label) in PERMISSIONS[role]
        if (answer.status_code != 403) != allowed or answer.status_code >= 500:
            wrong[route] = (label, answer.status_code)
    assert wrong == {}
