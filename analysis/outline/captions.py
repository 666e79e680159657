"""Captions of tables and figures: short lines that name what stands beside them."""

import re

from analysis.contracts import Caption
from analysis.outline.sections import Outline

_NUMBERED = re.compile(
    r"^(?:图|表|附图|附表) ?[\d一二三四五六七八九十]*(?:[-—.]\d+)?[:： ]\S|"
    r"^(?:图|表) ?\d+(?:[-—.]\d+)?\S"
)
_NAMED = re.compile(
    r"(?:示意图|布局图|分布图|规划图|结构图|流程图|架构图|总体架构|一览表|"
    r"情况表|指标表|汇总表|统计表|项目表|分工表|空间布局|图|表)(?:[(（][^)）]*[)）])?$"
)
_LONGEST = 50


def is_caption(text: str) -> bool:
    """Whether a line is a caption and no sentence."""
    if len(text) > _LONGEST or re.search(r"[。；;,，!！?？|]", text):
        return False
    return bool(_NUMBERED.match(text) or _NAMED.search(text))


def find_captions(outline: Outline) -> list[Caption]:
    """The captions in reading order."""
    return [
        Caption(text=p.passage.text, section=outline.section_id(p.section))
        for p in outline.paragraphs
        if p.line.grid is None and is_caption(p.passage.text)
    ]
