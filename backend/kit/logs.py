"""Logs: one JSON object a line on stderr, without what people wrote or who they are.

Events carry ids, counts and kinds only; callers never pass text, names, contacts or tokens.
"""

import logging
import sys

import structlog

from backend.kit.settings import Settings


def configure(settings: Settings) -> None:
    """Set the process's log format and level."""
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
