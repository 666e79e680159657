"""What the drafting office waits for, and what goes out by the clock."""

from datetime import timedelta

from backend.digests import making, scheduling, telling
from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings

FILES_KEPT = timedelta(days=30)


@job("make-digests", minute="*")
def make_digests(database: Database, settings: Settings) -> None:
    """Make every digest somebody is waiting for, or that is due by the clock."""
    scheduling.order_due(database, now=utc_now())
    making.make_due(database, settings, clock=utc_now)


@job("tell-participants", minute="*/10")
def tell_participants(database: Database, settings: Settings) -> None:
    """Write to those who are to hear of a published outcome."""
    telling.tell_participants(database, settings, now=utc_now())


@job("clear-digest-files", minute="41", hour="19")
def clear_digest_files(_database: Database, settings: Settings) -> None:
    """Files of old digests; the snapshots stay, and give the same files again."""
    making.clear_files(settings, older_than=utc_now() - FILES_KEPT)
