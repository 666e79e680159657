"""What an officer is told: the list behind the bell, and the lines of the daily mail."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from backend.models import Comment, Consultation, Notification, Officer

SHOWN = 100
KINDS = {
    "assigned": "分办给您",
    "referred": "转办给您",
    "returned": "退回了您分办的意见",
    "mentioned": "在备注里提到您",
    "asked": "请您的部门会办",
    "opinion": "会办部门回复了",
    "to_check": "请您审核结论",
    "to_approve": "请您批准结论",
    "given_back": "退回了您拟的结论",
    "approved": "批准了您拟的结论",
    "answered": "移交有了结果",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One notification."""

    notification: Notification
    by: str | None
    slug: str
    title: str

    @property
    def path(self) -> str:
        return f"/desk/consultations/{self.slug}/comments/{self.notification.comment_id}"

    @property
    def sentence(self) -> str:
        """`沈文分办给您：第 12 号意见`."""
        what = KINDS.get(self.notification.kind, "有新的变化")
        return f"{self.by or '系统'}{what}：第 {self.notification.comment_id} 号意见"


def latest(session: Session, officer_id: int) -> list[Told]:
    """The last notifications, unread ones first."""
    statement = (
        _told(officer_id)
        .order_by(col(Notification.read_at).is_not(None), col(Notification.id).desc())
        .limit(SHOWN)
    )
    return [Told(*row) for row in session.exec(statement)]


def unread_since(session: Session, officer_id: int, since: datetime) -> list[Told]:
    """What was said after a moment and has not been taken notice of, in order."""
    statement = _told(officer_id).where(
        col(Notification.read_at).is_(None), col(Notification.created_at) > since
    )
    return [Told(*row) for row in session.exec(statement.order_by(col(Notification.id)))]


def _told(officer_id: int):  # type: ignore[no-untyped-def]
    by = aliased(Officer)
    return (
        select(Notification, by.display_name, Consultation.slug, Consultation.title)
        .join(by, col(by.id) == Notification.by_officer_id, isouter=True)
        .join(Comment, col(Comment.id) == Notification.comment_id)
        .join(Consultation, col(Consultation.id) == Comment.consultation_id)
        .where(Notification.officer_id == officer_id)
    )
