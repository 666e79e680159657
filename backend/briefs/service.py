"""Writing the morning's briefs and sending them: once per consultation and working day."""

from datetime import date, datetime

from sqlmodel import Session

from backend.briefs import content, queries, rules
from backend.briefs.composing import compose
from backend.briefs.content import BriefContent
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.mail.service import post
from backend.models import Brief, Consultation
from backend.web.pages import date_zh, datetime_zh


def write_due(database: Database, settings: Settings, *, now: datetime) -> int:
    """Write every brief that is due and not there yet; gives how many were written."""
    day = rules.due_day(now)
    if day is None:
        return 0
    with database.reading() as session:
        due = [c.id for c in queries.published(session) if _is_due(session, c, day, now)]
    return sum(_write(database, settings, number, day, now) for number in due if number)


def _is_due(session: Session, consultation: Consultation, day: date, now: datetime) -> bool:
    assert consultation.id is not None
    missing = queries.of_day(session, consultation.id, day) is None
    return missing and rules.is_running(consultation, now)


def _write(
    database: Database, settings: Settings, consultation_id: int, day: date, now: datetime
) -> bool:
    # Reading a large consultation takes seconds: no writer waits for that.
    with database.reading() as session:
        consultation = session.get_one(Consultation, consultation_id)
        last = queries.latest(session, consultation_id)
        since = rules.since(last.created_at if last else None, now)
        said = compose(session, consultation, since=since, until=now)
    with database.writing() as session:
        if queries.of_day(session, consultation_id, day) is not None:
            return False
        session.add(
            Brief(
                consultation_id=consultation_id,
                day=day,
                since=since,
                content=content.to_json(said),
                created_at=now,
            )
        )
        session.flush()
        if said.says_something:
            _send(session, settings, consultation_id, said, day=day, since=since, now=now)
    return True


def _send(
    session: Session,
    settings: Settings,
    consultation_id: int,
    said: BriefContent,
    *,
    day: date,
    since: datetime,
    now: datetime,
) -> None:
    consultation = session.get_one(Consultation, consultation_id)
    text = mail_text(consultation, said, settings=settings, day=day, since=since)
    for officer in queries.readers(session, consultation):
        post(
            session,
            settings,
            to=officer.email or "",
            subject=f"晨报 {date_zh(day)}：{consultation.title}",
            text=text,
            key=f"brief/{consultation_id}/{day.isoformat()}/{officer.id}",
            now=now,
        )


def mail_text(
    consultation: Consultation,
    said: BriefContent,
    *,
    settings: Settings,
    day: date,
    since: datetime,
) -> str:
    """The brief as a message: every line with the address of its comments."""
    address = brief_address(consultation, day)
    base = settings.base_url.rstrip("/")
    lines = [
        f"{consultation.title}",
        f"{datetime_zh(since)}以来收到{said.submission_count}件{said.comment_count}条，"
        f"累计{said.total_count}条。",
    ]
    part_before = None
    for number, part, line in said.numbered():
        if part is not part_before:
            lines += ["", f"【{part.title}】"]
            part_before = part
        lines += [f"{number}. {line.text}", f"   {base}{address}/{number}"]
    lines += [
        "",
        f"全文：{base}{address}",
        "登录后才能查看。不想再收：到“我的账号”里取消“收晨报”。",
    ]
    return "\n".join(lines)


def brief_address(consultation: Consultation, day: date) -> str:
    return f"/desk/consultations/{consultation.slug}/briefs/{day.isoformat()}"
