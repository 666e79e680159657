"""One person through three channels is counted once and shown as three; never by name alone."""

from dataclasses import replace

import pytest
from sqlmodel import Session, col, select

from backend.digests import service as digests
from backend.digests.validation import validate
from backend.models import (
    Channel,
    Comment,
    Contact,
    Role,
    Submission,
)
from backend.submissions import people, service
from backend.submissions.forms import Point, Sender
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office
from tests.page import Browser


def send(
    office: Office, text: str, channel: Channel, *, points: int = 1, **sender: str
) -> Submission:
    """One sending by whatever channel, read by the machine."""
    submission = service.register(
        office.session,
        office.consultation,
        [Point(text=f"{text}（{n}）") for n in range(points)],
        Sender(**sender),
        channel=channel,
        key=f"{text}-{channel}",
        secret=office.settings.secret(),
        now=MONDAY,
    )
    for comment in office.session.exec(
        select(Comment).where(Comment.submission_id == submission.id)
    ).all():
        office.read(comment)
    return submission


@pytest.fixture
def three(office: Office) -> list[Submission]:
    """One person by web, letter and telephone (linked by number and by address), and others."""
    found = [
        send(office, "网上说", Channel.WEB, phone="13800000001", name="张三"),
        send(office, "信里说", Channel.LETTER, points=3, phone="+86 138 0000 0001",
             email="Zhang@example.com"),
        send(office, "电话里说", Channel.HOTLINE, email="zhang@EXAMPLE.com"),
    ]  # fmt: skip
    send(office, "同名的另一位", Channel.WEB, name="张三", phone="13800000009")
    send(office, "没有留联系方式", Channel.WEB)
    send(office, "也没有留", Channel.MEETING)
    office.session.commit()
    return found


def test_counted_once_shown_as_three(
    office: Office, three: list[Submission], session: Session
) -> None:
    same = people.same_person(session, office.consultation.id or 0)
    assert same == {row.id: three[0].id for row in three}
    assert people.others_of(session, three[1]) == [three[0].id, three[2].id]


def test_people_sendings_and_points_add_up_everywhere(
    office: Office, three: list[Submission], sign_in: SignIn, session: Session
) -> None:
    browser = sign_in("shen")
    assert "共收到 4人6件8条" in browser.open(office.path).text_of("#totals")
    assert "4人6件8条" in browser.open("/desk").text.replace(" ", "")
    digest = digests.compile(session, office.consultation, now=MONDAY)
    assert digest.overview.counted == "4人6件8条"
    assert list(validate(session, office.consultation, digest)) == []
    wrong = replace(digest, overview=replace(digest.overview, person_count=6))
    assert any("提交人数" in fault for fault in validate(session, office.consultation, wrong))
    report = browser.open(f"{office.path}/digests/report").text
    assert "4人6件8条" in report


def test_the_desk_shows_the_other_sendings(
    office: Office, three: list[Submission], sign_in: SignIn, session: Session
) -> None:
    comment = session.exec(select(Comment).where(Comment.submission_id == three[2].id)).one()
    page = sign_in("shen").open(f"{office.path}/comments/{comment.id}")
    assert "同一人另有2件" in page.text
    assert "网站，2026年11月16日" in page.text and "信函，2026年11月16日" in page.text


def test_a_department_sees_that_there_are_others_but_not_what_they_say(
    office: Office, three: list[Submission], sign_in: SignIn, session: Session
) -> None:
    office.hire("jt", Role.DEPARTMENT, department="交通局")
    comment = session.exec(select(Comment).where(Comment.submission_id == three[2].id)).one()
    comment.assigned_department_id = office.departments["交通局"].id
    session.add(comment)
    session.commit()
    other = session.exec(select(Comment.id).where(Comment.submission_id == three[0].id)).one()
    page = sign_in("jt").open(f"{office.path}/comments/{comment.id}")
    assert "同一人另有2件" in page.text and f"/comments/{other}" not in page.html
    assert not page.all("#totals")


def test_erasure_takes_the_hashes_and_withdrawal_the_count(
    office: Office, three: list[Submission], session: Session
) -> None:
    consultation_id = office.consultation.id or 0
    service.erase_contact(session, three[1], now=MONDAY)
    session.commit()
    contact = session.exec(select(Contact).where(Contact.submission_id == three[1].id)).one()
    assert (contact.phone_hash, contact.email_hash) == (None, None)
    assert people.same_person(session, consultation_id) == {}, "only the letter linked the two"
    service.withdraw(session, three[0], now=MONDAY)
    session.commit()
    assert people.company(session, [consultation_id]) == {}


def test_another_consultation_is_another_count(
    office: Office, three: list[Submission], session: Session
) -> None:
    from tests.features.office import found

    other = found(session, office.settings, slug="elsewhere")
    send(other, "别处说", Channel.WEB, phone="13800000001")
    session.commit()
    assert people.same_person(session, other.consultation.id or 0) == {}
    ids = session.exec(select(Submission.id).order_by(col(Submission.id))).all()
    assert len(ids) == 7


def test_hashes_say_nothing_without_the_key(office: Office, three: list[Submission]) -> None:
    rows = office.session.exec(select(Contact)).all()
    assert all("1380000" not in str(row.model_dump()) for row in rows)


def test_a_browser_sees_no_person_count_in_public(
    office: Office, three: list[Submission], client: Browser
) -> None:
    assert "4人" not in client.open(f"/consultations/{office.consultation.slug}").text
