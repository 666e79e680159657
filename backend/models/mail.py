"""What the installation sends by e-mail: written with the change that causes it, sent by a job."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary
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
