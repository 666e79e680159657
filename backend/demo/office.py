"""The demo's office: the fictional district, its departments and the people who work there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from backend.accounts.service import create_officer
from backend.demo import material
from backend.models import Department, Neighbourhood, Officer, Organisation, ReplyTemplate

PASSWORD = "zhengxun-demo"  # noqa: S105 - printed on the console; refused outside demo mode
# Words in a section's title → the department its comments are given to.
UNITS = {
    "住房": "区住房保障和房屋管理局",
    "改造": "区住房保障和房屋管理局",
    "电梯": "区住房保障和房屋管理局",
    "小区": "区住房保障和房屋管理局",
    "停车": "区交通委员会",
    "交通": "区交通委员会",
    "慢行": "区交通委员会",
    "教育": "区教育局",
    "托育": "区教育局",
    "养老": "区民政局",
    "关爱": "区民政局",
    "医疗": "区卫生健康委员会",
    "文化": "区文化和旅游局",
    "公园": "区绿化和市容管理局",
    "岸线": "区水务局",
    "水气声": "区生态环境局",
    "垃圾": "区绿化和市容管理局",
    "营商": "区商务委员会",
    "就业": "区人力资源和社会保障局",
    "数字": "区数据局",
    "安全": "区应急管理局",
}


@dataclass(frozen=True)
class Office:
    """The organisation with its people and units by name."""

    organisation: Organisation
    officers: Mapping[str, Officer]
    departments: Mapping[str, Department]


def found_office(session: Session, now: datetime) -> Office:
    """The district with its units, neighbourhoods, templates and staff."""
    district = material.gazetteer()
    organisation = Organisation(
        slug="linjiang", name=f"{district.district}人民政府", created_at=now
    )
    session.add(organisation)
    session.flush()
    assert organisation.id is not None
    departments = {}
    for unit in district.departments:
        departments[unit.name] = Department(organisation_id=organisation.id, name=unit.name)
    session.add_all(departments.values())
    homes = {
        name: Neighbourhood(organisation_id=organisation.id, street=street.name, name=name)
        for street in district.streets
        for name in street.neighbourhoods
    }
    session.add_all(homes.values())
    session.add_all(
        ReplyTemplate(
            organisation_id=organisation.id,
            name=template.title,
            outcome=None if template.outcome is None else template.outcome.value,
            text=template.text,
        )
        for template in material.reply_templates()
    )
    session.flush()
    officers = {
        person.username: create_officer(
            session,
            organisation=organisation,
            username=person.username,
            display_name=person.display_name,
            password=PASSWORD,
            roles=person.roles,
            department_id=departments[person.department].id,
            neighbourhood_id=homes[person.neighbourhood].id if person.neighbourhood else None,
            is_demo=True,
            now=now,
        )
        for person in material.officers()
    }
    for username, officer in officers.items():
        officer.email = f"{username}@linjiang.example"
        session.add(officer)
    return Office(organisation, officers, departments)
