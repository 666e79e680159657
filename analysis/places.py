"""Places that a comment names: roads, housing estates, schools, hospitals, 街镇, 居委, stations.

A name is recognised by its ending (路, 小区, 医院 …) and cut on the left where everyday language
stops (请问临汾路 → 临汾路), so that an official can ask what a street has to say without keeping
a register of every street. A register of the district's names may be given as `gazetteer`; its
names are found wherever they stand and win over the patterns. Places whose names were replaced by
codes (A市, A3区, K3县) count as names.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from analysis import data
from analysis.contracts import PlaceMention
from analysis.segment import normalise

_LONGEST_NAME = 10
_CODE = r"[A-Z]{1,2}\d{0,2}"
_ORDINAL_NAMES = re.compile(r"(?:地铁|轨道交通|轻轨|磁浮)?[\d一二三四五六七八九十]{1,3}号线")


@cache
def _suffixes() -> dict[str, str]:
    return {row[0]: row[1] for row in data.rows("places/suffixes.tsv", 2)}


@cache
def _pattern() -> re.Pattern[str]:
    """A run of name characters and its ending; the longest ending wins, the first run is taken."""
    endings = "|".join(sorted(_suffixes(), key=lambda s: (-len(s), s)))
    return re.compile(rf"([一-鿿A-Za-z0-9]{{1,{_LONGEST_NAME}}}?)({endings})")


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
    found = known + [
        hit
        for hit in _from_patterns(folded.text)
        if all(hit[1] <= start or end <= hit[0] for start, end, _ in known)
    ]
    mentions = []
    for start, end, kind in sorted(found):
        raw_start, raw_end = folded.span(start, end)
        mentions.append(PlaceMention(folded.text[start:end], kind, field, raw_start, raw_end))
    return tuple(mentions)


def _from_patterns(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _pattern().finditer(text):
        name, suffix = found.groups()
        start, end = found.start(), found.end()
        kind = _suffixes()[suffix]
        if cut := _cut().match(name):
            start += cut.end()
        mention = text[start:end]
        if _is_name(mention, suffix, kind):
            yield start, end, kind


def _is_name(mention: str, suffix: str, kind: str) -> bool:
    stem = mention[: -len(suffix)]
    if not stem or mention in _common() or stem.isdigit():
        return suffix == "号线" and stem.isdigit()
    if kind == "district":
        return re.fullmatch(_CODE, stem) is not None or (2 <= len(stem) <= 4 and _is_han(stem))
    if len(stem) == 1 and kind != "road" and not stem.isalpha():
        return False
    return len(mention) >= 3 or re.fullmatch(_CODE, stem) is not None


def _is_han(text: str) -> bool:
    return all("一" <= c <= "鿿" for c in text)


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
