"""Pages of the drafting office: digests, the adoption report, publishing the outcome."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form, Query, Request
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response, StreamingResponse

from backend.accounts import audit
from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.consultations.queries import public_by_slug
from backend.digests import exporting, queries, reporting, screens, service, streaming
from backend.digests.adoption import Letter
from backend.digests.dossier import make_dossier
from backend.digests.filters import Filter, FilterError, parse
from backend.digests.filters import render as render_filter
from backend.digests.fonts import NoFonts
from backend.digests.rules import ranges
from backend.digests.service import DigestRefused
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.text import clean_line, clean_text
from backend.models import Consultation, Digest, DigestKind
from backend.web.access import public
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
HOME = "/desk/consultations/{slug}/digests"
REPORT = HOME + "/report"

Maker = Annotated[SignedIn, requires(Permission.MAKE_DIGEST)]
Exporter = Annotated[SignedIn, requires(Permission.EXPORT)]
Publisher = Annotated[SignedIn, requires(Permission.PUBLISH_OUTCOME)]
Here = Annotated[Consultation, Depends(consultation_here)]
Line = Annotated[str, Form(max_length=300)]


# --- Digests -------------------------------------------------------------------------------------


@router.get(HOME)
def list_digests(request: Request, _officer: Maker, here: Here, session: ReadSession) -> Response:
    return _list_page(request, here, session)


@router.post(HOME)
def make_digest(
    request: Request,
    officer: Maker,
    here: Here,
    database: AppDatabase,
    now: Now,
    query: Line = "",
) -> Response:
    query = clean_line(query)
    try:
        with database.writing() as session:
            digest = service.make_digest(session, here, query, officer_id=officer.id, now=now)
            details = {"query": digest.query, "sha256": digest.content_sha256}
            audit.record(
                session, officer.officer, "digest.make", "digest", digest.id, details, now=now
            )
    except (FilterError, DigestRefused) as error:
        with database.reading() as session:
            return _list_page(request, here, session, query=query, error=str(error), status=422)
    return redirect(f"{_home(here)}/{digest.id}")


@router.get(HOME + "/dossier.zip")
def download_dossier(
    officer: Exporter, here: Here, database: AppDatabase, settings: AppSettings, now: Now
) -> Response:
    with database.reading() as session:
        data = make_dossier(session, here, secret=settings.secret(), now=now)
    sha256 = hashlib.sha256(data).hexdigest()
    with database.writing() as session:
        details = {"sha256": sha256}
        audit.record(
            session, officer.officer, "dossier.make", "consultation", here.id, details, now=now
        )
    return _attachment(here, data, "zip", "application/zip", "归档包", sha256, now)


@router.get(HOME + "/comments.{format_}")
def download_comments(
    officer: Exporter,
    here: Here,
    database: AppDatabase,
    now: Now,
    format_: str,
    query: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Every comment as it stands now, in bounded memory, however many there are."""
    try:
        chosen = parse(clean_line(query))
    except FilterError as error:
        raise Refused(str(error)) from error
    if format_ not in ("csv", "xlsx"):
        raise NotFound("意见明细可以下载 csv 或者 xlsx。")
    with database.writing() as session:
        details = {"format": format_, "query": render_filter(chosen)}
        audit.record(
            session, officer.officer, "comments.export", "consultation", here.id, details, now=now
        )
    headers = _attachment_headers(here, format_, "意见明细", now)
    media_type = exporting.MEDIA_TYPES[format_]
    if format_ == "csv":
        return StreamingResponse(
            _csv_pieces(database, here, chosen), media_type=media_type, headers=headers
        )
    folder = Path(mkdtemp(prefix="zhengxun-"))
    path = folder / f"{here.slug}.xlsx"
    with database.reading() as session:
        streaming.xlsx_of_all(session, here, chosen, path)
    done = BackgroundTask(rmtree, folder)
    return FileResponse(path, media_type=media_type, headers=headers, background=done)


def _csv_pieces(database: Database, here: Consultation, chosen: Filter) -> Iterator[bytes]:
    """In a session of its own: the request's would be closed before the last piece."""
    with database.reading() as session:
        yield from streaming.csv_of_all(session, here, chosen)


@router.get(HOME + "/{digest_id:int}")
def show_digest(
    request: Request,
    _officer: Maker,
    here: Here,
    session: ReadSession,
    digest_id: int,
    page: int = 1,
) -> Response:
    digest = _digest(session, here, digest_id)
    if digest.kind == DigestKind.ADOPTION_REPORT:
        return redirect(f"{_home(here)}/report")
    content = service.stored_content(digest)
    context = {"consultation": here, "home": _home(here), "digest": digest}
    context |= screens.digest_context(content, page)
    context["formats"] = tuple(exporting.MEDIA_TYPES)
    return render(request, "digests/digest.html", context)


@router.get(HOME + "/{digest_id:int}.{format_}")
def download_digest(
    officer: Maker, here: Here, database: AppDatabase, now: Now, digest_id: int, format_: str
) -> Response:
    return _download(database, officer, here, digest_id, format_, "意见摘要", now=now)


# --- The adoption report ---------------------------------------------------------------------


@router.get(REPORT)
def show_report(
    request: Request, _officer: Maker, here: Here, session: ReadSession, now: Now
) -> Response:
    return _report_page(request, here, session, now)


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
    letter = Letter(clean_line(issuer)[:60], clean_line(document_number)[:60], red)
    secret = settings.secret() if names else None
    try:
        with database.writing() as session:
            reporting.finalise_report(
                session, here, letter=letter, secret=secret, officer=officer.officer, now=now
            )
    except DigestRefused as error:
        with database.reading() as session:
            return _report_page(request, here, session, now, error=error, letter=letter, status=422)
    return redirect(f"{_home(here)}/report")


