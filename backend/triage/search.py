"""The desk's search line: `状态:待处理 章节:3.2 负责人:我 提交>2026-11-01 -重复 "原文短语"`.

A line of text is the whole state of a filter: it stands in the address, in a saved view and on
the screen, where each term is a chip that can be taken away. `parse` never fails; what it does
not understand becomes a hint and no condition. `text_of(parse(line).terms)` is canonical.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from backend.web.labels import LABELS

MAX_LENGTH = 500

# What can be asked, by the Chinese word; further words mean the same.
KEYS: Mapping[str, str] = {
    "状态": "handling", "章节": "section", "条目": "item", "指标": "item", "任务": "item",
    "主题": "topic", "标签": "tag", "情感": "sentiment", "态度": "sentiment", "意图": "intent",
    "诉求": "intent", "结论": "outcome", "渠道": "channel", "街镇": "street",
    "居委": "neighbourhood", "负责人": "officer", "部门": "department", "公开": "screening",
    "提交": "received",
    "到期": "due", "联署": "supporters", "支持": "supporters", "相似": "cluster",
    "会办": "supporting", "审批": "proposal_state", "移交": "hand_over", "办结人": "decided_by",
    "编号": "receipt", "已读": "read", "核定": "reviewed", "关联": "link_status",
    "身份": "submitter_kind", "事项": "issue",
}  # fmt: skip
# The word shown for each field: the first that names it.
WORDS: Mapping[str, str] = {
    field: next(word for word, named in KEYS.items() if named == field)
    for field in dict.fromkeys(KEYS.values())
}
FLAGS = {"重复": "duplicate", "逾期": "overdue", "存疑": "doubtful", "未读": "unread"}
RANGES = frozenset({"received", "due", "supporters"})
_DATES = frozenset({"received", "due"})

_ALIASES: Mapping[str, Mapping[str, str]] = {
    "handling": {"未办结": "undecided", "全部": "all", "移交": "handed_over", "办结": "decided"},
    "channel": {"邮件": "email", "网页": "web", "信件": "letter", "来信": "letter",
                "热线": "hotline", "12345": "list_12345", "座谈": "meeting"},
    "sentiment": {"负面": "negative", "正面": "positive", "未判定": "none"},
    "intent": {"投诉": "complains", "建议": "proposes", "咨询": "asks", "支持": "supports",
               "反对": "opposes", "未判定": "none"},
    "read": {"是": "yes", "否": "no"},
    "reviewed": {"是": "yes", "否": "no"},
    "outcome": {"无": "none"},
    "submitter_kind": {"未说明": "none"},
    "hand_over": {"待反馈": "awaited", "超期": "late", "已反馈": "answered"},
    "screening": {"公开": "published"},
}  # fmt: skip

_TOKEN = re.compile(
    r"""(?P<minus>[-－])?
        (?: (?P<key>[^\s:：<>＜＞"“”]+)\s?(?P<sign>[:：]|[<>＜＞]=?)\s?
            (?P<value>"[^"]*"|“[^”]*”|[^\s"“”]+)
          | (?P<phrase>"[^"]*"|“[^”]*”)
          | (?P<word>[^\s"“”]+) )""",
    re.VERBOSE,
)

# --- Sorting -------------------------------------------------------------------------------------

SORTS: Mapping[str, str] = {
    "newest": "最新提交",
    "oldest": "最早提交",
    "due": "最先到期",
    "influence": "影响最大",
    "doubt": "研判最没把握",
}
DEFAULT_SORT = "newest"


def sort_key(asked: str) -> str:
    """A key of `SORTS`: whatever else was asked for never reaches the database."""
    return asked if asked in SORTS else DEFAULT_SORT


# --- Terms ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """One condition. `field` is `text` for words and phrases, `flag` for bare flags."""

    field: str
    value: str
    sign: str = ":"
    negated: bool = False

    @property
    def text(self) -> str:
        """As it stands in the search line."""
        minus = "-" if self.negated else ""
        if self.field == "flag":
            return minus + next(word for word, flag in FLAGS.items() if flag == self.value)
        if self.field == "text":
            return minus + _quoted(self.value, phrase=True)
        return f"{minus}{WORDS[self.field]}{self.sign}{_quoted(self.shown)}"

    @property
    def shown(self) -> str:
        """The value in Chinese."""
        for word, value in _ALIASES.get(self.field, {}).items():
            if value == self.value and value not in LABELS.get(self.field, {}):
                return word
        label = LABELS.get(self.field, {}).get(self.value)
        return self.value if label is None else label.replace(" ", "")


@dataclass(frozen=True, slots=True)
class Search:
    """What was understood, and sentences about what was not."""

    terms: tuple[Term, ...] = ()
    hints: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return text_of(self.terms)

    def value_of(self, field: str) -> str:
        """The value of a field's only plain term, for the filter form; empty otherwise."""
        values = [t.value for t in self.terms if t.field == field and not t.negated]
        return values[0] if len(values) == 1 else ""

    def without(self, term: Term) -> str:
        """The line with one chip taken away."""
        return text_of(t for t in self.terms if t != term)

    def with_value(self, field: str, value: str) -> "Search":
        """A field set to one value, or cleared by an empty one; other terms stay in place."""
        terms = [t for t in self.terms if t.field != field]
        if value:
            terms.append(Term(field, value))
        return Search(tuple(terms), self.hints)


def parse(line: str) -> Search:
    """Read a search line; unknown keys and values are explained and left out."""
    terms: list[Term] = []
    hints: list[str] = []
    for match in _TOKEN.finditer(line[:MAX_LENGTH]):
        term = _term(match, hints)
        if term is not None and term not in terms:
            terms.append(term)
    return Search(tuple(terms), tuple(hints))


def text_of(terms: Iterable[Term]) -> str:
    """The canonical line of terms."""
    return " ".join(term.text for term in terms)


def address(path: str, *, q: str = "", sort: str = DEFAULT_SORT, page: int = 1) -> str:
    """An address with the state of the desk in it, without what is as usual."""
    query = {"q": q, "sort": "" if sort == DEFAULT_SORT else sort, "page": page if page > 1 else ""}
    given = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


def choices(field: str) -> Sequence[tuple[str, str]]:
    """(value, words) of a field with fixed values, for a select."""
    return tuple(LABELS[field].items())


def _term(match: re.Match[str], hints: list[str]) -> Term | None:
    negated = match["minus"] is not None
    if match["phrase"] is not None:
        return _text_term(_unquoted(match["phrase"]), negated)
    if match["word"] is not None:
        flag = FLAGS.get(match["word"])
        return Term("flag", flag, negated=negated) if flag else _text_term(match["word"], negated)
    field = KEYS.get(match["key"])
    value = _unquoted(match["value"])
    sign = match["sign"].translate(str.maketrans("：＜＞", ":<>"))
    if field is None:
        known = "、".join(dict.fromkeys(KEYS))
        hints.append(f"没有“{match['key']}”这个筛选项，已忽略。可以用：{known}。")
        return None
    if not value:
        hints.append(f"“{match['key']}”后面没有写内容，已忽略。")
        return None
    if sign != ":" and field not in RANGES:
        hints.append(f"“{match['key']}”不能比大小，已忽略；请写成 {match['key']}:{value}。")
        return None
    return _value_term(match["key"], field, value, sign, negated, hints)


def _value_term(
    key: str, field: str, value: str, sign: str, negated: bool, hints: list[str]
) -> Term | None:
    if field in _DATES and _date(value) is None:
        hints.append(f"“{value}”不是日期，已忽略；请写成 2026-11-01 的样子。")
        return None
    if field == "supporters" and not value.isdecimal():
        hints.append(f"“{value}”不是数字，已忽略；请写成 {key}>10 的样子。")
        return None
    if field in LABELS or field in _ALIASES:
        known = _known_value(field, value)
        if known is None:
            words = "、".join((*LABELS.get(field, {}).values(), *_ALIASES.get(field, {})))
            hints.append(f"“{key}”没有“{value}”这个选项，已忽略。可以用：{words}。")
            return None
        value = known
    return Term(field, value, sign, negated)


def _known_value(field: str, typed: str) -> str | None:
    by_word = {word.replace(" ", ""): value for value, word in LABELS.get(field, {}).items()}
    by_word |= _ALIASES.get(field, {})
    if typed in by_word:
        return by_word[typed]
    return typed if typed in by_word.values() else None


def _text_term(value: str, negated: bool) -> Term | None:
    value = value.strip()
    return Term("text", value, negated=negated) if value else None


def _date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _unquoted(value: str) -> str:
    return value.strip('"“”').strip()


def _quoted(value: str, *, phrase: bool = False) -> str:
    """Quotes where the value would otherwise be read as something else."""
    plain = not re.search(r'[\s"“”]', value)
    if phrase:
        plain = plain and value not in FLAGS and not re.search(r"[:：<>＜＞]|^[-－]", value)
    return value if plain else f'"{value}"'
