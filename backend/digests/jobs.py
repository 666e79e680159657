"""What the drafting office waits for, and what goes out by the clock."""

from datetime import timedelta

from backend.digests import making
from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings

FILES_KEPT = timedelta(days=30)


@job("make-digests", minute="*")
def make_digests(database: Database, settings: Settings) -> None:
    """Make every digest somebody is waiting for."""
    making.make_due(database, settings, clock=utc_now)


@job("clear-digest-files", minute="41", hour="19")
def clear_digest_files(_database: Database, settings: Settings) -> None:
    """Files of old digests; the snapshots stay, and give the same files again."""
    making.clear_files(settings, older_than=utc_now() - FILES_KEPT)
