"""对账: every sending that got a receipt is somewhere, and every opinion is in exactly one place.

Receipts issued = sendings stored; opinions = withdrawn + held back + merged + handed over +
decided + waiting (R14). Looked at by the system page and every hour by a job.
"""

from dataclasses import dataclass

from sqlmodel import Session, and_, case, col, func, select

from backend.models import Assessment, Comment, Handling, Submission

# Where an opinion is, first that fits.
PLACES = {
    "withdrawn": "提交人已撤回",
    "held": "待人工核实",
    "merged": "已合并",
    "handed_over": "已移交",
    "decided": "已办结",
    "assigned": "已分办",
    "new": "待处理",
}


@dataclass(frozen=True, slots=True)
class Account:
    """The counts, and what does not add up as sentences."""

    submission_count: int
    comment_count: int
    places: dict[str, int]
    unread_count: int
    faults: tuple[str, ...]


def reconcile(session: Session) -> Account:
    """Count everything; four queries."""
    submissions = session.exec(select(func.count()).select_from(Submission)).one()
    comments = session.exec(select(func.count()).select_from(Comment)).one()
    places = _places(session)
    empty = session.exec(
        select(func.count())
        .select_from(Submission)
        .where(col(Submission.id).not_in(select(col(Comment.submission_id))))
    ).one()
    return Account(
        submissions, comments, places, _unread(session), tuple(_faults(comments, places, empty))
    )


def _places(session: Session) -> dict[str, int]:
    place = case(
        (col(Submission.withdrawn_at).is_not(None), "withdrawn"),
        (col(Submission.is_quarantined).is_(True), "held"),
        *((col(Comment.handling) == state, state.value) for state in Handling),
        else_="nowhere",
    )
    rows = session.exec(
        select(place, func.count())
        .select_from(Comment)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .group_by(place)
    ).all()
    found = dict(rows)
    return {name: found.get(name, 0) for name in PLACES} | {
        name: count for name, count in found.items() if name not in PLACES
    }


def _unread(session: Session) -> int:
    """Opinions no machine has read yet: they wait, they are not lost."""
    read = and_(col(Assessment.comment_id) == Comment.id, col(Assessment.is_current).is_(True))
    statement = (
        select(func.count())
        .select_from(Comment)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .join(Assessment, read, isouter=True)
        .where(col(Assessment.id).is_(None), col(Submission.withdrawn_at).is_(None))
    )
    return session.exec(statement).one()


def _faults(comments: int, places: dict[str, int], empty: int) -> list[str]:
    faults = []
    if empty:
        faults.append(f"{empty}件来件有回执，却没有意见内容")
    if sum(places.values()) != comments:
        faults.append(f"意见共{comments}条，各处相加是{sum(places.values())}条")
    stray = sum(count for name, count in places.items() if name not in PLACES)
    if stray:
        faults.append(f"{stray}条意见的办理状态无法辨认")
    return faults
