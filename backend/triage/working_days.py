"""Chinese working days: weekends, statutory holidays and the working weekends that pay for them.

Source: the State Council General Office's yearly holiday notices for 2023–2026. A year that is
not listed falls back to plain weekends and the holidays with fixed dates.
"""

from datetime import date, timedelta


def _days(year: int, *spans: tuple[int, int, int]) -> frozenset[date]:
    """Spans are (month, first day, number of days)."""
    return frozenset(
        date(year, month, first) + timedelta(days=offset)
        for month, first, count in spans
        for offset in range(count)
    )


HOLIDAYS: dict[int, frozenset[date]] = {
    2023: _days(
        2023, (1, 1, 2), (1, 21, 7), (4, 5, 1), (4, 29, 5), (6, 22, 3), (9, 29, 8), (12, 30, 2)
    ),
    2024: _days(
        2024, (1, 1, 1), (2, 10, 8), (4, 4, 3), (5, 1, 5), (6, 8, 3), (9, 15, 3), (10, 1, 7)
    ),
    2025: _days(2025, (1, 1, 1), (1, 28, 8), (4, 4, 3), (5, 1, 5), (5, 31, 3), (10, 1, 8)),
    2026: _days(
        2026, (1, 1, 3), (2, 15, 9), (4, 4, 3), (5, 1, 5), (6, 19, 3), (9, 25, 3), (10, 1, 7)
    ),
}
WORKING_WEEKENDS: dict[int, frozenset[date]] = {
    2023: frozenset(
        date(2023, *day) for day in ((1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8))
    ),
    2024: frozenset(
        date(2024, *day)
        for day in ((2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12))
    ),
    2025: frozenset(date(2025, *day) for day in ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11))),
    2026: frozenset(
        date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))
    ),
}
_FIXED = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


def is_working_day(day: date) -> bool:
    """Whether offices are open on a day."""
    if day in WORKING_WEEKENDS.get(day.year, ()):
        return True
    holidays = HOLIDAYS.get(day.year)
    on_holiday = day in holidays if holidays is not None else (day.month, day.day) in _FIXED
    return day.weekday() < 5 and not on_holiday


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Working days after `start` up to and including `end`; negative when `end` is earlier."""
    if end < start:
        return -working_days_between(end, start)
    return sum(is_working_day(start + timedelta(days=i)) for i in range(1, (end - start).days + 1))
