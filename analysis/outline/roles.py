"""What a section is for: looking back, setting the frame (aims, principles), or taking measures.

Past achievements are no targets and chapters that review yield no tasks, so every section needs a
role. Its own title speaks first, then those of the sections around it, then how its text speaks.
"""

import re
from collections import Counter
from enum import Enum

from analysis.outline.period import Period, names_earlier_plan
from analysis.outline.sections import Outline


class Role(Enum):
    """What a section is for."""

    REVIEW = "looks back or describes"
    FRAME = "sets aims, principles and space"
    MEASURES = "says what will be done"
    APPENDIX = "explains terms"


_REVIEW = re.compile(
    r"回顾|发展基础|现实基础|基础条件|基础与|发展现状|现状|成效|成就|成绩|"
    r"完成情况|进展情况|实施情况|取得|"
    r"(?:面临|发展|新)的?(?:形势|环境|机遇|挑战|问题|背景)|形势(?:与|和|"
    r"分析|及|$)|(?:困难|问题|挑战|瓶颈|短板|不足|不利因素|有利条件|有利因素)(?:和|"
    r"与|及|$)|"
    r"机遇$|历史(?:新)?机遇|总体评价|经验|五年来|过去五年|的五年$|编制背景|"
    r"规划背景|发展环境|阶段特征|存在的|工作总结|(?:推进|落实|执行|开展)情况|序时进度"
)
_FRAME = re.compile(
    r"指导思想|基本原则|总体(?:要求|思路|目标|部署|安排)|(?:发展|奋斗|"
    r"主要|具体|规划|远景|工作|战略)目标|目标(?:愿景|体系|指标|定位)|"
    r"发展(?:定位|愿景|战略|蓝图|理念|思路)|功能定位|战略定位|空间(?:布局|"
    r"战略|格局)|(?:主要|预期|发展)指标|指标体系|愿景|蓝图|展望|"
    r"政策取向|^目标$|基本要求|发展方向|规划范围|规划期限|编制依据|规划(?:目的|原则)|目标$|"
    r"^总则$|法律责任$|^(?:立法)?目的(?:和依据)?$|适用范围"
)
# What is told below these is measures as often as aims; the text decides.
_BROAD_FRAME = re.compile("安排|部署")
_MEASURES = re.compile(r"任务|举措|措施|保障|行动|工程|对策|重点工作|工作安排|路径|实施$")
_APPENDIX = re.compile(
    r"名词解释|指标解释|术语|名词|^附则$|^附录|^附件|^附表|结语|结束语|前言|引言|序言|导语|^序$|后记"
)
_OUTCOME = re.compile(
    "完成情况|取得|成效|回顾|了|情况$|"
    "^(?:主要|存在|面临|突出|现实|若干|有关).{0,6}问题$|目标$|目标愿景|"
    "^(?!夯实|筑牢|巩固|打牢|稳固|厚植|强化|加强|打好).{2,6}(?:基础|现状|背景|形势|历程)$"
)
_PAST = re.compile(
    "累计|获评|荣获|成功|以来|取得|已经?|正处|依然|更加紧迫|五年来|一年来|同比|"
    "(?:增长|提高|提升|增加|下降|降)[到至]|(?:成|到|完|现|进|建|善|高|升|强|增|化)了"
)
_AHEAD = re.compile("到20[2-9][0-9] ?年|力争|将(?!近)|确保|争取|应当|推进(?!了)|加快(?!了)")
_IMPERATIVE = re.compile(
    r"^(?:要|让|使|为了?|全力|聚力|奋力|合力|着力|大力|加快|积极|全面|深入|持续|进一步|不断|切实|努力|"
    r"深化|推进|推动|完善|健全|加强|强化|优化|提升|提高|"
    r"打造|建设|构建|实施|支持|鼓励|引导|促进|拓展|扩大|培育|发展(?!基础|"
    r"现状|形势|环境|目标|定位|思路|愿景|战略|蓝图|理念|成就|成效|的|条件|"
    r"阶段|历程|机遇)|落实|做好|做强|发挥|探索|开展|创新|统筹|聚焦|围绕|"
    r"依托|坚持|塑造|繁荣|创建|迈向|促进|激发|夯实|筑牢|释放|厚植|擦亮|"
    r"打响|彰显|保持|确保|规范|建强|"
    r"办好|建好|管好|用好|守好|守牢|守护|兜牢|织密|抓好|抓实|丰富|改善|治理|维护|防范|"
    r"畅通|盘活|传承|弘扬|保护|共建|共享|升级|倡导|壮大|振兴|放大|转变|普及|加大|谋划|"
    r"改造|新增|新建|完成(?!情况)|引进|挖掘|提供|修复|整治|关爱|减少|控制|"
    r"建立|严格|营造|集聚|吸引|保障|增强|巩固|充分|以|到20|"
    r"补齐|补强|补足|突出(?!问题|矛盾|短板|成效)|破解|化解|应对|解决|攻克|消除|防止|防控|"
    r"汇聚|压实|锻造|锚定|勇担|扛牢|扛起|启动|提质|增进|扩围|压减|精简|严守|严抓|严防|始终|"
    r"牢固|坚决|稳步|稳妥|稳住|用心|用情|千方百计|挖潜|整合|协同|主动|融入|对接|争创|创优|"
    r"开拓|开辟|拓宽|延伸|调优|理顺|制定|编制|出台|预留|规划建设|新开|开通|布局|设置|完备|"
    r"做大|做精|做实|做细|加密|强健|联动|贯通|严控|力争|实行|推行|引育|打通)"
)


