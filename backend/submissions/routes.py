"""From the form to the receipt: form → check your answers → receipt → look-up.

No account and no cookie: a signed ticket makes the form one sending, an unguessable address keeps
the draft, and another the receipt.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from backend.consultations.queries import public_by_slug
from backend.jobs import nudge
from backend.kit.settings import Settings
from backend.models import Consultation, Draft
from backend.plans.queries import current_version
from backend.submissions import forms, queries, receipt_routes, rules, service
from backend.submissions import ticket as tickets
from backend.submissions.forms import DraftForm, Errors, Point, Sender, StoredFile
from backend.submissions.hints import hints
from backend.submissions.intake import PostedForm, take_files
from backend.submissions.receipt_routes import receipt_path
from backend.submissions.ticket import Ticket
from backend.web.access import public
from backend.web.deps import AppDatabase, AppSettings, Now, ReadSession, WriteSession
from backend.web.errors import NotFound
from backend.web.pages import redirect, render

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)
NO_DRAFT = "这份还没提交的意见已经过期，或者地址不完整。请回到征询页面重新填写。"


# --- Writing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it stands: what was typed, for which point, and what is wrong with it."""

    ticket: Ticket
    point: Point
    index: int
    sender: Sender
    files: list[StoredFile]
    errors: Errors


@router.get("/consultations/{slug}/comment")
def show_form(
    request: Request,
    slug: str,
    session: ReadSession,
    settings: AppSettings,
    now: Now,
    draft: Annotated[str, Query(max_length=64)] = "",
    point: Annotated[int, Query(ge=0, le=forms.MAX_POINTS)] = 0,
) -> Response:
    """A blank form about `?about=` (and selected words), or one point of a draft again."""
    consultation = _consultation(session, slug)
    filled = _blank(request, consultation, now)
    if draft:
        row, kept = _draft(session, consultation, draft, settings, now)
        ticket = Ticket(filled.ticket.consultation_id, row.token, kept.opened_at)
        index = min(point, len(kept.points))
        typed = kept.points[index] if index < len(kept.points) else filled.point
        filled = Filled(ticket, typed, index, kept.sender, kept.files, {})
    refused = rules.refusal(
        consultation, filled.ticket.opened_at, now, grace_minutes=settings.late_grace_minutes
    )
    if refused:
        return _refused(request, consultation, refused, [], status=200)
    return _form_page(request, session, settings, consultation, filled)


@router.get("/consultations/{slug}/comment/margin")
def show_margin_form(
    request: Request, slug: str, session: ReadSession, settings: AppSettings, now: Now
) -> Response:
    """The short form that htmx opens in the margin; sending it leads to the same check page."""
    consultation = _consultation(session, slug)
    filled = _blank(request, consultation, now)
    if rules.refusal(consultation, now, now, grace_minutes=0):
        raise NotFound("现在不能提意见。")
    context = _form_context(session, settings, consultation, filled)
    return render(request, "submissions/_margin_form.html", context)


@router.post("/consultations/{slug}/comment")
def check(
    request: Request,
    slug: str,
    posted: PostedForm,
    session: ReadSession,
    database: AppDatabase,
    settings: AppSettings,
    now: Now,
) -> Response:
    """Keep what was typed as a draft and go on to the check page; 422 with everything kept."""
    consultation = _consultation(session, slug)
    secret = settings.secret()
    assert consultation.id is not None
    ticket = tickets.read(
        secret, posted.fields.get("ticket", ""), consultation_id=consultation.id, now=now
    )
    filled = _filled(session, settings, consultation, posted, ticket, now)
    opened_at = filled.ticket.opened_at
    refused = rules.refusal(consultation, opened_at, now, grace_minutes=settings.late_grace_minutes)
    if refused:
        return _refused(request, consultation, refused, [filled.point])
    if filled.errors or "remove_file" in posted.fields:
        status = 422 if filled.errors else 200
        return _form_page(request, session, settings, consultation, filled, status=status)

    # A thread that holds one connection while it waits for another can starve all the others.
    session.close()

    def change(before: DraftForm) -> DraftForm:
        return _with(before, filled, is_trapped=bool(posted.fields.get("website")))

    with database.writing() as writing:
        key = service.keep_draft(
            writing,
            consultation,
            filled.ticket.key,
            change,
            opened_at=opened_at,
            secret=secret,
            now=now,
        )
    return redirect(f"/consultations/{slug}/drafts/{key}")


