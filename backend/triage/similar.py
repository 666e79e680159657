"""Comments like the one being read: near-copies, the same issue, the same topic."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.models import Comment, CorpusTag, Disposition, Outcome
from backend.triage import filters
from backend.triage.filters import Scope

SIMILAR_COUNT = 8
LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class SimilarComment:
    """A comment of the same near-copy cluster, issue or topic, decided ones first."""

    id: int
    snippet: str
    is_copy: bool
    outcome: Outcome | None
    reason: str


def copy_count(session: Session, tag: CorpusTag | None) -> int:
    if tag is None or tag.cluster is None:
        return 0
    statement = select(sa.func.count()).select_from(CorpusTag)
    return session.exec(
        statement.where(
            CorpusTag.corpus_run_id == tag.corpus_run_id, CorpusTag.cluster == tag.cluster
        )
    ).one()


def similar_comments(
    session: Session, comment: Comment, tag: CorpusTag | None, scope: Scope
) -> tuple[SimilarComment, ...]:
    """Near-copies, then the same issue, then the same topic; decided ones first in each."""
    if tag is None or not (tag.cluster or tag.issue or tag.topic):
        return ()
    nearness = sa.case(
        (col(CorpusTag.cluster) == tag.cluster, 0), (col(CorpusTag.issue) == tag.issue, 1), else_=2
    )
    columns: list[Any] = [
        col(Comment.id),
        sa.func.substr(filters.shown_text, 1, 90).label("snippet"),
        nearness.label("nearness"),
        col(Disposition.outcome),
        col(Disposition.reason),
    ]
    statement = (
        sa.select(*columns)
        .select_from(Comment)
        .join(CorpusTag, col(CorpusTag.comment_id) == col(Comment.id))
        .outerjoin(
            Disposition,
            sa.and_(
                col(Disposition.comment_id) == col(Comment.id),
                col(Disposition.superseded_at).is_(None),
            ),
        )
        .where(
            filters.visible(scope),
            col(Comment.id).in_(_candidates(tag)),
            col(Comment.id) != comment.id,
        )
        .order_by(nearness, col(Disposition.outcome).is_(None), col(Comment.id))
        .limit(SIMILAR_COUNT)
    )
    return tuple(
        SimilarComment(
            row.id, " ".join(row.snippet.split()), row.nearness == 0, row.outcome, row.reason or ""
        )
        for row in session.connection().execute(statement)
    )


def _candidates(tag: CorpusTag) -> Any:
    """Ids of the same cluster, issue or topic, of each so many at most: a topic can be a fifth."""
    same = [
        sa.select(col(CorpusTag.comment_id))
        .where(
            column == value,
            col(CorpusTag.corpus_run_id) == tag.corpus_run_id,
        )
        .order_by(col(CorpusTag.comment_id))
        .limit(LOOKED_AT)
        .subquery()
        for column, value in (
            (col(CorpusTag.cluster), tag.cluster),
            (col(CorpusTag.issue), tag.issue),
            (col(CorpusTag.topic), tag.topic),
        )
        if value is not None
    ]
    return sa.union_all(*(sa.select(one.c.comment_id) for one in same))
