"""E-mail: what the installation sends, written with the change that causes it and sent by a job;
and what arrives, every message kept as it came."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Column, Field

from backend.models.columns import Table, choice, moment


class MailState(StrEnum):
    """Where one outgoing message stands; a failed one was given up and is shown to the operator."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMail(Table, table=True):
    """One message to one address. Address and text are sealed, and gone once it is sent."""

    __table_args__ = (Index("ix_outgoing_mail_due", "state", "next_try_at"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=200, unique=True)
    sealed_to: str | None = None
    sealed_text: str | None = None
    subject: str = Field(max_length=500)
    in_reply_to: str | None = Field(default=None, max_length=998)
    state: MailState = choice(MailState, default=MailState.PENDING)
    tries: int = 0
    next_try_at: datetime = moment()
    last_error: str | None = Field(default=None, max_length=500)
    created_at: datetime = moment()
    finished_at: datetime | None = moment(default=None)


class OutgoingAttachment(Table, table=True):
    """A file that goes with a message; deleted once it is sent."""

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="outgoing_mail.id", index=True)
    file_name: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class IncomingState(StrEnum):
    """What became of a message that arrived; nothing that arrives is dropped."""

    REGISTERED = "registered"
    DUPLICATE = "duplicate"
    AUTOMATIC = "automatic"
    NEEDS_PERSON = "needs_person"
    DISMISSED = "dismissed"


class IncomingMail(Table, table=True):
    """来信: one raw message, kept sealed under its own hash until its sender asks to be forgotten.

    `sender_hash` and `content_hash` are keyed: they tell repeated messages and answering machines
    without saying who wrote. `follows_id` is the message this one answers or goes on from.
    """

    __table_args__ = (
        UniqueConstraint("organisation_id", "sha256"),
        Index("ix_incoming_mail_list", "organisation_id", "state", "arrived_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id")
    consultation_id: int | None = Field(default=None, foreign_key="consultation.id", index=True)
    submission_id: int | None = Field(default=None, foreign_key="submission.id", index=True)
    follows_id: int | None = Field(default=None, foreign_key="incoming_mail.id")
    sha256: str = Field(max_length=64)
    message_id: str | None = Field(default=None, max_length=998, index=True)
    reply_message_id: str | None = Field(default=None, max_length=998, index=True)
    sender_hash: str = Field(default="", max_length=64, index=True)
    content_hash: str = Field(default="", max_length=64, index=True)
    source: str = Field(default="", max_length=100)
    state: IncomingState = choice(IncomingState)
    reason: str = Field(default="", max_length=500)
    files_left: int = 0
    arrived_at: datetime = moment()
    taken_in_at: datetime = moment()
    handled_by_id: int | None = Field(default=None, foreign_key="officer.id")
    handled_at: datetime | None = moment(default=None)
    erased_at: datetime | None = moment(default=None)


class MailboxPosition(Table, table=True):
    """How far a mailbox on a server was read: UIDs only grow while UIDVALIDITY stays (RFC 3501)."""

    id: int | None = Field(default=None, primary_key=True)
    mailbox: str = Field(max_length=300, unique=True)
    uid_validity: int = Field(sa_type=BigInteger)
    last_uid: int = Field(sa_type=BigInteger)
