"""`/metrics`: what Prometheus reads. Numbers only; no label names a person or an address."""

import hmac
import shutil

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, func, select
from starlette.responses import Response

from backend import jobs
from backend.kit.settings import Settings
from backend.mail.queries import outbox
from backend.models import Channel, JobRun, Submission
from backend.safekeeping.queries import newest_good
from backend.system.queries import waiting_jobs
from backend.web.access import declare
from backend.web.deps import AppDatabase, AppSettings, Now
from backend.web.errors import NotFound

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def reader(request: Request, settings: AppSettings) -> None:
    """Whoever has the token; where none is set, this machine and not by way of a proxy."""
    if settings.metrics_token is not None:
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        is_allowed = hmac.compare_digest(given, wanted)
    else:
        came_through = {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers)
        host = request.client.host if request.client else ""
        is_allowed = host in LOOPBACK and not came_through
    if not is_allowed:
        raise NotFound("请检查地址是否完整，或者从首页重新查找。")


declare(reader, "metrics")
router = APIRouter(dependencies=[Depends(reader)], include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request, database: AppDatabase, settings: AppSettings, now: Now) -> Response:
    registry = CollectorRegistry()
    up = _gauge(registry, "database_up", "1 while the database answers")
    try:
        with database.reading() as session:
            _from_tables(registry, session)
        up.set(1)
    except SQLAlchemyError:
        up.set(0)
    _from_disk(registry, settings, now.timestamp())
    text = generate_latest(request.app.state.meter.registry) + generate_latest(registry)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


def _from_tables(registry: CollectorRegistry, session: Session) -> None:
    received = _gauge(registry, "submissions", "Submissions kept, by channel", "channel")
    rows = session.exec(select(Submission.channel, func.count()).group_by(Submission.channel))
    counts = dict.fromkeys(Channel, 0) | {Channel(channel): count for channel, count in rows.all()}
    for channel, count in counts.items():
        received.labels(channel.value).set(count)
    failing = _gauge(registry, "job_failures", "Failures of a job in a row", "job")
    for run in session.exec(select(JobRun)):
        failing.labels(run.name).set(run.failure_count)
    mail = outbox(session)
    waiting = _gauge(registry, "mail", "Messages waiting to be sent, or given up", "state")
    waiting.labels("pending").set(mail.pending_count)
    waiting.labels("failed").set(mail.failed_count)
    _gauge(registry, "jobs_waiting", "Jobs standing in the queue").set(waiting_jobs())


def _from_disk(registry: CollectorRegistry, settings: Settings, now: float) -> None:
    free = shutil.disk_usage(settings.data_dir).free
    _gauge(registry, "disk_free_bytes", "Free bytes of the data directory").set(free)
    idle = jobs.seconds_since_last(settings)
    if idle is not None:
        _gauge(registry, "worker_idle_seconds", "Seconds since a job last ran here").set(idle)
    # Absent while there is none: an alert asks `absent(...) or ... > limit`.
    backup = newest_good(settings)
    if backup is not None:
        age = _gauge(registry, "backup_age_seconds", "Age of the newest good backup")
        age.set(now - backup.made_at.timestamp())


def _gauge(registry: CollectorRegistry, name: str, meaning: str, *labels: str) -> Gauge:
    return Gauge(f"zhengxun_{name}", meaning, labels, registry=registry)
