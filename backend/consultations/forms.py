"""What an official types about a consultation, as plain models with a sentence per fault."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from backend.kit.clock import end_of, last_day_before, local, start_of
from backend.kit.text import clean_line, clean_text
from backend.models import Consultation

LINES = {
    "title": ("标题", 200),
    "drafting_office": ("起草部门", 100),
    "subject": ("主题", 50),
    "place": ("地区", 50),
    "email": ("电子邮箱", 254),
    "postal_address": ("邮寄地址", 300),
    "postcode": ("邮政编码", 6),
    "phone": ("电话", 50),
}
TEXTS = ("introduction", "explanation", "legal_basis", "shortened_reason", "off_limits")


class NoticeForm(BaseModel):
    """The notice as typed; dates are `YYYY-MM-DD`."""

    title: str = ""
    drafting_office: str = ""
    subject: str = ""
    place: str = ""
    opens_on: str = ""
    closes_on: str = ""
    shortened_reason: str = ""
    introduction: str = ""
    explanation: str = ""
    legal_basis: str = ""
    email: str = ""
    postal_address: str = ""
    postcode: str = ""
    phone: str = ""
    off_limits: str = ""
    publishes_comments: bool = False
    requires_verified_contact: bool = False
    version: int = 0

    def errors(self) -> dict[str, str]:
        """One sentence for each field that cannot be accepted."""
        found = {}
        for name, (label, limit) in LINES.items():
            if len(clean_line(getattr(self, name))) > limit:
                found[name] = f"{label}最多 {limit} 个字"
        if not clean_line(self.title):
            found["title"] = "请填写标题"
        for name, label in (("opens_on", "开始日期"), ("closes_on", "截止日期")):
            if getattr(self, name) and _day(getattr(self, name)) is None:
                found[name] = f"{label}要写成 2026-11-22 的样子"
        if self.postcode and not (self.postcode.isdigit() and len(self.postcode) == 6):
            found["postcode"] = "邮政编码是 6 位数字"
        if self.email and "@" not in self.email:
            found["email"] = "电子邮箱的格式不对，例如 name@example.com"
        return found

    def values(self) -> dict[str, Any]:
        """The fields of the consultation, cleaned."""
        opens, closes = _day(self.opens_on), _day(self.closes_on)
        return {
            **{name: clean_line(getattr(self, name)) for name in LINES},
            **{name: clean_text(getattr(self, name)) for name in TEXTS},
            "opens_at": start_of(opens) if opens else None,
            "published_on": opens,
            "closes_at": end_of(closes) if closes else None,
            "publishes_comments": self.publishes_comments,
            "requires_verified_contact": self.requires_verified_contact,
        }


def form_of(consultation: Consultation) -> NoticeForm:
    """The form with what is stored."""
    stored: Mapping[str, Any] = consultation.model_dump()
    names = NoticeForm.model_fields.keys() & stored.keys()
    values = {name: stored[name] for name in names if stored[name] is not None}
    return NoticeForm(
        **values,
        opens_on=_typed(consultation.opens_at),
        closes_on=_typed_last(consultation.closes_at),
    )


def _typed(moment: datetime | None) -> str:
    return "" if moment is None else local(moment).date().isoformat()


def _typed_last(moment: datetime | None) -> str:
    return "" if moment is None else last_day_before(moment).isoformat()


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        return None
