"""When a brief is due, since when it speaks, and what counts as a risk. Pure; takes `now`."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from backend.consultations import rules as consultation_rules
from backend.kit.clock import local
from backend.models import Consultation, Stage
from backend.triage.working_days import is_working_day

READY_AT = time(7, 30)
RUNNING = frozenset({Stage.OPEN, Stage.CLOSED, Stage.UNDER_REVIEW})
# Copies of one text within a brief, and sendings held back, from which an office should know.
MANY_COPIES = 5
MANY_HELD = 3
# Comments against the usual number of as many hours before.
FLOOD_TIMES = 4
FLOOD_LEAST = 20

# Words that call for somebody to look today, whatever an office's own list holds.
RISK_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("集体上访", "越级上访", "进京上访", "拉横幅", "堵路", "堵门", "静坐", "游行", "示威",
         "罢工", "罢市", "围堵", "聚众", "联名上访", "一起去闹"),
        "collective",
    ),
    **dict.fromkeys(
        ("跳楼", "轻生", "自杀", "活不下去", "同归于尽", "煤气泄漏", "燃气泄漏", "漏气", "坍塌",
         "要塌", "倒塌", "触电", "漏电", "起火", "着火", "爆炸", "坠落", "高空抛物", "墙体开裂",
         "危房", "溺水", "中毒", "消防通道被堵", "消防通道堵"),
        "safety",
    ),
}  # fmt: skip
_SINCE_FIRST = timedelta(days=1)


def due_day(now: datetime) -> date | None:
    """The working day whose brief should be there by now; None on days off and before 7:30."""
    here = local(now)
    return here.date() if is_working_day(here.date()) and here.time() >= READY_AT else None


def is_running(consultation: Consultation, now: datetime) -> bool:
    """Whether anybody waits for news of this consultation."""
    return consultation_rules.stage(consultation, now) in RUNNING


def since(last_until: datetime | None, now: datetime) -> datetime:
    """Where the last brief ended, so that nothing falls between two; the first looks back a day."""
    return last_until or now - _SINCE_FIRST


def rises(recent_count: int, usual_count: float) -> bool:
    """Worth a line: three this week at least, and half as many again as usual."""
    return recent_count >= 3 and recent_count >= 1.5 * usual_count


def is_flood(new_count: int, earlier_count: int) -> bool:
    """Many more than in as long a time before."""
    return new_count >= FLOOD_LEAST and new_count >= FLOOD_TIMES * max(1, earlier_count)
