"""The pages of those who run an office, for everybody: no barrier, no sideways scroll."""

from datetime import timedelta

import pytest

from backend.briefs import service
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import AliasProposal, Neighbourhood, ReplyTemplate, Role, SensitiveWord
from tests.features.office import MONDAY, PASSWORD, Office, found
from tests.journeys.conftest import Site, Visit

pytestmark = pytest.mark.browser
WEDNESDAY = timedelta(days=2)


@pytest.fixture(scope="module", autouse=True)
def office(site: Site) -> Office:
    """An office with something in every list, and a brief."""
    settings = Settings(secret_key="s" * 40)
    with site.open_session() as session:
        office = found(session, settings, slug="qinglan-manage")
        office.hire("gu", *(role for role in Role if role is not Role.DEPARTMENT))
        head = office.hire("jia", Role.DEPARTMENT, department="交通局")
        head.is_head = True
        owner = office.organisation.id or 0
        comment = office.receive("煤气泄漏的味道很大。", received_at=MONDAY + WEDNESDAY)
        office.read(comment, "t1")
        session.add_all(
            [
                Neighbourhood(organisation_id=owner, street="石埠街道", name="锦绣居委"),
                ReplyTemplate(organisation_id=owner, name="感谢", outcome="adopted", text="谢谢。"),
                SensitiveWord(
                    organisation_id=owner, word="上访", category="collective", created_at=MONDAY
                ),
                AliasProposal(
                    organisation_id=owner, consultation_id=office.consultation.id, alias="小巴",
                    target_kind="task", target_key="t1", target_name="新增社区巴士", count=3,
                    comment_ids=[comment.id or 0], created_at=MONDAY,
                ),
            ]
        )  # fmt: skip
        session.commit()
        database = Database(session.get_bind())  # type: ignore[arg-type]
        later = MONDAY + WEDNESDAY + timedelta(hours=1)
        assert service.write_due(database, settings, now=later) == 1
        return office


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("elder", [False, True])
def test_every_page_of_an_office_is_open_to_everybody(
    visit: Visit, office: Office, width: int, elder: bool
) -> None:
    person = visit(width=width, elder=elder)
    page = person.page
    page.goto("/sign-in")
    page.fill("#username", "gu")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    number = office.officers["jia"].id
    for path in (
        "/desk/manage",
        "/desk/manage/organisation",
        "/desk/manage/departments",
        "/desk/manage/places",
        "/desk/manage/templates",
        "/desk/manage/templates/1",
        "/desk/manage/words",
        "/desk/manage/aliases",
        "/desk/officers",
        f"/desk/officers/{number}",
        "/desk/system",
        "/desk/audit",
        "/account",
        f"{office.path}/briefs",
        f"{office.path}/briefs/2026-11-18/1",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
        assert person.barriers() == [], path
        assert person.wide() <= 0, path
    page.goto("/desk/manage/places")
    page.fill("#text", "石埠街道,河口居委\n,没有街道")
    page.get_by_role("button", name="预览").click()
    assert person.barriers() == []
    assert person.wide() <= 0
    assert person.complaints == []


def test_a_place_is_imported_without_script(visit: Visit, office: Office) -> None:
    person = visit(javascript=False)
    page = person.page
    page.goto("/sign-in")
    page.fill("#username", "gu")
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/desk/manage/places")
    page.fill("#text", "白鹭镇,河口村")
    page.get_by_role("button", name="预览").click()
    page.get_by_role("button", name="导入新增的 1 个").click()
    assert "白鹭镇" in page.content()
