"""Targets in running text: a quantity, what it is of, and by when it shall be reached.

The text is read clause by clause. A value counts as a target when words link it to a name (达到,
控制在……以内), when a verb of making stands before it (新建 4 个, 培育 20 家), or when it is no
figure but an end in itself (翻一番, 全覆盖). Only what lies ahead counts: sections that review are
not read, and clauses that speak of the past are passed over.
"""

import re
from dataclasses import dataclass, replace

from analysis.contracts import Indicator, TargetSource
from analysis.outline.indicators import REDACTED, bound_of
from analysis.outline.period import first_year
from analysis.outline.roles import Role
from analysis.outline.sections import Outline
from analysis.outline.text import sentences

_UNITS = (
    r"万?亿?美?元(?:美金|/平方公里|/人|/平方米)?|亿元/平方公里|平方米/人|"
    r"元/人|人 ?/ ?亿元|微克 ?/ ?立方米|微克每立方米|公里 ?/ ?平方公里|"
    r""
    r"万?平方米|万?平方公里|万?平米|万?公顷|万?亩|万?公里|万?吨(?:标准煤)?|"
    r"万?千瓦(?:时)?|万?立方米(?:/日)?|万标准箱|"
    r"万?人次|万?人|万?户次|万?户|万?名|万?家|万?个|万?件|万?项|万?张|"
    r"万?套(?:[(（]间[)）])?|万?条|万?所|万?台|万?座|万?处|万?幢|万?栋|"
    r""
    r"万?辆|万?册|万?场次?|万?次|万?支|万?部|万?对|万?宗|万?艘|万?只|万?头|"
    r"万?盏|万?株|万?位|片|班|幅|块|米|岁|倍|吨|间|"
    r"个百分点|百分点|[%％‰]|TB|GB|PB|兆|Mbps|Gbps|M(?=以上|$)|亿|万"
)
_NUMBER = r"\d[\d,]*(?:\.\d+)?|\*{2,}|#{2,}|[XxＸ×]{2,}|[一二两三四五六七八九十百千]+"
_VALUE = re.compile(
    rf"(?P<bound>不少于|不低于|不小于|不高于|不超过|不大于|高于|低于|优于|"
    rf"超过|大于|小于|突破|约|近)? ?"
    rf"(?P<number>(?:{_NUMBER}) ?(?:[+＋] ?)?(?: ?[-—–~～至到] ?(?:{_NUMBER}))?) ?"
    rf"(?:(?P<more>多|余)? ?(?P<unit>{_UNITS})|(?<=[+＋])|(?<=\*\*)|(?<=##))"
    rf"(?P<suffix> ?(?:[(（]间[)）])?(?:以上|以下|以内|左右))?"
)
# The same without its named groups, for patterns that hold it more than once.
_ANONYMOUS = re.sub(r"\?P<\w+>", "?:", _VALUE.pattern)
_ENDS = re.compile(
    r"(?P<double>翻(?:一番|两番|番|一倍))|(?P<all>(?:深度|区域|基本|城乡|地区)?全覆盖)|"
    r"(?P<given>控制在(?P<limit>[^,，。;；、]{0,4}(?:下达|规定|要求|国家|"
    r"全市|市级|合理)[^,，。;；、]{0,8}?(?:以内|之内|(?:目标|指标|范围|"
    r"区间)数?(?:以内|之内|内)?)))|"
    r"(?P<pace>(?:与[^,，。;；]{2,12})(?:基本)?同步(?:增长)?$)|"
    r"(?P<decided>完成(?:市|区|国家|上级)[^,，。;；]{0,4}下达(?:的)?(?:目标|指标|任务))"
)
_REACH = 80
_LONGEST_CLAUSE = 2000
_GROWTH = re.compile("增长|递增|下降|降低|减少|提高|提升|增加|递减")
_COMPARED = re.compile(r"(?:比|较)[^,，]{2,16}$")
_NOTE_MARK = re.compile(r"(?<=[^\x00-\x7f]) \d{1,2}$")
_KEPT = re.compile("新增|新建|新改建|改建|扩建|供应")
# The size of a building is a fact of a project and no target of the plan.
_PLAIN_FACT = re.compile(r"(?:用地|占地|建筑)(?:总?面积)$|^(?:总?面积|总投资)$")
_STRONG_LINK = re.compile(
    r"(?:达到|达|突破|超过|超|增长|递增|下降|降低|提高|提升|增加|递减|"
    r"减少|控制在|保持在|稳定在|维持在|不低于|不少于|"
    r"(?:提高|提升|增加|增长|扩大|降低|下降|降|减少|上升|增|升|缩短|压缩)(?:到|"
    r"至)|稳定达到|实现|为|率) ?$"
)
_MAKING = (
    r"(?:累计|每年|各)?(?:新增|新建|改建|新改建|改扩建|扩建|建成|建设|"
    r"建立|创建|打造|培育|培养|引进|引育|集聚|完成|实施|推进|设置|设立|"
    r""
    r"布局|布设|选树|选拔|筹措|供应|推荐|支持|帮扶引领|帮扶|组建|举办|"
    r"开展|认定|发展|改造|更新|推出|形成|拥有|支持推动|聘请|增建|增加|"
    r""
    r"提供|落地|开工|竣工|实现|达到|争取|配备|招引|孵化|储备|吸引|开通|"
    r"封堵|拆除|清淤|加装|更换|投放|铺设|疏浚|创成|办结|建造|种植|保障|安置|解决|整治|修缮|启动|盘活|开办|评选|遴选|补充)"
)
_MAKER = re.compile(
    rf"(?P<verb>{_MAKING}(?:[、和或]?{_MAKING})*)(?:成功|形成|引进|市|"
    rf"区|各类)? ?(?:约|近|不少于|超过|至少)? ?$"
)
_MAKER_AHEAD = re.compile(rf"(?P<verb>{_MAKING})(?P<noun>[^,，。；;]{{2,30}})$")
_PERIOD = re.compile(
    r"(?:力争)?(?:到|至|在)? ?(20\d\d) ?年(?:底|末|底前|前|以前)?(?! ?[-—~至到] ?20)|"
    r"20\d\d ?[-—–~至到] ?20\d\d ?年|"
    r"[“\"] ?十[一二三四五六七八九]五[”\"](?:期间|时期|期末|末期|末|期)?|"
    r"未来[三五十]年|今后[三五]年|本世纪中叶"
)
_PAST = re.compile(
    r"现有|目前|已经?(?!有|建)|已建|截至|以来|上年|去年|同比|较.{0,6}末|"
    r"荣获|获评|(?<![比较])[“\"]十三五[”\"]|曾"
)
_LEADING = re.compile(
    r"^(?:[^,，。]{0,12}?(?:期间|时期|期末|年底前|年底|年末|年前|末)[,，]?|"
    r"在?全[区镇市]范围内|保障(?!性|房|水平)|"
    r"(?:力争|确保|争取|努力|预计|基本|逐步|稳步|全面|其中|每年|继续|推进|完成|"
    r"同时|并|使|将|实现|推动|加快|进一步|累计|全区|全镇|全市|到|至|"
    r"20\d\d ?(?:[-—–~] ?20\d\d)? ?年|在|以))+[:： ]*"
)
_TAIL = re.compile(
    r"(?:力争|预计|将|(?<!平)均|要|应|都|也|已|基本|年均|累计|稳定|全面|实现|就|再|每年)+$"
)
_COUNTED_THINGS = re.compile(
    r"^(?:街镇|社区|中心|方面|领域|环节|层面|国家|重点领域|副中心|城市副中心|关键|新区|以上)"
)
_LISTED = re.compile(
    rf"(?P<names>[^,，。；;:：]*[、和及与][^,，。；;:：]*?)(?:年均)?分别(?:力争|稳定|要|将)*"
    rf"(?P<words>[\u4e00-\u9fff]{{1,4}}?) ?"
    rf"(?P<values>{_ANONYMOUS}(?: ?[、,，和及] ?{_ANONYMOUS})+)"
)
_PAST_YEAR = re.compile(r"(20\d\d) ?年")


