"""What becomes of a message: whom it is for, what it says, and why a person must look. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.consultations import rules as consultation_rules
from backend.kit.text import clean_line
from backend.mailbox.message import Letter
from backend.mailbox.quoting import Divided
from backend.models import Consultation

MAX_OPINION = 20_000
# An address that writes more often than this in a day gets no more automatic answers (RFC 3834).
ANSWERS_A_DAY = 5
DAY = timedelta(days=1)
_REPLY_MARKS = re.compile(
    r"^(?:(?:re|fw|fwd|aw|回复|答复|转发|回覆|轉寄)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)
_SAYS_NOTHING = re.compile(
    r"^(?:无主题|（无主题）|\(no subject\)|no subject|"
    r"(?:关于|对|的|征求|公开|征询|规划|纲要|我的|居民|"
    r"市民|几点|一些|一点|意见|建议|反馈|来信|和|与|及|、|有关|提|写给|您好|你好|\s)*)$",
    re.IGNORECASE,
)


def addressee(
    consultations: Sequence[Consultation], letter: Letter, moment: datetime
) -> Consultation | None:
    """The consultation a letter is for: by its address, and by its window at `moment`.

    Offices use one address for years. Among those at the same address an open one comes first,
    then the one named in the subject; what is still undecided is left to a person.
    """
    addressed = [
        consultation
        for consultation in consultations
        if (consultation.email or "").strip().lower() in letter.recipients
    ]
    is_open = [row for row in addressed if consultation_rules.is_open(row, moment)]
    for candidates in (is_open, addressed):
        if len(candidates) == 1:
            return candidates[0]
        named = [row for row in candidates if row.title and row.title in letter.subject]
        if len(named) == 1:
            return named[0]
    return None


def opinion(letter: Letter, parts: Divided, consultation: Consultation) -> str:
    """What the sender says: the subject first, when it says something the text does not."""
    subject = clean_line(_REPLY_MARKS.sub("", letter.subject))
    is_empty = _SAYS_NOTHING.match(subject.replace(consultation.title, "").strip("《》“”"))
    if not subject or is_empty or subject in parts.new or _REPLY_MARKS.match(letter.subject):
        return parts.new
    return f"{subject}\n{parts.new}"


def needs_person(letter: Letter, parts: Divided) -> str | None:
    """Why a machine must not register it, in one sentence; None when it may."""
    if letter.problems:
        return "；".join(letter.problems)
    if not parts.new:
        if letter.files:
            return "正文没有文字，意见可能在附件里"
        if parts.quoted:
            return "正文都是转发或引用的内容，请看哪些是来信人的意见"
        return "正文是空的"
    if len(parts.new) > MAX_OPINION:
        return f"正文超过{MAX_OPINION}字，请分成几条意见登记"
    return None


def moment_of(letter: Letter, now: datetime) -> datetime:
    """When it arrived: the stamp of our own mail server, else the sender's date, never later
    than now."""
    return min(letter.arrived_at or letter.sent_at or now, now)


def may_answer(letter: Letter, mails_today: int) -> bool:
    """Whether an automatic answer may go out: never to a machine, never in a circle."""
    return letter.robot is None and bool(letter.sender_address) and mails_today < ANSWERS_A_DAY
