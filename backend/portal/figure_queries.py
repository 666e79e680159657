"""Reading what the figures are counted from, and keeping the count."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from backend.assessments.queries import latest_run, linked_items
from backend.assessments.rising import hot_issues
from backend.kit.clock import local
from backend.models import (
    Assessment,
    AuditEntry,
    Comment,
    Consultation,
    CorpusRun,
    CorpusTag,
    FiguresSnapshot,
    Neighbourhood,
    Review,
    Submission,
)
from backend.portal import figures
from backend.portal.figures import District, Figures, Voice
from backend.portal.queries import counts_as_voice
from backend.triage import plan as plans
from backend.triage.plan import PlanIndex

COUNTED_AT_ONCE = 1_500
"""Up to so many comments are counted when the page is opened; more are counted by the job."""
_LIKELY_PLACES = 60


@dataclass(frozen=True, slots=True)
class Counted:
    """Figures, the names of what they count by kind and id, and when they were counted."""

    figures: Figures
    titles: Mapping[str, Mapping[str, str]]
    counted_at: datetime


def current(
    session: Session, consultation: Consultation, plan: PlanIndex, *, now: datetime
) -> Counted:
    """The figures: counted now for a small consultation, else as the job kept them."""
    assert consultation.id is not None
    if comment_count(session, consultation.id) > COUNTED_AT_ONCE:
        kept = session.get(FiguresSnapshot, consultation.id)
        if kept is not None:
            return Counted(Figures.from_json(kept.data), kept.data["titles"], kept.counted_at)
    figures = counted(session, consultation, plan, now=now)
    return Counted(figures, titles(session, consultation.id, figures), now)


def comment_count(session: Session, consultation_id: int) -> int:
    query = select(func.count()).where(Comment.consultation_id == consultation_id)
    return session.exec(query).one()


def counted(
    session: Session, consultation: Consultation, plan: PlanIndex, *, now: datetime
) -> Figures:
    """Count a consultation from its rows: a few statements, however many comments."""
    assert consultation.id is not None
    links = linked_items(session, consultation.id)
    voices = list(_voices(session, consultation.id, links))
    chapters = {
        section.key: frozenset(plan.below(section.key))
        for section in plan.sections.values()
        if section.parent is None
    }
    items = [item.key for item in plan.items.values() if item.kind != "section"]
    return figures.count(
        voices,
        chapters=chapters,
        items=items,
        district=_district(session, consultation.organisation_id),
        places=_places(session, consultation.id),
        hot=[
            (one.issue, one.recent_count, one.usual_count, one.streets)
            for one in hot_issues(session, consultation.id, local(now).date())
        ],
    )


def fingerprint(session: Session, consultation_id: int, today: date) -> str:
    """Changes when a comment, a reading, an official's act or a corpus reading was added.

    What rises depends on the day.
    """
    run = select(func.max(CorpusRun.id)).where(CorpusRun.consultation_id == consultation_id)
    withdrawn = select(func.count()).where(
        Submission.consultation_id == consultation_id, col(Submission.withdrawn_at).is_not(None)
    )
    newest = [
        session.exec(query).one()
        for query in (
            select(func.max(Comment.id)).where(Comment.consultation_id == consultation_id),
            select(func.max(Assessment.id)),
            select(func.max(AuditEntry.id)).where(AuditEntry.subject_type != "officer"),
            run,
            withdrawn,
        )
    ]
    return "/".join([today.isoformat(), *(str(number or 0) for number in newest)])


def is_due(session: Session, consultation_id: int, today: date) -> bool:
    """Whether the job should count: large enough, and something changed since it last did."""
    if comment_count(session, consultation_id) <= COUNTED_AT_ONCE:
        return False
    kept = session.get(FiguresSnapshot, consultation_id)
    return kept is None or kept.fingerprint != fingerprint(session, consultation_id, today)


def refresh(session: Session, consultation_id: int, *, now: datetime) -> FiguresSnapshot:
    """Count again what should be kept; the caller merges it in a session that writes."""
    consultation = session.get_one(Consultation, consultation_id)
    plan = plans.load(session, consultation_id)
    # The mark is taken first: what comes in while counting makes the next run count again.
    mark = fingerprint(session, consultation_id, local(now).date())
    figures = counted(session, consultation, plan, now=now)
    names = titles(session, consultation_id, figures)
    return FiguresSnapshot(
        consultation_id=consultation_id,
        fingerprint=mark,
        data=figures.as_json() | {"titles": names},
        counted_at=now,
    )


def titles(session: Session, consultation_id: int, figures: Figures) -> dict[str, dict[str, str]]:
    """The names of the topics, issues and form letters that are counted.

    A corpus reading holds the ids of all its comments: of a large one only the names are kept.
    """
    run = latest_run(session, consultation_id)
    result = {} if run is None else run.result
    shown = {
        "topics": ("label", {split.key for split in figures.topics}),
        "issues": ("title", {one.issue for one in figures.rising}),
    }
    found = {
        kind: {
            one["id"]: one[name] for one in result.get(kind, []) if one["id"] in ids and name in one
        }
        for kind, (name, ids) in shown.items()
    }
    pinned = {one["id"]: one["label"] for one in result.get("topics", []) if one.get("pinned")}
    return found | {"pinned": pinned, "clusters": _templates(session, figures)}


def _templates(session: Session, figures: Figures) -> dict[str, str]:
    """The beginning of each form letter, masked as its first comment is."""
    clusters = {one.first_id: one.cluster for one in figures.campaigns}
    rows = session.exec(
        select(Comment.id, func.substr(Comment.masked_text, 1, 120)).where(
            col(Comment.id).in_(clusters), col(Comment.masked_text).is_not(None)
        )
    ).all()
    return {clusters[comment_id]: text for comment_id, text in rows if comment_id is not None}


# --- Within --------------------------------------------------------------------------------------


def _voices(
    session: Session, consultation_id: int, links: Mapping[int, frozenset[str]]
) -> Iterable[Voice]:
    columns: list[Any] = [
        col(Comment.id),
        col(Comment.submission_id),
        col(Comment.received_at),
        func.coalesce(Review.sentiment, Assessment.sentiment),
        func.coalesce(Review.intent, Assessment.intent),
        col(Submission.channel),
        col(Submission.submitter_kind),
        col(Submission.street),
        col(Submission.neighbourhood),
        col(CorpusTag.topic),
        col(CorpusTag.issue),
        col(CorpusTag.cluster),
        col(Assessment.id),
        col(Comment.anchor_key),
        col(Comment.anchor_section_key),
    ]
    statement = (
        sa.select(*columns)
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .outerjoin(Assessment, _current_reading())
        .outerjoin(Review, col(Review.comment_id) == col(Comment.id))
        .outerjoin(CorpusTag, col(CorpusTag.comment_id) == col(Comment.id))
        .where(col(Comment.consultation_id) == consultation_id, counts_as_voice())
    )
    nothing: frozenset[str] = frozenset()
    for row in session.connection().execute(statement):
        anchors = {key for key in (row[13], row[14]) if key is not None}
        yield Voice(
            row[0], row[1], local(row[2]).date(), row[3], row[4], str(row[5]),
            None if row[6] is None else str(row[6]), row[7], row[8], row[9], row[10], row[11],
            links.get(row[0], nothing) | anchors, row[12] is not None,
        )  # fmt: skip


def _current_reading() -> ColumnElement[bool]:
    return and_(col(Assessment.comment_id) == col(Comment.id), col(Assessment.is_current).is_(True))


def _places(session: Session, consultation_id: int) -> list[tuple[str, int]]:
    """The places most comments name, each with the comments that hold its name word for word."""
    statement = (
        sa.select(func.coalesce(Comment.masked_text, Comment.text), Assessment.evidence["places"])
        .select_from(Comment)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .outerjoin(Assessment, _current_reading())
        .where(col(Comment.consultation_id) == consultation_id, counts_as_voice())
    )
    named: Counter[str] = Counter()
    texts = []
    for text, places in session.connection().execute(statement):
        texts.append(text.casefold())
        listed = json.loads(places) if isinstance(places, str) else places
        named.update({place["text"] for place in listed or ()})
    likely = [name for name, number in named.most_common(_LIKELY_PLACES) if number > 1]
    together = "\n".join(texts)
    found = []
    for name in likely:
        folded = name.casefold()
        if '"' not in name and folded in together:
            found.append((name, sum(folded in text for text in texts)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[: figures.MOST_PLACES]


def _district(session: Session, organisation_id: int) -> District:
    rows = session.exec(
        select(Neighbourhood.street, Neighbourhood.name, Neighbourhood.population)
        .where(Neighbourhood.organisation_id == organisation_id)
        .order_by(Neighbourhood.street, Neighbourhood.name)
    ).all()
    return District(tuple((street, name, population) for street, name, population in rows))
