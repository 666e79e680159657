"""How old the newest good backup is, for the system page, `doctor` and the metrics."""

from dataclasses import dataclass
from datetime import datetime

from backend.kit.settings import Settings
from backend.safekeeping import manifest
from backend.safekeeping.service import home_of


@dataclass(frozen=True, slots=True)
class NewestBackup:
    """A backup whose manifest holds and whose parts have their sizes; `size` without objects."""

    name: str
    made_at: datetime
    size: int


def newest_good(settings: Settings) -> NewestBackup | None:
    """Skips those that are cut or altered."""
    for folder in reversed(manifest.backups_in(home_of(settings))):
        try:
            content = manifest.read(folder)
        except (ValueError, KeyError, TypeError):
            continue
        if manifest.is_whole_at_a_glance(folder, content):
            size = sum(part.size for part in content.parts.values())
            return NewestBackup(folder.name, content.made_at, size)
    return None


def is_overdue(settings: Settings, newest: NewestBackup | None, now: datetime) -> bool:
    """More than twice the interval old; without a schedule more than two days."""
    if newest is None:
        return True
    minutes = settings.backup_minutes or 24 * 60
    return (now - newest.made_at).total_seconds() > 2 * minutes * 60
