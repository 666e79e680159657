"""Posting a message, and sending what is due.

A message is posted in the transaction that causes it, so there is no answer without a mail and no
mail without an answer. Each has a key that says what it tells whom: posting the same key again
does nothing, so nobody is told twice, whatever runs twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete

from backend.kit import sealing
from backend.kit.settings import Settings
from backend.mail import queries, rules
from backend.models import MailState, OutgoingAttachment, OutgoingMail


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file to go with a message."""

    name: str
    media_type: str
    content: bytes


def post(
    session: Session,
    settings: Settings,
    *,
    to: str,
    subject: str,
    text: str,
    key: str,
    now: datetime,
    attachments: Sequence[MailFile] = (),
    in_reply_to: str | None = None,
) -> OutgoingMail | None:
    """Write one message to be sent; None when this `key` was posted before or `to` is no address.

    `in_reply_to` is the Message-ID this answers: it makes the message an automatic reply, which
    other machines do not answer again (RFC 3834).
    """
    if not rules.is_address(to) or queries.by_key(session, key) is not None:
        return None
    secret = settings.secret()
    mail = OutgoingMail(
        key=key,
        sealed_to=sealing.seal(secret, to),
        sealed_text=sealing.seal(secret, text),
        subject=rules.header_line(subject),
        in_reply_to=rules.header_line(in_reply_to) if in_reply_to else None,
        next_try_at=now,
        created_at=now,
    )
    session.add(mail)
    session.flush()
    assert mail.id is not None
    for file in attachments:
        session.add(
            OutgoingAttachment(
                mail_id=mail.id,
                file_name=rules.header_line(file.name),
                media_type=file.media_type,
                content=file.content,
            )
        )
    return mail


def claim(session: Session, *, now: datetime) -> OutgoingMail | None:
    """Take the next message that is due; for a while no other process will try it."""
    mail = queries.next_due(session, now)
    if mail is not None:
        mail.tries += 1
        mail.next_try_at = now + rules.LEASE
        session.add(mail)
    return mail


def record_sent(session: Session, mail_id: int, *, now: datetime) -> None:
    """Note that the server took it, and forget address, text and files."""
    _finish(session, queries.by_id(session, mail_id), MailState.SENT, now)


def record_failure(
    session: Session, mail_id: int, reason: str, *, is_final: bool, now: datetime
) -> None:
    """Note why it could not be sent; try later, or give up and keep only the reason."""
    mail = queries.by_id(session, mail_id)
    mail.last_error = reason[:500]
    wait = rules.wait_after(mail.tries)
    if is_final or wait is None or now - mail.created_at > rules.KEPT_FOR:
        _finish(session, mail, MailState.FAILED, now)
    else:
        mail.next_try_at = now + wait
        session.add(mail)


def give_up_old(session: Session, *, now: datetime) -> int:
    """Give up what waited too long (no mail server was set); returns how many."""
    old = queries.waiting_since_before(session, now - rules.KEPT_FOR)
    for mail in old:
        mail.last_error = mail.last_error or "在期限内没有可用的邮件服务器"
        _finish(session, mail, MailState.FAILED, now)
    return len(old)


def _finish(session: Session, mail: OutgoingMail, state: MailState, now: datetime) -> None:
    mail.state, mail.finished_at = state, now
    mail.sealed_to = mail.sealed_text = None
    session.add(mail)
    session.exec(delete(OutgoingAttachment).where(col(OutgoingAttachment.mail_id) == mail.id))
