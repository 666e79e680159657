"""When to try again, when to give up, and what an address and a header line may look like."""

import re
from datetime import timedelta

# Waits after the first, second … failed try: a server that restarts, a night, a long weekend.
WAITS = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(days=2),
)
# A message nobody could send in this time would confuse more than help.
KEPT_FOR = timedelta(days=7)
# While one process sends a message no other tries it.
LEASE = timedelta(minutes=10)

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]+")


def is_address(value: str) -> bool:
    """Whether a message can be addressed to it: one plain mailbox, no list, no line break."""
    return len(value) <= 254 and _ADDRESS.fullmatch(value) is not None


def header_line(value: str) -> str:
    """Text fit for one header: a line break in it would begin another header."""
    return _BREAKS.sub(" ", value).strip()[:500]


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after this many failed tries; None when it is time to give up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
