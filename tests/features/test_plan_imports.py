"""A document comes in: read at once or in the background, kept and tried again when it fails."""

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from backend import jobs
from backend.accounts.service import create_officer
from backend.consultations import importing
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    AuditEntry,
    Consultation,
    ImportState,
    Organisation,
    PlanImport,
    PlanVersion,
    Role,
    VersionKind,
)
from backend.plans import service as plans
from tests.conftest import Clock
from tests.factories import NOW, PASSWORD, make_consultation, make_organisation
from tests.features.conftest import SignIn
from tests.page import Browser, Page

UPLOAD = "/desk/consultations/new"
CHAPTER = "第{}章 建设宜居城区\n\n推进老旧小区改造。到2030年，完成改造{}万平方米。\n\n"


def long_plan(chapters: int = 3400) -> bytes:
    """A text too large to be read while its sender waits."""
    numbers = "一二三四五六七八九"
    body = "".join(CHAPTER.format(numbers[n % 9], n) for n in range(chapters))
    text = f"云桥镇综合规划（征求意见稿）\n\n{body}".encode()
    assert len(text) > importing.QUICK_BYTES
    return text


@pytest.fixture
def organisation(session: Session) -> Organisation:
    found = make_organisation(session)
    create_officer(
        session, organisation=found, username="luming", display_name="陆明",
        password=PASSWORD, roles=[Role.DRAFTING_OFFICE], now=NOW,
    )  # fmt: skip
    session.commit()
    return found


@pytest.fixture
def browser(organisation: Organisation, sign_in: SignIn) -> Browser:
    return sign_in("luming", PASSWORD)


def send(
    browser: Browser,
    data: bytes,
    name: str,
    *,
    page: str = UPLOAD,
    status: int = 200,
    **fields: str,
) -> Page:
    form = browser.open(page).form("/new" if page == UPLOAD else "/versions").fill(**fields)
    form.values.pop("file", None)
    return browser.press(form, files={"file": (name, data)}, status=status)


def row(session: Session) -> PlanImport:
    session.rollback()
    session.expire_all()
    return session.exec(select(PlanImport)).one()


def test_a_large_document_is_waited_for(
    session: Session, browser: Browser, database: Database, settings: Settings
) -> None:
    page = send(browser, long_plan(), "plan.txt")
    assert page.heading == "正在读取规划"
    assert "马上开始读取" in page.text
    assert page.one('noscript meta[http-equiv="refresh"]') is not None
    assert session.exec(select(Consultation)).all() == []

    jobs.run_now("read-plans", database, settings)
    read = browser.open(page.path)
    assert read.heading == "核对规划"
    assert row(session).state is ImportState.READ
    acts = session.exec(select(AuditEntry.action)).all()
    assert "consultation.import" in acts
    update = browser.get(page.path, headers={"HX-Request": "true"})
    assert update.headers["hx-redirect"] == read.path


def test_what_cannot_be_read_is_kept_and_tried_again(
    session: Session, browser: Browser, database: Database, settings: Settings
) -> None:
    page = send(browser, b"%PDF-1.7\n<<", "plan.pdf", status=422)
    assert page.title.startswith("错误：")
    kept = page.one("#unread ~ ul a")
    assert kept.text == "plan.pdf"
    failed = browser.open(kept.get("href"))
    assert failed.heading == "规划没有读成"
    assert row(session).reason in failed.text

    # The same bytes are there; had the reader been at fault, this is how it is tried again.
    assert (settings.uploads_dir / row(session).file_sha256).read_bytes() == b"%PDF-1.7\n<<"
    waiting = browser.press(failed.form("/retry"))
    assert waiting.heading == "正在读取规划"
    browser.post(
        f"{waiting.path}/retry", data={"csrf_token": failed.form("/retry").values["csrf_token"]}
    )
    jobs.run_now("read-plans", database, settings)
    assert browser.open(kept.get("href")).heading == "规划没有读成"


def test_progress_is_shown_page_by_page(
    session: Session, browser: Browser, organisation: Organisation
) -> None:
    waiting = send(browser, long_plan(), "scan.txt")
    stored = row(session)
    stored.state, stored.done, stored.total = ImportState.READING, 12, 300
    session.add(stored)
    session.commit()
    page = browser.open(waiting.path)
    assert "第 12 页，共 300 页" in page.text
    assert page.one("svg.zx-bar").get("aria-label") == "已读 12 页，共 300 页"


