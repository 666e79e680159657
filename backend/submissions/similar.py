"""Opinions that say nearly the same, found while somebody still types.

The database narrows the search to texts that hold one of a few rare-looking runs of the typed
words; only those are compared as near-copies (analysis.duplicates). A hint, never a refusal.
"""

import re
from dataclasses import dataclass

from sqlalchemy import or_
from sqlmodel import Session, col, select

from analysis.duplicates import similarity
from backend.models import Comment, Submission

FEWEST_CHARACTERS = 12
RUN = 5
RUNS = 12
CANDIDATES = 200
NEAR = 0.5
_HAN_OR_WORD = re.compile(r"[\u4e00-\u9fff\w]{5,}")


@dataclass(frozen=True, slots=True)
class Similar:
    """A registered opinion that says nearly the same."""

    comment_id: int
    receipt_code: str
    text: str
    likeness: float


def similar_to(
    session: Session, consultation_id: int, text: str, *, limit: int = 3
) -> list[Similar]:
    """The registered opinions nearest to `text`, nearest first."""
    if len(text) < FEWEST_CHARACTERS:
        return []
    runs = _runs(text)
    if not runs:
        return []
    query = (
        select(Comment.id, Submission.receipt_code, Comment.text)
        .join(Submission, col(Submission.id) == Comment.submission_id)
        .where(
            Comment.consultation_id == consultation_id,
            col(Submission.withdrawn_at).is_(None),
            or_(*(col(Comment.text).contains(run, autoescape=True) for run in runs)),
        )
        .order_by(col(Comment.id).desc())
        .limit(CANDIDATES)
    )
    rows = session.exec(query).all()
    found = [Similar(key or 0, code, words, similarity(text, words)) for key, code, words in rows]
    near = [one for one in found if one.likeness >= NEAR]
    return sorted(near, key=lambda one: -one.likeness)[:limit]


def _runs(text: str) -> list[str]:
    """Short runs of the text, spread evenly over it."""
    every = [
        words[at : at + RUN]
        for words in _HAN_OR_WORD.findall(text)
        for at in range(len(words) - RUN + 1)
    ]
    step = max(1, len(every) // RUNS)
    return every[::step][:RUNS]
