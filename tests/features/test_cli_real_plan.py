"""The whole job on a real mid-term report, when it stands beside the checkout.

The command imports it; officials review, confirm, date and publish it on their pages; a resident's
comment is read, decided and found in the digest. The report's own dates lie in the past, so the
official sets new ones, as would anybody who consults on it again.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.app import create_app
from backend.kit import migrations
from backend.kit.clock import last_day_before
from backend.kit.settings import Settings
from backend.models import Consultation, Role
from tests.conftest import Clock
from tests.factories import PASSWORD, make_officer, make_organisation
from tests.features.command import run
from tests.page import Browser

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated installation with three officers, as an administrator would make it."""
    folder = tmp_path_factory.mktemp("real")
    assert run("migrate", data_dir=folder).status == 0
    app = create_app(Settings(data_dir=folder, allow_plain_http=True))
    with Session(app.state.database.engine, expire_on_commit=False) as session:
        office = make_organisation(session)
        for name, role in (
            ("luming", Role.DRAFTING_OFFICE),
            ("hejing", Role.PUBLISHER),
            ("shenwen", Role.OFFICER),
        ):
            make_officer(session, office, username=name, roles=(role,))
        session.commit()
    app.state.database.engine.dispose()
    return folder


@pytest.fixture(scope="module")
def imported(folder: Path, shared: Path) -> dict[str, Any]:
    ran = run("plan", "import", shared / "plans" / "jingan-midterm.txt", data_dir=folder)
    assert ran.status == 0, ran.told
    made: dict[str, Any] = ran.json
    return made


def test_the_report_becomes_a_draft_with_its_notice(imported: dict[str, Any], folder: Path) -> None:
    assert imported["indicators"] >= 26
    assert imported["tasks"] > 30
    app = create_app(Settings(data_dir=folder))
    assert migrations.current_revision(app.state.database.engine) == migrations.head_revision()
    with app.state.database.reading() as session:
        here = session.exec(select(Consultation)).one()
    assert here.closes_at is not None
    assert last_day_before(here.closes_at).isoformat() == "2023-10-18"
    assert here.email and "@" in here.email
    assert here.postal_address and here.postcode and len(here.postcode) == 6
    app.state.database.engine.dispose()


def test_the_parsed_report_has_its_five_parts(shared: Path, tmp_path: Path) -> None:
    parsed = run("plan", "parse", shared / "plans" / "jingan-midterm.txt", data_dir=tmp_path).json
    assert len([s for s in parsed["sections"] if s["level"] == 1 and not s["inferred"]]) == 5
    assert len([i for i in parsed["indicators"] if i["source"] == "table"]) == 26


@pytest.fixture
def site(folder: Path, clock: Clock) -> Iterator[Any]:
    app = create_app(Settings(data_dir=folder, allow_plain_http=True), clock=clock)
    yield app
    app.state.database.engine.dispose()


def _as(app: Any, username: str) -> Browser:
    browser = Browser(app).__enter__()
    form = browser.open("/sign-in").form("/sign-in")
    browser.press(form.fill(username=username, password=PASSWORD))
    return browser


def test_it_is_published_commented_decided_and_digested(
    imported: dict[str, Any], site: Any, clock: Clock, folder: Path
) -> None:
    path = f"/consultations/{imported['slug']}"
    drafter = _as(site, "luming")
    review = drafter.open(imported["review"])
    page = drafter.press(review.form("/plan/confirm"))
    today = clock.now.date()
    drafter.press(
        page.form("/settings").fill(
            opens_on=today.isoformat(),
            closes_on=(today + timedelta(days=40)).isoformat(),
            explanation="中期评估之后再次听取公众意见。",
        )
    )
    publisher = _as(site, "hejing")
    publisher.press(publisher.open(f"/desk{path}/settings").form("/publish"))

    resident = Browser(site)
    resident.open(path)
    section = resident.page.all('main a[href*="/sections/"]')[-1].get("href")
    resident.open(section)
    words = "希望养老服务再近一些，老人走十分钟就能到。"
    about = resident.page.all('a[href*="about="]')[0].get("href")
    form = resident.open(about).form("/comment").fill(text=words)
    resident.press(form)
    resident.press(resident.page.form("/send"))
    assert resident.page.status == 200 and "/receipts/" in str(resident.page.url)

    jobs.run_now("assess", site.state.database, site.state.settings)
    officer = _as(site, "shenwen")
    queue = officer.open(f"/desk{path}")
    assert words[:10] in queue.text
    opened = officer.open(queue.all("[data-queue] a")[0].get("href"))
    officer.press(opened.form("/decide").fill(outcome="noted", reason="已转民政部门研究。"))

    out = folder / "digest.json"
    ran = run("digest", imported["slug"], "--format", "json", "--out", out, data_dir=folder)
    assert ran.status == 0, ran.told
    assert words in json.dumps(json.loads(out.read_text("utf-8")), ensure_ascii=False)
