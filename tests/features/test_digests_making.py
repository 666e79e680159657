"""A digest is made in the background: progress can be read, faults are told, poison is parked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from backend.digests import exporting, making, service
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import AuditEntry, Digest, DigestOrder, OrderState, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office


@pytest.fixture
def drafting(office: Office, session: Session) -> Office:
    office.hire("drafter", Role.DRAFTING_OFFICE)
    office.read(office.receive("请把末班车延到23时。", anchor="i1"), "i1")
    session.commit()
    return office


def order_one(database: Database, office: Office, clock: Clock) -> int:
    with database.writing() as session:
        order = making.order_digest(session, office.consultation, officer_id=None, now=clock())
        assert order.id is not None
        return order.id


def stored(database: Database, order_id: int) -> DigestOrder:
    with database.reading() as session:
        order = session.get_one(DigestOrder, order_id)
        session.expunge(order)
        return order


def test_the_page_shows_progress_without_javascript(
    drafting: Office, sign_in: SignIn, make_digests: Callable[[], None], session: Session
) -> None:
    browser = sign_in("drafter")
    page = browser.press(browser.open(f"{drafting.path}/digests").form("/digests"))
    assert "正在排队，已完成0%" in page.text
    assert page.one("noscript meta").get("http-equiv") == "refresh"
    assert "正在生成" in browser.open(f"{drafting.path}/digests").text
    order = session.exec(select(DigestOrder)).one()
    order.state, order.step, order.percent = OrderState.RUNNING, "核对数字和引文", 30
    session.add(order)
    session.commit()
    page = browser.open(page.path)
    assert "核对数字和引文，已完成30%" in page.text
    assert page.one("progress").get("value") == "30"
    part = browser.get(f"{page.path}/progress")
    assert "核对数字和引文" in part.text
    assert "<html" not in part.text
    order.state = OrderState.QUEUED
    session.add(order)
    session.commit()
    make_digests()
    assert "HX-Redirect" in browser.get(f"{page.path}/progress").headers
    assert browser.open(page.path).path.startswith(f"{drafting.path}/digests/")
    assert "意见摘要" in browser.page.heading


def test_steps_and_percent_only_grow(
    drafting: Office, database: Database, settings: Settings, clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told: list[tuple[str, int]] = []
    tell = making._Order.tell

    def hear(order: making._Order, step: str, percent: int) -> None:
        told.append((step, percent))
        tell(order, step, percent)

    monkeypatch.setattr(making._Order, "tell", hear)
    order_id = order_one(database, drafting, clock)
    making.make_due(database, settings, clock=clock)
    percents = [percent for _, percent in told]
    assert percents == sorted(percents)
    assert len({step for step, _ in told}) == len(told) >= 5
    order = stored(database, order_id)
    assert (order.state, order.percent) == (OrderState.READY, 100)
    kept = {path.suffix for path in making.files_folder(settings).iterdir()}
    assert kept == {".docx", ".pdf", ".xlsx"}


def test_the_files_made_ahead_are_those_made_on_demand(
    drafting: Office, database: Database, settings: Settings, clock: Clock
) -> None:
    order = order_one(database, drafting, clock)
    making.make_due(database, settings, clock=clock)
    with database.reading() as session:
        digest = session.get_one(Digest, stored(database, order).digest_id)
        for path in making.files_folder(settings).iterdir():
            assert path.read_bytes() == exporting.write(digest, path.suffix[1:])
    later = clock() + timedelta(days=10_000)
    assert making.clear_files(settings, older_than=later) == 3


def test_a_digest_that_is_not_true_fails_with_its_reason(
    drafting: Office, database: Database, settings: Settings, clock: Clock, sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(service, "validate", lambda *_: ["意见总数写的是9条，数据库中是1条。"])
    order = order_one(database, drafting, clock)
    making.make_due(database, settings, clock=clock)
    assert stored(database, order).state is OrderState.FAILED
    page = sign_in("drafter").open(f"{drafting.path}/digests/orders/{order}")
    assert "意见总数写的是9条，数据库中是1条。" in page.text
    assert page.form("/digests").values["query"] == ""
    assert not page.all("noscript meta")


def test_poison_is_parked_and_shown(
    drafting: Office, database: Database, settings: Settings, clock: Clock, sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def poison(*_: object) -> bytes:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(exporting, "write_once", poison)
        order = order_one(database, drafting, clock)
        for _ in range(9):
            making.make_due(database, settings, clock=clock)
            clock.advance(hours=1)
    parked = stored(database, order)
    assert (parked.state, parked.tries) == (OrderState.FAILED, making.MOST_TRIES)
    assert "试了五次都没有完成" in sign_in("drafter").open(f"{drafting.path}/digests").text
    with database.reading() as session:
        assert len(session.exec(select(Digest)).all()) == 1  # Frozen once, not at every try.
    fresh = order_one(database, drafting, clock)
    making.make_due(database, settings, clock=clock)
    assert stored(database, fresh).state is OrderState.READY


def test_an_order_whose_worker_died_is_taken_again_and_parked_in_the_end(
    drafting: Office, database: Database, settings: Settings, clock: Clock
) -> None:
    order = order_one(database, drafting, clock)
    assert making._claim(database, clock()) == order
    assert making._claim(database, clock()) is None  # Somebody works on it.
    for _ in range(making.MOST_TRIES - 1):
        clock.advance(minutes=11)
        assert making._claim(database, clock()) == order
    clock.advance(minutes=11)
    assert making._claim(database, clock()) is None
    assert stored(database, order).reason == making.PARKED


def test_making_is_recorded_with_the_officer_who_asked(
    drafting: Office, sign_in: SignIn, make_digests: Callable[[], None], session: Session
) -> None:
    browser = sign_in("drafter")
    browser.press(browser.open(f"{drafting.path}/digests").form("/digests"))
    make_digests()
    entry = session.exec(select(AuditEntry).where(AuditEntry.action == "digest.make")).one()
    assert entry.officer_id == drafting.officers["drafter"].id


def test_another_consultations_order_does_not_exist(
    drafting: Office, database: Database, clock: Clock, sign_in: SignIn, session: Session,
    settings: Settings, tmp_path: Path,
) -> None:  # fmt: skip
    from tests.features.office import found

    other = found(session, settings, slug="other")
    session.commit()
    order = order_one(database, other, clock)
    assert sign_in("drafter").get(f"{drafting.path}/digests/orders/{order}").status_code == 404
