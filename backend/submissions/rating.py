"""这回应了您的意见吗: the sender says, once for each comment, whether the answer met the point.

The word stands on the receipt, which only the sender has. Officers see it in digests and beside
the report; it is never public, not even as a number.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.models import AnswerRating, AnswerVerdict, Comment, Disposition, Submission


def rate_answer(
    session: Session,
    submission: Submission,
    comment_id: int,
    verdict: AnswerVerdict,
    *,
    now: datetime,
) -> bool:
    """Keep the sender's word; False when it was given before or there is no answer to speak of."""
    # Waiting for the row keeps two taps from both counting.
    query = select(Comment).where(Comment.id == comment_id, Comment.submission_id == submission.id)
    comment = session.exec(query.with_for_update()).first()
    if comment is None or submission.withdrawn_at is not None:
        return False
    if not _is_answered(session, comment) or ratings(session, [comment_id]):
        return False
    session.add(AnswerRating(comment_id=comment_id, verdict=verdict, created_at=now))
    session.flush()
    return True


def ratings(session: Session, comment_ids: list[int]) -> dict[int, AnswerVerdict]:
    """What the sender said of the answers to these comments."""
    query = select(AnswerRating).where(col(AnswerRating.comment_id).in_(comment_ids))
    return {row.comment_id: row.verdict for row in session.exec(query)}


def _is_answered(session: Session, comment: Comment) -> bool:
    """A comment merged into another is answered with it."""
    query = select(Disposition.id).where(
        Disposition.comment_id == (comment.merged_into_id or comment.id),
        col(Disposition.superseded_at).is_(None),
    )
    return session.exec(query).first() is not None
