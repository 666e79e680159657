"""The pages on which officials make a consultation: upload, review, notice, publish."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts import audit
from backend.accounts.access import SignedIn
from backend.accounts.rules import Permission
from backend.consultations import rules, service, uploads
from backend.consultations.access import Here, Manager, Planner, Publisher
from backend.consultations.forms import NoticeForm, form_of
from backend.consultations.queries import by_slug, notice_history
from backend.consultations.uploads import Arrived, KeptScan
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.ids import new_token
from backend.kit.text import clean_line, clean_text
from backend.models import Consultation, Organisation, VersionKind
from backend.plans import progress, queries
from backend.plans import rules as plan_rules
from backend.plans import service as plans
from backend.plans.parsing import UnreadablePlan
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


# --- A document comes in -------------------------------------------------------------------------


@router.get("/desk/consultations/new")
def show_upload(request: Request, _officer: Planner) -> Response:
    context = {"error": None, "kept": None, "scan": None, "token": new_token(), "reading": None}
    return render(request, "consultations/upload.html", context)


@router.get("/desk/consultations/new/progress/{token}")
def show_progress(
    request: Request, _officer: Planner, session: ReadSession, token: str
) -> Response:
    """How many pages of the document on its way have been read."""
    context = {"token": token, "reading": progress.progress_of(session, token)}
    return render(request, "consultations/_reading.html", context)


@router.post("/desk/consultations/new")
def upload(
    request: Request,
    officer: Planner,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    file: Annotated[UploadFile | None, File()] = None,
    reading: Annotated[str, Form()] = "",
) -> Response:
    try:
        arrived = uploads.read_upload(settings, file, progress.noting(database, reading))
    except UnreadablePlan as error:
        return _upload_page(request, error, uploads.kept_name(file))
    return _drafted(database, officer, arrived, now=now)


@router.post("/desk/consultations/new/recognise")
def recognise(
    request: Request,
    officer: Planner,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    scan: Annotated[str, Form()],
    name: Annotated[str, Form()] = "",
    reading: Annotated[str, Form()] = "",
) -> Response:
    """A scan that was kept is read by machine."""
    try:
        note = progress.noting(database, reading)
        arrived = uploads.recognise(settings, scan, name, note)
    except UnreadablePlan as error:
        return _upload_page(request, error, clean_line(name) or None)
    return _drafted(database, officer, arrived, now=now)


def _drafted(database: Database, officer: SignedIn, arrived: Arrived, *, now: datetime) -> Response:
    """A draft consultation of the plan that arrived; the official reviews it next."""
    with database.writing() as session:
        owner = session.get_one(Organisation, officer.organisation_id)
        consultation, _ = service.draft_from(
            session,
            owner,
            arrived.plan,
            slug=None,
            file_name=arrived.name,
            file_sha256=arrived.sha256,
            now=now,
        )
        details = {"slug": consultation.slug, "file": arrived.name, "sha256": arrived.sha256}
        audit.record(
            session, officer.officer, "consultation.import", "consultation", consultation.id,
            details, now=now,
        )  # fmt: skip
        return redirect(f"/desk/consultations/{consultation.slug}/plan")


@router.post("/desk/consultations/{slug}/versions")
def import_version(
    request: Request,
    officer: Planner,
    here: Here,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
    kind: Annotated[VersionKind, Form()] = VersionKind.REVISED_DRAFT,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A newer text of the same plan; comments follow once an official has confirmed it."""
    try:
        arrived = uploads.read_upload(settings, file)
    except UnreadablePlan as error:
        with database.reading() as session:
            problem = {"file": str(error)}
            return _settings_page(request, session, officer, here, form_of(here), problem, now=now)
    with database.writing() as session:
        assert here.id is not None
        version = plans.store_version(
            session,
            here.id,
            arrived.plan,
            kind=kind,
            file_name=arrived.name,
            file_sha256=arrived.sha256,
            now=now,
        )
        details = {"file": arrived.name, "sha256": arrived.sha256, "number": version.number}
        audit.record(
            session, officer.officer, "plan.import_version", "plan_version", version.id,
            details, now=now,
        )  # fmt: skip
    return redirect(f"/desk/consultations/{here.slug}/plan")


