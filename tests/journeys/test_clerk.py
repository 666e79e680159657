"""A clerk's morning in a real browser: three letters, one of them with three points, and a list."""

import io
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect
from sqlmodel import Session, col, select

from backend import jobs
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Comment, ImportRow, Neighbourhood, PlanVersion, Role, Submission
from backend.plans import service as plans
from tests.features.office import PASSWORD, Office, found
from tests.journeys.conftest import Site, Visit, Visitor

pytestmark = pytest.mark.browser
WISHES = [
    pytest.param({"width": 1280, "javascript": True}, id="wide"),
    pytest.param({"width": 360, "javascript": True}, id="phone"),
    pytest.param({"width": 1280, "javascript": False}, id="wide-no-script"),
    pytest.param({"width": 360, "javascript": False}, id="phone-no-script"),
]


@pytest.fixture(scope="module")
def office(site: Site) -> Office:
    with site.open_session() as session:
        office = found(session, Settings(secret_key="s" * 40), slug="clerk-desk")
        office.hire("hanxm", Role.CLERK)
        home = Neighbourhood(
            organisation_id=office.organisation.id or 0, street="石埠街道", name="灯笼弄居委"
        )
        session.add(home)
        session.flush()
        office.hire("juwei", Role.NEIGHBOURHOOD).neighbourhood_id = home.id
        version = session.get_one(PlanVersion, office.plan_version_id)
        plans.confirm(session, version, None, now=version.created_at)
        session.commit()
        return office


@pytest.fixture
def stored(site: Site) -> Iterator[Session]:
    with site.open_session() as session:
        yield session


def signed_in(visit: Visit, username: str, **wishes: object) -> Visitor:
    person = visit(**wishes)
    person.page.goto("/sign-in")
    person.page.fill("#username", username)
    person.page.fill("#password", PASSWORD)
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/desk")
    return person


def sound(person: Visitor, wishes: dict[str, object]) -> None:
    """Nothing wider than the screen; nothing axe finds; no complaint of the browser."""
    if wishes["javascript"]:
        assert person.wide() <= 0, person.page.url
        assert person.barriers() == [], person.page.url
    # A form that comes back with 422 is what was asked for; the console says it anyway.
    assert [said for said in person.complaints if "422" not in said] == []


def register_and_go_on(person: Visitor, wishes: dict[str, object]) -> None:
    """The key where there is script, the button of the same name where there is none."""
    if wishes["javascript"]:
        person.page.locator("textarea").last.press("Control+Enter")
    else:
        person.page.click("button[data-next]")
    person.page.wait_for_url("**after=*")
    expect(person.page.locator("main")).to_contain_text("已登记，受理编号")


