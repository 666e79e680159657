"""How far a document that is being read has got, so that the page that sent it can say so.

The form carries a token; the request that reads the document notes its pages under it, in small
transactions of their own, and a fragment of the page asks for them.
"""

import re
from datetime import timedelta

from sqlmodel import Session, col, delete

from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.models import PlanReading
from backend.plans.parsing import OnProgress

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
_KEPT = timedelta(days=1)


def noting(database: Database, token: str) -> OnProgress | None:
    """What to call for every page read; None where the form brought no token."""
    if not _TOKEN.fullmatch(token):
        return None

    def note(done: int, total: int) -> None:
        now = utc_now()
        with database.writing() as session:
            session.exec(delete(PlanReading).where(col(PlanReading.noted_at) < now - _KEPT))
            session.merge(PlanReading(token=token, done=done, total=total, noted_at=now))

    return note


def progress_of(session: Session, token: str) -> PlanReading | None:
    """The pages noted under a token, if any."""
    return session.get(PlanReading, token)
