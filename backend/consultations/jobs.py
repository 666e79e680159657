"""Uploaded documents that wait to be read."""

from backend.consultations import importing
from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings


@job("read-plans", minute="*")
def read_plans(database: Database, settings: Settings) -> None:
    """Read every uploaded plan that is due."""
    importing.read_due(database, settings, clock=utc_now)
