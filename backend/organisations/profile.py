"""What an organisation is called and what stands in the footer of its pages."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, StringConstraints
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.kit.text import clean_line
from backend.models import Officer, Organisation
from backend.web.errors import Refused

Line = Annotated[str, StringConstraints(max_length=1000), AfterValidator(clean_line)]
LENGTHS = {
    "name": 200, "mark": 2, "address": 200, "phone": 50, "icp_number": 64,
    "public_security_number": 64, "site_code": 32,
}  # fmt: skip
WORDS = {
    "name": "单位名称", "mark": "印章字", "address": "地址", "phone": "联系电话",
    "icp_number": "ICP 备案号", "public_security_number": "公安备案号", "site_code": "网站标识码",
}  # fmt: skip


class ProfileForm(BaseModel):
    """The organisation as its administrator describes it."""

    name: Line = ""
    mark: Line = ""
    address: Line = ""
    phone: Line = ""
    icp_number: Line = ""
    public_security_number: Line = ""
    site_code: Line = ""


def find(session: Session, slug: str | None) -> Organisation | None:
    """The organisation of this slug; the first one when none is asked for."""
    query = select(Organisation).order_by(col(Organisation.id)).limit(1)
    if slug is not None:
        query = query.where(Organisation.slug == slug)
    return session.exec(query).first()


def save(session: Session, form: ProfileForm, *, by: Officer, now: datetime) -> None:
    """Keep it; the next page that is opened shows it."""
    if not form.name:
        raise Refused("请填写单位名称。")
    for field, value in form.model_dump().items():
        if len(value) > LENGTHS[field]:
            raise Refused(f"{WORDS[field]}最多 {LENGTHS[field]} 个字。")
    row = session.get_one(Organisation, by.organisation_id)
    before = {field: getattr(row, field) for field in WORDS}
    for field, value in form.model_dump().items():
        setattr(row, field, value)
    session.add(row)
    changed = [WORDS[field] for field in WORDS if before[field] != getattr(row, field)]
    details = {"fields": changed}
    audit.record(session, by, "organisation.edit", "organisation", row.id, details, now=now)