def _blank(request: Request, consultation: Consultation, now: datetime) -> Filled:
    assert consultation.id is not None
    ticket = tickets.new_ticket(consultation.id, now)
    return Filled(ticket, forms.read_point(request.query_params), 0, Sender(), [], {})


def _filled(
    session: Session,
    settings: Settings,
    consultation: Consultation,
    posted: PostedForm,
    ticket: Ticket | None,
    now: datetime,
) -> Filled:
    assert consultation.id is not None
    fields = posted.fields
    point, sender = forms.read_point(fields), forms.read_sender(fields)
    streets = queries.neighbourhoods(session, consultation.organisation_id)
    files, problems = take_files(
        posted, settings, tickets.read_files(settings.secret(), fields.get("kept_files", ""))
    )
    errors = (
        forms.check_point(point, max_length=settings.max_comment_length)
        | forms.check_sender(sender, streets=streets)
        | problems
    )
    if ticket is None:
        errors = {
            "form": "这个页面打开得太久了，或者没有载入完整。请核对内容，再提交一次。"
        } | errors
        ticket = tickets.new_ticket(consultation.id, now)
    number = fields.get("point", "")
    index = int(number) if number.isascii() and number.isdigit() else 0
    return Filled(ticket, point, min(index, forms.MAX_POINTS - 1), sender, files, errors)


def _with(before: DraftForm, filled: Filled, *, is_trapped: bool) -> DraftForm:
    """The draft with one point put in its place; the first form also says who sends it."""
    points = list(before.points)
    points[filled.index : filled.index + 1] = [filled.point]
    update: dict[str, Any] = {
        "points": points,
        "is_trapped": before.is_trapped or is_trapped,
    }
    if filled.index == 0:
        update |= {"sender": filled.sender, "files": filled.files}
    return before.model_copy(update=update)


def _form_page(
    request: Request,
    session: Session,
    settings: Settings,
    consultation: Consultation,
    filled: Filled,
    *,
    status: int = 200,
) -> Response:
    context = _form_context(session, settings, consultation, filled)
    return render(request, "submissions/form.html", context, status=status)


def _form_context(
    session: Session, settings: Settings, consultation: Consultation, filled: Filled
) -> dict[str, Any]:
    assert consultation.id is not None
    secret = settings.secret()
    version = current_version(session, consultation.id)
    streets = queries.neighbourhoods(session, consultation.organisation_id)
    return {
        "consultation": consultation,
        "about": queries.anchor(session, version, filled.point.about),
        "filled": filled,
        "errors": filled.errors,
        "ticket": tickets.sign(secret, filled.ticket),
        "kept_files": tickets.sign_files(secret, filled.files),
        "streets": streets,
        "street_options": [(street, street) for street in streets],
        "max_length": settings.max_comment_length,
    }


# --- Checking and sending ------------------------------------------------------------------------


@router.get("/consultations/{slug}/drafts/{token}")
def show_draft(
    request: Request, slug: str, token: str, session: ReadSession, settings: AppSettings, now: Now
) -> Response:
    """Check your answers; after sending, this address leads to the receipt."""
    consultation = _consultation(session, slug)
    sent = queries.sent_under(session, token)
    if sent is not None:
        return redirect(receipt_path(sent))
    row, form = _draft(session, consultation, token, settings, now)
    return _check_page(request, session, consultation, row, form)


