"""Role × route: who gets in where, generated from the routes; nobody signed out gets anywhere."""

import re

import pytest
from fastapi import FastAPI
from sqlmodel import Session, select

from backend.accounts.rules import GRANTABLE_ON_ONE, PERMISSIONS, Permission
from backend.kit.settings import Settings
from backend.models import (
    AliasProposal,
    Consultation,
    Neighbourhood,
    ReplyTemplate,
    Role,
    RoleGrant,
    SensitiveWord,
    Stage,
)
from backend.web.access import rules_by_route
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office, found
from tests.page import ORIGIN, Browser

DESK = re.compile(r"^(GET|POST) (/desk.*|/account.*)$")


def desk_routes(app: FastAPI) -> dict[str, str]:
    """`METHOD /path` → the permission it asks for, of every route behind sign-in."""
    return {
        name: label or ""
        for name, label in rules_by_route(app).items()
        if DESK.match(name) and name != "GET /sign-in"
    }


def address_of(route: str, office: Office, comment_id: int, **ids: int | None) -> tuple[str, str]:
    """An address of the route, with rows of `office` where they are named, else with none."""
    method, path = route.split(" ", 1)
    path = path.replace("{slug}", office.consultation.slug)
    for name, number in {"comment_id": comment_id, **ids}.items():
        path = path.replace(f"{{{name}}}", str(number))
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


def token_of(browser: Browser) -> dict[str, str]:
    token = browser.open("/account").form("/account/shortcuts").values["csrf_token"]
    return {"Origin": ORIGIN, "X-CSRF-Token": token}


@pytest.mark.parametrize("role", [role for role in Role if role in GRANTABLE_ON_ONE])
def test_a_role_on_another_consultation_opens_nothing_here(
    office: Office, app: FastAPI, sign_in: SignIn, role: Role
) -> None:
    """Nor what belongs to the whole organisation: for that a role must hold for all of it."""
    guest = office.hire("guest", role)
    other = Consultation(
        organisation_id=office.organisation.id or 0, slug="other", title="另一个征询",
        stage=Stage.ANNOUNCED, created_at=MONDAY,
    )  # fmt: skip
    office.session.add(other)
    office.session.flush()
    grant = office.session.exec(select(RoleGrant).where(RoleGrant.officer_id == guest.id)).one()
    grant.consultation_id = other.id
    office.session.add(grant)
    comment = office.receive("一条意见")
    office.session.commit()
    browser = sign_in("guest")
    headers = token_of(browser)
    wrong = {}
    for route, label in desk_routes(app).items():
        method, path = address_of(route, office, comment.id or 0)
        if label == "signed-in":
            continue
        answer = browser.request(method, path, headers=headers, follow_redirects=False)
        if answer.status_code != 403:
            wrong[route] = (label, answer.status_code)
    assert wrong == {}


def test_nobody_of_another_organisation_reaches_a_row_of_ours(
    office: Office, app: FastAPI, sign_in: SignIn, session: Session, settings: Settings
) -> None:
    """Every route with a row's number in its address, asked by somebody with every role."""
    elsewhere = found(session, settings, slug="elsewhere")
    elsewhere.hire("stranger", *Role)
    comment = office.receive("一条意见")
    owner = office.organisation.id or 0
    rows = {
        "place_id": Neighbourhood(organisation_id=owner, street="街", name="居委"),
        "template_id": ReplyTemplate(organisation_id=owner, name="模板", text="谢谢。"),
        "word_id": SensitiveWord(
            organisation_id=owner, word="词", category="other", created_at=MONDAY
        ),
        "proposal_id": AliasProposal(
            organisation_id=owner, alias="甲", target_kind="task", target_name="乙",
            created_at=MONDAY,
        ),
    }  # fmt: skip
    session.add_all(rows.values())
    session.commit()
    ids = {name: row.id for name, row in rows.items()}
    ids["officer_id"] = office.officers["shen"].id
    ids["department_id"] = office.departments["交通局"].id
    browser = sign_in("stranger")
    headers = token_of(browser)
    asked, wrong = 0, {}
    for route in desk_routes(app):
        if "{" not in route or route.split(" ")[1].startswith("/account"):
            continue
        method, path = address_of(route, office, comment.id or 0, **ids)
        answer = browser.request(method, path, headers=headers, follow_redirects=False)
        asked += 1
        if answer.status_code not in (404, 422):
            wrong[route] = answer.status_code
    assert asked > 50
    assert wrong == {}


def test_a_department_reaches_only_what_it_was_given(
    office: Office, app: FastAPI, sign_in: SignIn
) -> None:
    office.hire("bumen", Role.DEPARTMENT, department="交通局")
    comment = office.receive("给别的部门的意见")
    comment.assigned_department_id = office.departments["住建局"].id
    office.session.add(comment)
    office.session.commit()
    browser = sign_in("bumen")
    headers = token_of(browser)
    wrong = {}
    for route in desk_routes(app):
        if "{comment_id}" not in route:
            continue
        method, path = address_of(route, office, comment.id or 0)
        answer = browser.request(method, path, headers=headers, follow_redirects=False)
        if answer.status_code not in (403, 404, 422):
            wrong[route] = answer.status_code
    assert wrong == {}
    assert "给别的部门的意见" not in browser.open(office.path).text
