"""Reads of the incoming mail."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from backend.models import (
    Comment,
    Consultation,
    Contact,
    IncomingMail,
    IncomingState,
    MailboxPosition,
    Stage,
)

PAGE = 50


def by_hash(session: Session, organisation_id: int, sha256: str) -> IncomingMail | None:
    """The message with these bytes, if it came before."""
    return session.exec(
        select(IncomingMail).where(
            IncomingMail.organisation_id == organisation_id, IncomingMail.sha256 == sha256
        )
    ).one_or_none()


def by_id(session: Session, organisation_id: int, mail_id: int) -> IncomingMail | None:
    """A message of this organisation."""
    mail = session.get(IncomingMail, mail_id)
    return mail if mail is not None and mail.organisation_id == organisation_id else None


def answered(session: Session, organisation_id: int, message_ids: Sequence[str]) -> int | None:
    """The newest message that one with these references goes on from (ours or the sender's)."""
    if not message_ids:
        return None
    wanted = list(message_ids[-20:])
    return session.exec(
        select(IncomingMail.id)
        .where(
            IncomingMail.organisation_id == organisation_id,
            or_(
                col(IncomingMail.message_id).in_(wanted),
                col(IncomingMail.reply_message_id).in_(wanted),
            ),
        )
        .order_by(col(IncomingMail.id).desc())
        .limit(1)
    ).first()


def registered_like(session: Session, mail: IncomingMail) -> IncomingMail | None:
    """A registered message with the same Message-ID, or the same words of the same sender."""
    same = [IncomingMail.content_hash == mail.content_hash]
    if mail.message_id:
        same.append(IncomingMail.message_id == mail.message_id)
    return session.exec(
        select(IncomingMail)
        .where(
            IncomingMail.organisation_id == mail.organisation_id,
            IncomingMail.consultation_id == mail.consultation_id,
            IncomingMail.state == IncomingState.REGISTERED,
            or_(*same),
        )
        .limit(1)
    ).first()


def mails_since(session: Session, mail: IncomingMail, moment: datetime) -> int:
    """How many messages of this sender were taken in since, this one left out."""
    return session.exec(
        select(func.count())
        .select_from(IncomingMail)
        .where(
            IncomingMail.sender_hash == mail.sender_hash,
            IncomingMail.taken_in_at >= moment,
            IncomingMail.sha256 != mail.sha256,
        )
    ).one()


def published_consultations(session: Session, organisation_id: int) -> list[Consultation]:
    """Every consultation of an organisation that was ever public."""
    return list(
        session.exec(
            select(Consultation)
            .where(
                Consultation.organisation_id == organisation_id, Consultation.stage != Stage.DRAFT
            )
            .order_by(col(Consultation.id).desc())
        )
    )


def of_erased_senders(session: Session) -> list[IncomingMail]:
    """Messages that still lie here though their sender's personal data was erased."""
    return list(
        session.exec(
            select(IncomingMail)
            .join(Contact, col(Contact.submission_id) == col(IncomingMail.submission_id))
            .where(col(Contact.erased_at).is_not(None), col(IncomingMail.erased_at).is_(None))
        )
    )


def listed(
    session: Session, organisation_id: int, state: IncomingState | None, page: int
) -> list[IncomingMail]:
    """One page of messages, the newest first; one more than a page when there is a next."""
    query = select(IncomingMail).where(IncomingMail.organisation_id == organisation_id)
    if state is not None:
        query = query.where(IncomingMail.state == state)
    newest = query.order_by(col(IncomingMail.arrived_at).desc(), col(IncomingMail.id).desc())
    return list(session.exec(newest.offset((page - 1) * PAGE).limit(PAGE + 1)))


def counts(session: Session, organisation_id: int) -> dict[IncomingState, int]:
    """How many messages stand in each state."""
    rows = session.exec(
        select(IncomingMail.state, func.count())
        .where(IncomingMail.organisation_id == organisation_id)
        .group_by(IncomingMail.state)
    ).all()
    return {IncomingState(state): count for state, count in rows}


def position(session: Session, mailbox: str) -> MailboxPosition | None:
    """How far this mailbox was read."""
    return session.exec(
        select(MailboxPosition).where(MailboxPosition.mailbox == mailbox)
    ).one_or_none()


def consultation(session: Session, organisation_id: int, slug: str) -> Consultation:
    """A published consultation of this organisation; raises ValueError when there is none."""
    found = [row for row in published_consultations(session, organisation_id) if row.slug == slug]
    if not found:
        raise ValueError(f"没有已经发布的征询“{slug}”。")
    return found[0]


def titles(session: Session, mails: Sequence[IncomingMail]) -> dict[int, str]:
    """The title of every consultation these messages belong to."""
    ids = {mail.consultation_id for mail in mails if mail.consultation_id is not None}
    query = select(Consultation.id, Consultation.title).where(col(Consultation.id).in_(ids))
    return {key: title for key, title in session.exec(query) if key is not None}


def comment_path(session: Session, submission_id: int | None) -> str | None:
    """The desk's page of the first opinion in a submission."""
    found = session.exec(
        select(Consultation.slug, Comment.id)
        .join(Comment, col(Comment.consultation_id) == col(Consultation.id))
        .where(Comment.submission_id == submission_id)
        .order_by(col(Comment.ordinal))
        .limit(1)
    ).first()
    return f"/desk/consultations/{found[0]}/comments/{found[1]}" if found else None
