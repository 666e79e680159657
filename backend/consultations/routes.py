"""The pages on which officials make a consultation: upload, review, notice, publish."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import Response

from backend.accounts import audit
from backend.accounts.access import SignedIn
from backend.accounts.rules import Permission
from backend.consultations import rules, service
from backend.consultations.access import Here, Manager, Publisher
from backend.consultations.forms import NoticeForm, form_of
from backend.consultations.queries import by_slug, notice_history
from backend.kit.clock import local
from backend.kit.text import clean_text
from backend.models import Consultation
from backend.plans import queries
from backend.plans import rules as plan_rules
from backend.web.deps import AppDatabase, Now, ReadSession, WriteSession
from backend.web.errors import Refused
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)


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


@router.post("/desk/consultations/{slug}/correct")
def correct(
    request: Request,
    officer: Publisher,
    here: Here,
    database: AppDatabase,
    session: ReadSession,
    now: Now,
    form: Annotated[NoticeForm, Form()],
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A faulty correction comes back as it was typed."""
    errors = form.errors()
    if not errors:
        try:
            with database.writing() as writing:
                fields = service.correct(
                    writing, _stored(writing, here), form.values(), clean_text(reason),
                    officer.officer, version=form.version, now=now,
                )  # fmt: skip
                details = {"fields": fields, "reason": clean_text(reason)}
                audit.record(
                    writing, officer.officer, "consultation.correct", "consultation", here.id,
                    details, now=now,
                )  # fmt: skip
        except Refused as refused:
            errors = {"form": refused.message}
    if errors:
        return _settings_page(request, session, officer, here, form, errors, now=now, reason=reason)
    return redirect(f"/desk/consultations/{here.slug}/settings")


@router.post("/desk/consultations/{slug}/cancel")
def cancel(
    officer: Publisher,
    here: Here,
    session: WriteSession,
    now: Now,
    reason: Annotated[str, Form()] = "",
) -> Response:
    stored = _stored(session, here)
    service.cancel(session, stored, clean_text(reason), officer.officer, now=now)
    details = {"reason": clean_text(reason)}
    audit.record(
        session, officer.officer, "consultation.cancel", "consultation", here.id, details, now=now
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
    reason: str = "",
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
        "history": rules.history(notice_history(session, here.id)),
        "reason": reason,
        "may_publish": officer.may(Permission.PUBLISH, here.id),
        "may_edit_plan": officer.may(Permission.MANAGE_PLAN, here.id),
    }
    return render(request, "consultations/settings.html", context, status=422 if errors else 200)
