"""What the columns of a list mean, guessed from their Chinese headings; what one row says. Pure."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend.kit.text import clean_line, clean_text
from backend.models import Channel, SubmitterKind
from backend.registry import rules
from backend.registry.forms import read_day
from backend.registry.places import Places
from backend.submissions.forms import MAX_POINTS, Point, Sender, check_point, check_sender

# Field → its name on the page and the headings it goes by, the surest first.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "text": (
        "意见内容",
        ("意见内容", "诉求内容", "反映内容", "来电内容", "工单内容", "意见建议", "意见和建议",
         "发言内容", "建议内容", "问题描述", "具体意见", "具体内容", "意见", "诉求", "建议", "发言",
         "内容"),
    ),
    "title": ("标题（并入内容）", ("诉求标题", "工单标题", "标题", "主题", "题目")),
    "number": (
        "来文编号",
        ("工单编号", "工单号", "受理单号", "受理编号", "来电编号", "来信编号", "答卷编号", "编号",
         "单号"),
    ),
    "received_on": (
        "收到日期",
        ("受理时间", "受理日期", "来电时间", "来电日期", "收到日期", "收到时间", "登记时间",
         "登记日期", "提交答卷时间", "提交时间", "会议时间", "会议日期", "发言时间", "日期",
         "时间"),
    ),
    "posted_on": ("邮戳日期", ("邮戳日期", "邮戳")),
    "name": (
        "称呼",
        ("姓名", "来电人", "诉求人", "反映人", "发言人", "提交人", "联系人", "市民姓名", "称呼"),
    ),
    "phone": ("电话", ("联系电话", "手机号码", "手机号", "来电号码", "电话", "手机", "联系方式")),
    "email": ("电子邮箱", ("电子邮箱", "电子邮件", "邮箱", "email", "e-mail")),
    "address": ("通信地址", ("通信地址", "联系地址", "住址", "地址")),
    "street": ("街镇", ("所属街镇", "所属街道", "街镇", "街道", "乡镇")),
    "neighbourhood": ("居委或村委", ("所属居委", "居委", "居村委", "村委", "社区")),
    "kind": ("身份", ("提交人类别", "身份", "人员类别", "类别")),
    "about": ("关于哪一处", ("涉及章节", "对应章节", "涉及条目", "章节", "条目", "条款")),
    "wording": ("建议改成", ("建议修改为", "修改为", "改为", "建议改成")),
}  # fmt: skip
HEADER_WITHIN = 15
_KINDS = (
    (SubmitterKind.BUSINESS, ("企业", "公司", "商户", "个体")),
    (SubmitterKind.ORGANISATION, ("社会组织", "协会", "社团", "基金会")),
    (SubmitterKind.OFFICIAL_BODY, ("机关", "事业单位", "单位", "政府", "代表", "委员")),
    (SubmitterKind.RESIDENT, ("居民", "市民", "个人", "村民", "群众")),
)
_NUMBER = re.compile(r"\+?(?:86[- ]?)?1\d{10}|0\d{2,3}[- ]?\d{7,8}|\d{7,8}")
_EXCEL_DAY = re.compile(r"[2-7]\d{4}(?:\.\d+)?")
_EXCEL_ZERO = date(1899, 12, 30)

Mapping_ = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class RowDraft:
    """One row as it would be registered, or the sentence that says why it cannot be."""

    points: tuple[Point, ...] = ()
    sender: Sender = field(default_factory=Sender)
    received_on: date | None = None
    posted_on: date | None = None
    number: str = ""
    problem: str = ""
    note: str = ""

    @property
    def text(self) -> str:
        return "\n".join(point.text for point in self.points)


def folded(heading: str) -> str:
    """A heading as it is compared: no space, no bracketed remark, one width, one case."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"\(.*?\)|[\s*:：]", "", plain)[:100]


def guess(headings: Sequence[str], remembered: Mapping[str, str]) -> dict[int, str]:
    """Column → field: what the organisation said last time, else the surest name.

    A heading that is exactly a known name goes before one that merely holds it (`发言人` holds
    `发言`), and the longest name held says most.
    """
    names = [folded(heading) for heading in headings]
    found = {column: remembered[name] for column, name in enumerate(names) if name in remembered}
    likely = sorted(
        (-_likeness(name, word), rank, column, meant)
        for column, name in enumerate(names)
        for meant, (_, known) in FIELDS.items()
        for rank, word in enumerate(known)
        if column not in found and _likeness(name, word)
    )
    for _, _, column, meant in likely:
        if column not in found and meant not in found.values():
            found[column] = meant
    return {column: meant for column, meant in found.items() if meant}


def _likeness(name: str, word: str) -> int:
    """How well a heading is called by a known name; 0 when it is not."""
    if name == word:
        return 100
    return len(word) if len(word) > 1 and word in name else 0


def header_line(rows: Sequence[tuple[int, Sequence[str]]], remembered: Mapping[str, str]) -> int:
    """The line the headings stand on: the one of the first lines that is understood best.

    A title over the whole width says one thing in all its cells and is no line of headings.
    """
    likely = [
        (number, cells)
        for number, cells in rows[:HEADER_WITHIN]
        if len({cell for cell in cells if cell}) > 1 or len(cells) == 1
    ] or [rows[0]]
    understood = [(len(set(guess(cells, remembered).values())), -n) for n, cells in likely]
    return -max(understood)[1]


