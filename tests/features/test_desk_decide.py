"""From the queue to a decision: what an official sees, saves, and can never lose."""

import random
import threading

import pytest
from sqlmodel import Session, select

from backend.kit.db import Database
from backend.models import (
    AssessmentLink,
    AuditEntry,
    Comment,
    Disposition,
    Handling,
    Officer,
    Outcome,
    Review,
    ReviewLink,
    Role,
    Screening,
)
from backend.triage import service
from backend.triage.forms import DecisionForm
from backend.triage.plan import PlanIndex
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office

CLAIMS = 50
TEXT = "社区巴士三条不够，梧桐弄的老人走到站台要二十分钟。"


def actions(session: Session, comment: Comment) -> list[str]:
    statement = select(AuditEntry.action).where(
        AuditEntry.subject_type == "comment", AuditEntry.subject_id == comment.id
    )
    return list(session.exec(statement.order_by(AuditEntry.number)))


def test_an_official_reads_the_suggestion_decides_and_is_recorded(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    comment = office.receive(TEXT, street="石埠街道")
    office.read(comment, "t1", "i1")
    following = office.receive("停车位五百个摊不到一家一个。", anchor="p5", section="s4")
    following.received_at = comment.received_at.replace(hour=0)
    session.commit()
    browser = sign_in("shen")
    page = browser.open(office.path)
    assert TEXT in page.text
    assert "新增社区巴士" in page.text
    page = browser.open(page.all(".desk-row a")[0].get("href"))
    assert page.text_of("#comment-text") == TEXT
    assert page.text_of("#comment-text mark") == TEXT[:4]
    for words in (
        "机器研判，供参考",
        "提出建议",
        "偏负面",
        "把握 80%",
        "新增社区巴士3条",
        "石埠街道",
    ):
        assert words in page.text
    form = page.form("/decide").fill(outcome="not_adopted", reason="线网以客流为准，明年再评估。")
    page = browser.press(form)
    assert page.path.endswith(f"/comments/{following.id}"), "on to the next one"
    assert "办理结论已保存" in page.text
    session.rollback()
    session.expire_all()
    disposition = session.exec(select(Disposition)).one()
    assert (disposition.outcome, disposition.decided_by_id) == (
        Outcome.NOT_ADOPTED,
        office.officers["shen"].id,
    )
    assert session.get_one(Comment, comment.id).handling is Handling.DECIDED
    assert actions(session, comment) == ["comment.dispose"]
    page = browser.open(f"{office.path}/comments/{comment.id}")
    assert "线网以客流为准" in page.text_of("#reason")


@pytest.mark.parametrize(
    ("outcome", "given", "field"),
    [
        ("", {"reason": "有理由"}, "outcome"),
        ("not_adopted", {}, "reason"),
        ("noted", {"reason": "   "}, "reason"),
        ("adopted", {"reason": "说得对"}, "change_place"),
        ("already_covered", {}, "change_place"),
        ("adopted", {"change_section_key": "s999"}, "change_place"),
        ("nonsense", {"reason": "有理由"}, "outcome"),
    ],
)
def test_an_unfinished_decision_comes_back_with_everything_typed(
    office: Office,
    sign_in: SignIn,
    session: Session,
    outcome: str,
    given: dict[str, str],
    field: str,
) -> None:
    comment = office.receive(TEXT)
    session.commit()
    browser = sign_in("shen")
    form = browser.open(f"{office.path}/comments/{comment.id}").form("/decide")
    form.fill(reply="谢谢您", **given)
    form.values["outcome"] = outcome
    page = browser.press(form, status=422)
    assert page.title.startswith("错误：")
    assert [a.get("href") for a in page.all(".govuk-error-summary a")] == [f"#{field}"]
    assert page.all(f"#{field}")
    assert page.form("/decide").values["reply"].strip() == "谢谢您"
    assert page.form("/decide").values["reason"].strip() == given.get("reason", "").strip()
    assert not session.exec(select(Disposition)).all()


def test_two_officers_the_later_sees_both_versions_and_loses_nothing(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("lu", Role.OFFICER)
    comment = office.receive(TEXT)
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    first, second = sign_in("shen"), sign_in("lu")
    one, two = first.open(path).form("/decide"), second.open(path).form("/decide")
    first.press(one.fill(outcome="noted", reason="先记下来。"))
    page = second.press(two.fill(outcome="not_adopted", reason="我写了很久的理由。"), status=409)
    for words in ("现在的情况", "先记下来。", "shen同志", "您填写的", "我写了很久的理由。"):
        assert words in page.text
    again = page.form("/decide")
    assert again.values["reason"].strip() == "我写了很久的理由。"
    assert again.values["outcome"] == "not_adopted"
    second.press(again)
    session.rollback()
    session.expire_all()
    rows = session.exec(select(Disposition).order_by(Disposition.id)).all()
    assert [row.outcome for row in rows] == [Outcome.NOTED, Outcome.NOT_ADOPTED]
    assert [row.superseded_at is None for row in rows] == [False, True]


@pytest.mark.parametrize("rounds", [100, pytest.param(1000, marks=pytest.mark.drill)])
def test_interleaved_saves_lose_no_update(
    office: Office, database: Database, session: Session, clock: Clock, rounds: int
) -> None:
    """Two officers read and save in random order: each save that was accepted is on record."""
    office.hire("lu", Role.OFFICER)
    comment = office.receive(TEXT)
    session.commit()
    dice = random.Random(20261122)
    seen: dict[str, int] = {}
    accepted = refused = 0
    for _ in range(rounds):
        name = dice.choice(["shen", "lu"])
        if name not in seen or dice.random() < 0.4:
            with database.reading() as reading:
                seen[name] = reading.get_one(Comment, comment.id).version
            continue
        form = DecisionForm(version=seen[name], outcome="noted", reason=f"{name}的理由")
        try:
            with database.writing() as writing:
                row = writing.get_one(Comment, comment.id)
                service.dispose(
                    writing, row, office.officers[name], form, PlanIndex(), now=clock.now
                )
            accepted += 1
        except service.Stale:
            refused += 1
    session.rollback()
    session.expire_all()
    assert accepted
    assert refused
    assert session.get_one(Comment, comment.id).version == accepted + 1
    assert len(session.exec(select(Disposition)).all()) == accepted
    standing = select(Disposition).where(Disposition.superseded_at == None)  # noqa: E711
    assert len(session.exec(standing).all()) == 1


def test_of_many_who_claim_one_wins_and_nobody_is_kept_from_saving(
    office: Office, database: Database, session: Session, clock: Clock, sign_in: SignIn
) -> None:
    officers = [
        Officer(
            organisation_id=office.organisation.id or 0, username=f"o{n}", password_hash="-",
            display_name=f"经办{n}", created_at=clock.now,
        )
        for n in range(CLAIMS)
    ]  # fmt: skip
    session.add_all(officers)
    comment = office.receive(TEXT)
    session.commit()
    won: list[int | None] = []

    def take(number: int) -> None:
        with database.writing() as writing:
            row = writing.get_one(Comment, comment.id)
            if service.claim(writing, row, officers[number], now=clock.now):
                won.append(officers[number].id)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(CLAIMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    browser = sign_in("shen")
    page = browser.open(f"{office.path}/comments/{comment.id}")
    assert "正在办理这条意见" in page.text
    browser.press(page.form("/claim"), status=422)
    browser.press(page.form("/decide").fill(outcome="noted", reason="照样能保存。"))
    session.rollback()
    session.expire_all()
    assert session.get_one(Comment, comment.id).handling is Handling.DECIDED


def test_a_claim_ends_after_fifteen_minutes(office: Office, session: Session, clock: Clock) -> None:
    other = office.hire("lu")
    comment = office.receive(TEXT)
    assert service.claim(session, comment, other, now=clock.now)
    clock.advance(minutes=14)
    assert not service.claim(session, comment, office.officers["shen"], now=clock.now)
    clock.advance(minutes=1)
    assert service.claim(session, comment, office.officers["shen"], now=clock.now)


def test_confirming_copies_the_suggestion_and_leaves_the_machines_alone(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    comment = office.receive(TEXT)
    office.read(comment, "t1", "i1")
    session.commit()
    browser = sign_in("shen")
    page = browser.open(f"{office.path}/comments/{comment.id}")
    form = page.form("/review")
    form.action = page.one("[data-key=y]").get("formaction")
    browser.press(form)
    session.rollback()
    session.expire_all()
    assert {link.item_key for link in session.exec(select(ReviewLink))} == {"t1", "i1"}
    review = session.exec(select(Review)).one()
    assert (review.links_confirmed, review.sentiment, review.intent) == (True, None, None)
    assert len(session.exec(select(AssessmentLink)).all()) == 2


def test_correcting_changes_what_the_queue_shows_not_what_the_machine_said(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    comment = office.receive(TEXT)
    office.read(comment, "t1", "i1")
    session.commit()
    browser = sign_in("shen")
    page = browser.open(f"{office.path}/comments/{comment.id}")
    form = page.form("/review").fill(add_item="t2 站亭适老化改造", intent="asks")
    form.values["items"] = ["i1"]
    page = browser.press(form)
    assert "已核定" in page.text
    session.rollback()
    session.expire_all()
    links = {link.item_key: link.stance for link in session.exec(select(ReviewLink))}
    assert links == {"i1": "supports", "t2": None}
    assert len(session.exec(select(AssessmentLink)).all()) == 2
    assert "第 1" in browser.open(f"{office.path}?q=意图:咨询 条目:t2").text
    assert "没有找到" in browser.open(f"{office.path}?q=条目:t1").text
    form = browser.open(f"{office.path}/comments/{comment.id}").form("/review")
    page = browser.press(form.fill(add_item="没有这样的条目"), status=422)
    assert page.form("/review").values["add_item"] == "没有这样的条目"


def test_a_comment_is_assigned_returned_and_the_reasons_stay(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("jiao", Role.DEPARTMENT, department="交通局")
    comment = office.receive(TEXT)
    hidden = office.receive("另一条没有分办的意见。")
    session.commit()
    officer, department = sign_in("shen"), sign_in("jiao")
    path = f"{office.path}/comments/{comment.id}"
    department.open(path, status=404)
    form = officer.open(path).form("/assign")
    officer.press(form, status=422)
    officer.press(form.fill(department_id=str(office.departments["交通局"].id)))
    page = department.open(office.path)
    assert TEXT in page.text
    assert hidden.text not in page.text
    department.open(f"{office.path}/comments/{hidden.id}", status=404)
    page = department.open(path)
    assert "2026年12月4日" in page.text, "ten working days from 22 November"
    form = page.form("/return")
    department.press(form, status=422)
    department.press(form.fill(reason="这是公安交警的职责。"))
    department.open(path, status=404)
    page = officer.open(path)
    assert "这是公安交警的职责。" in page.text
    session.rollback()
    session.expire_all()
    assert session.get_one(Comment, comment.id).handling is Handling.NEW
    assert actions(session, comment) == ["comment.assign", "comment.return"]


def test_screening_merging_handing_over_and_notes(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    one, two = office.receive(TEXT), office.receive(TEXT + "附议。")
    session.commit()
    browser = sign_in("shen")
    path = f"{office.path}/comments/{one.id}"
    form = browser.open(path).form("/screen")
    form.values["publish"] = "true"
    assert "脱敏" in browser.press(form, status=422).text
    office.read(one, "t1")
    session.commit()
    browser.press(form)
    form = browser.open(path).form("/screen")
    form.values["publish"] = "false"
    browser.press(form, status=422)
    browser.press(form.fill(reason="涉及他人隐私。"))
    browser.press(browser.open(path).form("/merge").fill(into=str(one.id)), status=422)
    browser.press(browser.open(path).form("/merge").fill(into="99999"), status=422)
    browser.press(browser.open(path).form("/merge").fill(into=f"#{two.id}"))
    session.rollback()
    session.expire_all()
    row = session.get_one(Comment, one.id)
    assert (row.handling, row.merged_into_id) == (Handling.MERGED, two.id)
    assert (row.screening, row.withheld_reason) == (Screening.WITHHELD, "涉及他人隐私。")
    browser.press(browser.open(path).form("/separate"))
    form = browser.open(path).form("/hand-over").fill(recipient="12345")
    browser.press(form, status=422)
    browser.press(form.fill(reason="个人报修诉求。"))
    assert "12345 市民服务热线" in browser.open(path).text
    browser.press(browser.open(path).form("/note").fill(text="已电话告知。\n<b>回访</b>"))
    assert "已电话告知。 <b>回访</b>" in browser.open(path).text_of(".desk-note .zx-words")
    session.rollback()
    session.expire_all()
    assert actions(session, one) == [
        "comment.publish", "comment.withhold", "comment.merge", "comment.separate",
        "comment.hand_over", "comment.note",
    ]  # fmt: skip


def test_contact_data_is_shown_only_after_it_is_recorded(
    office: Office, sign_in: SignIn, session: Session
) -> None:
    office.hire("jiao", Role.DEPARTMENT, department="交通局")
    comment = office.receive(
        "请回电13800138000", contact_phone="13900139000", masked="请回电138********"
    )
    comment.assigned_department_id = office.departments["交通局"].id
    session.commit()
    path = f"{office.path}/comments/{comment.id}"
    department = sign_in("jiao")
    page = department.open(path)
    assert "13800138000" not in page.html
    assert not [f for f in page.all("form") if f.get("action", "").endswith("/contact")]
    form = page.form("/note")
    form.action = f"{path}/contact"
    department.press(form, status=403)
    browser = sign_in("shen")
    page = browser.open(path)
    assert "13900139000" not in page.html
    page = browser.press(page.form("/contact"))
    assert "13900139000" in page.text
    page = browser.press(browser.open(path).form("/original"))
    assert "请回电13800138000" in page.text
    assert actions(session, comment) == ["contact.read", "comment.read_original"]
