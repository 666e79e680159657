"""`zhengxun doctor` finds what is wrong and says what to do."""

from pathlib import Path

import pytest
from sqlmodel import Session

from backend import doctor, jobs
from backend.app import create_app
from backend.kit.clock import utc_now
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.mail.service import post, record_failure
from tests.features.command import run


def _findings(settings: Settings) -> dict[str, doctor.Finding]:
    engine = make_engine(settings)
    found = {f.subject: f for f in doctor.examine(settings, Database(engine))}
    engine.dispose()
    return found


def test_a_migrated_installation_is_well(settings: Settings) -> None:
    found = _findings(settings)
    assert found["数据库"].is_good
    assert found["密钥"].is_good and found["磁盘"].is_good
    assert ("SQLite 版本" in found) == settings.is_sqlite


def test_an_empty_database_is_told_to_migrate(tmp_path: Path) -> None:
    finding = _findings(Settings(data_dir=tmp_path))["数据库"]
    assert not finding.is_good
    assert "zhengxun migrate" in finding.message


def test_a_database_that_is_down_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")
    finding = _findings(settings)["数据库"]
    assert not finding.is_good
    assert "ZHENGXUN_DATABASE_URL" in finding.message


def test_a_short_key_and_an_open_address_are_found(settings: Settings) -> None:
    weak = settings.model_copy(
        update={
            "secret_key": Settings(secret_key="short").secret_key,
            "base_url": "http://consult.example",
            "allow_plain_http": False,
            "demo": True,
        }
    )
    found = _findings(weak)
    assert not found["密钥"].is_good and "32" in found["密钥"].message
    assert not found["对外地址"].is_good
    assert "正式环境" in found["演示模式"].message


def test_a_worker_that_ran_is_noticed(settings: Settings) -> None:
    app = create_app(settings)
    assert not _findings(settings)["后台任务"].is_good
    jobs.nudge("assess")
    task = jobs.queue().dequeue()
    assert task is not None
    jobs.queue().execute(task)
    assert _findings(settings)["后台任务"].is_good
    app.state.database.engine.dispose()


@pytest.mark.parametrize("migrated", [True, False])
def test_the_exit_status_says_whether_anything_must_be_done(tmp_path: Path, migrated: bool) -> None:
    if migrated:
        run("migrate", data_dir=tmp_path)
    ran = run("doctor", data_dir=tmp_path)
    assert ran.status == (0 if migrated else 2), ran.told
    assert ("请处理　数据库" in ran.told) is not migrated
    assert "Traceback" not in ran.told


def test_an_unsent_message_is_told(settings: Settings, session: Session) -> None:
    assert "不发邮件" in _findings(settings)["发邮件"].message
    mail = post(
        session, settings, to="a@example.com", subject="回执", text="您好", key="k", now=utc_now()
    )
    assert mail is not None and mail.id is not None
    record_failure(session, mail.id, "收件地址被拒绝（550）", is_final=True, now=utc_now())
    session.commit()
    finding = _findings(settings.model_copy(update={"mail_host": "mail.example"}))["发邮件"]
    assert not finding.is_good and "失败 1 封" in finding.message and "550" in finding.message
