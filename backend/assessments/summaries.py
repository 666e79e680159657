"""Summaries for officials: the whole, a chapter, an indicator or task, a 街镇, a week.

They are written by a job from masked text only, proved (`analysis.validate`) before they are kept,
and proved again, quote by quote, when they are shown: a comment that was withdrawn or masked anew
is not quoted any more.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from analysis.assess import ENGINE_VERSION
from analysis.contracts import (
    CommentText,
    Intent,
    PlaceMention,
    Reading,
    ReadStatus,
    Sentiment,
    SummarySentence,
    to_json,
)
from analysis.summarise import summarise
from analysis.validate import check
from backend.assessments import phrasing
from backend.assessments.queries import linked_items
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Assessment, Comment, Consultation, KeptSummary, Review, Submission
from backend.plans import queries as plans

log = structlog.get_logger()
FEWEST = 3
"""Fewer comments are read, not summarised."""
WEEKS = 6
WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Voice:
    """A comment with its reading that counts, ready to be summarised; text is masked."""

    comment: CommentText
    reading: Reading
    street: str | None
    day: date
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Selection:
    """Comments that are summarised together; `name` stands in the first sentence."""

    subject: str
    name: str
    voices: tuple[Voice, ...]

    @property
    def mark(self) -> str:
        """Changes when a comment came, went, or is read otherwise."""
        digest = hashlib.sha256(f"{ENGINE_VERSION} {self.name}".encode())
        for voice in self.voices:
            r = voice.reading
            digest.update(f"\n{r.id} {r.intent} {r.sentiment} {voice.comment.text}".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class ShownQuote:
    """Words of one comment, found again where they stand."""

    comment_id: int
    text: str


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """A sentence, how many comments it rests on, and quotes that lead to theirs."""

    text: str
    comment_ids: tuple[int, ...]
    quotes: tuple[ShownQuote, ...]


@dataclass(frozen=True, slots=True)
class ShownSummary:
    sentences: tuple[ShownSentence, ...]
    comment_count: int
    created_at: datetime
    phrased_by: str


def shown(session: Session, consultation_id: int, subject: str) -> ShownSummary | None:
    """A kept summary with every quote read again in the comment it is of."""
    kept = session.exec(
        select(KeptSummary).where(
            KeptSummary.consultation_id == consultation_id, KeptSummary.subject == subject
        )
    ).first()
    if kept is None:
        return None
    quoted = {int(q["id"]) for one in kept.sentences for q in one["quotes"]}
    texts = {str(key): text or "" for key, text in session.exec(
        select(Comment.id, Comment.masked_text)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .where(
            col(Comment.id).in_(quoted),
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
        )
    )}  # fmt: skip
    sentences = tuple(
        ShownSentence(
            one["text"],
            tuple(int(key) for key in one["comment_ids"]),
            tuple(
                ShownQuote(int(q["id"]), q["text"])
                for q in one["quotes"]
                if texts.get(q["id"], "")[q["start"] : q["end"]] == q["text"]
            ),
        )
        for one in kept.sentences
    )
    return ShownSummary(sentences, kept.comment_count, kept.created_at, kept.phrased_by)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def summarise_consultation(
    database: Database, settings: Settings, consultation_id: int, *, now: datetime
) -> int:
    """Write again what changed; returns how many. No transaction is open while it is written."""
    with database.reading() as session:
        consultation = session.get_one(Consultation, consultation_id)
        chosen = list(_selections(session, consultation))
        known = dict(
            session.exec(
                select(KeptSummary.subject, KeptSummary.input_hash).where(
                    KeptSummary.consultation_id == consultation_id
                )
            ).all()
        )
    written = 0
    for selection in chosen:
        if known.get(selection.subject) == selection.mark:
            continue
        sentences, phrased_by = _write(selection, settings)
        with database.writing() as session:
            _keep(session, consultation_id, selection, sentences, phrased_by, now)
        written += 1
    gone = known.keys() - {selection.subject for selection in chosen}
    if gone:
        with database.writing() as session:
            for row in session.exec(
                select(KeptSummary).where(
                    KeptSummary.consultation_id == consultation_id,
                    col(KeptSummary.subject).in_(gone),
                )
            ):
                session.delete(row)
    return written


# --- Within --------------------------------------------------------------------------------------


def _write(selection: Selection, settings: Settings) -> tuple[tuple[SummarySentence, ...], str]:
    """By extraction; phrased by the service where one is set and its words can be proved."""
    comments = [voice.comment for voice in selection.voices]
    readings = [voice.reading for voice in selection.voices]
    extracted = summarise(comments, readings, subject=selection.name)
    if faults := check(extracted, comments):
        log.error("summary_not_proved", subject=selection.subject, faults=len(faults))
        extracted = ()
    if phrasing.is_on(settings):
        try:
            phrased = phrasing.phrase(settings, selection.name or "全部意见", comments)
            # The counts stay those of the extraction: its first sentence says how many there are.
            return (*extracted[:1], *phrased), settings.summary_service_model[:100]
        except phrasing.NotPhrased as error:
            log.warning("summary_not_phrased", subject=selection.subject, reason=str(error)[:100])
    return extracted, ""


def _keep(
    session: Session,
    consultation_id: int,
    selection: Selection,
    sentences: Sequence[SummarySentence],
    phrased_by: str,
    now: datetime,
) -> None:
    row = session.exec(
        select(KeptSummary).where(
            KeptSummary.consultation_id == consultation_id,
            KeptSummary.subject == selection.subject,
        )
    ).first() or KeptSummary(
        consultation_id=consultation_id, subject=selection.subject, input_hash="",
        comment_count=0, created_at=now,
    )  # fmt: skip
    row.input_hash, row.comment_count = selection.mark, len(selection.voices)
    row.sentences = to_json(tuple(sentences))
    row.phrased_by, row.created_at = phrased_by, now
    session.add(row)


def _selections(session: Session, consultation: Consultation) -> Iterable[Selection]:
    """Everything that has enough comments to be summarised."""
    assert consultation.id is not None
    voices = _voices(session, consultation.id)
    yield from _large([Selection(WHOLE, "", tuple(voices))])
    version = plans.latest_version(session, consultation.id)
    if version is not None and version.id is not None:
        yield from _large(_by_plan(session, version.id, voices))
    streets: dict[str, list[Voice]] = defaultdict(list)
    weeks: dict[date, list[Voice]] = defaultdict(list)
    for voice in voices:
        if voice.street is not None:
            streets[voice.street].append(voice)
        weeks[week_of(voice.day)].append(voice)
    yield from _large(
        Selection(f"street:{name}", name, tuple(said)) for name, said in sorted(streets.items())
    )
    for monday in sorted(weeks)[-WEEKS:]:
        name = f"{monday.month}月{monday.day}日这一周"
        yield from _large([Selection(f"week:{monday}", name, tuple(weeks[monday]))])


def _large(selections: Iterable[Selection]) -> Iterable[Selection]:
    return (selection for selection in selections if len(selection.voices) >= FEWEST)


def _by_plan(session: Session, version_id: int, voices: Sequence[Voice]) -> list[Selection]:
    """Chapters with all that is in them, then indicators and tasks."""
    sections = plans.sections(session, version_id)
    names = {row.key: row.name for row in plans.indicators(session, version_id)}
    names |= {row.key: row.title for row in plans.tasks(session, version_id)}
    items: list[tuple[str, str | None]] = [
        *((row.key, row.section_key) for row in plans.indicators(session, version_id)),
        *((row.key, row.section_key) for row in plans.tasks(session, version_id)),
    ]
    inside = _chapters({s.key: s.parent_key for s in sections}, items)
    titles = {s.key: " ".join(filter(None, (s.label, s.title))) for s in sections}
    chosen = [
        Selection(f"section:{key}", titles[key], tuple(v for v in voices if v.keys & keys))
        for key, keys in inside.items()
    ]
    about: dict[str, list[Voice]] = defaultdict(list)
    for voice in voices:
        for key in voice.keys & names.keys():
            about[key].append(voice)
    return chosen + [
        Selection(f"item:{key}", names[key], tuple(said)) for key, said in sorted(about.items())
    ]


def _chapters(
    parents: Mapping[str, str | None], items: Iterable[tuple[str, str | None]]
) -> dict[str, frozenset[str]]:
    """Each top division with the keys of everything below it."""
    top: dict[str, str] = {}
    for key, parent in parents.items():  # In reading order: parents come first.
        top[key] = top.get(parent or "", key)
    inside: dict[str, set[str]] = defaultdict(set)
    for key, chapter in top.items():
        inside[chapter].add(key)
    for key, section in items:
        if section in top:
            inside[top[section]].add(key)
    return {chapter: frozenset(keys) for chapter, keys in inside.items()}


def _voices(session: Session, consultation_id: int) -> list[Voice]:
    """Every comment that counts and is masked; an official's word goes before the machine's."""
    links = linked_items(session, consultation_id)
    rows = session.exec(
        select(Comment, Assessment, Submission.street, Review)
        .join(Submission, col(Submission.id) == col(Comment.submission_id))
        .join(Assessment, col(Assessment.comment_id) == col(Comment.id))
        .outerjoin(Review, col(Review.comment_id) == col(Comment.id))
        .where(
            Comment.consultation_id == consultation_id,
            col(Assessment.is_current).is_(True),
            col(Comment.masked_text).is_not(None),
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
        )
        .order_by(col(Comment.id))
    ).all()
    return [
        _voice(comment, assessment, street, review, links)
        for comment, assessment, street, review in rows
    ]


def _voice(
    comment: Comment,
    assessment: Assessment,
    street: str | None,
    review: Review | None,
    links: Mapping[int, frozenset[str]],
) -> Voice:
    text, key = comment.masked_text or "", str(comment.id)
    sentiment = (review.sentiment if review else None) or assessment.sentiment
    intent = (review.intent if review else None) or assessment.intent
    anchors = {one for one in (comment.anchor_key, comment.anchor_section_key) if one}
    reading = Reading(
        key,
        ReadStatus(assessment.status),
        sentiment=None if sentiment is None else Sentiment(sentiment),
        intent=None if intent is None else Intent(intent),
        places=tuple(
            PlaceMention(p["text"], p["kind"], p["field"], p["start"], p["end"])
            for p in assessment.evidence.get("places", [])
        ),
        masked_text=text,
    )
    return Voice(
        CommentText(key, text, posted_at=comment.received_at),
        reading,
        street,
        local(comment.received_at).date(),
        links.get(comment.id or 0, frozenset()) | anchors,
    )
