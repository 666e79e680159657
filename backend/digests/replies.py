"""Is a reply worth giving? Pure checks of the reasons officials wrote, before publication.

They point, a person judges: each finds replies worth a second look, and says which.
"""

import re
from collections.abc import Mapping, Sequence

from backend.digests.frame import Voice
from backend.digests.rules import group

REPEATS = 3
HOLLOW_UNDER = 6  # telling characters that must be left once courtesy is taken away
# Words that sound like an answer and are none; two in one reason are too many.
JARGON = re.compile(
    "赋能|抓手|闭环|顶层设计|底层逻辑|组合拳|走深走实|提质增效|高位推动|统筹推进|压茬推进|"
    "落细落实|持续发力|久久为功|纵深推进|有序推进|多措并举|齐抓共管|常抓不懈|全面加强"
)
# A fact, a rule, a plan, a sum, a date, a place of the text: something that can be looked up.
FACT = re.compile(
    r"\d|[一二三四五六七八九十百千万两]+[条款章节年月日个元米处项层户台公亩%％]|《|“|规范|标准|条例|规定|办法|"
    r"法律|依法|预算|资金|财政|红线|权限|职责|权属|产权|文物|结构|承重|消防|噪声|论证|评估|测算|现状|"
    r"合同|约定|协议|用地|面积|距离|间距|容量|客流|管线|已经|已在|已有|已列|已建|正在"
)
# A cause that is really told: not "because conditions do not allow it".
CAUSE = re.compile(
    r"(?:因为|由于|考虑到|鉴于|原因是)(?!条件|客观|种种|多方面|实际情况)[^，。；]{5,}"
)
COURTESY = re.compile(
    "感谢|谢谢|您好|你好|您的|你的|关心|关注|支持|理解|参与|宝贵|意见|建议|收悉|收到|已阅|认真|研究|考虑|吸纳|吸收|"
    "参考|采纳|予以|不予|暂不|未予|经|我们|我局|我委|我区|将|会|会同|有关|相关|部门|后续|下一步|今后|工作|规划|编制|过程|中|"
    "进一步|积极|充分|适时|统筹|综合|推进|落实|完善|优化|加强|结合|实际|情况"
)
# Where somebody with a matter of another office is to turn.
ELSEWHERE = re.compile(
    r"请(?:向|到|联系|拨打|通过|咨询)|可(?:以)?(?:向|到|联系|拨打|通过)|转(?:交|给|送|请|办)|移交|"
    r"由[^，。；]{2,20}(?:负责|办理|答复|受理|处理|解决)|属于?[^，。；]{2,20}(?:职责|职能|管理|事权)|\d{5,}|热线|信访"
)
# Characters every text has: sharing them says nothing.
_COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用所然种事成方多经么去如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实区镇市"
    "建议希望应该请意见采纳规划研究有关相关部门提加强工作进行问题需已将把被给吗呢吧啊很更最再又与及"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


# What may differ between two pastings of one reason: numbers, quoted names, marks.
_INCIDENTAL = re.compile(r"“[^”]*”|《[^》]*》|[\d０-９〇一二三四五六七八九十百千万]+|[^\w]")


def repeated(voices: Sequence[Voice]) -> tuple[int, ...]:
    """One reason pasted under different demands: at least three voices on two matters."""
    found: list[int] = []
    for members in group(voices, lambda v: _INCIDENTAL.sub("", v.reason)).values():
        apart = {v.voice_key for v in members}
        if len(apart) >= REPEATS and len({_matter(v) for v in members}) > 1:
            found += [v.id for v in members]
    return tuple(sorted(found))


def _matter(voice: Voice) -> tuple[str | None, frozenset[str]]:
    return voice.section_key, frozenset(link.key for link in voice.links)


def bare_refusals(voices: Sequence[Voice]) -> tuple[int, ...]:
    """A refusal that gives no fact, rule or circumstance."""
    return tuple(
        v.id
        for v in voices
        if v.outcome == "not_adopted" and not FACT.search(v.reason) and not CAUSE.search(v.reason)
    )


def hollow(voices: Sequence[Voice]) -> tuple[int, ...]:
    """Reasons that thank and promise to study, and say nothing else."""
    return tuple(
        v.id
        for v in voices
        if v.outcome in ("partly_adopted", "already_covered", "noted", "out_of_scope")
        and len(_HAN.findall(COURTESY.sub("", v.reason))) < HOLLOW_UNDER
    )


def nowhere_to_go(voices: Sequence[Voice]) -> tuple[int, ...]:
    """Out of scope, without a word on who is responsible."""
    return tuple(
        v.id for v in voices if v.outcome == "out_of_scope" and not ELSEWHERE.search(v.reason)
    )


def jargon(voices: Sequence[Voice]) -> tuple[int, ...]:
    """Reasons made of set phrases."""
    return tuple(v.id for v in voices if len(set(JARGON.findall(v.reason))) >= 2)


def beside_the_point(voices: Sequence[Voice], names: Mapping[str, str]) -> tuple[int, ...]:
    """Reasons for not following that share hardly a word with what was asked.

    What was asked is also what it was asked about: `names` gives plan items by key.
    """
    return tuple(
        v.id
        for v in voices
        if v.outcome in ("not_adopted", "already_covered", "noted")
        and len(v.reason) >= 12
        and len(v.text) >= 20
        and len(_telling(_asked(v, names)) & _telling(v.reason)) < 2
    )


def _asked(voice: Voice, names: Mapping[str, str]) -> str:
    items = [names.get(link.key, "") for link in voice.links]
    return " ".join((voice.text, voice.wording, voice.quoted, *items))


def _telling(text: str) -> set[str]:
    return set(_HAN.findall(text)) - _COMMON
