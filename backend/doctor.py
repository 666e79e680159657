"""`zhengxun doctor`: whether this installation is well, and what to do where it is not."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from backend import jobs
from backend.digests import fonts
from backend.kit import migrations
from backend.kit.clock import utc_now
from backend.kit.db import SAFE_SQLITE, Database, sqlite_module
from backend.kit.settings import Settings
from backend.mail import queries as mail_queries
from backend.safekeeping import queries as backups

ENOUGH_DISK = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. An optional one that is not good does not fail the check."""

    subject: str
    is_good: bool
    message: str
    is_optional: bool = False


def examine(settings: Settings, database: Database) -> list[Finding]:
    """Look at everything; never raises."""
    return [*_database(settings, database), *_worker(settings), *_look(), *_disk(settings),
            *_backup(settings),
            *_settings(settings), *_mail(settings, database)]  # fmt: skip


def _database(settings: Settings, database: Database) -> Iterator[Finding]:
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    try:
        revision, head = migrations.current_revision(database.engine), migrations.head_revision()
    except SQLAlchemyError as error:
        reason = type(error.__cause__ or error).__name__
        yield Finding(
            "数据库",
            False,
            f"连不上 {kind}（{reason}）。请检查 ZHENGXUN_DATABASE_URL 和数据库服务是否在运行。",
        )
        return
    message = f"{kind}，结构 {revision or '还没有建立'}"
    if revision == head:
        yield Finding("数据库", True, message)
    else:
        yield Finding("数据库", False, f"{message}，最新是 {head}。请运行 zhengxun migrate。")
    if settings.is_sqlite:
        version = sqlite_module().sqlite_version
        safe = tuple(map(int, version.split("."))) >= SAFE_SQLITE
        advice = "" if safe else "。旧版本在多个连接同时写入时可能损坏，请安装 pysqlite3。"
        yield Finding("SQLite 版本", safe, f"{version}{advice}", is_optional=True)


def _worker(settings: Settings) -> Iterator[Finding]:
    age = jobs.seconds_since_last(settings)
    if age is not None and age < 180:
        yield Finding("后台任务", True, f"正在运行，{int(age)} 秒前有活动。")
    else:
        yield Finding(
            "后台任务",
            False,
            "没有在运行，新意见不会被研读。请运行 zhengxun serve 或 zhengxun worker。",
            is_optional=True,
        )


def _look() -> Iterator[Finding]:
    look = fonts.look()
    yield Finding("字体", look.name == "official", look.sentence, is_optional=True)


def _disk(settings: Settings) -> Iterator[Finding]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free
    message = f"{settings.data_dir.resolve()} 还有 {free / 1e9:.1f} GB"
    if free < ENOUGH_DISK:
        message += "，请清理或扩容，写满后将无法接收意见。"
    yield Finding("磁盘", free >= ENOUGH_DISK, message)


def _backup(settings: Settings) -> Iterator[Finding]:
    now = utc_now()
    newest = backups.newest_good(settings)
    overdue = backups.is_overdue(settings, newest, now)
    if newest is None:
        message = "还没有可用的备份。请运行 zhengxun backup，并把备份另存一份到别的机器。"
    else:
        hours = (now - newest.made_at).total_seconds() / 3600
        age = f"{hours:.0f} 小时" if hours >= 2 else f"{hours * 60:.0f} 分钟"
        message = f"最近一份可用的备份是 {age}前的 {newest.name}"
        message += "，已经过期，请检查后台任务和磁盘。" if overdue else "。"
    yield Finding("备份", not overdue, message, is_optional=True)


def _settings(settings: Settings) -> Iterator[Finding]:
    try:
        settings.secret()
    except (ValueError, OSError) as error:
        yield Finding("密钥", False, str(error))
    else:
        yield Finding("密钥", True, "已设置。请和数据库一起备份，丢失后联系方式无法解密。")
    if settings.demo:
        yield Finding("演示模式", True, "已打开，任何人都知道演示账号的密码，请勿用于正式环境。")
    if settings.base_url.startswith("http://") and "127.0.0.1" not in settings.base_url:
        yield Finding(
            "对外地址",
            settings.allow_plain_http,
            f"{settings.base_url} 没有加密。请放在 HTTPS 代理之后并修改 ZHENGXUN_BASE_URL。",
        )


def _mail(settings: Settings, database: Database) -> Iterator[Finding]:
    if not settings.mail_host:
        yield Finding("发邮件", True, "没有设置发信服务器，平台不发邮件。", is_optional=True)
        return
    try:
        with database.reading() as session:
            outbox = mail_queries.outbox(session)
    except SQLAlchemyError:
        return  # Said by the finding on the database.
    message = f"{settings.mail_host}，待发 {outbox.pending_count} 封，失败 {outbox.failed_count} 封"
    if outbox.last_error:
        message += f"，最近一次失败：{outbox.last_error}"
    yield Finding("发邮件", outbox.failed_count == 0, message, is_optional=True)
