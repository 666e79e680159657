"""Topics and issues, as officials name, merge, split and pin them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session, col, func, select
from starlette.responses import Response

from backend.accounts.rules import Permission
from backend.assessments import grouping
from backend.assessments.queries import latest_run
from backend.models import Comment, CorpusRun, GroupChoice, Officer
from backend.portal.dashboard import WholeDesk
from backend.triage import search
from backend.triage.desk import QUEUE, Desk, desk
from backend.triage.search import Term
from backend.web.errors import Forbidden, NotFound, PageError
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
TOPICS = QUEUE + "/topics/{kind}"
NAMES = {"topic": "主题", "issue": "事项"}
SHOWN = 200
SNIPPET = 90
DONE = {
    "rename": "已改名",
    "merge": "已合并",
    "split": "已拆分",
    "pin": "已置顶",
    "undo": "已撤销，其他改动照旧",
}
Label = Annotated[str, Form(max_length=200)]


def _editing(desk: Annotated[Desk, desk(Permission.MERGE)]) -> Desk:
    if not desk.officer.sees_whole_queue(desk.consultation_id):
        raise Forbidden("主题归纳全部意见，部门人员不能改动。")
    return desk


Editing = Annotated[Desk, Depends(_editing)]


@dataclass(frozen=True, slots=True)
class Listed:
    """A topic or issue in the list."""

    id: str
    label: str
    count: int
    unique_count: int
    description: str
    pinned: bool
    href: str


@router.get(TOPICS)
def show_topics(desk: WholeDesk, kind: str, done: str = "") -> Response:
    return _list_page(desk, kind, done=DONE.get(done))


@router.get(TOPICS + "/{group_id}")
def show_topic(desk: WholeDesk, kind: str, group_id: str) -> Response:
    return _group_page(desk, kind, group_id)


@router.post(TOPICS + "/merge")
def merge(
    desk: Editing,
    kind: str,
    groups: Annotated[list[str], Form()] = [],  # noqa: B006
    label: Label = "",
) -> Response:
    def act(session: Session, run: CorpusRun, officer: Officer) -> None:
        grouping.merge(session, run, kind, groups, label, officer, now=desk.now)

    return _act(desk, kind, act, "merge", typed={"groups": groups, "label": label})


@router.post(TOPICS + "/{group_id}/rename")
def rename(desk: Editing, kind: str, group_id: str, label: Label = "") -> Response:
    def act(session: Session, run: CorpusRun, officer: Officer) -> None:
        grouping.rename(session, run, kind, group_id, label, officer, now=desk.now)

    return _act(desk, kind, act, "rename", group_id=group_id, typed={"label": label})


@router.post(TOPICS + "/{group_id}/pin")
def pin(desk: Editing, kind: str, group_id: str) -> Response:
    def act(session: Session, run: CorpusRun, officer: Officer) -> None:
        grouping.pin(session, run, kind, group_id, officer, now=desk.now)

    return _act(desk, kind, act, "pin")


@router.post(TOPICS + "/{group_id}/split")
def split(
    desk: Editing,
    kind: str,
    group_id: str,
    comments: Annotated[list[int], Form()] = [],  # noqa: B006
    label: Label = "",
) -> Response:
    def act(session: Session, run: CorpusRun, officer: Officer) -> None:
        grouping.split(session, run, kind, group_id, comments, label, officer, now=desk.now)

    typed = {"comments": comments, "part_label": label}
    return _act(desk, kind, act, "split", group_id=group_id, typed=typed)


@router.post(TOPICS + "/choices/{choice_id}/undo")
def undo(desk: Editing, kind: str, choice_id: int) -> Response:
    def act(session: Session, run: CorpusRun, officer: Officer) -> None:
        choice = session.get(GroupChoice, choice_id)
        if choice is None or choice.consultation_id != desk.consultation_id:
            raise NotFound("没有这次改动。")
        grouping.undo(session, run, choice, officer, now=desk.now)

    return _act(desk, kind, act, "undo")


# --- Pages ---------------------------------------------------------------------------------------


def _act(
    desk: Desk,
    kind: str,
    act: Callable[[Session, CorpusRun, Officer], None],
    done: str,
    *,
    group_id: str | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    """Do it in one transaction; what goes wrong comes back with the page and everything typed."""
    _known(kind)
    try:
        with desk.database.writing() as session:
            run = grouping.run_of(session, desk.consultation_id)
            act(session, run, desk.officer.officer)
    except NotFound:
        raise
    except PageError as error:
        if group_id is not None and error.status != 409:
            return _group_page(desk, kind, group_id, error=error, typed=typed)
        return _list_page(desk, kind, error=error, typed=typed)
    return redirect(f"{desk.path}/topics/{kind}?done={done}")


def _list_page(
    desk: Desk,
    kind: str,
    *,
    done: str | None = None,
    error: PageError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    with desk.database.reading() as session:
        run = latest_run(session, desk.consultation_id)
        choices = session.exec(
            select(GroupChoice, Officer.display_name)
            .join(Officer, col(Officer.id) == col(GroupChoice.officer_id))
            .where(GroupChoice.consultation_id == desk.consultation_id, GroupChoice.kind == kind)
            .order_by(col(GroupChoice.id).desc())
            .limit(50)
        ).all()
        context = _frame(desk, kind, error, typed) | {
            "groups": _listed(desk, kind, run),
            "choices": choices,
            "done": done,
        }
        return render(
            desk.request, "portal/topics.html", context, status=error.status if error else 200
        )


def _group_page(
    desk: Desk,
    kind: str,
    group_id: str,
    *,
    error: PageError | None = None,
    typed: dict[str, Any] | None = None,
) -> Response:
    with desk.database.reading() as session:
        run = latest_run(session, desk.consultation_id)
        group = next((g for g in _listed(desk, kind, run) if g.id == group_id), None)
        if group is None or run is None:
            raise NotFound("没有这一项，可能机器刚刚重新归纳过。请回到列表。")
        listed = grouping.KINDS[kind][0]
        members = next(g["comment_ids"] for g in run.result[listed] if g["id"] == group_id)
        rows = session.exec(
            select(Comment.id, func.substr(Comment.masked_text, 1, SNIPPET))
            .where(col(Comment.id).in_([int(one) for one in members[:SHOWN]]))
            .order_by(col(Comment.id))
        ).all()
        context = _frame(desk, kind, error, typed) | {
            "group": group,
            "members": rows,
            "member_count": len(members),
        }
        return render(
            desk.request, "portal/topic.html", context, status=error.status if error else 200
        )


def _frame(
    desk: Desk, kind: str, error: PageError | None, typed: dict[str, Any] | None
) -> dict[str, Any]:
    _known(kind)
    return {
        "desk": desk,
        "consultation": desk.consultation,
        "kind": kind,
        "kinds": NAMES,
        "base": f"{desk.path}/topics/{kind}",
        "may_edit": desk.may(Permission.MERGE),
        "error": error,
        "typed": typed or {},
    }


def _listed(desk: Desk, kind: str, run: CorpusRun | None) -> list[Listed]:
    listed, name = grouping.KINDS[_known(kind)]
    return [
        Listed(
            one["id"],
            one[name],
            one.get("count", 0),
            one.get("unique_count", 0),
            one.get("description", ""),
            bool(one.get("pinned")),
            search.address(
                desk.path, q=search.text_of((Term("handling", "all"), Term(kind, one["id"])))
            ),
        )
        for one in (run.result.get(listed, []) if run is not None else [])
    ]


def _known(kind: str) -> str:
    if kind not in NAMES:
        raise NotFound("这里只有主题（topic）和事项（issue）。")
    return kind
