"""Signing in through an identity provider: what is believed, and who gets in where."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlmodel import Session, select

from backend.accounts import totp
from backend.accounts.own_account import enable_second_factor
from backend.kit.settings import Settings
from backend.models import AuditEntry, Officer, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.identity_provider import CLIENT_ID, Provider, running
from tests.features.office import Office
from tests.page import ORIGIN, Browser, Page


@pytest.fixture
def provider(settings: Settings, clock: Clock) -> Iterator[Provider]:
    with running(Provider(lambda: clock.now.timestamp())) as started:
        settings.oidc_issuer = started.issuer
        settings.oidc_client_id = CLIENT_ID
        settings.oidc_client_secret = SecretStr("geheim")
        settings.base_url = ORIGIN
        yield started


def visit_provider(address: str) -> str:
    """What a browser does at the provider; gives the address it is sent back to."""
    answer = httpx2.get(address, follow_redirects=False)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def go(browser: Browser, *, status: int = 200, goal: str = "/desk") -> Page:
    answer = browser.get(f"/sign-in/oidc?next={goal}", follow_redirects=False)
    assert answer.status_code == 303
    return browser.open(visit_provider(answer.headers["location"]), status=status)


def test_off_unless_configured(office: Office, client: Browser) -> None:
    assert not client.open("/sign-in").all("a[href^='/sign-in/oidc']")
    client.open("/sign-in/oidc", status=404)
    client.open("/sign-in/oidc/callback?code=x&state=y", status=404)


def test_a_known_officer_gets_in_and_is_known_by_subject_from_then_on(
    office: Office, client: Browser, provider: Provider, session: Session
) -> None:
    link = client.open("/sign-in").one("a[href^='/sign-in/oidc']")
    assert "统一身份认证" in link.text_content()
    assert go(client, goal=office.path).path == office.path
    provider.username = "renamed"
    client.cookies.clear()
    assert go(client).path == "/desk"
    session.expire_all()
    shen = session.get_one(Officer, office.officers["shen"].id)
    assert shen.oidc_subject == f"{provider.issuer} u-1001"
    actions = session.exec(select(AuditEntry.action)).all()
    assert actions.count("officer.sign_on_linked") == 1
    assert actions.count("officer.sign_in") == 2


def _claim(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.update({name: value})


LIES: dict[str, Callable[[dict[str, Any]], None]] = {
    "another nonce": _claim("nonce", "of another journey"),
    "no nonce": lambda claims: claims.pop("nonce"),
    "another issuer": _claim("iss", "https://elsewhere.example"),
    "another audience": _claim("aud", "some-other-system"),
    "several audiences without azp": _claim("aud", [CLIENT_ID, "some-other-system"]),
    "issued to another": _claim("azp", "some-other-system"),
    "expired": lambda claims: claims.update(iat=claims["iat"] - 7200, exp=claims["exp"] - 7200),
    "no expiry": lambda claims: claims.pop("exp"),
    "issued in the future": lambda claims: claims.update(iat=claims["iat"] + 7200),
    "no subject": lambda claims: claims.pop("sub"),
    "a number as subject": _claim("sub", 1001),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_claim_that_does_not_hold_opens_nothing(
    office: Office, client: Browser, provider: Provider, lie: str
) -> None:
    provider.lie = LIES[lie]
    assert "没有登录" in go(client, status=422).text
    assert client.open("/desk").path == "/sign-in"


@pytest.mark.parametrize(
    "forgery", ["unsigned", "signed_by_a_stranger", "signed_with_the_public_key_as_secret"]
)
def test_a_signature_that_does_not_hold_opens_nothing(
    office: Office, client: Browser, provider: Provider, forgery: str
) -> None:
    provider.forge = getattr(provider, forgery)
    assert "没有通过核验" in go(client, status=422).text
    assert client.open("/desk").path == "/sign-in"


def test_an_answer_must_belong_to_this_browser_and_this_hour(
    office: Office,
    client: Browser,
    new_client: Callable[[], Browser],
    provider: Provider,
    clock: Clock,
) -> None:
    answer = client.get("/sign-in/oidc", follow_redirects=False)
    back = visit_provider(answer.headers["location"])
    new_client().open(back, status=422)
    client.open(back.replace("state=", "state=x"), status=422)
    clock.advance(minutes=11)
    client.open(back, status=422)
    clock.advance(minutes=-11)
    client.open(back)
    client.open(back, status=422)  # a code and a journey are used once


def test_a_provider_that_changes_its_name_or_is_away_is_told_as_such(
    office: Office, client: Browser, provider: Provider, settings: Settings
) -> None:
    settings.oidc_issuer = provider.issuer + "/"
    assert "不一致" in client.open("/sign-in/oidc", status=422).text
    settings.oidc_issuer = "http://127.0.0.1:9"
    assert "连不上" in client.open("/sign-in/oidc", status=422).text
    settings.oidc_issuer = "http://sso.example.cn"
    assert "没有加密" in client.open("/sign-in/oidc", status=422).text


def test_nobody_is_made_and_no_administrator_by_name(
    office: Office, client: Browser, provider: Provider, session: Session, sign_in: SignIn
) -> None:
    gu = office.hire("gu", Role.ADMINISTRATOR)
    session.commit()
    for name in ("nobody", "gu", ""):
        provider.username, provider.subject = name, f"s-{name}"
        assert "没有与它对应的账号" in go(client, status=422).text
    browser = sign_in("gu")
    provider.username, provider.subject = "something else", "s-gu"
    page = browser.press(browser.open("/account").form("/account/single-sign-on"))
    back = visit_provider(page.one("main a.govuk-button").get("href"))
    assert "已关联" in browser.open(back).text
    assert go(client).path == "/desk"
    session.expire_all()
    assert session.get_one(Officer, gu.id).oidc_subject == f"{provider.issuer} s-gu"
    browser.press(browser.open("/account").form("/single-sign-on/off"))
    client.cookies.clear()
    go(client, status=422)


def test_a_name_taken_over_by_another_subject_does_not_open_the_account(
    office: Office, client: Browser, provider: Provider
) -> None:
    go(client)
    client.cookies.clear()
    provider.subject = "u-2002"
    go(client, status=422)


def test_those_who_left_stay_out_and_the_second_factor_is_still_asked(
    office: Office,
    client: Browser,
    provider: Provider,
    session: Session,
    settings: Settings,
    clock: Clock,
) -> None:
    shen = office.officers["shen"]
    secret = totp.new_secret()
    code = totp.code_at(secret, totp.step_at(clock.now))
    assert enable_second_factor(session, shen, secret, code, settings=settings, now=clock.now)
    session.commit()
    page = go(client)
    assert client.open("/desk").path == "/sign-in"
    clock.advance(minutes=1)
    code = totp.code_at(secret, totp.step_at(clock.now))
    assert client.press(page.form("/second-factor").fill(code=code)).path == "/desk"
    client.cookies.clear()
    shen = session.get_one(Officer, shen.id)
    shen.deactivated_at = clock.now
    session.add(shen)
    session.commit()
    go(client, status=422)
