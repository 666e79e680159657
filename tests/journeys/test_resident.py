"""A resident's way in a real browser: with and without script, phone and desk, both type sizes."""

import re
from pathlib import Path

import pytest
from sqlmodel import col, select

from backend.models import (
    AnchorKind,
    Comment,
    Consultation,
    Disposition,
    Officer,
    Organisation,
    Outcome,
    Screening,
    Stage,
)
from tests.factories import NOW, make_comment, make_officer
from tests.features.publishing import publish
from tests.journeys.conftest import Site, Visit, Visitor

pytestmark = pytest.mark.browser
FORM = "/consultations/qinglan/comment"


@pytest.fixture(scope="module", autouse=True)
def published(site: Site) -> None:
    """One open consultation with opinions, one answered, one to come."""
    with site.open_session() as session:
        consultation = publish(session, publishes_comments=True, legal_basis="《条例》")
        for _ in range(4):
            make_comment(
                session,
                consultation,
                anchor_kind=AnchorKind.PASSAGE,
                anchor_key="p2",
                anchor_section_key="s2",
                masked_text="希望优先安排六层以上、老人多的楼，" * 8,
                screening=Screening.PUBLISHED,
            )
        publish(session, slug="answered", stage=Stage.ANSWERED)
        session.commit()


def _fits(visitor: Visitor) -> None:
    visitor.page.wait_for_load_state()
    assert visitor.wide() <= 0, f"{visitor.page.url} scrolls sideways by {visitor.wide()}"
    assert visitor.complaints == []


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_from_home_to_receipt_and_look_up(
    visit: Visit, javascript: bool, width: int, elder: bool
) -> None:
    visitor = visit(width=width, elder=elder, javascript=javascript)
    page = visitor.page
    page.goto("/")
    _fits(visitor)
    page.locator("#open ~ ul a").first.click()
    _fits(visitor)
    page.get_by_role("link", name="从第一章开始读").click()
    _fits(visitor)
    page.locator("#p2").get_by_role("link", name=re.compile("旁批")).click()
    page.wait_for_selector("textarea[name=text]")
    _fits(visitor)
    page.locator("textarea[name=text]").fill("老人下楼难，请先装我们楼")
    page.get_by_role("button", name="下一步：检查").click()
    page.wait_for_url("**/drafts/*")
    _fits(visitor)
    page.get_by_role("button", name="提交意见").click()
    page.wait_for_url("**/receipts/**")
    _fits(visitor)
    code, digits = (page.locator(".zx-receipt__code").nth(n).inner_text() for n in (0, 1))
    page.get_by_role("link", name="查询回执").first.click()
    page.get_by_label("受理编号").fill(code)
    page.get_by_label("查询码").fill(digits)
    page.get_by_role("button", name="查看回执").click()
    page.wait_for_url("**/receipts/**")
    assert "老人下楼难，请先装我们楼" in page.inner_text("main")
    _fits(visitor)


def test_back_works_and_does_not_send_again(visit: Visit, site: Site) -> None:
    visitor = visit()
    page = visitor.page
    page.goto(FORM)
    page.get_by_label("您的意见", exact=True).fill("只说一次")
    page.get_by_role("button", name="下一步：检查").click()
    page.go_back()
    assert page.get_by_label("您的意见", exact=True).input_value() == "只说一次"
    page.go_forward()
    page.get_by_role("button", name="提交意见").click()
    page.wait_for_url("**/receipts/**")
    receipt = page.url
    page.go_back()
    page.wait_for_url("**/receipts/**")
    assert page.url == receipt


def test_elder_mode_is_chosen_without_script_and_remembered(visit: Visit) -> None:
    page = visit(width=360, javascript=False).page
    page.goto("/help")
    page.get_by_role("button", name="长者版").click()
    assert page.url.endswith("/help")
    assert "elder" in (page.locator("html").get_attribute("class") or "")
    page.goto("/")
    assert "elder" in (page.locator("html").get_attribute("class") or "")
    page.get_by_role("button", name="标准版").click()
    assert "elder" not in (page.locator("html").get_attribute("class") or "")


@pytest.mark.parametrize(
    ("elder", "text", "target", "button"), [(False, 18, 44, 44), (True, 24, 44, 60)]
)
def test_type_and_targets_are_large_enough(
    visit: Visit, elder: bool, text: int, target: int, button: int
) -> None:
    page = visit(width=360, elder=elder).page
    for path in ("/", "/consultations/qinglan", "/consultations/qinglan/sections/s1", FORM):
        page.goto(path)
        measured = page.evaluate(
            """() => ({
              paragraphs: [...document.querySelectorAll("p, main li")]
                .filter(e => e.offsetHeight && !e.closest("main nav"))
                .map(e => parseFloat(getComputedStyle(e).fontSize)),
              spacing: [...document.querySelectorAll("main p")]
                .map(e => getComputedStyle(e).letterSpacing),
              buttons: [...document.querySelectorAll("main .govuk-button")]
                .filter(e => e.offsetHeight).map(e => e.offsetHeight),
              targets: [...document.querySelectorAll(
                "button, input:not([type=hidden],[tabindex]), select, textarea, nav a, summary")]
                .filter(e => e.offsetHeight).map(e => [e.offsetHeight, e.outerHTML.slice(0, 90)]),
            })"""
        )
        assert min(measured["paragraphs"]) >= text, path
        assert set(measured["spacing"]) <= {"normal", "0px"}
        assert all(height >= button for height in measured["buttons"]), path
        small = [words for height, words in measured["targets"] if height < target]
        assert small == [], path


