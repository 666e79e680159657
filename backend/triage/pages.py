"""The desk's pages, and `perform`: an act on a comment that comes back to one of them.

What goes wrong comes back with the page and everything typed.
"""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.labels import action_label
from backend.accounts.queries import departments
from backend.accounts.rules import Permission
from backend.kit.pagination import Page
from backend.models import BulkRun, Comment, Consultation
from backend.organisations import replies
from backend.triage import bulk, lists, queries, reading, rules, search, splitting
from backend.triage.desk import Desk
from backend.triage.filters import Scope
from backend.triage.forms import BulkForm, DeskState
from backend.triage.queries import QueueRow
from backend.triage.reading import CommentView
from backend.triage.search import parse
from backend.web.errors import NotFound, PageError
from backend.web.pages import date_zh, redirect, render

# A saved view says how many it finds up to this many.
MANY = 1000

DONE = {
    "decided": "办理结论已保存",
    "confirmed": "已确认研判",
    "reviewed": "核定已保存",
    "claimed": "已认领，15 分钟内由您办理",
    "released": "已放弃认领",
    "assigned": "已分办",
    "returned": "已退回待处理",
    "handed_over": "已移交",
    "published": "已审核公开",
    "withheld": "已审核为不公开",
    "merged": "已合并",
    "separated": "已取消合并",
    "verified": "核实已记录，可以公开了",
    "noted": "备注已添加",
    "proposed": "结论已送审",
    "checked": "审核通过",
    "approved": "已批准，结论生效",
    "given_back": "已退回修改",
    "asked": "已请会办",
    "opinion_given": "会办意见已提交",
    "disagreement": "分歧情况已记录",
    "split": "已拆分",
    "rejoined": "已取消拆分",
    "answered": "移交结果已记录",
    "taken_back": "已收回移交",
    "steps_set": "审批步骤已保存",
    "view_saved": "视图已保存",
    "view_removed": "视图已删除",
}


def perform(
    desk: Desk,
    comment_id: int,
    form: DeskState,
    act: Callable[[Session, Comment, Scope], Any],
    *,
    done: str,
    move_on: bool = False,
) -> Response:
    """Do something to a comment in one transaction, then go back to it, or on to the next."""
    try:
        with desk.database.writing() as session:
            scope = desk.scope(session)
            comment, _ = desk.found(session, comment_id, scope)
            act(session, comment, scope)
    except NotFound:
        raise
    except PageError as error:
        return comment_page(desk, comment_id, form, error=error)
    if not move_on:
        return redirect(desk.address(form, comment_id, done))
    goal = desk.address(form, form.next_id, done)
    return redirect(f"{goal}&was={comment_id}")


def by(desk: Desk, verb: Callable[..., Any], **given: Any) -> Callable[..., None]:
    """An act of the desk's officer, at the desk's time."""

    def act(session: Session, comment: Comment, _scope: Scope) -> None:
        verb(session, comment, desk.officer.officer, **given, now=desk.now)

    return act


def queue_page(desk: Desk, state: DeskState) -> Response:
    """The list, with its filters as chips."""
    with desk.database.reading() as session:
        context = _common(desk, session, state)
        context |= {
            "counts": queries.counts_by_handling(session, context["scope"]),
            "views": [
                (view, queries.count_up_to(session, parse(view.query), context["scope"], MANY))
                for view in lists.saved_views(
                    session, desk.officer.organisation_id, desk.officer.id
                )
            ],
            "many": MANY,
            "approval_steps": session.get_one(Consultation, desk.consultation_id).approval_steps,
            "totals": lists.totals(session, desk.consultation_id)
            if desk.officer.sees_whole_queue(desk.consultation_id)
            else None,
            "streets": lists.streets(session, desk.consultation_id),
        }
        return render(desk.request, "desk/queue.html", context)


