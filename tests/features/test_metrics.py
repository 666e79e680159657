"""What Prometheus may read: bounded labels, nothing personal, and not by everybody."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from backend.app import create_app
from backend.kit.db import Database, make_engine
from backend.kit.settings import Settings
from backend.models import JobRun
from backend.safekeeping import service
from tests.conftest import Clock
from tests.features.office import MONDAY, Office

HERE = ("127.0.0.1", 50000)
DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana-dashboard.json"


def _read(app: FastAPI) -> str:
    answer = TestClient(app, client=HERE).get("/metrics")
    assert answer.status_code == 200
    return answer.text


def test_requests_are_counted_by_route_pattern(office: Office, app: FastAPI) -> None:
    visitor = TestClient(app, client=("203.0.113.9", 1))
    for path in (
        "/healthz",
        "/healthz",
        "/consultations/qingshi",
        "/consultations/13800000000",
        "/nothing/13800000000",
    ):
        visitor.get(path)
    visitor.request("BREW13800000000", "/healthz")
    text = _read(app)
    assert 'zhengxun_http_requests_total{method="GET",route="/healthz",status="200"} 2.0' in text
    assert 'route="/consultations/{slug}",status="404"} 1.0' in text
    assert 'route="other",status="404"} 1.0' in text
    assert 'zhengxun_http_request_seconds_count{route="/healthz"}' in text
    assert "13800000000" not in text and "qingshi" not in text and "203.0.113.9" not in text


def test_the_tables_are_counted(
    office: Office, app: FastAPI, database: Database, settings: Settings, clock: Clock
) -> None:
    for number in range(3):
        office.receive(f"第{number}条", contact_phone="13900000000")
    run = JobRun(name="assess", started_at=MONDAY, finished_at=MONDAY, failure_count=4)
    office.session.add(run)
    office.session.commit()
    assert "zhengxun_backup_age_seconds" not in _read(app)
    service.take(database, settings, now=clock.now - timedelta(minutes=10))
    text = _read(app)
    assert 'zhengxun_submissions{channel="web"} 3.0' in text
    assert 'zhengxun_submissions{channel="letter"} 0.0' in text
    assert 'zhengxun_job_failures{job="assess"} 4.0' in text
    assert 'zhengxun_mail{state="pending"} 0.0' in text
    assert "zhengxun_backup_age_seconds 600.0" in text
    assert "zhengxun_database_up 1.0" in text
    (settings.data_dir / "worker.beat").touch()
    shown = set(re.findall(r"^(zhengxun_\w+)", _read(app), re.MULTILINE))
    asked = set(
        re.findall(r"zhengxun_\w+", str(json.loads(DASHBOARD.read_text("utf-8"))["panels"]))
    )
    assert len(asked) >= 10 and asked <= shown


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_only_this_machine_or_who_has_the_token(settings: Settings, app: FastAPI) -> None:
    assert TestClient(app, client=("203.0.113.9", 1)).get("/metrics").status_code == 404
    by_proxy = {"X-Forwarded-For": "127.0.0.1"}
    assert TestClient(app, client=HERE).get("/metrics", headers=by_proxy).status_code == 404
    token = SecretStr("a-long-token-for-the-scraper")
    guarded = create_app(settings.model_copy(update={"metrics_token": token}))
    away = TestClient(guarded, client=("203.0.113.9", 1))
    assert TestClient(guarded, client=HERE).get("/metrics").status_code == 404
    for wrong in ("", "Bearer ", "Bearer 错".encode(), "a-long-token-for-the-scraper"):
        assert away.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    right = {"Authorization": f"Bearer {token.get_secret_value()}"}
    assert away.get("/metrics", headers=right).status_code == 200
    guarded.state.database.engine.dispose()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_it_answers_while_the_database_is_down(settings: Settings, app: FastAPI) -> None:
    gone = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    app.state.database = Database(make_engine(gone))
    assert "zhengxun_database_up 0.0" in _read(app)
