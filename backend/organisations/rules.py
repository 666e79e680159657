"""What may stand in an office's lists. Pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.kit.text import clean_line

# --- Departments ---------------------------------------------------------------------------------


def name_problem(name: str, taken: Iterable[str], *, longest: int = 100) -> str | None:
    """Why a name cannot be used, as a sentence."""
    if not name:
        return "请填写名称。"
    if len(name) > longest:
        return f"名称最多 {longest} 个字。"
    if name in set(taken):
        return f"已经有“{name}”。"
    return None


# --- Places --------------------------------------------------------------------------------------

LONGEST_PLACE = 50
MOST_PLACES = 20_000
_HEADS = {"街镇", "街道", "街道镇", "街道（镇）", "乡镇", "街道/镇"}


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One line of a gazetteer as it was read; `problem` says why it cannot be used."""

    number: int
    street: str
    name: str
    problem: str | None = None


def decode(data: bytes) -> str:
    """Text of a file as offices save them: UTF-8, or GB18030 from older spreadsheets."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def read_places(text: str) -> list[PlaceLine]:
    """Lines `街镇,居委`, with commas or tabs, a heading or none; blank lines are skipped."""
    lines = []
    dialect = "excel-tab" if "\t" in text.partition("\n")[0] else "excel"
    rows = csv.reader(io.StringIO(text.replace("，", ",")), dialect)
    for number, row in enumerate(rows, start=1):
        cells = [clean_line(cell) for cell in row]
        if not any(cells) or (number == 1 and cells[0] in _HEADS):
            continue
        lines.append(_place(number, cells))
    return lines


def _place(number: int, cells: list[str]) -> PlaceLine:
    street, name = cells[0], cells[1] if len(cells) > 1 else ""
    problem = None
    if not street or not name:
        problem = "需要两列：街镇、居委（村委）"
    elif max(len(street), len(name)) > LONGEST_PLACE:
        problem = f"名称超过 {LONGEST_PLACE} 个字"
    elif "\ufffd" in street + name:
        problem = "文字编码读不出来，请另存为 UTF-8 的 CSV"
    return PlaceLine(number, street[:LONGEST_PLACE], name[:LONGEST_PLACE], problem)


# --- Answers -------------------------------------------------------------------------------------

VARIABLES = {
    "受理编号": "回执上的编号",
    "收到日期": "收到这条意见的日期",
    "章节": "意见所在的章节",
    "规划名称": "规划的名称",
    "单位": "本单位的名称",
    "联系电话": "本单位的联系电话",
}
_VARIABLE = re.compile(r"\{([^{}\n]{1,12})\}")


def unknown_variables(text: str) -> list[str]:
    """Names in braces that stand for nothing."""
    return [name for name in _VARIABLE.findall(text) if name not in VARIABLES]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its variables replaced; one without a value stays for the officer to see."""
    return _VARIABLE.sub(lambda found: values.get(found[1]) or found[0], text)


# --- Words ---------------------------------------------------------------------------------------

CATEGORIES = {
    "collective": "群体性事件",
    "safety": "人身与公共安全",
    "threat": "威胁",
    "abuse": "辱骂",
    "rumour": "谣言",
    "advert": "广告",
    "other": "其他",
}


def comparable(text: str) -> str:
    """How words are compared: width, case, white space and punctuation make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in folded if char.isalnum())


def words_in(text: str, words: Mapping[str, str]) -> dict[str, str]:
    """Which of `words` (word → category) stand in a text, with their categories."""
    plain = comparable(text)
    found = {}
    for word, category in words.items():
        key = comparable(word)
        if key and key in plain:
            found[word] = category
    return found
