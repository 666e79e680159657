"""What every route of the desk starts from: the consultation, the officer, the database, the time.

`Desk` opens the queue as this officer sees it, finds comments (404 for what is not theirs), and
runs an act in one transaction; what goes wrong comes back with the page and everything typed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.labels import action_label
from backend.accounts.rules import Permission
from backend.kit.db import Database
from backend.kit.pagination import Page
from backend.models import BulkRun, Comment, Consultation, Submission
from backend.triage import bulk, plan, queries, reading, rules, search
from backend.triage.filters import Scope
from backend.triage.forms import BulkForm, DeskState
from backend.triage.queries import QueueRow
from backend.web.deps import AppDatabase, Now
from backend.web.errors import NotFound, PageError
from backend.web.pages import redirect, render

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
    "noted": "备注已添加",
    "view_saved": "视图已保存",
    "view_removed": "视图已删除",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer at one consultation, for one request."""

    request: Request
    database: Database
    consultation: Consultation
    officer: SignedIn
    now: datetime

    @property
    def path(self) -> str:
        return f"/desk/consultations/{self.consultation.slug}"

    @property
    def consultation_id(self) -> int:
        assert self.consultation.id is not None
        return self.consultation.id

    def may(self, permission: Permission) -> bool:
        return self.officer.may(permission, self.consultation_id)

    def scope(self, session: Session) -> Scope:
        return queries.scope_for(
            session,
            self.consultation_id,
            officer=self.officer.officer,
            whole_queue=self.officer.sees_whole_queue(self.consultation_id),
            plan=plan.load(session, self.consultation_id),
            now=self.now,
        )

    def found(self, session: Session, comment_id: int, scope: Scope) -> tuple[Comment, Submission]:
        """A comment this officer may see."""
        found = reading.find(session, comment_id, scope)
        if found is None:
            raise NotFound("没有这条意见，或者它没有分办给您的部门。")
        return found

    def check_run(self, run_id: int) -> None:
        """A bulk run of another consultation does not exist here."""
        with self.database.reading() as session:
            run = session.get(BulkRun, run_id)
        if run is None or run.consultation_id != self.consultation_id:
            raise NotFound("没有这次批量办理。")

    def address(self, state: DeskState, comment_id: int | None = None, done: str = "") -> str:
        """The queue, or a comment in it, with the same search, order and page."""
        path = self.path if comment_id is None else f"{self.path}/comments/{comment_id}"
        address = search.address(path, q=state.q, sort=search.sort_key(state.sort), page=state.page)
        if not done:
            return address
        return f"{address}{'&' if '?' in address else '?'}done={done}"

    def act(
        self,
        comment_id: int,
        form: DeskState,
        act: Callable[[Session, Comment, Scope], Any],
        *,
        done: str,
        move_on: bool = False,
    ) -> Response:
        """Do something to a comment in one transaction, then go back to it, or on to the next."""
        try:
            with self.database.writing() as session:
                scope = self.scope(session)
                comment, _ = self.found(session, comment_id, scope)
                act(session, comment, scope)
        except NotFound:
            raise
        except PageError as error:
            return comment_page(self, comment_id, form, error=error)
        if not move_on:
            return redirect(self.address(form, comment_id, done))
        goal = self.address(form, form.next_id, done)
        return redirect(f"{goal}&was={comment_id}")


def desk(permission: Permission) -> Any:
    """The desk, for officers with `permission` on the consultation of the path."""

    def enter(
        request: Request,
        officer: Annotated[SignedIn, requires(permission)],
        database: AppDatabase,
        now: Now,
    ) -> Desk:
        return Desk(request, database, consultation_here(request), officer, now)

    return Depends(enter)


# --- Pages ---------------------------------------------------------------------------------------


def queue_page(desk: Desk, state: DeskState) -> Response:
    """The list, with its filters as chips."""
    with desk.database.reading() as session:
        context = _common(desk, session, state)
        context |= {
            "counts": queries.counts_by_handling(session, context["scope"]),
            "views": queries.saved_views(session, desk.officer.organisation_id, desk.officer.id),
            "streets": queries.streets(session, desk.consultation_id),
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
            "templates": queries.reply_templates(session, organisation_id),
            "officers": queries.officers(session, organisation_id),
            "departments": queries.departments(session, organisation_id),
            "recipients": rules.RECIPIENTS,
            "place_needed": rules.PLACE_NEEDED,
            "action_label": action_label,
            "contact": None,
            "original": None,
        } | extra
        status = error.status if error is not None else 200
        return render(desk.request, "desk/comment.html", context, status=status)


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
            "officers": queries.officers(session, organisation_id),
            "departments": queries.departments(session, organisation_id),
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
