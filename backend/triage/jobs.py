"""The desk's daily mail: what was said to an officer and not seen yet, and what is due.

Sent on the morning of a working day, once (the key names officer and day), to those who want it.
Who has nothing waiting gets nothing.
"""

from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from backend.jobs import job
from backend.kit.clock import local, utc_now
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail.service import post
from backend.models import Comment, Notification, Officer, Submission
from backend.triage import bell, rules
from backend.triage.working_days import is_working_day

FROM, UNTIL = time(8, 0), time(18, 0)
LINES = 30
LOOKS_BACK = timedelta(days=14)


@job("desk-mail", minute="*/10")
def mail_officers(database: Database, settings: Settings) -> None:
    """Post the mails of this morning; those posted before are left alone."""
    post_due(database, settings, now=utc_now())


def post_due(database: Database, settings: Settings, *, now: datetime) -> int:
    """Post today's mails; returns how many. Nights and days off find none to post."""
    here = local(now)
    if not (is_working_day(here.date()) and FROM <= here.time() < UNTIL):
        return 0
    with database.reading() as session:
        waiting = sa.or_(
            col(Officer.id).in_(
                sa.select(col(Notification.officer_id)).where(col(Notification.read_at).is_(None))
            ),
            col(Officer.id).in_(
                sa.select(col(Comment.assigned_officer_id)).where(
                    col(Comment.handling).in_(rules.UNDECIDED), col(Comment.due_on) <= here.date()
                )
            ),
        )
        officers = session.exec(
            select(Officer).where(
                col(Officer.deactivated_at).is_(None),
                col(Officer.email).is_not(None),
                col(Officer.daily_mail_on),
                waiting,
            )
        ).all()
    return sum(_post_one(database, settings, officer, now=now) for officer in officers)


def _post_one(database: Database, settings: Settings, officer: Officer, *, now: datetime) -> bool:
    day = local(now).date()
    with database.writing() as session:
        text = compose(session, officer, now=now)
        if text is None:
            return False
        mail = post(
            session,
            settings,
            to=officer.email or "",
            subject=f"征询办理：{day.month}月{day.day}日待办",
            text=text,
            key=f"desk-mail:{officer.id}:{day.isoformat()}",
            now=now,
        )
    return mail is not None


def compose(session: Session, officer: Officer, *, now: datetime) -> str | None:
    """The mail's words, without anything residents wrote; None when there is nothing to say."""
    told = bell.unread_since(session, officer.id or 0, now - LOOKS_BACK)
    due, overdue = _due(session, officer, now)
    if not told and not due and not overdue:
        return None
    lines = [f"{officer.display_name}，您好。", ""]
    if due or overdue:
        lines += [f"分给您的意见：今天到期 {due} 条，已经逾期 {overdue} 条。", ""]
    if told:
        lines += [
            f"还没有看的提醒 {len(told)} 条：",
            *(f"· {one.sentence}" for one in told[:LINES]),
        ]
        if len(told) > LINES:
            lines.append(f"· 还有 {len(told) - LINES} 条，请登录查看。")
        lines.append("")
    lines += ["请登录征询办理系统处理。不想再收到这封邮件，可以在“提醒”页面关闭。"]
    return "\n".join(lines)


def _due(session: Session, officer: Officer, now: datetime) -> tuple[int, int]:
    today = local(now).date()
    counted = sa.select(
        sa.func.sum(sa.case((col(Comment.due_on) == today, 1), else_=0)),
        sa.func.sum(sa.case((col(Comment.due_on) < today, 1), else_=0)),
    )
    row = (
        session.connection()
        .execute(
            counted.select_from(Comment)
            .join(Submission, col(Submission.id) == col(Comment.submission_id))
            .where(
                col(Comment.assigned_officer_id) == officer.id,
                col(Comment.handling).in_(rules.UNDECIDED),
                col(Comment.is_current),
                col(Submission.withdrawn_at).is_(None),
            )
        )
        .one()
    )
    return int(row[0] or 0), int(row[1] or 0)
