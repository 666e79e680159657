"""What the system page reads: versions, storage, jobs, backups."""

import platform
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlmodel import Session, col, func, select, text

from backend import jobs
from backend.kit import migrations
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Assessment, Attachment, JobRun

PARKED_AT = 5
JOB_NAMES = {
    "assess": "研读新意见",
    "read-corpus": "归纳主题和相似意见",
    "re-anchor": "把意见对到新版本",
    "clear-drafts": "清理没有提交的草稿",
    "check-words": "查找敏感词",
    "send-mail": "发送邮件",
    "make-digests": "生成摘要",
    "clear-digest-files": "清理摘要文件",
    "poll-mail": "收取邮件",
    "forget-mail": "清理旧邮件",
    "learn": "从办理中学习",
    "import-lists": "导入名单",
    "count-figures": "统计看板",
    "tell-participants": "告知参与者结果",
    "morning-briefs": "生成晨报",
    "reconcile": "对账",
    "backup": "备份",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """One background job as the page shows it."""

    name: str
    run: JobRun

    @property
    def is_parked(self) -> bool:
        """Failed so often that somebody has to look."""
        return self.run.failure_count >= PARKED_AT


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes; None where this machine does not know."""

    free: int
    database: int | None
    attachment_count: int
    attachments: int


def job_rows(session: Session) -> list[JobRow]:
    """Jobs that ran, those in trouble first."""
    rows = session.exec(select(JobRun).order_by(col(JobRun.failure_count).desc(), col(JobRun.name)))
    return [JobRow(JOB_NAMES.get(run.name, run.name), run) for run in rows]


def waiting_jobs() -> int:
    """How many jobs stand in the queue."""
    return int(jobs.queue().pending_count())


def versions(session: Session, database: Database) -> list[tuple[str, str]]:
    """Part and version, as a supplier would ask for them."""
    dialect = database.engine.dialect.name
    asked = "SELECT sqlite_version()" if dialect == "sqlite" else "SHOW server_version"
    current, head = migrations.current_revision(database.engine), migrations.head_revision()
    engine = session.exec(
        select(Assessment.engine_version).order_by(col(Assessment.id).desc()).limit(1)
    ).first()
    return [
        ("征询", version("zhengxun")),
        ("数据库", f"{'SQLite' if dialect == 'sqlite' else 'PostgreSQL'} "
                   f"{session.connection().execute(text(asked)).scalar_one()}"),
        ("数据库结构", f"{current}（最新）" if current == head else f"{current}，最新是 {head}"),
        ("研判引擎", engine or "还没有研判过"),
        ("Python", platform.python_version()),
    ]  # fmt: skip


def storage(session: Session, settings: Settings) -> Storage:
    count, size = session.exec(
        select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).select_from(Attachment)
    ).one()
    return Storage(
        free=shutil.disk_usage(settings.data_dir).free,
        database=_database_size(session, settings),
        attachment_count=count,
        attachments=size,
    )


def _database_size(session: Session, settings: Settings) -> int | None:
    if not settings.is_sqlite:
        asked = text("SELECT pg_database_size(current_database())")
        return int(session.connection().execute(asked).scalar_one())
    path = Path(settings.resolved_database_url.removeprefix("sqlite:///"))
    return path.stat().st_size if path.exists() else None
