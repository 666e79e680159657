"""What the drafting office types, and what is wrong with it."""

from collections.abc import Iterable

from pydantic import BaseModel

from backend.digests import filters
from backend.models import DigestSchedule, Frequency

Errors = dict[str, str]
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
ATTACHMENTS = {"docx": "Word 文件", "pdf": "PDF 文件"}
FREQUENCIES = {"off": "不发送", "daily": "每天", "weekly": "每周"}


class ScheduleForm(BaseModel):
    """When a digest is sent to whom; numbers out of range fall back to the usual ones."""

    frequency: str = "off"
    weekday: int = 0
    hour: int = 8
    query: str = ""
    attachment: str = "docx"
    recipients: frozenset[int] = frozenset()

    def errors(self, possible: Iterable[int | None]) -> Errors:
        """Sentences by field; empty when it can be kept."""
        found: Errors = {}
        if self.frequency not in set(Frequency):
            found["frequency"] = "请选择多久发送一次"
        if not 0 <= self.weekday <= 6:
            found["weekday"] = "请选择星期几"
        if not 0 <= self.hour <= 23:
            found["hour"] = "请选择几点"
        if self.attachment not in ATTACHMENTS:
            found["attachment"] = "请选择附件格式"
        try:
            filters.parse(self.query)
        except filters.FilterError as error:
            found["query"] = str(error)
        if self.frequency != Frequency.OFF and not self.recipients:
            found["recipients"] = "请至少选择一位收件人"
        elif not self.recipients <= set(possible):
            found["recipients"] = "收件人中有人已经离岗，或者没有查看摘要的权限，请重新选择"
        return found


def schedule_words(schedule: DigestSchedule | None) -> str:
    """每周一8时，Word 文件."""
    if schedule is None or schedule.frequency is Frequency.OFF:
        return "没有设定"
    when = "每天" if schedule.frequency is Frequency.DAILY else f"每{WEEKDAYS[schedule.weekday]}"
    return f"{when}{schedule.hour}时，{ATTACHMENTS[schedule.attachment]}"
