"""`zhengxun move`: an installation goes from one kind of database to the other, row by row.

The source is read in one snapshot, table after table in the order of their references, and every
id, receipt and hash is written as it was. Batches are committed as they go; a run that broke off
is begun again and leaves out what is there. At the end every table is read back from both sides
and compared by the hashes of its rows, and the chain of the audit is walked at its new place.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Table,
    bindparam,
    func,
    inspect,
    null,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, IntegrityError

from backend.accounts import audit
from backend.kit import migrations
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import JobRun
from backend.safekeeping.engines import TABLES, row_counts
from backend.safekeeping.manifest import BackupRefused

BATCH = 1000
MARK = "zhengxun_move"  # Stands in the new database while it is not whole.


@dataclass(frozen=True, slots=True)
class Moved:
    """Rows of each table at the new place, and how many of them this run wrote."""

    counts: dict[str, int]
    written: int


def move(
    source_url: str,
    target_url: str,
    settings: Settings,
    *,
    tell: Callable[[str], object] = lambda _line: None,
) -> Moved:
    """Move everything; refuses a target that holds anything but an earlier run of this move."""
    if _plain(source_url) == _plain(target_url):
        raise BackupRefused("来源和目标是同一个数据库。")
    with _opened(source_url, settings) as source, _opened(target_url, settings) as target:
        _refuse_unready(source)
        with _snapshot(source) as reading:
            _prepare(target, _mark(reading, source_url))
            counts, written = row_counts(reading), 0
            for table in JobRun.metadata.sorted_tables:
                done = _copy(reading, target, table)
                written += done
                tell(f"{table.name}：{counts[table.name]:,} 行，新写入 {done:,} 行")
            _set_sequences(target)
            tell("正在逐行核对 …")
            _compare(reading, target)
        if row_counts_now(source) != counts:
            raise BackupRefused("搬的时候来源还在写入。请停止服务，再运行一次，只会补上新的部分。")
        with Database(target).reading() as session:
            breaks = audit.verify(session)
        if breaks:
            raise BackupRefused(f"搬过去以后留痕核对不上：{breaks[0].reason}。请检查来源的留痕。")
        with target.execution_options(writes=True).begin() as connection:
            connection.execute(text(f"DROP TABLE {MARK}"))
        return Moved(counts, written)


def row_counts_now(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return row_counts(connection)


@contextmanager
def _opened(url: str, settings: Settings) -> Iterator[Engine]:
    chosen = settings.model_copy(update={"database_url": _plain(url)})
    if chosen.is_sqlite:
        path = Path(make_url(chosen.resolved_database_url).database or "")
        if not path.parent.is_dir():
            raise BackupRefused(f"没有 {path.parent} 这个目录。")
    engine = make_engine(chosen)
    try:
        yield engine
    finally:
        engine.dispose()


def _plain(url: str) -> str:
    """`sqlite:var/zhengxun.db` as well as `sqlite:///var/zhengxun.db`; always an absolute path."""
    if url.startswith("sqlite:"):
        rest = url.removeprefix("sqlite:")
        path = rest.removeprefix("///") if rest.startswith("///") else rest
        return f"sqlite:///{Path(path).resolve()}"
    if not url.startswith(("postgresql:", "postgres:")):
        raise BackupRefused("数据库地址要以 sqlite: 或 postgresql: 开头。")
    return url


def _refuse_unready(source: Engine) -> None:
    if source.dialect.name == "sqlite":
        path = Path(source.url.database or "")
        if not path.exists():
            raise BackupRefused(f"没有 {path} 这个文件。")
    if migrations.current_revision(source) != migrations.head_revision():
        raise BackupRefused(
            "来源不是征询的数据库，或者结构不是最新。请先对它运行 zhengxun migrate。"
        )


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """One state of the source from the first table to the last."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def _mark(reading: Connection, source_url: str) -> str:
    """Tells this source from another one, without its password."""
    table = TABLES["organisation"]
    owners = [list(map(str, row)) for row in
              reading.execute(select(table.c.id, table.c.slug, table.c.created_at)
                              .order_by(table.c.id))]  # fmt: skip
    url = make_url(_plain(source_url))._replace(password=None).render_as_string()
    return hashlib.sha256(json.dumps([url, owners]).encode()).hexdigest()


