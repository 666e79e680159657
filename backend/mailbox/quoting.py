"""What the sender wrote now, apart from what is quoted below and the client's signature.

Every client marks the message it answers in its own way: by a line ("在 2026年11月18日，… 写道："),
by a rule ("---------- 原始邮件 ----------"), by a block of header lines, or by `>`. Three general
readings cover them: a line that says who wrote when, a rule that names an original, two or more
header lines in a row. Nothing is deleted: all three parts are kept. Pure.
"""

import re
from dataclasses import dataclass


def _any(*words: str) -> str:
    """An alternation; a space in a Chinese word may be any width, or missing (主　题)."""
    return "(?:" + "|".join(word.replace(" ", r"\s*") for word in words) + ")"


_DASHES = r"[-_=－—─*]"
_SENDER = _any("发 件 人", "寄 件 者", "寄 件 人", "from")
_DATE = _any(
    "发 送 时 间",
    "发 件 时 间",
    "传 送 时 间",
    "寄 件 日 期",
    "发 送 日 期",
    "日 期",
    "时 间",
    "sent",
    "date",
)
_OTHER = _any(
    "收 件 人",
    "收 件 者",
    "to",
    "抄 送",
    "副 本",
    "cc",
    "主 题",
    "主 旨",
    "subject",
    "回 复",
    "reply-to",
)
_ORIGINAL = _any(
    "原始邮件", "邮件原件", "原邮件", "原始信件", "原文", "回复的原邮件", "回复邮件", "历史邮件",
    "被?转发的?(?:邮件|消息|信息)(?:信息)?", r"original\s+(?:message|e?-?mail)",
    r"forwarded\s+(?:message|e?-?mail|by)", r"reply\s+message",
)  # fmt: skip
_RULE = re.compile(
    rf"^[\s>]*{_DASHES}{{2,}}\s*{_ORIGINAL}[^-_=－—─]{{0,60}}{_DASHES}{{2,}}\s*$", re.IGNORECASE
)
_NAMED = re.compile(
    r"^[\s>]*(?:begin forwarded message|下面是被转发的邮件|以下是转发的邮件)\s*[:：]\s*$",
    re.IGNORECASE,
)
_FIELD = re.compile(rf"^[\s>*]*{_any(_SENDER, _DATE, _OTHER)}\s*\**\s*[:：]", re.IGNORECASE)
_FIRST_FIELD = re.compile(rf"^[\s>*]*{_any(_SENDER, _DATE)}\s*\**\s*[:：]", re.IGNORECASE)
_SEPARATOR = re.compile(rf"^[\s>]*{_DASHES}{{3,}}\s*$")
_WROTE = re.compile(r"(?:写\s*[道到了]|来信说|wrote)\s*[:：]?\s*$", re.IGNORECASE)
_WHEN_OR_WHO = re.compile(
    r"\d{1,4}\s*[-/.年]\s*\d{1,2}|\d{1,2}\s*月\s*\d{1,2}|\d{1,2}:\d{2}|@|"
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b",
    re.IGNORECASE,
)
_OPENS_WROTE = re.compile(
    r"^[\s>]*(?:在|于|on\b|at\b|\d{4}|[^\s]{1,40}\s*(?:<|于)|<?[\w.+-]+@)", re.IGNORECASE
)
_SIGNATURE = re.compile(
    r"^\s*(?:--\s?|(?:发自|发送自|寄自|来自我的|从我的)\s*[^，。；！？]{1,30}|"
    r"来自\s*[^，。；！？]{1,20}(?:邮箱|手机|客户端|邮件)|从\s?[^，。；！？]{1,20}发送|"
    r"获取\s*(?:适用于|outlook)[^，。；]{1,60}|sent (?:from|via|with) [^，。；]{1,60}|"
    r"get outlook for [^，。；]{1,60})\s*$",
    re.IGNORECASE,
)
# Clients in traditional characters use the same words.
_SIMPLE = str.maketrans("發傳時間題轉寫來從獲郵訊復覆標戶機", "发传时间题转写来从获邮讯复复标户机")
_WRAPPED = 3  # lines a "… wrote:" may be wrapped over
_TAIL = 8  # lines a signature may be long


@dataclass(frozen=True, slots=True)
class Divided:
    """The three parts of a body; joined they hold every word of it."""

    new: str
    signature: str
    quoted: str


def divide(text: str) -> Divided:
    """Part a body. A body that is all quotation (a forwarded letter) has an empty `new`."""
    lines, read = text.split("\n"), text.translate(_SIMPLE).split("\n")
    cut = next((index for index in range(len(read)) if _begins_quote(read, index)), len(read))
    own, below = lines[:cut], lines[cut:]
    answers = [line for line in own if line.lstrip().startswith(">")]
    own = [line for line in own if not line.lstrip().startswith(">")]
    own, signature = _without_signature(own)
    return Divided(_joined(own), _joined(signature), _joined([*answers, *below]))


def _begins_quote(lines: list[str], index: int) -> bool:
    """Whether the message that is answered begins at this line."""
    line = lines[index]
    if not line.strip():
        return False
    if _RULE.search(line) or _NAMED.match(line):
        return True
    if _SEPARATOR.match(line):
        after = index + 1
        while after < len(lines) and not lines[after].strip():
            after += 1
        return after < len(lines) and _is_header_block(lines, after)
    return _is_header_block(lines, index) or _says_who_wrote(lines, index)


def _is_header_block(lines: list[str], index: int) -> bool:
    """Two or more header lines in a row, sender or date first: mere prose has no such block."""
    if not _FIRST_FIELD.match(lines[index]):
        return False
    following = [line for line in lines[index + 1 : index + 8] if line.strip()][:4]
    return sum(_FIELD.match(line) is not None for line in following) >= 2 or (
        len(following) >= 1
        and _FIELD.match(following[0]) is not None
        and _WHEN_OR_WHO.search(lines[index] + following[0]) is not None
    )


def _says_who_wrote(lines: list[str], index: int) -> bool:
    """ "在 … 写道：", maybe wrapped: it opens with a time or a name and closes with the verb."""
    if not _OPENS_WROTE.match(lines[index]):
        return False
    joined = ""
    for line in lines[index : index + _WRAPPED]:
        if not line.strip():
            return False
        joined += line.strip() + " "
        if len(joined) > 300:
            return False
        if _WROTE.search(joined.strip()):
            # A resident may tell what somebody wrote; a client always says when or from where,
            # and the words that follow stand on lines of their own.
            return _WHEN_OR_WHO.search(joined) is not None and _is_mechanical(joined)
    return False


def _is_mechanical(line: str) -> bool:
    """A client's line has an address, or a clock time, or both a date and the closing colon."""
    has_clock = re.search(r"\d{1,2}\s*[:：]\s*\d{2}", line) is not None
    has_address = re.search(r"[\w.+-]+@[\w.-]+", line) is not None
    return has_clock or has_address or re.search(r"[:：]\s*$", line) is not None


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut off what a client appends: from a `-- ` or "发自我的…" line near the end, to the end."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    for index in filled[1:]:
        if filled[-1] - index <= _TAIL and _SIGNATURE.match(lines[index].translate(_SIMPLE)):
            return lines[:index], lines[index:]
    return lines, []


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n ")
