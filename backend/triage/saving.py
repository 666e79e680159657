"""The optimistic lock and the record: what every verb of the desk ends with.

The lock is one UPDATE that names the version: of two officials who save the same comment, the
second gets `Stale` and nothing of theirs is applied. Of many comments saved at once either all
still had their version, or nothing is applied.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, update

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


def advance_all(
    session: Session, changes: Sequence[tuple[Comment, int, Mapping[str, Any]]]
) -> None:
    """Write (comment, version, values) for many comments in one statement; all name the same
    columns. Raises `Stale` when any of them has moved on; the caller's savepoint takes it back.
    """
    if not changes:
        return
    session.flush()
    table = SQLModel.metadata.tables["comment"]
    names = ("version", *changes[0][2])
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("of_id"), table.c.version == sa.bindparam("of_version"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    rows = [{"version": version + 1, **values} for _, version, values in changes]
    saved = session.connection().execute(
        statement,
        [
            {"of_id": comment.id, "of_version": version}
            | {f"new_{name}": value for name, value in row.items()}
            for (comment, version, _), row in zip(changes, rows, strict=True)
        ],
    )
    if saved.rowcount != len(changes):
        raise Stale(STALE)
    for (comment, _, _), row in zip(changes, rows, strict=True):
        for name, value in row.items():
            set_committed_value(comment, name, value)


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
    record_all(session, officer, action, [(comment, details)], now=now)


def record_all(
    session: Session,
    officer: Officer,
    action: str,
    acts: Iterable[tuple[Comment, Mapping[str, Any]]],
    *,
    now: datetime,
) -> None:
    """Append the same act about many comments."""
    given = [
        (comment.id, {key: value for key, value in details.items() if value not in (None, "")})
        for comment, details in acts
    ]
    audit.record_all(session, officer, action, "comment", given, now=now)


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
