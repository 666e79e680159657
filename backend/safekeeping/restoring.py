"""Restoring a backup into an empty place: everything is checked before anything is written."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from backend.accounts import audit
from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.safekeeping import engines, manifest
from backend.safekeeping.manifest import BackupRefused, Manifest
from backend.safekeeping.service import key_hash

SHOWN_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored. `must_migrate`: it came from an earlier release."""

    manifest: Manifest
    file_count: int
    must_migrate: bool
    has_key: bool


def restore(
    backup: Path, settings: Settings, *, tell: Callable[[str], object] = lambda _line: None
) -> Restored:
    """Restore into the data directory and database of `settings`; both must be empty."""
    folder = _chosen(backup)
    content = manifest.read(folder)
    _refuse_foreign(content, settings)
    _refuse_filled(settings)
    tell(f"正在核对 {folder.name} …")
    found = list(manifest.faults(folder, content))
    if found:
        more = f"，等共 {len(found)} 处" if len(found) > SHOWN_FAULTS else ""
        raise BackupRefused(
            f"备份不完整，没有恢复任何内容：{'；'.join(found[:SHOWN_FAULTS])}{more}。请换一份备份。"
        )
    tell("备份完整，正在恢复 …")
    files = manifest.read_files(folder)
    staged = settings.data_dir / ".restoring"
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True, mode=0o700)
    for file in files:
        target = staged / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(manifest.object_path(folder.parent, file.sha256), target)
    if manifest.KEY in content.parts:
        shutil.copyfile(folder / manifest.KEY, staged / manifest.KEY)
        (staged / manifest.KEY).chmod(0o600)
    _restore_database(folder, content, settings, staged)
    for path in staged.iterdir():
        there = settings.data_dir / path.name
        if there.is_dir():
            there.rmdir()  # Known to be empty.
        path.rename(there)
    staged.rmdir()
    return Restored(
        manifest=content,
        file_count=len(files),
        must_migrate=content.revision != migrations.head_revision(),
        has_key=manifest.KEY in content.parts or _has_key(settings, content),
    )


def _chosen(backup: Path) -> Path:
    """The backup itself, or the newest one of a folder of backups."""
    made = manifest.backups_in(backup)
    if made and not (backup / manifest.MANIFEST).exists():
        return made[-1].resolve()
    return backup.resolve()


def _refuse_foreign(content: Manifest, settings: Settings) -> None:
    engine = "sqlite" if settings.is_sqlite else "postgresql"
    if content.engine != engine:
        advice = (
            "请用 --database-url 给出一个空的 PostgreSQL 数据库"
            if content.engine == "postgresql"
            else "请恢复成 SQLite（不写 --database-url），再用 zhengxun move 搬到 PostgreSQL"
        )
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise BackupRefused(f"这份备份来自 {names[content.engine]}。{advice}。")
    known = ScriptDirectory.from_config(migrations.alembic_config())
    if content.revision not in {revision.revision for revision in known.walk_revisions()}:
        raise BackupRefused(
            f"这份备份的数据库结构（{content.revision}）比本系统新，请先安装 {content.version} 版。"
        )


def _refuse_filled(settings: Settings) -> None:
    there = [settings.data_dir / name for name in (manifest.KEY, *manifest.FOLDERS)]
    if settings.is_sqlite:
        there.append(settings.data_dir / "zhengxun.db")
    filled = [path.name for path in there if _is_filled(path)]
    if filled:
        raise BackupRefused(
            f"{settings.data_dir} 里已经有{'、'.join(filled)}，为免覆盖没有恢复。请换一个空目录。"
        )
    if not settings.is_sqlite:
        engine = make_engine(settings)
        try:
            if inspect(engine).get_table_names():
                raise BackupRefused(
                    "这个数据库里已经有表，为免覆盖没有恢复。请用 createdb 新建一个空数据库。"
                )
        finally:
            engine.dispose()


def _is_filled(path: Path) -> bool:
    return any(path.rglob("*")) if path.is_dir() else path.exists()


def _restore_database(folder: Path, content: Manifest, settings: Settings, staged: Path) -> None:
    source = folder / content.database
    if settings.is_sqlite:
        engines.copy_in_sqlite(source, staged / content.database)
        settings = settings.model_copy(update={"data_dir": staged, "database_url": None})
    else:
        engines.copy_in_postgres(source, settings)
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            counts = engines.row_counts(connection)
        if counts != content.counts:
            raise BackupRefused("恢复后的条数与备份时不同，请不要使用，换一份备份重新恢复。")
        if content.revision == migrations.head_revision():
            with Database(engine).reading() as session:
                breaks = audit.verify(session)
            if breaks:
                raise BackupRefused(f"恢复出来的留痕核对不上：{breaks[0].reason}。请换一份备份。")
        if settings.is_sqlite:
            with engine.connect() as connection:
                # Leave one file: the log beside it would not be carried along.
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
                connection.exec_driver_sql("BEGIN")
    finally:
        engine.dispose()


def _has_key(settings: Settings, content: Manifest) -> bool:
    """Whether the key set in the environment is the one the backup was made with."""
    return settings.secret_key is not None and key_hash(settings.secret()) == content.key_hash
