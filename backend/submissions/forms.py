"""What a resident types, as plain models: points, who sends them, and the files that come along.

Nothing is refused at the door: a form is read whatever it holds, and `check_…` gives one sentence
per field that cannot be accepted, so that the page can be shown again with everything kept.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import BaseModel

from backend.kit.text import clean_line, clean_text
from backend.models import SubmitterKind

MAX_POINTS = 20
MAX_QUOTE = 300
CONTEXT = 40
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}")
_PHONE = re.compile(r"\+?[0-9][0-9 \-()（）转]{5,24}")

Errors = dict[str, str]


class Point(BaseModel):
    """One opinion (条) and what it is about: `about` is a key of the plan, empty for all of it."""

    about: str = ""
    quote: str = ""
    prefix: str = ""
    suffix: str = ""
    text: str = ""
    proposed_wording: str = ""


class Sender(BaseModel):
    """Who sends it; every field may stay empty."""

    kind: str = ""
    street: str = ""
    neighbourhood: str = ""
    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    wants_receipt: str = ""
    is_under_14: str = ""
    guardian: str = ""
    guardian_consents: str = ""

    @property
    def has_contact(self) -> bool:
        return any((self.name, self.phone, self.email, self.address))


class StoredFile(BaseModel):
    """An attachment that was examined and lies in the uploads directory under its hash."""

    file_name: str
    media_type: str
    size: int
    sha256: str


class DraftForm(BaseModel):
    """Everything of one sending (件) before it is sent."""

    opened_at: datetime
    is_trapped: bool = False
    points: list[Point] = []
    sender: Sender = Sender()
    files: list[StoredFile] = []


def read_point(fields: Mapping[str, str]) -> Point:
    """The opinion as typed, cleaned of invisible characters only."""
    return Point(
        about=clean_line(fields.get("about", ""))[:32],
        quote=_words(fields, "quote", MAX_QUOTE),
        prefix=_words(fields, "prefix", CONTEXT),
        suffix=_words(fields, "suffix", CONTEXT),
        text=clean_text(fields.get("text", "")),
        proposed_wording=clean_text(fields.get("proposed_wording", "")),
    )


def read_sender(fields: Mapping[str, str]) -> Sender:
    sender = Sender(**{name: clean_line(fields.get(name, "")) for name in Sender.model_fields})
    if sender.is_under_14 and sender.has_contact:
        return sender
    # Without a child's contact data the guardian is nobody's business.
    return sender.model_copy(update={"guardian": "", "guardian_consents": ""})


def check_point(point: Point, *, max_length: int) -> Errors:
    """One sentence for each field of the opinion that cannot be accepted."""
    errors: Errors = {}
    if not point.text and not point.proposed_wording:
        errors["text"] = "请写下您的意见"
    elif len(point.text) > max_length:
        errors["text"] = _too_long("意见", len(point.text), max_length)
    if len(point.proposed_wording) > max_length:
        errors["proposed_wording"] = _too_long(
            "建议的文字", len(point.proposed_wording), max_length
        )
    return errors


def check_sender(sender: Sender, *, streets: Collection[str]) -> Errors:
    """One sentence for each field about the sender that cannot be accepted."""
    errors: Errors = {}
    if sender.kind and sender.kind not in set(SubmitterKind):
        errors["kind"] = "请从列出的几项中选择您的身份，或者不选"
    if sender.street and streets and sender.street not in streets:
        errors["street"] = "请从列出的街镇中选择，或者不选"
    for name, label, limit in (
        ("street", "街镇", 50),
        ("neighbourhood", "居委或村委", 50),
        ("name", "称呼", 64),
        ("address", "地址", 200),
    ):
        if len(getattr(sender, name)) > limit:
            errors.setdefault(name, _too_long(label, len(getattr(sender, name)), limit))
    if sender.phone and not _PHONE.fullmatch(sender.phone):
        errors["phone"] = "电话号码请只填数字，例如 13800000000 或 021-60000000"
    errors |= _check_guardian(sender)
    if sender.wants_receipt and not sender.email:
        errors["email"] = "请填写接收回执的电子邮箱，或者不勾选发送回执"
    if sender.email and (len(sender.email) > 254 or not _EMAIL.fullmatch(sender.email)):
        errors["email"] = "电子邮箱的格式不对，例如 name@example.com"
    return errors


def _check_guardian(sender: Sender) -> Errors:
    """Contact data of a child under fourteen is taken only with a guardian's consent (PIPL 31)."""
    if not sender.is_under_14 or not sender.has_contact:
        return {}
    errors: Errors = {}
    if not sender.guardian:
        errors["guardian"] = "未满14周岁要留联系方式的，请填写监护人姓名；不留联系方式就不用填"
    elif len(sender.guardian) > 64:
        errors["guardian"] = _too_long("监护人姓名", len(sender.guardian), 64)
    if not sender.guardian_consents:
        errors["guardian_consents"] = "请由监护人勾选同意，或者删去联系方式再提交"
    return errors


def _words(fields: Mapping[str, str], name: str, limit: int) -> str:
    return clean_text(fields.get(name, ""))[:limit]


def _too_long(label: str, length: int, limit: int) -> str:
    return f"{label}最多{limit}字，现在是{length}字，请删减{length - limit}字"
