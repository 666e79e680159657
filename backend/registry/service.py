"""Registering what a clerk typed: one letter (件) with its points (条), scans and consent."""

from datetime import datetime

from sqlmodel import Session

from backend.accounts import audit
from backend.kit.sealing import seal
from backend.kit.settings import Settings
from backend.models import (
    Channel,
    ConsentWay,
    Consultation,
    Neighbourhood,
    Officer,
    ProxyConsent,
    Submission,
)
from backend.registry import rules, scans
from backend.registry.forms import ConsentForm, EntryForm, read_day
from backend.registry.places import Places
from backend.submissions import queries, verifying
from backend.submissions.forms import Point
from backend.submissions.service import Entry, register
from backend.web.errors import Refused


def enter(
    session: Session,
    consultation: Consultation,
    form: EntryForm,
    places: Places,
    officer: Officer,
    *,
    key: str,
    is_proxy: bool,
    settings: Settings,
    now: datetime,
) -> Submission:
    """Register a checked form; the same form sent again gives the same sending."""
    sent = queries.sent_under(session, key)
    if sent is not None:
        return sent
    received_on, posted_on = read_day(form.received_on), read_day(form.posted_on)
    assert received_on is not None
    channel = Channel(form.channel)
    submission = register(
        session,
        consultation,
        [
            Point(
                about=places.find(point.about).key,
                text=point.text,
                proposed_wording=point.proposed_wording,
            )
            for point in form.points
        ],
        form.sender,
        channel=channel,
        key=key,
        is_late=rules.is_late(
            consultation, channel=channel, posted_on=posted_on, received_on=received_on
        ),
        entry=Entry(officer.id or 0, rules.received_at(received_on, now), posted_on),
        secret=settings.secret(),
        now=now,
    )
    assert submission.id is not None
    for scan in scans.chosen(session, consultation.id or 0, form.scan_ids):
        scans.attach(session, scan, submission.id)
    if is_proxy:
        _keep_consent(session, submission, form.consent, officer, settings, now)
    if form.verified_how:
        verifying.verify_by_officer(session, submission, officer, form.verified_how, now=now)
    details = {
        "channel": channel.value,
        "count": len(form.points),
        "proxy": is_proxy,
    }
    audit.record(
        session, officer, "submission.enter", "submission", submission.id, details, now=now
    )
    return submission


def neighbourhood_of(session: Session, officer: Officer) -> Neighbourhood:
    """The 居委 whose residents an officer may write for; refused while none is set."""
    found = (
        None
        if officer.neighbourhood_id is None
        else session.get(Neighbourhood, officer.neighbourhood_id)
    )
    if found is None or found.organisation_id != officer.organisation_id:
        raise Refused("您的账号还没有指定居委，不能代居民录入。请联系本单位管理员。")
    return found


def _keep_consent(
    session: Session,
    submission: Submission,
    consent: ConsentForm,
    officer: Officer,
    settings: Settings,
    now: datetime,
) -> None:
    given_on = read_day(consent.given_on)
    assert given_on is not None
    session.add(
        ProxyConsent(
            submission_id=submission.id or 0,
            sealed_given_by=seal(settings.secret(), consent.given_by),
            way=ConsentWay(consent.way),
            given_on=given_on,
            wording=settings.proxy_consent,
            recorded_by_id=officer.id or 0,
            recorded_at=now,
        )
    )
    session.flush()
