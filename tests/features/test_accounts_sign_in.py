"""Signing in: who gets in, what is said to the others, and what a session is worth."""

import pytest
from sqlmodel import Session, select

from backend.accounts import totp
from backend.kit.settings import Settings
from backend.models import AuditEntry, Officer, OfficerSession, Role
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import PASSWORD, Office
from tests.page import ORIGIN, Browser


def test_an_officer_signs_in_and_out(office: Office, client: Browser, session: Session) -> None:
    page = client.open("/desk")
    assert page.path == "/sign-in"
    assert page.form("/sign-in").values["next"] == "/desk"
    page = client.press(page.form("/sign-in").fill(username=" Shen ", password=PASSWORD))
    assert page.path == "/desk"
    assert "青石街区更新规划征求意见" in page.text
    page = client.press(page.form("/sign-out"))
    assert page.path == "/sign-in"
    assert client.open("/desk").path == "/sign-in"
    actions = session.exec(select(AuditEntry.action).order_by(AuditEntry.number)).all()
    assert actions[-2:] == ["officer.sign_in", "officer.sign_out"]


def test_a_wrong_name_and_a_wrong_password_read_the_same(office: Office, client: Browser) -> None:
    answers = []
    for username, password in (("shen", "错的 密码 在 这里"), ("nobody", PASSWORD)):
        page = client.open("/sign-in")
        form = page.form("/sign-in").fill(username=username, password=password)
        page = client.press(form, status=422)
        assert page.title.startswith("错误：")
        assert page.form("/sign-in").values["username"] == username
        assert not page.form("/sign-in").values["password"]
        answers.append(page.text_of(".govuk-error-summary"))
    assert answers[0] == answers[1]


def test_many_tries_are_slowed_down_and_time_heals(
    office: Office, client: Browser, clock: Clock
) -> None:
    form = client.open("/sign-in").form("/sign-in").fill(username="shen", password="错" * 12)
    for _ in range(10):
        client.press(form, status=422)
    assert "秒后再试" in client.press(form, status=429).text
    clock.advance(seconds=30)
    assert client.press(form.fill(password=PASSWORD)).path == "/desk"


def test_demo_officers_are_refused_outside_the_demo(
    office: Office, session: Session, client: Browser, settings: Settings
) -> None:
    office.hire("xianshi", Role.OFFICER, is_demo=True)
    session.commit()
    form = client.open("/sign-in").form("/sign-in").fill(username="xianshi", password=PASSWORD)
    client.press(form, status=422)
    settings.demo = True
    assert client.press(form).path == "/desk"
    settings.demo = False
    assert client.open("/desk").path == "/sign-in", "a session does not outlive demo mode"


def test_plain_http_is_refused_away_from_this_machine(
    office: Office, client: Browser, settings: Settings
) -> None:
    settings.allow_plain_http = False
    form = client.open("/sign-in").form("/sign-in").fill(username="shen", password=PASSWORD)
    assert "https" in client.press(form, status=422).text


@pytest.mark.parametrize(("minutes", "step"), [(31, 31), (8 * 60, 20)])
def test_sessions_end_when_idle_and_after_a_working_day(
    office: Office, sign_in: SignIn, clock: Clock, minutes: int, step: int
) -> None:
    browser = sign_in("shen")
    spent = 0
    while spent + step < minutes:
        clock.advance(minutes=step)
        spent += step
        assert browser.open("/desk").path == "/desk"
    clock.advance(minutes=minutes - spent)
    assert browser.open("/desk").path == "/sign-in"


