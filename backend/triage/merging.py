"""合并: one matter handled once; every text and every receipt stays."""

from datetime import datetime

from sqlmodel import Session, select

from backend.models import Comment, Handling, Officer
from backend.triage import saving
from backend.web.errors import Refused


def merge(
    session: Session,
    comment: Comment,
    into: Comment,
    officer: Officer,
    *,
    version: int,
    now: datetime,
) -> None:
    """合并: one matter, handled once; both texts and both receipts stay."""
    if into.id == comment.id:
        raise Refused("不能合并到自己。")
    if into.consultation_id != comment.consultation_id:
        raise Refused("只能合并到同一个征询的意见。")
    if into.handling is Handling.MERGED:
        raise Refused("那条意见自己也已合并，请填写它合并后的编号。")
    followers = select(Comment.id).where(Comment.merged_into_id == comment.id).limit(1)
    if session.exec(followers).first() is not None:
        raise Refused("有别的意见合并在这一条里，不能再把它合并出去。")
    saving.advance(session, comment, version, handling=Handling.MERGED, merged_into_id=into.id)
    saving.record(session, officer, "comment.merge", comment, now=now, into=into.id)


def separate(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> None:
    """取消合并: the comment is on its own again."""
    if comment.handling is not Handling.MERGED:
        raise Refused("这条意见没有合并。")
    was = comment.merged_into_id
    saving.advance(session, comment, version, handling=Handling.NEW, merged_into_id=None)
    saving.record(session, officer, "comment.separate", comment, now=now, was=was)
