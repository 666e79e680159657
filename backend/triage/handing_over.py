"""移交: what is not about the plan goes to the office that deals with it."""

from datetime import datetime

from sqlmodel import Session

from backend.models import Comment, Handling, Officer
from backend.triage import rules, saving
from backend.triage.assigning import keep_assignment
from backend.web.errors import Refused


def hand_over(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    recipient: str,
    reason: str,
    now: datetime,
) -> None:
    """移交: a personal claim or a service matter goes where it can be dealt with."""
    if recipient not in rules.RECIPIENTS:
        raise Refused("请选择移交给哪个单位。")
    if not reason:
        raise Refused("移交需要写明原因，提交人凭回执可以看到移交去向。")
    if comment.handling is Handling.MERGED:
        raise Refused("这条意见已合并到另一条，请先取消合并。")
    saving.advance(
        session, comment, version, handling=Handling.HANDED_OVER, handed_over_to=recipient
    )
    keep_assignment(session, comment, officer, "hand_over", None, None, reason, now)
    saving.record(session, officer, "comment.hand_over", comment, now=now, recipient=recipient)
