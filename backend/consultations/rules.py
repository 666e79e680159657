"""When a consultation is open, and what the law asks of its notice. Pure; takes `now`.

国务院令第713号 Art. 15: the draft and its explanation are published, with how and until when to
comment; the period is normally not less than 30 days, and a shorter one is explained in the
notice. Days = closing date - publication date, the closing day counting whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from backend.kit.clock import last_day_before, local
from backend.models import Consultation, NoticeRevision, Stage

STATUTORY_DAYS = 30
# Decided by an officer, not by the clock.
# What a published notice may be corrected in, by the words the public reads.
CORRECTABLE = {
    "title": "标题",
    "drafting_office": "起草部门",
    "introduction": "征询缘由",
    "explanation": "起草说明",
    "legal_basis": "法律依据",
    "off_limits": "不在征询范围的事项",
    "email": "电子邮箱",
    "postal_address": "邮寄地址",
    "postcode": "邮政编码",
    "phone": "电话",
}
_SETTLED = frozenset({Stage.DRAFT, Stage.UNDER_REVIEW, Stage.ANSWERED, Stage.ARCHIVED})


def stage(consultation: Consultation, now: datetime) -> Stage:
    """The stage as it is at `now`: a published consultation opens and closes by the clock."""
    if consultation.stage in _SETTLED or not consultation.opens_at or not consultation.closes_at:
        return consultation.stage
    if now < consultation.opens_at:
        return Stage.ANNOUNCED
    return Stage.OPEN if now < consultation.closes_at else Stage.CLOSED


def is_public(consultation: Consultation) -> bool:
    return consultation.stage != Stage.DRAFT


def is_open(consultation: Consultation, now: datetime) -> bool:
    return stage(consultation, now) == Stage.OPEN


def accepts_late(
    consultation: Consultation, form_opened_at: datetime, now: datetime, grace_minutes: int
) -> bool:
    """A form opened before closing and sent within the grace period counts, marked late (F14)."""
    closes_at = consultation.closes_at
    if closes_at is None or stage(consultation, now) != Stage.CLOSED:
        return False
    return form_opened_at < closes_at and now < closes_at + timedelta(minutes=grace_minutes)


def days_left(consultation: Consultation, now: datetime) -> int:
    """Whole local days until the last day, that day itself counting 0."""
    if consultation.closes_at is None:
        return 0
    return (last_day_before(consultation.closes_at) - local(now).date()).days


def notice_days(consultation: Consultation) -> int | None:
    """Days the public has, by the legal clock; None while a date is missing."""
    published, closes_at = consultation.published_on, consultation.closes_at
    if published is None or closes_at is None:
        return None
    return (last_day_before(closes_at) - published).days


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a notice from being published, and which field mends it."""

    field: str
    message: str


def obstacles(consultation: Consultation, today: date) -> list[Obstacle]:
    """Everything the notice still lacks before it may be published."""
    found = []
    if not consultation.opens_at or not consultation.closes_at:
        found.append(Obstacle("closes_on", "请填写征询的开始和截止日期。"))
    elif consultation.closes_at <= consultation.opens_at:
        found.append(Obstacle("closes_on", "截止日期要晚于开始日期。"))
    elif last_day_before(consultation.closes_at) < today:
        found.append(Obstacle("closes_on", "截止日期已经过去，请填写今天或以后的日期。"))
    if not consultation.explanation.strip():
        found.append(Obstacle("explanation", "请填写起草说明，公告应当同时公布草案和说明。"))
    if not (consultation.email or consultation.postal_address or consultation.phone):
        found.append(Obstacle("email", "请至少填写一种网站以外的反映渠道：邮箱、地址或电话。"))
    days = notice_days(consultation)
    if days is not None and days < STATUTORY_DAYS and not consultation.shortened_reason:
        found.append(
            Obstacle(
                "shortened_reason",
                f"征询期只有 {days} 天，少于 {STATUTORY_DAYS} 天，请写明缩短的理由，理由会公布。",
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class NoticeChange:
    """One change of a published notice, as the public is told."""

    at: datetime
    kind: str
    reason: str
    fields: tuple[tuple[str, str, str], ...]


def history(revisions: Sequence[NoticeRevision]) -> list[NoticeChange]:
    """What changed from each revision to the next: (name, before, after) of every field."""
    changes = []
    before: Mapping[str, Any] = {}
    for revision in revisions:
        fields = tuple(
            (label, str(before.get(name) or ""), str(revision.content.get(name) or ""))
            for name, label in CORRECTABLE.items()
            if revision.kind == "corrected"
            and (before.get(name) or "") != (revision.content.get(name) or "")
        )
        changes.append(NoticeChange(revision.created_at, revision.kind, revision.reason, fields))
        before = revision.content
    return changes
