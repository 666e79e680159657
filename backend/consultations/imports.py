"""The pages on which a document is uploaded, waited for, and tried again."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, File, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import Response

from backend import jobs
from backend.accounts.access import SignedIn
from backend.consultations import importing
from backend.consultations.access import Here, Planner
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.kit.text import clean_line
from backend.models import Consultation, ImportState, PlanImport, VersionKind
from backend.plans import service as plans
from backend.plans.parsing import UnreadablePlan
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/consultations/new")
def show_upload(request: Request, officer: Planner, session: ReadSession) -> Response:
    return _upload_page(request, session, officer)


@router.post("/consultations/new")
def upload(
    request: Request,
    officer: Planner,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    after: BackgroundTasks,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A plan of its own: it becomes a draft consultation."""
    try:
        row = _arrive(database, settings, officer, file, now=now)
    except UnreadablePlan as error:
        with database.reading() as session:
            return _upload_page(request, session, officer, error=str(error))
    if row.state is ImportState.FAILED:
        with database.reading() as session:
            return _upload_page(request, session, officer, error=row.reason)
    return _onwards(database, row, after)


@router.post("/consultations/{slug}/versions")
def import_version(
    request: Request,
    officer: Planner,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    after: BackgroundTasks,
    kind: Annotated[VersionKind, Form()] = VersionKind.REVISED_DRAFT,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A newer text of the same plan; comments follow once an official has confirmed it."""
    try:
        row = _arrive(database, settings, officer, file, here=here, kind=kind, now=now)
    except UnreadablePlan as error:
        with database.reading() as session:
            return _upload_page(request, session, officer, error=str(error), here=here, kind=kind)
    if row.state is ImportState.FAILED:
        with database.reading() as session:
            return _upload_page(request, session, officer, error=row.reason, here=here, kind=kind)
    return _onwards(database, row, after)


@router.get("/imports/{import_id:int}")
def show_import(
    request: Request, import_id: int, officer: Planner, session: ReadSession
) -> Response:
    """How far a document is; from here to the review once it is read."""
    row = _import_here(session, officer, import_id)
    if row.state is ImportState.READ:
        address = _review_address(session, row)
        is_update = request.headers.get("hx-request") == "true"
        return Response(headers={"HX-Redirect": address}) if is_update else redirect(address)
    return render(request, "consultations/import.html", {"row": row})


@router.post("/imports/{import_id:int}/retry")
def retry_import(
    officer: Planner,
    import_id: int,
    session: WriteSession,
    now: Now,
    after: BackgroundTasks,
    recognise: Annotated[bool, Form()] = False,
) -> Response:
    """Read a kept document once more, a scan by machine."""
    row = _import_here(session, officer, import_id)
    if row.state is not ImportState.FAILED:
        raise Refused("这个文件正在读取，或者已经读完。请刷新页面。")
    importing.try_again(session, row, recognise=recognise, now=now)
    after.add_task(jobs.nudge, "read-plans")
    return redirect(f"/desk/imports/{import_id}")


def _arrive(
    database: Database,
    settings: Settings,
    officer: SignedIn,
    file: UploadFile | None,
    *,
    here: Consultation | None = None,
    kind: VersionKind | None = None,
    now: Now,
) -> PlanImport:
    """Keep the file and put it on the list; a small one is read while its sender waits."""
    data = b"" if file is None else file.file.read()
    if not data:
        raise UnreadablePlan("请选择规划文件。如果已经选择，这个文件是空的，请换一份。")
    if len(data) > settings.max_plan_mb * 1_000_000:
        raise UnreadablePlan(f"文件超过 {settings.max_plan_mb} MB，请去掉图片后另存再上传。")
    name = clean_line(file.filename or "")[:255] if file is not None else ""
    sha256 = plans.keep_file(settings.uploads_dir, data)
    with database.writing() as session:
        row = importing.register(
            session,
            officer.organisation_id,
            consultation=here,
            kind=kind,
            file_name=name,
            file_sha256=sha256,
            officer_id=officer.id,
            now=now,
        )
    assert row.id is not None
    if len(data) <= importing.QUICK_BYTES:
        importing.read_now(database, settings, row.id, clock=lambda: now)
    with database.reading() as session:
        return session.get_one(PlanImport, row.id)


def _onwards(database: Database, row: PlanImport, after: BackgroundTasks) -> Response:
    if row.state is ImportState.READ:
        with database.reading() as session:
            return redirect(_review_address(session, row))
    after.add_task(jobs.nudge, "read-plans")
    return redirect(f"/desk/imports/{row.id}")


def _import_here(session: Session, officer: SignedIn, import_id: int) -> PlanImport:
    row = session.get(PlanImport, import_id)
    if row is None or row.organisation_id != officer.organisation_id:
        raise NotFound("没有这次导入。请从“导入规划”重新上传。")
    return row


def _review_address(session: Session, row: PlanImport) -> str:
    consultation = session.get_one(Consultation, row.consultation_id)
    return f"/desk/consultations/{consultation.slug}/plan"


def _upload_page(
    request: Request,
    session: Session,
    officer: SignedIn,
    *,
    error: str | None = None,
    here: Consultation | None = None,
    kind: VersionKind | None = None,
) -> Response:
    context = {
        "error": error,
        "unread": importing.unread(session, officer.organisation_id),
        "here": here,
        "kind": kind,
    }
    return render(request, "consultations/upload.html", context, status=422 if error else 200)
