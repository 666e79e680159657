"""What a target is called: the words around a value without those that only lead up to it."""

import re

GROWTH = re.compile("增长|递增|下降|降低|减少|提高|提升|增加|递减|上升|压减|压缩|缩减|缩短|精简")
COMPARED = re.compile(r"(?:比|较)[^,，]{2,16}$")
_NOTE_MARK = re.compile(r"(?<=[^\x00-\x7f]) \d{1,2}$")
_LEADING = re.compile(
    r"^(?:[^,，。]{0,12}?(?:期间|时期|期末|年底前|年底|年末|年前|末)[,，]?|"
    r"在?全[区镇市]范围内|保障(?!性|房|水平)|"
    r"(?:力争|确保|争取|努力|预计|基本(?!养老|医疗|公共|农田|草原|药物|保险|生活|民生)|逐步|稳步|全面|其中|每年|继续|推进|完成|"
    r"同时|并|使|将|实现|推动|加快|进一步|累计|全区|全镇|全市|到|至|"
    r"20\d\d ?(?:[-—–~] ?20\d\d)? ?年|在|以))+[:： ]*"
)
_TAIL = re.compile(
    r"(?:力争|预计|将|(?<!平)均|要|应|都|也|已|基本|年均|累计|稳定|全面|实现|就|再|每年)+$"
)


def without_growth(name: str) -> str:
    return re.sub(rf"(?:年均|每年)?(?:{GROWTH.pattern})$", "", name)


def noun_after(after: str) -> str:
    match = re.match(r" ?(?:的|左右的|以上的)? ?([^,，。；;、]{2,28})", after)
    if not match:
        return ""
    # 一批具有……、……的街区: the noun stands at the end.
    if match[1].startswith("具有") or match[1].count("“") != match[1].count("”"):
        whole = re.match(r"[^,，。；;]*", after)
        return whole[0].rsplit("的", 1)[-1].strip() if whole else ""
    noun = re.split(r"达到|并|等$|(?:和|及|与) ?(?=\d|\*|#)", match[1])[0].strip()
    noun = _NOTE_MARK.sub("", noun)
    return noun if len(noun) >= 2 else ""


def tidy_name(text: str) -> str:
    name = text.strip(" 、,，:：")
    if name.count("“") != name.count("”"):
        name = name.strip("“”")
    while (shorter := _LEADING.sub("", name)) != name:
        name = shorter.strip()
    if match := re.search(
        r"(?:(?<![和可])使(?!用)|让|实现|确保|力争|保证|推动|促进)((?!率)[^使让]{3,})$", name
    ):
        name = match[1]
    name = _TAIL.sub("", name.strip()).strip(" 、的")
    name = _NOTE_MARK.sub("", name)
    return name[-40:]
