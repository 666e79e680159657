"""登记来件 and 代居民录入: from the typed letter to the slip with its receipt code."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from backend.jobs import nudge
from backend.kit.clock import local
from backend.models import Submission
from backend.registry import queries, rules, scans, service
from backend.registry.counter import PROXY, REGISTRY, Counter, EnteringFor, Transcribing
from backend.registry.entry_page import Screen, entry_page
from backend.registry.forms import ConsentForm, EntryForm, EntryPoint, check_entry, read_entry
from backend.registry.places import load
from backend.registry.reading import Typed, TypedForm
from backend.submissions import queries as submissions
from backend.submissions import ticket as tickets
from backend.submissions.forms import Errors, Sender
from backend.submissions.paper import read_form_code
from backend.submissions.similar import similar_to
from backend.web.pages import redirect, render

router = APIRouter(include_in_schema=False)
TOO_OLD = "这个页面打开得太久了，或者没有载入完整。请核对内容，再登记一次。"
Text = Annotated[str, Query(max_length=40)]
Number = Annotated[int, Query(ge=0, le=2**31 - 1)]


@router.get(REGISTRY)
def show_registry(counter: Transcribing) -> Response:
    return _home(counter)


@router.get(PROXY)
def show_proxy(counter: EnteringFor) -> Response:
    return _home(counter)


@router.get(REGISTRY + "/entry")
def show_entry(
    counter: Transcribing,
    channel: Text = "letter",
    received_on: Text = "",
    code: Text = "",
    scan: Number = 0,
    after: Number = 0,
) -> Response:
    """A blank screen; `code` is that of a paper form, `scan` one of the tray."""
    return _blank(counter, channel, received_on, code, scan, after)


@router.get(PROXY + "/entry")
def show_proxy_entry(
    counter: EnteringFor,
    channel: Text = "meeting",
    received_on: Text = "",
    code: Text = "",
    after: Number = 0,
) -> Response:
    return _blank(counter, channel, received_on, code, 0, after)


@router.post(REGISTRY + "/entry")
def enter(counter: Transcribing, typed: TypedForm) -> Response:
    return _entered(counter, typed)


@router.post(PROXY + "/entry")
def enter_for(counter: EnteringFor, typed: TypedForm) -> Response:
    return _entered(counter, typed)


@router.post(REGISTRY + "/similar")
def show_similar(counter: Transcribing, typed: TypedForm) -> Response:
    """What was already registered in nearly the same words, while somebody still types."""
    text = next((value for name, value in typed.fields.items() if name.startswith("text-")), "")
    with counter.database.reading() as session:
        found = similar_to(session, counter.consultation_id, text)
    context = {"found": found, "counter": counter}
    return render(counter.request, "registry/_similar.html", context)


@router.get(REGISTRY + "/entries/{submission_id}")
def show_slip(counter: Transcribing, submission_id: int) -> Response:
    return _slip(counter, submission_id)


@router.get(PROXY + "/entries/{submission_id}")
def show_proxy_slip(counter: EnteringFor, submission_id: int) -> Response:
    return _slip(counter, submission_id)


# --- Within --------------------------------------------------------------------------------------


def _home(counter: Counter) -> Response:
    with counter.database.reading() as session:
        own = counter.officer.id if counter.is_proxy else None
        context = {
            "counter": counter,
            "consultation": counter.consultation,
            "entries": queries.recent(session, counter.consultation_id, officer_id=own),
            "tray": [] if counter.is_proxy else scans.waiting(session, counter.consultation_id),
            "refused": rules.reason_not_to_register(counter.consultation, counter.now),
        }
        return render(counter.request, "registry/home.html", context)


def _blank(
    counter: Counter, channel: str, received_on: str, code: str, scan: int, after: int
) -> Response:
    with counter.database.reading() as session:
        places = load(session, counter.consultation_id)
        errors: Errors = {}
        about = ""
        if code:
            found = places.find(code) if read_form_code(code) else None
            if found is None or found.is_unknown:
                errors["about-0"] = "这个代码不是本征询意见表上的代码，请对照纸上的再看一遍"
                about = code
            else:
                about = places.name_of(found.key)
        form = EntryForm(
            channel=channel,
            received_on=received_on or f"{counter.today}",
            points=(EntryPoint(about=about),),
            scan_ids=(scan,) if scan else (),
            consent=ConsentForm(given_on=f"{counter.today}"),
        )
        done = counter.submission(session, after) if after else None
        focus = "text-0" if about else "posted_on"
        screen = Screen(errors=errors, focus="" if errors else focus, after=done)
        return entry_page(counter, session, form, screen, status=422 if errors else 200)


def _entered(counter: Counter, typed: Typed) -> Response:
    form = read_entry(typed.fields, typed.scan_ids)
    errors: Errors = {}
    if typed.files and not counter.is_proxy:
        with counter.database.writing() as session:
            taken = scans.take(
                session,
                counter.consultation,
                typed.files,
                counter.officer.officer,
                settings=counter.settings,
                now=counter.now,
            )
        ids = (*form.scan_ids, *(scan.id or 0 for scan in taken.scans))
        form = replace(form, scan_ids=ids)
        if taken.problems:
            errors["files"] = "；".join(taken.problems)
    if counter.is_proxy:
        form = _at_home(counter, form)
    ticket = tickets.read(
        counter.settings.secret(),
        typed.fields.get("ticket", ""),
        consultation_id=counter.consultation_id,
        now=counter.now,
    )
    if typed.action not in ("save", "next"):
        return _reshaped(counter, typed.action, form, Screen(errors, ticket))
    with counter.database.reading() as session:
        errors = _errors(counter, session, form) | errors
        if ticket is None:
            errors = {"form": TOO_OLD} | errors
        if errors or ticket is None:
            screen = Screen(errors, ticket, is_checked=True)
            return entry_page(counter, session, form, screen, status=422)
        places = load(session, counter.consultation_id)
    with counter.database.writing() as session:
        submission = service.enter(
            session,
            counter.consultation,
            form,
            places,
            counter.officer.officer,
            key=ticket.key,
            is_proxy=counter.is_proxy,
            settings=counter.settings,
            now=counter.now,
        )
    answer = redirect(_next_address(counter, form, submission, typed.action))
    answer.background = BackgroundTask(nudge, "assess")
    return answer


def _reshaped(counter: Counter, action: str, form: EntryForm, screen: Screen) -> Response:
    """The same form with a point more or fewer, or looked over; nothing is registered."""
    focus = ""
    verb, _, number = action.partition("-")
    if verb == "add":
        form = form.with_point()
        focus = f"text-{len(form.points) - 1}"
    elif verb == "remove" and number.isdecimal():
        form = form.without_point(int(number))
        focus = "text-0"
    screen = Screen(screen.errors, screen.ticket, is_checked=verb == "check", focus=focus)
    with counter.database.reading() as session:
        if verb == "check":
            errors = _errors(counter, session, form) | screen.errors
            screen = Screen(errors, screen.ticket, is_checked=True)
        status = 422 if screen.errors else 200
        return entry_page(counter, session, form, screen, status=status)


def _errors(counter: Counter, session: Session, form: EntryForm) -> Errors:
    refused = rules.reason_not_to_register(counter.consultation, counter.now)
    errors = check_entry(
        form,
        load(session, counter.consultation_id),
        streets=submissions.neighbourhoods(session, counter.consultation.organisation_id),
        today=counter.today,
        max_length=counter.settings.max_comment_length,
        is_proxy=counter.is_proxy,
    )
    return ({"form": refused} if refused else {}) | errors


def _at_home(counter: Counter, form: EntryForm) -> EntryForm:
    """Staff of a 居委 write for their own residents only."""
    with counter.database.reading() as session:
        own = service.neighbourhood_of(session, counter.officer.officer)
    place = {"street": own.street, "neighbourhood": own.name}
    return replace(form, sender=Sender(**form.sender.model_dump() | place))


def _next_address(counter: Counter, form: EntryForm, submission: Submission, action: str) -> str:
    if action == "save":
        return f"{counter.path}/entries/{submission.id}"
    received_on = local(submission.received_at).date()
    address = f"{counter.path}/entry?channel={form.channel}&received_on={received_on}"
    if form.scan_ids:
        with counter.database.reading() as session:
            tray = scans.waiting(session, counter.consultation_id)
        address += f"&scan={tray[0].id}" if tray else ""
    return f"{address}&after={submission.id}"


def _slip(counter: Counter, submission_id: int) -> Response:
    with counter.database.reading() as session:
        submission = counter.submission(session, submission_id)
        places = load(session, counter.consultation_id)
        names = [
            places.name_of(key or "") or "整个规划" for key in queries.abouts(session, submission)
        ]
        slip = queries.slip(session, submission, names)
        return render(
            counter.request,
            "registry/slip.html",
            {"counter": counter, "consultation": counter.consultation, "slip": slip},
        )
