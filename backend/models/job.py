"""How background jobs went, for the page that shows it."""

from datetime import datetime

from sqlmodel import Field

from backend.models.columns import Table, moment


class JobRun(Table, table=True):
    """The last run of one job; `failure_count` is how often it has failed in a row."""

    name: str = Field(primary_key=True, max_length=64)
    started_at: datetime = moment()
    finished_at: datetime = moment()
    succeeded_at: datetime | None = moment(default=None)
    failure_count: int = 0
    last_error: str = Field(default="", max_length=200)
