"""From an uploaded file to a published notice, on the officials' pages."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from backend.kit.clock import last_day_before
from backend.models import AuditEntry, Consultation, NoticeRevision, Role, Stage
from tests.conftest import Clock
from tests.factories import PASSWORD, make_officer, make_organisation
from tests.page import Browser, Page

PLAN = """云桥镇国民经济和社会发展第十五个五年规划（征求意见稿）

第一章 改善居住条件

第一节 加快旧住房改造

推进老旧小区改造。到2030年，完成老旧小区改造60万平方米，支持既有多层住宅加装电梯200台。

第二节 缓解停车难

新增公共停车泊位。到2030年新增公共停车泊位1500个，推广错时共享停车。

第二章 关爱老年人

建设社区食堂。新建社区食堂12个，让老年人就近吃上热饭。
"""
UPLOAD = "/desk/consultations/new"
ROLES = {"luming": Role.DRAFTING_OFFICE, "hejing": Role.PUBLISHER, "shenwen": Role.OFFICER}
SignIn = Callable[[str], Browser]


@pytest.fixture
def arrive(session: Session, new_client: Callable[[], Browser]) -> SignIn:
    """Sign in as one of ROLES with a browser of one's own."""
    organisation = make_organisation(session)
    for username, role in ROLES.items():
        make_officer(session, organisation, username=username, roles=(role,))
    session.commit()

    def signed_in(username: str) -> Browser:
        browser = new_client()
        form = browser.open("/sign-in").form("/sign-in")
        browser.press(form.fill(username=username, password=PASSWORD))
        return browser

    return signed_in


def _upload(
    browser: Browser, text: str | bytes = PLAN, *, name: str = "plan.txt", status: int = 200
) -> Page:
    data = text.encode() if isinstance(text, str) else text
    form = browser.open(UPLOAD).form("/new")
    form.values.pop("file", None)
    return browser.press(form, files={"file": (name, data)}, status=status)


def _here(session: Session) -> Consultation:
    session.rollback()
    return session.exec(select(Consultation)).one()


def _path(session: Session, page: str) -> str:
    return f"/desk/consultations/{_here(session).slug}/{page}"


def _confirmed(browser: Browser) -> Page:
    _upload(browser)
    return browser.press(browser.page.form("/plan/confirm"))


def _notice(clock: Clock, *, days: int = 35) -> dict[str, str]:
    today = clock.now.date()
    return {
        "opens_on": today.isoformat(),
        "closes_on": (today + timedelta(days=days)).isoformat(),
        "explanation": "为编制好规划，现公开征求意见。",
        "email": "zhengxun@yunqiao.example",
    }


def test_an_upload_becomes_a_draft_nobody_else_sees(
    arrive: SignIn, session: Session, client: Browser
) -> None:
    page = _upload(arrive("luming"))
    assert page.heading == "核对规划"
    assert "加快旧住房改造" in page.text and "确认章节、指标和任务" in page.text
    assert _here(session).stage == Stage.DRAFT
    client.open(f"/consultations/{_here(session).slug}", status=404)
    assert "云桥镇" not in client.open("/").text