@router.get(REPORT + "/draft.{format_}")
def download_draft(
    _officer: Maker, here: Here, session: ReadSession, now: Now, format_: str
) -> Response:
    content = reporting.compile_adoption(session, here, now=now)
    return _file(here, reporting.unstored(content, here), format_, "采纳情况报告（草稿）")


@router.get(REPORT + "/{digest_id:int}.{format_}")
def download_report(
    officer: Maker, here: Here, database: AppDatabase, now: Now, digest_id: int, format_: str
) -> Response:
    return _download(database, officer, here, digest_id, format_, "采纳情况报告", now=now)


@router.post(HOME + "/outcome")
def publish_outcome(
    request: Request,
    officer: Publisher,
    here: Here,
    database: AppDatabase,
    now: Now,
    narrative: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    narrative = clean_text(narrative)
    try:
        with database.writing() as session:
            reporting.publish_outcome(
                session, here, narrative=narrative, officer=officer.officer, now=now
            )
    except DigestRefused as error:
        with database.reading() as session:
            return _report_page(
                request, here, session, now, error=error, narrative=narrative, status=422
            )
    return redirect(f"{_home(here)}/report")


@router.get("/consultations/{slug}/outcome/report.{format_}", dependencies=[Depends(public)])
def download_published(
    slug: str, session: ReadSession, settings: AppSettings, format_: str
) -> Response:
    here = public_by_slug(session, slug)
    report = reporting.public_report(session, here) if here else None
    if here is None or report is None:
        raise NotFound("这次征询还没有公布采纳情况报告。")
    folder = settings.data_dir / "published"
    return _file(here, report, format_, "意见采纳情况报告", keep_in=folder)


# --- Pages shared by several routes --------------------------------------------------------------


def _home(here: Consultation) -> str:
    return f"/desk/consultations/{here.slug}/digests"


def _list_page(
    request: Request,
    here: Consultation,
    session: Session,
    *,
    query: str = "",
    error: str | None = None,
    status: int = 200,
) -> Response:
    context = {
        "consultation": here,
        "home": _home(here),
        "digests": queries.snapshots(session, here),
        "query": query,
        "error": error,
        "formats": ("docx", "pdf", "xlsx"),
    }
    return render(request, "digests/list.html", context, status=status)


def _report_page(
    request: Request,
    here: Consultation,
    session: Session,
    now: Now,
    *,
    error: DigestRefused | None = None,
    letter: Letter | None = None,
    narrative: str | None = None,
    status: int = 200,
) -> Response:
    content = reporting.compile_adoption(session, here, now=now)
    outcome = reporting.outcome_notice(session, here)
    if narrative is None:
        narrative = outcome.narrative if outcome else reporting.standard_narrative(content)
    context = {
        "consultation": here,
        "home": _home(here),
        "content": content,
        "ranges": ranges,
        "final": queries.latest(session, here, DigestKind.ADOPTION_REPORT),
        "outcome": outcome,
        "narrative": narrative,
        "letter": letter or Letter(),
        "problems": error.problems if error else [],
    }
    return render(request, "digests/report.html", context, status=status)


def _digest(session: Session, here: Consultation, digest_id: int) -> Digest:
    digest = queries.digest_or_none(session, here, digest_id)
    if digest is None:
        raise NotFound("没有这份摘要或者报告，它也许属于另一个征询。")
    return digest


def _download(
    database: Database,
    officer: SignedIn,
    here: Consultation,
    digest_id: int,
    format_: str,
    what: str,
    *,
    now: datetime,
) -> Response:
    """Write the file first: a transaction that writes must not wait for typesetting."""
    with database.reading() as session:
        digest = _digest(session, here, digest_id)
        session.expunge(digest)
    answer = _file(here, digest, format_, what)
    details = {"format": format_, "sha256": digest.content_sha256}
    with database.writing() as session:
        audit.record(
            session, officer.officer, "digest.download", "digest", digest.id, details, now=now
        )
    return answer


def _file(
    here: Consultation, digest: Digest, format_: str, what: str, *, keep_in: Path | None = None
) -> Response:
    try:
        if keep_in is None:
            data = exporting.write(digest, format_)
        else:
            data = exporting.write_once(digest, format_, keep_in)
    except exporting.UnknownFormat as error:
        raise NotFound(str(error)) from error
    except NoFonts as error:
        raise Refused(str(error)) from error
    media_type = exporting.MEDIA_TYPES[format_]
    return _attachment(
        here, data, format_, media_type, what, digest.content_sha256, digest.created_at
    )


def _attachment(
    here: Consultation,
    data: bytes,
    ending: str,
    media_type: str,
    what: str,
    sha256: str,
    moment: datetime,
) -> Response:
    headers = _attachment_headers(here, ending, what, moment) | {"X-Content-SHA256": sha256}
    return Response(data, media_type=media_type, headers=headers)


def _attachment_headers(
    here: Consultation, ending: str, what: str, moment: datetime
) -> dict[str, str]:
    name = quote(f"{here.title[:40]}{what}{local(moment):%Y%m%d}.{ending}")
    plain = f'attachment; filename="{here.slug}.{ending}"'
    return {"Content-Disposition": f"{plain}; filename*=UTF-8''{name}"}
