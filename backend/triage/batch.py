"""One batch of a bulk run: some hundred comments changed by a handful of statements.

What speaks against a comment is found before anything is written. The rest is written together,
under a savepoint; should the writing fail, it is split up until what fails stands alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select, update

from backend.models import (
    BulkItem,
    BulkRun,
    Comment,
    Consultation,
    Disposition,
    Handling,
    Officer,
    Proposal,
    ProposalState,
    Screening,
    Submission,
)
from backend.triage import (
    approving,
    assigning,
    deciding,
    disposing,
    rules,
    saving,
    screening,
    supporting,
)
from backend.triage.forms import BulkForm, DecisionForm
from backend.web.errors import PageError

DONE, UNDONE = "已办理", "已撤销"
PARTS = 10  # Of a batch that failed; with halves most of it would be written again and again.
Pairs = Sequence[tuple[BulkItem, Comment]]
# What undo puts back, by column.
_STATE = (
    "handling", "assigned_department_id", "assigned_officer_id", "due_on", "screening",
    "withheld_reason",
)  # fmt: skip


def act(
    session: Session,
    run: BulkRun,
    ids: Sequence[int],
    officer: Officer,
    form: BulkForm,
    *,
    now: datetime,
) -> None:
    """Do to these comments what the run says; every one that was waiting gets its result."""
    consultation = session.get_one(Consultation, run.consultation_id)
    if form.action == "assign":
        assigning.check_assignee(session, officer, form.department_id, form.officer_id)
    _act(session, ids, _Work(run.id or 0, officer, form, consultation.approval_steps, now))


def undo(
    session: Session, run_id: int, ids: Sequence[int], officer: Officer, *, now: datetime
) -> None:
    """Put back those of these comments that nobody has touched since."""
    fit = []
    for item, comment in _items(session, run_id, ids):
        if item.result != DONE:
            continue
        if comment.version == item.version_after:
            fit.append((item, comment))
        else:
            item.result = "执行以后有同事改过，没有撤销"
    keys = [comment.id or 0 for _, comment in fit]
    saving.advance_all(session, [(c, c.version, _values(item.before)) for item, c in fit])
    approving.restore(session, {i.comment_id: i.before["proposal"] for i, _ in fit}, now=now)
    deciding.supersede(session, keys, now=now)
    standing = [i.before["disposition"] for i, _ in fit if i.before["disposition"] is not None]
    session.exec(
        update(Disposition).where(col(Disposition.id).in_(standing)).values(superseded_at=None)
    )
    for item, _ in fit:
        item.result = UNDONE
    acts = [(comment, {"bulk": run_id}) for _, comment in fit]
    saving.record_all(session, officer, "comment.bulk_undo", acts, now=now)


# --- Within --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    """What a run does, and what is the same for every comment."""

    run_id: int
    officer: Officer
    form: BulkForm
    steps: int
    now: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What has to be known of a batch before it is worked on, by comment."""

    proposals: Mapping[int, Proposal]
    standing: Mapping[int, int]
    unsettled: Mapping[int, str]
    # Held so that the rules of publishing find them without asking for one after another.
    submissions: Sequence[Submission]


