"""审核: what the public may read."""

from collections.abc import Sequence
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
    problem = reason_not_to_screen(session, comment, publish=publish, reason=reason)
    if problem is not None:
        raise Refused(problem)
    screen_all(session, [(comment, version)], officer, publish=publish, reason=reason, now=now)


def reason_not_to_screen(
    session: Session, comment: Comment, *, publish: bool, reason: str
) -> str | None:
    """Why a comment cannot be published or withheld, as a sentence."""
    if publish and comment.masked_text is None:
        return "这条意见还没有完成个人信息脱敏，暂时不能公开。请稍后再试。"
    if publish:
        consultation = session.get_one(Consultation, comment.consultation_id)
        submission = session.get_one(Submission, comment.submission_id)
        return verifying.reason_not_to_publish(session, consultation, submission)
    if not publish and not reason:
        return "不公开需要写明原因，例如涉及个人隐私。"
    return None


def screen_all(
    session: Session,
    versions: Sequence[tuple[Comment, int]],
    officer: Officer,
    *,
    publish: bool,
    reason: str,
    now: datetime,
) -> None:
    """Screen comments nothing speaks against."""
    values = {
        "screening": Screening.PUBLISHED if publish else Screening.WITHHELD,
        "withheld_reason": None if publish else reason,
    }
    saving.advance_all(session, [(comment, version, values) for comment, version in versions])
    action = "comment.publish" if publish else "comment.withhold"
    acts = [(comment, {"reason": reason}) for comment, _ in versions]
    saving.record_all(session, officer, action, acts, now=now)


def verify_contact(
    session: Session, comment: Comment, officer: Officer, *, how: str, now: datetime
) -> None:
    """核实: the officer reached the sender, and says how."""
    submission = session.get_one(Submission, comment.submission_id)
    verifying.verify_by_officer(session, submission, officer, how, now=now)
