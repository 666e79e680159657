"""The plan around the words a comment is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from backend.models import Comment, Passage
from backend.plans.comparing import Run, compare_words
from backend.triage.plan import PlanIndex

AROUND = 1


@dataclass(frozen=True, slots=True)
class AnchorText:
    """The plan around an anchor: passages as they are now, and the words as they were.

    `then_and_now` compares the passage of the version that was read with today's, where they
    differ; `was_removed` when there is no such passage any more.
    """

    path: str
    passages: tuple[tuple[Passage, bool], ...]
    quote: str
    then_and_now: tuple[Run, ...] = ()
    was_removed: bool = False


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
        gone = _then_and_now(session, comment, plan, None)
        return AnchorText(
            path,
            tuple((row, False) for row in rows[: 2 * AROUND]),
            comment.anchor_quote,
            gone,
            was_removed=bool(gone),
        )
    around = rows[max(0, at - AROUND) : at + AROUND + 1]
    return AnchorText(
        path,
        tuple((row, row is rows[at]) for row in around),
        comment.anchor_quote,
        _then_and_now(session, comment, plan, rows[at].text),
    )


def _then_and_now(
    session: Session, comment: Comment, plan: PlanIndex, now: str | None
) -> tuple[Run, ...]:
    """What became of the passage since the comment was written; empty when nothing did."""
    if comment.anchor_version_id in (None, plan.version_id) or comment.anchor_key is None:
        return ()
    then = session.exec(
        select(Passage.text).where(
            Passage.plan_version_id == comment.anchor_version_id,
            Passage.key == comment.anchor_key,
        )
    ).first()
    if then is None or then == now:
        return ()
    return compare_words(then, now or "")
