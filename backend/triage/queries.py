"""What the queue shows: one statement for its rows, one for its counts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select, and_, case, func
from sqlmodel import Session, col, select

from backend.kit.clock import end_of, local
from backend.kit.pagination import Page
from backend.models import (
    Assessment,
    AssessmentLink,
    Channel,
    Comment,
    CorpusTag,
    Department,
    Disposition,
    Handling,
    Officer,
    Outcome,
    Proposal,
    ReadMark,
    Review,
    ReviewLink,
    Screening,
    Submission,
)
from backend.triage import approving, filters, leave, lists, rules
from backend.triage.filters import Scope
from backend.triage.plan import PlanIndex
from backend.triage.search import Search

PAGE_SIZE = 50
SNIPPET = 120
DUE_DAYS = 14
_LOOKS_INTO = frozenset({"text", "section", "item", "tag", "topic", "flag", "intent", "sentiment"})
_INSTANT = timedelta(microseconds=1)
_IDENTITY: list[Any] = [col(Comment.id), col(Comment.version)]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One comment in the list."""

    id: int
    snippet: str
    handling: Handling
    screening: Screening
    received_at: datetime
    channel: Channel
    street: str | None
    place: str
    sentiment: str | None
    intent: str | None
    outcome: Outcome | None
    item_key: str | None
    item_title: str | None
    support_count: int
    copies: int
    officer_name: str | None
    stand_in: str | None
    department_name: str | None
    proposal_state: str | None
    due_on: date | None
    is_overdue: bool
    is_read: bool
    is_claimed: bool
    version: int


def scope_for(
    session: Session,
    consultation_id: int,
    *,
    officer: Officer,
    whole_queue: bool,
    plan: PlanIndex,
    now: datetime,
) -> Scope:
    """What the filters need to know about the reader and the consultation."""
    return Scope(
        consultation_id=consultation_id,
        officer_id=officer.id or 0,
        department_id=officer.department_id,
        whole_queue=whole_queue,
        plan=plan,
        topics=lists.topics(session, consultation_id),
        now=now,
        absent=leave.absent_now(session, officer.organisation_id, now),
    )


def queue(
    session: Session, search: Search, scope: Scope, *, sort: str, page: int
) -> Page[QueueRow]:
    """One page of the comments a search finds."""
    # The page is cut first, on ids alone; names, links and counts are read for its rows only.
    order = _order(sort, scope.now)
    wanted = filters.conditions(search, scope)
    ids = filters.joined(sa.select(col(Comment.id)).select_from(Comment), *wanted, *order)
    found = _with_sizes(ids, sort).where(*wanted).order_by(*order)
    keys, number, total = _cut(session, search, scope, found, page)
    rows = session.connection().execute(
        filters.joined(_columns(scope)).where(col(Comment.id).in_(keys))
    )
    by_id = {row.id: _row(row, scope) for row in rows}
    return Page([by_id[key] for key in keys if key in by_id], number, PAGE_SIZE, total)


