"""The scheduled backup."""

from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.safekeeping import service


@job("backup", minute="*")
def take_backup(database: Database, settings: Settings) -> None:
    """Take a backup when one is due; every minute looks, by the names of the folders only."""
    service.take_when_due(database, settings, now=utc_now())
