"""Telling participants of the outcome: once, those who left an address, and nobody else.

Who is due is read from the tables, so a lost nudge loses nobody; a row for each one told keeps a
second publication from writing twice. Erased contacts, withdrawn and quarantined sendings are
never written to: anybody may have typed that address.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, col, func, select

from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.mail.service import post
from backend.models import Consultation, Contact, OutcomeNotice, OutcomeTold, Submission
from backend.web.pages import date_zh

BATCH = 100
# A mail server may be set up late; news older than this would only puzzle people.
NEWS_FOR = timedelta(days=60)
SUBJECT = "您提过意见的征询公布结果了"
TEXT = """您好！

您在{day}就《{title}》提出的意见，研究结果已经公布。

您这一件意见的结论和理由：
{receipt}
（这个地址只发给您本人。打开它的人都能看到您的意见，请不要转发。）

整体采纳情况和规划修改：
{outcome}

在回执上可以点一下，告诉我们答复有没有回应您的意见。
结果只用邮件告知这一次，不必回复。如果您没有提过意见，请不用理会。

{organisation}
"""


@dataclass(frozen=True, slots=True)
class Told:
    """How many participants were told of an outcome, and how many are still to be."""

    told_count: int
    waiting_count: int


def tell_participants(database: Database, settings: Settings, *, now: datetime) -> int:
    """Post a mail to everybody who is due; returns how many. Without a mail server they wait."""
    told = 0
    while settings.mail_host:
        with database.writing() as session:
            count = _tell_batch(session, settings, now=now)
        if not count:
            break
        told += count
    return told


def told_of(session: Session, consultation: Consultation, *, now: datetime) -> Told:
    """For the officers' page."""
    told = session.exec(
        select(func.count())
        .select_from(OutcomeTold)
        .join(Submission, col(Submission.id) == OutcomeTold.submission_id)
        .where(Submission.consultation_id == consultation.id)
    ).one()
    due = _due(now).where(col(Submission.consultation_id) == consultation.id)
    waiting = session.exec(select(func.count()).select_from(due.subquery())).one()
    return Told(told, waiting)


def _tell_batch(session: Session, settings: Settings, *, now: datetime) -> int:
    secret = settings.secret()
    rows = session.execute(_due(now).order_by(col(Submission.id)).limit(BATCH)).all()
    for submission_id, sealed in rows:
        session.add(OutcomeTold(submission_id=submission_id, told_at=now))
        address = unseal(secret, sealed or "")
        if not address:
            continue
        submission = session.get_one(Submission, submission_id)
        consultation = session.get_one(Consultation, submission.consultation_id)
        post(
            session,
            settings,
            to=address,
            subject=f"{SUBJECT}：{consultation.title}",
            text=_text(settings, consultation, submission),
            key=f"outcome-{submission_id}",
            now=now,
        )
    return len(rows)


def _due(now: datetime) -> Select[Any]:
    columns: tuple[Any, ...] = (Submission.id, Contact.sealed_email)
    due: Select[Any] = (
        select(*columns)
        .join(Contact, col(Contact.submission_id) == Submission.id)
        .join(OutcomeNotice, col(OutcomeNotice.consultation_id) == Submission.consultation_id)
        .outerjoin(OutcomeTold, col(OutcomeTold.submission_id) == Submission.id)
        .where(
            col(OutcomeTold.id).is_(None),
            col(Contact.sealed_email).is_not(None),
            col(Contact.erased_at).is_(None),
            col(Submission.withdrawn_at).is_(None),
            col(Submission.is_quarantined).is_(False),
            OutcomeNotice.published_at > now - NEWS_FOR,
            OutcomeNotice.published_at <= now,
            Submission.received_at <= OutcomeNotice.published_at,
        )
    )
    return due


def _text(settings: Settings, consultation: Consultation, submission: Submission) -> str:
    site = settings.base_url.rstrip("/")
    return TEXT.format(
        day=date_zh(local(submission.received_at).date()),
        title=consultation.title,
        receipt=f"{site}/receipts/{submission.receipt_code}/{submission.receipt_token}",
        outcome=f"{site}/consultations/{consultation.slug}/outcome",
        organisation=settings.organisation_name,
    )
