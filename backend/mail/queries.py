"""Reads of the outgoing mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.models import MailState, OutgoingAttachment, OutgoingMail


@dataclass(frozen=True, slots=True)
class Outbox:
    """How many messages stand where, and the last reason one was given up."""

    pending_count: int
    sent_count: int
    failed_count: int
    last_error: str | None


def by_id(session: Session, mail_id: int) -> OutgoingMail:
    """The message of this id."""
    return session.exec(select(OutgoingMail).where(OutgoingMail.id == mail_id)).one()


def by_key(session: Session, key: str) -> OutgoingMail | None:
    """The message that was posted for this occasion, if one was."""
    return session.exec(select(OutgoingMail).where(OutgoingMail.key == key)).one_or_none()


def next_due(session: Session, now: datetime) -> OutgoingMail | None:
    """The longest waiting message whose time has come; locked against other processes."""
    return session.exec(
        select(OutgoingMail)
        .where(OutgoingMail.state == MailState.PENDING, col(OutgoingMail.next_try_at) <= now)
        .order_by(col(OutgoingMail.next_try_at), col(OutgoingMail.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def waiting_since_before(session: Session, moment: datetime) -> list[OutgoingMail]:
    """Messages posted before a moment that are still waiting."""
    return list(
        session.exec(
            select(OutgoingMail).where(
                OutgoingMail.state == MailState.PENDING, col(OutgoingMail.created_at) < moment
            )
        )
    )


def attachments(session: Session, mail_id: int) -> list[OutgoingAttachment]:
    """The files that go with a message, in the order they were added."""
    return list(
        session.exec(
            select(OutgoingAttachment)
            .where(OutgoingAttachment.mail_id == mail_id)
            .order_by(col(OutgoingAttachment.id))
        )
    )


def outbox(session: Session) -> Outbox:
    """The counts for the system page and `zhengxun doctor`."""
    rows = session.exec(select(OutgoingMail.state, func.count()).group_by(OutgoingMail.state)).all()
    counts: dict[MailState, int] = {MailState(state): count for state, count in rows}
    last_error = session.exec(
        select(OutgoingMail.last_error)
        .where(OutgoingMail.state == MailState.FAILED)
        .order_by(col(OutgoingMail.finished_at).desc())
        .limit(1)
    ).first()
    return Outbox(
        counts.get(MailState.PENDING, 0),
        counts.get(MailState.SENT, 0),
        counts.get(MailState.FAILED, 0),
        last_error,
    )
