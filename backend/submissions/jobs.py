"""What is due by the clock, safe to repeat: bringing comments along to a newer version of the plan,
and clearing what nobody sent."""

from sqlmodel import Session, col, or_, select

from backend.jobs import job
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import AnchorKind, Comment, Consultation, PlanVersion
from backend.plans.queries import current_version
from backend.plans.service import parsed_plan
from backend.submissions import clearing
from backend.submissions.anchoring import Place, places_of, re_anchor

BATCH = 500

job("clear-drafts", minute="17")(clearing.clear_drafts)


@job("re-anchor", minute="*")
def re_anchor_comments(database: Database, _settings: Settings) -> None:
    """Every comment anchored to an older version is anchored to the current one."""
    with database.reading() as session:
        consultation_ids = session.exec(select(Consultation.id)).all()
    for consultation_id in consultation_ids:
        assert consultation_id is not None
        with database.reading() as session:
            version = current_version(session, consultation_id)
            if version is None or not _behind(session, consultation_id, version, 1):
                continue
            places = places_of(parsed_plan(version))
        while _move_batch(database, consultation_id, version, places):
            pass


def _behind(
    session: Session, consultation_id: int, version: PlanVersion, limit: int
) -> list[Comment]:
    older = or_(col(Comment.anchor_version_id).is_(None), Comment.anchor_version_id != version.id)
    query = select(Comment).where(Comment.consultation_id == consultation_id, older)
    anchored = query.where(Comment.anchor_kind != AnchorKind.PLAN)
    return list(session.exec(anchored.order_by(col(Comment.id)).limit(limit)))


def _move_batch(
    database: Database, consultation_id: int, version: PlanVersion, places: dict[str, Place]
) -> int:
    with database.writing() as session:
        comments = _behind(session, consultation_id, version, BATCH)
        for comment in comments:
            found = re_anchor(comment.anchor_kind, comment.anchor_key, comment.anchor_quote, places)
            comment.anchor_key = found.key
            comment.anchor_section_key = found.section_key or comment.anchor_section_key
            comment.anchor_state = found.state
            comment.anchor_version_id = version.id
            session.add(comment)
        return len(comments)
