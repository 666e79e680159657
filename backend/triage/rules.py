"""What the office may decide, and by when. Pure; takes `now`.

A reason is required for every outcome but 采纳 and 已体现: those must name the place in the text
where the resident will find their point (no platform that was looked at asks for either).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from backend.kit.clock import local
from backend.models import Comment, Handling, Outcome
from backend.triage.working_days import add_working_days
from backend.web.errors import Refused
from backend.web.labels import LABELS

CLAIM_LENGTH = timedelta(minutes=15)
UNDO_LENGTH = timedelta(minutes=30)
PRESENCE_LENGTH = timedelta(minutes=3)
TRIAGE_DAYS = 3
SUPPORT_DAYS = 5
HANDLING_DAYS = 10
LIMIT_DAYS = 60

PLACE_NEEDED = frozenset({Outcome.ADOPTED, Outcome.ALREADY_COVERED})
REASON_NEEDED = frozenset(Outcome) - PLACE_NEEDED
UNDECIDED = (Handling.NEW, Handling.ASSIGNED)
REASON_MAX = 2000
REPLY_MAX = 3000
PLACE_MAX = 300

# 12345 for requests and complaints about services, 信访 for personal claims, and the rest.
RECIPIENTS: Mapping[str, str] = LABELS["recipient"]
# 《信访工作条例》第二十二条: 15 days to say whether a matter is accepted; who was wrongly given one
# objects within 5 working days.
HAND_OVER_DAYS = 15
OBJECTION_DAYS = 5
# 拟稿, 审核, 批准: many offices stop at one step, none needs more than two.
MOST_STEPS = 2
MOST_PARTS = 20


def decision_errors(
    *, outcome: Outcome | None, reason: str, place: str, section_key: str | None, reply: str
) -> dict[str, str]:
    """What a decision still lacks, as sentences by field; empty when it may be saved."""
    errors = {}
    if outcome is None:
        errors["outcome"] = "请选择办理结论。"
    elif outcome in PLACE_NEEDED and not (place or section_key):
        word = "改在哪里" if outcome is Outcome.ADOPTED else "已体现在哪里"
        errors["change_place"] = f"请说明{word}：选择章节，或写明文本中的位置。"
    elif outcome in REASON_NEEDED and not reason:
        errors["reason"] = "请写明理由，理由会在结果中公开。"
    for field, value, limit in (
        ("reason", reason, REASON_MAX),
        ("reply", reply, REPLY_MAX),
        ("change_place", place, PLACE_MAX),
    ):
        if len(value) > limit:
            errors[field] = f"最多 {limit} 字，现在是 {len(value)} 字。"
    return errors


def triage_due(received_at: datetime) -> date:
    """A new comment is to be given to somebody within three working days."""
    return add_working_days(local(received_at).date(), TRIAGE_DAYS)


def handling_due(received_at: datetime, assigned_at: datetime) -> date:
    """Ten working days from being assigned, and never more than sixty days from receipt."""
    limit = local(received_at).date() + timedelta(days=LIMIT_DAYS)
    return min(add_working_days(local(assigned_at).date(), HANDLING_DAYS), limit)


def due_on(comment: Comment) -> date | None:
    """The day a comment is due, or None once nothing more is due."""
    if comment.handling not in UNDECIDED:
        return None
    return comment.due_on or triage_due(comment.received_at)


def overdue_before(today: date) -> date:
    """New comments received before this day have passed their triage day."""
    day = today - timedelta(days=TRIAGE_DAYS * 4)  # Longer than any run of holidays needs.
    while add_working_days(day, TRIAGE_DAYS) < today:
        day += timedelta(days=1)
    return day


def is_claimed_by_other(comment: Comment, officer_id: int, now: datetime) -> bool:
    """Somebody else is working on it; this warns and never keeps anyone from saving."""
    return (
        comment.claimed_by_id is not None
        and comment.claimed_by_id != officer_id
        and comment.claimed_until is not None
        and comment.claimed_until > now
    )


def reason_not_to_decide(comment: Comment) -> str | None:
    """Why no decision can be made now, as a sentence."""
    if comment.handling is Handling.MERGED:
        return "这条意见已合并到另一条，请在合并后的意见上办理。"
    if comment.handling is Handling.HANDED_OVER:
        return "这条意见已移交其他单位，不再在这里办理。"
    if not comment.is_current:
        return "这条意见已拆分，请在拆分出来的各条上办理。"
    return None


def hand_over_due(handed_over_at: datetime) -> date:
    """The day by which the recipient says whether it takes a matter up."""
    return local(handed_over_at).date() + timedelta(days=HAND_OVER_DAYS)


def objection_due(handed_over_at: datetime) -> date:
    """The last day on which the recipient may say that a matter is not theirs."""
    return add_working_days(local(handed_over_at).date(), OBJECTION_DAYS)


def check_length(name: str, text: str) -> None:
    """Raise `Refused` when more was written than is kept."""
    if len(text) > REASON_MAX:
        raise Refused(f"{name}最多 {REASON_MAX} 字，现在是 {len(text)} 字。")
