"""Loads the demo: the written material becomes three consultations, told through the services.

The stories are moved to the present: the outline plan was published twenty days ago and is open,
the parks plan is closed with its outcome published, the walking plan opens in nine days.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import Session, col, select

from analysis.contracts import ParsedPlan
from backend.assessments.jobs import assess_pending, read_corpora, summarise
from backend.briefs import rules as brief_rules
from backend.briefs import service as briefs
from backend.consultations import service as consultations
from backend.consultations.queries import by_slug
from backend.consultations.rules import notice_days
from backend.demo import material
from backend.demo.material import DemoComment, Paper, Window
from backend.demo.office import PASSWORD, UNITS, Office, found_office
from backend.digests import reporting
from backend.digests.adoption import Letter
from backend.kit.clock import end_of, last_day_before, local, start_of, utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Channel,
    Comment,
    Consultation,
    Disposition,
    Handling,
    Officer,
    Organisation,
    Outcome,
    PlanChange,
    PlanChangeComment,
    Screening,
    Submission,
    VersionKind,
)
from backend.plans import service as plans
from backend.plans.queries import current_version
from backend.submissions import service as submissions
from backend.submissions.forms import Point, Sender
from backend.submissions.jobs import re_anchor_comments
from backend.triage import service as triage
from backend.web.pages import date_zh

SIGN_IN_AS = "shenwen"
OUTLINE_AGE, PARKS_AGE, WALKING_AHEAD = 20, 111, 9
Tell = Callable[[str], None]


def sign_in_lines() -> list[str]:
    """What the console says about signing in."""
    first = next(o for o in material.officers() if o.username == SIGN_IN_AS)
    return [
        f"演示账号：{SIGN_IN_AS}（{first.display_name}，经办人），密码：{PASSWORD}",
        "其他角色：" + "、".join(o.username for o in material.officers()) + "，密码相同。",
    ]


def load(database: Database, settings: Settings, *, tell: Tell) -> None:
    """Load everything once and let the machine read it; a second call does nothing."""
    now = utc_now()
    with database.writing() as session:
        if session.exec(select(Organisation)).first() is not None:
            tell("数据库里已有单位，没有重复装入演示数据。")
            return
        office = found_office(session, now)
        today = local(now).date()
        outline = _publish(session, office, material.OUTLINE, _window(today, -OUTLINE_AGE, 32))
        # Most of the invented senders left no contact: these two publish without asking for one.
        outline.publishes_comments, outline.requires_verified_contact = True, False
        rows = _tell_comments(session, office, outline, material.demo_comments(), settings, now)
        _assign(session, office, outline, rows, now)
        parks = _publish(session, office, material.PARKS, _window(today, -PARKS_AGE, 32))
        parks.publishes_comments, parks.requires_verified_contact = True, False
        rows = _tell_comments(session, office, parks, material.closed_comments(), settings, now)
        _answer(session, office, parks, rows, now)
        _publish(session, office, material.WALKING, _window(today, WALKING_AHEAD, 35))
    tell("演示规划和意见已装入，正在由机器研读……")
    re_anchor_comments(database, settings)
    assess_pending(database, settings)
    read_corpora(database, settings)
    summarise(database, settings)
    with database.writing() as session:
        _screen(session)
        session.flush()
        _announce(session, settings, now=now)
    briefs.write_due(database, settings, now=_last_working_morning(now))
    tell("演示数据准备好了。")


def _last_working_morning(now: datetime) -> datetime:
    """A quarter to eight on the last day offices worked, today included."""
    morning = start_of(local(now).date()) + timedelta(hours=7, minutes=45)
    while morning > now or brief_rules.due_day(morning) is None:
        morning -= timedelta(days=1)
    return morning


def _window(today: date, starts_in: int, length: int) -> Window:
    opens = today + timedelta(days=starts_in)
    return Window(opens, opens + timedelta(days=length))


def _publish(session: Session, office: Office, paper: Paper, window: Window) -> Consultation:
    """Import the paper as an official would: parse, draft, confirm, publish on its own day."""
    opens_at = start_of(window.published_on)
    text = paper.text(window)
    consultation, version = consultations.draft_from(
        session,
        office.organisation,
        _parsed(text),
        slug=paper.slug,
        file_name=f"{paper.slug}.txt",
        file_sha256=hashlib.sha256(text.encode()).hexdigest(),
        now=opens_at,
    )
    consultation.opens_at, consultation.closes_at = opens_at, end_of(window.deadline)
    consultation.published_on = window.published_on
    consultation.drafting_office = paper.drafting_office
    consultation.place = material.gazetteer().district
    for field, words in _notice_words(text).items():
        setattr(consultation, field, words)
    publisher = office.officers["hejing"]
    plans.confirm(session, version, office.officers["luming"], now=opens_at)
    consultations.publish(session, consultation, version, publisher, now=opens_at)
    return consultation


def _notice_words(text: str) -> dict[str, str]:
    """What an official would copy from the notice into its fields."""
    lines = [line for line in text.splitlines()[:30] if line]
    said = {line.split("：", 1)[0]: line for line in lines if "：" in line}
    phone = re.search(r"021-\d{8}", text)
    return {
        "introduction": lines[1],
        "explanation": said["起草说明"].removeprefix("起草说明："),
        "legal_basis": "《重大行政决策程序暂行条例》（国务院令第713号）第十五条",
        "off_limits": next((line for line in lines if line.startswith("反映个人诉求")), ""),
        "phone": phone.group() if phone else "",
    }


def _parsed(text: str) -> ParsedPlan:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.txt"
        path.write_text(text, encoding="utf-8")
        return plans.parse_file(path)


# --- What people said ----------------------------------------------------------------------------


def _tell_comments(
    session: Session,
    office: Office,
    consultation: Consultation,
    said: Sequence[DemoComment],
    settings: Settings,
    now: datetime,
) -> dict[int, Comment]:
    """Register every sending on its day; returns the comments by their line in the material."""
    plan = _plan_of(session, consultation)
    assert consultation.opens_at is not None
    stored: dict[int, Comment] = {}
    for lines in _sendings(said):
        first = said[lines[0]]
        arrived = consultation.opens_at + timedelta(days=first.day, hours=first.hour)
        arrived += timedelta(minutes=lines[0] * 7 % 60)
        arrived = min(arrived, now - timedelta(minutes=1 + lines[0] % 50))
        submission = submissions.register(
            session,
            consultation,
            [_point(plan, said[line]) for line in lines],
            _sender(first),
            channel=first.channel,
            key=f"demo-{lines[0]}",
            secret=settings.secret(),
            now=arrived,
        )
        rows = session.exec(
            select(Comment)
            .where(Comment.submission_id == submission.id)
            .order_by(col(Comment.ordinal))
        ).all()
        stored |= dict(zip(lines, rows, strict=True))
    _decide(session, office, said, stored, now)
    return stored


def _sendings(said: Sequence[DemoComment]) -> list[list[int]]:
    """Line numbers, those of one letter together, in order of arrival."""
    letters: dict[str, list[int]] = {}
    for line, comment in enumerate(said):
        letters.setdefault(comment.submission or f"#{line}", []).append(line)
    return sorted(letters.values(), key=lambda lines: (said[lines[0]].day, said[lines[0]].hour))


def _sender(comment: DemoComment) -> Sender:
    contact = comment.contact or ""
    return Sender(
        kind=comment.submitter_kind.value if comment.submitter_kind else "",
        street=comment.street or "",
        neighbourhood=comment.neighbourhood or "",
        name=comment.name or "",
        email=contact if "@" in contact else "",
        phone="" if "@" in contact else contact,
    )


def _point(plan: ParsedPlan, comment: DemoComment) -> Point:
    return Point(
        about=_key(plan, comment) or "",
        text=comment.text,
        proposed_wording=comment.wording or "",
    )


def _key(plan: ParsedPlan, comment: DemoComment) -> str | None:
    """The key of what a comment is about; a task nobody lists is found by its passage."""
    if comment.anchor is None:
        return None
    kind, ref = comment.anchor.kind.value, comment.anchor.ref
    named = {
        "section": [(s.id, s.title) for s in plan.sections],
        "indicator": [(i.id, i.name) for i in plan.indicators],
        "task": [(t.id, t.title) for t in plan.tasks],
    }.get(kind, [])
    exact = next((key for key, name in named if name == ref), None)
    near = next((key for key, name in named if ref in name or name in ref), None)
    passage = next((p.id for s in plan.sections for p in s.passages if ref in p.text), None)
    return exact or near or passage


def _decide(
    session: Session,
    office: Office,
    said: Sequence[DemoComment],
    stored: Mapping[int, Comment],
    now: datetime,
) -> None:
    officer = office.officers[SIGN_IN_AS]
    for line, comment in stored.items():
        decision = said[line].decision
        if decision is None:
            continue
        decided_at = min(comment.received_at + timedelta(days=2, hours=3), now)
        ruling = triage.Ruling(
            comment,
            comment.version,
            outcome=decision.outcome,
            reason=decision.reason,
            section_key=comment.anchor_section_key if decision.change else None,
            place=decision.change or "",
            reply="",
        )
        triage.decide_all(session, [(ruling, officer.id or 0)], officer, now=decided_at)


def _assign(
    session: Session,
    office: Office,
    consultation: Consultation,
    rows: Mapping[int, Comment],
    now: datetime,
) -> None:
    """What came in before the last working days has been given to the departments."""
    clerk = office.officers["hanxm"]
    titles = {s.id: s.title for s in _plan_of(session, consultation).sections}
    for comment in rows.values():
        title = titles.get(comment.anchor_section_key or "", "")
        unit = next((unit for word, unit in UNITS.items() if word in title), None)
        old = now - comment.received_at > timedelta(days=4)
        if comment.handling is Handling.NEW and old:
            department = office.departments[unit or "区发展和改革委员会"]
            triage.assign(
                session,
                comment,
                clerk,
                version=comment.version,
                department_id=department.id,
                officer_id=None,
                now=min(comment.received_at + timedelta(days=1), now),
            )


# --- What came of it -----------------------------------------------------------------------------


def _answer(
    session: Session,
    office: Office,
    consultation: Consultation,
    rows: Mapping[int, Comment],
    now: datetime,
) -> None:
    """The parks plan: the final text, what changed because of whom, and the bureau's account."""
    assert consultation.id is not None
    assert consultation.closes_at is not None
    answered_at = min(consultation.closes_at + timedelta(days=30), now)
    final = replace(_parsed(material.closed_final()), notice=None)
    version = plans.store_version(
        session,
        consultation.id,
        final,
        kind=VersionKind.FINAL,
        file_name="parks-2026-2030-final.txt",
        now=answered_at,
    )
    plans.confirm(session, version, office.officers["lvhua"], now=answered_at)
    changes = material.closed_changes()
    keys = {section.title: section.id for section in plans.parsed_plan(version).sections}
    for position, change in enumerate(changes):
        row = PlanChange(
            consultation_id=consultation.id,
            section_key=keys.get(change.section),
            section_title=change.section,
            before=change.before,
            after=change.after,
            why=change.why,
            position=position,
        )
        session.add(row)
        session.flush()
        assert row.id is not None
        for line in change.because:
            session.add(PlanChangeComment(plan_change_id=row.id, comment_id=rows[line].id or 0))


