"""When the digest is sent to the drafting office."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.digests import scheduling
from backend.digests.forms import ATTACHMENTS, FREQUENCIES, WEEKDAYS, Errors, ScheduleForm
from backend.digests.routes.shared import HOME, Here, Line, Maker, home
from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.models import Consultation
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


@router.get(HOME + "/schedule")
def show_schedule(
    request: Request, _officer: Maker, here: Here, session: ReadSession, settings: AppSettings
) -> Response:
    schedule = scheduling.schedule_of(session, here)
    form = ScheduleForm()
    if schedule is not None:
        form = ScheduleForm(
            frequency=schedule.frequency.value,
            weekday=schedule.weekday,
            hour=schedule.hour,
            query=schedule.query,
            attachment=schedule.attachment,
            recipients=scheduling.recipients_of(session, schedule),
        )
    return _page(request, here, session, settings, form, {})


@router.post(HOME + "/schedule")
def set_schedule(
    request: Request,
    officer: Maker,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    frequency: Line = "",
    weekday: Annotated[int, Form()] = 0,
    hour: Annotated[int, Form()] = 8,
    query: Line = "",
    attachment: Line = "docx",
    recipients: Annotated[list[int] | None, Form()] = None,
) -> Response:
    form = ScheduleForm(
        frequency=frequency,
        weekday=weekday,
        hour=hour,
        query=clean_line(query),
        attachment=attachment,
        recipients=frozenset(recipients or ()),
    )
    with database.writing() as session:
        possible = [row.id for row in scheduling.possible_recipients(session, here)]
        errors = form.errors(possible)
        if not errors:
            scheduling.set_schedule(session, here, form, officer=officer.officer, now=now)
    if errors:
        with database.reading() as session:
            return _page(request, here, session, settings, form, errors, status=422)
    return redirect(home(here))


def _page(
    request: Request,
    here: Consultation,
    session: Session,
    settings: Settings,
    form: ScheduleForm,
    errors: Errors,
    *,
    status: int = 200,
) -> Response:
    context = {
        "consultation": here,
        "home": home(here),
        "form": form,
        "errors": errors,
        "has_mail": bool(settings.mail_host),
        "people": [
            (str(row.id), f"{row.display_name}（{row.email}）")
            for row in scheduling.possible_recipients(session, here)
        ],
        "chosen": [str(key) for key in form.recipients],
        "frequencies": list(FREQUENCIES.items()),
        "weekdays": list(enumerate(WEEKDAYS)),
        "hours": [(hour, f"{hour}时") for hour in range(24)],
        "attachments": list(ATTACHMENTS.items()),
    }
    return render(request, "digests/schedule.html", context, status=status)
