"""Registers every feature's jobs and runs the consumer."""

import importlib
import signal
from importlib.util import find_spec

from backend import jobs
from backend.kit.settings import Settings

FEATURES = (
    "mail",
    "accounts",
    "safekeeping",
    "organisations",
    "plans",
    "consultations",
    "submissions",
    "registry",
    "mailbox",
    "assessments",
    "triage",
    "digests",
    "briefs",
    "portal",
    "system",
)


def register_jobs() -> None:
    """Import every feature's `jobs` module; importing registers."""
    for feature in FEATURES:
        name = f"backend.{feature}.jobs"
        if find_spec(name) is not None:
            importlib.import_module(name)


def run(settings: Settings) -> None:
    """Work until told to stop; SIGTERM lets the running job finish."""
    register_jobs()
    jobs.bind(settings)
    consumer = jobs.consumer()
    signal.signal(signal.SIGTERM, lambda *_: consumer.stop(graceful=True))
    consumer.run()
