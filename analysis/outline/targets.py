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
from analysis.outline.making import KEPT, MAKER, MAKER_AHEAD, MAKING, opening_verb, without_maker
from analysis.outline.parallel import Parallel, parallel_in
from analysis.outline.period import Period, names_earlier_plan
from analysis.outline.quantities import VALUE
from analysis.outline.roles import Role
from analysis.outline.sections import Outline
from analysis.outline.targetnames import COMPARED, GROWTH, noun_after, tidy_name, without_growth
from analysis.outline.text import sentences

_ENDS = re.compile(
    r"(?P<double>翻(?:[一两三]番|番|一倍|倍))|(?P<none>动态清零|(?<![\u4e00-\u9fff])清零|零增长)|"
    r"(?:达到|优于|满足)(?P<grade>(?:国家|地表水)?"
    r"[^,，。;；、\u4e00-\u9fff]{0,3}[ⅠⅡⅢⅣⅤIV一二三四五] ?[类级]"
    r"(?:水质?体?)?(?:标准值?|(?<=水)(?![\u4e00-\u9fff])|(?<=水[质体])(?![\u4e00-\u9fff]))(?:以上)?)|"
    r"(?P<all>(?:深度|区域|基本|城乡|地区)?全覆盖)|"
    r"(?P<given>控制在(?P<limit>[^,，。;；、]{0,4}(?:下达|规定|要求|国家|"
    r"全市|市级|合理)[^,，。;；、]{0,8}?(?:以内|之内|(?:目标|指标|范围|"
    r"区间)数?(?:以内|之内|内)?)))|"
    r"(?P<pace>(?:与[^,，。;；]{2,12})(?:基本)?同步(?:增长)?$)|"
    r"(?P<decided>完成(?:市|区|国家|上级)[^,，。;；]{0,4}下达(?:的)?(?:目标|指标|任务))"
)
_REACH = 80
_LONGEST_CLAUSE = 2000
# The size of a building is a fact of a project and no target of the plan.
_PLAIN_FACT = re.compile(
    r"(?:用地|占地|建筑)(?:总?面积)$|占地$|^(?:总?面积|总投资)$|(?:期限|有效期|工期)$"
)
_STRONG_LINK = re.compile(
    r"(?:达到|达|突破|超过|超|增长|递增|下降|降低|提高|提升|增加|递减|上升|压减|压缩|缩减|缩短|精简|"
    r"减少|控制在|保持在|稳定在|维持在|保持|稳定|维持|不低于|不少于|"
    r"(?:提高|提升|增加|增长|扩大|降低|下降|降|减少|上升|增|升|缩短|压缩)(?:到|"
    r"至)|稳定达到|实现|为|率) ?$"
)
_PERIOD = re.compile(
    r"(?:力争)?(?:到|至|在)? ?(20\d\d) ?年(?:底|末|底前|前|以前)?(?! ?[-—~至到] ?20)|"
    r"20\d\d ?[-—–~至到] ?20\d\d ?年|"
    r"[“\"] ?十[一二三四五六七八九]五[”\"](?:期间|时期|期末|末期|末|期)?|"
    r"未来[三五十]年|今后[三五]年|本世纪中叶"
)
_PAST = re.compile(
    r"现有|目前|已经?(?!有|建)|已建|截至|以来|上年|去年|同比|较.{0,6}末|荣获|获评|曾"
)
# 500米站点覆盖率, 600米半径: how far a rate reaches.
_REACHED = re.compile("(?:站点|服务)?(?:半径|范围)|[^,，。；;]{0,8}(?:覆盖|可达|服务)率")
_TIMES = frozenset(("分钟", "小时", "个工作日", "天", "年"))
_COUNTED_THINGS = re.compile(
    r"^(?:街镇|社区|中心|方面|领域|环节|层面|国家|重点领域|副中心|城市副中心|关键|新区|以上)"
)
# 每千人口拥有执业医师 3.6 人: what it is counted per belongs to the name.
_PER_HEAD = re.compile(r"每[十百千万]+(?:名|户|个)?[^,，。；;]{2,24}$")
# A comma inside a figure (1,200) ends no clause.
_CLAUSE_END = re.compile(r"(?<!\d)[,，:：]|[,，:：](?!\d{3}(?!\d))|[。；;]|——")
_PAST_YEAR = re.compile(r"(20\d\d) ?年")


@dataclass(frozen=True, slots=True)
class _Found:
    """A target as found in one clause."""

    name: str
    value: str
    unit: str | None
    words: str
    position: int


def prose_targets(outline: Outline, roles: list[Role], period: Period) -> list[Indicator]:
    """The targets of the running text, in order, ids not yet given."""
    found: list[Indicator] = []
    for paragraph in outline.paragraphs:
        role = roles[paragraph.section]
        if paragraph.line.grid is not None or role in (Role.REVIEW, Role.APPENDIX):
            continue
        section = outline.section_id(paragraph.section)
        found.extend(
            replace(target, section=section)
            for target in targets_in(paragraph.passage.text, period)
        )
    return found


