"""办理结论: writing decisions. A newer one supersedes, none is ever changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from backend.models import Comment, Disposition, Handling, Officer, Outcome
from backend.triage import saving

FREED = {"claimed_by_id": None, "claimed_until": None}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is written about one comment, checked before; `details` go to the audit."""

    comment: Comment
    version: int
    outcome: Outcome
    reason: str
    section_key: str | None
    place: str
    reply: str
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, Any]:
        """The columns a decision and a proposal have in common."""
        return {
            "comment_id": self.comment.id or 0,
            "outcome": self.outcome,
            "reason": self.reason,
            "change_section_key": self.section_key,
            "change_place": self.place,
            "reply": self.reply,
        }


def decide_all(
    session: Session,
    rulings: Sequence[tuple[Ruling, int]],
    by: Officer,
    *,
    action: str = "comment.dispose",
    now: datetime,
) -> None:
    """Write decisions, each with the officer whose it is; `by` acts, as with an approval."""
    before = [ruling.comment.handling.value for ruling, _ in rulings]
    decided = {"handling": Handling.DECIDED, **FREED}
    saving.advance_all(session, [(one.comment, one.version, decided) for one, _ in rulings])
    supersede(session, [one.comment.id or 0 for one, _ in rulings], now=now)
    rows = [
        Disposition(**ruling.words, decided_by_id=decided_by_id, decided_at=now)
        for ruling, decided_by_id in rulings
    ]
    session.add_all(rows)
    session.flush()
    acts = [
        (
            one.comment,
            {"outcome": one.outcome.value, "disposition": row.id, "before": was, **one.details},
        )
        for (one, _), row, was in zip(rulings, rows, before, strict=True)
    ]
    saving.record_all(session, by, action, acts, now=now)


def supersede(session: Session, comment_ids: Collection[int], *, now: datetime) -> None:
    """The decisions that counted so far stay on record and count no more."""
    session.exec(
        update(Disposition)
        .where(
            col(Disposition.comment_id).in_(comment_ids), col(Disposition.superseded_at).is_(None)
        )
        .values(superseded_at=now)
    )
