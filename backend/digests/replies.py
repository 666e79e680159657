"""Is a reply worth giving? Pure checks of the reasons officials wrote, before publication."""

import re
from collections.abc import Sequence

from backend.digests.frame import Voice
from backend.digests.rules import group

REPEATS = 3
# Words that sound like an answer and are none; two in one reason are too many.
JARGON = re.compile(
    "赋能|抓手|闭环|顶层设计|底层逻辑|组合拳|走深走实|提质增效|高位推动|统筹推进|压茬推进|"
    "落细落实|持续发力|久久为功|纵深推进|有序推进|多措并举|齐抓共管|常抓不懈|全面加强"
)
# A fact, a rule, a plan, a sum, a date, a place of the text: something that can be looked up.
FACT = re.compile(
    r"\d|[一二三四五六七八九十百千万]+[条款章节年月日个元米处项%％]|《|规范|标准|条例|规定|办法|法律|"
    r"预算|资金|财政|规划|红线|权限|职责|文物|产权|安全|噪声|消防|论证|评估|测算|调查|现状|已经|已在|"
    r"因为|由于|需要|属于|涉及"
)
_HAN = re.compile(r"[\u3400-\u9fff]+")
_COMMON = frozenset(
    re.findall(
        "..",
        "我们你们他们建议希望可以能否应该应当加强有关相关部门意见采纳规划提出工作进行问题需要这个没有"
        "已经目前考虑研究感谢支持",
    )
)


def repeated(voices: Sequence[Voice]) -> tuple[int, ...]:
    """One reason pasted under different demands: at least three voices of two sections."""
    found: list[int] = []
    for members in group(voices, lambda v: " ".join(v.reason.split())).values():
        apart = {v.voice_key for v in members}
        if len(apart) >= REPEATS and len({v.section_key for v in members}) > 1:
            found += [v.id for v in members]
    return tuple(sorted(found))


def bare_refusals(voices: Sequence[Voice]) -> tuple[int, ...]:
    """A refusal that gives no fact, rule or circumstance."""
    return tuple(v.id for v in voices if v.outcome == "not_adopted" and not FACT.search(v.reason))


def jargon(voices: Sequence[Voice]) -> tuple[int, ...]:
    """Reasons made of set phrases."""
    return tuple(v.id for v in voices if len(set(JARGON.findall(v.reason))) >= 2)


def beside_the_point(voices: Sequence[Voice]) -> tuple[int, ...]:
    """Reasons that share no word with what was asked, though both are long enough to."""
    return tuple(
        v.id
        for v in voices
        if len(v.reason) >= 12 and len(v.text) >= 20 and not _pairs(v.text) & _pairs(v.reason)
    )


def _pairs(text: str) -> set[str]:
    """Neighbouring Han characters, without those every reply has."""
    pairs = {run[i : i + 2] for run in _HAN.findall(text) for i in range(len(run) - 1)}
    return pairs - _COMMON
