"""Verbs that announce something to be made, opened, given or cut: what follows them is a target."""

import re

import rjieba

from analysis.outline.text import HAN

MAKING = (
    r"(?:累计|每年|各)?(?:新增|新建|改建|新改建|改扩建|扩建|建成|建设|"
    r"建立|创建|打造|培育|培养|引进|引育|集聚|完成|实施|推进|设置|设立|"
    r"布局|布设|选树|选拔|筹措|供应|推荐|支持|帮扶引领|帮扶|组建|举办|"
    r"开展|认定|发展|改造|更新|推出|形成|拥有|支持推动|聘请|增建|增加|"
    r"提供|落地|开工|竣工|实现|达到|争取|配备|招引|孵化|储备|吸引|开通|"
    r"封堵|拆除|清淤|加装|更换|投放|铺设|疏浚|创成|办结|建造|种植|保障|"
    r"安置|解决|整治|修缮|启动|盘活|开办|评选|遴选|补充|净增|惠及|服务|"
    r"发放|攻克|推动|引导|带动|安装|收储|消化|修建|规划(?!面积|范围|期|人口|用地))"
)
MAKER = re.compile(
    rf"(?P<verb>{MAKING}(?:[、和或]?{MAKING})*)(?:成功|形成|引进|市|"
    rf"区|各类|[{HAN}]{{1,6}}的)? ?(?:约|近|不少于|超过|至少)? ?$"
)
MAKER_AHEAD = re.compile(
    rf"(?P<verb>{MAKING}(?:[、和或]?{MAKING}(?!用地|项目|单元|工程))*)(?P<noun>[^,，。；;]{{2,30}})$"
)
KEPT = re.compile("新增|新建|新改建|改建|扩建|供应|净增|惠及|服务|带动")
_OPENING_VERB = re.compile(rf"[{HAN}]{{2}}")
# They say where something lies or what belongs to it, not what will be done.
_STATING = re.compile(
    "涉及|包括|包含|分为|位于|占地|属于|来自|具有|存在|辐射|共有|设有|下辖|管辖|距离|用于|作为|成为|"
    "围绕|按照|依托|结合|坚持|含有|约为|相当|等于|划分|总计|合计|统计|实有|持有|面向|针对|根据|年满|适用|"
    "要求|规定|允许|超过|不足|需要|没有|具备|符合|可以|应当|不得|逾期|处以|罚款"
)


def without_maker(text: str) -> str:
    """A name without the verb before it: 开展护理员培训 is 护理员培训."""
    return re.sub("^(?:开展|举办|组织|完成|实施|推进|推动)(?=[^后率的量]{2})", "", text)


def opening_verb(clause: str) -> str:
    """The verb of two characters a clause begins with, or nothing."""
    found = _OPENING_VERB.match(clause)
    if found is None or _STATING.match(clause):
        return ""
    word, kind = rjieba.tag(clause[:12])[0]
    return word if kind == "v" and len(word) == 2 else ""
