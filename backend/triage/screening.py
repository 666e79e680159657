"""审核: what the public may read."""

from datetime import datetime

from sqlmodel import Session

from backend.models import Comment, Consultation, Officer, Screening, Submission
from backend.submissions import verifying
from backend.triage import saving
from backend.web.errors import Refused


def screen(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    publish: bool,
    reason: str,
    now: datetime,
) -> None:
    """审核: let the public read the masked text, or withhold it with a reason."""
    if publish and comment.masked_text is None:
        raise Refused("这条意见还没有完成个人信息脱敏，暂时不能公开。请稍后再试。")
    if publish:
        consultation = session.get_one(Consultation, comment.consultation_id)
        submission = session.get_one(Submission, comment.submission_id)
        obstacle = verifying.reason_not_to_publish(session, consultation, submission)
        if obstacle is not None:
            raise Refused(obstacle)
    if not publish and not reason:
        raise Refused("不公开需要写明原因，例如涉及个人隐私。")
    saving.advance(
        session, comment, version,
        screening=Screening.PUBLISHED if publish else Screening.WITHHELD,
        withheld_reason=None if publish else reason,
    )  # fmt: skip
    action = "comment.publish" if publish else "comment.withhold"
    saving.record(session, officer, action, comment, now=now, reason=reason)


def verify_contact(
    session: Session, comment: Comment, officer: Officer, *, how: str, now: datetime
) -> None:
    """核实: the officer reached the sender, and says how."""
    submission = session.get_one(Submission, comment.submission_id)
    verifying.verify_by_officer(session, submission, officer, how, now=now)
