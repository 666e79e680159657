"""Digests by e-mail to the drafting office: daily or weekly at an hour, to officers they choose.

Only the latest slot is made up for: after a night without the worker nobody wants seven digests.
Recipients are asked for their permission again when the mail is written; what they may not see on
the desk does not reach them by mail.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from backend.accounts import audit
from backend.accounts.rules import Grant, Permission, may
from backend.consultations.rules import stage
from backend.digests import exporting, filters
from backend.digests.content import DigestContent
from backend.digests.forms import ScheduleForm
from backend.digests.service import stored_content
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail.service import MailFile, post
from backend.models import (
    Consultation,
    Digest,
    DigestOrder,
    DigestRecipient,
    DigestSchedule,
    Frequency,
    Officer,
    RoleGrant,
    Stage,
)
from backend.web.pages import date_zh

RUNNING = frozenset({Stage.OPEN, Stage.CLOSED, Stage.UNDER_REVIEW})
HEAVIEST = 8_000_000  # bytes; many mail servers refuse more than ten million.


def schedule_of(session: Session, consultation: Consultation) -> DigestSchedule | None:
    """When this consultation's digest is sent; None until somebody said so."""
    query = select(DigestSchedule).where(DigestSchedule.consultation_id == consultation.id)
    return session.exec(query).first()


def recipients_of(session: Session, schedule: DigestSchedule | None) -> frozenset[int]:
    """The officers it is sent to."""
    query = select(DigestRecipient.officer_id).where(
        DigestRecipient.schedule_id == (schedule.id if schedule else None)
    )
    return frozenset(session.exec(query))


def possible_recipients(session: Session, consultation: Consultation) -> list[Officer]:
    """Working officers with an address who may make this digest themselves."""
    people = session.exec(
        select(Officer)
        .where(
            Officer.organisation_id == consultation.organisation_id,
            col(Officer.deactivated_at).is_(None),
            col(Officer.email).is_not(None),
            Officer.email != "",
        )
        .order_by(Officer.username)
    )
    grants = _grants(session, consultation.organisation_id)
    return [
        officer
        for officer in people
        if may(grants[cast(int, officer.id)], Permission.MAKE_DIGEST, consultation.id)
    ]


def set_schedule(
    session: Session,
    consultation: Consultation,
    form: ScheduleForm,
    *,
    officer: Officer,
    now: datetime,
) -> DigestSchedule:
    """Keep what was chosen; `form` has been checked."""
    schedule = schedule_of(session, consultation) or DigestSchedule(
        consultation_id=cast(int, consultation.id), changed_at=now
    )
    schedule.frequency = Frequency(form.frequency)
    schedule.weekday, schedule.hour = form.weekday, form.hour
    schedule.query, schedule.attachment = filters.render(filters.parse(form.query)), form.attachment
    schedule.changed_by_id, schedule.changed_at = officer.id, now
    session.add(schedule)
    session.flush()
    for row in session.exec(
        select(DigestRecipient).where(DigestRecipient.schedule_id == schedule.id)
    ):
        session.delete(row)
    session.flush()
    for recipient in sorted(form.recipients):
        session.add(DigestRecipient(schedule_id=cast(int, schedule.id), officer_id=recipient))
    details = {
        "frequency": schedule.frequency.value,
        "hour": schedule.hour,
        "query": schedule.query,
        "recipients": sorted(form.recipients),
    }
    audit.record(
        session, officer, "digest.schedule", "consultation", consultation.id, details, now=now
    )
    return schedule


def latest_slot(frequency: Frequency, weekday: int, hour: int, now: datetime) -> datetime | None:
    """The last moment at or before `now` a digest is due by the local clock."""
    if frequency is Frequency.OFF:
        return None
    slot = local(now).replace(hour=hour, minute=0, second=0, microsecond=0)
    if frequency is Frequency.WEEKLY:
        slot -= timedelta(days=(slot.weekday() - weekday) % 7)
    if slot > now:
        slot -= timedelta(days=7 if frequency is Frequency.WEEKLY else 1)
    return slot.astimezone(now.tzinfo)


def order_due(database: Database, *, now: datetime) -> int:
    """Order what is due by the clock; returns how many."""
    with database.reading() as session:
        schedules = session.exec(
            select(DigestSchedule).where(DigestSchedule.frequency != Frequency.OFF)
        ).all()
        due = [s.id for s in schedules if s.id is not None and _due_slot(session, s, now)]
    return sum(_order(database, schedule_id, now) for schedule_id in due)


