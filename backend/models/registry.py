"""登记: what comes in on paper, by telephone or in lists, before and beside its submission."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment
from backend.models.submission import Channel


class ConsentWay(StrEnum):
    """How a resident agreed that staff of the 居委 write for them."""

    IN_PERSON = "in_person"
    SIGNED = "signed"
    TELEPHONE = "telephone"


class RowResult(StrEnum):
    """What became of one row of a list."""

    WAITING = "waiting"
    IMPORTED = "imported"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNDONE = "undone"
    KEPT = "kept"


class Scan(Table, table=True):
    """A scanned letter; it waits in the tray (待录入) until it is typed in or set aside."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    file_name: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64, index=True)
    page_count: int = 1
    uploaded_by_id: int = Field(foreign_key="officer.id")
    uploaded_at: datetime = moment()
    submission_id: int | None = Field(default=None, foreign_key="submission.id", index=True)
    set_aside_at: datetime | None = moment(default=None)
    set_aside_reason: str = Field(default="", max_length=200)


class ProxyConsent(Table, table=True):
    """Who agreed to be written for, how and when, and the words they agreed to."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    sealed_given_by: str | None = None
    way: ConsentWay = choice(ConsentWay)
    given_on: date
    wording: str
    recorded_by_id: int = Field(foreign_key="officer.id")
    recorded_at: datetime = moment()


class ImportBatch(Table, table=True):
    """One uploaded list: its file, how its columns are read, and how far it has come."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    officer_id: int = Field(foreign_key="officer.id")
    file_name: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    encoding: str = Field(default="", max_length=32)
    delimiter: str = Field(default="", max_length=1)
    header_row: int = 0
    channel: Channel = choice(Channel, default=Channel.LIST_12345)
    mapping: dict[str, Any] = json_value(default_factory=dict)
    row_count: int = 0
    created_at: datetime = moment()
    confirmed_at: datetime | None = moment(default=None)
    finished_at: datetime | None = moment(default=None)
    undone_at: datetime | None = moment(default=None)


class ImportRow(Table, table=True):
    """One row as it was read; `number` is its line in the file, counted from 1."""

    __table_args__ = (
        UniqueConstraint("batch_id", "number"),
        Index("ix_import_row_waiting", "batch_id", "result"),
    )

    id: int | None = Field(default=None, primary_key=True)
    batch_id: int = Field(foreign_key="import_batch.id")
    number: int
    cells: list[str] = json_value(default_factory=list)
    result: RowResult = choice(RowResult, default=RowResult.WAITING)
    reason: str = Field(default="", max_length=500)
    submission_id: int | None = Field(default=None, foreign_key="submission.id", index=True)


class ImportHeading(Table, table=True):
    """What an organisation last took a column heading to mean ("" = not used)."""

    __table_args__ = (UniqueConstraint("organisation_id", "heading"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    heading: str = Field(max_length=100)
    field: str = Field(max_length=32)
