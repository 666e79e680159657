"""An office with a few officers, signed in by their own browsers."""

from collections.abc import Callable

import pytest
from sqlmodel import Session

from backend.digests import making
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Role
from tests.conftest import Clock
from tests.features.office import PASSWORD, Office, found
from tests.page import Browser

SignIn = Callable[..., Browser]


@pytest.fixture
def office(session: Session, settings: Settings) -> Office:
    """One officer (`shen`), and a plan of two chapters; commit before a browser looks."""
    office = found(session, settings)
    office.hire("shen", Role.OFFICER)
    session.commit()
    return office


@pytest.fixture
def sign_in(new_client: Callable[[], Browser]) -> SignIn:
    """Sign an officer in with a browser of their own."""

    def signed_in(username: str, password: str = PASSWORD) -> Browser:
        browser = new_client()
        page = browser.open("/sign-in")
        browser.press(page.form("/sign-in").fill(username=username, password=password))
        return browser

    return signed_in


@pytest.fixture
def make_digests(database: Database, settings: Settings, clock: Clock) -> Callable[[], None]:
    """Do what the job does for every digest that was ordered."""
    return lambda: making.make_due(database, settings, clock=clock)
