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
    r"合同|约定|协议|依法|程序|因为|由于|需要|属于|涉及"
)
# Characters every text has: sharing them says nothing.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用所然种事成方多经么去如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实区镇市"
    "建议希望应该请意见采纳规划研究有关相关部门提加强工作进行问题需已将把被给吗呢吧啊很更最再又与及"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


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
    """Reasons for not following that share hardly a word with what was asked."""
    return tuple(
        v.id
        for v in voices
        if v.outcome in ("not_adopted", "already_covered", "noted")
        and len(v.reason) >= 12
        and len(v.text) >= 20
        and len(_telling(v.text) & _telling(v.reason)) < 2
    )


def _telling(text: str) -> set[str]:
    return set(_HAN.findall(text)) - _COMMON
