"""The adoption report: looked at, drafted, made final, taken away."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from backend.digests import reporting
from backend.digests.routes.report_page import report_page
from backend.digests.routes.shared import HOME, Here, Line, Maker, download, file_of, home
from backend.digests.service import DigestRefused
from backend.digests.stationery import template_of, usual_letter
from backend.kit.text import clean_line
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.pages import redirect

router = APIRouter(include_in_schema=False)
REPORT = HOME + "/report"


@router.get(REPORT)
def show_report(
    request: Request, _officer: Maker, here: Here, session: ReadSession, now: Now
) -> Response:
    return report_page(request, here, session, now)


@router.post(REPORT)
def finalise_report(
    request: Request,
    officer: Maker,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    issuer: Line = "",
    document_number: Line = "",
    red: Annotated[bool, Form()] = False,
    names: Annotated[bool, Form()] = False,
) -> Response:
    secret = settings.secret() if names else None
    with database.reading() as session:
        usual = usual_letter(session, here.organisation_id)
    number = clean_line(document_number)[:60]
    letter = replace(usual, issuer=clean_line(issuer)[:60], document_number=number, is_red=red)
    try:
        if names and officer.officer.sealed_totp is None:
            raise DigestRefused(
                ["列出姓名的报告需要两步验证：请先到“我的账号”里开启，再来生成；或者不列姓名。"]
            )
        with database.writing() as session:
            reporting.finalise_report(
                session, here, letter=letter, secret=secret, officer=officer.officer, now=now
            )
    except DigestRefused as error:
        with database.reading() as session:
            return report_page(request, here, session, now, error=error, letter=letter, status=422)
    return redirect(f"{home(here)}/report")


@router.get(REPORT + "/draft.{format_}")
def download_draft(
    _officer: Maker, here: Here, session: ReadSession, now: Now, format_: str
) -> Response:
    letter = usual_letter(session, here.organisation_id)
    draft = reporting.unstored(
        reporting.compile_adoption(session, here, letter=letter, now=now), here
    )
    template = template_of(session, draft)
    return file_of(here, draft, format_, "采纳情况报告（草稿）", template=template)


@router.get(REPORT + "/{digest_id:int}.{format_}")
def download_report(
    officer: Maker,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    digest_id: int,
    format_: str,
) -> Response:
    return download(database, settings, officer, here, digest_id, format_, "采纳情况报告", now=now)
