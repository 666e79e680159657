"""A small plan, published, for the public pages' tests."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from analysis.contracts import (
    Bound,
    Indicator,
    IndicatorKind,
    ParsedPlan,
    Passage,
    Section,
    Task,
)
from backend.consultations import service as consultations
from backend.models import Consultation, Neighbourhood, Organisation, Stage
from backend.plans import service as plans

MEALS = "到2030年，每个居民区步行十五分钟可以到达一处社区食堂，新建社区食堂三十处。"
LIFTS = "新增加装电梯八百台，优先安排六层以上的老楼。"
PLAN = ParsedPlan(
    title="青澜区“十五五”规划纲要（征求意见稿）",
    issuer="青澜区发展和改革委员会",
    is_draft=True,
    notice=None,
    sections=(
        Section("s1", 1, "第一章", "更好的日常生活", None, False, (Passage("p1", MEALS),)),
        Section("s2", 2, "第一节", "住得方便", "s1", False, (Passage("p2", LIFTS),)),
        Section("s3", 1, "第二章", "指标", None, False, (Passage("p3", "主要指标见表。"),)),
    ),
    indicators=(
        Indicator(
            "i1",
            "1",
            "人均公园绿地",
            unit="平方米",
            kind=IndicatorKind.BINDING,
            target="9.5",
            current="7.6",
            bound=Bound.AT_LEAST,
            section="s3",
        ),
    ),
    tasks=(Task("t1", "新增加装电梯八百台", section="s2", quote="新增加装电梯八百台"),),
)


def publish(
    session: Session,
    now: datetime,
    *,
    slug: str = "qinglan",
    opens: timedelta = timedelta(days=-10),
    closes: timedelta = timedelta(days=20),
    **fields: object,
) -> Consultation:
    """A consultation the public may see, open from now - 10 to now + 20 days; commits."""
    organisation = session.exec(select(Organisation)).first()
    if organisation is None:
        organisation = Organisation(slug="qinglan", name="青澜区人民政府", created_at=now)
        session.add(organisation)
        session.flush()
        assert organisation.id is not None
        for street, name in (("东浦街道", "锦绣居委"), ("白鹭镇", "河口村")):
            session.add(Neighbourhood(organisation_id=organisation.id, street=street, name=name))
    consultation, version = consultations.draft_from(
        session, organisation, PLAN, slug=slug, now=now
    )
    plans.confirm(session, version, None, now=now)
    consultation.opens_at, consultation.closes_at = now + opens, now + closes
    consultation.published_on = (now + opens).date()
    consultation.stage = Stage.ANNOUNCED
    consultation.introduction = "草案已经形成，请您提意见。"
    consultation.email = "plan@example.cn"
    for name, value in fields.items():
        setattr(consultation, name, value)
    session.add(consultation)
    session.commit()
    return consultation
