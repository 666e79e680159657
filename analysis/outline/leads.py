"""Lead sentences: the short sentence that names a measure before the text that explains it.

强化应急保障。完善……；建立……。 A paragraph opens with one, or (where a whole section is one
paragraph) holds several in a row; there the shorter of two short neighbours is the lead, since a
lead is always followed by what it leads.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from analysis.outline.text import bare, sentences

_VERB = re.compile(
    r"^(?:着力|大力|加快|积极|全面|深入|持续|进一步|不断|切实|努力|全力|"
    r"稳步|有序|严格|充分|广泛|深度|高标准|高水平|高质量|高起点|合力|携手|"
    r"统筹|整体|系统|主动|联动|协同|"
    r"深化|推进|推动|完善|健全|加强|强化|优化|提升|提高|打造|建设|构建|"
    r"实施|支持|鼓励|引导|促进|拓展|拓宽|扩大|培育|培养|发展|"
    r"落实|做好|做强|做优|做大|发挥|探索|开展|创新|统筹|聚焦|围绕|依托|"
    r"建立|营造|集聚|吸引|保障|增强|巩固|塑造|释放|升级|引育|"
    r"改善|改革|规范|放大|激发|搭建|筑牢|守牢|守护|丰富|繁荣|彰显|共建|"
    r"共享|共育|做精|做亮|传承|保护|打响|擦亮|建强|推广|普及|加大|把握|"
    r"布局|夯实|服务|"
    r"抓好|抓实|坚持|畅通|完成|实现|维护|防范|治理|转变|盘活|谋划|保持|"
    r"关爱|织密|兜牢|办好|建好|管好|守好|全域|奋力|聚力|弘扬|培植|引进|壮大|振兴|倡导)"
)
_LONGEST_PARAGRAPH = 6000
_LONGEST_FIRST = 32
_LONGEST = 24
_STATEMENT = re.compile(
    r"^[^,，]{1,20}(?:是|就是|(?:事关|关系|关乎|离不开|至关重要|重于泰山|没有终点|永远在路上|无小事|不容))"
)
_ENUMERATED = re.compile(r"^(?:一是|二是|三是|四是|五是|其中|同时|此外|另外)")


@lru_cache(maxsize=4096)
def opening_lead(text: str) -> str | None:
    """The lead that opens a paragraph, with its full stop, or None."""
    parts = sentences(text[:_LONGEST_PARAGRAPH])
    if len(parts) < 2:
        return None
    first = parts[0].strip()
    name = bare(first)
    if (
        not first.endswith(("。", "！"))
        or not 4 <= len(name) <= _LONGEST_FIRST
        or len(re.findall("[,，]", name)) > 1
        or re.search("[；;：:]", name)
        or _ENUMERATED.match(name)
    ):
        return None
    if _STATEMENT.match(name) and not _VERB.match(name):
        # 安全是底线。 says why; the measure follows.
        return opening_lead("".join(parts[1:]))
    if "," in first or "，" in first:  # a lead of two clauses is still shorter than what follows
        return first if len(parts[1]) > len(first) * 1.2 else None
    explained = sum(map(len, parts[1:]))
    return first if explained > len(name) else None


def leads_in(text: str) -> list[str]:
    """All leads of a paragraph that holds a whole section, in order."""
    first = opening_lead(text)
    if first is None:
        return []
    parts = [part.strip() for part in sentences(text[:_LONGEST_PARAGRAPH])]
    parts = parts[parts.index(first.strip()) :]
    commas = bool(re.search("[,，]", first))
    scores = [_score(parts, index, commas) for index in range(len(parts))]
    scores[0] = max(scores[0], 1.0)
    chosen = _without_neighbours(scores)
    if 0 not in chosen:
        chosen = sorted({0, *chosen})
    return [parts[index] for index in chosen]


def _score(parts: Sequence[str], index: int, commas: bool) -> float:
    """How much a sentence looks like a lead: the shorter the more; zero if it cannot be one."""
    name = bare(parts[index])
    if index == len(parts) - 1 or not 4 <= len(name) <= _LONGEST or not _VERB.match(name):
        return 0.0
    found = len(re.findall("[,，]", name))
    if re.search("[；;：:]", name) or found != int(commas):
        return 0.0
    if commas and len(parts[index + 1]) < len(parts[index]) * 1.3:
        return 0.0
    return float(_LONGEST + 2 - len(name))


def _without_neighbours(scores: Sequence[float]) -> list[int]:
    """The best choice of sentences no two of which stand side by side."""
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ()), (0.0, ())]
    for index, score in enumerate(scores):
        taken = (best[-2][0] + score, (*best[-2][1], index)) if score > 0 else (-1.0, ())
        best.append(max(taken, best[-1], key=lambda option: option[0]))
    return list(best[-1][1])
