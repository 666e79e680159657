"""The morning's briefs. Which are due is read from the tables; days off and nights find none."""

from backend.briefs import service
from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings


@job("morning-briefs", minute="*/10")
def write_briefs(database: Database, settings: Settings) -> None:
    """From 7:30 on a working day; an office that was down in the morning gets it later that day."""
    service.write_due(database, settings, now=utc_now())
