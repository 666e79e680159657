"""Copying a whole database out and back in, with each engine's own tool.

SQLite by its backup interface in one step: under WAL it reads one snapshot and keeps no writer
waiting. PostgreSQL by `pg_dump` and `pg_restore`; rows are counted in the snapshot that is dumped.
"""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError

from backend.kit.db import Database, sqlite_module
from backend.kit.settings import Settings
from backend.models import JobRun
from backend.safekeeping.manifest import BackupRefused

# Importing any table has imported them all.
TABLES = JobRun.metadata.tables


def copy_out(database: Database, settings: Settings, target: Path) -> dict[str, int]:
    """Write the database to `target`; returns the rows of each table as they were copied."""
    if settings.is_sqlite:
        return _copy_sqlite(sqlite_path(settings), target)
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        counts = row_counts(connection)
        _run(
            settings,
            "pg_dump",
            # The queue of jobs is not kept: which work is due is read from the tables.
            ("--format=custom", "--no-owner", "--no-privileges", "--exclude-table=huey*",
             f"--snapshot={snapshot}", f"--file={target}"),
        )  # fmt: skip
    return counts


def copy_in_sqlite(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    _check_sqlite(target)


def copy_in_postgres(source: Path, settings: Settings) -> None:
    """All or nothing, into a database without tables."""
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run(settings, "pg_restore", (*options, str(source)))


def row_counts(connection: Connection) -> dict[str, int]:
    """The rows of every table of ours that exists there."""
    there = set(inspect(connection).get_table_names())
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in sorted(TABLES.items())
        if name in there
    }


def database_size(database: Database, settings: Settings) -> int:
    """Bytes, about."""
    if settings.is_sqlite:
        return sqlite_path(settings).stat().st_size
    with database.engine.connect() as connection:
        asked = text("SELECT pg_database_size(current_database())")
        return int(connection.execute(asked).scalar_one())


def sqlite_path(settings: Settings) -> Path:
    return Path(make_url(settings.resolved_database_url).database or "")


def _copy_sqlite(source: Path, target: Path) -> dict[str, int]:
    sqlite = sqlite_module()
    reading, writing = sqlite.connect(source, timeout=30), sqlite.connect(target)
    try:
        reading.backup(writing)
        # One file that needs no log beside it, wherever it is carried.
        writing.execute("PRAGMA journal_mode=DELETE")
    except sqlite.DatabaseError as error:
        raise BackupRefused("数据库读不出来，可能已经损坏，没有备份。") from error
    finally:
        reading.close()
        writing.close()
    return _check_sqlite(target)


def _check_sqlite(path: Path) -> dict[str, int]:
    engine = create_engine(f"sqlite:///{path}", module=sqlite_module(), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            if connection.execute(text("PRAGMA quick_check")).scalar() == "ok":
                return row_counts(connection)
    except DatabaseError as error:
        raise BackupRefused("数据库的副本读不出来，可能已经损坏。") from error
    raise BackupRefused("数据库的副本没有通过检查（quick_check），数据库可能已经损坏。")


def _run(settings: Settings, tool: str, options: Sequence[str]) -> None:
    """Run a PostgreSQL tool; the password goes by the environment, never by the command line."""
    url = make_url(settings.resolved_database_url).set(drivername="postgresql")
    environment = dict(os.environ) | ({"PGPASSWORD": url.password} if url.password else {})
    address = url._replace(password=None).render_as_string()
    command = [tool, f"--dbname={address}", *options]
    try:
        done = subprocess.run(  # noqa: S603 — our own words, no shell.
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupRefused(
            f"找不到 {tool}。请安装与服务器同版本的 PostgreSQL 客户端（postgresql-client）。"
        ) from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["没有说明原因"]
        raise BackupRefused(f"{tool} 没有成功：{lines[0]}")
