"""Outgoing mail over a real SMTP server: once per occasion, kept while the server is away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, func, select, update

from backend import jobs
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail import jobs as _registered  # noqa: F401
from backend.mail import queries
from backend.mail.service import MailFile, post
from backend.models import MailState, OutgoingAttachment, OutgoingMail
from tests.features.smtp import PostOffice, post_office

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RESIDENT = "wang.fang@example.com"


@pytest.fixture
def arrivals() -> Iterator[PostOffice]:
    with post_office() as office:
        yield office


@pytest.fixture
def sending(settings: Settings, arrivals: PostOffice) -> Settings:
    """Settings of an installation that sends through that server."""
    return settings.model_copy(
        update={
            "mail_host": "127.0.0.1",
            "mail_port": arrivals.port,
            "mail_security": "none",
            "mail_from": "临江区征询 <zhengxun@linjiang.example>",
        }
    )


def _post(
    session: Session,
    settings: Settings,
    *,
    to: str = RESIDENT,
    key: str = "receipt:1",
    subject: str = "您的意见已收到（受理编号 ABCD-EFGH）",
    attachments: tuple[MailFile, ...] = (),
    in_reply_to: str | None = None,
) -> OutgoingMail | None:
    mail = post(
        session,
        settings,
        to=to,
        subject=subject,
        text="王女士：\n您好！您的意见已经登记。\n",
        key=key,
        now=utc_now(),
        attachments=attachments,
        in_reply_to=in_reply_to,
    )
    session.commit()
    return mail


def _send(database: Database, settings: Settings) -> None:
    jobs.run_now("send-mail", database, settings)


def _all(session: Session) -> list[OutgoingMail]:
    session.rollback()
    session.expire_all()
    return list(session.exec(select(OutgoingMail).order_by(col(OutgoingMail.id))))


def test_a_message_arrives_once_and_leaves_nothing_personal(
    session: Session, database: Database, sending: Settings, arrivals: PostOffice
) -> None:
    report = MailFile("意见摘要（第1期）.pdf", "application/pdf", b"%PDF-1.7 ...")
    assert _post(session, sending, attachments=(report,)) is not None
    assert _post(session, sending) is None, "the same occasion twice"
    _send(database, sending)
    _send(database, sending)

    [message] = arrivals.messages
    assert arrivals.recipients == [RESIDENT]
    assert message["Subject"] == "您的意见已收到（受理编号 ABCD-EFGH）"
    assert "临江区征询" in message["From"]
    assert message["Auto-Submitted"] == "auto-generated"
    body = message.get_body(("plain",))
    assert body is not None and "您的意见已经登记" in body.get_content()
    [file] = message.iter_attachments()
    assert file.get_filename() == "意见摘要（第1期）.pdf"
    assert file.get_content() == b"%PDF-1.7 ..."

    [mail] = _all(session)
    assert (mail.state, mail.sealed_to, mail.sealed_text) == (MailState.SENT, None, None)
    assert session.exec(select(func.count()).select_from(OutgoingAttachment)).one() == 0


def test_address_and_text_wait_sealed(session: Session, settings: Settings) -> None:
    _post(session, settings)
    [mail] = _all(session)
    assert RESIDENT not in (mail.sealed_to or "")
    assert "登记" not in (mail.sealed_text or "")


def test_a_server_that_is_away_loses_nothing(
    session: Session, database: Database, sending: Settings, arrivals: PostOffice
) -> None:
    _post(session, sending)
    _post(session, sending, key="receipt:2")
    away = sending.model_copy(update={"mail_port": 1})
    _send(database, away)
    first, second = _all(session)
    assert (first.state, first.tries, second.tries) == (MailState.PENDING, 1, 0)
    assert "连不上邮件服务器" in (first.last_error or "")
    assert first.next_try_at > utc_now() + timedelta(minutes=1)

    session.exec(update(OutgoingMail).values(next_try_at=NOW - timedelta(days=400)))
    session.commit()
    _send(database, sending)
    assert len(arrivals.messages) == 2
    assert {mail.state for mail in _all(session)} == {MailState.SENT}


@pytest.mark.parametrize(
    ("answer", "state"),
    [("550 no such user", MailState.FAILED), ("451 try later", MailState.PENDING)],
)
def test_a_refused_address_stops_only_itself(
    session: Session,
    database: Database,
    sending: Settings,
    arrivals: PostOffice,
    answer: str,
    state: MailState,
) -> None:
    arrivals.refused["gone@example.com"] = answer
    _post(session, sending, to="gone@example.com")
    _post(session, sending, key="receipt:2")
    _send(database, sending)
    assert arrivals.recipients == [RESIDENT]
    refused, sent = _all(session)
    assert (refused.state, sent.state) == (state, MailState.SENT)
    assert answer[4:] in (refused.last_error or "")
    session.rollback()
    outbox = queries.outbox(session)
    assert outbox.sent_count == 1
    assert (outbox.failed_count == 1) == (state is MailState.FAILED)


def test_without_a_server_messages_grow_old_and_are_given_up(
    session: Session, database: Database, settings: Settings
) -> None:
    _post(session, settings)
    _send(database, settings)
    assert [mail.state for mail in _all(session)] == [MailState.PENDING]
    session.exec(update(OutgoingMail).values(created_at=utc_now() - timedelta(days=8)))
    session.commit()
    _send(database, settings)
    [mail] = _all(session)
    assert (mail.state, mail.sealed_to) == (MailState.FAILED, None)


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com",
     "<a@example.com>", "张三@example.com", "a@" + "x" * 300 + ".com"],
)  # fmt: skip
def test_what_is_no_single_address_gets_no_mail(
    session: Session, settings: Settings, address: str
) -> None:
    assert _post(session, settings, to=address) is None
    assert _all(session) == []


def test_a_subject_cannot_add_a_header(
    session: Session, database: Database, sending: Settings, arrivals: PostOffice
) -> None:
    _post(session, sending, subject="结果公开\r\nBcc: spy@example.com\u2028X-Evil: 1")
    _send(database, sending)
    [message] = arrivals.messages
    assert message["Bcc"] is None and message["X-Evil"] is None
    assert arrivals.recipients == [RESIDENT]


def test_a_reply_says_that_a_machine_wrote_it(
    session: Session, database: Database, sending: Settings, arrivals: PostOffice
) -> None:
    _post(session, sending, in_reply_to="<abc@mail.example.com>")
    _send(database, sending)
    [message] = arrivals.messages
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["In-Reply-To"] == "<abc@mail.example.com>"


def test_a_certificate_nobody_vouches_for_is_refused(
    session: Session, database: Database, sending: Settings, arrivals: PostOffice
) -> None:
    _post(session, sending)
    _send(database, sending.model_copy(update={"mail_security": "tls"}))
    assert arrivals.messages == []
    assert [mail.state for mail in _all(session)] == [MailState.PENDING]
