"""What all tests share: a migrated database on both engines, the application, a clock to turn.

Feature tests that use `app`, `client` or `session` run twice, on SQLite and on PostgreSQL. Without
a PostgreSQL server the second run is skipped and says so; with CI=true that is a failure.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import hypothesis
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, SQLModel

from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from tests.page import Browser

# The same examples every time, and no deadline on a busy machine: a failure is a finding.
hypothesis.settings.register_profile("suite", derandomize=True, deadline=None)
hypothesis.settings.load_profile("suite")

POSTGRES = os.environ.get("ZHENGXUN_TEST_POSTGRES", "postgresql://root@127.0.0.1:5432/test")
SHARED = Path(
    os.environ.get("ZHENGXUN_SHARED", Path(__file__).resolve().parents[1].parent / "shared")
)


def missing(what: str) -> None:
    """A part this machine lacks: a skip with its reason, under CI a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true but {what}")
    pytest.skip(what)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents beside the checkout."""
    if not SHARED.is_dir():
        pytest.skip(f"no real documents at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    engine = make_engine(Settings(data_dir=folder))
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    engine.dispose()
    return folder / "zhengxun.db"


@pytest.fixture(scope="session")
def postgres_url(worker_id: str) -> Iterator[str]:
    """A migrated database of this test process's own."""
    admin = POSTGRES.replace("postgresql://", "postgresql+psycopg://")
    name = f"zhengxun_test_{worker_id}_{os.getpid()}"
    engine = create_engine(admin, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    except OperationalError:
        missing(f"no PostgreSQL server at {POSTGRES}")
    url = POSTGRES.rsplit("/", 1)[0] + f"/{name}"
    ours = make_engine(Settings(database_url=url))
    migrations.upgrade(ours)
    ours.dispose()
    yield url
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def _spare_database(postgres_url: str) -> Iterator[str]:
    url = f"{postgres_url}_spare"
    name = url.rsplit("/", 1)[1]
    admin = create_engine(
        POSTGRES.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def spare_postgres_url(_spare_database: str) -> str:
    """A second PostgreSQL database, without tables: to restore or to move into."""
    engine = create_engine(_spare_database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return _spare_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings of an empty, migrated installation."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        shutil.copy(template, tmp_path / "zhengxun.db")
        return Settings(data_dir=tmp_path, secret_key="s" * 40, allow_plain_http=True)
    url = request.getfixturevalue("postgres_url")
    _empty(url)
    return Settings(data_dir=tmp_path, database_url=url, secret_key="s" * 40, allow_plain_http=True)


def _empty(url: str) -> None:
    engine = make_engine(Settings(database_url=url))
    with engine.begin() as connection:
        connection.execute(text("SET lock_timeout = '5s'"))
        # The queue keeps tables of its own here: a job one test left must not reach the next.
        queued = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE tablename LIKE 'huey%'")
        ).scalars()
        names = [*SQLModel.metadata.tables, *queued]
        tables = ", ".join(f'"{name}"' for name in names)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()


class Clock:
    """The time the application believes in; starts on 22 November 2026, 10:00 in Shanghai."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **units: float) -> None:
        self.now += timedelta(**units)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(settings: Settings, clock: Callable[[], datetime]) -> Iterator[FastAPI]:
    from backend.app import create_app  # The web framework is not needed by pure tests.

    made = create_app(settings, clock=clock)
    yield made
    made.state.database.engine.dispose()


@pytest.fixture
def database(app: FastAPI) -> Database:
    made: Database = app.state.database
    return made


@pytest.fixture
def engine(database: Database) -> Engine:
    return database.engine


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; call `session.commit()` before the client looks."""
    with Session(database.engine, expire_on_commit=False) as opened:
        yield opened


@pytest.fixture
def client(app: FastAPI) -> Iterator[Browser]:
    with Browser(app) as browser:
        yield browser


@pytest.fixture
def new_client(app: FastAPI) -> Iterator[Callable[[], Browser]]:
    """More browsers, each with its own cookies."""
    opened: list[Browser] = []

    def open_one() -> Browser:
        browser = Browser(app).__enter__()
        opened.append(browser)
        return browser

    yield open_one
    for browser in opened:
        browser.__exit__(None, None, None)


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1` … under pytest-xdist, else `main`."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")
