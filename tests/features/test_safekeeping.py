"""Backup → damage → restore: the same receipts, hashes and counts, on both engines."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from backend import doctor
from backend.accounts import audit
from backend.kit.db import Database, make_engine
from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.mailbox import keeping
from backend.models import Comment, Contact, Submission
from backend.safekeeping import manifest, queries, restoring, service
from backend.safekeeping.manifest import BackupRefused
from backend.safekeeping.rules import superfluous
from tests.conftest import Clock
from tests.features.command import run
from tests.features.office import Office, found

LETTER = "From: 居民\r\n\r\n请加一班车。".encode()


@pytest.fixture
def elsewhere(
    settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Settings:
    """An empty place on the same kind of database."""
    place = {"data_dir": tmp_path_factory.mktemp("restored")}
    if not settings.is_sqlite:
        place["database_url"] = request.getfixturevalue("spare_postgres_url")
    return settings.model_copy(update=place)


@pytest.fixture
def filled(office: Office, settings: Settings) -> Office:
    """Comments, a contact, a letter, an attachment, an audit chain."""
    for number in range(20):
        office.receive(f"第{number}条：增加夜间班次🚌。", contact_phone=f"1380000{number:04}")
    shen = office.officers["shen"]
    for number in range(5):
        audit.record(
            office.session,
            shen,
            "test.done",
            "comment",
            number,
            {"n": number},
            now=datetime.now(UTC),
        )
    office.session.commit()
    keeping.keep(settings, LETTER)
    folder = settings.uploads_dir / "ab"
    folder.mkdir(parents=True)
    (folder / ("ab" + "0" * 62)).write_bytes(b"%PDF-1.7 attachment")
    return office


def _receipts(session: Session) -> list[tuple[int | None, str, str]]:
    rows = session.exec(select(Submission).order_by(col(Submission.id)))
    return [(row.id, row.receipt_code, row.look_up_code) for row in rows]


def test_what_was_damaged_is_restored_whole(
    filled: Office, settings: Settings, database: Database, elsewhere: Settings, clock: Clock
) -> None:
    before = _receipts(filled.session)
    taken = service.take(database, settings, now=clock.now)
    assert taken.manifest.counts["submission"] == len(before) == 20
    assert (taken.files, taken.copied) == (2, 2)
    # The damage: opinions gone, letters and uploads gone.
    filled.session.execute(text("DELETE FROM contact"))
    filled.session.execute(text("DELETE FROM comment"))
    filled.session.commit()
    backups = elsewhere.data_dir.parent / f"carried-{elsewhere.data_dir.name}"
    shutil.copytree(service.home_of(settings), backups)
    shutil.rmtree(settings.uploads_dir)
    shutil.rmtree(settings.data_dir / "mail")

    done = restoring.restore(backups, elsewhere)
    assert not done.must_migrate and done.has_key and done.file_count == 2
    there = Database(make_engine(elsewhere))
    with there.reading() as session:
        assert _receipts(session) == before
        assert len(session.exec(select(Comment)).all()) == 20
        assert audit.verify(session) == []
        contact = session.exec(select(Contact).order_by(col(Contact.id))).first()
        assert contact and unseal(settings.secret(), contact.sealed_phone or "") == "13800000000"
    assert keeping.opened(elsewhere, keeping.hash_of(LETTER)) == LETTER
    with there.writing() as session:  # New ids follow on: the sequences came along.
        found(session, elsewhere, slug="neighbour").receive("恢复之后的意见。")
    there.engine.dispose()
    with pytest.raises(BackupRefused, match="为免覆盖没有恢复"):
        restoring.restore(backups, elsewhere)


def test_a_backup_that_is_not_whole_is_refused_before_anything_is_written(
    filled: Office, settings: Settings, database: Database, elsewhere: Settings, clock: Clock
) -> None:
    folder = service.take(database, settings, now=clock.now).folder
    content = manifest.read(folder)
    kept = manifest.object_path(folder.parent, manifest.read_files(folder)[0].sha256)

    def altered(path: Path, data: bytes, sentence: str) -> None:
        original = path.read_bytes()
        path.write_bytes(data)
        with pytest.raises(BackupRefused, match=sentence):
            restoring.restore(folder, elsewhere)
        path.write_bytes(original)

    part = folder / content.database
    whole = part.read_bytes()
    altered(part, whole[:-100], f"{content.database} 的大小不对")
    altered(part, whole[:-1] + bytes([whole[-1] ^ 1]), f"{content.database} 的内容被改动过")
    altered(folder / "manifest.json", b'{"format": 1', "清单读不出来")
    changed = json.loads((folder / "manifest.json").read_text())
    changed["counts"]["comment"] = 1
    altered(folder / "manifest.json", json.dumps(changed).encode(), "清单被改动过")
    altered(folder / "files.json", b"[]", "files.json 的大小不对")
    altered(kept, b"x" * kept.stat().st_size, "的内容被改动过")
    kept_bytes = kept.read_bytes()
    kept.unlink()
    with pytest.raises(BackupRefused, match=r"缺少 (mail|uploads)/"):
        restoring.restore(folder, elsewhere)
    kept.write_bytes(kept_bytes)
    with pytest.raises(BackupRefused, match="不是备份"):
        restoring.restore(settings.uploads_dir, elsewhere)
    assert list(elsewhere.data_dir.iterdir()) == []
    restoring.restore(folder, elsewhere)


def test_a_path_that_leads_elsewhere_is_refused(
    filled: Office, settings: Settings, database: Database, clock: Clock
) -> None:
    """Even when every checksum fits: a backup may come from anybody."""
    folder = service.take(database, settings, now=clock.now).folder
    files = manifest.read_files(folder)
    for path in ("uploads/../../evil", "/etc/evil", "zhengxun.db", ""):
        evil = manifest.KeptFile(path, files[0].size, files[0].sha256, 0)
        manifest.write_files(folder / "files.json", [evil])
        with pytest.raises(BackupRefused, match="不该有的路径"):
            manifest.read_files(folder)


def test_the_other_engine_is_named(
    filled: Office, settings: Settings, database: Database, tmp_path: Path, clock: Clock
) -> None:
    folder = service.take(database, settings, now=clock.now).folder
    other = "postgresql://nobody@127.0.0.1:1/none" if settings.is_sqlite else None
    wrong = settings.model_copy(update={"data_dir": tmp_path / "new", "database_url": other})
    with pytest.raises(BackupRefused, match="SQLite" if settings.is_sqlite else "PostgreSQL"):
        restoring.restore(folder, wrong)


def test_what_did_not_change_is_not_copied_again_and_old_ones_go(
    filled: Office, settings: Settings, database: Database, clock: Clock
) -> None:
    settings = settings.model_copy(update={"backup_keep": 2, "backup_keep_days": 0})
    home = service.home_of(settings)
    first = service.take(database, settings, now=clock.now)
    old = keeping.hash_of(LETTER)
    keeping.forget(settings, old)
    for minutes in (15, 30):
        again = service.take(database, settings, now=clock.now + timedelta(minutes=minutes))
        assert (again.files, again.copied) == (1, 0)
    # The first is past its time, and with it the letter that was erased after it.
    assert again.removed == 1 and not first.folder.exists()
    assert len([*(home / "objects").glob("??/*")]) == 1
    assert [path.name for path in manifest.backups_in(home)] == [
        "20261122T021500Z", "20261122T023000Z"
    ]  # fmt: skip
    assert not list(home.glob(".taking-*"))


def test_a_scheduled_backup_is_taken_once_however_many_look(
    filled: Office, settings: Settings, database: Database, clock: Clock
) -> None:
    every = settings.model_copy(update={"backup_minutes": 15})
    off = settings.model_copy(update={"backup_minutes": 0})
    assert service.take_when_due(database, off, now=clock.now) is None
    assert service.take_when_due(database, every, now=clock.now) is not None
    assert service.take_when_due(database, every, now=clock.now) is None
    clock.advance(minutes=15)
    with service._alone(service.home_of(every), wait=True):  # Another worker is at it.
        assert service.take_when_due(database, every, now=clock.now) is None
    assert service.take_when_due(database, every, now=clock.now) is not None
    assert len(manifest.backups_in(service.home_of(every))) == 2


def test_doctor_and_page_count_good_backups_only(
    filled: Office, settings: Settings, database: Database, clock: Clock
) -> None:
    assert queries.newest_good(settings) is None
    good = service.take(database, settings, now=datetime.now(UTC) - timedelta(hours=3))
    cut = service.take(database, settings, now=datetime.now(UTC))
    (cut.folder / cut.manifest.database).write_bytes(b"cut")
    newest = queries.newest_good(settings)
    assert newest and newest.name == good.folder.name
    said = {finding.subject: finding for finding in doctor.examine(settings, database)}
    assert said["备份"].is_good and f"3 小时前的 {newest.name}" in said["备份"].message
    assert queries.is_overdue(settings, newest, newest.made_at + timedelta(days=3))


def test_the_newest_and_the_last_of_each_day_are_kept() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    hourly = [(now - timedelta(hours=h), h) for h in range(96)]
    going = superfluous(hourly, keep=3, days=3, now=now)
    assert set(range(96)) - set(going) == {0, 1, 2, 13, 37}
    assert superfluous(hourly, keep=96, days=0, now=now) == []


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_the_commands_do_it(filled: Office, settings: Settings, tmp_path: Path) -> None:
    filled.session.close()
    there, kept = tmp_path / "new", tmp_path / "kept"
    taken = run("backup", "--to", str(kept), data_dir=settings.data_dir)
    assert taken.status == 0, taken.told
    assert taken.json["comments"] == 20
    back = run("restore", str(kept), "--into", str(there), data_dir=settings.data_dir)
    assert back.status == 0, back.told
    assert back.json["comments"] == 20 and back.json["rows"] == taken.json["rows"]
    assert run("audit", "verify", data_dir=there).status == 0
    again = run("restore", str(kept), "--into", str(there), data_dir=settings.data_dir)
    assert again.status == 2 and "为免覆盖没有恢复" in again.told
    assert "Traceback" not in again.told
