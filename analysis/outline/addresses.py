"""Words to the audience, 各位代表！ … and closing exhortations: they are no measures."""

import re

_GREETING = re.compile(
    r"^(?:尊敬的)?(?:各位|全体)(?:代表|委员|同志|领导|来宾|嘉宾|专家|朋友)|"
    r"^(?:同志们|朋友们|代表们|委员们|乡亲们|女士们)"
)
_EXHORTATION = re.compile(
    r"让我们|蓝图(?:已经?)?绘就|正当其时|砥砺奋进|号角(?:已经?)?吹响|"
    r"为.{4,60}而(?:不懈|努力|共同|团结|接续)*奋斗|(?:奋勇|阔步)前[进行]|谱写.{0,30}新(?:篇章|华章)[！!。]"
)
_OPENING = re.compile(
    r"^(?:现在，?)?我代表.{0,20}(?:人民政府|人民法院|人民检察院|委员会)|^以上报告"
)


def is_address(text: str) -> bool:
    """Whether a paragraph or sentence speaks to the audience and not of a measure."""
    if _GREETING.match(text) or _OPENING.match(text):
        return True
    return text.rstrip("”").endswith(("！", "!")) and bool(_EXHORTATION.search(text))
