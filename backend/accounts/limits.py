"""Token buckets shared by all web processes: a limit that refills, kept in one small table."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from backend.models import TokenBucket


def take(
    session: Session, key: str, *, capacity: float, refill_seconds: float, now: datetime
) -> float:
    """Take one token; gives 0.0, or the seconds to wait when the bucket is empty.

    `key` is a keyed hash, never an address or a name. One token comes back each `refill_seconds`.
    """
    bucket = _locked_bucket(session, key, capacity, now)
    elapsed = max(0.0, (now - bucket.updated_at).total_seconds())
    tokens = min(capacity, bucket.tokens + elapsed / refill_seconds)
    wait = 0.0 if tokens >= 1 else (1 - tokens) * refill_seconds
    bucket.tokens = tokens - 1 if tokens >= 1 else tokens
    bucket.updated_at = now
    session.add(bucket)
    session.flush()
    return wait


def strike(session: Session, key: str, *, most: int, lasting: timedelta, now: datetime) -> bool:
    """Count a failure; True when it is the one that locks. Old failures are forgotten."""
    bucket = _locked_bucket(session, key, 0, now)
    count = 1 if now - bucket.updated_at >= lasting else bucket.tokens + 1
    bucket.tokens, bucket.updated_at = count, now
    session.add(bucket)
    session.flush()
    return count == most


def struck_out(
    session: Session, key: str, *, most: int, lasting: timedelta, now: datetime
) -> timedelta | None:
    """How long a key stays locked after `most` failures; None when it is not."""
    bucket = session.get(TokenBucket, key)
    if bucket is None or bucket.tokens < most:
        return None
    left = bucket.updated_at + lasting - now
    return left if left > timedelta() else None


def forget(session: Session, key: str) -> None:
    """What was counted under a key counts no more."""
    session.exec(delete(TokenBucket).where(col(TokenBucket.key) == key))


def forget_idle(session: Session, *, since: datetime) -> None:
    """Drop what nobody touched for so long that it has refilled or run out."""
    session.exec(delete(TokenBucket).where(col(TokenBucket.updated_at) < since))


def _locked_bucket(session: Session, key: str, capacity: float, now: datetime) -> TokenBucket:
    dialect = session.connection().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    full = insert(TokenBucket).values(key=key, tokens=capacity, updated_at=now)
    session.connection().execute(full.on_conflict_do_nothing())
    return session.exec(select(TokenBucket).where(TokenBucket.key == key).with_for_update()).one()
