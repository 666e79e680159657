"""Digests that go out by the clock, and participants who are told of the outcome once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from backend.digests import making, reporting, scheduling, telling
from backend.digests.adoption import Letter
from backend.digests.scheduling import latest_slot
from backend.kit import sealing
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail import jobs as mail_jobs
from backend.models import (
    Comment,
    Contact,
    DigestOrder,
    DigestRecipient,
    DigestSchedule,
    Frequency,
    OutcomeTold,
    OutgoingMail,
    Role,
    Submission,
)
from backend.submissions import service as submissions
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office
from tests.features.smtp import post_office
from tests.features.test_answer_ratings import answer

DAY = timedelta(days=1)


@pytest.fixture
def with_mail(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"mail_host": "127.0.0.1", "base_url": "https://zhengxun.example"}
    )


@pytest.fixture
def drafting(office: Office, session: Session) -> Office:
    for name, role in (("drafter", Role.DRAFTING_OFFICE), ("helper", Role.OFFICER)):
        officer = office.hire(name, role)
        officer.email = f"{name}@bureau.example"
        session.add(officer)
    watcher = office.hire("watcher", Role.AUDITOR)
    watcher.email = "watcher@bureau.example"
    session.add(watcher)
    office.read(office.receive("请把末班车延到23时。", anchor="i1"), "i1")
    session.commit()
    return office


def opened(settings: Settings, mail: OutgoingMail) -> tuple[str, str]:
    secret = settings.secret()
    return (
        sealing.unseal(secret, mail.sealed_to or "") or "",
        sealing.unseal(secret, mail.sealed_text or "") or "",
    )


def mails(database: Database, settings: Settings) -> list[tuple[str, str]]:
    with database.reading() as session:
        return [opened(settings, mail) for mail in session.exec(select(OutgoingMail))]


# --- Slots ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "frequency", "slot"),
    [
        # Shanghai is eight hours ahead; 22 November 2026 is a Sunday.
        ((22, 0, 0), Frequency.DAILY, (22, 0, 0)),
        ((21, 23, 59), Frequency.DAILY, (21, 0, 0)),
        ((22, 17, 0), Frequency.DAILY, (22, 0, 0)),
        ((22, 0, 0), Frequency.WEEKLY, (16, 0, 0)),
        ((23, 0, 0), Frequency.WEEKLY, (23, 0, 0)),
        ((22, 23, 59), Frequency.WEEKLY, (16, 0, 0)),
    ],
)
def test_slots_follow_the_local_clock(
    now: tuple[int, int, int], frequency: Frequency, slot: tuple[int, int, int]
) -> None:
    def moment(day: int, hour: int, minute: int) -> datetime:
        return datetime(2026, 11, day, hour, minute, tzinfo=UTC)

    assert latest_slot(frequency, 0, 8, moment(*now)) == moment(*slot)
    assert latest_slot(Frequency.OFF, 0, 8, moment(*now)) is None


# --- Scheduled digests ---------------------------------------------------------------------------


def test_a_daily_digest_goes_to_those_chosen_and_says_what_is_new(
    drafting: Office,
    database: Database,
    with_mail: Settings,
    clock: Clock,
    sign_in: SignIn,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = sign_in("drafter")
    page = browser.open(f"{drafting.path}/digests/schedule")
    assert "drafter@bureau.example" in page.text
    assert "watcher@bureau.example" not in page.text  # May not read digests.
    form = page.form("/schedule").fill(frequency="daily", hour="8")
    form.values["recipients"] = str(drafting.officers["drafter"].id)
    page = browser.press(form)
    assert "每天8时，Word 文件" in page.text

    def night() -> None:
        clock.advance(days=1)
        for _ in range(3):  # A job may run any number of times.
            scheduling.order_due(database, now=clock())
            making.make_due(database, with_mail, clock=clock)

    scheduling.order_due(database, now=clock())
    making.make_due(database, with_mail, clock=clock)
    assert mails(database, with_mail) == []  # Nothing at once.
    night()
    [(to, text)] = mails(database, with_mail)
    assert to == "drafter@bureau.example"
    assert "1件1条" in text
    assert "与上次摘要" not in text
    session.rollback()
    drafting.read(drafting.receive("站点覆盖率应提高到95%。", anchor="i1"), "i1")
    session.commit()
    night()
    later = mails(database, with_mail)
    assert len(later) == 2
    assert "新增1条，减少0条" in later[1][1]
    with post_office() as post:
        wired = with_mail.model_copy(update={"mail_port": post.port, "mail_security": "none"})
        monkeypatch.setattr(mail_jobs, "utc_now", clock)
        mail_jobs.send_due(database, wired)
    assert [str(m["To"]) for m in post.messages] == ["drafter@bureau.example"] * 2
    [attached] = post.messages[0].iter_attachments()
    assert attached.get_filename().endswith(".docx")
    assert attached.get_content()[:2] == b"PK"


def test_a_schedule_is_refused_with_sentences(
    drafting: Office, sign_in: SignIn, database: Database
) -> None:
    browser = sign_in("drafter")
    form = browser.open(f"{drafting.path}/digests/schedule").form("/schedule")
    page = browser.press(form.fill(frequency="weekly", query="天气:晴"), status=422)
    assert "请至少选择一位收件人" in page.text
    assert "没有“天气”这个筛选条件" in page.text
    form = page.form("/schedule").fill(query="")
    form.values["recipients"] = str(drafting.officers["watcher"].id)
    assert "没有查看摘要的权限" in browser.press(form, status=422).text
    with database.reading() as session:
        assert session.exec(select(DigestSchedule)).all() == []


def test_who_left_or_lost_the_permission_gets_no_mail(
    drafting: Office, database: Database, with_mail: Settings, clock: Clock, session: Session
) -> None:
    schedule = DigestSchedule(
        consultation_id=drafting.consultation.id or 0,
        frequency=Frequency.DAILY,
        attachment="pdf",
        changed_at=clock(),
    )
    session.add(schedule)
    session.flush()
    for name in ("drafter", "helper", "watcher"):
        officer_id = drafting.officers[name].id or 0
        session.add(DigestRecipient(schedule_id=schedule.id or 0, officer_id=officer_id))
    drafting.officers["helper"].deactivated_at = clock()
    session.add(drafting.officers["helper"])
    session.commit()
    clock.advance(days=2)
    assert scheduling.order_due(database, now=clock()) == 1
    assert scheduling.order_due(database, now=clock()) == 0
    making.make_due(database, with_mail, clock=clock)
    assert [to for to, _ in mails(database, with_mail)] == ["drafter@bureau.example"]


def test_nothing_is_sent_before_it_opens_or_after_the_answer(
    drafting: Office, database: Database, clock: Clock, session: Session
) -> None:
    session.add(
        DigestSchedule(
            consultation_id=drafting.consultation.id or 0,
            frequency=Frequency.DAILY,
            changed_at=clock(),
        )
    )
    opens_at = drafting.consultation.opens_at
    drafting.consultation.opens_at = clock() + 9 * DAY
    session.add(drafting.consultation)
    session.commit()
    assert scheduling.order_due(database, now=clock() + DAY) == 0
    drafting.consultation.opens_at = opens_at
    session.add(drafting.consultation)
    session.commit()
    assert scheduling.order_due(database, now=clock() + DAY) == 1
    with database.reading() as reading:
        assert len(reading.exec(select(DigestOrder)).all()) == 1


# --- The outcome ---------------------------------------------------------------------------------


def with_address(office: Office, comment: Comment, address: str) -> Submission:
    sealed = sealing.seal(office.settings.secret(), address)
    office.session.add(Contact(submission_id=comment.submission_id, sealed_email=sealed))
    office.session.commit()
    return office.session.get_one(Submission, comment.submission_id)


def publish(office: Office, now: datetime) -> None:
    officer = office.officers["drafter"]
    session = office.session
    reporting.finalise_report(
        session, office.consultation, letter=Letter(), secret=None, officer=officer, now=now
    )
    reporting.publish_outcome(
        session,
        office.consultation,
        narrative="已逐条研究。",
        officer=officer,
        despite_doubts=True,
        now=now,
    )
    session.commit()


def test_participants_are_told_once_with_their_own_receipt(
    drafting: Office, database: Database, with_mail: Settings, session: Session, clock: Clock
) -> None:
    texts = {
        "told": "一。",
        "erased": "二。",
        "withdrawn": "三。",
        "flood": "四。",
        "silent": "五。",
    }
    said = {name: drafting.receive(text) for name, text in texts.items()}
    for comment in (*said.values(), *session.exec(select(Comment))):
        if comment.masked_text is None:
            drafting.read(comment, "t1")
    for name in ("told", "erased", "withdrawn", "flood"):
        with_address(drafting, said[name], f"{name}@mail.example")
    for comment in session.exec(select(Comment)).all():
        answer(drafting, comment)
    submissions.erase_contact(
        session, session.get_one(Submission, said["erased"].submission_id), now=MONDAY
    )
    session.get_one(Submission, said["withdrawn"].submission_id).withdrawn_at = MONDAY
    session.get_one(Submission, said["flood"].submission_id).is_quarantined = True
    session.commit()
    assert telling.tell_participants(database, with_mail, now=clock()) == 0  # Not published yet.
    publish(drafting, clock())
    assert telling.tell_participants(database, drafting.settings, now=clock()) == 0  # No server.
    with database.reading() as reading:
        told = telling.told_of(reading, drafting.consultation, now=clock())
        assert (told.told_count, told.waiting_count) == (0, 1)
    clock.advance(minutes=5)
    assert telling.tell_participants(database, with_mail, now=clock()) == 1
    [(to, text)] = mails(database, with_mail)
    assert to == "told@mail.example"
    own = session.get_one(Submission, said["told"].submission_id)
    assert f"https://zhengxun.example/receipts/{own.receipt_code}/{own.receipt_token}" in text
    assert drafting.consultation.title in text
    publish(drafting, clock())  # Published anew: nobody is told again.
    clock.advance(minutes=5)
    assert telling.tell_participants(database, with_mail, now=clock()) == 0
    assert len(mails(database, with_mail)) == 1
    with database.reading() as reading:
        assert [r.submission_id for r in reading.exec(select(OutcomeTold))] == [own.id]


def test_old_news_is_not_told(
    drafting: Office, database: Database, with_mail: Settings, session: Session, clock: Clock
) -> None:
    comment = session.exec(select(Comment)).one()
    with_address(drafting, comment, "late@mail.example")
    answer(drafting, comment)
    publish(drafting, clock())
    assert telling.tell_participants(database, with_mail, now=clock() + 61 * DAY) == 0
    assert telling.tell_participants(database, with_mail, now=clock() + 59 * DAY) == 1
