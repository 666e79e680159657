"""Administrators make officers, give roles and let people go; never across organisations."""

from sqlmodel import Session, col, select

from backend.kit.settings import Settings
from backend.models import Consultation, Officer, Role, RoleGrant, Stage
from tests.features.conftest import SignIn
from tests.features.office import MONDAY, Office, found


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
    assert "账号已新建" in browser.press(form).text
    newcomer = sign_in("xin", password)
    page = newcomer.open("/desk")
    assert page.path == "/account", "a password somebody else chose is changed first"
    own = "八月 的 石榴 台阶 与 猫"
    form = page.form("/account/password").fill(current=password, new=own, again=own)
    newcomer.press(form)
    assert newcomer.open("/desk").path == "/desk"


def test_roles_are_changed_and_accounts_end(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    gu = office.hire("gu", Role.ADMINISTRATOR)
    session.commit()
    worker, browser = sign_in("shen"), sign_in("gu")
    shen = office.officers["shen"]
    form = browser.open(f"/desk/officers/{shen.id}").form(f"/{shen.id}/roles")
    form.values["roles"] = ["auditor"]
    browser.press(form)
    worker.open(office.path, status=403)
    browser.press(browser.open(f"/desk/officers/{shen.id}").form(f"/{shen.id}/deactivate"))
    assert worker.open("/desk").path == "/sign-in"
    page = browser.open(f"/desk/officers/{gu.id}")
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
    browser.open(f"/desk/officers/{stranger.id}", status=404)
    shen = office.officers["shen"].id
    for verb in ("deactivate", "roles", "details", "password", "unlock", "grants"):
        form = browser.open(f"/desk/officers/{shen}").form(f"/{shen}/{verb}")
        form.action = f"/desk/officers/{stranger.id}/{verb}"
        browser.press(form, status=404)
    session.expire_all()
    assert session.get_one(Officer, stranger.id).deactivated_at is None


def test_a_role_on_one_consultation_opens_that_one_only(
    office: Office, sign_in: SignIn, session: Session, settings: Settings
) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    lin = office.hire("lin", Role.AUDITOR)
    other = Consultation(
        organisation_id=office.organisation.id or 0, slug="other", title="另一个征询",
        stage=Stage.ANNOUNCED, created_at=MONDAY,
    )  # fmt: skip
    session.add(other)
    session.commit()
    admin, worker = sign_in("gu"), sign_in("lin")
    worker.open(office.path, status=403)
    address = f"/desk/officers/{lin.id}"
    form = admin.open(address).form("/grants")
    form.fill(role="officer", consultation_id=str(office.consultation.id))
    page = admin.press(form)
    assert "青石街区更新规划征求意见" in page.text
    assert "已经有这项角色" in admin.press(form, status=422).text
    worker.open(office.path)
    worker.open("/desk/consultations/other", status=403)
    assert "lin" in admin.open(f"/desk/officers?consultation={office.consultation.id}").text
    assert "lin" not in admin.open(f"/desk/officers?role=officer&consultation={other.id}").text
    form = admin.open(address).form("/grants").fill(consultation_id=str(other.id))
    form.values["role"] = "administrator"
    admin.press(form, status=422)
    page = admin.open(address)
    admin.press(page.form(page.one("form[action$='/remove']").get("action")))
    worker.open(office.path, status=403)


def test_a_department_has_one_head(office: Office, sign_in: SignIn, session: Session) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    first = office.hire("jia", Role.DEPARTMENT, department="交通局")
    second = office.hire("yi", Role.DEPARTMENT, department="交通局")
    session.commit()
    admin = sign_in("gu")
    for person in (first, second):
        form = admin.open(f"/desk/officers/{person.id}").form("/details").fill(is_head="true")
        admin.press(form)
    form = admin.open(f"/desk/officers/{second.id}").form("/details")
    assert "邮箱地址不完整" in admin.press(form.fill(email="yi@"), status=422).text
    session.expire_all()
    heads = session.exec(select(Officer.username).where(col(Officer.is_head))).all()
    assert heads == ["yi"]


def test_a_forgotten_password_is_set_anew(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gu", Role.ADMINISTRATOR)
    session.commit()
    admin, worker = sign_in("gu"), sign_in("shen")
    address = f"/desk/officers/{office.officers['shen'].id}"
    form = admin.open(address).form("/password")
    admin.press(form.fill(password="password1234"), status=422)
    fresh = "落叶 与 老城 根 的 钟"
    assert "密码已重设" in admin.press(form.fill(password=fresh)).text
    assert worker.open("/desk").path == "/sign-in"
    assert sign_in("shen", fresh).open(office.path).path == "/account"
