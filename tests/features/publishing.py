"""A small plan, published, for the public pages' tests."""

from typing import Any

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
from backend.models import Consultation, Neighbourhood, Organisation
from tests.factories import make_consultation, make_organisation

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


def publish(session: Session, *, slug: str = "qinglan", **fields: Any) -> Consultation:
    """A consultation the public may see, open around the clock's start; commits."""
    organisation = session.exec(select(Organisation)).first()
    if organisation is None:
        organisation = make_organisation(session)
        assert organisation.id is not None
        for street, name in (("东浦街道", "锦绣居委"), ("白鹭镇", "河口村")):
            session.add(Neighbourhood(organisation_id=organisation.id, street=street, name=name))
    when = {name: fields.pop(name) for name in ("opens", "closes") if name in fields}
    consultation = make_consultation(session, organisation, slug=slug, plan=PLAN, **when)
    for name, value in fields.items():
        setattr(consultation, name, value)
    session.commit()
    return consultation
