"""The audit is one chain: whatever is edited, removed, inserted or cut off is found."""

import threading

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, text

from backend.accounts import audit
from backend.kit.db import Database
from backend.models import Officer, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office


@pytest.fixture
def officer(office: Office, database: Database, clock: Clock) -> Officer:
    """An officer with ten acts on record."""
    officer = office.officers["shen"]
    with database.writing() as session:
        for number in range(10):
            audit.record(
                session, officer, "comment.note", "comment", number,
                {"文": f"第{number}条", "nested": {"b": [1, None], "a": True}}, now=clock.now,
            )  # fmt: skip
    return officer


def test_an_untouched_chain_holds(officer: Officer, database: Database) -> None:
    with database.reading() as session:
        assert audit.verify(session) == []


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit_entry SET action = 'comment.claim' WHERE number = 5",
        "UPDATE audit_entry SET officer_id = NULL WHERE number = 5",
        "UPDATE audit_entry SET subject_id = 99 WHERE number = 5",
        "UPDATE audit_entry SET at = '2026-01-01 00:00:00' WHERE number = 5",
        "UPDATE audit_entry SET details = '{}' WHERE number = 5",
        "UPDATE audit_entry SET hash = previous_hash WHERE number = 5",
        "UPDATE audit_entry SET number = 500 WHERE number = 5",
        "DELETE FROM audit_entry WHERE number = 5",
        "DELETE FROM audit_entry WHERE number = 1",
        "DELETE FROM audit_entry WHERE number = (SELECT max(number) FROM audit_entry)",
        "DELETE FROM audit_entry",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET number = number - 1",
    ],
)
def test_tampering_is_found(officer: Officer, engine: Engine, tampering: str) -> None:
    with engine.begin() as connection:
        assert connection.execute(text(tampering)).rowcount
    with Session(engine) as session:
        assert audit.verify(session)


def test_many_writers_number_without_gaps(
    officer: Officer, database: Database, clock: Clock
) -> None:
    def write() -> None:
        for _ in range(10):
            with database.writing() as session:
                audit.record(session, officer, "comment.note", "comment", 1, now=clock.now)

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert audit.verify(session) == []


def test_an_act_that_fails_leaves_no_gap(
    officer: Officer, database: Database, clock: Clock
) -> None:
    def fail() -> None:
        with database.writing() as session:
            audit.record(session, officer, "comment.note", "comment", 1, now=clock.now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.reading() as session:
        assert audit.verify(session) == []


def test_only_auditors_read_and_check_it(
    office: Office, officer: Officer, sign_in: SignIn, engine: Engine
) -> None:
    office.hire("song", Role.AUDITOR)
    office.session.commit()
    sign_in("shen").open("/desk/audit", status=403)
    browser = sign_in("song")
    page = browser.open("/desk/audit?action=comment.note")
    assert len(page.all("tbody tr")) == 10
    page = browser.press(browser.open("/desk/audit").form("/verify"))
    assert "没有发现改动" in page.text
    exported = browser.press(browser.open("/desk/audit").form("/export"))
    assert "comment.note" in exported.response.text
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET action = 'x' WHERE number = 3"))
    page = browser.press(browser.open("/desk/audit").form("/verify"))
    assert "内容被改动" in page.text
