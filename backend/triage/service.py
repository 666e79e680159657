"""办理: the verbs of the desk. Each checks the version it was read at, writes, and is recorded.

The optimistic lock is one UPDATE that names the version: of two officials who save the same
comment, the second gets `Stale` and nothing of theirs is applied. The machine's reading is never
touched: people write Review and ReviewLink.
"""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select, update

from backend.accounts import audit
from backend.models import (
    Assessment,
    AssessmentLink,
    Assignment,
    Comment,
    Contact,
    Department,
    Disposition,
    Handling,
    InternalNote,
    Officer,
    Outcome,
    ReadMark,
    Review,
    ReviewLink,
    SavedView,
    Screening,
    Submission,
)
from backend.triage import rules
from backend.triage.forms import DecisionForm, ReviewForm, ViewForm
from backend.triage.plan import PlanIndex
from backend.web.errors import Conflict, Refused
from backend.web.labels import LABELS


class Stale(Conflict):
    """Somebody saved this comment after the form was opened."""


class Incomplete(Refused):
    """A decision that lacks something; `errors` are sentences by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("".join(errors.values()))
        self.errors = errors


# --- Reading it right ----------------------------------------------------------------------------


def review(
    session: Session,
    comment: Comment,
    officer: Officer,
    form: ReviewForm,
    plan: PlanIndex,
    *,
    now: datetime,
) -> None:
    """Confirm or correct what the machine read; the official's reading replaces the shown one."""
    keys = _reviewed_keys(form, plan)
    advance(session, comment, form.version)
    row = session.exec(select(Review).where(Review.comment_id == comment.id)).first()
    if row is None:
        row = Review(comment_id=comment.id or 0, officer_id=officer.id or 0, reviewed_at=now)
    row.sentiment = form.sentiment if form.sentiment in LABELS["sentiment"] else None
    row.intent = form.intent if form.intent in LABELS["intent"] else None
    row.links_confirmed = True
    row.officer_id, row.reviewed_at = officer.id or 0, now
    session.add(row)
    _replace_links(session, comment, keys, plan)
    _record(
        session, officer, "comment.review", comment, now=now,
        items=keys, sentiment=row.sentiment, intent=row.intent,
    )  # fmt: skip


def confirm_reading(
    session: Session,
    comment: Comment,
    officer: Officer,
    plan: PlanIndex,
    *,
    version: int,
    now: datetime,
) -> None:
    """One key: the machine's links, intent and sentiment are right as they stand."""
    links = session.exec(
        select(AssessmentLink.item_key)
        .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
        .where(AssessmentLink.comment_id == comment.id, col(Assessment.is_current).is_(True))
        .order_by(col(AssessmentLink.rank))
    )
    form = ReviewForm(version=version, items=[key for key in links if key in plan.items])
    review(session, comment, officer, form, plan, now=now)


# --- Deciding ------------------------------------------------------------------------------------


def dispose(
    session: Session,
    comment: Comment,
    officer: Officer,
    form: DecisionForm,
    plan: PlanIndex,
    *,
    now: datetime,
) -> Disposition:
    """Save the outcome with its reason; an earlier decision is superseded, not changed."""
    section_key = form.change_section_key if form.change_section_key in plan.sections else None
    errors = rules.decision_errors(
        outcome=form.chosen,
        reason=form.reason,
        place=form.change_place,
        section_key=section_key,
        reply=form.reply,
    )
    if errors or form.chosen is None:
        raise Incomplete(errors)
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    return decide(
        session,
        comment,
        officer,
        version=form.version,
        outcome=form.chosen,
        reason=form.reason,
        section_key=section_key,
        place=form.change_place,
        reply=form.reply,
        now=now,
    )


def decide(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    outcome: Outcome,
    reason: str,
    section_key: str | None,
    place: str,
    reply: str,
    now: datetime,
    **details: Any,
) -> Disposition:
    """Write a decision that has been checked."""
    before = comment.handling
    advance(
        session, comment, version,
        handling=Handling.DECIDED, claimed_by_id=None, claimed_until=None,
    )  # fmt: skip
    supersede(session, comment, now=now)
    disposition = Disposition(
        comment_id=comment.id or 0,
        outcome=outcome,
        reason=reason,
        change_section_key=section_key,
        change_place=place,
        reply=reply,
        decided_by_id=officer.id or 0,
        decided_at=now,
    )
    session.add(disposition)
    session.flush()
    _record(
        session, officer, "comment.dispose", comment, now=now,
        outcome=outcome.value, disposition=disposition.id, before=before.value, **details,
    )  # fmt: skip
    return disposition


def supersede(session: Session, comment: Comment, *, now: datetime) -> None:
    """The decision that counted so far stays on record and counts no more."""
    session.exec(
        update(Disposition)
        .where(col(Disposition.comment_id) == comment.id, col(Disposition.superseded_at).is_(None))
        .values(superseded_at=now)
    )


# --- Passing on ----------------------------------------------------------------------------------


