"""Keeping the figures of large consultations counted."""

import structlog

from backend.assessments.queries import readable_consultations
from backend.jobs import job
from backend.kit.clock import local, utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.portal import figure_queries

log = structlog.get_logger()


@job("count-figures", minute="*/2")
def count_figures(database: Database, _settings: Settings) -> None:
    """Count again each large consultation in which something changed; safe to run twice."""
    now = utc_now()
    with database.reading() as session:
        due = [
            consultation.id
            for consultation in readable_consultations(session)
            if consultation.id is not None
            and figure_queries.is_due(session, consultation.id, local(now).date())
        ]
    for consultation_id in due:
        with database.reading() as session:
            snapshot = figure_queries.refresh(session, consultation_id, now=now)
        with database.writing() as session:
            session.merge(snapshot)
        log.info("figures_counted", consultation=consultation_id)
