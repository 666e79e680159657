"""The database: one engine, short sessions, and the same behaviour on SQLite and PostgreSQL.

SQLite runs in WAL with `synchronous=FULL` (an accepted comment is on the disk) and foreign keys
on. A session that writes begins with BEGIN IMMEDIATE: a transaction that reads first and writes
later cannot be saved by `busy_timeout`.
"""

import importlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import Session

from backend.kit.settings import Settings

# Older WAL builds can corrupt when two connections write and checkpoint at once.
SAFE_SQLITE = (3, 51, 3)


def sqlite_module() -> ModuleType:
    """The newest SQLite at hand: the `pysqlite3` wheel where there is one, else the standard."""
    try:
        candidate = importlib.import_module("pysqlite3")
    except ImportError:
        return sqlite3
    return candidate if candidate.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def make_engine(settings: Settings) -> Engine:
    """An engine for the configured database; the data directory is made when needed."""
    url = settings.resolved_database_url
    if not settings.is_sqlite:
        return create_engine(url, pool_size=20, max_overflow=20, pool_pre_ping=True)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        module=sqlite_module(),
        connect_args={"timeout": 30, "check_same_thread": False},
        pool_size=40,  # One for each thread of the web server: waiting belongs to BEGIN, not here.
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves.
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-32000",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """The engine and the two kinds of session made from it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(writes=True)
        self._watching: Any = None

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    def stamp(self) -> str:
        """Another value after each commit of any process: the same value, the same data.

        SQLite counts the commits that others made; this connection never writes, so all of them
        are others. PostgreSQL tells which transactions are visible. For one thread at a time.
        """
        if not self.is_sqlite:
            with self.engine.connect() as connection:
                query = "SELECT pg_current_snapshot()::text"
                return str(connection.exec_driver_sql(query).scalar_one())
        if self._watching is None:
            self._watching = self.engine.raw_connection()
        return str(self._watching.driver_connection.execute("PRAGMA data_version").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that never commits."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises."""
        with Session(self._writing, expire_on_commit=False) as session:
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise
