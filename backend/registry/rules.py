"""When what came on paper counts, and what cannot be right about its dates. Pure.

The notice says 信件以邮戳为准: a letter posted on the last day is in time whenever it arrives.
What comes another way counts by the day it was received.
"""

from datetime import date, datetime, time, timedelta

from backend.consultations import rules as consultation_rules
from backend.kit.clock import SHANGHAI, last_day_before, local
from backend.models import Channel, Consultation, Stage

# Channels staff type in; what residents write on the web arrives by itself.
BY_HAND = (
    Channel.LETTER,
    Channel.HOTLINE,
    Channel.MEETING,
    Channel.LIST_12345,
    Channel.EMAIL,
)
FOR_RESIDENTS = (Channel.LETTER, Channel.HOTLINE, Channel.MEETING)
OLDEST = timedelta(days=730)
NOON = time(12)


def reason_not_to_register(consultation: Consultation, now: datetime) -> str | None:
    """Why nothing can be entered into a consultation, as a sentence."""
    stage = consultation_rules.stage(consultation, now)
    if stage is Stage.DRAFT:
        return "这个征询还没有发布，不能登记意见。"
    if stage is Stage.ARCHIVED:
        return "这个征询已经归档，不能再登记意见。"
    return None


def is_late(
    consultation: Consultation, *, channel: Channel, posted_on: date | None, received_on: date
) -> bool:
    """After the last day: by the postmark where there is one on a letter, else by arrival."""
    if consultation.closes_at is None:
        return False
    counts_on = posted_on if channel is Channel.LETTER and posted_on else received_on
    return counts_on > last_day_before(consultation.closes_at)


def date_problems(
    *, received_on: date | None, posted_on: date | None, today: date
) -> dict[str, str]:
    """One sentence for each date that cannot be right."""
    problems = {}
    if received_on is None:
        problems["received_on"] = "请填写收到日期，例如 2026-11-22"
    elif received_on > today:
        problems["received_on"] = "收到日期不能晚于今天"
    elif today - received_on > OLDEST:
        problems["received_on"] = "收到日期在两年以前，请核对年份"
    if posted_on is not None and posted_on > (received_on or today):
        problems["posted_on"] = "邮戳日期不能晚于收到日期"
    elif posted_on is not None and today - posted_on > OLDEST:
        problems["posted_on"] = "邮戳日期在两年以前，请核对年份"
    return problems


def received_at(received_on: date, now: datetime) -> datetime:
    """The moment to keep for a day: now for today, noon for an earlier day."""
    if received_on == local(now).date():
        return now
    return datetime.combine(received_on, NOON, SHANGHAI)