def read_row(
    cells: Sequence[str],
    mapping: Mapping_,
    places: Places,
    *,
    streets: Sequence[str],
    default_day: date,
    today: date,
    max_length: int,
) -> RowDraft:
    """What one row says under a mapping."""
    said: dict[str, list[str]] = {}
    for column, meant in sorted(mapping.items()):
        if column < len(cells) and cells[column]:
            said.setdefault(meant, []).append(cells[column])
    one = {meant: clean_line(values[0]) for meant, values in said.items()}
    points, note = _points(said, one, places)
    received_on, posted_on, problem = _days(one, default_day)
    draft = RowDraft(
        points=points,
        sender=_sender(one, streets),
        received_on=received_on,
        posted_on=posted_on,
        number=one.get("number", "")[:100],
        note=note,
    )
    problem = problem or _problem(draft, today, max_length)
    return draft if not problem else _refused(draft, problem)


def content_key(draft: RowDraft, occurrence: int) -> str:
    """The same row gives the same key, whatever file it stands in.

    A row with a number of its own is one matter however often it is listed. Rows without one may
    say the same and be of different people: the first, the second … of a list stay apart.
    """
    return hashlib.sha256(f"{base_key(draft)}{occurrence}".encode()).hexdigest()


def base_key(draft: RowDraft) -> str:
    """What makes a row the same as another, before they are counted."""
    sender = draft.sender
    who = [] if draft.number else [sender.name, sender.phone, sender.email, f"{draft.received_on}"]
    words = [[point.about, point.text, point.proposed_wording] for point in draft.points]
    return json.dumps(["import", draft.number, words, who], ensure_ascii=True)


def _points(
    said: Mapping[str, Sequence[str]], one: Mapping[str, str], places: Places
) -> tuple[tuple[Point, ...], str]:
    """Each column of opinions is a point of its own (一函多议)."""
    found = places.find(one.get("about", ""))
    note = ""
    if found.choices or found.is_unknown:
        note = f"没有找到“{one['about'][:40]}”是哪一处，按整个规划登记"
    texts = [clean_text(text) for text in said.get("text", ())][:MAX_POINTS]
    title = one.get("title", "")
    if title and not (texts and title in texts[0]):
        texts[:1] = ["\n".join([title, *texts[:1]])]
    wording = clean_text("\n".join(said.get("wording", ())))
    if wording and not texts:
        texts = [""]
    return (
        tuple(
            Point(about=found.key, text=text, proposed_wording=wording if at == 0 else "")
            for at, text in enumerate(texts)
        ),
        note,
    )


def _days(one: Mapping[str, str], default_day: date) -> tuple[date | None, date | None, str]:
    days: dict[str, date | None] = {"received_on": default_day, "posted_on": None}
    for name in days:
        typed = one.get(name, "")
        if typed:
            days[name] = _day(typed)
            if days[name] is None:
                return None, None, f"{FIELDS[name][0]}“{typed[:40]}”看不懂，请写成 2026-11-22"
    return days["received_on"], days["posted_on"], ""


def _day(typed: str) -> date | None:
    if _EXCEL_DAY.fullmatch(typed):
        return _EXCEL_ZERO + timedelta(days=int(float(typed)))
    return read_day(unicodedata.normalize("NFKC", typed))


def _sender(one: Mapping[str, str], streets: Sequence[str]) -> Sender:
    """Who sent it; what is no telephone number or address of mail is left out, not refused."""
    number = _NUMBER.search(unicodedata.normalize("NFKC", one.get("phone", "")))
    street = one.get("street", "")
    known = next((name for name in streets if street and (name in street or street in name)), "")
    kind = next(
        (k.value for k, words in _KINDS if any(w in one.get("kind", "") for w in words)), ""
    )
    sender = Sender(
        kind=kind,
        street=(known or street)[:50],
        neighbourhood=one.get("neighbourhood", "")[:50],
        name=one.get("name", "")[:64],
        phone=number[0] if number else "",
        email=one.get("email", ""),
        address=one.get("address", "")[:200],
    )
    wrong = check_sender(sender, streets=())
    return sender.model_copy(update=dict.fromkeys(wrong, ""))


def _problem(draft: RowDraft, today: date, max_length: int) -> str:
    if not draft.points:
        return "没有意见内容"
    for point in draft.points:
        for sentence in check_point(point, max_length=max_length).values():
            return sentence.replace("请写下您的意见", "没有意见内容")
    dates = rules.date_problems(
        received_on=draft.received_on, posted_on=draft.posted_on, today=today
    )
    return next(iter(dates.values()), "")


def _refused(draft: RowDraft, problem: str) -> RowDraft:
    return RowDraft(
        draft.points, draft.sender, draft.received_on, draft.posted_on, draft.number, problem
    )


def channel_of(file_name: str, headings: Sequence[str]) -> Channel:
    """Which channel a list most likely is of."""
    words = file_name + "".join(headings)
    if "12345" in words or "工单" in words:
        return Channel.LIST_12345
    if any(word in words for word in ("座谈", "会议", "发言", "听证", "问卷")):
        return Channel.MEETING
    if any(word in words for word in ("来信", "信函", "邮戳")):
        return Channel.LETTER
    return Channel.HOTLINE if "来电" in words else Channel.LIST_12345