def _cut(
    session: Session, search: Search, scope: Scope, found: Select[Any], page: int
) -> tuple[list[int], int, int]:
    """The ids of one page, its number, and how many there are in all.

    A search that has to look into every text is done once, counting as it goes; one that an index
    answers is cheaper counted apart.
    """
    connection = session.connection()
    number = max(1, page)
    if any(term.field in _LOOKS_INTO for term in search.terms):
        counted = found.add_columns(func.count().over().label("total"))
        rows = connection.execute(counted.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)).all()
        if rows:
            return [row[0] for row in rows], number, int(rows[0].total)
    total = count(session, search, scope)
    number = min(number, max(1, -(-total // PAGE_SIZE)))
    cut = found.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return [row[0] for row in connection.execute(cut)], number, total


def count(session: Session, search: Search, scope: Scope) -> int:
    wanted = filters.conditions(search, scope)
    statement = filters.joined(sa.select(func.count()).select_from(Comment), *wanted)
    return int(session.connection().execute(statement.where(*wanted)).scalar_one())


def count_up_to(session: Session, search: Search, scope: Scope, most: int) -> int:
    """As `count`, but stops counting at `most`: for the small number beside a saved view."""
    wanted = filters.conditions(search, scope)
    found = filters.joined(sa.select(col(Comment.id)).select_from(Comment), *wanted)
    statement = sa.select(func.count()).select_from(found.where(*wanted).limit(most).subquery())
    return int(session.connection().execute(statement).scalar_one())


def matching_ids(session: Session, search: Search, scope: Scope) -> list[tuple[int, int]]:
    """(id, version) of everything a search finds, for a frozen set."""
    wanted = filters.conditions(search, scope)
    statement = filters.joined(sa.select(*_IDENTITY).select_from(Comment), *wanted)
    rows = session.connection().execute(statement.where(*wanted).order_by(col(Comment.id)))
    return [(row[0], row[1]) for row in rows]


def counts_by_handling(session: Session, scope: Scope) -> dict[str, int]:
    """How many comments stand where, with `overdue` beside the states: one pass, no sorting."""
    kinds: dict[str, Any] = {str(state): col(Comment.handling) == state for state in Handling}
    kinds["overdue"] = filters.overdue(scope)
    sums = [func.sum(case((condition, 1), else_=0)) for condition in kinds.values()]
    statement = sa.select(*sums).select_from(Comment).where(filters.visible(scope))
    numbers = session.connection().execute(statement).one()
    return {kind: int(number or 0) for kind, number in zip(kinds, numbers, strict=True)}


# --- Within --------------------------------------------------------------------------------------


def _columns(scope: Scope) -> Select[Any]:
    best_link = (
        select(AssessmentLink.item_key)
        .where(AssessmentLink.assessment_id == Assessment.id)
        .order_by(col(AssessmentLink.rank))
        .limit(1)
        .scalar_subquery()
    )
    first_reviewed = (
        select(func.min(ReviewLink.item_key))
        .where(ReviewLink.comment_id == Comment.id)
        .scalar_subquery()
    )
    same_tag = CorpusTag.__table__.alias("same")  # type: ignore[attr-defined]
    copies = (
        sa.select(func.count())
        .select_from(same_tag)
        .where(
            same_tag.c.cluster == col(CorpusTag.cluster),
            same_tag.c.corpus_run_id == col(CorpusTag.corpus_run_id),
        )
        .scalar_subquery()
    )
    read = (
        select(ReadMark.comment_id)
        .where(ReadMark.comment_id == Comment.id, ReadMark.officer_id == scope.officer_id)
        .exists()
    )
    waiting = (
        select(Proposal.state)
        .where(Proposal.comment_id == Comment.id, col(Proposal.state).in_(approving.OPEN))
        .limit(1)
        .scalar_subquery()
    )
    columns: list[Any] = [
        col(Comment.id),
        func.substr(filters.shown_text, 1, SNIPPET).label("snippet"),
        col(Comment.handling),
        col(Comment.screening),
        col(Comment.received_at),
        col(Submission.channel),
        col(Submission.street),
        col(Comment.anchor_section_key),
        filters.sentiment.label("sentiment"),
        filters.intent.label("intent"),
        col(Disposition.outcome),
        case((func.coalesce(Review.links_confirmed, False), first_reviewed), else_=best_link).label(
            "item_key"
        ),
        col(Comment.support_count),
        copies.label("copies"),
        col(Officer.display_name),
        col(Comment.assigned_officer_id),
        waiting.label("proposal_state"),
        col(Department.name).label("department_name"),
        col(Comment.due_on),
        filters.overdue(scope).label("is_overdue"),
        read.label("is_read"),
        and_(
            col(Comment.claimed_until) > scope.now,
            col(Comment.claimed_by_id) != scope.officer_id,
        ).label("is_claimed"),
        col(Comment.version),
    ]
    return (
        sa.select(*columns)
        .select_from(Comment)
        .outerjoin(Officer, col(Officer.id) == col(Comment.assigned_officer_id))
        .outerjoin(Department, col(Department.id) == col(Comment.assigned_department_id))
    )


_TAG = CorpusTag.__table__.alias("clustered")  # type: ignore[attr-defined]
# The few that have near-copies, with how many.
_SIZES = (
    sa.select(
        _TAG.c.comment_id,
        func.count().over(partition_by=(_TAG.c.corpus_run_id, _TAG.c.cluster)).label("size"),
    )
    .where(_TAG.c.cluster.is_not(None))
    .subquery("sizes")
)


def _with_sizes(statement: Select[Any], sort: str) -> Select[Any]:
    """How many near-copies a comment has, where the order asks for it."""
    if sort != "influence":
        return statement
    return statement.outerjoin(_SIZES, _SIZES.c.comment_id == col(Comment.id))


def _due(now: datetime) -> Any:
    """The day a comment is due, as SQL: a new one's follows from the day it was received.

    Working days cannot be counted in SQL; those due for long stand in order of arrival.
    """
    today = local(now).date()
    days = [today - timedelta(days=back) for back in range(DUE_DAYS, -1, -1)]
    new = case(
        *((col(Comment.received_at) < end_of(day), rules.triage_due(end_of(day) - _INSTANT))
          for day in days),
        else_=rules.triage_due(now),
    )  # fmt: skip
    return func.coalesce(col(Comment.due_on), new)


def _order(sort: str, now: datetime) -> list[Any]:
    newest = [col(Comment.received_at).desc(), col(Comment.id).desc()]
    oldest = [col(Comment.received_at), col(Comment.id)]
    if sort == "oldest":
        return oldest
    if sort == "due":
        return [_due(now), *oldest]
    if sort == "doubt":
        return [filters.confidence.is_(None), filters.confidence, *newest]
    if sort == "influence":
        return [(col(Comment.support_count) + func.coalesce(_SIZES.c.size, 1)).desc(), *newest]
    return newest


def _row(row: Any, scope: Scope) -> QueueRow:
    due = row.due_on
    if due is None and row.handling is Handling.NEW:
        due = rules.triage_due(row.received_at)
    away = scope.absent.get(row.assigned_officer_id)
    return QueueRow(
        id=row.id,
        snippet=" ".join(row.snippet.split()),
        handling=row.handling,
        screening=row.screening,
        received_at=row.received_at,
        channel=row.channel,
        street=row.street,
        place=scope.plan.title_of(row.anchor_section_key),
        sentiment=row.sentiment,
        intent=row.intent,
        outcome=row.outcome,
        item_key=row.item_key,
        item_title=scope.plan.title_of(row.item_key) if row.item_key else None,
        support_count=row.support_count,
        copies=row.copies or 0,
        officer_name=row.display_name,
        stand_in=away.name if away is not None else None,
        proposal_state=row.proposal_state,
        department_name=row.department_name,
        due_on=due,
        is_overdue=bool(row.is_overdue),
        is_read=bool(row.is_read),
        is_claimed=bool(row.is_claimed),
        version=row.version,
    )
