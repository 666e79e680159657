"""Hot issues (热点): what was raised this week more often than in the weeks before, and where."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session, col, select

from analysis.issues.rising import rising
from backend.kit.clock import local, start_of
from backend.models import Comment, CorpusTag, Submission

_WEEKS = 5
MOST_ISSUES = 12


@dataclass(frozen=True, slots=True)
class HotIssue:
    """An issue with its comments of the last seven days, the usual week, and where they came from.

    `streets` are the 街镇 named most by its recent senders.
    """

    issue: str
    recent_count: int
    usual_count: float
    streets: tuple[str, ...]


def hot_issues(session: Session, consultation_id: int, today: date) -> tuple[HotIssue, ...]:
    """The strongest first, by the latest corpus reading."""
    rows = session.exec(
        select(CorpusTag.issue, Comment.received_at, Submission.street)
        .join(Comment, col(Comment.id) == col(CorpusTag.comment_id))
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            Comment.consultation_id == consultation_id,
            col(CorpusTag.issue).is_not(None),
            Comment.received_at >= start_of(today - timedelta(weeks=_WEEKS)),
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
        )
    ).all()
    dated = [(issue or "", local(at).date()) for issue, at, _ in rows]
    week = today - timedelta(days=7)
    streets: dict[str, Counter[str]] = defaultdict(Counter)
    for (issue, day), (_, _, street) in zip(dated, rows, strict=True):
        if street is not None and week < day <= today:
            streets[issue][street] += 1
    return tuple(
        HotIssue(
            one.id,
            one.recent_count,
            one.usual_count,
            tuple(name for name, _ in streets[one.id].most_common(3)),
        )
        for one in rising(dated, today)[:MOST_ISSUES]
    )
