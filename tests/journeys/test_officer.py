"""An official's day in a real browser: by keys alone, without script, on a phone."""

import time

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, col, select

from backend.models import Comment, Disposition, Handling, OfficerSession, ReviewLink, Role
from tests.features.office import PASSWORD, Office, found
from tests.journeys.conftest import Site, Visit, Visitor

pytestmark = pytest.mark.browser
COUNT = 40
OPINIONS = (
    "社区巴士三条不够，梧桐弄的老人走到站台要二十分钟。",
    "停车位五百个，分到各小区一家还摊不到一个。",
    "支持站亭改造，雨天有地方坐了。",
    "请问社区巴士什么时候开通，票价多少？",
    "家里漏水报修三个月没有人来。",
)


@pytest.fixture(scope="module", autouse=True)
def office(site: Site) -> Office:
    """Forty comments of five kinds, read by the machine, and two officers."""
    from backend.kit.settings import Settings

    with site.open_session() as session:
        office = found(session, Settings(secret_key="s" * 40), slug="qinglan-desk")
        office.hire("shen", Role.OFFICER)
        office.hire("gu", Role.OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)
        for number in range(COUNT):
            words = f"{OPINIONS[number % 5]}（{number}）"
            items = (("t1", "i1"), ("i2",), ("t2",), ("t1",), ())[number % 5]
            office.read(office.receive(words, street="石埠街道"), *items)
        session.commit()
        return office


def signed_in(visit: Visit, office: Office, username: str = "shen", **wishes: object) -> Visitor:
    person = visit(**wishes)
    person.page.goto("/sign-in")
    person.page.fill("#username", username)
    person.page.fill("#password", PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/desk")
    return person


def number_of(person: Visitor) -> int:
    return int(person.page.locator("#reading").get_attribute("data-comment") or 0)


def turned(person: Visitor, before: int) -> None:
    person.page.wait_for_function(
        "before => document.querySelector('#reading')?.dataset.comment !== String(before)",
        arg=before,
    )


def test_forty_comments_by_keys_alone(visit: Visit, office: Office, site: Site) -> None:
    """Confirm, correct, decide: no mouse; the rate is printed."""
    person = signed_in(visit, office)
    person.page.goto(f"{office.path}?sort=oldest")
    keys = person.page.keyboard
    keys.press("j")
    expect(person.page.locator(".desk-row.is-selected")).to_have_count(1)
    keys.press("Enter")
    person.page.wait_for_selector("#reading")
    begin = time.monotonic()
    for number in range(COUNT - 1):
        before = number_of(person)
        if number % 5 == 0:  # correct a tag: three keys
            keys.press("t")
            keys.press("2")
            keys.press("s")
            expect(person.page.locator("#reading-title")).to_have_text("已核定")
        keys.press("3" if number % 2 else "5")
        expect(person.page.locator("#reason")).to_be_focused()
        keys.type("已研究。")
        for _ in range(8):
            keys.press("Tab")
            if person.page.evaluate("document.activeElement.textContent.includes('保存结论')"):
                break
        keys.press("Enter")
        turned(person, before)
    minutes = (time.monotonic() - begin) / 60
    print(f"\n{COUNT - 1} decisions by keyboard: {(COUNT - 1) / minutes:.0f} a minute")
    assert person.complaints == []
    with site.open_session() as session:
        assert len(session.exec(select(Disposition)).all()) == COUNT - 1
        corrected = session.exec(select(ReviewLink.item_key)).all()
        assert "i1" not in corrected
        assert "t1" in corrected
        _reopen(session)


def _reopen(session: Session) -> None:
    for row in session.exec(select(Disposition).where(col(Disposition.superseded_at).is_(None))):
        row.superseded_at = row.decided_at
        session.add(row)
    for comment in session.exec(select(Comment)):
        comment.handling = Handling.NEW
        session.add(comment)
    session.commit()


def test_keys_rest_in_fields_with_modifiers_and_while_composing(
    visit: Visit, office: Office
) -> None:
    person = signed_in(visit, office)
    person.page.goto(office.path)
    person.page.locator(".desk-row a").first.click()
    page, here = person.page, number_of(person)
    page.fill("#reason", "")
    page.focus("#reason")
    page.keyboard.type("jk3y?")
    assert page.input_value("#reason") == "jk3y?"
    page.keyboard.press("Escape")
    page.keyboard.press("Control+j")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'j', bubbles: true, isComposing: true}))"
    )
    assert number_of(person) == here
    assert page.locator("[name=outcome]:checked").count() == 0
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    page.fill("#reason", "")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    turned(person, here)


def test_keys_can_be_switched_off(visit: Visit, office: Office, site: Site) -> None:
    person = signed_in(visit, office)
    person.page.goto("/account")
    person.page.get_by_role("button", name="关闭快捷键").click()
    person.page.goto(office.path)
    person.page.keyboard.press("?")
    assert not person.page.locator("#shortcuts").is_visible()
    person.page.goto("/account")
    person.page.get_by_role("button", name="打开快捷键").click()


def test_the_whole_way_without_script(visit: Visit, office: Office, site: Site) -> None:
    person = signed_in(visit, office, javascript=False)
    page = person.page
    page.goto(office.path)
    page.get_by_role("link", name=OPINIONS[1]).first.click()
    page.locator(".desk-outcomes label", has_text="未采纳").click()
    page.get_by_role("button", name="保存结论").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("请写明理由")
    page.fill("#reason", "车位随小区改造逐步增加。")
    page.get_by_role("button", name="保存结论").click()
    expect(page.locator(".zx-banner--jade")).to_contain_text("办理结论已保存")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("elder", [False, True])
def test_every_page_of_the_desk_is_open_to_everybody(
    visit: Visit, office: Office, site: Site, width: int, elder: bool
) -> None:
    person = signed_in(visit, office, "gu", width=width, elder=elder)
    with site.open_session() as session:
        key = session.exec(select(Comment.id)).first()
    for path in (
        "/desk",
        office.path,
        f"{office.path}?q=密码:1 公交",
        f"{office.path}/comments/{key}",
        f"{office.path}/bulk?everything=true",
        f"{office.path}/workload",
        f"{office.path}/sheet",
        "/desk/notifications",
        "/desk/leave",
        "/desk/officers",
        "/desk/audit",
        "/account",
    ):
        person.page.goto(path)
        assert person.barriers() == [], path
        assert person.wide() <= 0, path
    assert person.complaints == []


def test_a_session_that_ended_keeps_what_was_typed(
    visit: Visit, office: Office, site: Site
) -> None:
    person = signed_in(visit, office)
    person.page.goto(office.path)
    person.page.locator(".desk-row a").first.click()
    person.page.fill("#reason", "写了很久的一段理由。")
    with site.open_session() as session:
        for row in session.exec(select(OfficerSession).where(col(OfficerSession.ended_at) == None)):  # noqa: E711
            row.ended_at = site.clock.now
            session.add(row)
        session.commit()
    person.page.get_by_role("button", name="保存结论").click()
    expect(person.page.locator("#typed-text")).to_have_text("写了很久的一段理由。")
