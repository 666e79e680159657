"""Reading what has come in: nudged after each submission, and every minute by the clock."""

from dataclasses import asdict

import structlog

from analysis.assess import ENGINE_VERSION
from backend.assessments import learned, learning, queries, service, summaries
from backend.consultations.rules import is_open
from backend.jobs import job
from backend.kit.clock import utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.plans.queries import current_version

log = structlog.get_logger()
BATCH = 200


@job("assess", minute="*")
def assess_pending(database: Database, _settings: Settings) -> None:
    """Read every comment no current engine has read yet; safe to run twice at once."""
    with database.reading() as session:
        consultation_ids = [c.id for c in queries.readable_consultations(session) if c.id]
    for consultation_id in consultation_ids:
        while assess_batch(database, consultation_id):
            pass


def assess_batch(database: Database, consultation_id: int) -> int:
    """Read one batch of a consultation; returns how many comments were read."""
    with database.reading() as session:
        version = current_version(session, consultation_id)
        consultation = queries.consultation(session, consultation_id)
        if version is None or version.id is None:
            return 0
        models = learned.in_force(session, consultation, ENGINE_VERSION)
        comments = queries.unread_comments(
            session,
            consultation_id,
            ENGINE_VERSION,
            version.id,
            BATCH,
            learned=models.version if is_open(consultation, utc_now()) else None,
            rolled_back=learned.rolled_back_versions(session, consultation, ENGINE_VERSION),
        )
        if not comments:
            return 0
        reader = service.reader_for(session, version, consultation.organisation_id, models=models)
    readings = service.read(comments, reader)
    with database.writing() as session:
        service.keep(session, readings, reader, now=utc_now())
    log.info("comments_read", consultation=consultation_id, count=len(readings))
    return len(readings)


@job("learn", minute="15", hour="18")  # 02:15 in Shanghai
def learn(database: Database, _settings: Settings) -> None:
    """Learn from what officials decided; too few decisions, or no new ones, change nothing."""
    with database.reading() as session:
        consultations = queries.readable_consultations(session)
    for consultation in consultations:
        for attempt in learning.learn(database, consultation, now=utc_now()):
            log.info("learning", **asdict(attempt))


@job("read-corpus", minute="*/5")
def read_corpora(database: Database, _settings: Settings) -> None:
    """Topics, issues and near-copies of every consultation whose comments changed."""
    with database.reading() as session:
        consultations = [
            (c.id, c.organisation_id) for c in queries.readable_consultations(session) if c.id
        ]
    for consultation_id, organisation_id in consultations:
        with database.reading() as session:
            version = current_version(session, consultation_id)
            if version is None:
                continue
            reader = service.reader_for(session, version, organisation_id)
            result = service.read_corpus(session, consultation_id, reader)
        if result is not None:
            with database.writing() as session:
                service.keep_corpus(session, consultation_id, *result, now=utc_now())


@job("summarise", minute="40")
def summarise(database: Database, settings: Settings) -> None:
    """Write again the summaries of what changed; each is kept as soon as it is proved."""
    with database.reading() as session:
        ids = [c.id for c in queries.readable_consultations(session) if c.id is not None]
    for consultation_id in ids:
        summaries.summarise_consultation(database, settings, consultation_id, now=utc_now())
