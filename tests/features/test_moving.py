"""From SQLite to PostgreSQL and back again, every row the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import JSON, text
from sqlmodel import Session, SQLModel, col, select

from backend.accounts import audit
from backend.kit.db import make_engine
from backend.kit.settings import Settings
from backend.models import Comment, Submission
from backend.safekeeping import moving
from backend.safekeeping.manifest import BackupRefused
from tests.features.office import Office, found

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("settings", ["sqlite"], indirect=True),
]


@pytest.fixture
def filled(office: Office) -> Office:
    """Comments that point at later and earlier ones, readings, contacts, an audit chain."""
    rows = [
        office.receive(f"第{n}条：“增加班次”🚌\\ 与'引号'。", contact_phone=f"138{n:08}")
        for n in range(30)
    ]
    for row in rows:
        office.read(row, "t1", "i1")
    rows[3].merged_into_id = rows[20].id
    rows[21].split_from_id = rows[4].id
    for number in range(9):
        audit.record(
            office.session, office.officers["shen"], "test.done", "comment", number,
            {"b": 1.5, "a": ["中", None]}, now=datetime.now(UTC),
        )  # fmt: skip
    office.session.commit()
    return office


def _source(settings: Settings) -> str:
    return f"sqlite:{settings.data_dir / 'zhengxun.db'}"


def _all(url: str, settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    engine = make_engine(settings.model_copy(update={"database_url": url}))
    with engine.connect() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(
                table.select().order_by(*table.primary_key.columns))]
            for name, table in SQLModel.metadata.tables.items()
        }  # fmt: skip
    engine.dispose()
    return found


def test_everything_is_moved_there_and_back(
    filled: Office, settings: Settings, spare_postgres_url: str, tmp_path: Path
) -> None:
    before = _all(settings.resolved_database_url, settings)
    moved = moving.move(_source(settings), spare_postgres_url, settings)
    assert moved.written == sum(map(len, before.values())) > 150
    assert _all(spare_postgres_url, settings) == before

    engine = make_engine(settings.model_copy(update={"database_url": spare_postgres_url}))
    with Session(engine) as session:
        assert audit.verify(session) == []
        merged = session.exec(select(Comment).where(col(Comment.merged_into_id).is_not(None))).one()
        assert merged.merged_into_id is not None
        highest = max(session.exec(select(Submission.id)).all(), key=lambda id_: id_ or 0)
        newcomer = found(session, settings, slug="next").receive("搬家之后的意见。")
        assert highest and newcomer.submission_id > highest  # The sequences came along.
    engine.dispose()

    back = f"sqlite:{tmp_path / 'back.db'}"
    assert moving.move(spare_postgres_url, back, settings).written == moved.written
    assert _all(f"sqlite:///{tmp_path / 'back.db'}", settings) == before


def test_a_move_that_broke_off_goes_on(
    filled: Office, settings: Settings, spare_postgres_url: str
) -> None:
    class PowerCut(Exception):
        pass

    def cut(line: str) -> None:
        if line.startswith("comment："):
            raise PowerCut

    with pytest.raises(PowerCut):
        moving.move(_source(settings), spare_postgres_url, settings, tell=cut)
    engine = make_engine(settings.model_copy(update={"database_url": spare_postgres_url}))
    with engine.begin() as connection:  # A batch of the last table had not been committed.
        connection.execute(text("DELETE FROM comment WHERE id > 25"))
        connection.execute(text("UPDATE comment SET merged_into_id = NULL"))
    engine.dispose()
    before = _all(settings.resolved_database_url, settings)
    moved = moving.move(_source(settings), spare_postgres_url, settings)
    assert 0 < moved.written < sum(map(len, before.values()))
    assert _all(spare_postgres_url, settings) == before
    with pytest.raises(BackupRefused, match="已经有内容"):  # Finished: no third time.
        moving.move(_source(settings), spare_postgres_url, settings)


def test_a_row_that_differs_is_found(
    filled: Office, settings: Settings, spare_postgres_url: str
) -> None:
    engine = make_engine(settings.model_copy(update={"database_url": spare_postgres_url}))

    def alter(line: str) -> None:
        if line.startswith("assessment_link"):  # The last table.
            with engine.begin() as connection:
                connection.execute(text("UPDATE comment SET text = '改过' WHERE id = 7"))

    with pytest.raises(BackupRefused, match="表 comment 两边不一样"):
        moving.move(_source(settings), spare_postgres_url, settings, tell=alter)
    engine.dispose()


def test_what_cannot_be_moved_is_said(
    filled: Office, settings: Settings, spare_postgres_url: str, tmp_path: Path
) -> None:
    here = _source(settings)
    with pytest.raises(BackupRefused, match="同一个数据库"):
        moving.move(here, here, settings)
    with pytest.raises(BackupRefused, match=r"没有 .*none\.db 这个文件"):
        moving.move(f"sqlite:{tmp_path / 'none.db'}", spare_postgres_url, settings)
    assert not (tmp_path / "none.db").exists()
    with pytest.raises(BackupRefused, match="开头"):
        moving.move("mysql://a/b", spare_postgres_url, settings)
    with pytest.raises(BackupRefused, match="不是征询的数据库"):
        moving.move(spare_postgres_url, f"sqlite:{tmp_path / 'new.db'}", settings)


def test_no_json_column_may_be_empty(settings: Settings) -> None:
    """A missing value and the JSON word `null` would be one after a move."""
    nullable = [
        f"{table.name}.{column.name}"
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, JSON) and column.nullable
    ]
    assert nullable == []
