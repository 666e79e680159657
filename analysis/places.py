"""Places that a comment names: roads, housing estates, schools, hospitals, 街镇, 居委, stations.

A name is recognised by its ending (路, 小区, 医院 …) and cut on the left where everyday language
stops (请问临汾路 → 临汾路), so that an official can ask what a street has to say without keeping
a register of every street. A register of the district's names may be given as `gazetteer`; its
names are found wherever they stand and win over the patterns. Places whose names were replaced by
codes (A市, A3区, K3县) count as names.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

import rjieba

from analysis import data
from analysis.contracts import PlaceMention
from analysis.segment import normalise

_LONGEST_NAME = 8
_LONGEST_NOUN = 5
_SHORT_NAME = 3
# A市, A3区, K10县: places whose names were replaced by codes.
_CODED = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{0,2}$")
_LINE = re.compile(r"(?:地铁|轨道交通|轻轨|磁浮)?(?:\d{1,2}|[一二三四五六七八九十]{1,3})$")
# The characters after which a suffix is no suffix: 农贸市|场, 普通市|民, 道路|口.
_CARRY_ON = {
    "市": "场民容政长值级里面",
    "区": "域别块间分",
    "县": "长级",
    "村": "民里级干支主组",
    "镇": "长痛静级",
    "乡": "亲镇村音",
    "路": "口面灯况段径过人由费障边程途线标牌基政权",
    "街": "头边坊面",
    "弄": "虚堂清脏坏得",
    "苑": "囿",
    "河": "道流边水床堤",
    "湖": "水面边",
    "江": "水边面山",
}
# 洋湖|街道, 彭浦新村|街道: an ending right before another one belongs to the longer name, unless it
# ends an administrative name of its own.
_NEVER_INSIDE = ("district", "street_town", "station")
_PARTS = "东南西北中一二三四五六七八九十新老大前后支环"
_ADMINISTRATIVE = ("省", "市", "区", "县", "镇", "乡", "街道")
_NAME_TAGS = {"ns", "nr", "nrt", "nz", "nt", "nrfg", "j", "eng", "i", "l"}
_NOUN_TAGS = {"n", "ng", "an", "f", "s", "b", "nz", "vn"}
_VERBS_IN_NAMES = {
    "建设",
    "解放",
    "胜利",
    "发展",
    "迎宾",
    "复兴",
    "团结",
    "振兴",
    "创业",
    "开元",
    "友谊",
}


@cache
def _suffixes() -> dict[str, str]:
    return {row[0]: row[1] for row in data.rows("places/suffixes.tsv", 2)}


@cache
def _pattern() -> re.Pattern[str]:
    """Where an ending stands: administrative ones as they come, others unless a name goes on."""
    endings = sorted(_suffixes().items(), key=lambda item: (-len(item[0]), item[0]))
    first = "".join(sorted({suffix[0] for suffix, _ in endings}))
    alone = "|".join(suffix for suffix, kind in endings if kind in _NEVER_INSIDE)
    inner = "|".join(
        f"{suffix}(?![心央间等国])" if suffix.endswith("中") else suffix  # 第一中|心小学
        for suffix, kind in endings
        if kind not in _NEVER_INSIDE
    )
    outer = "|".join(suffix for suffix, kind in endings if kind not in ("park", "district"))
    return re.compile(rf"(?=[{first}])(?:{alone}|(?:{inner})(?![{_PARTS}]?(?:{outer})))")


@cache
def _common() -> frozenset[str]:
    return frozenset(row[0] for row in data.rows("places/common_words.tsv", 1))


@cache
def _cut() -> re.Pattern[str]:
    """Everything up to the last word that cannot be part of a name."""
    words = "|".join(
        sorted((row[0] for row in data.rows("places/stop_words.tsv", 1)), key=lambda w: -len(w))
    )
    return re.compile(rf".*(?:{words}|(?<=[一-鿿])\d+(?=[一-鿿]))")


def find_places(
    text: str, field: str = "text", gazetteer: Sequence[str] = ()
) -> tuple[PlaceMention, ...]:
    """Every place named, in reading order, without overlaps; offsets into the raw text."""
    folded = normalise(text)
    known = list(_from_gazetteer(folded.text, tuple(gazetteer))) if gazetteer else []
    found = known + [hit for hit in _from_patterns(folded.text) if _is_free(hit, known)]
    mentions = []
    for start, end, kind in sorted(found):
        raw_start, raw_end = folded.span(start, end)
        mentions.append(PlaceMention(folded.text[start:end], kind, field, raw_start, raw_end))
    return tuple(mentions)


def _is_free(hit: tuple[int, int, str], taken: list[tuple[int, int, str]]) -> bool:
    """Whether the hit overlaps none of the taken ones, which stand in reading order."""
    after = bisect_left(taken, hit[1], key=lambda other: other[0])
    return after == 0 or taken[after - 1][1] <= hit[0]


def _from_patterns(text: str) -> Iterator[tuple[int, int, str]]:
    done = 0
    for found in _pattern().finditer(text):
        suffix, start = found[0], found.start()
        while start > done and text[start - 1].isalnum() and found.start() - start < _LONGEST_NAME:
            start -= 1
        stem, done = text[start : found.start()], found.end()
        kind = _suffixes()[suffix]
        kept = _name_in(stem, suffix, kind, text[found.end() : found.end() + 1])
        if kept:
            yield found.end() - kept, found.end(), kind


@lru_cache(maxsize=65536)
def _name_in(stem: str, suffix: str, kind: str, following: str) -> int:
    """How many characters before the end of `stem + suffix` are the name; 0 when there is none."""
    if cut := _cut().match(stem):
        stem = stem[cut.end() :]
    if not stem or (following and following in _CARRY_ON.get(suffix, "")):
        return 0
    if code := _CODED.search(stem):
        return len(code[0]) + len(suffix)
    if suffix == "号线":
        digits = _LINE.search(stem)
        return len(digits[0]) + len(suffix) if digits else 0
    stem = _proper(stem, suffix, kind)
    if not stem or stem + suffix in _common() or stem in _common():
        return 0
    return len(stem) + len(suffix)


def _proper(stem: str, suffix: str, kind: str) -> str:
    """The end of the stem that reads as a name, word by word from the suffix leftwards."""
    if kind != "district" and len(stem) <= _SHORT_NAME:
        return stem
    words = rjieba.tag(stem + suffix)
    if kind == "district":
        return str(words[-1][0])[: -len(suffix)] if words[-1][1] == "ns" else ""
    start = at = len(stem + suffix)
    for word, tag in reversed(words):
        begin = at - len(word)
        inside_suffix = at > len(stem)
        if not inside_suffix and not _belongs(word, tag, len(stem) - start):
            break
        start = at = begin
    return stem[min(start, len(stem)) :]


def _belongs(word: str, tag: str, kept: int) -> bool:
    """Whether a word can stand in a name of which `kept` characters are read already."""
    if kept and word.endswith(_ADMINISTRATIVE):
        return False
    if tag in _NAME_TAGS or word in _VERBS_IN_NAMES or word.startswith("第"):
        return True
    if len(word) == 1:  # unknown names fall apart into single characters of any tag
        return kept < _SHORT_NAME
    return tag in _NOUN_TAGS and kept + len(word) <= _LONGEST_NOUN


# --- A register of names -------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _index(gazetteer: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Names by their first two characters, longest first."""
    by_start: dict[str, set[str]] = {}
    for name in gazetteer:
        folded = normalise(name).text.strip()
        if len(folded) >= 2:
            by_start.setdefault(folded[:2], set()).add(folded)
    return {
        start: tuple(sorted(names, key=lambda n: (-len(n), n))) for start, names in by_start.items()
    }


def _from_gazetteer(text: str, gazetteer: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    index, done = _index(gazetteer), 0
    for at in range(len(text) - 1):
        if at < done:
            continue
        for name in index.get(text[at : at + 2], ()):
            if text.startswith(name, at):
                done = at + len(name)
                yield at, done, kind_of(name)
                break


@lru_cache(maxsize=4096)
def kind_of(name: str) -> str:
    """The kind a name's ending tells, `place` where it tells none."""
    for length in range(min(8, len(name)), 0, -1):
        if kind := _suffixes().get(name[-length:]):
            return kind
    return "place"
