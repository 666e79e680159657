"""Whether nearly the same text is being sent over and over: one soft sign among others.

A text is told by four pairs of MinHash values (analysis.duplicates): texts that share most of
their 3-grams share a pair. Each pair has a token bucket, so the count of recent copies is one small
row, costs the same for ten letters or ten thousand, and forgets by itself.
"""

from datetime import datetime

from sqlmodel import Session

from analysis.duplicates import fold, sketch
from backend.accounts.limits import take
from backend.kit.sealing import keyed_hash
from backend.submissions.forms import DraftForm

COPIES_AT_ONCE = 30
COPY_REFILL_SECONDS = 120.0
FEWEST_CHARACTERS = 15  # Many people write "同意" without having copied it.
PAIRS = 4
PAIR_BYTES = 8


def is_copied(
    session: Session, consultation_id: int, form: DraftForm, *, secret: bytes, now: datetime
) -> bool:
    """Count this sending; True when more of its kind came lately than people usually send."""
    text = "\n".join(f"{point.text}\n{point.proposed_wording}" for point in form.points)
    if len(fold(text)) < FEWEST_CHARACTERS:
        return False
    data = bytes(sketch(text))
    marks = [data[at : at + PAIR_BYTES].hex() for at in range(0, PAIRS * PAIR_BYTES, PAIR_BYTES)]
    # Always in one order, so that two sendings never wait for each other.
    keys = sorted(
        keyed_hash(secret, "copy", f"{consultation_id} {number} {mark}")
        for number, mark in enumerate(marks)
    )
    waits = [
        take(session, key, capacity=COPIES_AT_ONCE, refill_seconds=COPY_REFILL_SECONDS, now=now)
        for key in keys
    ]
    return any(waits)
