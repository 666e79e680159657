"""核定: an official confirms or corrects what the machine read.

The machine's reading is never touched: people write Review and ReviewLink.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from backend.models import Assessment, AssessmentLink, Comment, Officer, Review, ReviewLink
from backend.triage import saving
from backend.triage.forms import ReviewForm
from backend.triage.plan import PlanIndex
from backend.web.labels import LABELS


def review(
    session: Session,
    comment: Comment,
    officer: Officer,
    form: ReviewForm,
    plan: PlanIndex,
    *,
    now: datetime,
) -> None:
    """Confirm or correct what the machine read; the official's reading replaces the shown one."""
    keys = _reviewed_keys(form, plan)
    saving.advance(session, comment, form.version)
    row = session.exec(select(Review).where(Review.comment_id == comment.id)).first()
    if row is None:
        row = Review(comment_id=comment.id or 0, officer_id=officer.id or 0, reviewed_at=now)
    row.sentiment = form.sentiment if form.sentiment in LABELS["sentiment"] else None
    row.intent = form.intent if form.intent in LABELS["intent"] else None
    row.links_confirmed = True
    row.officer_id, row.reviewed_at = officer.id or 0, now
    session.add(row)
    _replace_links(session, comment, keys, plan)
    saving.record(
        session, officer, "comment.review", comment, now=now,
        items=keys, sentiment=row.sentiment, intent=row.intent,
    )  # fmt: skip


def confirm_reading(
    session: Session,
    comment: Comment,
    officer: Officer,
    plan: PlanIndex,
    *,
    version: int,
    now: datetime,
) -> None:
    """One key: the machine's links, intent and sentiment are right as they stand."""
    links = session.exec(
        select(AssessmentLink.item_key)
        .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
        .where(AssessmentLink.comment_id == comment.id, col(Assessment.is_current).is_(True))
        .order_by(col(AssessmentLink.rank))
    )
    form = ReviewForm(version=version, items=[key for key in links if key in plan.items])
    review(session, comment, officer, form, plan, now=now)


def _reviewed_keys(form: ReviewForm, plan: PlanIndex) -> list[str]:
    keys = [key for key in dict.fromkeys(form.items) if key in plan.items]
    if form.add_item:
        found = plan.find_items(form.add_item)
        if not found:
            raise saving.Incomplete({"add_item": "没有找到这个指标、任务或章节，请从列表中选择。"})
        if found[0] not in keys:
            keys.append(found[0])
    return keys


def _replace_links(session: Session, comment: Comment, keys: list[str], plan: PlanIndex) -> None:
    """The official's links; a stance the machine read is kept with the link it was read for."""
    machine = session.exec(
        select(AssessmentLink.item_key, AssessmentLink.stance)
        .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
        .where(AssessmentLink.comment_id == comment.id, col(Assessment.is_current).is_(True))
    )
    suggested = dict(machine.all())
    for old in session.exec(select(ReviewLink).where(ReviewLink.comment_id == comment.id)):
        session.delete(old)
    session.flush()
    for key in keys:
        session.add(
            ReviewLink(
                comment_id=comment.id or 0,
                item_kind=plan.items[key].kind,
                item_key=key,
                stance=suggested.get(key),
            )
        )
    session.flush()
