"""The optimistic lock and the record: what every verb of the desk ends with.

The lock is one UPDATE that names the version: of two officials who save the same comment, the
second gets `Stale` and nothing of theirs is applied.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from backend.accounts import audit
from backend.models import Comment, Consultation, Officer
from backend.web.errors import Conflict, Refused

STALE = "有同事刚刚保存了这条意见。您填写的内容还在下面，请看过现在的情况再决定。"


class Stale(Conflict):
    """Somebody saved this comment after the form was opened."""


class Incomplete(Refused):
    """A decision that lacks something; `errors` are sentences by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("".join(errors.values()))
        self.errors = errors


def advance(session: Session, comment: Comment, version: int, **values: Any) -> None:
    """Write `values` if the comment still has the version the form was opened at."""
    saved = session.exec(
        update(Comment)
        .where(col(Comment.id) == comment.id, col(Comment.version) == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if saved.rowcount != 1:
        raise Stale(STALE)
    session.refresh(comment)


def refuse_stale(comment: Comment, version: int) -> None:
    """Say that a form is stale before saying what else is wrong with it."""
    if comment.version != version:
        raise Stale(STALE)


def record(
    session: Session,
    officer: Officer,
    action: str,
    comment: Comment,
    *,
    now: datetime,
    **details: Any,
) -> None:
    """Append an act about a comment to the audit; what was not given is left out."""
    given = {key: value for key, value in details.items() if value not in (None, "")}
    audit.record(session, officer, action, "comment", comment.id, given, now=now)


def record_on_consultation(
    session: Session,
    officer: Officer,
    action: str,
    consultation: Consultation,
    *,
    now: datetime,
    **details: Any,
) -> None:
    """Append an act about a whole consultation."""
    audit.record(session, officer, action, "consultation", consultation.id, details, now=now)
