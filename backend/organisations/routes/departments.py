"""Departments: a list with an order of its own."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.organisations import departments
from backend.web.deps import AppDatabase, Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
Administrator = Annotated[SignedIn, requires(Permission.MANAGE_ORGANISATION)]
DONE = {
    "added": "部门已新建。",
    "renamed": "部门已改名。",
    "retired": "部门已撤销，以后分办时不再出现。",
    "restored": "部门已恢复。",
}
HERE = "/desk/manage/departments"


@router.get(HERE)
def show_departments(request: Request, officer: Administrator, session: ReadSession) -> Response:
    return _page(request, officer, session)


@router.post(HERE)
def add_department(
    request: Request,
    officer: Administrator,
    database: AppDatabase,
    session: ReadSession,
    now: Now,
    name: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    try:
        with database.writing() as writing:
            departments.add(writing, name, by=officer.officer, now=now)
    except Refused as error:
        return _page(request, officer, session, typed=name, error=error.message)
    return redirect(f"{HERE}?done=added")


@router.post(HERE + "/{department_id}")
def rename_department(
    department_id: int,
    officer: Administrator,
    session: WriteSession,
    now: Now,
    name: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    department = departments.of(session, department_id, officer.organisation_id)
    departments.rename(session, department, name, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=renamed")


@router.post(HERE + "/{department_id}/move")
def move_department(
    department_id: int,
    officer: Administrator,
    session: WriteSession,
    up: Annotated[bool, Form()] = False,
) -> Response:
    department = departments.of(session, department_id, officer.organisation_id)
    departments.move(session, department, up=up)
    return redirect(f"{HERE}#d{department_id}")


@router.post(HERE + "/{department_id}/retire")
def retire_department(
    department_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    department = departments.of(session, department_id, officer.organisation_id)
    departments.retire(session, department, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=retired")


@router.post(HERE + "/{department_id}/restore")
def restore_department(
    department_id: int, officer: Administrator, session: WriteSession, now: Now
) -> Response:
    department = departments.of(session, department_id, officer.organisation_id)
    departments.restore(session, department, by=officer.officer, now=now)
    return redirect(f"{HERE}?done=restored")


def _page(
    request: Request,
    officer: SignedIn,
    session: Session,
    *,
    typed: str = "",
    error: str | None = None,
) -> Response:
    rows = departments.rows(session, officer.organisation_id)
    context = {
        "rows": [row for row in rows if row.department.retired_at is None],
        "retired": [row for row in rows if row.department.retired_at is not None],
        "typed": typed,
        "error": error,
        "done": None if error else DONE.get(request.query_params.get("done", "")),
    }
    return render(request, "organisations/departments.html", context, status=422 if error else 200)
