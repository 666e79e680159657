"""Administrators make officers, give roles and let people go; never across organisations."""

from sqlmodel import Session, select

from backend.kit.settings import Settings
from backend.models import Officer, Role, RoleGrant
from tests.features.conftest import SignIn
from tests.features.office import Office, found


def test_an_administrator_makes_an_officer_who_can_work(office: Office, sign_in: SignIn) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    office.session.commit()
    browser = sign_in("gu")
    form = browser.open("/desk/officers").form("/desk/officers")
    page = browser.press(
        form.fill(username="xin", display_name="新同志", password="短"), status=422
    )
    assert page.form("/desk/officers").values["username"] == "xin"
    password = "三月 的 风筝 线轴 与 河"
    form = page.form("/desk/officers").fill(password=password)
    form.values["roles"] = ["officer"]
    form.values["department_id"] = str(office.departments["交通局"].id)
    browser.press(form)
    assert sign_in("xin", password).open("/desk").path == "/desk"


def test_roles_are_changed_and_accounts_end(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    gu = office.hire("gu", Role.ADMINISTRATOR)
    session.commit()
    worker, browser = sign_in("shen"), sign_in("gu")
    shen = office.officers["shen"]
    form = browser.open("/desk/officers").form(f"/{shen.id}/roles")
    form.values["roles"] = ["auditor"]
    browser.press(form)
    worker.open(office.path, status=403)
    browser.press(browser.open("/desk/officers").form(f"/{shen.id}/deactivate"))
    assert worker.open("/desk").path == "/sign-in"
    page = browser.open("/desk/officers")
    form = page.form(f"/{gu.id}/roles")
    form.values["roles"] = ["officer"]
    browser.press(form, status=422)
    session.expire_all()
    roles = session.exec(select(RoleGrant.role).where(RoleGrant.officer_id == gu.id)).all()
    assert roles == [Role.ADMINISTRATOR], "nobody locks themselves out"


def test_officers_of_another_organisation_do_not_exist(
    office: Office, sign_in: SignIn, session: Session, settings: Settings
) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    elsewhere = found(session, settings, slug="elsewhere")
    stranger = elsewhere.hire("stranger", Role.OFFICER)
    session.commit()
    browser = sign_in("gu")
    page = browser.open("/desk/officers")
    assert "stranger" not in page.text
    form = page.form(f"/{office.officers['shen'].id}/deactivate")
    form.action = f"/desk/officers/{stranger.id}/deactivate"
    browser.press(form, status=404)
    session.expire_all()
    assert session.get_one(Officer, stranger.id).deactivated_at is None
