"""Small, believable rows for tests. Every maker adds, flushes and returns a row with an id."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel

from analysis.contracts import (
    Indicator,
    IndicatorKind,
    ParsedPlan,
    Passage,
    Section,
    Task,
)
from backend.accounts.service import create_officer
from backend.kit.ids import new_look_up_code, new_receipt_code, new_token
from backend.models import (
    Channel,
    Comment,
    Consultation,
    Officer,
    Organisation,
    PlanVersion,
    Role,
    Stage,
    Submission,
)
from backend.plans import service as plans

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PASSWORD = "ink-paper-vermilion-seal"


def sample_plan() -> ParsedPlan:
    """Two chapters, three sections, two indicators, two tasks; written for the tests."""
    return ParsedPlan(
        title="云桥镇国民经济和社会发展第十五个五年规划（征求意见稿）",
        issuer="云桥镇人民政府",
        is_draft=True,
        sections=(
            Section("s1", 1, "第一章", "改善居住条件", None, False),
            Section(
                "s2",
                2,
                "一、",
                "加快旧住房改造",
                "s1",
                False,
                (
                    Passage("p1", "推进老旧小区改造。到2030年，完成老旧小区改造60万平方米。"),
                    Passage("p2", "支持既有多层住宅加装电梯，五年加装200台，方便老年人上下楼。"),
                ),
            ),
            Section(
                "s3",
                2,
                "二、",
                "缓解停车难",
                "s1",
                False,
                (Passage("p3", "新增公共停车泊位1500个，推广错时共享停车。"),),
            ),
            Section(
                "s4",
                1,
                "第二章",
                "关爱老年人",
                None,
                False,
                (Passage("p4", "新建社区食堂12个，让老年人就近吃上热饭。"),),
            ),
        ),
        indicators=(
            Indicator(
                "i1",
                "1",
                "老旧小区改造面积",
                unit="万平方米",
                target="60",
                kind=IndicatorKind.BINDING,
                section="s2",
            ),
            Indicator(
                "i2",
                "2",
                "新增公共停车泊位",
                unit="个",
                target="1500",
                kind=IndicatorKind.ANTICIPATORY,
                section="s3",
            ),
        ),
        tasks=(
            Task("t1", "支持既有多层住宅加装电梯", section="s2"),
            Task("t2", "新建社区食堂", section="s4"),
        ),
    )


def _add(session: Session, row: SQLModel) -> Any:
    session.add(row)
    session.flush()
    return row


def make_organisation(session: Session, *, slug: str = "yunqiao") -> Organisation:
    row: Organisation = _add(
        session, Organisation(slug=slug, name=f"{slug}镇人民政府", created_at=NOW)
    )
    return row


def make_officer(
    session: Session,
    organisation: Organisation,
    *,
    username: str = "lixiao",
    roles: tuple[Role, ...] = (Role.OFFICER,),
) -> Officer:
    return create_officer(
        session,
        organisation=organisation,
        username=username,
        display_name="李晓",
        password=PASSWORD,
        roles=roles,
        now=NOW,
    )


def make_consultation(
    session: Session,
    organisation: Organisation,
    *,
    slug: str = "yunqiao-15",
    stage: Stage = Stage.ANNOUNCED,
    opens: timedelta = timedelta(days=-10),
    closes: timedelta = timedelta(days=20),
    plan: ParsedPlan | None = None,
    **fields: Any,
) -> Consultation:
    """A published consultation, open around NOW, with a confirmed plan."""
    consultation: Consultation = _add(
        session,
        Consultation(
            organisation_id=organisation.id,
            slug=slug,
            title="关于《云桥镇第十五个五年规划》公开征求意见",
            stage=stage,
            opens_at=NOW + opens,
            closes_at=NOW + closes,
            published_on=(NOW + opens).date(),
            explanation="为编制好规划，现公开征求意见。",
            email="zhengxun@yunqiao.example",
            created_at=NOW,
            **fields,
        ),
    )
    version = make_version(session, consultation, plan or sample_plan())
    plans.confirm(session, version, None, now=NOW)
    session.flush()
    return consultation


def make_version(session: Session, consultation: Consultation, plan: ParsedPlan) -> PlanVersion:
    assert consultation.id is not None
    return plans.store_version(session, consultation.id, plan, now=NOW)


def make_comment(
    session: Session,
    consultation: Consultation,
    text: str = "老房子没有电梯，八十岁的母亲下不了楼，希望尽快加装。",
    *,
    channel: Channel = Channel.WEB,
    received_at: datetime = NOW,
    **fields: Any,
) -> Comment:
    """A comment in a submission of its own."""
    submission: Submission = _add(
        session,
        Submission(
            consultation_id=consultation.id,
            receipt_code=new_receipt_code(),
            receipt_token=new_token(),
            look_up_code=new_look_up_code(),
            idempotency_key=new_token(),
            channel=channel,
            received_at=received_at,
        ),
    )
    comment: Comment = _add(
        session,
        Comment(
            submission_id=submission.id,
            consultation_id=consultation.id,
            text=text,
            received_at=received_at,
            **fields,
        ),
    )
    return comment
