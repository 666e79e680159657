"""The system page: jobs that fail are shown, counts add up, and when they do not it says so."""

import pytest
from sqlmodel import Session, col, select

from backend import jobs
from backend.jobs.queue import Job, _runner
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Handling, JobRun, Role, Submission
from backend.safekeeping import service as safekeeping
from backend.system.reconciling import reconcile
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office


def test_every_opinion_is_in_exactly_one_place(office: Office, session: Session) -> None:
    rows = [office.receive(f"第{n}条。") for n in range(7)]
    for row, state in zip(rows, (*Handling, Handling.NEW, Handling.NEW), strict=False):
        row.handling = state
    held = session.get_one(Submission, rows[5].submission_id)
    held.is_quarantined = True
    gone = session.get_one(Submission, rows[6].submission_id)
    gone.withdrawn_at, gone.is_quarantined = MONDAY, True
    session.flush()
    account = reconcile(session)
    assert account.faults == ()
    assert sum(account.places.values()) == account.comment_count == 7
    assert account.places["held"] == account.places["withdrawn"] == 1
    assert account.unread_count == 6


def test_a_receipt_without_an_opinion_is_found(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    comment = office.receive("会不见的意见。")
    session.delete(comment)
    session.commit()
    assert "1件来件有回执，却没有意见内容" in sign_in("gu").open("/desk/system").text


def test_jobs_are_shown_with_their_failures(
    office: Office, sign_in: SignIn, session: Session, settings: Settings, database: Database
) -> None:
    def fails(_database: Database, _settings: Settings) -> None:
        raise ZeroDivisionError

    def works(_database: Database, _settings: Settings) -> None:
        return None

    office.hire("gu", Role.ADMINISTRATOR)
    session.commit()
    run = _runner("assess", Job(fails, None, "*"), settings)
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            run()
    _runner("send-mail", Job(works, None, "*"), settings)()
    page = sign_in("gu").open("/desk/system")
    assert "研读新意见连续失败五次以上" in page.text
    assert "ZeroDivisionError" in page.text
    failed = session.exec(select(JobRun.name).where(col(JobRun.failure_count) > 0)).all()
    assert failed == ["assess"]
    _runner("assess", Job(works, None, "*"), settings)()
    assert "连续失败" not in sign_in("gu").open("/desk/system").text
    assert jobs.seconds_since_last(settings) is not None


def test_it_tells_versions_and_storage(
    office: Office, sign_in: SignIn, settings: Settings, database: Database, clock: Clock
) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    office.session.commit()
    browser = sign_in("gu")
    assert "还没有备份" in browser.open("/desk/system").text
    taken = safekeeping.take(database, settings, now=clock.now)
    page = browser.open("/desk/system")
    assert taken.folder.name in page.text
    assert "已经过期" not in page.text
    assert "（最新）" in page.text
    sign_in("shen").open("/desk/system", status=403)
