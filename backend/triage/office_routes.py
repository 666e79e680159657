"""Pages beside the queue: the workload of the section, notifications, leave."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts.access import CurrentOfficer, SignedIn
from backend.accounts.rules import Permission
from backend.kit.clock import local
from backend.models import Absence, Officer
from backend.triage import bell, leave, lists, telling
from backend.triage.desk import QUEUE, Overseeing
from backend.triage.forms import LeaveForm
from backend.triage.workload import workload
from backend.web.deps import AppDatabase, Now, ReadSession
from backend.web.errors import NotFound, PageError
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


@router.get(QUEUE + "/workload")
def show_workload(desk: Overseeing) -> Response:
    with desk.database.reading() as session:
        loads = workload(session, desk.scope(session))
        context = {"desk": desk, "consultation": desk.consultation, "loads": loads}
        return render(desk.request, "desk/workload.html", context)


# --- Notifications -------------------------------------------------------------------------------


@router.get("/desk/notifications")
def show_notifications(
    request: Request, officer: CurrentOfficer, session: ReadSession, done: str = ""
) -> Response:
    rows = bell.latest(session, officer.id)
    context = {"rows": rows, "officer": officer, "done": done}
    return render(request, "desk/notifications.html", context)


@router.post("/desk/notifications/read")
def read_all(officer: CurrentOfficer, database: AppDatabase, now: Now) -> Response:
    with database.writing() as session:
        telling.mark_read(session, officer.officer, now=now)
    return redirect("/desk/notifications")


@router.post("/desk/notifications/mail")
def switch_mail(officer: CurrentOfficer, database: AppDatabase) -> Response:
    with database.writing() as session:
        row = session.get_one(Officer, officer.id)
        row.daily_mail_on = not row.daily_mail_on
        session.add(row)
    return redirect("/desk/notifications?done=mail")


# --- Leave ---------------------------------------------------------------------------------------


@router.get("/desk/leave")
def show_leave(
    request: Request, officer: CurrentOfficer, session: ReadSession, now: Now
) -> Response:
    return _leave_page(request, officer, session, now, LeaveForm())


@router.post("/desk/leave")
def record_leave(
    request: Request,
    officer: CurrentOfficer,
    database: AppDatabase,
    form: Annotated[LeaveForm, Form()],
    now: Now,
) -> Response:
    try:
        with database.writing() as session:
            absent = _colleague(session, officer, form.officer_id or officer.id)
            delegate = session.get(Officer, form.delegate_id) if form.delegate_id else None
            leave.record_leave(session, officer.officer, absent, delegate, form, now=now)
    except NotFound:
        raise
    except PageError as error:
        with database.reading() as session:
            return _leave_page(request, officer, session, now, form, error=error)
    return redirect("/desk/leave")


@router.post("/desk/leave/{absence_id}/end")
def end_leave(
    officer: CurrentOfficer, database: AppDatabase, absence_id: int, now: Now
) -> Response:
    with database.writing() as session:
        absence = session.get(Absence, absence_id)
        if absence is None:
            raise NotFound("没有这条登记。")
        _colleague(session, officer, absence.officer_id)
        leave.end_leave(session, absence, officer.officer, now=now)
    return redirect("/desk/leave")


def _colleague(session: Session, officer: SignedIn, officer_id: int) -> Officer:
    """Oneself, or for those who hand out the work, anybody in the organisation."""
    person = session.get(Officer, officer_id)
    if person is None or person.organisation_id != officer.organisation_id:
        raise NotFound("没有这位同事。")
    if person.id != officer.id and not officer.may_anywhere(Permission.ASSIGN):
        raise NotFound("只能登记自己的休假代办。")
    return person


def _leave_page(
    request: Request,
    officer: SignedIn,
    session: Session,
    now: Now,
    form: LeaveForm,
    *,
    error: PageError | None = None,
) -> Response:
    context = {
        "rows": leave.listed(session, officer.organisation_id, now),
        "officers": lists.officers(session, officer.organisation_id),
        "may_for_others": officer.may_anywhere(Permission.ASSIGN),
        "officer": officer,
        "form": form,
        "today": local(now).date(),
        "error": error,
        "errors": getattr(error, "errors", {}),
    }
    status = error.status if error is not None else 200
    return render(request, "desk/leave.html", context, status=status)
