"""The desk: choose a consultation, find comments in it, keep a search under a name."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.accounts.access import CurrentOfficer
from backend.accounts.rules import Permission
from backend.consultations import rules as consultation_rules
from backend.models import SavedView, Stage
from backend.triage import (
    bulk_routes,
    comment_routes,
    joint_routes,
    lists,
    office_routes,
    search,
    sheet_routes,
    views,
)
from backend.triage.desk import QUEUE, Query_, Viewing
from backend.triage.forms import DeskState, ViewForm
from backend.triage.pages import queue_page
from backend.web.deps import Now, ReadSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
BUSIEST_FIRST = (
    Stage.OPEN,
    Stage.CLOSED,
    Stage.UNDER_REVIEW,
    Stage.ANNOUNCED,
    Stage.DRAFT,
    Stage.ANSWERED,
    Stage.ARCHIVED,
)


@router.get("/desk")
def choose_consultation(
    request: Request,
    officer: CurrentOfficer,
    session: ReadSession,
    now: Now,
) -> Response:
    rows = [
        (row, consultation_rules.stage(row.consultation, now))
        for row in lists.consultations(session, officer.organisation_id)
        if officer.may(Permission.VIEW, row.consultation.id)
        or officer.may(Permission.PROXY, row.consultation.id)
    ]
    rows.sort(key=lambda row: BUSIEST_FIRST.index(row[1]))
    return render(request, "desk/consultations.html", {"rows": rows, "officer": officer})


# --- The queue -----------------------------------------------------------------------------------


@router.get(QUEUE)
def show_queue(desk: Viewing, q: Query_ = "", sort: str = "", page: int = 1) -> Response:
    return queue_page(desk, DeskState(q=q, sort=sort, page=page))


@router.get(QUEUE + "/filter")
def filter_queue(desk: Viewing, request: Request, q: Query_ = "", sort: str = "") -> Response:
    """The filter form without JavaScript: its fields become part of the search line."""
    found = search.parse(q)
    for field, value in request.query_params.items():
        if field in search.WORDS:
            found = found.with_value(field, value)
    return redirect(search.address(desk.path, q=found.text, sort=search.sort_key(sort)))


@router.post(QUEUE + "/views")
def save_view(desk: Viewing, form: Annotated[ViewForm, Form()]) -> Response:
    with desk.database.writing() as session:
        views.save_view(session, desk.officer.officer, form, now=desk.now)
    return redirect(desk.address(DeskState(q=form.q), done="view_saved"))


@router.post(QUEUE + "/views/{view_id}/remove")
def remove_view(desk: Viewing, view_id: int) -> Response:
    with desk.database.writing() as session:
        view = session.get(SavedView, view_id)
        if view is None or view.organisation_id != desk.officer.organisation_id:
            raise NotFound("没有这个视图。")
        if view.officer_id not in (None, desk.officer.id):
            raise NotFound("这个视图是别的同事保存的。")
        views.remove_view(session, view, desk.officer.officer, now=desk.now)
    return redirect(desk.address(DeskState(), done="view_removed"))


router.include_router(office_routes.router)
router.include_router(bulk_routes.router)
router.include_router(sheet_routes.router)
router.include_router(joint_routes.router)
router.include_router(comment_routes.router)
