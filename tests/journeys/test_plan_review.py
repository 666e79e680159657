"""An official reviews a plan in a real browser: by keys alone, without script, on a tablet."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from analysis.contracts import PlanWarning
from backend.models import Consultation, Role
from backend.plans import queries
from tests.factories import (
    PASSWORD,
    make_consultation,
    make_officer,
    make_organisation,
    make_version,
    sample_plan,
)
from tests.journeys.conftest import Site, Visit, Visitor

pytestmark = pytest.mark.browser
WARNINGS = (PlanWarning("redaction", "有 1 处数值被遮盖", "1500个", "p3"),)


@pytest.fixture(scope="module", autouse=True)
def here(site: Site) -> Consultation:
    """A published plan whose second version waits for its review, and an officer."""
    with site.open_session() as session:
        organisation = make_organisation(session)
        make_officer(session, organisation, username="luming", roles=(Role.DRAFTING_OFFICE,))
        consultation = make_consultation(session, organisation)
        make_version(session, consultation, replace(sample_plan(), warnings=WARNINGS))
        session.commit()
        return consultation


@pytest.fixture
def path(here: Consultation) -> str:
    return f"/desk/consultations/{here.slug}/plan"


def signed_in(visit: Visit, **wishes: object) -> Visitor:
    person = visit(**wishes)
    person.page.goto("/sign-in")
    person.page.fill("#username", "luming")
    person.page.fill("#password", PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/desk")
    return person


def outline(site: Site, here: Consultation) -> list[tuple[int, str | None, str]]:
    with site.open_session() as session:
        version = queries.latest_version(session, here.id or 0)
        assert version is not None
        rows = queries.sections(session, version.id or 0)
        return [(row.level, row.label, row.title) for row in rows]


def test_the_outline_is_corrected_by_keys_alone(
    visit: Visit, site: Site, here: Consultation, path: str
) -> None:
    """Promote, demote, rename, split, make a heading, merge, not a heading: no mouse."""
    person = signed_in(visit)
    page, keys = person.page, person.page.keyboard
    page.goto(path)
    before = outline(site, here)

    for _ in range(3):
        keys.press("j")
    expect(page.locator("#s3")).to_be_focused()
    with page.expect_navigation():
        keys.press("ArrowLeft")
    expect(page.locator("#s3")).to_be_focused()
    assert outline(site, here)[2][0] == 1
    with page.expect_navigation():
        keys.press("ArrowRight")
    expect(page.locator("#s3")).to_be_focused()
    assert outline(site, here) == before

    keys.press("k")
    keys.press("r")
    expect(page.locator("#s2-title")).to_be_focused()
    keys.type("改好旧住房")
    with page.expect_navigation():
        keys.press("Enter")
    assert outline(site, here)[1][2] == "改好旧住房"

    keys.press("ArrowDown")
    expect(page.locator("#p1")).to_be_focused()
    with page.expect_navigation():
        keys.press("s")
    page.focus("#text")
    keys.press("Control+Home")
    for _ in range(len("推进老旧小区改造。")):
        keys.press("ArrowRight")
    keys.press("Enter")
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    with page.expect_navigation():
        keys.press("Enter")
    opened = outline(site, here)
    assert [title for _, _, title in opened][2] == "推进老旧小区改造。"

    key = page.locator(".review-section", has_text="推进老旧小区改造。").last
    key.focus()
    with page.expect_navigation():
        keys.press("x")
    assert len(outline(site, here)) == len(before)

    # What had been cut off is one paragraph again, joined to the one it came from.
    joined = page.locator(".review-passage", has_text="到2030年，完成老旧小区改造").last
    joined.focus()
    with page.expect_navigation():
        keys.press("m")
    expect(page.locator(".review-outline")).to_contain_text("推进老旧小区改造。到2030年")

    page.locator("#s2").focus()
    with page.expect_navigation():
        keys.press("m")
    assert outline(site, here)[0][2] == "改善居住条件一、改好旧住房"
    assert person.complaints == []


def test_a_warning_and_its_place_lead_to_each_other(visit: Visit, path: str) -> None:
    person = signed_in(visit)
    page = person.page
    page.goto(path)
    page.keyboard.press("w")
    expect(page.locator("#p3")).to_be_focused()
    page.locator('#p3 a[href="#w0"]').press("Enter")
    expect(page.locator("#w0")).to_be_focused()
    page.locator('#w0 a[href="#p3"]').press("Enter")
    expect(page.locator("#p3")).to_be_focused()


def test_the_table_is_walked_like_a_spreadsheet(visit: Visit, path: str) -> None:
    person = signed_in(visit)
    page = person.page
    page.goto(f"{path}/indicators")
    page.focus("#target-i1")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#target-i2")).to_be_focused()
    page.keyboard.type("1600")
    page.keyboard.press("Enter")
    expect(page.locator(".zx-banner--jade")).to_contain_text("指标已经保存")
    assert page.input_value("#target-i2") == "1600"


def test_a_paragraph_is_cut_without_script(visit: Visit, path: str) -> None:
    person = signed_in(visit, javascript=False)
    page = person.page
    page.goto(path)
    page.locator("#p4").get_by_role("link").click()
    page.fill("#text", page.input_value("#text").replace("，", "，\n", 1))
    page.get_by_role("button", name="分开", exact=True).click()
    expect(page.locator("#p4 p")).to_have_text("新建社区食堂12个，")


@pytest.mark.parametrize(
    ("width", "elder"), [(360, False), (360, True), (768, False), (1024, False), (1280, True)]
)
def test_every_page_of_the_review_is_open_to_everybody(
    visit: Visit, here: Consultation, path: str, width: int, elder: bool
) -> None:
    person = signed_in(visit, width=width, elder=elder)
    base = f"/consultations/{here.slug}"
    for address in (
        path,
        f"{path}/passages/p3",
        f"{path}/indicators",
        f"{path}/tasks",
        "/desk/consultations/new",
        f"{base}/indicators",
        f"{base}/indicators/i1",
        f"{base}/tasks",
        f"{base}/tasks/t1",
        f"{base}/search?q=停车",
        f"{base}/sections/s1?version=1",
    ):
        person.page.goto(address)
        assert person.barriers() == [], address
        assert person.wide() <= 0, address
    assert person.complaints == []
