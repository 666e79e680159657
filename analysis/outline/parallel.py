"""甲、乙、丙分别达到 1、2、3: several values said in a row, one for each of several names.

The names stand in the same clause, or in the list before it (建设茶叶、咖啡基地，产值分别达到…), or
one word holds two (城乡居民收入). What they share is often said once, at the last: 食品、家居产值.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import rjieba

from analysis.outline.making import MAKING
from analysis.outline.quantities import ANONYMOUS, VALUE
from analysis.outline.targetnames import COMPARED, GROWTH, tidy_name

_LISTED = re.compile(
    rf"(?P<names>[^,，。；;:：]*?)(?:年均)?分别(?:力争|稳定|要|将)*"
    rf"(?P<words>[\u4e00-\u9fff]{{1,4}}?) ?"
    rf"(?P<values>{ANONYMOUS}(?: ?[、,，和及] ?{ANONYMOUS})+)"
)
_MEASURES = frozenset(
    (
        "排放", "总量", "排放量", "排放总量", "产值", "总产值", "增加值", "规模", "面积", "覆盖率",
        "比例", "比重", "占比", "数量", "收入", "营业收入", "销售收入", "总收入", "产量", "人数",
        "投资", "强度", "浓度", "能耗", "总额", "价值", "人均", "年均", "合格率", "完成率", "率",
        "利用率", "普及率", "投入", "成交额", "里程", "床位", "价格", "用量", "消耗", "用水量",
    )
)  # fmt: skip
_MEASURED = re.compile("[率量值数额度积比重]$")
_COUNT_OF_LIST = re.compile(r"(?:等|[两三四五六七八九十\d]+ ?[大个类项条]).*$")


@dataclass(frozen=True, slots=True)
class Parallel:
    """Names and values as found between `start` and `stop` of a text."""

    start: int
    stop: int
    words: str
    names: tuple[str, ...]
    values: tuple[re.Match[str], ...]


def parallel_in(text: str) -> Parallel | None:
    """The first run of values said 分别 of as many names."""
    for listed in _LISTED.finditer(text):
        values = tuple(VALUE.finditer(listed["values"]))
        names = _names(listed["names"], text[: listed.start()], len(values))
        if names and len(values) >= 2:
            words = listed["words"]
            growth = words if GROWTH.fullmatch(words) else ""
            named = tuple(f"{name}{growth}" for name in names)
            return Parallel(listed.start(), listed.end(), words, named, values)
    return None


def _names(said: str, before: str, count: int) -> list[str]:
    """As many names as there are values, or none."""
    pieces = [tidy_name(COMPARED.sub("", piece)) for piece in re.split("[、和及与]", said)]
    if len(pieces) == count:
        return list(_with_shared_measure(pieces))
    name = tidy_name(COMPARED.sub("", said))
    if len(pieces) > 1 or len(name) < 2:
        return []
    if name.startswith("城乡") and count == 2:
        return [f"城镇{name[2:]}", f"农村{name[2:]}"]
    things = _list_before(before, count)
    return [f"{thing}{name}" for thing in things] if things else [name] * count


def _list_before(text: str, count: int) -> list[str]:
    """The list of so many short things in the clause before."""
    clause = re.split("[,，。；;:：]", text.rstrip(",， "))[-1]
    things = [_COUNT_OF_LIST.sub("", thing).strip() for thing in re.split("[、和及与]", clause)]
    things[0] = re.sub(f"^{MAKING}", "", tidy_name(things[0]))
    fits = len(things) == count and all(1 <= len(thing) <= 10 for thing in things)
    return things if fits else []


def _with_shared_measure(names: Sequence[str]) -> Iterator[str]:
    """What is measured, said once at the last name, belongs to each."""
    words = rjieba.cut(names[-1])
    measure = ""
    while words and (words[-1] in _MEASURES or (not measure and _MEASURED.search(words[-1]))):
        measure = words.pop() + measure
    emitted = measure.startswith("排放")  # of 化学需氧量 too, whose own name ends in 量
    for name in names:
        own = name.endswith(measure) or (_MEASURED.search(name) and not emitted)
        shared = bool(words and measure and not own)
        yield f"{name}{measure}" if shared else name
