"""拆分: one text that raises several matters (一函多议) becomes several comments of one sending.

The parts together are the text as it was sent: nothing is left out and nothing is put in. The
original stays, counted nowhere; the receipt lists the parts, each of which is decided on its own.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.models import Comment, Handling, Officer, Support
from backend.triage import approving, rules, saving
from backend.triage.highlight import marks_of
from backend.triage.saving import Incomplete
from backend.web.errors import Refused

_END = re.compile(r"[。！？!?；;]+[”’』」）)]*|\n+")
# How people number their points.
_POINT = re.compile(
    r"[ \t\u3000]*(?:第[一二三四五六七八九十]+[，、点条]|[一二三四五六七八九十]+[是、．]"
    r"|[（(][一二三四五六七八九十\d]+[）)]|\d{1,2}[、．.](?!\d)|[①-⑳]|其[一二三四五六][，、]|另外|此外|还有一)"
)
HIDDEN = "［已遮盖］"


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence; `number` counts from 0. `is_point` suggests that another matter begins here."""

    number: int
    text: str
    is_point: bool


def pieces(text: str) -> list[str]:
    """The text in sentences; joined they are the text."""
    ends = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    cut = [text[a:b] for a, b in pairwise(sorted(set(ends)))]
    joined: list[str] = []
    for piece in cut:
        # Blank lines and bare punctuation are no sentence: they stay with the one before.
        if joined and not re.search(r"\w", piece):
            joined[-1] += piece
        else:
            joined.append(piece)
    return joined


def shown_pieces(text: str, personal: Iterable[Mapping[str, Any]] | None) -> list[Piece]:
    """The sentences for the screen, personal data hidden, numbered points marked.

    The first numbered point is no cut: a salutation before it is no matter of its own.
    """
    hidden = marks_of(personal, "")
    found, at, points = [], 0, 0
    for number, piece in enumerate(pieces(text)):
        shown = piece
        inside = (m for m in hidden if at <= m.start < m.end <= at + len(piece))
        for mark in sorted(inside, key=lambda m: -m.start):
            shown = shown[: mark.start - at] + HIDDEN + shown[mark.end - at :]
        is_point = _POINT.match(piece) is not None
        points += is_point
        found.append(Piece(number, shown.strip(), is_point and number > 0 and points > 1))
        at += len(piece)
    return found


def cut_at(text: str, starts: Iterable[int]) -> list[str]:
    """The parts that begin with these sentences, and what stands before the first of them."""
    sentences = pieces(text)
    edges = sorted({0, len(sentences), *(n for n in starts if 0 < n < len(sentences))})
    return ["".join(sentences[a:b]).strip() for a, b in pairwise(edges)]


def split(
    session: Session,
    comment: Comment,
    officer: Officer,
    starts: Iterable[int],
    *,
    version: int,
    now: datetime,
) -> list[Comment]:
    """Make a comment of each part; the original's matter is decided there from now on."""
    problem = reason_not_to_split(session, comment)
    if problem is not None:
        raise Refused(problem)
    parts = cut_at(comment.text, starts)
    if len(parts) < 2:
        raise Incomplete({"starts": "请至少勾选一句，从那一句起另立一条。"})
    if len(parts) > rules.MOST_PARTS:
        limit = rules.MOST_PARTS
        raise Incomplete({"starts": f"一次最多拆成 {limit} 条，现在是 {len(parts)} 条。"})
    saving.advance(session, comment, version, is_current=False)
    rows = _write_parts(session, comment, parts)
    saving.record(
        session, officer, "comment.split", comment, now=now, parts=[row.id for row in rows]
    )
    for row in rows:
        saving.record(session, officer, "comment.part", row, now=now, of=comment.id)
    return rows


def rejoin(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> Comment:
    """取消拆分, from any of the parts: possible while nobody decided on one. Gives the original."""
    if comment.split_from_id is None:
        raise Refused("这条意见不是拆分出来的。")
    parts = parts_from(session, comment.split_from_id)
    busy = [part for part in parts if _is_busy(session, part)]
    if busy:
        numbers = "、".join(f"第 {part.id} 号" for part in busy)
        raise Refused(f"{numbers}已经有结论、送审、移交或合并，不能取消拆分。")
    for part in parts:
        given = version if part.id == comment.id else part.version
        saving.advance(
            session, part, given, is_current=False, claimed_by_id=None, claimed_until=None
        )
    original = session.get_one(Comment, comment.split_from_id)
    saving.advance(session, original, original.version, is_current=True)
    saving.record(
        session, officer, "comment.rejoin", original, now=now, parts=[part.id for part in parts]
    )
    return original


def parts_from(session: Session, original_id: int) -> list[Comment]:
    """The parts an original stands for now, in their order."""
    statement = select(Comment).where(Comment.split_from_id == original_id, col(Comment.is_current))
    return list(session.exec(statement.order_by(col(Comment.ordinal))))


def _write_parts(session: Session, original: Comment, parts: list[str]) -> list[Comment]:
    last = session.exec(
        select(sa.func.max(Comment.ordinal)).where(Comment.submission_id == original.submission_id)
    ).one()
    kept = original.model_dump(include=_KEPT)
    rows = []
    for number, text in enumerate(parts, start=1):
        row = Comment(**kept, text=text, ordinal=(last or 0) + number, split_from_id=original.id)
        if number == 1:
            row.proposed_wording = original.proposed_wording
        session.add(row)
        rows.append(row)
    session.flush()
    _copy_support(session, original, rows)
    return rows


# What a part has in common with the text it was cut from. Masked words and screening are not:
# each part is read, masked and screened anew.
_KEPT = {
    "submission_id", "consultation_id", "received_at", "anchor_kind", "anchor_key",
    "anchor_section_key", "anchor_version_id", "anchor_quote", "anchor_prefix", "anchor_suffix",
    "anchor_state", "handling", "assigned_department_id", "assigned_officer_id", "due_on",
    "support_count",
}  # fmt: skip


def _copy_support(session: Session, original: Comment, parts: list[Comment]) -> None:
    """Who backed the whole text backed each matter in it."""
    backers = session.exec(select(Support).where(Support.comment_id == original.id)).all()
    session.add_all(
        Support(
            comment_id=part.id or 0, device_hash=backer.device_hash, created_at=backer.created_at
        )
        for part in parts
        for backer in backers
    )
    session.flush()


def reason_not_to_split(session: Session, comment: Comment) -> str | None:
    """Why a text cannot be split now, as a sentence."""
    if not comment.is_current:
        return "这条意见已经拆分。"
    if comment.handling not in rules.UNDECIDED:
        return "已经有结论、已合并或已移交的意见不能拆分。"
    if approving.open_proposal(session, comment) is not None:
        return "这条意见有结论在送审，请先退回再拆分。"
    followers = select(Comment.id).where(Comment.merged_into_id == comment.id).limit(1)
    if session.exec(followers).first() is not None:
        return "有别的意见合并在这一条里，请先取消合并。"
    return None


def _is_busy(session: Session, part: Comment) -> bool:
    follower = select(Comment.id).where(Comment.merged_into_id == part.id).limit(1)
    further = select(Comment.id).where(Comment.split_from_id == part.id, col(Comment.is_current))
    return (
        part.handling not in (Handling.NEW, Handling.ASSIGNED)
        or approving.open_proposal(session, part) is not None
        or session.exec(follower).first() is not None
        or session.exec(further.limit(1)).first() is not None
    )
