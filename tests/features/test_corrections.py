"""更正: a sender writes an opinion anew until closing, and nothing that was said is lost."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from backend import jobs
from backend.kit.db import Database
from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.models import (
    Assessment,
    Comment,
    Consultation,
    Handling,
    OutgoingMail,
    Screening,
    Submission,
)
from tests.conftest import Clock
from tests.features.publishing import publish
from tests.page import Browser, Page


@pytest.fixture
def consultation(session: Session) -> Consultation:
    return publish(session)


def _send(client: Browser, text: str, **contact: str) -> Page:
    """A whole sending on the web; ends on the receipt."""
    page = client.open("/consultations/qinglan/comment?about=p1")
    page = client.press(page.form("/comment").fill(text=text, **contact))
    return client.press(page.form("/send"))


def _comments(session: Session) -> list[Comment]:
    session.rollback()
    session.expire_all()
    return list(session.exec(select(Comment).order_by(col(Comment.id))))


def _correct(client: Browser, receipt: Page, text: str, *, status: int = 200) -> Page:
    page = client.open(f"{receipt.path}/correct")
    [field] = [area.get("name") for area in page.all("textarea")]
    return client.press(page.form("/correct").fill(**{str(field): text}), status=status)


def test_the_new_words_take_the_place_of_the_old(
    client: Browser, session: Session, consultation: Consultation,
    database: Database, settings: Settings,
) -> None:  # fmt: skip
    receipt = _send(client, "食堂要三十处，不够。")
    jobs.run_now("assess", database, settings)
    [first] = _comments(session)
    first.handling, first.screening = Handling.ASSIGNED, Screening.PUBLISHED
    session.add(first)
    session.commit()

    page = _correct(client, receipt, "食堂要五十处，三十处不够。")
    assert "食堂要五十处" in page.text and "食堂要三十处，不够" not in page.text
    before, after = _comments(session)
    assert (before.is_current, after.is_current) == (False, True)
    assert (before.text, after.text) == ("食堂要三十处，不够。", "食堂要五十处，三十处不够。")
    assert after.corrects_id == before.id
    assert (after.anchor_key, after.handling) == ("p1", Handling.ASSIGNED)
    assert after.screening is Screening.PENDING, "nobody has screened these words"
    assert after.masked_text is None

    jobs.run_now("assess", database, settings)
    session.rollback()
    read = session.exec(select(Assessment.comment_id)).all()
    assert after.id in read, "the machine reads the new words"
    assert client.open("/consultations/qinglan").text.count("1件1条") == 1


def test_saving_unchanged_words_changes_nothing(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    receipt = _send(client, "食堂要三十处，不够。")
    _correct(client, receipt, "食堂要三十处，不够。")
    assert len(_comments(session)) == 1


def test_what_cannot_be_accepted_comes_back_as_typed(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    receipt = _send(client, "食堂要三十处，不够。")
    long = "啊" * 5001
    page = _correct(client, receipt, long, status=422)
    assert page.title.startswith("错误：")
    assert page.one("textarea").text_content().strip() == long
    assert "请写下您的意见" in _correct(client, receipt, " ", status=422).text
    assert len(_comments(session)) == 1


@pytest.mark.parametrize("obstacle", ["closed", "decided", "withdrawn", "merged"])
def test_it_ends_with_closing_and_with_a_decision(
    client: Browser, session: Session, consultation: Consultation, clock: Clock, obstacle: str
) -> None:
    receipt = _send(client, "食堂要三十处，不够。")
    opened = client.open(f"{receipt.path}/correct")
    [comment] = _comments(session)
    submission = session.get_one(Submission, comment.submission_id)
    if obstacle == "closed":
        assert consultation.closes_at is not None
        clock.now = consultation.closes_at + timedelta(days=1)
    elif obstacle == "withdrawn":
        submission.withdrawn_at = clock()
    elif obstacle == "merged":
        comment.handling = Handling.MERGED
    else:
        comment.handling = Handling.DECIDED
    session.add_all([comment, submission])
    session.commit()
    [field] = [area.get("name") for area in opened.all("textarea")]
    client.press(opened.form("/correct").fill(**{str(field): "改过的话"}))
    assert [row.text for row in _comments(session)] == ["食堂要三十处，不够。"]
    assert "更正意见" not in client.open(receipt.path).text


def test_nobody_else_can_correct(
    client: Browser, session: Session, consultation: Consultation
) -> None:
    receipt = _send(client, "食堂要三十处，不够。")
    wrong = receipt.path.rsplit("/", 1)[0] + "/AAAAAAAAAAAAAAAAAAAAAA/correct"
    client.open(wrong, status=404)


def test_the_receipt_goes_by_mail_when_asked(
    app_with_mail: Browser, session: Session, consultation: Consultation, settings: Settings
) -> None:
    _send(app_with_mail, "不要回执。", email="a@example.com")
    assert session.exec(select(OutgoingMail)).all() == []
    session.rollback()
    _send(app_with_mail, "食堂要三十处。", email="wang@example.com", wants_receipt="1")
    [mail] = session.exec(select(OutgoingMail)).all()
    assert unseal(settings.secret(), mail.sealed_to or "") == "wang@example.com"
    submission = session.exec(select(Submission).order_by(col(Submission.id).desc())).first()
    assert submission is not None
    text = unseal(settings.secret(), mail.sealed_text or "") or ""
    assert submission.receipt_token in text and submission.look_up_code in text


@pytest.fixture
def app_with_mail(client: Browser) -> Browser:
    """A site that can send mail."""
    state = client.app.state  # type: ignore[attr-defined, unused-ignore]
    state.settings = state.settings.model_copy(update={"mail_host": "mail.example"})
    return client


def test_an_address_is_needed_for_a_receipt_by_mail(
    app_with_mail: Browser, consultation: Consultation
) -> None:
    page = app_with_mail.open("/consultations/qinglan/comment?about=p1")
    form = page.form("/comment").fill(text="食堂要三十处。", wants_receipt="1")
    assert "请填写接收回执的电子邮箱" in app_with_mail.press(form, status=422).text


def test_a_site_without_mail_does_not_offer_it(client: Browser, consultation: Consultation) -> None:
    page = client.open("/consultations/qinglan/comment?about=p1")
    assert not page.all("input[name=wants_receipt]")