@dataclass(frozen=True, slots=True)
class _Found:
    """A target as found in one clause."""

    name: str
    value: str
    unit: str | None
    words: str
    position: int


def prose_targets(outline: Outline, roles: list[Role], ordinal: int | None) -> list[Indicator]:
    """The targets of the running text, in order, ids not yet given."""
    found: list[Indicator] = []
    start = first_year(ordinal)
    for paragraph in outline.paragraphs:
        role = roles[paragraph.section]
        if paragraph.line.grid is not None or role in (Role.REVIEW, Role.APPENDIX):
            continue
        section = outline.section_id(paragraph.section)
        found.extend(
            replace(target, section=section) for target in targets_in(paragraph.passage.text, start)
        )
    return found


def targets_in(text: str, start: int | None) -> list[Indicator]:
    """The targets of one paragraph; `start` is the first year of the plan."""
    found: list[Indicator] = []
    for sentence in sentences(text):
        for part in re.split("(?<=[；;])", sentence):
            found.extend(_in_part(part, start))
    return found


def _in_part(part: str, start: int | None) -> list[Indicator]:
    """The targets between two full stops or semicolons; a period said once holds to the end."""
    if start and _looks_back(part, start):
        return []
    if listed := _LISTED.search(part):
        names = re.split("[、和及与]", listed["names"])
        values = list(_VALUE.finditer(listed["values"]))
        if len(names) == len(values) >= 2:
            before = _in_part(part[: listed.start()], start)
            after = _in_part(part[listed.end() :], start)
            stated = _stated_period(part[: listed.start()])
            return [*before, *_in_parallel(listed, names, values, stated), *after]
    period: str | None = None
    found: list[Indicator] = []
    context = _Context()
    for clause in _clauses(part):
        period = _stated_period(clause.text) or period
        if _PAST.search(clause.text):
            context = _Context(clause.text)
            continue
        targets, context = _in_clause(clause, context)
        found.extend(_indicator(target, period, clause.text, part) for target in targets)
    return found


