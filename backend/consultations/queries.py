"""Reads of consultations."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from backend.models import Consultation, NoticeRevision, Stage


def by_slug(session: Session, slug: str) -> Consultation | None:
    return session.exec(select(Consultation).where(Consultation.slug == slug)).first()


def public_by_slug(session: Session, slug: str) -> Consultation | None:
    """A consultation the public may see."""
    query = select(Consultation).where(Consultation.slug == slug, Consultation.stage != Stage.DRAFT)
    return session.exec(query).first()


def published(session: Session) -> Sequence[Consultation]:
    """Everything the public may see, the one that closes first on top."""
    query = select(Consultation).where(Consultation.stage != Stage.DRAFT)
    return session.exec(query.order_by(col(Consultation.closes_at))).all()


def of_organisation(session: Session, organisation_id: int) -> Sequence[Consultation]:
    """All of an organisation's, drafts included, newest first."""
    query = select(Consultation).where(Consultation.organisation_id == organisation_id)
    return session.exec(query.order_by(col(Consultation.id).desc())).all()


def notice_history(session: Session, consultation_id: int) -> Sequence[NoticeRevision]:
    """The notice as published, extended, corrected or cancelled; oldest first."""
    query = select(NoticeRevision).where(NoticeRevision.consultation_id == consultation_id)
    return session.exec(query.order_by(col(NoticeRevision.id))).all()
