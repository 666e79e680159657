"""The public page that shows what changed between two versions of the plan, and because of whom."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from backend.consultations.queries import public_by_slug
from backend.models import (
    Comment,
    Consultation,
    Disposition,
    Outcome,
    PlanChange,
    PlanChangeComment,
    PlanVersion,
    Screening,
    Stage,
)
from backend.plans import comparing
from backend.plans.queries import all_versions
from backend.plans.service import parsed_plan
from backend.web.access import public
from backend.web.deps import ReadSession
from backend.web.errors import NotFound
from backend.web.pages import render

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)


@router.get("/consultations/{slug}/versions")
def compare_versions(
    request: Request,
    slug: str,
    session: ReadSession,
    old: Annotated[int | None, Query(ge=1)] = None,
    new: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Two confirmed versions side by side; without numbers, the newest and the one before."""
    consultation = public_by_slug(session, slug)
    if consultation is None or consultation.id is None:
        raise NotFound("没有这个征询，或者它还没有发布。请从首页查找。")
    versions = [v for v in all_versions(session, consultation.id) if v.confirmed_at]
    newer = _chosen(versions, new) or (versions[0] if versions else None)
    older = _chosen(versions, old) or (versions[1] if len(versions) > 1 else None)
    changes: list[comparing.SectionChange] = []
    if newer is not None and older is not None:
        changes = comparing.compare(parsed_plan(older), parsed_plan(newer))
    context = {
        "consultation": consultation,
        "versions": versions,
        "older": older,
        "newer": newer,
        "changes": changes,
        "voices": _voices(session, consultation),
    }
    return render(request, "portal/versions.html", context)


def _chosen(versions: Sequence[PlanVersion], number: int | None) -> PlanVersion | None:
    return next((version for version in versions if version.number == number), None)


def _voices(session: Session, consultation: Consultation) -> dict[str, list[Comment]]:
    """Section key → published comments that led to a change there, once the outcome is public."""
    if consultation.stage not in (Stage.ANSWERED, Stage.ARCHIVED):
        return {}
    shown = (
        Comment.consultation_id == consultation.id,
        Comment.screening == Screening.PUBLISHED,
        col(Comment.masked_text).is_not(None),
    )
    decided = (
        select(Comment, col(Disposition.change_section_key))
        .join(Disposition, col(Disposition.comment_id) == col(Comment.id))
        .where(
            *shown,
            col(Disposition.superseded_at).is_(None),
            col(Disposition.outcome).in_([Outcome.ADOPTED, Outcome.PARTLY_ADOPTED]),
            col(Disposition.change_section_key).is_not(None),
        )
    )
    linked = (
        select(Comment, col(PlanChange.section_key))
        .join(PlanChangeComment, col(PlanChangeComment.comment_id) == col(Comment.id))
        .join(PlanChange, col(PlanChange.id) == col(PlanChangeComment.plan_change_id))
        .where(*shown, col(PlanChange.section_key).is_not(None))
    )
    voices: dict[str, dict[int, Comment]] = {}
    for comment, key in [*session.exec(decided), *session.exec(linked)]:
        assert key is not None
        assert comment.id is not None
        voices.setdefault(key, {})[comment.id] = comment
    return {key: list(comments.values()) for key, comments in voices.items()}