def comment_page(
    desk: Desk,
    comment_id: int,
    state: DeskState,
    *,
    error: PageError | None = None,
    **extra: Any,
) -> Response:
    """One comment beside its queue. After an error `state` is the form as it was sent."""
    with desk.database.reading() as session:
        context = _common(desk, session, state)
        comment, submission = desk.found(session, comment_id, context["scope"])
        view = reading.view(session, comment, submission, context["scope"])
        organisation_id = desk.officer.organisation_id
        rows = context["rows"].rows
        at = next((i for i, row in enumerate(rows) if row.id == comment_id), None)
        context |= {
            "view": view,
            "comment": comment,
            "submission": submission,
            "previous_row": rows[at - 1] if at else None,
            "next_row": rows[at + 1] if at is not None and at + 1 < len(rows) else None,
            "error": error,
            "errors": getattr(error, "errors", {}),
            "typed": state if error is not None else None,
            "templates": replies.filled(session, organisation_id, _known(desk, view)),
            "officers": lists.officers(session, organisation_id),
            "departments": departments(session, organisation_id),
            "recipients": rules.RECIPIENTS,
            "place_needed": rules.PLACE_NEEDED,
            "pieces": _pieces(view),
            "action_label": action_label,
            "contact": None,
            "original": None,
        } | extra
        status = error.status if error is not None else 200
        return render(desk.request, "desk/comment.html", context, status=status)


def _pieces(view: CommentView) -> list[splitting.Piece]:
    """The sentences a text could be split at; none where it cannot be."""
    if view.comment.handling not in rules.UNDECIDED or view.open_proposal is not None:
        return []
    personal = view.assessment.evidence.get("personal_data") if view.assessment else None
    found = splitting.shown_pieces(view.comment.text, personal)
    return found if len(found) > 1 else []


def _known(desk: Desk, view: CommentView) -> dict[str, str]:
    """What the variables of an answer template stand for (organisations.rules.VARIABLES)."""
    return {
        "受理编号": view.submission.receipt_code,
        "收到日期": date_zh(view.submission.received_at),
        "章节": view.anchor.path.replace(" › ", ""),
        "规划名称": desk.consultation.title,
    }


def bulk_page(desk: Desk, form: BulkForm, *, error: PageError | None = None) -> Response:
    """What to do to the chosen comments; everything typed is kept after an error."""
    with desk.database.reading() as session:
        context = _common(desk, session, form)
        organisation_id = desk.officer.organisation_id
        context |= {
            "form": form,
            "number": context["rows"].total if form.everything else len(set(form.ids)),
            "error": error,
            "errors": getattr(error, "errors", {}),
            "officers": lists.officers(session, organisation_id),
            "departments": departments(session, organisation_id),
        }
        status = error.status if error is not None else 200
        return render(desk.request, "desk/bulk.html", context, status=status)


def bulk_run_page(desk: Desk, run_id: int) -> Response:
    """A frozen set before it is worked through, or what came of it."""
    desk.check_run(run_id)
    with desk.database.reading() as session:
        run = session.get_one(BulkRun, run_id)
        context = {
            "desk": desk,
            "consultation": desk.consultation,
            "tally": bulk.tally(session, run, desk.officer.officer, now=desk.now),
            "left_out": bulk.left_out(session, run_id),
            "actions": bulk.ACTIONS,
            "needs": bulk.NEEDS,
            "run": run,
        }
        return render(desk.request, "desk/bulk_run.html", context)


def _common(desk: Desk, session: Session, state: DeskState) -> dict[str, Any]:
    scope = desk.scope(session)
    found = search.parse(state.q)
    sort = search.sort_key(state.sort)
    rows: Page[QueueRow] = queries.queue(session, found, scope, sort=sort, page=state.page)
    params = desk.request.query_params
    return {
        "desk": desk,
        "consultation": desk.consultation,
        "scope": scope,
        "plan": scope.plan,
        "search": found,
        "sort": sort,
        "sorts": search.SORTS,
        "rows": rows,
        "state": state,
        "chips": [(term.text, _address(desk, found.without(term), sort)) for term in found.terms],
        "done": DONE.get(params.get("done", "")),
        "was": params.get("was"),
        "choices": search.choices,
        "Permission": Permission,
    }


def _address(desk: Desk, q: str, sort: str) -> str:
    return search.address(desk.path, q=q, sort=sort)
