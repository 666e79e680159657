"""Small pure rules of the digest: counting, quoting, and hearing "raise it" or "lower it"."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from backend.digests.content import Tally
from backend.digests.frame import Voice

QUOTE_LENGTH = 120
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;”』」]*|\n")

# A number is asked to go up or down. A negation just before turns the demand around.
_UP = re.compile(
    r"(?:再|还|适当|进一步|大幅|应|应该|能|可以|希望|建议)?(?:提高|提升|上调|调高|定高|拉高|增加|加大|扩大|高一[点些]|多一[点些])"
    r"|(?:目标|指标|数|定得?|标准|要求)[^，。；\n]{0,8}?(?:偏低|太低|过低|低了|偏少|太少|不够|保守)"
    r"|(?:偏低|太低|过低|低了点|偏少|太少|保守了?)(?=[，。；！了吧些]|$)"
)
_DOWN = re.compile(
    r"(?:降低|下调|调低|放低|减少|压低|压缩|低一[点些]|少一[点些])"
    r"|(?:目标|指标|数|定得?|标准|要求)[^，。；\n]{0,8}?(?:偏高|太高|过高|高了|偏多|太多|不现实|不切实际)"
    r"|(?:偏高|太高|过高|高了点|偏多|太多|不切实际|不现实)(?=[，。；！了吧些]|$)"
)
_NOT = re.compile(
    r"(?<![能可是要会该])(?:不|别|勿|莫|没必要|无需|不用|不要|不应|不宜|不该|不能|反对)[再随便盲目一味继续]{0,3}$"
)


def tally(key: str, label: str, voices: Sequence[Voice]) -> Tally:
    """Count comments, once as they came and once with near-copies folded."""
    return Tally(
        key=key,
        label=label,
        count=len(voices),
        unique_count=len({v.voice_key for v in voices}),
        comment_ids=tuple(v.id for v in voices),
    )


def tallies(
    voices: Iterable[Voice],
    key: Callable[[Voice], str | None],
    label: Callable[[str], str] = str,
    *,
    order: Sequence[str] = (),
) -> tuple[Tally, ...]:
    """One tally for each key, in the given order, otherwise the largest first."""
    groups = group(voices, key)
    found = [tally(k, label(k), groups[k]) for k in groups if k is not None]
    rank = {k: i for i, k in enumerate(order)}
    found.sort(key=lambda t: (rank.get(t.key, len(rank)), -t.count, t.label))
    return tuple(found)


def group(
    voices: Iterable[Voice], key: Callable[[Voice], str | None]
) -> dict[str | None, list[Voice]]:
    groups: defaultdict[str | None, list[Voice]] = defaultdict(list)
    for voice in voices:
        groups[key(voice)].append(voice)
    return groups


def demand(text: str) -> str | None:
    """`raise`, `lower`, or None: what a comment wants done with a number of the plan."""
    up = _heard(_UP, text) - _heard(_DOWN, text)
    return "raise" if up > 0 else "lower" if up < 0 else None


def _heard(pattern: re.Pattern[str], text: str) -> int:
    score = 0
    for match in pattern.finditer(text):
        score += -1 if _NOT.search(text[: match.start()]) else 1
    return score


def excerpt(text: str, length: int = QUOTE_LENGTH) -> str:
    """The first whole sentences that fit; a verbatim stretch of `text` in any case."""
    text = text.strip()
    if len(text) <= length:
        return text
    end = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > length:
            break
        end = match.end()
    return text[:end].strip() or text[:length]


def ranges(ids: Iterable[int], limit: int | None = None) -> str:
    """1–3、7: comment numbers as people print them; with `limit`, the rest is only counted."""
    numbers = sorted(set(ids))
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    shown = runs if limit is None else runs[:limit]
    text = "、".join(str(a) if a == b else f"{a}–{b}" for a, b in shown)
    return text if len(shown) == len(runs) else f"{text}等{len(numbers)}条"


def representatives(voices: Sequence[Voice], count: int) -> list[Voice]:
    """Comments worth quoting: different voices, backed by many, long enough to say something."""
    sizes = {k: len(v) for k, v in group(voices, lambda v: v.voice_key).items()}
    chosen: list[Voice] = []
    seen: set[str] = set()
    for voice in sorted(voices, key=lambda v: (-_worth(v, sizes), v.id)):
        if voice.voice_key not in seen and voice.text:
            seen.add(voice.voice_key)
            chosen.append(voice)
        if len(chosen) == count:
            break
    return chosen


def _worth(voice: Voice, sizes: dict[str | None, int]) -> int:
    length = len(voice.text)
    fullness = 3 if 24 <= length <= QUOTE_LENGTH else 2 if length > QUOTE_LENGTH else 0
    concrete = 2 if re.search(r"\d|[一二三四五六七八九十]+[个处条米天年]", voice.text) else 0
    shared = min(4, sizes[voice.voice_key].bit_length())
    return fullness + concrete + shared


def mask_name(name: str) -> str:
    """朱建国 → 朱**, 欧阳明 → 欧阳**, a short foreign name keeps its first letter."""
    name = name.strip()
    if not name:
        return ""
    compound = name[:2] in _COMPOUND_SURNAMES and len(name) > 2
    return (name[:2] if compound else name[0]) + "**"


_COMPOUND_SURNAMES = frozenset(
    re.findall("..", "欧阳司马上官诸葛夏侯皇甫尉迟公孙令狐慕容宇文长孙司徒端木东方南宫西门轩辕")
)
