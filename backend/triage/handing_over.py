"""移交: what is not about the plan goes to who deals with it, and the answer comes back.

《信访工作条例》第二十二条 gives fifteen days to say whether a matter is taken up; whoever was
wrongly given one objects within five working days. A matter nobody takes comes back to the desk.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select, update

from backend.kit.clock import local
from backend.models import Comment, Handling, HandOver, HandOverResult, Officer
from backend.triage import approving, rules, saving, telling
from backend.triage.assigning import keep_assignment
from backend.triage.forms import AnswerForm
from backend.triage.saving import Incomplete
from backend.web.errors import Refused


@dataclass(frozen=True, slots=True)
class HandOverRow:
    """A hand-over, by whom, and its two days."""

    hand_over: HandOver
    by: str
    objection_on: date
    is_overdue: bool


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
    rules.check_length("移交原因", reason)
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    if approving.open_proposal(session, comment) is not None:
        raise Refused("这条意见有结论在送审，请先退回再移交。")
    saving.advance(
        session, comment, version, handling=Handling.HANDED_OVER, handed_over_to=recipient
    )
    session.add(
        HandOver(
            comment_id=comment.id or 0,
            recipient=recipient,
            reason=reason,
            handed_over_by_id=officer.id or 0,
            handed_over_at=now,
            due_on=rules.hand_over_due(now),
        )
    )
    keep_assignment(session, comment, officer, "hand_over", None, None, reason, now)
    saving.record(session, officer, "comment.hand_over", comment, now=now, recipient=recipient)


def record_answer(
    session: Session, comment: Comment, officer: Officer, form: AnswerForm, *, now: datetime
) -> None:
    """What the recipient said; 不予受理 brings the comment back to be decided here."""
    row = standing(session, comment)
    errors = {}
    if form.chosen is None:
        errors["result"] = "请选择移交的结果。"
    if not form.answer:
        errors["answer"] = "请写明对方的答复。"
    day = form.answered_on or local(now).date()
    if day > local(now).date():
        errors["answered_on"] = "答复日期不能晚于今天。"
    elif day < local(row.handed_over_at).date():
        errors["answered_on"] = "答复日期早于移交日期。"
    if errors:
        raise Incomplete(errors)
    rules.check_length("答复", form.answer)
    is_refused = form.chosen is HandOverResult.REFUSED
    back = {"handling": Handling.NEW, "handed_over_to": None} if is_refused else {}
    saving.advance(session, comment, form.version, **back)
    row.result, row.answer, row.answered_on = form.chosen, form.answer, day
    row.recorded_by_id, row.recorded_at = officer.id, now
    row.taken_back_at = now if is_refused else None
    session.add(row)
    session.flush()
    telling.tell(
        session, [row.handed_over_by_id], "answered", comment, by=officer,
        words=form.answer, now=now,
    )  # fmt: skip
    saving.record(
        session, officer, "comment.hand_over_answer", comment, now=now, result=str(form.chosen)
    )


def take_back(
    session: Session, comment: Comment, officer: Officer, *, version: int, reason: str,
    now: datetime,
) -> None:  # fmt: skip
    """收回: handed over by mistake; only while no answer was recorded."""
    row = standing(session, comment)
    if row.result is not None:
        raise Refused("对方已经答复，不能收回。")
    if not reason:
        raise Refused("收回需要写明原因。")
    saving.advance(session, comment, version, handling=Handling.NEW, handed_over_to=None)
    session.exec(update(HandOver).where(col(HandOver.id) == row.id).values(taken_back_at=now))
    keep_assignment(session, comment, officer, "return", None, None, reason, now)
    saving.record(session, officer, "comment.hand_over_back", comment, now=now, reason=reason)


def standing(session: Session, comment: Comment) -> HandOver:
    """The hand-over that counts; `Refused` when there is none."""
    row = session.exec(
        select(HandOver).where(
            HandOver.comment_id == comment.id, col(HandOver.taken_back_at).is_(None)
        )
    ).first()
    if row is None or comment.handling is not Handling.HANDED_OVER:
        raise Refused("这条意见没有移交。")
    return row


def hand_overs(session: Session, comment_id: int, now: datetime) -> tuple[HandOverRow, ...]:
    """Every hand-over of a comment, the last on top."""
    statement = (
        select(HandOver, Officer.display_name)
        .join(Officer, col(Officer.id) == HandOver.handed_over_by_id)
        .where(HandOver.comment_id == comment_id)
        .order_by(col(HandOver.id).desc())
    )
    today = local(now).date()
    return tuple(
        HandOverRow(
            row,
            name,
            rules.objection_due(row.handed_over_at),
            row.result is None and row.taken_back_at is None and row.due_on < today,
        )
        for row, name in session.exec(statement)
    )
