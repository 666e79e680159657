"""Which backups are kept, and when the next one is due."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")


def is_due(last: datetime | None, every_minutes: int, now: datetime) -> bool:
    """Zero minutes turn the schedule off."""
    if not every_minutes:
        return False
    return last is None or now - last >= timedelta(minutes=every_minutes)


def superfluous(
    backups: Iterable[tuple[datetime, T]], *, keep: int, days: int, now: datetime
) -> list[T]:
    """All but the newest `keep`, and but the last one of each of the past `days` days."""
    newest_first = sorted(backups, key=lambda backup: backup[0], reverse=True)
    kept_days = set()
    going = []
    for place, (made_at, backup) in enumerate(newest_first):
        day = made_at.date()
        is_last_of_its_day = day not in kept_days and (now.date() - day).days < days
        kept_days.add(day)
        if place >= max(keep, 1) and not is_last_of_its_day:
            going.append(backup)
    return going
