"""The plan around the words a comment is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from backend.models import Comment, Passage
from backend.triage.plan import PlanIndex

AROUND = 1


@dataclass(frozen=True, slots=True)
class AnchorText:
    """The plan around an anchor: passages as they are now, and the quote as it was."""

    path: str
    passages: tuple[tuple[Passage, bool], ...]
    quote: str


def anchor_text(session: Session, comment: Comment, plan: PlanIndex) -> AnchorText:
    """The anchored passage with its neighbours, as the newest version has them."""
    path = plan.path_of(comment.anchor_section_key)
    rows: Sequence[Passage] = ()
    if plan.version_id is not None and comment.anchor_section_key is not None:
        rows = session.exec(
            select(Passage)
            .where(
                Passage.plan_version_id == plan.version_id,
                Passage.section_key == comment.anchor_section_key,
            )
            .order_by(col(Passage.position))
        ).all()
    at = next((i for i, row in enumerate(rows) if row.key == comment.anchor_key), None)
    if at is None and comment.anchor_quote:
        at = next((i for i, row in enumerate(rows) if comment.anchor_quote in row.text), None)
    if at is None:
        return AnchorText(
            path, tuple((row, False) for row in rows[: 2 * AROUND]), comment.anchor_quote
        )
    around = rows[max(0, at - AROUND) : at + AROUND + 1]
    return AnchorText(path, tuple((row, row is rows[at]) for row in around), comment.anchor_quote)