@pytest.mark.parametrize("wishes", WISHES)
def test_three_letters_and_a_list_with_errors(
    visit: Visit, office: Office, site: Site, stored: Session, tmp_path: Path,
    wishes: dict[str, object], request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    name = request.node.callspec.id
    person = signed_in(visit, "hanxm", **wishes)
    page = person.page
    page.goto(f"{office.path}/registry")
    sound(person, wishes)
    page.get_by_role("button", name="登记来件").or_(
        page.get_by_role("link", name="登记来件")
    ).click()
    page.fill("#posted_on", "2026-11-20")
    page.fill("#text-0", f"第一封信，盼公交站有座椅。{name}")
    sound(person, wishes)
    register_and_go_on(person, wishes)

    page.fill("#text-0", f"第二封信，一共三点，先说车位。{name}")
    page.fill("#about-0", "停车")
    for number, text in ((1, "再说巴士。"), (2, "最后谢谢大家。")):
        page.click('button[value="add"]')
        expect(page.locator(f"#text-{number}")).to_be_visible()
        page.fill(f"#text-{number}", f"{text}{name}")
    sound(person, wishes)
    register_and_go_on(person, wishes)

    page.fill("#text-0", "")
    page.click('button[value="save"]')
    expect(page.locator(".govuk-error-summary")).to_contain_text("请录入意见内容")
    sound(person, wishes)
    page.fill("#text-0", f"第三封信。{name}")
    page.click('button[value="save"]')
    page.wait_for_url("**/registry/entries/*")
    expect(page.locator(".zx-receipt")).to_contain_text("1件，1条")
    sound(person, wishes)

    import_list(person, office, site, tmp_path, name, wishes)
    texts = select(Comment.text).where(col(Comment.text).contains(name))
    assert len(stored.exec(texts).all()) == 5 + 2
    sent = select(Submission.id).where(Submission.consultation_id == office.consultation.id)
    assert stored.exec(sent).first() is not None


def import_list(
    person: Visitor, office: Office, site: Site, folder: Path, name: str, wishes: dict[str, object]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["诉求内容", "受理时间", "来电人"],
        [f"清单第一条。{name}", "2026-11-18", "甲"],
        [f"清单第二条。{name}", "2026-11-19", "乙"],
        ["", "2026-11-19", "丙"],
        ["日期不对的一条。", "上星期", "丁"],
    ):
        sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    file = folder / "12345.xlsx"
    file.write_bytes(data.getvalue())
    page = person.page
    page.goto(f"{office.path}/registry/imports")
    sound(person, wishes)
    page.set_input_files("#files", str(file))
    page.get_by_role("button", name="上传").click()
    expect(page.locator("main")).to_contain_text("2行可以登记")
    expect(page.locator("main")).to_contain_text("没有意见内容")
    sound(person, wishes)
    page.click('button[value="import"]')
    page.wait_for_url("**/imports/*")
    sound(person, wishes)
    with site.open_session() as session:
        jobs.run_now("import-lists", Database(session.get_bind()), Settings(secret_key="s" * 40))  # type: ignore[arg-type]
    page.reload()
    expect(page.locator("main")).to_contain_text("有错，未登记：2行")
    expect(page.get_by_role("link", name="下载有错的2行")).to_be_visible()
    sound(person, wishes)


def test_similar_letters_are_shown_while_typing(visit: Visit, office: Office) -> None:
    words = "希望在灯笼弄口装一盏路灯，晚上老人走路看不清台阶。"
    wishes: dict[str, object] = {"width": 1280, "javascript": True}
    person = signed_in(visit, "hanxm", **wishes)
    person.page.goto(f"{office.path}/registry/entry")
    person.page.fill("#text-0", words)
    register_and_go_on(person, wishes)
    person.page.locator("#text-0").press_sequentially(words)
    expect(person.page.locator("#similar-0")).to_contain_text("几乎相同", timeout=15_000)
    sound(person, wishes)


@pytest.mark.parametrize("wishes", WISHES[1:3])
def test_staff_of_a_neighbourhood_write_for_a_resident(
    visit: Visit, office: Office, wishes: dict[str, object]
) -> None:
    person = signed_in(visit, "juwei", **wishes)
    page = person.page
    page.goto(f"{office.path}/proxy/entry")
    page.fill("#text-0", "楼梯太陡，想装扶手。")
    page.fill("#given_by", "本人")
    page.select_option("#way", "in_person")
    page.click('button[value="save"]')
    expect(page.locator(".govuk-error-summary")).to_contain_text("对方同意后勾选")
    sound(person, wishes)
    page.check("#consents")
    page.click('button[value="save"]')
    page.wait_for_url("**/proxy/entries/*")
    expect(page.locator("main")).to_contain_text("当面口头")
    sound(person, wishes)


def test_rows_of_a_list_belong_to_it(office: Office, stored: Session) -> None:
    """What the journeys above left behind: every imported row leads to its sending."""
    rows = stored.exec(select(ImportRow).where(ImportRow.result == "imported")).all()
    assert all(row.submission_id is not None for row in rows)
