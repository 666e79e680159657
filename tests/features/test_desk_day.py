"""A scripted day: three hundred opinions by three channels, read, handled and all answered for.

The texts are put together from the demo's own opinions: openings and closings of each channel,
one opinion or two, a campaign in near-copies, personal matters that belong elsewhere.
"""

import random
from collections import Counter

from sqlmodel import Session, col, select

from backend import jobs
from backend.accounts import audit
from backend.demo.material import demo_comments
from backend.digests.adoption import check_totals
from backend.digests.reporting import compile_adoption
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Channel, Comment, Disposition, PlanVersion, Role, Submission
from backend.plans import service as plans
from backend.submissions.forms import Point, Sender
from backend.submissions.service import register
from backend.triage import plan, queries, search, service, splitting, workload
from backend.triage.filters import Scope
from backend.triage.forms import DecisionForm
from backend.worker import register_jobs
from tests.conftest import Clock
from tests.features.office import Office

SENDINGS = 300
OPENINGS = {
    Channel.WEB: ("", "看了征求意见稿，", "我是附近居民。"),
    Channel.EMAIL: ("您好！", "规划编制组：您好！", "各位领导好，来信反映一件事。"),
    Channel.HOTLINE: ("来电人反映：", "市民来电称，", "来电建议："),
}
CLOSINGS = ("", "希望认真研究。", "谢谢！", "盼答复。", "大家都这么想。")
PERSONAL = (
    "我家{n}楼漏水报修{n}个月没有人来。",
    "物业乱收费，去年多收了我{n}00元。",
    "邻居违建挡了我家{n}楼的窗。",
)
REASONS = {
    "noted": "所提{about}已转相关专项规划研究，本规划只定方向。",
    "not_adopted": "关于{about}，按客流和用地评估暂不具备条件，明年复评。",
    "out_of_scope": "{about}不属于本规划的范围，由主管部门另行答复。",
    "partly_adopted": "{about}中可行的部分写入文本，其余列入年度计划研究。",
    "adopted": "",
    "already_covered": "",
}


def texts(dice: random.Random) -> list[tuple[Channel, list[str]]]:
    """Channel and points of each sending; a letter may hold two matters in one text."""
    sentences = sorted({comment.text for comment in demo_comments() if len(comment.text) < 200})
    campaign = dice.choice(sentences)
    found = []
    for number in range(SENDINGS):
        channel = list(OPENINGS)[number % 3]
        if number % 15 == 0:
            body = dice.choice(PERSONAL).format(n=dice.randrange(2, 9))
        elif number % 12 == 1:
            body = campaign
        else:
            body = dice.choice(sentences)
        if number % 25 == 3:
            body = f"一、{dice.choice(sentences)}\n二、{dice.choice(sentences)}"
        points = [f"{dice.choice(OPENINGS[channel])}{body}{dice.choice(CLOSINGS)}"]
        if channel is Channel.WEB and number % 10 == 6:
            points.append(dice.choice(sentences))
        found.append((channel, points))
    return found


def scope_of(session: Session, office: Office, clock: Clock) -> Scope:
    key = office.consultation.id or 0
    return queries.scope_for(
        session, key, officer=office.officers["shen"], whole_queue=True,
        plan=plan.load(session, key), now=clock.now,
    )  # fmt: skip


def handle(
    session: Session, office: Office, comment: Comment, dice: random.Random, now: Clock
) -> None:
    """What a sensible official does with one comment."""
    officer, text = dice.choice(list(office.officers.values())), comment.text
    if any(word in text for word in ("漏水报修", "多收了我", "邻居违建")):
        service.hand_over(
            session, comment, officer, version=comment.version, recipient="12345",
            reason="个人诉求，转热线办理。", now=now.now,
        )  # fmt: skip
        return
    if dice.random() < 0.2:
        unit = dice.choice(list(office.departments.values()))
        service.assign(
            session, comment, officer, version=comment.version, department_id=unit.id,
            officer_id=None, now=now.now,
        )  # fmt: skip
    outcome = dice.choice(list(REASONS))
    about = f"“{text[4:12]}”"
    place = {"change_place": "第二章第一节"} if outcome.endswith(("adopted", "covered")) else {}
    form = DecisionForm(
        version=comment.version, outcome=outcome, reason=REASONS[outcome].format(about=about),
        **place,
    )  # fmt: skip
    service.dispose(session, comment, officer, form, plan.PlanIndex(), now=now.now)


def test_three_hundred_opinions_arrive_and_every_one_is_answered_for(
    office: Office, database: Database, session: Session, settings: Settings, clock: Clock
) -> None:
    dice = random.Random(20261122)
    office.hire("lu", Role.OFFICER)
    plans.confirm(
        session, session.get_one(PlanVersion, office.plan_version_id), None, now=clock.now
    )
    expected = 0
    for number, (channel, points) in enumerate(texts(dice)):
        clock.advance(minutes=1)
        register(
            session, office.consultation,
            [Point(about="p3" if number % 2 else "", text=text) for text in points],
            Sender(), channel=channel, key=f"day-{number}", secret=settings.secret(), now=clock.now,
        )  # fmt: skip
        expected += len(points)
    session.commit()
    register_jobs()
    jobs.run_now("assess", database, settings)
    session.expire_all()
    for comment in session.exec(select(Comment).order_by(col(Comment.id))).all():
        cuts = [p.number for p in splitting.shown_pieces(comment.text, ()) if p.is_point]
        if "一、" in comment.text and cuts:
            officer = office.officers["shen"]
            parts = service.split(
                session, comment, officer, cuts, version=comment.version, now=clock.now
            )
            expected += len(parts) - 1
    session.commit()
    jobs.run_now("assess", database, settings)
    session.expire_all()
    read = select(Comment).where(col(Comment.masked_text).is_not(None), col(Comment.is_current))
    assert len(session.exec(read).all()) == expected
    scope = scope_of(session, office, clock)
    waiting = [key for key, _ in queries.matching_ids(session, search.parse(""), scope)]
    assert len(waiting) == expected
    for key in waiting:
        clock.advance(seconds=50)
        handle(session, office, session.get_one(Comment, key), dice, clock)
    session.commit()
    clock.advance(minutes=1)
    _check_closing_numbers(session, office, clock, expected)


def _check_closing_numbers(session: Session, office: Office, clock: Clock, expected: int) -> None:
    """The desk, the tables and the report say the same, and nothing is left."""
    scope = scope_of(session, office, clock)
    counts = queries.counts_by_handling(session, scope)
    assert counts["new"] == counts["assigned"] == counts["overdue"] == 0
    assert counts["decided"] + counts["handed_over"] == expected
    assert counts["handed_over"] >= SENDINGS // 15
    content = compile_adoption(session, office.consultation, now=clock.now)
    assert list(check_totals(content)) == []
    assert (content.submission_count, content.comment_count) == (SENDINGS, expected)
    assert sum(part.count for part in content.handed_over) == counts["handed_over"]
    assert sum(part.count for part in content.outcomes) == counts["decided"]
    assert not [fault for fault in content.faults if fault.code in ("undecided", "reason_missing")]
    channels = Counter(session.exec(select(Submission.channel)))
    assert set(channels.values()) == {SENDINGS // 3}
    loads = workload.workload(session, scope)
    assert sum(load.decided_count for load in loads.officers) == counts["decided"]
    standing = select(Disposition).where(col(Disposition.superseded_at).is_(None))
    assert len(session.exec(standing).all()) == counts["decided"]
    assert audit.verify(session) == []
