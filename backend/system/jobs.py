"""The hourly look at the counts."""

import structlog

from backend.jobs import job
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.system.reconciling import reconcile

log = structlog.get_logger()


@job("reconcile", minute="7")
def reconcile_hourly(database: Database, _settings: Settings) -> None:
    """Say in the log what the page would say; nobody has to look at the page for that."""
    with database.reading() as session:
        for fault in reconcile(session).faults:
            log.error("counts_do_not_add_up", fault=fault)
