"""Which issues or topics rise this week."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Rising:
    """An issue with its comments of the last days and the usual number of as many days before."""

    id: str
    recent_count: int
    usual_count: float

    @property
    def strength(self) -> float:
        """How many times the usual number, smoothed so that one comment is no wave."""
        return (self.recent_count + 1) / (self.usual_count + 1)


def rising(
    dated: Iterable[tuple[str, date]], today: date, *, days: int = 7, before: int = 4
) -> tuple[Rising, ...]:
    """Issues raised more often in the last `days` days than in the `before` such periods before.

    `dated` holds the issue and the day of every comment; days after `today` do not count. The
    strongest first; an issue needs two recent comments.
    """
    recent: Counter[str] = Counter()
    earlier: dict[str, int] = defaultdict(int)
    begin, oldest = today - timedelta(days=days), today - timedelta(days=days * (before + 1))
    for one, day in dated:
        if begin < day <= today:
            recent[one] += 1
        elif oldest < day <= begin:
            earlier[one] += 1
    found = [Rising(one, count, earlier[one] / before) for one, count in recent.items()]
    found = [one for one in found if one.recent_count > max(1, one.usual_count)]
    return tuple(sorted(found, key=lambda one: (-one.strength, -one.recent_count, one.id)))
