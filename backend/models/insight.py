"""What is kept ready for the dashboard, so that fifty thousand comments open at once."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from backend.models.columns import Table, json_value, moment


class FiguresSnapshot(Table, table=True):
    """The figures of one consultation as last counted; a job counts again when anything changed."""

    consultation_id: int = Field(primary_key=True, foreign_key="consultation.id")
    fingerprint: str = Field(max_length=200)
    data: dict[str, Any] = json_value(default_factory=dict)
    counted_at: datetime = moment()
