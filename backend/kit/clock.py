"""Time as the office keeps it: stored in UTC, spoken in Asia/Shanghai, days counted whole."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present moment, aware, UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same moment on the clock of Asia/Shanghai."""
    return moment.astimezone(SHANGHAI)


def start_of(day: date) -> datetime:
    """Midnight at the beginning of a local day, UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def end_of(day: date) -> datetime:
    """The half-open end of a local day: "closes on 18 October" means before the 19th, 00:00."""
    return start_of(day + timedelta(days=1))


def last_day_before(moment: datetime) -> date:
    """The last whole local day of a window that ends (half-open) at `moment`."""
    return local(moment - timedelta(microseconds=1)).date()