def _stated_period(text: str) -> str | None:
    """The first period a text states, years it only compares with apart."""
    stated = [m for m in _PERIOD.finditer(text) if not re.search("[比较] ?$", text[: m.start()])]
    return stated[0][0].strip() if stated else None


def _in_parallel(
    listed: re.Match[str], names: list[str], values: list[re.Match[str]], period: str | None
) -> list[Indicator]:
    """甲、乙、丙分别达到 1、2、3: one target for each name."""
    words = listed["words"]
    growth = words if _GROWTH.fullmatch(words) else ""
    return [
        _indicator(
            _Found(
                f"{_tidy_name(_COMPARED.sub('', name))}{growth}",
                value["number"].strip(),
                value["unit"],
                f"{words}{value['bound'] or ''}{value['suffix'] or ''}",
                0,
            ),
            period,
            listed[0].strip(),
            listed[0],
        )
        for name, value in zip(names, values, strict=True)
    ]


def _indicator(target: _Found, period: str | None, clause: str, part: str) -> Indicator:
    yearly = re.search("每年", clause)
    return Indicator(
        id="",
        no=None,
        name=target.name,
        unit=target.unit,
        target=target.value,
        bound=bound_of(target.words),
        period=period or (yearly[0] if yearly else None),
        source=TargetSource.PROSE,
        redacted=bool(REDACTED.search(target.value)),
        quote=clause if clause in part else part.strip(),
    )