def test_a_scan_is_offered_to_the_machine(session: Session, browser: Browser) -> None:
    waiting = send(browser, long_plan(), "scan.pdf")
    stored = row(session)
    stored.state, stored.is_scan, stored.reason = ImportState.FAILED, True, "这是扫描件。"
    session.add(stored)
    session.commit()
    page = browser.open(waiting.path)
    button = page.one('button[name="recognise"]')
    assert "由机器识别文字" in button.text
    browser.press(page.form("/retry").fill(recognise="true"))
    assert (row(session).state, row(session).recognise) == (ImportState.WAITING, True)


def test_a_worker_that_died_is_made_up_for_and_a_killer_is_parked(
    session: Session, browser: Browser, database: Database, settings: Settings, clock: Clock
) -> None:
    send(browser, long_plan(), "plan.txt")
    for _ in range(importing.MOST_TRIES):
        assert importing._claim(database, clock.now) is not None
        assert importing._claim(database, clock.now) is None, "taken twice"
        clock.advance(minutes=4)
    importing.read_due(database, settings, clock=lambda: clock.now)
    assert row(session).state is ImportState.FAILED
    assert "读了三次" in row(session).reason


def test_other_offices_do_not_see_it(session: Session, browser: Browser, sign_in: SignIn) -> None:
    waiting = send(browser, long_plan(), "plan.txt")
    other = make_organisation(session, slug="other")
    create_officer(
        session, organisation=other, username="other", display_name="外人",
        password=PASSWORD, roles=[Role.DRAFTING_OFFICE], now=NOW,
    )  # fmt: skip
    session.commit()
    stranger = sign_in("other", PASSWORD)
    stranger.open(waiting.path, status=404)
    assert "plan.txt" not in stranger.open(UPLOAD).text


def test_the_four_kinds_of_version_follow_one_another(
    session: Session, browser: Browser, client: Browser, organisation: Organisation, tmp_path
) -> None:
    """征求意见稿 → 修改稿 → 送审稿 → 发布稿, each confirmed, each comparable with each."""
    texts = [
        f"云桥镇停车规划\n\n第一章 缓解停车难\n新增公共停车泊位{n}个，推广错时共享停车。\n"
        for n in (1500, 1800, 2000, 2100)
    ]
    path = tmp_path / "first.txt"
    path.write_text(texts[0], encoding="utf-8")
    here = make_consultation(session, organisation, plan=plans.parse_file(path))
    session.commit()
    settings_page = f"/desk/consultations/{here.slug}/settings"
    for kind, text in zip(("revised_draft", "review_draft", "final"), texts[1:], strict=True):
        page = send(browser, text.encode(), f"{kind}.txt", page=settings_page, kind=kind)
        browser.press(page.form("/plan/confirm"))
    session.rollback()
    kinds = session.exec(select(PlanVersion.kind).order_by(PlanVersion.number)).all()
    assert kinds == list(VersionKind)

    base = f"/consultations/{here.slug}"
    newest = client.open(f"{base}/versions")
    assert "送审稿（第3版）与发布稿（第4版）" in newest.text
    whole = client.press(newest.form("/versions").fill(old="1", new="4"))
    assert whole.text_of("main section del") == "1500"
    assert whole.text_of("main section ins") == "2100"
    assert "原文已修改" in whole.text_of("main section .zx-meta")
    read = client.open(whole.one("main section .zx-meta a").get("href"))
    assert read.path == f"{base}/sections/s1"
    for number, (label, count) in enumerate(
        zip(("征求意见稿", "修改稿", "送审稿"), (1500, 1800, 2000), strict=True), start=1
    ):
        old = client.open(f"{base}/sections/s1?version={number}")
        assert label in old.text
        assert f"{count}个" in old.text
    assert "2100个" in client.open(f"{base}/sections/s1").text


def test_a_long_comparison_stands_in_no_writing_transaction(
    session: Session, organisation: Organisation, tmp_path
) -> None:
    """Keys are worked out while reading; when another version came between, once more."""
    path = tmp_path / "plan.txt"
    path.write_text("云桥镇规划\n\n第一章 停车\n新增公共停车泊位1500个。\n", encoding="utf-8")
    parsed = plans.parse_file(path)
    here = make_consultation(session, organisation, plan=parsed, closes=timedelta(days=30))
    keyed, continues = plans.continued(session, here.id or 0, parsed)
    assert continues == 1
    first = plans.store_version(session, here.id or 0, keyed, continues=continues, now=NOW)
    second = plans.store_version(session, here.id or 0, keyed, continues=continues, now=NOW)
    assert (first.number, second.number) == (2, 3)
    assert plans.parsed_plan(second) == plans.parsed_plan(first)
