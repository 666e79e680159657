"""晨报: what a drafting office should know about a consultation on the morning of a working day."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, json_value, moment


class Brief(Table, table=True):
    """The brief of one morning as it was sent, covering [`since`, `created_at`)."""

    __table_args__ = (UniqueConstraint("consultation_id", "day"),)

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    day: date
    since: datetime = moment()
    content: dict[str, Any] = json_value(default_factory=dict)
    created_at: datetime = moment()