def targets_in(text: str, period: Period) -> list[Indicator]:
    """The targets of one paragraph of a plan for `period`."""
    found: list[Indicator] = []
    for sentence in sentences(text):
        # A year that opens a sentence holds for all of it: 到2028年，……；……。
        opening = _stated_period(_CLAUSE_END.split(sentence)[0])
        for part in re.split("(?<=[；;])", sentence):
            found.extend(_in_part(part, period, opening))
    return found


def _in_part(part: str, plan: Period, opening: str | None = None) -> list[Indicator]:
    """The targets between two full stops or semicolons; a period said once holds to the end."""
    if plan.first_year and _looks_back(part, plan.first_year):
        return []
    if several := parallel_in(part):
        stated = _stated_period(part[: several.start]) or opening
        return [
            *_in_part(part[: several.start], plan, opening),
            *_in_parallel(several, stated, part[several.start : several.stop]),
            *_in_part(part[several.stop :], plan, stated),
        ]
    period = opening
    found: list[Indicator] = []
    context = _Context()
    for clause in _clauses(part):
        period = _stated_period(clause.text) or period
        if _PAST.search(clause.text) or _recalls(clause.text, plan):
            context = _Context(clause.text)
            continue
        targets, context = _in_clause(clause, context)
        found.extend(_indicator(target, period, clause.text, part) for target in targets)
    return found


def _recalls(clause: str, plan: Period) -> bool:
    """Whether a clause speaks of an earlier plan, and not only to compare with its end."""
    return names_earlier_plan(re.sub("[比较][^,，]{2,16}", "", clause), plan)


def _stated_period(text: str) -> str | None:
    """The first period a text states, years it only compares with apart."""
    stated = [m for m in _PERIOD.finditer(text) if not re.search("[比较] ?$", text[: m.start()])]
    return stated[0][0].strip() if stated else None


