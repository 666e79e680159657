"""The database: one newest revision, up from empty and down again, models and tables agree."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, insert, inspect, text
from sqlmodel import SQLModel

from backend.kit import migrations
from backend.kit.db import make_engine
from backend.kit.settings import Settings
from tests.conftest import POSTGRES, missing

OURS = set(SQLModel.metadata.tables)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[Engine]:
    """An engine on a database without tables."""
    if request.param == "sqlite":
        engine = make_engine(Settings(data_dir=tmp_path))
        yield engine
        engine.dispose()
        return
    name = f"zhengxun_migrations_{worker_id}"
    admin = make_engine(Settings(database_url=POSTGRES)).execution_options(
        isolation_level="AUTOCOMMIT"
    )
    try:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"))
    except Exception as error:  # the driver has several for "nobody answers"
        missing(f"no PostgreSQL server at {POSTGRES}: {type(error).__name__}")
    engine = make_engine(Settings(database_url=POSTGRES.rsplit("/", 1)[0] + f"/{name}"))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def _on(engine: Engine, verb: str, *arguments: str) -> None:
    config: Config = migrations.alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        getattr(command, verb)(config, *arguments)


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_newest_revision() -> None:
    script = ScriptDirectory.from_config(migrations.alembic_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_up_from_empty_down_to_nothing_and_up_again(empty: Engine) -> None:
    migrations.upgrade(empty)
    assert _tables(empty) == OURS
    assert migrations.current_revision(empty) == migrations.head_revision()
    _on(empty, "downgrade", "base")
    assert _tables(empty) == set()
    migrations.upgrade(empty)
    assert _tables(empty) == OURS


def test_an_installation_with_officers_in_it_can_be_upgraded(empty: Engine) -> None:
    """Recreating a parent table (SQLite) neither fails nor takes its children along."""
    _on(empty, "upgrade", "2790f6b4966b")
    metadata = MetaData()
    metadata.reflect(empty)
    blank = {str: "x", int: 1, bool: False, datetime: datetime(2026, 11, 22, tzinfo=UTC)}
    with empty.begin() as connection:
        for name in ("organisation", "department", "officer", "officer_session"):
            table = metadata.tables[name]
            values = {
                column.name: blank.get(column.type.python_type, {})
                for column in table.columns
                if not column.nullable and not column.primary_key
            }
            connection.execute(insert(table).values(id=1, **values))
    migrations.upgrade(empty)
    with empty.connect() as connection:
        for name in ("organisation", "department", "officer", "officer_session"):
            assert connection.scalar(text(f"SELECT count(*) FROM {name}")) == 1, name
        if empty.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_nothing_is_left_to_generate(empty: Engine) -> None:
    migrations.upgrade(empty)
    _on(empty, "check")


def test_upgrading_twice_changes_nothing(empty: Engine) -> None:
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    assert migrations.current_revision(empty) == migrations.head_revision()