def _act(session: Session, ids: Sequence[int], work: _Work) -> None:
    pairs = _items(session, work.run_id, ids)
    known = _know(session, ids, work)
    fit = []
    for item, comment in pairs:
        if item.result:
            continue
        item.before = _state(comment, known)
        problem = _reason_not_to(session, item, comment, work, known)
        item.result = (problem or "")[:100]
        if problem is None:
            fit.append((item, comment))
    session.flush()
    keys = [comment.id or 0 for _, comment in fit]
    try:
        # A savepoint: what fails in the middle leaves nothing of itself behind.
        with session.begin_nested():
            if fit:
                _ACTS[work.form.action](session, fit, work, known)
            for item, comment in fit:
                item.result, item.version_after = DONE, comment.version
    except PageError as error:
        session.expire_all()
        if len(keys) > 1:
            part = max(1, len(keys) // PARTS)
            for start in range(0, len(keys), part):
                _act(session, keys[start : start + part], work)
            return
        [(item, _)] = _items(session, work.run_id, keys)
        item.result = error.message[:100]


def _reason_not_to(
    session: Session, item: BulkItem, comment: Comment, work: _Work, known: _Known
) -> str | None:
    if comment.version != item.version:
        return "选定以后有同事改过，没有改动。"
    form = work.form
    if form.action == "assign":
        return assigning.reason_not_to_assign(comment, form.reason)
    if form.action in _SCREENING:
        publish = form.action == "publish"
        return screening.reason_not_to_screen(session, comment, publish=publish, reason=form.reason)
    problem = rules.reason_not_to_decide(comment)
    names = known.unsettled.get(item.comment_id)
    if problem is None and names is not None:
        problem = f"{names}不同意，请先逐条记录分歧情况。"
    if problem is None and form.action in _PASSING:
        proposal = known.proposals.get(comment.id or 0)
        problem = approving.reason_not_to_pass(proposal, work.officer, _PASSING[form.action])
    return problem


def _decide(session: Session, fit: Pairs, work: _Work, _known: _Known) -> None:
    rulings = []
    for item, comment in fit:
        form = DecisionForm(version=item.version, **(item.given or work.form.decision))
        decision = disposing.decision_of(form)
        details = {"bulk": work.run_id}
        rulings.append(deciding.Ruling(comment, item.version, **decision, details=details))
    disposing.settle(session, rulings, work.officer, steps=work.steps, now=work.now)


def _check(session: Session, fit: Pairs, work: _Work, known: _Known) -> None:
    approving.check_all(
        session, _passing(fit, known), work.officer,
        steps=work.steps, now=work.now, bulk=work.run_id,
    )  # fmt: skip


def _approve(session: Session, fit: Pairs, work: _Work, known: _Known) -> None:
    passing = _passing(fit, known)
    approving.approve_all(session, passing, work.officer, now=work.now, bulk=work.run_id)


def _passing(fit: Pairs, known: _Known) -> list[approving.Passing]:
    return [
        approving.Passing(comment, item.version, known.proposals[item.comment_id])
        for item, comment in fit
    ]


def _assign(session: Session, fit: Pairs, work: _Work, _known: _Known) -> None:
    assigning.assign_all(
        session,
        [(comment, item.version) for item, comment in fit],
        work.officer,
        department_id=work.form.department_id,
        officer_id=work.form.officer_id,
        reason=work.form.reason,
        now=work.now,
    )


def _screen(session: Session, fit: Pairs, work: _Work, _known: _Known) -> None:
    screening.screen_all(
        session,
        [(comment, item.version) for item, comment in fit],
        work.officer,
        publish=work.form.action == "publish",
        reason=work.form.reason,
        now=work.now,
    )


_ACTS: dict[str, Callable[[Session, Pairs, _Work, _Known], None]] = {
    "decide": _decide,
    "sheet": _decide,
    "check": _check,
    "approve": _approve,
    "assign": _assign,
    "publish": _screen,
    "withhold": _screen,
}
_PASSING = {"check": ProposalState.DRAFTED, "approve": ProposalState.CHECKED}
_SCREENING = frozenset({"publish", "withhold"})
_DECIDING = frozenset({"decide", "sheet", *_PASSING})


def _know(session: Session, ids: Sequence[int], work: _Work) -> _Known:
    standing = select(Disposition.comment_id, Disposition.id).where(
        col(Disposition.comment_id).in_(ids), col(Disposition.superseded_at).is_(None)
    )
    sent = (
        select(Submission)
        .join(Comment, col(Comment.submission_id) == Submission.id)
        .where(col(Comment.id).in_(ids))
    )
    return _Known(
        proposals=approving.open_proposals(session, ids),
        standing={key: row or 0 for key, row in session.exec(standing)},
        unsettled=supporting.unsettled(session, ids) if work.form.action in _DECIDING else {},
        submissions=session.exec(sent).all() if work.form.action == "publish" else (),
    )


def _state(comment: Comment, known: _Known) -> dict[str, Any]:
    key = comment.id or 0
    state = {name: getattr(comment, name) for name in _STATE}
    due = comment.due_on.isoformat() if comment.due_on else None
    return state | {
        "due_on": due,
        "disposition": known.standing.get(key),
        "proposal": approving.state_of(known.proposals.get(key)),
    }


def _values(before: Mapping[str, Any]) -> dict[str, Any]:
    due = before["due_on"]
    return {name: before[name] for name in _STATE} | {
        "handling": Handling(before["handling"]),
        "screening": Screening(before["screening"]),
        "due_on": date.fromisoformat(due) if due else None,
    }


def _items(session: Session, run_id: int, ids: Sequence[int]) -> Pairs:
    """In the order of the comments, which are held until the transaction ends."""
    statement = (
        select(BulkItem, Comment)
        .join(Comment, col(Comment.id) == BulkItem.comment_id)
        .where(BulkItem.bulk_run_id == run_id, col(BulkItem.comment_id).in_(ids))
        .order_by(col(BulkItem.comment_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(statement).all()
