"""The job queue: huey on the same kind of database as the data.

Which work is due is read from the tables; a queued job only says "look now". So a job takes no
payload worth keeping, may run twice, and one that is lost is made up for by its periodic run.
A feature that must cause work in a feature above it nudges the job by its name.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from backend.kit.clock import utc_now
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import JobRun

log = structlog.get_logger()
BEAT = "worker.beat"  # Touched after every job: `doctor` reads its age.
JobFunction = Callable[[Database, Settings], object]


@dataclass(frozen=True, slots=True)
class Job:
    """A function and, when it also runs by the clock, the minutes and hours (UTC) it does."""

    function: JobFunction
    minute: str | None
    hour: str


_jobs: dict[str, Job] = {}
_bound: dict[str, Any] = {}


def job(
    name: str, *, minute: str | None = None, hour: str = "*"
) -> Callable[[JobFunction], JobFunction]:
    """Register a job; with `minute` (crontab notation) it also runs by the clock."""

    def register(function: JobFunction) -> JobFunction:
        _jobs[name] = Job(function, minute, hour)
        return function

    return register


def bind(settings: Settings) -> Huey:
    """Open the queue of this installation; called once per process, after features registered."""
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        huey = SqliteHuey("zhengxun", filename=str(settings.data_dir / "jobs.db"), timeout=30)
    else:
        dsn = settings.resolved_database_url.replace("postgresql+psycopg://", "postgresql://")
        huey = PostgresHuey("zhengxun", dsn=dsn)
    tasks = {
        name: huey.task(retries=4, retry_delay=30, name=name)(_runner(name, entry, settings))
        for name, entry in _jobs.items()
    }
    _bound.update(huey=huey, settings=settings, tasks=tasks)
    return huey


def queue() -> Huey:
    """The open queue."""
    huey: Huey = _bound["huey"]
    return huey


def nudge(name: str) -> None:
    """Ask for a job soon. Never fails the caller: the periodic run finds what was missed."""
    try:
        _bound["tasks"][name]()
    except Exception as error:
        log.warning("nudge_lost", job=name, kind=type(error).__name__)


def run_now(name: str, database: Database, settings: Settings) -> None:
    """Run a job in this process, now (commands and tests)."""
    _jobs[name].function(database, settings)


def consumer() -> Consumer:
    """A consumer of the open queue that also keeps the clock; its owner runs or starts it."""
    huey, settings = _bound["huey"], _bound["settings"]
    for name, entry in _jobs.items():
        if entry.minute is not None:
            clocked = huey.periodic_task(
                crontab(minute=entry.minute, hour=entry.hour), name=f"clock-{name}"
            )
            clocked(_runner(name, entry, settings))
    return _QuietConsumer(huey, workers=1, check_worker_health=False)


def start_in_process() -> Callable[[], None]:
    """Start a consumer on threads of this process (`make run`); returns what stops it."""
    running = consumer()
    running.start()

    def stop() -> None:
        running.stop(graceful=True)

    return stop


class _QuietConsumer(Consumer):  # type: ignore[misc, unused-ignore]
    """Leaves signals to whoever owns the process."""

    def _set_signal_handlers(self) -> None:
        return None


def _runner(name: str, entry: Job, settings: Settings) -> Callable[[], None]:
    def run() -> None:
        database, started = Database(make_engine(settings)), utc_now()
        failure = ""
        try:
            entry.function(database, settings)
        except Exception as error:
            failure = type(error).__name__
            log.error("job_failed", job=name, kind=failure)
            raise
        finally:
            _keep_run(database, name, started, failure)
            database.engine.dispose()
            (settings.data_dir / BEAT).touch()

    return run


def _keep_run(database: Database, name: str, started: datetime, failure: str) -> None:
    """Write down how a run went; a job is not lost because this could not be written."""
    try:
        with database.writing() as session:
            row = session.get(JobRun, name) or JobRun(
                name=name, started_at=started, finished_at=started
            )
            row.started_at, row.finished_at, row.last_error = started, utc_now(), failure
            row.failure_count = row.failure_count + 1 if failure else 0
            row.succeeded_at = row.succeeded_at if failure else row.finished_at
            session.add(row)
    except SQLAlchemyError as error:
        log.warning("job_run_not_kept", job=name, kind=type(error).__name__)


def seconds_since_last(settings: Settings) -> float | None:
    """How long ago a job last ran on this machine; None when none ever did."""
    try:
        return time.time() - (settings.data_dir / BEAT).stat().st_mtime
    except FileNotFoundError:
        return None