@pytest.mark.parametrize(
    ("name", "data"),
    [("plan.txt", b""), ("plan.docx", b"PK\x03\x04broken"), ("plan.pdf", b"%PDF-1.7\n<<")],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(
    arrive: SignIn, session: Session, name: str, data: bytes
) -> None:
    page = _upload(arrive("luming"), data, name=name, status=422)
    assert page.title.startswith("错误：")
    assert page.all(".govuk-error-summary")
    assert session.exec(select(Consultation)).all() == []


def test_the_machines_reading_is_corrected_by_hand(arrive: SignIn, session: Session) -> None:
    browser = arrive("luming")
    page = _upload(browser)
    key = next(li.get("id") for li in page.all("li[id]") if "缓解停车难" in li.text_content())
    form = next(f for f in page.all("form.review-fix") if f.cssselect(f'[value="{key}"]'))
    token = form.cssselect('[name="csrf_token"]')[0].get("value")
    address = _path(session, "plan")
    sent = {
        "csrf_token": token,
        "key": key,
        "action": "rename",
        "number": "第二节",
        "title": "停车不再难",
    }
    assert browser.post(address, data=sent).status_code == 200
    assert "停车不再难" in browser.open(address).text
    sent |= {"action": "conjure"}
    assert browser.post(address, data=sent).status_code == 422
    corrections = select(AuditEntry).where(AuditEntry.action == "plan.correct")
    session.rollback()
    assert len(session.exec(corrections).all()) == 1


def test_after_confirming_the_outline_stands(arrive: SignIn, session: Session) -> None:
    browser = arrive("luming")
    page = _confirmed(browser)
    assert page.heading.startswith("公告")
    review = browser.open(_path(session, "plan"))
    assert not review.all("form.review-fix") and "确认章节" not in review.text


def test_a_notice_with_mistakes_keeps_what_was_typed(
    arrive: SignIn, session: Session, clock: Clock
) -> None:
    browser = arrive("luming")
    page = _confirmed(browser)
    typed = _notice(clock) | {
        "closes_on": "三十天以后",
        "email": "没有邮箱",
        "postcode": "12",
        "explanation": "写了很久的说明。",
    }
    page = browser.press(page.form("/settings").fill(**typed), status=422)
    assert page.title.startswith("错误：")
    assert len(page.all(".govuk-error-summary a")) == 3
    kept = page.form("/settings").values
    assert {name: kept[name] for name in ("email", "postcode", "explanation")} == {
        name: typed[name] for name in ("email", "postcode", "explanation")
    }


def test_only_a_complete_notice_is_published_and_only_by_the_publisher(
    arrive: SignIn, session: Session, clock: Clock, client: Browser
) -> None:
    drafter = arrive("luming")
    page = _confirmed(drafter)
    assert "还不行" in page.text
    page = drafter.press(page.form("/settings").fill(**_notice(clock)))
    assert "还不行" not in page.text
    assert not [f for f in page.all("form") if (f.get("action") or "").endswith("/publish")]
    publisher = arrive("hejing")
    settings = publisher.open(_path(session, "settings"))
    publisher.press(settings.form("/publish"))
    here = _here(session)
    assert here.stage == Stage.ANNOUNCED
    assert "正在征询" in client.open(f"/consultations/{here.slug}").text
    history = session.exec(select(NoticeRevision)).all()
    assert [row.kind for row in history] == ["published"]


def test_fewer_than_thirty_days_need_a_reason_the_public_reads(
    arrive: SignIn, session: Session, clock: Clock, client: Browser
) -> None:
    browser = arrive("luming")
    page = browser.press(_confirmed(browser).form("/settings").fill(**_notice(clock, days=14)))
    assert "缩短的理由" in page.text
    reason = "防汛工程须在汛期前开工。"
    browser.press(page.form("/settings").fill(shortened_reason=reason))
    publisher = arrive("hejing")
    publisher.press(publisher.open(_path(session, "settings")).form("/publish"))
    assert reason in client.open(f"/consultations/{_here(session).slug}").text


def test_an_edit_on_an_old_form_is_refused(arrive: SignIn, session: Session, clock: Clock) -> None:
    browser = arrive("luming")
    stale = _confirmed(browser).form("/settings").fill(**_notice(clock))
    browser.press(browser.open(_path(session, "settings")).form("/settings").fill(place="云桥镇"))
    page = browser.press(stale, status=422)
    assert "刚刚被别人改过" in page.text
    assert page.form("/settings").values["explanation"] == stale.values["explanation"]
    assert _here(session).place == "云桥镇"


def test_a_longer_period_is_told_with_its_reason(
    arrive: SignIn, session: Session, clock: Clock, client: Browser
) -> None:
    drafter = arrive("luming")
    drafter.press(_confirmed(drafter).form("/settings").fill(**_notice(clock)))
    publisher = arrive("hejing")
    page = publisher.press(publisher.open(_path(session, "settings")).form("/publish"))
    before = _here(session).closes_at
    assert before is not None
    until = last_day_before(before) + timedelta(days=10)
    for wrong in ({"until": "明天", "reason": "因故"}, {"until": until.isoformat(), "reason": ""}):
        publisher.press(page.form("/extend").fill(**wrong), status=422)
    earlier = (last_day_before(before) - timedelta(days=1)).isoformat()
    publisher.press(page.form("/extend").fill(until=earlier, reason="改早"), status=422)
    assert _here(session).closes_at == before
    reason = "来件较多，多留十天。"
    publisher.press(page.form("/extend").fill(until=until.isoformat(), reason=reason))
    closes = _here(session).closes_at
    assert closes is not None and last_day_before(closes) == until
    assert reason in client.open(f"/consultations/{_here(session).slug}").text


def test_a_marked_document_waits_for_somebody_to_answer_for_it(
    arrive: SignIn, session: Session, clock: Clock
) -> None:
    drafter = arrive("luming")
    page = _upload(drafter, "内部资料\n\n" + PLAN)
    assert "内部资料" in page.text
    assert not [f for f in page.all("form") if (f.get("action") or "").endswith("/release")]
    page = drafter.press(page.form("/plan/confirm"))
    drafter.press(page.form("/settings").fill(**_notice(clock)))
    publisher = arrive("hejing")
    assert "公开依据" in publisher.open(_path(session, "settings")).text
    review = publisher.open(_path(session, "plan"))
    publisher.press(review.form("/release").fill(reason="  "), status=422)
    publisher.press(
        publisher.open(_path(session, "plan")).form("/release").fill(reason="经批准公开")
    )
    publisher.press(publisher.open(_path(session, "settings")).form("/publish"))
    assert _here(session).stage == Stage.ANNOUNCED


def test_an_officer_who_only_decides_makes_no_plans(arrive: SignIn, session: Session) -> None:
    _upload(arrive("luming"))
    officer = arrive("shenwen")
    officer.open(UPLOAD, status=403)
    for page in ("plan", "settings"):
        officer.open(_path(session, page), status=403)


def test_dates_are_whole_local_days(arrive: SignIn, session: Session, clock: Clock) -> None:
    browser = arrive("luming")
    browser.press(_confirmed(browser).form("/settings").fill(**_notice(clock)))
    here = _here(session)
    assert here.opens_at is not None and here.closes_at is not None
    assert here.opens_at.utcoffset() == timedelta(0)
    assert last_day_before(here.closes_at) - date(2026, 11, 22) == timedelta(days=35)


def test_a_correction_is_told_with_the_old_words(
    arrive: SignIn, session: Session, clock: Clock, client: Browser
) -> None:
    drafter = arrive("luming")
    drafter.press(_confirmed(drafter).form("/settings").fill(**_notice(clock)))
    publisher = arrive("hejing")
    page = publisher.press(publisher.open(_path(session, "settings")).form("/publish"))
    before = _here(session).model_dump()
    same = publisher.press(page.form("/correct").fill(reason="核对"), status=422)
    assert "没有改动" in same.text
    unsaid = publisher.press(page.form("/correct").fill(phone="021-60001111"), status=422)
    assert "更正的原因" in unsaid.text
    assert unsaid.form("/correct").values["phone"] == "021-60001111", "what was typed stays"
    reason = "电话号码印错了。"
    publisher.press(unsaid.form("/correct").fill(reason=reason))
    assert _here(session).phone == "021-60001111"
    assert _here(session).closes_at == before["closes_at"], "dates are not corrected"
    shown = client.open(f"/consultations/{_here(session).slug}")
    assert reason in shown.text and "更正" in shown.text
    assert [node.text_content() for node in shown.all("ins")] == ["021-60001111"]
    stale = publisher.press(unsaid.form("/correct").fill(reason="再改"), status=422)
    assert "刚刚被别人改过" in stale.text


def test_a_cancelled_consultation_says_why_and_takes_nothing_more(
    arrive: SignIn, session: Session, clock: Clock, client: Browser
) -> None:
    drafter = arrive("luming")
    drafter.press(_confirmed(drafter).form("/settings").fill(**_notice(clock)))
    publisher = arrive("hejing")
    page = publisher.press(publisher.open(_path(session, "settings")).form("/publish"))
    publisher.press(page.form("/cancel").fill(reason=" "), status=422)
    publisher.press(page.form("/cancel").fill(reason="规划不再编制。"))
    clock.advance(minutes=1)
    path = f"/consultations/{_here(session).slug}"
    shown = client.open(path)
    assert "已于" in shown.text and "规划不再编制。" in shown.text
    assert "已截止" in shown.text
    assert not client.open(f"{path}/comment").all("textarea[name=text]")
    again = publisher.open(_path(session, "settings"))
    assert not [f for f in again.all("form") if (f.get("action") or "").endswith("/cancel")]
    kinds = session.exec(select(NoticeRevision.kind).order_by(NoticeRevision.id)).all()  # type: ignore[arg-type]
    assert list(kinds) == ["published", "cancelled"]
