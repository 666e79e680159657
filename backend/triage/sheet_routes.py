"""结论表: the page, the workbook, and what a filled-in one would change."""

import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile
from starlette.responses import Response

from backend.accounts.rules import Permission
from backend.registry.sheets import UnreadableList, read_untrusted
from backend.triage import queries, search, sheet
from backend.triage.desk import QUEUE, Bulk, Desk, Exporting, Query_
from backend.triage.forms import DeskState
from backend.web.errors import PageError, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_MEGABYTES = 10


@router.get(QUEUE + "/sheet")
def show_sheet(desk: Bulk, q: Query_ = "") -> Response:
    return _page(desk, q)


@router.post(QUEUE + "/sheet/export")
def export_sheet(desk: Exporting, form: Annotated[DeskState, Form()]) -> Response:
    with desk.database.writing() as session:
        scope = desk.scope(session)
        ids = [key for key, _ in queries.matching_ids(session, search.parse(form.q), scope)]
        content = sheet.export(session, desk.officer.officer, scope, ids, form.q, now=desk.now)
    name = f"decisions-{desk.consultation.slug}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.post(QUEUE + "/sheet")
def upload_sheet(
    desk: Bulk,
    file: Annotated[UploadFile | None, File()] = None,
    q: Annotated[str, Form(max_length=search.MAX_LENGTH)] = "",
) -> Response:
    """Read a table and show what it would change; nothing changes before that was confirmed."""
    try:
        if not desk.may(Permission.DECIDE):
            raise Refused("您的角色不能作出结论。")
        if file is None or not file.filename:
            raise Refused("请先选择填好的表格。")
        rows = _read(file)
        with desk.database.writing() as session:
            scope = desk.scope(session)
            run = sheet.take(
                session, desk.officer.officer, scope, rows, file.filename, now=desk.now
            )
            goal = f"{desk.path}/bulk/{run.id}"
    except PageError as error:
        return _page(desk, q, error=error)
    return redirect(goal)


def _read(file: UploadFile) -> list[tuple[int, list[str]]]:
    data = file.file.read(MAX_MEGABYTES * 1_000_000 + 1)
    if len(data) > MAX_MEGABYTES * 1_000_000:
        raise Refused(f"表格超过 {MAX_MEGABYTES} MB，请分几次导入。")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet"
        path.write_bytes(data)
        try:
            return read_untrusted(path, file.filename or "").rows
        except UnreadableList as error:
            raise Refused(str(error)) from error


def _page(desk: Desk, q: str, *, error: PageError | None = None) -> Response:
    with desk.database.reading() as session:
        found = search.parse(q)
        count = queries.count(session, found, desk.scope(session))
        context = {
            "desk": desk,
            "consultation": desk.consultation,
            "search": found,
            "count": count,
            "error": error,
        }
        status = error.status if error is not None else 200
        return render(desk.request, "desk/sheet.html", context, status=status)