def _in_parallel(several: Parallel, period: str | None, quote: str) -> list[Indicator]:
    """One target for each name."""
    return [
        _indicator(
            _Found(
                name,
                value["number"].strip(),
                value["unit"],
                f"{several.words}{value['bound'] or ''}{value['suffix'] or ''}",
                0,
            ),
            period,
            quote.strip(),
            quote,
        )
        for name, value in zip(several.names, several.values, strict=True)
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
    for clause in _CLAUSE_END.split(part):
        if len(clause) > _LONGEST_CLAUSE:
            continue
        pieces = clause.strip().split("、")
        held, first = "", True
        for piece in pieces:
            held = f"{held}、{piece}" if held else piece
            if VALUE.search(piece):
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
    for value in VALUE.finditer(text):
        if _not_a_quantity(text, value):
            continue
        before = text[max(end, value.start() - _REACH) : value.start()]
        after = text[value.end() : value.end() + _REACH]
        beside = clause.listed if end == 0 else bool(re.search(r"(?:和|及|与)\s*$", before))
        named = _name(before, after, value, context if end == 0 else _Context())
        if named is None and (beside or not before.strip()) and verb:
            named = _name(verb + ("" if end else before), after, value, _Context())
        if named is None:
            left = context if end == 0 else _Context()
            named = _by_any_verb(before, after) or _by_likeness(before, after, value, left)
        if named is None or _PLAIN_FACT.search(named.name):
            continue
        maker = re.search(MAKING, named.words)
        verb = maker[0] if maker else ""
        bound = (value["bound"] or "") + (value["suffix"] or "")
        found.append(
            _Found(named.name, value["number"].strip(), value["unit"], named.words + bound, end)
        )
        end = value.end()
    found.extend(_ends(text))
    if not found:
        return [], _Context(text)
    return found, _Context(text, verb, without_growth(found[-1].name), found[-1].unit)


def _not_a_quantity(clause: str, value: re.Match[str]) -> bool:
    """Figures that name things (5G, 15分钟生活圈, 三个中心) and years."""
    before = clause[max(0, value.start() - _REACH) : value.start()]
    after = clause[value.end() : value.end() + _REACH]
    if re.search(r"[A-Za-z\d.第“\"+＋]$", before):
        return True
    if re.match(r" ?(?:分钟|小时|号|级|服务半径|月)|[”\"]", after):
        return True
    if value["unit"] in _TIMES and not _is_length_of_time(before, after, value):
        return True
    number, unit = value["number"], value["unit"] or ""
    if unit in ("米", "公里") and _REACHED.match(after):
        return True
    if re.fullmatch(r"(?:19|20)\d\d", number.strip()) and unit == "年":
        return True
    if re.fullmatch(r"[一二两三四五六七八九十百千]+", number) and not value["bound"]:
        return not re.search("新增|新建|达到?$|建成$|突破$|超过$", before.strip())
    if unit == "岁" and not re.search("寿命|年龄", clause):
        return True
    things = _COUNTED_THINGS.match(after.strip())
    return bool(things and not _STRONG_LINK.search(before) and not MAKER.search(before))


def _is_length_of_time(before: str, after: str, value: re.Match[str]) -> bool:
    """达到11.5年, 压缩至3个工作日; no 2030年 and no 15分钟生活圈."""
    linked = _STRONG_LINK.search(before) or value["bound"]
    dated = re.fullmatch(r"(?:19|20)\d\d", value["number"].strip())
    return bool(linked and not dated and not re.match("[\u4e00-\u9fff]", after))


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
    if GROWTH.fullmatch(words):
        stem = re.sub("(?:[五三]年)?累计 ?$", "", stem)
        yearly = re.search("(?:年均|每年) ?$", stem)
        name = tidy_name(COMPARED.sub("", stem.removesuffix(yearly[0]) if yearly else stem))
        name = name if len(name) >= 2 else context.name or without_growth(tidy_name(context.text))
        pace = yearly[0].strip() if yearly else ""
        return _Named(f"{name}{pace}{words}", words) if name else None
    name = tidy_name(stem)
    if re.fullmatch("(?:年均)?(?:增长率|增速|增幅|降幅|占比|比重)", name) and context.name:
        return _Named(f"{context.name}{name}", words)
    if len(name) >= 2 and not re.fullmatch(MAKING, name):
        return _Named(name, words)
    if context.name:
        return _Named(context.name, words)
    behind = tidy_name(context.text.split("、")[-1])
    return _Named(behind, words) if not name and 2 <= len(behind) <= 24 else None


def _by_bound(before: str, value: re.Match[str]) -> _Named | None:
    """名称 + 不少于 + value."""
    name = tidy_name(before)
    if value["bound"] and len(name) >= 2 and not MAKER.search(before):
        return _Named(without_maker(name), "")
    return None


def _by_maker(before: str, after: str, context: _Context) -> _Named | None:
    """新建 + value + 名称, or 新增 + 名称 + value."""
    if per := _PER_HEAD.search(before):
        return _Named(per[0].strip(), "") if not after.strip() else None
    if maker := MAKER.search(before):
        verb = maker["verb"]
        noun = noun_after(after) or (context.name if not after.strip() else "")
        kept = verb if KEPT.match(verb) else ""
        noun = noun.removeprefix(kept)
        if noun:
            return _Named(f"{kept}{noun}", verb)
        # 完成……改造 120万平方米: the verb before the value belongs to the name.
    ahead = MAKER_AHEAD.search(before.strip())
    ends = re.match(r"$|[、和及(（]", after.strip()) is not None
    if ahead and ahead.start() and (opened := _by_any_verb(before, after)):
        return opened
    if ahead is None or not ends:
        return None
    kept = KEPT.search(ahead["verb"])
    name = tidy_name((kept[0] if kept else "") + ahead["noun"])
    if kept and (whose := _short_subject(before[: ahead.start()])):
        name = f"{whose}{name}"
    return _Named(name, ahead["verb"]) if len(name) >= 2 else None


def _short_subject(text: str) -> str:
    """城镇 of 城镇新增就业: whose increase it is."""
    subject = tidy_name(text)
    return subject if re.fullmatch(r"[\u4e00-\u9fff]{2,4}", subject) else ""


def _by_any_verb(before: str, after: str) -> _Named | None:
    """A clause that begins with a verb and ends in a quantity, or in what is counted."""
    clause = tidy_name(before)
    verb = opening_verb(clause)
    if not verb:
        return None
    object_ = clause.removeprefix(verb).strip()
    if not object_:
        noun = noun_after(after)
        return _Named(noun, verb) if noun else None
    ends = re.match(r"$|[、和及]", after.strip()) is not None
    whole = ends and 2 <= len(object_) <= 24 and not re.search("[的了是、]", object_)
    return _Named(object_, verb) if whole else None


def _by_likeness(before: str, after: str, value: re.Match[str], context: _Context) -> _Named | None:
    """名称 + value alone, right after a target in the same unit: …达到400人，专家50人; or right
    after the period it is for: “十五五”期间，利用外资20亿元."""
    name = tidy_name(before)
    alone = not after.strip() and 2 <= len(name) <= 20 and not re.search("[的了、]", name)
    dated = bool(_PERIOD.fullmatch(context.text.strip())) and bool(value["unit"])
    alike = bool(context.name) and value["unit"] == context.unit
    return _Named(name, "") if alone and (dated or alike) else None


def _ends(clause: str) -> list[_Found]:
    """Ends that are no figures: 翻一番, 全覆盖, 控制在下达目标以内."""
    found: list[_Found] = []
    for match in _ENDS.finditer(clause):
        before = re.sub(
            r"(?:基本实现|实现|达到|推进|推动|完成)$", "", clause[: match.start()].strip()
        )
        before = re.sub(r"在[^,，]{1,12}$|实现 ?\d.*$", "", before) or before
        name = tidy_name(before)
        if len(name) < 2 or (match["all"] and re.match("[的制格、”]", clause[match.end() :])):
            continue
        if match["grade"]:
            words = clause[match.start() : match.start("grade")]
            found.append(_Found(name, match["grade"].strip(), None, words, match.start()))
        elif match["given"]:
            value = match["given"].removeprefix("控制在")
            found.append(_Found(name, value, None, "控制在", match.start()))
        else:
            found.append(_Found(name, match[0], None, "", match.start()))
    return found
