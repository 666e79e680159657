"""The screen 登记来件 and what it needs: places, streets, scans, hints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, or_, select
from starlette.responses import Response

from backend.models import ConsentWay, Contact, Scan, Submission
from backend.registry import rules, scans, service
from backend.registry.counter import Counter
from backend.registry.forms import EntryForm
from backend.registry.places import Places, load
from backend.submissions import queries as submissions
from backend.submissions import ticket as tickets
from backend.submissions.forms import MAX_POINTS, Errors
from backend.submissions.people import email_hash, phone_hash
from backend.submissions.similar import Similar, similar_to
from backend.submissions.ticket import Ticket
from backend.submissions.verifying import is_asked_for
from backend.web.labels import label
from backend.web.pages import render


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown with the form."""

    errors: Errors = field(default_factory=dict)
    ticket: Ticket | None = None
    is_checked: bool = False
    focus: str = ""
    after: Submission | None = None


def entry_page(
    counter: Counter, session: Session, form: EntryForm, screen: Screen, *, status: int = 200
) -> Response:
    """The form with everything typed, its scans beside it."""
    places = load(session, counter.consultation_id)
    ticket = screen.ticket or tickets.new_ticket(counter.consultation_id, counter.now)
    channels = rules.FOR_RESIDENTS if counter.is_proxy else rules.BY_HAND
    streets = submissions.neighbourhoods(session, counter.consultation.organisation_id)
    context: dict[str, Any] = {
        "counter": counter,
        "consultation": counter.consultation,
        "form": form,
        "errors": screen.errors,
        "screen": screen,
        "ticket": tickets.sign(counter.settings.secret(), ticket),
        "places": places,
        "choices": _choices(form, places),
        "channels": [(channel.value, label("channel", channel)) for channel in channels],
        "ways": [(way.value, label("consent_way", way)) for way in ConsentWay],
        "streets": streets,
        "street_options": [(street, street) for street in streets],
        "scans": _scans(counter, session, form),
        "similar": _similar(counter, session, form) if screen.is_checked else {},
        "known": _known(counter, session, form) if screen.is_checked else 0,
        "asks_verified": is_asked_for(counter.consultation),
        "may_add": len(form.points) < MAX_POINTS,
        "max_length": counter.settings.max_comment_length,
        "own": service.neighbourhood_of(session, counter.officer.officer)
        if counter.is_proxy
        else None,
    }
    return render(counter.request, "registry/entry.html", context, status=status)


def _choices(form: EntryForm, places: Places) -> Mapping[int, Sequence[tuple[str, str]]]:
    """For a point whose words fit several items: those items by name."""
    found = {number: places.find(point.about) for number, point in enumerate(form.points)}
    return {
        number: [(key, places.name_of(key)) for key in one.choices]
        for number, one in found.items()
        if one.choices
    }


def _scans(counter: Counter, session: Session, form: EntryForm) -> Sequence[Scan]:
    return scans.chosen(session, counter.consultation_id, form.scan_ids)


def _similar(
    counter: Counter, session: Session, form: EntryForm
) -> Mapping[int, Sequence[Similar]]:
    """Near-copies for each point; staff of a 居委 do not read what others wrote."""
    if counter.is_proxy:
        return {}
    return {
        number: similar_to(session, counter.consultation_id, point.text)
        for number, point in enumerate(form.points)
    }


def _known(counter: Counter, session: Session, form: EntryForm) -> int:
    """How many sendings already carry this telephone or e-mail."""
    secret = counter.settings.secret()
    number = phone_hash(secret, form.sender.phone)
    address = email_hash(secret, form.sender.email)
    query = (
        select(Contact.phone_hash, Contact.email_hash)
        .join(Submission, col(Submission.id) == Contact.submission_id)
        .where(Submission.consultation_id == counter.consultation_id)
    )
    conditions = [
        column == value
        for column, value in ((Contact.phone_hash, number), (Contact.email_hash, address))
        if value is not None
    ]
    if not conditions or counter.is_proxy:
        return 0
    return len(session.exec(query.where(or_(*conditions))).all())