def _prepare(target: Engine, mark: str) -> None:
    """An empty database of the newest structure, marked; or one this move has begun."""
    there = set(inspect(target).get_table_names())
    if MARK not in there:
        if any(row_counts_now(target).values()):
            raise BackupRefused("目标数据库里已经有内容，为免混在一起没有搬。请新建一个空数据库。")
        migrations.upgrade(target)
        with target.execution_options(writes=True).begin() as connection:
            connection.execute(text(f"CREATE TABLE {MARK} (source VARCHAR(64) NOT NULL)"))
            connection.execute(text(f"INSERT INTO {MARK} VALUES (:mark)"), {"mark": mark})  # noqa: S608
        return
    with target.connect() as connection:
        begun = connection.execute(text(f"SELECT source FROM {MARK}")).scalar()  # noqa: S608
    if begun != mark:
        raise BackupRefused("目标数据库里有另一次没有搬完的内容。请新建一个空数据库。")
    migrations.upgrade(target)


def _copy(reading: Connection, target: Engine, table: Table) -> int:
    """Write the rows that are not there yet; returns how many."""
    wanted, there = _count(reading, table), _count_at(target, table)
    if wanted != there:
        _insert(reading, target, table)
    _fill_later(reading, target, table)
    return _count_at(target, table) - there


def _insert(reading: Connection, target: Engine, table: Table) -> None:
    insert = (postgresql if target.dialect.name == "postgresql" else sqlite).insert(table)
    statement = insert.on_conflict_do_nothing()
    later = dict.fromkeys(column.key for column in _later(table))
    for batch in _batches(reading, table):
        with _telling(table), target.execution_options(writes=True).begin() as connection:
            connection.execute(statement, [row | later for row in batch])


def _later(table: Table) -> "list[Column[Any]]":
    """References to rows of the same table, which may come after: filled when all are there."""
    return [
        column
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]


def _fill_later(reading: Connection, target: Engine, table: Table) -> None:
    columns = _later(table)
    if not columns:
        return
    keys = list(table.primary_key.columns)
    wanted = select(*keys, *columns).where(or_(*(column.is_not(null()) for column in columns)))
    rows = [
        {f"v_{column.key}": value for column, value in zip([*keys, *columns], row, strict=True)}
        for row in reading.execute(wanted)
    ]
    statement = table.update().values(
        {column.key: bindparam(f"v_{column.key}") for column in columns}
    )
    for key in keys:
        statement = statement.where(key == bindparam(f"v_{key.key}"))
    for start in range(0, len(rows), BATCH):
        with target.execution_options(writes=True).begin() as connection:
            connection.execute(statement, rows[start : start + BATCH])


def _set_sequences(target: Engine) -> None:
    """The next id follows the highest; SQLite does so by itself."""
    if target.dialect.name != "postgresql":
        return
    with target.begin() as connection:
        for table in TABLES.values():
            for column in table.primary_key.columns:
                asked = select(func.pg_get_serial_sequence(table.name, column.name))
                sequence = connection.execute(asked).scalar()
                highest = connection.execute(select(func.max(column))).scalar()
                if sequence and highest is not None:
                    connection.execute(select(func.setval(sequence, highest)))


def _compare(reading: Connection, target: Engine) -> None:
    with target.connect() as connection:
        for table in TABLES.values():
            if _hash_of_rows(reading, table) != _hash_of_rows(connection, table):
                raise BackupRefused(
                    f"表 {table.name} 两边不一样：搬的过程中来源改过已有的内容。"
                    "请停止服务，新建一个空数据库重新搬。"
                )


def _hash_of_rows(connection: Connection, table: Table) -> tuple[int, int]:
    """How many rows, and the sum of their hashes: the order does not count, all else does."""
    count = total = 0
    for batch in _batches(connection, table):
        for row in batch:
            line = json.dumps(list(row.values()), default=str, sort_keys=True)
            total += int.from_bytes(hashlib.sha256(line.encode()).digest())
            count += 1
    return count, total % 2**256


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    asked = select(table).execution_options(yield_per=BATCH)
    with connection.execute(asked) as result:
        for rows in result.mappings().partitions(BATCH):
            yield [dict(row) for row in rows]


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _count_at(engine: Engine, table: Table) -> int:
    with engine.connect() as connection:
        return _count(connection, table)


@contextmanager
def _telling(table: Table) -> Iterator[None]:
    try:
        yield
    except (DataError, IntegrityError) as error:
        reason = str(error.orig).splitlines()[0]
        raise BackupRefused(f"表 {table.name} 有目标数据库不接受的内容：{reason}") from error