def _upload_page(request: Request, error: UnreadablePlan, kept: str | None) -> Response:
    scan = error.sha256 if isinstance(error, KeptScan) else None
    context = {"error": str(error), "kept": kept, "scan": scan}
    context |= {"token": new_token(), "reading": None}
    return render(request, "consultations/upload.html", context, status=422)


# --- The notice ----------------------------------------------------------------------------------


@router.get("/desk/consultations/{slug}/settings")
def show_settings(
    request: Request, officer: Manager, here: Here, session: ReadSession, now: Now
) -> Response:
    return _settings_page(request, session, officer, here, form_of(here), {}, now=now)


@router.post("/desk/consultations/{slug}/settings")
def save_settings(
    request: Request,
    officer: Manager,
    here: Here,
    session: WriteSession,
    now: Now,
    form: Annotated[NoticeForm, Form()],
) -> Response:
    errors = form.errors()
    if errors:
        return _settings_page(request, session, officer, here, form, errors, now=now)
    stored = _stored(session, here)
    try:
        service.edit_notice(session, stored, form.values(), version=form.version)
    except Refused as refused:
        session.rollback()
        problem = {"form": refused.message}
        return _settings_page(request, session, officer, here, form, problem, now=now)
    audit.record(
        session, officer.officer, "consultation.edit", "consultation", here.id, {}, now=now
    )
    return redirect(f"/desk/consultations/{here.slug}/settings")


@router.post("/desk/consultations/{slug}/publish")
def publish(officer: Publisher, here: Here, session: WriteSession, now: Now) -> Response:
    stored = _stored(session, here)
    assert stored.id is not None
    version = queries.latest_version(session, stored.id)
    service.publish(session, stored, version, officer.officer, now=now)
    audit.record(
        session, officer.officer, "consultation.publish", "consultation", here.id, {}, now=now
    )
    return redirect(f"/desk/consultations/{here.slug}/settings")


@router.post("/desk/consultations/{slug}/extend")
def extend(
    officer: Publisher,
    here: Here,
    session: WriteSession,
    now: Now,
    until: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:
    try:
        day = date.fromisoformat(until.strip())
    except ValueError as error:
        raise Refused("新的截止日期要写成 2026-11-22 的样子。") from error
    stored = _stored(session, here)
    service.extend(session, stored, day, clean_text(reason), officer.officer, now=now)
    details = {"until": day.isoformat(), "reason": clean_text(reason)}
    audit.record(
        session, officer.officer, "consultation.extend", "consultation", here.id, details, now=now
    )
    return redirect(f"/desk/consultations/{here.slug}/settings")


def _stored(session: Session, here: Consultation) -> Consultation:
    stored = by_slug(session, here.slug)
    assert stored is not None
    return stored


def _settings_page(
    request: Request,
    session: Session,
    officer: SignedIn,
    here: Consultation,
    form: NoticeForm,
    errors: dict[str, str],
    *,
    now: "Now",
) -> Response:
    assert here.id is not None
    version = queries.latest_version(session, here.id)
    context = {
        "here": here,
        "form": form,
        "errors": errors,
        "stage": rules.stage(here, now),
        "notice_days": rules.notice_days(here),
        "plan_problem": plan_rules.reason_not_to_publish(version),
        "obstacles": rules.obstacles(here, local(now).date()),
        "history": notice_history(session, here.id),
        "may_publish": officer.may(Permission.PUBLISH, here.id),
        "may_edit_plan": officer.may(Permission.MANAGE_PLAN, here.id),
    }
    return render(request, "consultations/settings.html", context, status=422 if errors else 200)
