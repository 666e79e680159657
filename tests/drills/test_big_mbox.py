"""Ten thousand letters at once (E8): within two minutes, and going on where a kill stopped it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlmodel import Session, func, select

from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import IncomingMail, Submission
from tests.mail_corpus import corpus

COUNT = 10_000
pytestmark = pytest.mark.drill


def test_ten_thousand_letters(settings: Settings, tmp_path: Path) -> None:
    box = tmp_path / "all.mbox"
    with box.open("wb") as file:
        for made in corpus(COUNT):
            file.write(b"From a@b Thu Nov 19 09:00:00 2026\n")
            file.write(made.raw.replace(b"\r\n", b"\n") + b"\n")
    environment = os.environ | {
        "ZHENGXUN_DATA_DIR": str(settings.data_dir),
        "ZHENGXUN_DATABASE_URL": settings.resolved_database_url,
        "ZHENGXUN_SECRET_KEY": "s" * 40,
        "ZHENGXUN_DEMO": "true",
    }
    zhengxun = [sys.executable, "-c", "from backend.cli import app; app()"]
    subprocess.run([*zhengxun, "demo"], env=environment, check=True)
    importing = [*zhengxun, "mail", "import", str(box), "--consultation", "outline-2026-2030"]

    started = time.monotonic()
    stopped = subprocess.Popen(importing, env=environment, stdout=subprocess.DEVNULL)
    time.sleep(20)
    stopped.send_signal(signal.SIGKILL)
    stopped.wait()
    subprocess.run(importing, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.monotonic() - started

    engine = make_engine(settings)
    with Database(engine).reading() as session:
        assert _count(session, IncomingMail) == COUNT
        registered = select(func.count(func.distinct(IncomingMail.submission_id)))
        emails = select(func.count()).select_from(Submission).where(Submission.channel == "email")
        assert session.exec(registered).one() <= session.exec(emails).one()
    engine.dispose()
    print(f"{COUNT} letters in {seconds:.0f} s, killed once")
    assert seconds <= 120


def _count(session: Session, table: type) -> int:
    count: int = session.exec(select(func.count()).select_from(table)).one()
    return count
