"""Runs migrations on the configured database, one transaction per revision.

On SQLite a batch change recreates a table; with foreign keys on, that would delete cascade
children, so they are off while migrating and checked afterwards.
"""

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Connection, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import backend.models  # noqa: F401
from backend.kit.db import make_engine
from backend.kit.settings import get_settings
from backend.models.columns import UtcDateTime


def _run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        _foreign_keys(connection, "OFF")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=sqlite,
        compare_type=True,
        transaction_per_migration=True,
        include_name=_is_ours,
        render_item=_plain_types,
    )
    with context.begin_transaction():
        context.run_migrations()
    if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise RuntimeError("外键检查未通过：迁移后存在悬空引用")
    if sqlite:
        _foreign_keys(connection, "ON")


def _foreign_keys(connection: Connection, state: str) -> None:
    """Said to the driver itself: the pragma is deaf inside the transaction the engine begins."""
    connection.rollback()
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA foreign_keys={state}")


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    # The job queue keeps its own tables in the same PostgreSQL database.
    return not (kind == "table" and name is not None and name.startswith("huey_"))


def _plain_types(kind: str, item: object, autogen: AutogenContext) -> str | bool:
    # Migrations name plain SQLAlchemy types, so that they outlive our own classes.
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def main() -> None:
    given = context.config.attributes.get("connection")
    if given is not None:
        _run(given)
        return
    engine = make_engine(get_settings())
    with engine.connect() as connection:
        _run(connection)
    engine.dispose()


main()