def _looks_back(part: str, start: int) -> bool:
    years = [int(year) for year in _PAST_YEAR.findall(part)]
    return bool(years) and max(years) < start


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause; `listed`: it goes on with the list of the clause before."""

    text: str
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """What the clause before leaves to the next: its text, its verb of making, its last target."""

    text: str = ""
    verb: str = ""
    name: str = ""
    unit: str | None = None


def _clauses(part: str) -> list[_Clause]:
    """Clauses between commas; a list of quantities is split at its 、 too."""
    result: list[_Clause] = []
    for clause in re.split(r"[,，:：](?!\d{3})|[。；;]|——", part):
        if len(clause) > _LONGEST_CLAUSE:
            continue
        pieces = clause.strip().split("、")
        held, first = "", True
        for piece in pieces:
            held = f"{held}、{piece}" if held else piece
            if _VALUE.search(piece):
                result.append(_Clause(held.strip(), listed=not first))
                held, first = "", False
        if held and not first:
            last = result[-1]
            result[-1] = _Clause(f"{last.text}、{held}".strip(), last.listed)
        elif held.strip():
            result.append(_Clause(held.strip()))
    return result


def _in_clause(clause: _Clause, context: _Context) -> tuple[list[_Found], _Context]:
    found: list[_Found] = []
    text, end, verb = clause.text, 0, context.verb
    for value in _VALUE.finditer(text):
        if _not_a_quantity(text, value):
            continue
        before = text[max(end, value.start() - _REACH) : value.start()]
        after = text[value.end() : value.end() + _REACH]
        beside = clause.listed if end == 0 else bool(re.search(r"(?:和|及|与)\s*$", before))
        named = _name(before, after, value, context if end == 0 else _Context())
        if named is None and (beside or not before.strip()) and verb:
            named = _name(verb + ("" if end else before), after, value, _Context())
        if named is None:
            named = _by_likeness(before, after, value, context if end == 0 else _Context())
        if named is None or _PLAIN_FACT.search(named.name):
            continue
        maker = re.search(_MAKING, named.words)
        verb = maker[0] if maker else ""
        bound = (value["bound"] or "") + (value["suffix"] or "")
        found.append(
            _Found(named.name, value["number"].strip(), value["unit"], named.words + bound, end)
        )
        end = value.end()
    found.extend(_ends(text))
    if not found:
        return [], _Context(text)
    return found, _Context(text, verb, _without_growth(found[-1].name), found[-1].unit)


def _not_a_quantity(clause: str, value: re.Match[str]) -> bool:
    """Figures that name things (5G, 15分钟生活圈, 三个中心) and years."""
    before = clause[max(0, value.start() - _REACH) : value.start()]
    after = clause[value.end() : value.end() + _REACH]
    if re.search(r"[A-Za-z\d.第“\"+＋]$", before):
        return True
    if re.match(r" ?(?:分钟|小时|号|级|服务半径|月)|[”\"]", after):
        return True
    number, unit = value["number"], value["unit"] or ""
    if re.fullmatch(r"(?:19|20)\d\d", number.strip()) and unit == "年":
        return True
    if re.fullmatch(r"[一二两三四五六七八九十百千]+", number) and not value["bound"]:
        return not re.search("新增|新建|达到?$|建成$|突破$|超过$", before.strip())
    if unit == "岁" and not re.search("寿命|年龄", clause):
        return True
    things = _COUNTED_THINGS.match(after.strip())
    return bool(things and not _STRONG_LINK.search(before) and not _MAKER.search(before))


@dataclass(frozen=True, slots=True)
class _Named:
    """What a value is of, and the words that link the two."""

    name: str
    words: str


def _name(before: str, after: str, value: re.Match[str], context: _Context) -> _Named | None:
    """What a value is of; None where nothing makes it a target."""
    return (
        _by_link(before, context) or _by_bound(before, value) or _by_maker(before, after, context)
    )


def _by_link(before: str, context: _Context) -> _Named | None:
    """名称 + 达到 / 控制在 / 年均增长 + value."""
    link = _STRONG_LINK.search(before)
    if link is None:
        return None
    words = link[0].strip()
    stem = before[: link.start()] + ("率" if words == "率" else "")
    if _GROWTH.fullmatch(words):
        yearly = re.search("(?:年均|每年) ?$", stem)
        name = _tidy_name(_COMPARED.sub("", stem.removesuffix(yearly[0]) if yearly else stem))
        name = name if len(name) >= 2 else context.name or _without_growth(_tidy_name(context.text))
        pace = yearly[0].strip() if yearly else ""
        return _Named(f"{name}{pace}{words}", words) if name else None
    name = _tidy_name(stem)
    if re.fullmatch("(?:年均)?(?:增长率|增速|增幅|降幅|占比|比重)", name) and context.name:
        return _Named(f"{context.name}{name}", words)
    if len(name) >= 2 and not re.fullmatch(_MAKING, name):
        return _Named(name, words)
    if context.name:
        return _Named(context.name, words)
    behind = _tidy_name(context.text.split("、")[-1])
    return _Named(behind, words) if not name and 2 <= len(behind) <= 24 else None


def _by_bound(before: str, value: re.Match[str]) -> _Named | None:
    """名称 + 不少于 + value."""
    name = _tidy_name(before)
    if value["bound"] and len(name) >= 2 and not _MAKER.search(before):
        return _Named(name, "")
    return None


def _by_maker(before: str, after: str, context: _Context) -> _Named | None:
    """新建 + value + 名称, or 新增 + 名称 + value."""
    if maker := _MAKER.search(before):
        verb = maker["verb"]
        noun = _noun_after(after) or (context.name if not after.strip() else "")
        kept = verb if _KEPT.match(verb) else ""
        noun = noun.removeprefix(kept)
        if noun:
            return _Named(f"{kept}{noun}", verb)
        # 完成……改造 120万平方米: the verb before the value belongs to the name.
    ahead = _MAKER_AHEAD.search(before.strip())
    ends = re.match(r"$|[、和及(（]", after.strip()) is not None
    if ahead is None or not ends:
        return None
    kept = _KEPT.search(ahead["verb"])
    name = _tidy_name((kept[0] if kept else "") + ahead["noun"])
    return _Named(name, ahead["verb"]) if len(name) >= 2 else None


def _by_likeness(before: str, after: str, value: re.Match[str], context: _Context) -> _Named | None:
    """名称 + value alone, right after a target in the same unit: …达到400人，专家50人."""
    name = _tidy_name(before)
    alone = not after.strip() and 2 <= len(name) <= 20 and not re.search("[的了、]", name)
    return _Named(name, "") if alone and context.name and value["unit"] == context.unit else None


def _without_growth(name: str) -> str:
    return re.sub(rf"(?:年均|每年)?(?:{_GROWTH.pattern})$", "", name)


def _noun_after(after: str) -> str:
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


def _tidy_name(text: str) -> str:
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


def _ends(clause: str) -> list[_Found]:
    """Ends that are no figures: 翻一番, 全覆盖, 控制在下达目标以内."""
    found: list[_Found] = []
    for match in _ENDS.finditer(clause):
        before = re.sub(
            r"(?:基本实现|实现|达到|推进|推动|完成)$", "", clause[: match.start()].strip()
        )
        before = re.sub(r"在[^,，]{1,12}$|实现 ?\d.*$", "", before) or before
        name = _tidy_name(before)
        if len(name) < 2 or (match["all"] and re.match("[的制格、”]", clause[match.end() :])):
            continue
        if match["given"]:
            value = match["given"].removeprefix("控制在")
            found.append(_Found(name, value, None, "控制在", match.start()))
        else:
            found.append(_Found(name, match[0], None, "", match.start()))
    return found