@router.post("/consultations/{slug}/drafts/{token}/send")
def send(
    request: Request, slug: str, token: str, session: WriteSession, settings: AppSettings, now: Now
) -> Response:
    """One form gives one submission and one receipt, however often it is sent."""
    consultation = _consultation(session, slug)
    row = queries.draft(session, token, now, locked=True)
    sent = queries.sent_under(session, token)
    if sent is not None:
        return redirect(receipt_path(sent))
    form = None if row is None else service.open_draft(row, settings.secret())
    if row is None or form is None or not form.points:
        raise NotFound(NO_DRAFT)
    refused = rules.refusal(
        consultation, form.opened_at, now, grace_minutes=settings.late_grace_minutes
    )
    if refused:
        return _refused(request, consultation, refused, form.points)
    address = request.client.host if request.client else ""
    submission = service.receive(
        session, consultation, row, form, settings=settings, address=address, now=now
    )
    answer = redirect(receipt_path(submission))
    answer.background = BackgroundTask(nudge, "assess")
    return answer


@router.post("/consultations/{slug}/drafts/{token}/points/{index}/remove")
def remove_point(
    slug: str, token: str, index: int, session: WriteSession, settings: AppSettings, now: Now
) -> Response:
    """Take one of several points out of the draft; the last one stays."""
    consultation = _consultation(session, slug)
    row, form = _draft(session, consultation, token, settings, now)
    if len(form.points) > 1 and 0 <= index < len(form.points):
        points = form.points[:index] + form.points[index + 1 :]
        service.keep_draft(
            session,
            consultation,
            row.token,
            lambda before: before.model_copy(update={"points": points}),
            opened_at=form.opened_at,
            secret=settings.secret(),
            now=now,
        )
    return redirect(f"/consultations/{slug}/drafts/{token}")


def _check_page(
    request: Request, session: Session, consultation: Consultation, row: Draft, form: DraftForm
) -> Response:
    assert consultation.id is not None
    version = current_version(session, consultation.id)
    points = [
        (point, queries.anchor(session, version, point.about), hints(point))
        for point in form.points
    ]
    similar = (
        queries.published_beside(session, consultation.id, [p.about for p in form.points])
        if consultation.publishes_comments
        else []
    )
    context = {
        "similar": similar,
        "consultation": consultation,
        "draft": row,
        "form": form,
        "points": points,
        "may_add": len(points) < forms.MAX_POINTS,
    }
    return render(request, "submissions/check.html", context)


def _refused(
    request: Request,
    consultation: Consultation,
    refused: rules.Refusal,
    points: list[Point],
    *,
    status: int = 409,
) -> Response:
    """Why nothing can be sent now, with everything typed ready for copying."""
    context = {"consultation": consultation, "refused": refused.value, "points": points}
    return render(request, "submissions/refused.html", context, status=status)


def _draft(
    session: Session, consultation: Consultation, token: str, settings: Settings, now: datetime
) -> tuple[Draft, DraftForm]:
    row = queries.draft(session, token, now)
    if row is None or row.consultation_id != consultation.id:
        raise NotFound(NO_DRAFT)
    form = service.open_draft(row, settings.secret())
    if form is None:
        raise NotFound(NO_DRAFT)
    return row, form


@router.post("/consultations/{slug}/comments/{comment_id}/support")
def support(
    request: Request,
    slug: str,
    comment_id: int,
    session: WriteSession,
    settings: AppSettings,
    now: Now,
) -> Response:
    """Back an opinion that was published; once per device, as far as that can be told."""
    consultation = _consultation(session, slug)
    comment = queries.published_comment(session, consultation, comment_id)
    if comment is None:
        raise NotFound("这条意见没有公开，或者已经撤下。")
    if rules.refusal(consultation, now, now, grace_minutes=0) is None:
        address = request.client.host if request.client else ""
        device = f"{address} {request.headers.get('user-agent', '')}"
        service.support(session, comment, device=device, secret=settings.secret(), now=now)
    return redirect(f"/consultations/{slug}/comments#c{comment_id}")


def _consultation(session: Session, slug: str) -> Consultation:
    consultation = public_by_slug(session, slug)
    if consultation is None:
        raise NotFound("没有这个征询，或者它还没有发布。请从首页查找。")
    return consultation


router.include_router(receipt_routes.router)
