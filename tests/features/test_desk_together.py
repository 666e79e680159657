"""Several hands on one comment: approval, supporting departments, leave, mentions, parts."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Comment,
    Disposition,
    Handling,
    HandOver,
    Notification,
    Officer,
    OutgoingMail,
    Proposal,
    ProposalState,
    Role,
    Standpoint,
    SupportingOpinion,
)
from backend.triage import jobs, splitting
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.page import Browser

TEXT = "社区巴士三条不够，梧桐弄的老人走到站台要二十分钟。"


def told(session: Session, officer: Officer) -> list[str]:
    session.rollback()
    session.expire_all()
    rows = select(Notification.kind).where(Notification.officer_id == officer.id)
    return list(session.exec(rows.order_by(col(Notification.id))))


def set_steps(browser: Browser, office: Office, steps: int) -> None:
    form = browser.open(office.path).form("/approval")
    browser.press(form.fill(steps=str(steps)))


# --- Approval ------------------------------------------------------------------------------------


def test_two_steps_need_three_people_and_nothing_counts_before(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gao", Role.DRAFTING_OFFICE)
    office.hire("jin", Role.DRAFTING_OFFICE)
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    drafter, checker, approver = sign_in("shen"), sign_in("gao"), sign_in("jin")
    set_steps(checker, office, 2)
    page = drafter.open(path)
    page = drafter.press(page.form("/decide").fill(outcome="noted", reason="留待细化方案。"))
    assert "已送审" in page.text
    session.rollback()
    assert not session.exec(select(Disposition)).all(), "a proposal is no decision"
    assert not drafter.open(path).all("form[action$='/check']"), "not one's own"
    form = checker.open(path).form("/check")
    drafter_form = drafter.open(path).form("/take-back-proposal")
    drafter_form.action = form.action
    assert "您自己拟的" in drafter.press(drafter_form, status=422).text
    checker.press(form)
    page = checker.open(path)
    assert not page.all("form[action$='/approve']"), "who checked does not approve"
    page = approver.open(f"{office.path}?q=审批:待批准")
    assert TEXT in page.text
    approver.press(approver.open(path).form("/approve"))
    session.rollback()
    session.expire_all()
    decision = session.exec(select(Disposition)).one()
    assert decision.decided_by_id == office.officers["shen"].id
    assert session.get_one(Comment, comment.id).handling is Handling.DECIDED
    assert told(session, office.officers["shen"]) == ["approved"]
    assert told(session, office.officers["gao"]) == ["to_check"]
    assert told(session, office.officers["jin"]) == ["to_check", "to_approve"]


def test_one_step_returned_with_a_reason_and_drafted_anew(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gao", Role.DRAFTING_OFFICE)
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    drafter, checker = sign_in("shen"), sign_in("gao")
    set_steps(checker, office, 1)
    drafter.press(drafter.open(path).form("/decide").fill(outcome="noted", reason="留存。"))
    form = checker.open(path).form("/give-back")
    checker.press(form, status=422)
    checker.press(checker.open(path).form("/give-back").fill(reason="请写明线网依据。"))
    page = drafter.open(path)
    assert "请写明线网依据。" in page.text
    assert told(session, office.officers["shen"]) == ["given_back"]
    drafter.press(page.form("/decide").fill(outcome="noted", reason="按客流评估，明年安排。"))
    page = checker.open(office.path)
    assert "还有结论在等待审批" in _try_steps(checker, office, 0)
    checker.press(checker.open(path).form("/check"))
    session.rollback()
    session.expire_all()
    assert session.exec(select(Disposition.reason)).all() == ["按客流评估，明年安排。"]
    states = session.exec(select(Proposal.state).order_by(col(Proposal.id))).all()
    assert states == [ProposalState.RETURNED, ProposalState.APPROVED]


def _try_steps(browser: Browser, office: Office, steps: int) -> str:
    form = browser.open(office.path).form("/approval")
    return browser.press(form.fill(steps=str(steps)), status=422).text


def test_many_are_checked_at_once_not_ones_own_and_all_is_undone(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gao", Role.DRAFTING_OFFICE)
    comments = [office.receive(f"公交意见{number}") for number in range(4)]
    session.commit()
    drafter, checker = sign_in("shen"), sign_in("gao")
    set_steps(checker, office, 1)
    for number, comment in enumerate(comments):
        browser = checker if number == 3 else drafter
        page = browser.open(f"{office.path}/comments/{comment.id}")
        browser.press(page.form("/decide").fill(outcome="noted", reason="留存。"))
    form = checker.open(f"{office.path}?q=审批:待审核").form("/bulk")
    form.values["everything"] = "true"
    page = checker.press(form)
    page = checker.press(page.form("/bulk").fill(action="check"))
    page = checker.press(page.form("/start"))
    assert "已办理：3 条" in page.text
    assert "您自己拟的" in page.text
    session.rollback()
    assert len(session.exec(select(Disposition)).all()) == 3
    checker.press(page.form("/undo"))
    session.rollback()
    session.expire_all()
    standing = select(Disposition).where(col(Disposition.superseded_at).is_(None))
    assert not session.exec(standing).all()
    states = session.exec(select(Proposal.state)).all()
    assert states == [ProposalState.DRAFTED] * 4, "they wait as they did before"


def test_many_sent_for_approval_at_once_are_told_once(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("gao", Role.DRAFTING_OFFICE)
    office.hire("jin", Role.DRAFTING_OFFICE)
    for number in range(5):
        office.receive(f"公交意见{number}")
    session.commit()
    drafter, checker, approver = sign_in("shen"), sign_in("gao"), sign_in("jin")
    set_steps(checker, office, 2)
    everything = f"{office.path}?q=公交"

    def all_of(browser: Browser, path: str, **given: str) -> str:
        form = browser.open(path).form("/bulk")
        form.values["everything"] = "true"
        page = browser.press(browser.press(form).form("/bulk").fill(**given))
        return browser.press(page.form("/start")).text

    assert "已办理：5 条" in all_of(
        drafter, everything, action="decide", outcome="noted", reason="留存研究。"
    )
    assert "已办理：5 条" in all_of(checker, everything, action="check")
    assert not session.exec(select(Disposition)).all()
    assert told(session, office.officers["gao"]) == ["to_check"]
    assert told(session, office.officers["jin"]) == ["to_check", "to_approve"]
    assert "这次一共 5 条" in approver.open("/desk/notifications").text
    assert "已办理：5 条" in all_of(approver, everything, action="approve")
    session.rollback()
    session.expire_all()
    decided = session.exec(select(Disposition.decided_by_id)).all()
    assert decided == [office.officers["shen"].id] * 5
    assert told(session, office.officers["shen"]) == ["approved"] * 5
    assert audit.verify(session) == []


# --- Supporting departments ----------------------------------------------------------------------


def test_an_objection_is_heard_before_deciding_and_stays_on_record(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("jiao", Role.DEPARTMENT, department="交通局")
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    officer, department = sign_in("shen"), sign_in("jiao")
    department.open(path, status=404)
    form = officer.open(path).form("/support")
    officer.press(form, status=422)
    form.values["departments"] = [str(office.departments["交通局"].id)]
    officer.press(form.fill(question="能否再加一条线？"))
    assert told(session, office.officers["jiao"]) == ["asked"]
    page = department.open(path)
    assert "能否再加一条线？" in page.text
    stale = officer.open(path).form("/decide")
    page = department.press(page.form("/opinion").fill(standpoint="objects"), status=422)
    department.press(page.form("/opinion").fill(opinion="没有停车场地。"))
    assert told(session, office.officers["shen"]) == ["opinion"]
    # Who decides must have seen it: the form opened before is stale.
    officer.press(stale.fill(outcome="noted", reason="以后再说。"), status=409)
    page = officer.open(path)
    assert "没有停车场地。" in page.text
    page = officer.press(
        page.form("/decide").fill(outcome="noted", reason="以后再说。"), status=422
    )
    assert "交通局不同意" in page.text
    page = officer.press(officer.open(path).form("/disagreement"), status=422)
    assert page.all("#points-error")
    form = officer.open(path).form("/disagreement")
    officer.press(form.fill(points="有无场地", drafter_view="先用路内泊位", basis="规划第三章"))
    page = officer.open(path)
    officer.press(page.form("/decide").fill(outcome="noted", reason="以后再说。"))
    page = officer.open(path)
    assert "先用路内泊位" in page.text
    session.rollback()
    opinion = session.exec(select(SupportingOpinion)).one()
    assert (opinion.standpoint, opinion.text) == (Standpoint.OBJECTS, "没有停车场地。")


# --- Telling -------------------------------------------------------------------------------------


def test_mentioned_once_told_once_and_read_by_opening(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    lu = office.hire("lu", Role.OFFICER)
    office.hire("luming", Role.OFFICER)
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    mine, colleague = sign_in("shen"), sign_in("lu")
    mine.press(mine.open(path).form("/note").fill(text="@lu同志看一下，@lu 也许知道。"))
    assert told(session, lu) == ["mentioned"]
    assert told(session, office.officers["luming"]) == []
    page = colleague.open("/desk")
    assert page.text_of(".desk-count") == "1"
    page = colleague.open("/desk/notifications")
    assert "shen同志在备注里提到您" in page.text
    form = colleague.open(path).form("/note")
    form.action = f"{path}/read"
    colleague.post(form.action, data=form.values)
    assert not colleague.open("/desk").all(".desk-count")
    other = mine.open(path)
    assert "lu同志也在看这条意见" in other.text


def test_assigning_tells_the_officer_and_returning_tells_who_assigned(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    lu = office.hire("lu", Role.OFFICER)
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    mine, colleague = sign_in("shen"), sign_in("lu")
    mine.press(mine.open(path).form("/assign").fill(officer_id=str(lu.id)))
    colleague.press(colleague.open(path).form("/return").fill(reason="不是我们的。"))
    assert told(session, lu) == ["assigned"]
    assert told(session, office.officers["shen"]) == ["returned"]


# --- Leave ---------------------------------------------------------------------------------------


def test_the_work_of_who_is_away_is_shown_to_who_stands_in(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    lu = office.hire("lu", Role.OFFICER)
    comment = office.receive(TEXT)
    comment.assigned_officer_id = office.officers["shen"].id
    session.commit()
    mine, colleague = sign_in("shen"), sign_in("lu")
    form = mine.open("/desk/leave").form("/desk/leave")
    page = mine.press(form.fill(until_on="昨天"), status=422)
    assert page.all("#delegate_id-error, #until_on-error")
    form = page.form("/desk/leave")
    mine.press(form.fill(delegate_id=str(lu.id), from_on="2026-11-22", until_on="2026年11月24日"))
    assert TEXT in colleague.open(f"{office.path}?q=负责人:我").text
    assert "lu同志代办" in mine.open(f"{office.path}?q=负责人:我").text
    back = colleague.open("/desk/leave").form("/desk/leave")
    back.fill(delegate_id=str(office.officers["shen"].id), until_on="2026-11-23")
    back.values["officer_id"] = str(lu.id)
    assert "也不在" in colleague.press(back, status=422).text, "no circle"
    clock.advance(days=3)
    colleague = sign_in("lu")
    assert TEXT not in colleague.open(f"{office.path}?q=负责人:我").text


# --- The workload --------------------------------------------------------------------------------


def test_every_number_of_the_workload_is_what_its_link_finds(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    lu = office.hire("lu", Role.OFFICER)
    for number in range(5):
        comment = office.receive(f"意见{number}")
        if number < 3:
            comment.assigned_officer_id, comment.handling = lu.id, Handling.ASSIGNED
            comment.assigned_department_id = office.departments["交通局"].id
        if number == 0:
            comment.due_on = (comment.received_at - timedelta(days=3)).date()
    decided = office.receive("已经办结的意见")
    session.commit()
    browser = sign_in("lu")
    page = browser.open(f"{office.path}/comments/{decided.id}")
    browser.press(page.form("/decide").fill(outcome="noted", reason="留存。"))
    page = browser.open(f"{office.path}/workload")
    links = {a.get("href"): int(a.text_content()) for a in page.all("td a")}
    assert sorted(links.values()) == [1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    for href, number in links.items():
        found = browser.open(href).text_of("#found")
        assert f"找到 {number} 条" in found, href
    assert "天" in page.text


# --- Parts ---------------------------------------------------------------------------------------

LETTER = "您好！一、公交站太远，老人走不动。二、停车位不够，晚上没处停。三、支持建社区食堂。"


def test_a_letter_is_split_decided_in_parts_and_joined_while_undecided(
    office: Office, sign_in: SignIn, session: Session, client: Browser
) -> None:
    comment = office.receive(LETTER)
    session.commit()
    browser = sign_in("shen")
    path = f"{office.path}/comments/{comment.id}"
    page = browser.open(path)
    suggested = [box.get("value") for box in page.all("[name=starts][checked]")]
    assert suggested == ["2", "3"], "where points are numbered; a greeting is no matter"
    form = page.form("/split")
    form.values["starts"] = suggested
    browser.press(form)
    session.rollback()
    session.expire_all()
    parts = session.exec(select(Comment).where(col(Comment.split_from_id).is_not(None))).all()
    assert [part.text for part in parts] == [
        "您好！一、公交站太远，老人走不动。",
        "二、停车位不够，晚上没处停。",
        "三、支持建社区食堂。",
    ]
    assert "找到 3 条" in browser.open(f"{office.path}?q=状态:全部").text
    browser.open(path, status=404)
    page = browser.press(browser.open(f"{office.path}/comments/{parts[1].id}").form("/rejoin"))
    assert page.path == path
    assert "找到 1 条" in browser.open(f"{office.path}?q=状态:全部").text
    form = browser.open(path).form("/split")
    form.values["starts"] = suggested
    browser.press(form)
    session.rollback()
    session.expire_all()
    again = session.exec(
        select(Comment).where(col(Comment.split_from_id) == comment.id, col(Comment.is_current))
    ).all()
    first = f"{office.path}/comments/{again[0].id}"
    page = browser.open(first)
    browser.press(page.form("/decide").fill(outcome="not_adopted", reason="距离符合标准。"))
    page = browser.press(
        browser.open(f"{office.path}/comments/{again[2].id}").form("/rejoin"), status=422
    )
    assert "已经有结论" in page.text
    submission = again[0].submission_id
    row = session.get_one(Comment, comment.id)
    assert (row.text, row.is_current, row.submission_id) == (LETTER, False, submission)
    assert audit.verify(session) == []


@pytest.mark.parametrize(
    "text", [LETTER, "一句话。", "没有标点", "1.5公里太远。（一）加站。\n\n（二）加线！"]
)
def test_parts_are_the_text_and_nothing_else(text: str) -> None:
    sentences = splitting.pieces(text)
    assert "".join(sentences) == text
    for starts in ([], [1], list(range(1, len(sentences)))):
        parts = splitting.cut_at(text, starts)
        assert "".join("".join(parts).split()) == "".join(text.split())


# --- Handing over --------------------------------------------------------------------------------


def test_a_hand_over_has_its_days_and_its_answer_comes_back(
    office: Office, sign_in: SignIn, session: Session, clock: Clock
) -> None:
    comment = office.receive("家里漏水报修三个月没有人来。")
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    browser = sign_in("shen")
    form = browser.open(path).form("/hand-over").fill(recipient="xinfang", reason="个人诉求。")
    browser.press(form)
    page = browser.open(path)
    assert "2026年12月7日" in page.text, "fifteen days after 22 November"
    assert "2026年11月27日" in page.text, "five working days to object"
    assert "找到 1 条" in browser.open(f"{office.path}?q=移交:待反馈").text
    clock.advance(days=16)
    browser = sign_in("shen")
    assert "找到 1 条" in browser.open(f"{office.path}?q=移交:超期").text
    assert "已超过受理期限" in browser.open(path).text
    form = browser.open(path).form("/hand-over/answer")
    page = browser.press(form.fill(result="refused"), status=422)
    assert page.all("#answer-error")
    browser.press(page.form("/hand-over/answer").fill(answer="应由物业处理。"))
    session.rollback()
    session.expire_all()
    assert session.get_one(Comment, comment.id).handling is Handling.NEW
    assert session.exec(select(HandOver.answer)).one() == "应由物业处理。"
    form = browser.open(path).form("/hand-over").fill(recipient="12345", reason="改送热线。")
    browser.press(form)
    browser.press(
        browser.open(path).form("/hand-over/answer").fill(result="settled", answer="已维修。")
    )
    assert "已维修。" in browser.open(path).text
    assert "找到 1 条" in browser.open(f"{office.path}?q=移交:已反馈").text


# --- The daily mail ------------------------------------------------------------------------------


def test_the_daily_mail_goes_out_once_on_working_days_to_who_wants_it(
    office: Office, sign_in: SignIn, session: Session, database: Database, settings: Settings
) -> None:
    lu, gu = office.hire("lu", Role.OFFICER), office.hire("gu", Role.OFFICER)
    lu.email, gu.email, gu.daily_mail_on = "lu@qu.example", "gu@qu.example", False
    comment = office.receive(TEXT)
    session.add_all([lu, gu])
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    browser = sign_in("shen")
    browser.press(browser.open(path).form("/note").fill(text="@lu同志 @gu同志 请看。"))
    sunday = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    monday = sunday + timedelta(days=1)
    assert jobs.post_due(database, settings, now=sunday) == 0
    assert jobs.post_due(database, settings, now=monday - timedelta(hours=6)) == 0
    assert jobs.post_due(database, settings, now=monday) == 1
    assert jobs.post_due(database, settings, now=monday + timedelta(hours=1)) == 0, "once a day"
    session.rollback()
    text = jobs.compose(session, lu, now=monday) or ""
    assert "shen同志在备注里提到您" in text
    assert TEXT[:6] not in text, "residents' words stay in the system"
    mails = session.exec(select(OutgoingMail)).all()
    assert [mail.key for mail in mails] == [f"desk-mail:{lu.id}:2026-11-23"]
