"""What a comment is about: a person's choices first, then what the machine suggests beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from backend.models import Assessment, AssessmentLink, Comment, Review, ReviewLink
from backend.triage.highlight import Mark, marks_of
from backend.triage.plan import PlanIndex


@dataclass(frozen=True, slots=True)
class ItemTag:
    """A plan item a comment is said to be about, by the machine or by a person."""

    kind: str
    key: str
    title: str
    place: str
    stance: str | None
    score: float | None
    evidence: tuple[str, ...]
    is_chosen: bool


def machine_links(session: Session, assessment: Assessment | None) -> Sequence[AssessmentLink]:
    if assessment is None:
        return ()
    statement = select(AssessmentLink).where(AssessmentLink.assessment_id == assessment.id)
    return session.exec(statement.order_by(col(AssessmentLink.rank))).all()


def evidence_marks(
    assessment: Assessment | None, links: Sequence[AssessmentLink], plan: PlanIndex
) -> list[Mark]:
    if assessment is None:
        return []
    evidence = assessment.evidence
    found = marks_of(evidence.get("sentiment"), "情感")
    found += marks_of(evidence.get("intent"), "意图")
    found += marks_of(evidence.get("places"), "地点")
    for link in links:
        found += marks_of(link.evidence, plan.title_of(link.item_key))
    return found


def item_tags(
    session: Session,
    comment: Comment,
    links: Sequence[AssessmentLink],
    review: Review | None,
    plan: PlanIndex,
) -> tuple[ItemTag, ...]:
    """What a person chose first; then what the machine suggests beside it."""
    is_confirmed = review is not None and review.links_confirmed
    chosen = (
        session.exec(
            select(ReviewLink)
            .where(ReviewLink.comment_id == comment.id)
            .order_by(col(ReviewLink.id))
        ).all()
        if is_confirmed
        else ()
    )
    suggested = {link.item_key: link for link in links}
    taken = {own.item_key for own in chosen}
    return (
        *(_tag(plan, comment, own, suggested.get(own.item_key), is_chosen=True) for own in chosen),
        *(
            _tag(plan, comment, link, link, is_chosen=not is_confirmed)
            for link in links
            if link.item_key not in taken
        ),
    )


def _tag(
    plan: PlanIndex,
    comment: Comment,
    shown: ReviewLink | AssessmentLink,
    link: AssessmentLink | None,
    *,
    is_chosen: bool,
) -> ItemTag:
    item = plan.items.get(shown.item_key)
    spans = marks_of(link.evidence if link else (), "")
    return ItemTag(
        kind=shown.item_kind,
        key=shown.item_key,
        title=plan.title_of(shown.item_key),
        place=plan.path_of(item.section_key) if item else "",
        stance=shown.stance,
        score=link.score if link else None,
        evidence=tuple(comment.text[span.start : span.end] for span in spans),
        is_chosen=is_chosen,
    )
