"""Reading comments with the analysis library and keeping what it read.

No transaction is open while the machine reads: comments are loaded, read, and stored in three
steps. A comment that arrives twice in two workers is stored once (unique constraint on comment,
engine and plan version); a later engine adds a reading and never changes an earlier one.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, col, delete, insert, select, update

from analysis import corpus, files
from analysis.assess import ENGINE_VERSION, Assessed, assess_many
from analysis.contracts import (
    CommentText,
    CorpusReading,
    ItemType,
    LinkedItem,
    ParsedPlan,
    Reading,
    ReadStatus,
    from_json,
    to_json,
)
from analysis.learning import NOTHING_LEARNED, Learned
from analysis.linking import Linker, plan_items
from analysis.linking.lexicon import Alias
from analysis.privacy import find_personal_data, mask
from backend.assessments.grouping import apply_choices
from backend.assessments.learned import InForce
from backend.assessments.queries import comment_texts, gazetteer, latest_run
from backend.models import Assessment, AssessmentLink, Comment, CorpusRun, CorpusTag, PlanVersion
from backend.plans.service import parsed_plan

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Reader:
    """What is needed to read the comments of one consultation."""

    plan_version_id: int
    plan: ParsedPlan
    linker: Linker
    gazetteer: tuple[str, ...]
    engine_version: str
    learned: Learned = NOTHING_LEARNED

    @property
    def kinds(self) -> dict[str, ItemType]:
        """The items of the plan and what they are."""
        return {item.id: item.type for item in self.linker.index.items}


def reader_for(
    session: Session,
    version: PlanVersion,
    organisation_id: int,
    *,
    models: InForce | None = None,
) -> Reader:
    """The plan's index, the organisation's place names and what was learned; indexes are kept."""
    assert version.id is not None
    return Reader(
        plan_version_id=version.id,
        plan=parsed_plan(version),
        linker=_linker(json.dumps(version.parsed), () if models is None else models.aliases),
        gazetteer=tuple(gazetteer(session, organisation_id)),
        engine_version=ENGINE_VERSION if models is None else models.version,
        learned=NOTHING_LEARNED if models is None else models.learned,
    )


@lru_cache(maxsize=8)
def _linker(plan_json: str, aliases: tuple[Alias, ...]) -> Linker:
    # Building the index takes longer than reading a comment; the plan's own text is the key.
    plan = from_json(ParsedPlan, json.loads(plan_json))
    return Linker(plan_items(plan), extra_aliases=aliases)


def read(comments: Sequence[CommentText], reader: Reader) -> list[Assessed]:
    """Read comments; pure, no database. One that breaks the machine goes to a person, alone."""
    try:
        readings = assess_many(comments, reader.linker, gazetteer=reader.gazetteer)
        return reader.learned.improve(readings, reader.kinds) if reader.learned else readings
    except Exception as error:
        if len(comments) > 1:
            return [assessed for comment in comments for assessed in read([comment], reader)]
        log.error("comment_unreadable", comment=comments[0].id, kind=type(error).__name__)
        return [_left_to_a_person(comments[0])]


def _left_to_a_person(comment: CommentText) -> Assessed:
    # Without a masked text it cannot become public before somebody has read it.
    reading = Reading(comment.id, ReadStatus.UNREADABLE, reason="机器没有读成，请人工阅读")
    return Assessed(reading, 0.0, 0.0, 0.0, (), (), ())


def keep(session: Session, readings: Sequence[Assessed], reader: Reader, *, now: datetime) -> None:
    """Store readings as the current ones and give each comment its masked text."""
    for assessed in readings:
        comment_id = int(assessed.reading.id)
        if _already_kept(session, comment_id, reader):
            continue
        session.exec(
            update(Assessment)
            .where(col(Assessment.comment_id) == comment_id)
            .values(is_current=False)
        )
        session.add(row := _row(assessed, reader, now))
        session.flush()
        assert row.id is not None
        for rank, item in enumerate(assessed.reading.items, start=1):
            session.add(_link(row.id, comment_id, rank, item))
        _mask(session, comment_id, assessed.reading)


def _already_kept(session: Session, comment_id: int, reader: Reader) -> bool:
    query = select(Assessment.id).where(
        Assessment.comment_id == comment_id,
        Assessment.engine_version == reader.engine_version,
        Assessment.plan_version_id == reader.plan_version_id,
    )
    return session.exec(query).first() is not None


def _row(assessed: Assessed, reader: Reader, now: datetime) -> Assessment:
    reading = assessed.reading
    return Assessment(
        comment_id=int(reading.id),
        plan_version_id=reader.plan_version_id,
        engine_version=reader.engine_version,
        status=reading.status.value,
        reason=reading.reason,
        sentiment=None if reading.sentiment is None else reading.sentiment.value,
        sentiment_score=reading.sentiment_score,
        sentiment_confidence=assessed.sentiment_confidence,
        intent=None if reading.intent is None else reading.intent.value,
        intent_confidence=assessed.intent_confidence,
        link_status=reading.link_status.value,
        link_confidence=assessed.link_confidence,
        evidence={
            "sentiment": to_json(assessed.sentiment_evidence),
            "intent": to_json(assessed.intent_evidence),
            "reasons": list(assessed.reasons),
            "places": to_json(reading.places),
            "personal_data": to_json(reading.personal_data),
        },
        created_at=now,
    )


def _link(assessment_id: int, comment_id: int, rank: int, item: LinkedItem) -> AssessmentLink:
    return AssessmentLink(
        assessment_id=assessment_id,
        comment_id=comment_id,
        rank=rank,
        item_kind=item.type.value,
        item_key=item.id,
        score=item.score,
        stance=None if item.stance is None else item.stance.value,
        evidence=to_json(item.evidence),
    )


def _mask(session: Session, comment_id: int, reading: Reading) -> None:
    comment = session.get(Comment, comment_id)
    if comment is None:
        return
    comment.masked_text = reading.masked_text or None
    if comment.proposed_wording:
        wording = comment.proposed_wording
        comment.masked_wording = mask(wording, find_personal_data(wording))
    session.add(comment)


def read_corpus(
    session: Session, consultation_id: int, reader: Reader
) -> tuple[CorpusReading, str] | None:
    """Read all comments together; None when nothing changed since the last run."""
    comments = comment_texts(session, consultation_id)
    fingerprint = _fingerprint(comments, reader.plan_version_id)
    last = latest_run(session, consultation_id)
    if last is not None and last.input_hash == fingerprint:
        return None
    session.rollback()  # Nothing is held open while the machine reads.
    reading = corpus.read_corpus(comments, reader.plan, processes=1, gazetteer=reader.gazetteer)
    return reading, fingerprint


def keep_corpus(
    session: Session,
    consultation_id: int,
    reading: CorpusReading,
    fingerprint: str,
    *,
    now: datetime,
) -> CorpusRun:
    """Store topics, issues, near-copies and the summary, and tag every comment with its own.

    What officials decided about topics and issues holds for this reading as well.
    """
    run = CorpusRun(
        consultation_id=consultation_id,
        engine_version=ENGINE_VERSION,
        input_hash=fingerprint,
        comment_count=len(reading.comments),
        result={
            "topics": to_json(reading.topics),
            "issues": [_without_personal_data(one) for one in to_json(reading.issues)],
            "clusters": to_json(reading.clusters),
            "summary": to_json(reading.summary),
        },
        created_at=now,
    )
    session.add(run)
    session.flush()
    ids = [int(item.id) for item in reading.comments]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        session.exec(delete(CorpusTag).where(col(CorpusTag.comment_id).in_(chunk)))
    tags = [
        {
            "comment_id": int(item.id),
            "corpus_run_id": run.id,
            "topic": item.topic,
            "issue": item.issue,
            "cluster": item.cluster,
        }
        for item in reading.comments
    ]
    if tags:
        session.exec(insert(CorpusTag), params=tags)
    apply_choices(session, run)
    return run


def _without_personal_data(issue: dict[str, Any]) -> dict[str, Any]:
    """An issue's title is cut from a comment: what may not be shown is masked in it."""
    return issue | {"title": mask(issue["title"], find_personal_data(issue["title"]))}


def _fingerprint(comments: Sequence[CommentText], version_id: int) -> str:
    digest = hashlib.sha256(f"{ENGINE_VERSION}/{version_id}".encode())
    for comment in comments:
        digest.update(f"\n{comment.id} {comment.anchor} {comment.text}".encode())
    return digest.hexdigest()


def analyse_files(
    comments: Path,
    plan: Path,
    out: Path,
    *,
    text_column: str | None = None,
    scheduler: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> None:
    """The `analyse` command: files in, files out, no database; raises `ValueError` in Chinese."""
    files.analyse(
        comments, plan, out, text_column=text_column, scheduler=scheduler, progress=progress
    )