def test_the_token_is_stored_only_as_a_hash_and_renewed_at_sign_in(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    first, second = sign_in("shen"), sign_in("shen")
    tokens = {first.cookies["officer"], second.cookies["officer"]}
    assert len(tokens) == 2
    assert not tokens & set(session.exec(select(OfficerSession.token_hash)).all())


def test_the_cookie_is_bound_to_the_host_over_https(office: Office, app: object) -> None:
    with Browser(app) as browser:  # type: ignore[arg-type]
        browser.base_url = "https://testserver"  # type: ignore[assignment]
        answer = browser.post(
            "/sign-in", data={"username": "shen", "password": PASSWORD}, follow_redirects=False
        )
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-officer=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_after_signing_in_one_stays_on_this_site(office: Office, client: Browser) -> None:
    page = client.open("/sign-in?next=//evil.example/")
    page = client.press(page.form("/sign-in").fill(username="shen", password=PASSWORD), status=200)
    assert str(page.url).startswith(ORIGIN)


def test_a_form_without_the_session_token_is_refused(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    browser, other = sign_in("shen"), sign_in("shen")
    foreign = other.open("/account").form("/account/shortcuts").values["csrf_token"]
    for token in ("", "x" * 64, foreign):
        form = browser.open("/account").form("/account/shortcuts")
        form.values["csrf_token"] = token
        browser.press(form, status=403)
    assert session.exec(select(Officer.shortcuts_on)).one() is True


def test_one_sees_and_ends_ones_own_sessions(office: Office, sign_in: SignIn) -> None:
    office.hire("lu", Role.OFFICER)
    office.session.commit()
    mine, elsewhere, colleague = sign_in("shen"), sign_in("shen"), sign_in("lu")
    page = mine.open("/account")
    ends = [f for f in page.all("form") if f.get("action", "").endswith("/end")]
    assert len(ends) == 1, "the current session is listed without a button"
    action = ends[0].get("action")
    form = colleague.open("/account").form("/account/shortcuts")
    form.action = action
    colleague.press(form, status=404)
    assert elsewhere.open("/desk").path == "/desk"
    mine.press(page.form(action))
    assert elsewhere.open("/desk").path == "/sign-in"


def test_a_new_password_ends_the_other_sessions(office: Office, sign_in: SignIn) -> None:
    here, elsewhere = sign_in("shen"), sign_in("shen")
    new = "河岸 灯火 与 2027"
    form = here.open("/account").form("/account/password")
    page = here.press(form.fill(current="不对的密码 123", new="short", again="x"), status=422)
    assert page.title.startswith("错误：")
    assert len(page.all(".govuk-error-summary a")) == 2
    form = page.form("/account/password").fill(current=PASSWORD, new=new, again=new)
    here.press(form)
    assert here.open("/desk").path == "/desk"
    assert elsewhere.open("/desk").path == "/sign-in"
    assert sign_in("shen", new).open("/desk").path == "/desk"


def test_two_steps_with_an_authenticator_or_a_recovery_code(
    office: Office, sign_in: SignIn, client: Browser, clock: Clock
) -> None:
    browser = sign_in("shen")
    page = browser.press(browser.open("/account").form("/account/second-factor"))
    secret = page.text_of("main code").replace(" ", "")
    page = browser.press(page.form("/confirm").fill(code="000000"), status=422)
    code = totp.code_at(secret, totp.step_at(clock.now))
    page = browser.press(page.form("/confirm").fill(code=code))
    recovery = [element.text_content() for element in page.all(".desk-codes code")]
    assert len(set(recovery)) == totp.RECOVERY_CODE_COUNT

    def second_step(answer: str, status: int = 200) -> str:
        form = client.open("/sign-in").form("/sign-in").fill(username="shen", password=PASSWORD)
        step = client.press(form)
        assert client.open("/desk").path == "/sign-in", "a password alone opens nothing"
        arrived = client.press(step.form("/second-factor").fill(code=answer), status=status)
        client.cookies.clear()
        return arrived.path

    assert second_step(code, status=422) == "/sign-in/second-factor", "no code counts twice"
    clock.advance(minutes=1)
    assert second_step(totp.code_at(secret, totp.step_at(clock.now))) == "/desk"
    assert second_step(recovery[0].upper()) == "/desk"
    assert second_step(recovery[0], status=422) == "/sign-in/second-factor"


def test_the_first_administrator_needs_the_code_from_the_console(
    client: Browser, settings: Settings, session: Session
) -> None:
    from backend.accounts.service import setup_code

    page = client.open("/sign-in")
    assert page.path == "/setup"
    answers = {
        "organisation": "临水区政府", "username": "guanli", "display_name": "管理员",
        "password": "一把 铜钥匙 和 三扇 旧木门",
    }  # fmt: skip
    page = client.press(page.form("/setup").fill(code="guess", **answers), status=422)
    form = page.form("/setup").fill(**answers | {"code": setup_code(settings)})
    assert client.press(form).path == "/sign-in"
    assert session.exec(select(Officer.username)).all() == ["guanli"]
    assert client.open("/setup").path == "/sign-in", "the door closes behind the first"


def test_the_graded_policy_locks_after_five_and_tells_nobody_who_is_here(
    office: Office, client: Browser, clock: Clock, settings: Settings, sign_in: SignIn
) -> None:
    settings.password_policy = "dengbao"
    office.hire("gu", Role.ADMINISTRATOR)
    office.session.commit()
    said = []
    for username in ("shen", "nobody"):
        form = client.open("/sign-in").form("/sign-in").fill(username=username, password="错" * 12)
        for _ in range(5):
            client.press(form, status=422)
        page = client.press(form.fill(password=PASSWORD), status=429)
        said.append(page.text_of(".govuk-error-summary"))
    assert said[0] == said[1]
    assert "已锁定" in said[0]
    admin = sign_in("gu")
    address = f"/desk/officers/{office.officers['shen'].id}"
    admin.press(admin.open(address).form("/unlock"))
    form = client.open("/sign-in").form("/sign-in").fill(username="shen", password=PASSWORD)
    assert client.press(form).path == "/desk"
    actions = office.session.exec(select(AuditEntry.action)).all()
    assert actions.count("officer.locked") == 1


def test_a_lock_ends_by_itself_and_success_forgets_failures(
    office: Office, client: Browser, clock: Clock, settings: Settings
) -> None:
    settings.password_policy = "dengbao"

    def attempt(password: str, status: int = 200) -> None:
        form = client.open("/sign-in").form("/sign-in").fill(username="shen", password=password)
        client.press(form, status=status)
        client.cookies.clear()

    for _ in range(2):
        for _ in range(4):
            attempt("错" * 12, 422)
        clock.advance(minutes=2)
        attempt(PASSWORD)
    for _ in range(5):
        attempt("错" * 12, 422)
    clock.advance(minutes=29)
    attempt(PASSWORD, 429)
    clock.advance(minutes=2)
    attempt(PASSWORD)


def test_the_graded_policy_asks_for_a_new_password_every_ninety_days(
    office: Office, clock: Clock, settings: Settings, sign_in: SignIn
) -> None:
    settings.password_policy = "dengbao"
    clock.advance(days=80)
    browser = sign_in("shen")
    assert browser.open("/desk").path == "/desk"
    clock.advance(days=10)
    browser = sign_in("shen")
    page = browser.open(office.path)
    assert page.path == "/account"
    form = page.form("/account/password").fill(current=PASSWORD, new=PASSWORD, again=PASSWORD)
    assert "一样" in browser.press(form, status=422).text
    new = "Xinde 钥匙 与 旧门 88"
    browser.press(form.fill(new=new, again=new))
    assert browser.open("/desk").path == "/desk"


def test_an_officer_leaves_all_other_places_at_once(office: Office, sign_in: SignIn) -> None:
    here, there, elsewhere = (sign_in("shen") for _ in range(3))
    page = here.open("/account")
    here.press(page.form("/end-others"))
    assert there.open("/desk").path == elsewhere.open("/desk").path == "/sign-in"
    assert here.open("/desk").path == "/desk"