def _announce(session: Session, settings: Settings, *, now: datetime) -> None:
    """The parks plan again: the adoption report made final, the outcome published."""
    consultation = by_slug(session, material.PARKS.slug)
    publisher = session.exec(select(Officer).where(Officer.username == "hejing")).one()
    assert consultation is not None
    letter = Letter(issuer=consultation.issuer or consultation.drafting_office)
    reporting.finalise_report(
        session,
        consultation,
        letter=letter,
        secret=settings.secret(),
        officer=publisher,
        now=now,
    )
    changes = len(material.closed_changes())
    narrative = material.closed_outcome(_facts(session, consultation, changes))
    reporting.publish_outcome(
        session,
        consultation,
        narrative=narrative,
        officer=publisher,
        despite_doubts=True,
        now=now,
    )


def _facts(session: Session, consultation: Consultation, changes: int) -> dict[str, int | str]:
    """The numbers of the account, counted from the tables."""
    channels = session.exec(
        select(Submission.channel)
        .join(Comment, col(Comment.submission_id) == col(Submission.id))
        .where(Comment.consultation_id == consultation.id)
    ).all()
    outcomes = session.exec(
        select(Disposition.outcome)
        .join(Comment, col(Comment.id) == Disposition.comment_id)
        .where(Comment.consultation_id == consultation.id)
    ).all()
    sent = session.exec(
        select(Submission.id).where(Submission.consultation_id == consultation.id)
    ).all()
    adopted = [o for o in outcomes if o in (Outcome.ADOPTED, Outcome.PARTLY_ADOPTED)]
    return {
        **{channel.value: channels.count(channel) for channel in Channel},
        **{outcome.value: outcomes.count(outcome) for outcome in Outcome},
        "submissions": len(sent),
        "comments": len(channels),
        "adopted_total": len(adopted),
        "changes": changes,
        "days": notice_days(consultation) or 0,
        "published_on": date_zh(consultation.opens_at),
        "deadline": date_zh(last_day_before(consultation.closes_at or utc_now())),
    }


def _plan_of(session: Session, consultation: Consultation) -> ParsedPlan:
    assert consultation.id is not None
    version = current_version(session, consultation.id)
    assert version is not None
    return plans.parsed_plan(version)


def _screen(session: Session) -> None:
    """Decided comments that were read and masked are published; the rest wait for a person."""
    decided = session.exec(
        select(Comment)
        .join(Disposition, col(Disposition.comment_id) == col(Comment.id))
        .where(col(Comment.masked_text).is_not(None), Disposition.outcome != Outcome.OUT_OF_SCOPE)
    ).all()
    for comment in decided:
        comment.screening = Screening.PUBLISHED
        session.add(comment)