def claim(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> bool:
    """Take a comment for fifteen minutes; of many who try at once, one gets it."""
    taken = session.exec(
        update(Comment)
        .where(
            col(Comment.id) == comment.id,
            col(Comment.claimed_by_id).is_(None)
            | (col(Comment.claimed_by_id) == officer.id)
            | (col(Comment.claimed_until) <= now),
        )
        .values(claimed_by_id=officer.id, claimed_until=now + rules.CLAIM_LENGTH)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return False
    _record(session, officer, "comment.claim", comment, now=now)
    return True


def release(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """Give up one's own claim."""
    freed = session.exec(
        update(Comment)
        .where(col(Comment.id) == comment.id, col(Comment.claimed_by_id) == officer.id)
        .values(claimed_by_id=None, claimed_until=None)
        .execution_options(synchronize_session=False)
    )
    if freed.rowcount == 1:
        _record(session, officer, "comment.release", comment, now=now)


def assign(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    department_id: int | None,
    officer_id: int | None,
    reason: str = "",
    now: datetime,
) -> None:
    """分办 a comment to a department, an officer or both; 转办 when it already had one."""
    check_assignee(session, officer, department_id, officer_id)
    is_referral = comment.handling is Handling.ASSIGNED
    if is_referral and not reason:
        raise Refused("转办需要写明原因，方便接手的同事了解情况。")
    problem = rules.reason_not_to_decide(comment)
    if problem is not None:
        raise Refused(problem)
    decided = comment.handling is Handling.DECIDED
    advance(
        session, comment, version,
        handling=Handling.DECIDED if decided else Handling.ASSIGNED,
        assigned_department_id=department_id,
        assigned_officer_id=officer_id,
        due_on=comment.due_on or rules.handling_due(comment.received_at, now),
    )  # fmt: skip
    action = "refer" if is_referral else "assign"
    _keep_assignment(session, comment, officer, action, department_id, officer_id, reason, now)
    _record(
        session, officer, f"comment.{action}", comment, now=now,
        to_department=department_id, to_officer=officer_id,
    )  # fmt: skip


def return_to_queue(
    session: Session,
    comment: Comment,
    officer: Officer,
    *,
    version: int,
    reason: str,
    now: datetime,
) -> None:
    """退回: not ours; a reason is needed so that it does not come back."""
    if not reason:
        raise Refused("退回需要写明原因，例如不属于本部门职责。")
    if comment.handling is not Handling.ASSIGNED:
        raise Refused("这条意见没有分办给任何部门，不需要退回。")
    advance(
        session, comment, version,
        handling=Handling.NEW, assigned_department_id=None, assigned_officer_id=None,
        claimed_by_id=None, claimed_until=None,
    )  # fmt: skip
    _keep_assignment(session, comment, officer, "return", None, None, reason, now)
    _record(session, officer, "comment.return", comment, now=now)


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
    advance(session, comment, version, handling=Handling.HANDED_OVER, handed_over_to=recipient)
    _keep_assignment(session, comment, officer, "hand_over", None, None, reason, now)
    _record(session, officer, "comment.hand_over", comment, now=now, recipient=recipient)


# --- Screening, merging, notes -------------------------------------------------------------------


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
    if not publish and not reason:
        raise Refused("不公开需要写明原因，例如涉及个人隐私。")
    advance(
        session, comment, version,
        screening=Screening.PUBLISHED if publish else Screening.WITHHELD,
        withheld_reason=None if publish else reason,
    )  # fmt: skip
    action = "comment.publish" if publish else "comment.withhold"
    _record(session, officer, action, comment, now=now, reason=reason)


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
    advance(session, comment, version, handling=Handling.MERGED, merged_into_id=into.id)
    _record(session, officer, "comment.merge", comment, now=now, into=into.id)


def separate(
    session: Session, comment: Comment, officer: Officer, *, version: int, now: datetime
) -> None:
    """取消合并: the comment is on its own again."""
    if comment.handling is not Handling.MERGED:
        raise Refused("这条意见没有合并。")
    was = comment.merged_into_id
    advance(session, comment, version, handling=Handling.NEW, merged_into_id=None)
    _record(session, officer, "comment.separate", comment, now=now, was=was)


def note(
    session: Session, comment: Comment, officer: Officer, text: str, *, now: datetime
) -> InternalNote:
    """内部备注: said among colleagues, never shown to the public."""
    if not text:
        raise Refused("请先写备注内容。")
    if len(text) > rules.REASON_MAX:
        raise Refused(f"备注最多 {rules.REASON_MAX} 字，现在是 {len(text)} 字。")
    row = InternalNote(
        comment_id=comment.id or 0, officer_id=officer.id or 0, text=text, created_at=now
    )
    session.add(row)
    session.flush()
    _record(session, officer, "comment.note", comment, now=now, note=row.id)
    return row


def mark_read(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> None:
    """Opened by this officer; no change to the comment, hence no entry in the audit."""
    key = {"comment_id": comment.id, "officer_id": officer.id}
    if session.get(ReadMark, key) is None:
        session.add(ReadMark(comment_id=comment.id or 0, officer_id=officer.id or 0, read_at=now))


# --- Personal data -------------------------------------------------------------------------------


def read_contact(
    session: Session, comment: Comment, officer: Officer, *, now: datetime
) -> tuple[Submission, Contact | None]:
    """Who sent it; looking is recorded before anything is shown."""
    submission = session.get_one(Submission, comment.submission_id)
    contact = session.exec(select(Contact).where(Contact.submission_id == submission.id)).first()
    _record(session, officer, "contact.read", comment, now=now, submission=submission.id)
    return submission, contact


def read_original(session: Session, comment: Comment, officer: Officer, *, now: datetime) -> str:
    """The text with nothing masked; looking is recorded."""
    _record(session, officer, "comment.read_original", comment, now=now)
    return comment.text


# --- Saved views ---------------------------------------------------------------------------------


def save_view(session: Session, officer: Officer, form: ViewForm, *, now: datetime) -> SavedView:
    """Keep a search under a name, for oneself or for everybody in the organisation."""
    if not form.name:
        raise Refused("请给视图起个名字。")
    view = SavedView(
        organisation_id=officer.organisation_id,
        officer_id=None if form.shared else officer.id,
        name=form.name[:64],
        query=form.q,
        created_at=now,
    )
    session.add(view)
    session.flush()
    audit.record(
        session, officer, "view.save", "saved_view", view.id,
        {"name": view.name, "query": view.query}, now=now,
    )  # fmt: skip
    return view


def remove_view(session: Session, view: SavedView, officer: Officer, *, now: datetime) -> None:
    """Forget a view; the comments it showed are untouched."""
    audit.record(
        session, officer, "view.remove", "saved_view", view.id,
        {"name": view.name, "query": view.query}, now=now,
    )  # fmt: skip
    session.delete(view)


# --- Within --------------------------------------------------------------------------------------


def advance(session: Session, comment: Comment, version: int, **values: Any) -> None:
    """Write `values` if the comment still has the version the form was opened at."""
    saved = session.exec(
        update(Comment)
        .where(col(Comment.id) == comment.id, col(Comment.version) == version)
        .values(version=version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    if saved.rowcount != 1:
        raise Stale("有同事刚刚保存了这条意见。您填写的内容还在下面，请看过现在的情况再决定。")
    session.refresh(comment)


def _record(
    session: Session,
    officer: Officer,
    action: str,
    comment: Comment,
    *,
    now: datetime,
    **details: Any,
) -> None:
    given = {key: value for key, value in details.items() if value not in (None, "")}
    audit.record(session, officer, action, "comment", comment.id, given, now=now)


def _reviewed_keys(form: ReviewForm, plan: PlanIndex) -> list[str]:
    keys = [key for key in dict.fromkeys(form.items) if key in plan.items]
    if form.add_item:
        found = plan.find_items(form.add_item)
        if not found:
            raise Incomplete({"add_item": "没有找到这个指标、任务或章节，请从列表中选择。"})
        if found[0] not in keys:
            keys.append(found[0])
    return keys


def _replace_links(session: Session, comment: Comment, keys: list[str], plan: PlanIndex) -> None:
    """The official's links; a stance the machine read is kept with the link it was read for."""
    machine = session.exec(
        select(AssessmentLink.item_key, AssessmentLink.stance)
        .join(Assessment, col(Assessment.id) == AssessmentLink.assessment_id)
        .where(AssessmentLink.comment_id == comment.id, col(Assessment.is_current).is_(True))
    )
    suggested = dict(machine.all())
    for old in session.exec(select(ReviewLink).where(ReviewLink.comment_id == comment.id)):
        session.delete(old)
    session.flush()
    for key in keys:
        session.add(
            ReviewLink(
                comment_id=comment.id or 0,
                item_kind=plan.items[key].kind,
                item_key=key,
                stance=suggested.get(key),
            )
        )
    session.flush()


def check_assignee(
    session: Session, officer: Officer, department_id: int | None, officer_id: int | None
) -> None:
    """Raise `Refused` unless both, where given, belong to the officer's organisation."""
    if department_id is None and officer_id is None:
        raise Refused("请选择分办给哪个部门或哪位同事。")
    department = session.get(Department, department_id) if department_id is not None else None
    colleague = session.get(Officer, officer_id) if officer_id is not None else None
    if department_id is not None and (
        department is None or department.organisation_id != officer.organisation_id
    ):
        raise Refused("没有这个部门。")
    if officer_id is not None and (
        colleague is None
        or colleague.organisation_id != officer.organisation_id
        or colleague.deactivated_at is not None
    ):
        raise Refused("没有这位同事，或者账号已停用。")


def _keep_assignment(
    session: Session,
    comment: Comment,
    by: Officer,
    action: str,
    department_id: int | None,
    officer_id: int | None,
    reason: str,
    now: datetime,
) -> None:
    session.add(
        Assignment(
            comment_id=comment.id or 0,
            action=action,
            department_id=department_id,
            officer_id=officer_id,
            reason=reason,
            by_officer_id=by.id or 0,
            created_at=now,
        )
    )
    session.flush()