def roles(outline: Outline, period: Period) -> list[Role]:
    """The role of every section of a plan for `period`."""
    own = [_by_title(title, period) for title in outline.titles]
    texts = _texts_of_subtrees(outline)
    found: list[Role] = []
    for index, role in enumerate(own):
        parent = outline.parents[index]
        above = _handed_down(outline, own, found, parent)
        if above in (Role.APPENDIX, Role.REVIEW):
            found.append(above)
        elif role is not None:
            found.append(role)
        elif above is not None:
            found.append(above)
        else:
            framed = Role.FRAME in found
            text = _by_text(texts[index], period, framed=framed)
            found.append(_by_company(outline, own, index) or text)
    return found


def _handed_down(
    outline: Outline, own: list[Role | None], found: list[Role], parent: int | None
) -> Role | None:
    """The role a title above gives to what stands below it; a guessed one gives none."""
    at = parent
    while at is not None and own[at] is None:
        at = outline.parents[at]
    if at is None or (own[at] is Role.FRAME and _BROAD_FRAME.search(outline.titles[at])):
        return None
    return found[at]


def _texts_of_subtrees(outline: Outline) -> list[str]:
    texts: list[list[str]] = [[] for _ in outline.titles]
    for paragraph in outline.paragraphs:
        if paragraph.line.grid is None:
            for index in outline.path(paragraph.section):
                texts[index].append(paragraph.passage.text)
    return ["".join(pieces) for pieces in texts]


def _by_title(title: str, period: Period) -> Role | None:
    if names_earlier_plan(title, period):
        return Role.REVIEW
    if _APPENDIX.search(title):
        return Role.APPENDIX
    if (_IMPERATIVE.match(title) or "，让" in title or ",让" in title) and not _OUTCOME.search(
        title
    ):
        return Role.MEASURES
    if _of_two_kinds(title):
        return None
    if _REVIEW.search(title) and not re.search("举措|任务$|措施", title):
        return Role.REVIEW
    if _FRAME.search(title):
        return Role.FRAME
    return Role.MEASURES if _MEASURES.search(title) else None


def _by_company(outline: Outline, own: list[Role | None], index: int) -> Role | None:
    """A chapter most of whose sections review or frame does not take measures itself."""
    kin = [i for i, parent in enumerate(outline.parents) if parent == index]
    if not kin and (parent := outline.parents[index]) is not None:
        kin = [i for i in outline.children(parent) if i != index]
        kin = [i for i in kin if own[i] is Role.REVIEW] if len(kin) == 1 else []
    told = Counter(role for i in kin if (role := own[i]) in (Role.REVIEW, Role.FRAME))
    if told.total() * 2 <= len(kin):
        return None
    role, count = told.most_common(1)[0]
    # Where some look back and some ahead, the whole does not look back.
    return role if count * 2 > len(kin) else Role.FRAME


def _of_two_kinds(title: str) -> bool:
    """Whether a title joins what looks back with what looks ahead: 发展环境与主要目标."""
    parts = re.split("[与和及、，,]", title)
    back = [bool(_REVIEW.search(part)) and not _FRAME.search(part) for part in parts]
    ahead = [bool(_FRAME.search(part)) and not _REVIEW.search(part) for part in parts]
    return any(back) and any(ahead)


def _by_text(text: str, period: Period, *, framed: bool) -> Role:
    """Measures speak in imperatives; descriptions and reviews do not.

    After the aims (`framed`) what does not speak of the past is measures, however it is worded.
    """
    clauses = [clause.strip() for clause in re.split("[。；;,，]", text) if clause.strip()]
    if not clauses:
        return Role.MEASURES
    commands = sum(bool(_IMPERATIVE.match(clause)) and "了" not in clause for clause in clauses)
    ahead = commands + len(_AHEAD.findall(text))
    past = len(_PAST.findall(text)) + names_earlier_plan(text, period)
    if framed and past * 8 < len(clauses):
        return Role.MEASURES
    return Role.MEASURES if ahead > len(clauses) * 0.25 and past < ahead else Role.REVIEW
