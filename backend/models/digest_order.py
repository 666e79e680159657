"""Digests being made, and those made by the clock for the drafting office."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, moment


class OrderState(StrEnum):
    """How far an order is; FAILED is final and has a reason."""

    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class Frequency(StrEnum):
    """How often the drafting office is written to."""

    OFF = "off"
    DAILY = "daily"
    WEEKLY = "weekly"


class DigestOrder(Table, table=True):
    """A digest somebody (or the clock) asked for; `digest_id` once it is frozen.

    `tries` counts beginnings, so that an order which kills its worker is parked like one that
    raises. `touched_at` is the worker's sign of life.
    """

    __table_args__ = (UniqueConstraint("schedule_id", "slot_at"),)

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    query: str = Field(default="", max_length=500)
    digest_id: int | None = Field(default=None, foreign_key="digest.id")
    schedule_id: int | None = Field(default=None, foreign_key="digest_schedule.id")
    slot_at: datetime | None = moment(default=None)
    state: OrderState = choice(OrderState, default=OrderState.QUEUED, index=True)
    step: str = Field(default="", max_length=50)
    percent: int = 0
    tries: int = 0
    reason: str = ""
    ordered_by_id: int | None = Field(default=None, foreign_key="officer.id")
    created_at: datetime = moment()
    touched_at: datetime = moment()
    finished_at: datetime | None = moment(default=None)


class DigestSchedule(Table, table=True):
    """When a consultation's digest is sent by e-mail; `hour` and `weekday` (0 is Monday) are local.

    Only slots after `changed_at` are due, so that switching it on sends nothing at once.
    """

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", unique=True)
    frequency: Frequency = choice(Frequency, default=Frequency.OFF)
    weekday: int = 0
    hour: int = 8
    query: str = Field(default="", max_length=500)
    attachment: str = Field(default="docx", max_length=4)
    changed_by_id: int | None = Field(default=None, foreign_key="officer.id")
    changed_at: datetime = moment()


class DigestRecipient(Table, table=True):
    """An officer a scheduled digest is sent to."""

    __table_args__ = (UniqueConstraint("schedule_id", "officer_id"),)

    id: int | None = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="digest_schedule.id", index=True)
    officer_id: int = Field(foreign_key="officer.id")