PAGES = [
    "/",
    "/consultations/qinglan",
    "/consultations/qinglan/sections/s1",
    "/consultations/qinglan/indicators",
    "/consultations/qinglan/tasks",
    "/consultations/qinglan/comments",
    "/consultations/qinglan/outcome",
    "/consultations/qinglan/poster",
    "/consultations/qinglan/paper",
    "/consultations/qinglan/versions",
    "/consultations/answered",
    "/consultations/answered/comment",
    FORM,
    f"{FORM}?about=p2&quote=八百台",
    "/receipts",
    "/help",
    "/privacy",
    "/accessibility",
    "/nowhere",
]


@pytest.mark.parametrize(("width", "elder"), [(390, False), (768, True)])
def test_no_page_scrolls_sideways(visit: Visit, width: int, elder: bool) -> None:
    visitor = visit(width=width, elder=elder)
    for path in PAGES:
        visitor.page.goto(path)
        assert visitor.wide() <= 0, path


@pytest.mark.parametrize(("width", "elder"), [(320, False), (360, True), (1280, False)])
def test_no_barriers_on_any_page(visit: Visit, width: int, elder: bool) -> None:
    visitor = visit(width=width, elder=elder)
    for path in PAGES:
        visitor.page.goto(path)
        for summary in visitor.page.locator("main summary").all():
            summary.click()
        assert visitor.barriers() == [], f"{path} at {width}"
        assert visitor.wide() <= 0, f"{path} at {width}"


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
def test_no_barriers_in_errors_long_texts_and_receipts(
    visit: Visit, site: Site, elder: bool
) -> None:
    visitor = visit(width=320, elder=elder)
    page = visitor.page
    page.goto(FORM)
    page.get_by_role("button", name="下一步：检查").click()
    assert page.title().startswith("错误：")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert visitor.barriers() == []
    page.locator(".govuk-error-summary a").click()
    assert page.evaluate("document.activeElement.id") == "text"
    page.get_by_label("您的意见", exact=True).fill("长" * 300 + "a" * 300 + "\n" + "字" * 2000)
    page.get_by_role("button", name="下一步：检查").click()
    page.wait_for_url("**/drafts/*")
    assert visitor.barriers() == []
    assert visitor.wide() <= 0
    page.get_by_role("button", name="提交意见").click()
    page.wait_for_url("**/receipts/**")
    _decide(site)
    page.reload()
    assert visitor.barriers() == []
    assert visitor.wide() <= 0
    page.get_by_role("link", name="撤回这件意见").click()
    assert visitor.barriers() == []
    page.goto("/receipts")
    page.get_by_role("button", name="查看回执").click()
    assert visitor.barriers() == []


def _decide(site: Site) -> None:
    with site.open_session() as session:
        comment = session.exec(select(Comment).order_by(col(Comment.id).desc())).first()
        assert comment is not None
        consultation = session.get_one(Consultation, comment.consultation_id)
        officer = session.exec(select(Officer)).first() or make_officer(
            session, session.get_one(Organisation, consultation.organisation_id)
        )
        assert comment.id is not None
        assert officer.id is not None
        session.add(
            Disposition(
                comment_id=comment.id,
                outcome=Outcome.NOTED,
                reason="已经转给专项规划研究。" * 20,
                decided_by_id=officer.id,
                decided_at=NOW,
            )
        )
        session.commit()


def test_the_keyboard_alone_reaches_the_receipt(visit: Visit) -> None:
    page = visit().page
    page.goto(FORM)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")

    def tab_to(test: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"(e => {test})(document.activeElement)"):
                return
        raise AssertionError(f"no Tab leads to {test}")

    tab_to("e.name === 'text'")
    page.keyboard.type("只用键盘")
    tab_to("e.textContent.includes('下一步')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/drafts/*")
    tab_to("e.textContent === '提交意见'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/receipts/**")


def test_selected_words_lead_to_a_form_about_them(visit: Visit) -> None:
    page = visit().page
    page.goto("/consultations/qinglan/sections/s1")
    page.evaluate(
        """() => {
          const node = document.querySelector("[data-passage=p2]").firstChild;
          const range = document.createRange();
          const at = node.textContent.indexOf("八百台");
          range.setStart(node, at);
          range.setEnd(node, at + 3);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.get_by_role("link", name="对这几个字提意见").click()
    assert "您选中的文字" in page.inner_text("main")
    assert page.locator("[name=quote]").input_value() == "八百台"
    assert page.locator("[name=prefix]").input_value() == "新增加装电梯"


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_lost_at_four_hundred_per_cent_or_in_forced_colours(
    visit: Visit, width: int
) -> None:
    visitor = visit(width=width)
    visitor.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    for path in [*PAGES[:4], FORM]:
        visitor.page.goto(path)
        assert visitor.wide() <= 0
        assert visitor.page.locator("h1").is_visible()


def test_first_view_is_light_and_calls_nobody_else(visit: Visit) -> None:
    visitor = visit()
    sizes: list[int] = []
    session = visitor.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda e: sizes.append(int(e["encodedDataLength"])))
    for path in ("/", "/consultations/qinglan", "/consultations/qinglan/sections/s1"):
        sizes.clear()
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        visitor.page.goto(path, wait_until="networkidle")
        assert 0 < sum(sizes) <= 60_000, (path, sum(sizes))
    assert visitor.complaints == []


def test_pages_print_without_their_chrome(visit: Visit, tmp_path: Path) -> None:
    page = visit().page
    page.goto("/consultations/qinglan/sections/s1")
    page.emulate_media(media="print")
    assert not page.locator(".zx-nav").is_visible()
    assert page.locator("#p2 .zx-passage__text").is_visible()
    assert not page.locator("#p2 .zx-passage__margin a").first.is_visible()
