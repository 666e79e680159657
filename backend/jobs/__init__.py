"""Background work: the queue and the decorator features use (`@jobs.job("assess")`)."""

from backend.jobs.queue import (
    bind,
    consumer,
    job,
    nudge,
    queue,
    run_now,
    seconds_since_last,
    start_in_process,
)

__all__ = [
    "bind",
    "consumer",
    "job",
    "nudge",
    "queue",
    "run_now",
    "seconds_since_last",
    "start_in_process",
]
