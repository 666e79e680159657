"""提醒: telling colleagues what concerns them, once per change.

The key of a notification names the change; the same key again tells nobody twice. Who is away is
told too, and so is the colleague who stands in.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from backend.accounts.rules import PERMISSIONS, Permission
from backend.kit.text import shorten
from backend.models import Comment, Notification, Officer, RoleGrant
from backend.triage import leave

READERS = [role for role, may in PERMISSIONS.items() if Permission.VIEW in may]

WORDS_MAX = 180


def tell(
    session: Session,
    officer_ids: Iterable[int | None],
    kind: str,
    comment: Comment,
    *,
    by: Officer,
    change: int | None = None,
    words: str = "",
    now: datetime,
) -> None:
    """Tell officers (and who stands in for them) of an act on a comment; never who did it.

    `change` numbers the change among those of its kind; by default the comment's version does.
    """
    told = [(officer_ids, comment)]
    tell_all(session, told, kind, by=by, change=change, words=words, now=now)


def tell_all(
    session: Session,
    told: Iterable[tuple[Iterable[int | None], Comment]],
    kind: str,
    *,
    by: Officer,
    change: int | None = None,
    words: str = "",
    now: datetime,
) -> None:
    """Tell officers of the same act on many comments."""
    wanted = [({key for key in people if key is not None}, comment) for people, comment in told]
    stand_ins = leave.stand_ins(session, set().union(*(people for people, _ in wanted)), now)
    rows = [
        {
            "officer_id": officer_id,
            "key": f"{kind}:{comment.id}:{comment.version if change is None else change}",
            "kind": kind,
            "comment_id": comment.id,
            "by_officer_id": by.id,
            "words": shorten(words, WORDS_MAX),
            "created_at": now,
        }
        for people, comment in wanted
        for officer_id in sorted(people | {stand_ins[key] for key in people & stand_ins.keys()})
        if officer_id != by.id
    ]
    if not rows:
        return
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(Notification).on_conflict_do_nothing(), rows)


def members(session: Session, department_id: int | None) -> list[int]:
    """The active officers of a department."""
    if department_id is None:
        return []
    statement = select(Officer.id).where(
        Officer.department_id == department_id,
        col(Officer.deactivated_at).is_(None),
        # Staff of a 居委 may stand in a department's list without reading its comments.
        select(RoleGrant.id)
        .where(RoleGrant.officer_id == Officer.id, col(RoleGrant.role).in_(READERS))
        .exists(),
    )
    return [key for key in session.exec(statement) if key is not None]


def holders(
    session: Session, by: Officer, permission: Permission, consultation_id: int
) -> set[int]:
    """The active colleagues of `by` who hold a permission on a consultation."""
    roles = [role for role, may in PERMISSIONS.items() if {permission, Permission.VIEW} <= may]
    statement = (
        select(Officer.id)
        .join(RoleGrant, col(RoleGrant.officer_id) == Officer.id)
        .where(
            Officer.organisation_id == by.organisation_id,
            col(Officer.deactivated_at).is_(None),
            col(RoleGrant.role).in_(roles),
            col(RoleGrant.consultation_id).is_(None)
            | (col(RoleGrant.consultation_id) == consultation_id),
        )
    )
    return {key for key in session.exec(statement) if key is not None}


def assignees(session: Session, comment: Comment) -> list[int]:
    """Whom a comment is with: its officer, else everybody in its department."""
    if comment.assigned_officer_id is not None:
        return [comment.assigned_officer_id]
    return members(session, comment.assigned_department_id)


def mark_read(
    session: Session, officer: Officer, *, comment_id: int | None = None, now: datetime
) -> None:
    """Take notice: of one comment's notifications, or of all."""
    statement = update(Notification).where(
        col(Notification.officer_id) == officer.id, col(Notification.read_at).is_(None)
    )
    if comment_id is not None:
        statement = statement.where(col(Notification.comment_id) == comment_id)
    session.exec(statement.values(read_at=now))
