"""Many at once: choose, freeze, look at the number, start, undo."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from starlette.responses import Response

from backend.triage import bulk, queries, search
from backend.triage.desk import QUEUE, Bulk, Query_
from backend.triage.forms import BulkForm
from backend.triage.pages import bulk_page, bulk_run_page
from backend.web.errors import PageError, Refused
from backend.web.pages import redirect

router = APIRouter(include_in_schema=False)


@router.get(QUEUE + "/bulk")
def choose_bulk(
    desk: Bulk,
    q: Query_ = "",
    ids: Annotated[list[int], Query()] = [],  # noqa: B006
    everything: bool = False,
) -> Response:
    return bulk_page(desk, BulkForm(q=q, ids=ids, everything=everything))


@router.post(QUEUE + "/bulk")
def freeze_bulk(desk: Bulk, form: Annotated[BulkForm, Form()]) -> Response:
    """Write the set down; nothing changes before its number has been seen and confirmed."""
    needed = bulk.NEEDS.get(form.action)
    try:
        if needed is not None and not desk.may(needed):
            raise Refused("您的角色不能批量做这件事，请选择别的操作。")
        with desk.database.writing() as session:
            scope = desk.scope(session)
            found = queries.matching_ids(session, search.parse(form.q), scope)
            run = bulk.freeze(
                session,
                desk.consultation_id,
                desk.officer.officer,
                form,
                found,
                scope.plan,
                now=desk.now,
            )
            goal = f"{desk.path}/bulk/{run.id}"
    except PageError as error:
        return bulk_page(desk, form, error=error)
    return redirect(goal)


@router.get(QUEUE + "/bulk/{run_id}")
def show_bulk(desk: Bulk, run_id: int) -> Response:
    return bulk_run_page(desk, run_id)


@router.post(QUEUE + "/bulk/{run_id}/start")
def start_bulk(desk: Bulk, run_id: int) -> Response:
    desk.check_run(run_id)
    bulk.start(desk.database, run_id, desk.officer.officer, now=desk.now)
    return redirect(f"{desk.path}/bulk/{run_id}")


@router.post(QUEUE + "/bulk/{run_id}/undo")
def undo_bulk(desk: Bulk, run_id: int) -> Response:
    desk.check_run(run_id)
    bulk.undo(desk.database, run_id, desk.officer.officer, now=desk.now)
    return redirect(f"{desk.path}/bulk/{run_id}")
