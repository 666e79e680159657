"""Making, publishing and changing a consultation."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from analysis.contracts import Notice, ParsedPlan
from backend.consultations import rules
from backend.consultations.queries import by_slug
from backend.kit.clock import end_of, last_day_before, local, start_of
from backend.models import (
    Consultation,
    NoticeRevision,
    Officer,
    Organisation,
    PlanVersion,
    Stage,
    VersionKind,
)
from backend.plans import rules as plan_rules
from backend.plans import service as plans
from backend.plans.comparing import NOTICE_TITLE
from backend.web.errors import Refused

NOTICE_FIELDS = (
    "title",
    "opens_at",
    "closes_at",
    "shortened_reason",
    "drafting_office",
    "introduction",
    "explanation",
    "legal_basis",
    "email",
    "postal_address",
    "postcode",
    "phone",
    "published_on",
    "off_limits",
)


def draft_from(
    session: Session,
    organisation: Organisation,
    parsed: ParsedPlan,
    *,
    slug: str | None = None,
    file_name: str = "",
    file_sha256: str = "",
    now: datetime,
) -> tuple[Consultation, PlanVersion]:
    """A draft consultation of a parsed plan: notice fields, outline, indicators and tasks."""
    assert organisation.id is not None
    notice = parsed.notice or Notice()
    parsed = _with_notice_named(parsed)
    consultation = Consultation(
        organisation_id=organisation.id,
        slug=free_slug(session, slug, now),
        title=(parsed.title or file_name or "未命名的规划")[:200],
        opens_at=start_of(notice.published_on) if notice.published_on else None,
        closes_at=end_of(notice.deadline) if notice.deadline else None,
        published_on=notice.published_on,
        issuer=(parsed.issuer or "")[:200],
        drafting_office=(parsed.issuer or "")[:100],
        email=notice.email,
        postal_address=notice.postal_address,
        postcode=notice.postcode,
        created_at=now,
    )
    session.add(consultation)
    session.flush()
    assert consultation.id is not None
    kind = VersionKind.FINAL if parsed.is_draft is False else VersionKind.CONSULTATION_DRAFT
    version = plans.store_version(
        session,
        consultation.id,
        parsed,
        kind=kind,
        file_name=file_name,
        file_sha256=file_sha256,
        now=now,
    )
    return consultation, version


def _with_notice_named(parsed: ParsedPlan) -> ParsedPlan:
    """The text before the first heading is the notice when there is one: call it so."""
    if parsed.notice is None or not parsed.sections:
        return parsed
    first, *others = parsed.sections
    if not first.inferred or first.title != "前言":
        return parsed
    return replace(parsed, sections=(replace(first, title=NOTICE_TITLE), *others))


def free_slug(session: Session, wanted: str | None, now: datetime) -> str:
    """`wanted` in lower-case letters, digits and hyphens, made unique; or one from the date."""
    base = re.sub(r"[^a-z0-9]+", "-", (wanted or "").lower()).strip("-")[:60]
    if not base:
        base = f"{local(now):%Y%m%d}"
    slug = base
    while by_slug(session, slug) is not None:
        slug = f"{base}-{secrets.token_hex(2)}"
    return slug


def edit_notice(
    session: Session, consultation: Consultation, values: Mapping[str, Any], *, version: int
) -> None:
    """Change a notice nobody has published yet; a published one is corrected or extended."""
    if consultation.stage != Stage.DRAFT:
        raise Refused("公告已经发布，请用“更正公告”或“延长期限”，改动会留有记录。")
    check_version(consultation, version)
    for field, value in values.items():
        setattr(consultation, field, value)
    consultation.version += 1
    session.add(consultation)


def check_version(consultation: Consultation, version: int) -> None:
    if consultation.version != version:
        raise Refused("这份公告刚刚被别人改过，请刷新页面后重新修改。")


def publish(
    session: Session,
    consultation: Consultation,
    plan_version: PlanVersion | None,
    officer: Officer | None,
    *,
    now: datetime,
) -> None:
    """Put the notice before the public; refused while anything the law asks for is missing."""
    if consultation.stage != Stage.DRAFT:
        raise Refused("这个征询已经发布过了。")
    if consultation.published_on is None or consultation.published_on < local(now).date():
        consultation.published_on = local(now).date()
    if consultation.opens_at is None or consultation.opens_at < now:
        consultation.opens_at = now
    reason = plan_rules.reason_not_to_publish(plan_version)
    if reason:
        raise Refused(reason)
    missing = rules.obstacles(consultation, local(now).date())
    if missing:
        raise Refused("".join(obstacle.message for obstacle in missing))
    consultation.stage = Stage.ANNOUNCED
    consultation.version += 1
    session.add(consultation)
    record_notice(session, consultation, "published", "", officer, now=now)


def extend(
    session: Session,
    consultation: Consultation,
    until: date,
    reason: str,
    officer: Officer | None,
    *,
    now: datetime,
) -> None:
    """A later closing day, with the reason shown to the public."""
    if not reason.strip():
        raise Refused("请写明延长期限的原因，原因会公布。")
    if consultation.closes_at is None or until <= last_day_before(consultation.closes_at):
        raise Refused("新的截止日期要晚于原来的截止日期。")
    consultation.closes_at = end_of(until)
    consultation.version += 1
    session.add(consultation)
    record_notice(session, consultation, "extended", reason, officer, now=now)


def correct(
    session: Session,
    consultation: Consultation,
    values: Mapping[str, Any],
    reason: str,
    officer: Officer | None,
    *,
    version: int,
    now: datetime,
) -> list[str]:
    """Mend a published notice, with the reason shown to the public; returns the fields changed.

    Dates are not corrected: a window is extended or cancelled, each in public.
    """
    if consultation.stage == Stage.DRAFT:
        raise Refused("公告还没有发布，请直接修改。")
    check_version(consultation, version)
    changed = [
        name
        for name in rules.CORRECTABLE
        if name in values and (values[name] or "") != (getattr(consultation, name) or "")
    ]
    if not changed:
        raise Refused("内容没有改动，不需要更正。")
    if not reason.strip():
        raise Refused("请写明更正的原因，原因会公布。")
    for name in changed:
        setattr(consultation, name, values[name])
    consultation.version += 1
    session.add(consultation)
    record_notice(session, consultation, "corrected", reason, officer, now=now)
    return changed


def cancel(
    session: Session,
    consultation: Consultation,
    reason: str,
    officer: Officer | None,
    *,
    now: datetime,
) -> None:
    """End a consultation before its time, in public; what came in stays and is answered."""
    if rules.stage(consultation, now) not in (Stage.ANNOUNCED, Stage.OPEN):
        raise Refused("只有还没有截止的征询可以取消。")
    if not reason.strip():
        raise Refused("请写明取消的原因，原因会公布。")
    consultation.cancelled_at = consultation.closes_at = now
    if consultation.opens_at is None or consultation.opens_at > now:
        consultation.opens_at = now
    consultation.version += 1
    session.add(consultation)
    record_notice(session, consultation, "cancelled", reason, officer, now=now)


def begin_review(session: Session, consultation: Consultation, *, now: datetime) -> None:
    """After closing: the office studies what came in."""
    if rules.stage(consultation, now) != Stage.CLOSED:
        raise Refused("征询截止以后才能进入研究阶段。")
    consultation.stage = Stage.UNDER_REVIEW
    session.add(consultation)


def mark_answered(session: Session, consultation: Consultation) -> None:
    """The outcome is public."""
    consultation.stage = Stage.ANSWERED
    session.add(consultation)


def record_notice(
    session: Session,
    consultation: Consultation,
    kind: str,
    reason: str,
    officer: Officer | None,
    *,
    now: datetime,
) -> None:
    """Keep the notice as it stands, so that its history can be shown and archived."""
    assert consultation.id is not None
    content = {name: _plain(getattr(consultation, name)) for name in NOTICE_FIELDS}
    session.add(
        NoticeRevision(
            consultation_id=consultation.id,
            kind=kind,
            reason=reason,
            content=content,
            officer_id=None if officer is None else officer.id,
            created_at=now,
        )
    )


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, (date, datetime)) else value