def _due_slot(session: Session, schedule: DigestSchedule, now: datetime) -> datetime | None:
    slot = latest_slot(schedule.frequency, schedule.weekday, schedule.hour, now)
    consultation = session.get_one(Consultation, schedule.consultation_id)
    if slot is None or slot <= schedule.changed_at or stage(consultation, now) not in RUNNING:
        return None
    query = select(DigestOrder.id).where(
        DigestOrder.schedule_id == schedule.id, DigestOrder.slot_at == slot
    )
    return slot if session.exec(query).first() is None else None


def _order(database: Database, schedule_id: int, now: datetime) -> bool:
    try:
        with database.writing() as session:
            schedule = session.get_one(DigestSchedule, schedule_id)
            slot = _due_slot(session, schedule, now)
            if slot is None:
                return False
            session.add(
                DigestOrder(
                    consultation_id=schedule.consultation_id,
                    query=schedule.query,
                    schedule_id=schedule.id,
                    slot_at=slot,
                    ordered_by_id=schedule.changed_by_id,
                    created_at=now,
                    touched_at=now,
                )
            )
    except IntegrityError:
        return False  # Another worker was quicker.
    return True


# --- The mail ------------------------------------------------------------------------------------


def post_digest(
    session: Session,
    settings: Settings,
    order: DigestOrder,
    digest: Digest,
    files: dict[str, bytes],
    *,
    now: datetime,
) -> None:
    """Write the mails of a scheduled digest, in the transaction that ends its order."""
    if order.schedule_id is None:
        return
    schedule = session.get_one(DigestSchedule, order.schedule_id)
    consultation = session.get_one(Consultation, order.consultation_id)
    content = stored_content(digest)
    chosen = recipients_of(session, schedule)
    attached = _attachment(consultation, digest, schedule.attachment, files)
    for officer in possible_recipients(session, consultation):
        if officer.id in chosen:
            post(
                session,
                settings,
                to=officer.email or "",
                subject=f"意见摘要：{consultation.title}（{_count(content)}）",
                text=mail_text(settings, consultation, digest, content, is_attached=bool(attached)),
                key=f"digest-{order.id}-{officer.id}",
                now=now,
                attachments=attached,
            )


def mail_text(
    settings: Settings,
    consultation: Consultation,
    digest: Digest,
    content: DigestContent,
    *,
    is_attached: bool,
) -> str:
    """The numbers in words: what came, what is new, what stands out, what is decided."""
    overview, changes = content.overview, content.since_last
    lines = [
        f"《{consultation.title}》意见摘要，截至{date_zh(local(digest.created_at).date())}。",
        "",
        f"收录{content.scope}：{_count(content)}，合并内容基本相同的意见后{overview.unique_count}条。",
    ]
    if changes:
        since = date_zh(local(changes.previous_at).date())
        lines.append(
            f"与上次摘要（{since}）相比：新增{len(changes.arrived)}条，"
            f"减少{len(changes.gone)}条，新办结{max(changes.decided_count, 0)}条。"
        )
        if changes.risen:
            lines.append(f"增加较多的话题：{'、'.join(changes.risen)}。")
    if content.decisions:
        parts = "，".join(f"{part.label}{part.count}条" for part in content.decisions)
        lines.append(f"办理进展：{parts}。")
    if content.findings:
        lines += ["", "主要发现：", *(f"· {finding.text}" for finding in content.findings)]
    address = f"{settings.base_url.rstrip('/')}/desk/consultations/{consultation.slug}/digests"
    lines += ["", f"在办理台查看（需要登录）：{address}/{digest.id}"]
    if not is_attached:
        lines.append("文件较大或者没有生成，请在办理台下载。")
    lines += ["", f"这封邮件由系统按设定的时间发出。更改时间或者收件人：{address}/schedule"]
    return "\n".join(lines)


def _count(content: DigestContent) -> str:
    return f"{content.overview.submission_count}件{content.overview.comment_count}条"


def _attachment(
    consultation: Consultation, digest: Digest, format_: str, files: dict[str, bytes]
) -> tuple[MailFile, ...]:
    data = files.get(format_)
    if data is None or len(data) > HEAVIEST:
        return ()
    name = f"{consultation.title[:40]}意见摘要{local(digest.created_at):%Y%m%d}.{format_}"
    return (MailFile(name, exporting.MEDIA_TYPES[format_], data),)


def _grants(session: Session, organisation_id: int) -> defaultdict[int, list[Grant]]:
    """Every officer's grants, in one look."""
    found: defaultdict[int, list[Grant]] = defaultdict(list)
    query = select(RoleGrant).join(Officer, col(Officer.id) == RoleGrant.officer_id)
    for row in session.exec(query.where(Officer.organisation_id == organisation_id)):
        found[row.officer_id].append(Grant(row.role, row.consultation_id))
    return found
