"""The system page: is everything running, does everything add up."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from backend import jobs
from backend.accounts.access import SignedIn, requires
from backend.accounts.rules import Permission
from backend.mail.queries import outbox
from backend.safekeeping import queries as backups
from backend.system import queries, reconciling
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.pages import render

router = APIRouter(include_in_schema=False)
Administrator = Annotated[SignedIn, requires(Permission.VIEW_SYSTEM)]


@router.get("/desk/system")
def show_system(
    request: Request,
    _officer: Administrator,
    session: ReadSession,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
) -> Response:
    backup = backups.newest_good(settings)
    context = {
        "jobs": queries.job_rows(session),
        "waiting": queries.waiting_jobs(),
        "seconds": jobs.seconds_since_last(settings),
        "account": reconciling.reconcile(session),
        "places": reconciling.PLACES,
        "outbox": outbox(session),
        "mail_is_on": bool(settings.mail_host),
        "storage": queries.storage(session, settings),
        "backup": backup,
        "backup_is_overdue": backups.is_overdue(settings, backup, now),
        "backup_minutes": settings.backup_minutes,
        "versions": queries.versions(session, database),
        "now": now,
    }
    return render(request, "system/system.html", context)
