"""The commands that run a site: migrate, demo, officer, serve, worker, digest, doctor, audit."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import Assessment, Comment
from tests.factories import PASSWORD, make_comment, make_consultation, make_organisation
from tests.features.command import EXECUTABLE, refused, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory with a migrated database."""
    ran = run("migrate", data_dir=tmp_path)
    assert ran.status == 0 and "最新" in ran.told
    return tmp_path


@pytest.fixture
def database(folder: Path) -> Iterator[Database]:
    engine = make_engine(Settings(data_dir=folder))
    yield Database(engine)
    engine.dispose()


def _officer(folder: Path, *more: str, username: str = "lin", password: str = PASSWORD) -> object:
    return run(
        *("officer", "create", username, "--name", "林一", "--password", password, *more),
        data_dir=folder,
    )


def test_migrate_may_be_repeated(folder: Path) -> None:
    assert run("migrate", data_dir=folder).status == 0


def test_the_demo_is_refused_outside_demo_mode(folder: Path) -> None:
    assert "ZHENGXUN_DEMO" in refused(run("demo", data_dir=folder))


def test_an_officer_is_made_once(folder: Path) -> None:
    made = _officer(folder, "--role", "officer", "--organisation-name", "云桥镇人民政府")
    assert made.status == 0 and "lin" in made.told
    refused(_officer(folder, "--role", "officer"))
    assert "角色" in refused(_officer(folder, "--role", "emperor", username="wang"))
    refused(_officer(folder, "--role", "officer", username="wang", password="short"))
    assert "单位" in refused(
        _officer(folder, "--role", "officer", "--organisation", "nowhere", username="wang")
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_serve_refuses_plain_http_off_this_machine(folder: Path, host: str) -> None:
    assert "HTTPS" in refused(run("serve", "--host", host, data_dir=folder))


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("ZHENGXUN_")}
    return subprocess.Popen(
        [str(EXECUTABLE), *arguments],
        env=inherited | {"ZHENGXUN_DATA_DIR": str(folder)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _until(seconds: float, found: object) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(found) and found():
            return True
        time.sleep(0.2)
    return False


def test_serve_answers_and_stops_when_told(folder: Path) -> None:
    port = _free_port()
    server = _start(folder, "serve", "--port", str(port), "--no-jobs")

    def is_ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    try:
        assert _until(60, is_ready)
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(15) in (0, -signal.SIGTERM)


def test_the_worker_reads_a_new_comment_and_stops_when_told(
    folder: Path, database: Database
) -> None:
    with database.writing() as session:
        consultation = make_consultation(session, make_organisation(session))
        comment_id = make_comment(session, consultation).id

    def is_read() -> bool:
        with database.reading() as session:
            read = session.exec(select(Assessment.comment_id)).all()
            masked = session.exec(select(Comment.masked_text)).all()
            return list(read) == [comment_id] and all(masked)

    worker = _start(folder, "worker")
    try:
        # Nobody nudged it: the sweep that runs every minute finds what is due.
        assert _until(100, is_read)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("kind", ["json", "csv", "html", "xlsx", "docx", "pdf"])
def test_a_digest_is_written_in_every_format(folder: Path, database: Database, kind: str) -> None:
    with database.writing() as session:
        consultation = make_consultation(session, make_organisation(session))
        make_comment(session, consultation, masked_text="希望尽快加装电梯。")
    out = folder / f"digest.{kind}"
    ran = run("digest", "yunqiao-15", "--format", kind, "--out", out, data_dir=folder)
    assert ran.status == 0, ran.told
    begins = {"json": b"{", "html": b"<!DOCTYPE", "xlsx": b"PK", "docx": b"PK", "pdf": b"%PDF"}
    assert out.read_bytes().startswith(begins.get(kind, b"\xef\xbb\xbf"))
    if kind == "json":
        json.loads(out.read_text(encoding="utf-8"))


def test_a_digest_of_nothing_known_is_refused(folder: Path, database: Database) -> None:
    out = folder / "digest.json"
    refused(run("digest", "unknown", "--format", "json", "--out", out, data_dir=folder))
    with database.writing() as session:
        make_consultation(session, make_organisation(session))
    refused(run("digest", "yunqiao-15", "--format", "odt", "--out", out, data_dir=folder))
    assert not out.exists()


def test_the_audit_is_verified(folder: Path) -> None:
    ran = run("audit", "verify", data_dir=folder)
    assert ran.status == 0 and "完整" in ran.told


@pytest.mark.parametrize(
    "arguments", [("audit", "verify"), ("digest", "x", "--format", "json", "--out", "x.json")]
)
def test_a_database_that_was_never_migrated_gets_one_sentence(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert "migrate" in refused(run(*arguments, data_dir=tmp_path))
