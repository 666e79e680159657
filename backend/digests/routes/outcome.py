"""Making the outcome public, and the report anybody may take away."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from backend.consultations.queries import public_by_slug
from backend.digests import reporting
from backend.digests.routes.report_page import report_page
from backend.digests.routes.shared import HOME, Here, Publisher, file_of, home
from backend.digests.service import DigestRefused
from backend.digests.stationery import template_of
from backend.jobs import nudge
from backend.kit.text import clean_text
from backend.web.access import public
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.errors import NotFound
from backend.web.pages import redirect

router = APIRouter(include_in_schema=False)


@router.post(HOME + "/outcome")
def publish_outcome(
    request: Request,
    officer: Publisher,
    here: Here,
    database: AppDatabase,
    now: Now,
    narrative: Annotated[str, Form(max_length=20_000)] = "",
    looked: Annotated[bool, Form()] = False,
) -> Response:
    narrative = clean_text(narrative)
    try:
        with database.writing() as session:
            reporting.publish_outcome(
                session,
                here,
                narrative=narrative,
                officer=officer.officer,
                despite_doubts=looked,
                now=now,
            )
    except DigestRefused as error:
        with database.reading() as session:
            return report_page(
                request, here, session, now, error=error, narrative=narrative, status=422
            )
    nudge("tell-participants")
    return redirect(f"{home(here)}/report")


@router.get("/consultations/{slug}/outcome/report.{format_}", dependencies=[Depends(public)])
def download_published(
    slug: str, session: ReadSession, settings: AppSettings, format_: str
) -> Response:
    here = public_by_slug(session, slug)
    report = reporting.public_report(session, here) if here else None
    if here is None or report is None:
        raise NotFound("这次征询还没有公布采纳情况报告。")
    folder, template = settings.data_dir / "published", template_of(session, report)
    return file_of(here, report, format_, "意见采纳情况报告", keep_in=folder, template=template)
