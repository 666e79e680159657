"""The audit is one chain: whatever is edited, removed, inserted or cut off is found."""

import threading
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, text

from backend.accounts import audit
from backend.kit.db import Database
from backend.models import AuditEntry, Officer, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import Form


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
    form = browser.open("/desk/audit").form("/export")
    form.values["format"] = "json"
    entries = browser.press(form).response.json()
    assert [entry["number"] for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        moment = datetime.fromisoformat(entry.pop("at"))
        assert entry.pop("officer") is None or entry["officer_id"]
        assert audit.entry_hash(AuditEntry(**entry, at=moment)) == entry["hash"]
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET action = 'x' WHERE number = 3"))
    page = browser.press(browser.open("/desk/audit").form("/verify"))
    assert "内容被改动" in page.text


def test_entries_are_found_by_who_what_and_when(
    officer: Officer, office: Office, sign_in: SignIn, clock: Clock, database: Database
) -> None:
    office.hire("song", Role.AUDITOR)
    office.session.commit()
    clock.advance(days=2)
    with database.writing() as session:
        audit.record(session, officer, "contact.read", "comment", 7, now=clock.now)
    browser = sign_in("song")

    def count(query: str) -> int:
        return len(browser.open(f"/desk/audit?{query}").all("tbody tr"))

    assert count("subject_type=comment&subject_id=7") == 2
    assert count(f"officer_id={officer.id}&action=contact.read") == 1
    assert count("until=2026-11-22&subject_type=comment") == 10
    assert count("since=2026-11-24&subject_type=comment") == 1
    assert count("since=2026-11-25") == 0
    assert count("since=yesterday&officer_id=x&subject_id=-1") > 10, "nonsense asks for nothing"
    page = browser.open("/desk/audit?action=contact.read")
    form = Form(page.one("form[action*='/export']"), str(page.url))
    exported = browser.press(form).response.text
    assert "contact.read" in exported
    assert "comment.note" not in exported
