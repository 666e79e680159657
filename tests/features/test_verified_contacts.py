"""核实: only the opinions of senders with a verified contact are published, and none is lost."""

import pytest
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.models import (
    AuditEntry,
    Channel,
    Comment,
    Contact,
    OutgoingMail,
    PlanVersion,
    Role,
    Screening,
)
from backend.plans import service as plans
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.features.publishing import publish
from tests.page import Browser, Page

PUBLISHES = {"publishes_comments": True, "requires_verified_contact": True}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"mail_host": "localhost"})


def _send(client: Browser, **typed: str) -> Page:
    page = client.open("/consultations/qinglan/comment?about=p1")
    page = client.press(page.form("/comment").fill(text="食堂要五十处，三十处不够。", **typed))
    return client.press(page.form("/send"))


def _fresh(session: Session) -> Contact:
    session.rollback()
    session.expire_all()
    return session.exec(select(Contact)).one()


def test_the_link_of_the_receipt_mail_verifies_after_a_button(
    client: Browser, session: Session, settings: Settings
) -> None:
    publish(session, **PUBLISHES)
    receipt = _send(client, email="wang@example.com", wants_receipt="1")
    assert "只公开联系方式经过核实的" in receipt.text
    mail = session.exec(select(OutgoingMail)).one()
    text = unseal(settings.secret(), mail.sealed_text or "") or ""
    link = next(word for word in text.replace("：", " ").split() if "/verify/" in word)
    path = "/receipts" + link.split("/receipts")[1]
    page = client.open(path)
    assert _fresh(session).verified_at is None, "a mail program that opens links changes nothing"
    page = client.press(page.form())
    assert "已经核实" in page.text
    assert _fresh(session).verified_how == "邮件链接"


def test_nobody_verifies_without_the_mail(client: Browser, session: Session) -> None:
    publish(session, **PUBLISHES)
    receipt = _send(client, email="wang@example.com")
    forged = client.open(f"{receipt.path}/verify/{'0' * 32}")
    client.press(forged.form(), status=404)
    assert _fresh(session).verified_at is None
    client.press(client.open(receipt.path).form("/erase-contact"))
    client.press(forged.form(), status=404)


def test_a_consultation_that_publishes_nothing_asks_nobody(
    client: Browser, session: Session, settings: Settings
) -> None:
    publish(session)
    receipt = _send(client, email="wang@example.com", wants_receipt="1")
    assert "核实" not in receipt.text
    mail = session.exec(select(OutgoingMail)).one()
    assert "verify" not in (unseal(settings.secret(), mail.sealed_text or "") or "")


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.LETTER])
def test_the_desk_publishes_only_what_came_with_a_verified_contact(
    office: Office, sign_in: SignIn, session: Session, channel: Channel
) -> None:
    office.consultation.publishes_comments = True
    reachable = office.receive("公园要有遮阴。", channel=channel, contact_phone="13800000000")
    silent = office.receive("公园要有座椅。", channel=channel)
    for comment in (reachable, silent):
        office.read(comment, "t1")
    session.commit()
    browser = sign_in("shen")

    def publish_it(comment: Comment, status: int = 200) -> Page:
        form = browser.open(f"{office.path}/comments/{comment.id}").form("/screen")
        form.values["publish"] = "true"
        return browser.press(form, status=status)

    assert "没有留下联系方式" in publish_it(silent, status=422).text
    assert "还没有核实" in publish_it(reachable, status=422).text
    form = browser.open(f"{office.path}/comments/{reachable.id}").form("/verify-contact")
    browser.press(form.fill(how=""), status=422)
    page = browser.press(form.fill(how="已电话核实"))
    assert "已电话核实" in page.text
    publish_it(reachable)
    session.rollback()
    session.expire_all()
    assert session.get_one(Comment, reachable.id).screening is Screening.PUBLISHED
    assert session.get_one(Comment, silent.id).screening is Screening.PENDING
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "contact.verify")).one()
    assert (entry.subject_id, entry.details) == (reachable.submission_id, {"how": "已电话核实"})
    assert audit.verify(session) == []


def test_a_letter_counts_as_verified_only_when_the_clerk_says_how(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.consultation.publishes_comments = True
    office.hire("hanxm", Role.CLERK)
    version = session.get_one(PlanVersion, office.plan_version_id)
    plans.confirm(session, version, None, now=version.created_at)
    session.commit()
    browser = sign_in("hanxm")
    for how in ("", "当面核对"):
        form = browser.open(f"{office.path}/registry/entry").form("/entry")
        form.fill(**{"text-0": f"多种树{how}", "phone": f"1380000000{len(how)}"})
        form.values["verified_how"] = how
        form.values["action"] = "save"
        browser.press(form)
    form = browser.open(f"{office.path}/registry/entry").form("/entry")
    form.fill(**{"text-0": "无名来信"})
    form.values |= {"verified_how": "已电话核实", "action": "save"}
    assert "没有填写联系方式" in browser.press(form, status=422).text
    session.rollback()
    contacts = session.exec(select(Contact).order_by(col(Contact.id))).all()
    assert [(one.verified_how, one.verified_at is not None) for one in contacts] == [
        ("", False),
        ("当面核对", True),
    ]
