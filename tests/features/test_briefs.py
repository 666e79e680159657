"""The morning brief: what it says is so, every line leads to its comments, it is sent once."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from backend.briefs import content, rules, service
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Assessment,
    Brief,
    Comment,
    CommentFlag,
    CorpusRun,
    CorpusTag,
    OutgoingMail,
    Role,
    Screening,
    Stage,
    Submission,
)
from tests.conftest import Clock
from tests.features.conftest import SignIn
from tests.features.office import Office

MORNING = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)  # Wednesday, 8:00 in Shanghai
YESTERDAY = MORNING - timedelta(hours=10)
BEFORE = MORNING - timedelta(days=20)


def part(said: content.BriefContent, key: str) -> tuple[content.Line, ...]:
    return next(one.lines for one in said.parts if one.key == key)


def line(said: content.BriefContent, key: str, words: str) -> content.Line:
    found = [one for one in part(said, key) if words in one.text]
    assert len(found) == 1, [one.text for one in part(said, key)]
    return found[0]


def heard(office: Office, text: str, at: datetime, **more: str) -> Comment:
    comment = office.receive(text, received_at=at, **more)
    office.read(comment, "t1", intent="proposes")
    return comment


def written(office: Office, database: Database, now: datetime = MORNING) -> content.BriefContent:
    office.session.commit()
    assert service.write_due(database, office.settings, now=now) == 1
    with database.reading() as session:
        brief = session.exec(select(Brief).order_by(Brief.id.desc())).first()  # type: ignore[union-attr]
        assert brief is not None
        return content.from_json(brief.content)


def tag(session: Session, office: Office, **issues: list[Comment]) -> None:
    run = CorpusRun(
        consultation_id=office.consultation.id or 0, engine_version="test-1", input_hash="0" * 64,
        comment_count=0, result={"topics": [{"id": "shade", "label": "遮阴"}]}, created_at=BEFORE,
    )  # fmt: skip
    session.add(run)
    session.flush()
    for issue, comments in issues.items():
        for comment in comments:
            session.add(
                CorpusTag(comment_id=comment.id or 0, corpus_run_id=run.id or 0, issue=issue)
            )
    session.flush()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 17, 23, 29, tzinfo=UTC), None),  # 7:29
        (datetime(2026, 11, 17, 23, 30, tzinfo=UTC), 18),
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), None),  # Saturday
        (datetime(2026, 10, 10, 2, 0, tzinfo=UTC), 10),  # a Saturday that is worked
        (datetime(2026, 10, 1, 2, 0, tzinfo=UTC), None),  # National Day, a Thursday
    ],
)
def test_briefs_come_on_working_mornings(moment: datetime, day: int | None) -> None:
    due = rules.due_day(moment)
    assert (due.day if due else None) == day


def test_new_comments_stand_under_their_chapters_in_order(
    office: Office, database: Database
) -> None:
    heard(office, "旧意见。", BEFORE)
    first = heard(office, "泊位太少。", YESTERDAY, anchor="p5", section="s4")
    whole = heard(office, "总体不错。", YESTERDAY, anchor="p1", section="s1")
    withdrawn = heard(office, "不提了。", YESTERDAY)
    submission = office.session.get_one(Submission, withdrawn.submission_id)
    submission.withdrawn_at = YESTERDAY
    said = written(office, database)
    assert (said.comment_count, said.submission_count, said.total_count) == (2, 2, 3)
    lines = part(said, "new")
    assert [one.comment_ids for one in lines] == [(whole.id,), (first.id,)]
    assert "第二章 出行与停车：1件1条，其中提出建议1条" in lines[1].text


def test_what_rises_and_what_was_never_said_before(office: Office, database: Database) -> None:
    session = office.session
    old = [heard(office, f"车站挤，第{n}次。", BEFORE) for n in range(2)]
    rise = [heard(office, f"小学门口堵车，第{n}回。", YESTERDAY) for n in range(4)]
    early = heard(office, "小学门口一直堵。", BEFORE)
    fresh = [heard(office, f"桥洞没有灯，第{n}晚。", YESTERDAY) for n in range(2)]
    tag(session, office, crowd=old, school=[early, *rise], bridge=fresh)
    said = written(office, database)
    rising = line(said, "rising", "小学")
    assert "最近七天4条" in rising.text
    assert set(rising.comment_ids) == {early.id, *(c.id for c in rise)}
    first = line(said, "first", "桥洞没有灯")
    assert first.comment_ids == tuple(sorted(c.id or 0 for c in fresh))
    assert not [one for one in part(said, "first") if "小学" in one.text or "车站" in one.text]


def test_risks_are_named_with_their_comments(office: Office, database: Database) -> None:
    session = office.session
    heard(office, "旧意见，走到这里就过期了。", MORNING - timedelta(days=60))
    gas = heard(office, "我家楼道有煤气  泄漏的味道。", YESTERDAY)
    joint = heard(office, "再不管大家就要集体上访了。", YESTERDAY)
    listed = heard(office, "某某公司暗箱操作。", YESTERDAY)
    session.add(
        CommentFlag(
            comment_id=listed.id or 0, word="暗箱操作", category="rumour", created_at=YESTERDAY
        )
    )
    copies = [heard(office, "请保留老茶馆，请保留老茶馆。", YESTERDAY) for _ in range(5)]
    run = CorpusRun(
        consultation_id=office.consultation.id or 0, engine_version="test-1", input_hash="1" * 64,
        comment_count=5, created_at=BEFORE,
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add_all(
        CorpusTag(comment_id=c.id or 0, corpus_run_id=run.id or 0, cluster="c1") for c in copies
    )
    leaked = heard(office, "我叫某某，住在三号楼。", YESTERDAY)
    leaked.screening = Screening.PUBLISHED
    reading = session.exec(select(Assessment).where(Assessment.comment_id == leaked.id)).one()
    reading.evidence = reading.evidence | {
        "personal_data": [{"kind": "name", "field": "text", "start": 2, "end": 4}]
    }
    reading.created_at = YESTERDAY
    session.add_all([leaked, reading])
    said = written(office, database)
    assert line(said, "risks", "人身与公共安全（煤气泄漏）").comment_ids == (gas.id,)
    assert line(said, "risks", "群体性事件（集体上访）").comment_ids == (joint.id,)
    assert line(said, "risks", "谣言").comment_ids == (listed.id,)
    assert "1条" in line(said, "risks", "超过办理时限").text
    assert len(line(said, "risks", "同一内容来了5条").comment_ids) == 5
    assert line(said, "risks", "姓名或住址").comment_ids == (leaked.id,)


def test_a_flood_and_machines_held_back_are_told(office: Office, database: Database) -> None:
    for number in range(24):
        heard(office, f"第{number}条不同的意见。", YESTERDAY)
    for number in range(3):
        held = office.receive(f"买药{number}", received_at=YESTERDAY)
        submission = office.session.get_one(Submission, held.submission_id)
        submission.is_quarantined = True
    said = written(office, database)
    assert "24条" in line(said, "risks", "来件突然增多").text
    assert "3条" in line(said, "risks", "机器灌水").text


def test_it_is_written_and_sent_once_to_those_who_want_it(
    office: Office, database: Database, settings: Settings, session: Session
) -> None:
    settings.base_url = "https://zhengxun.example"
    for username, roles, email, wants in (
        ("lu", (Role.DRAFTING_OFFICE,), "lu@example.cn", True),
        ("quiet", (Role.DRAFTING_OFFICE,), "quiet@example.cn", False),
        ("nomail", (Role.DRAFTING_OFFICE,), None, True),
        ("clerk", (Role.CLERK,), "clerk@example.cn", True),
    ):
        officer = office.hire(username, *roles)
        officer.email, officer.wants_brief = email, wants
        session.add(officer)
    secret = "请打我电话 13912345678。"
    heard(office, secret, YESTERDAY, masked="请打我电话 ***。")
    said = written(office, database)
    for minutes in (10, 600):
        later = MORNING + timedelta(minutes=minutes)
        assert service.write_due(database, settings, now=later) == 0
    mails = session.exec(select(OutgoingMail)).all()
    assert [mail.subject for mail in mails] == ["晨报 2026年11月18日：青石街区更新规划征求意见"]
    text = service.mail_text(
        office.consultation, said, settings=settings, day=rules.due_day(MORNING) or MORNING.date(),
        since=YESTERDAY,
    )  # fmt: skip
    assert "https://zhengxun.example/desk/consultations/qingshi/briefs/2026-11-18/1" in text
    assert "139" not in text


def test_the_next_brief_begins_where_the_last_ended_and_weekends_are_covered(
    office: Office, database: Database, session: Session
) -> None:
    written(office, database, datetime(2026, 11, 20, 0, 0, tzinfo=UTC))  # Friday
    saturday = heard(office, "周末说一句。", datetime(2026, 11, 21, 5, 0, tzinfo=UTC))
    session.commit()
    assert service.write_due(database, office.settings, now=datetime(2026, 11, 22, tzinfo=UTC)) == 0
    monday = written(office, database, datetime(2026, 11, 23, 0, 0, tzinfo=UTC))
    assert part(monday, "new")[0].comment_ids == (saturday.id,)


def test_nothing_new_is_kept_but_not_mailed_and_answered_ones_have_none(
    office: Office, database: Database, session: Session
) -> None:
    officer = office.hire("lu", Role.DRAFTING_OFFICE)
    officer.email = "lu@example.cn"
    session.add(officer)
    said = written(office, database)
    assert not said.says_something
    assert session.exec(select(OutgoingMail)).all() == []
    office.consultation.stage = Stage.ANSWERED
    session.add(office.consultation)
    session.commit()
    tomorrow = MORNING + timedelta(days=1)
    assert service.write_due(database, office.settings, now=tomorrow) == 0


def test_on_screen_every_line_leads_to_its_comments(
    office: Office, database: Database, sign_in: SignIn, clock: Clock
) -> None:
    office.hire("lu", Role.DRAFTING_OFFICE)
    comment = heard(office, "站亭漏雨<b>", YESTERDAY)
    office.session.commit()
    browser = sign_in("lu")
    room = f"{office.path}/briefs"
    assert "还没有晨报" in browser.open(room).text
    written(office, database)
    page = browser.open(room)
    assert "1件1条" in page.text
    link = page.all(".desk-brief a")[0].get("href")
    page = browser.open(link)
    assert "站亭漏雨<b>" in page.text
    browser.open(page.one(f"main a[href$='/comments/{comment.id}']").get("href"))
    browser.open(f"{room}/2026-11-18")
    browser.open(f"{room}/2026-11-19", status=404)
    browser.open(f"{room}/2026-11-18/99", status=404)
