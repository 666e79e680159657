"""What an editor should look at before a plan is published.

`CODES` is the complete list, each with the sentence that explains it; every warning names its
place. Only a secrecy marking blocks publication; that is decided by the product, not here.
"""

import re
from collections.abc import Sequence

from analysis.contracts import Indicator, IndicatorKind, PlanWarning, TargetSource
from analysis.outline.boxes import FoundBox
from analysis.outline.captions import is_caption
from analysis.outline.indicators import REDACTED
from analysis.outline.numbering import Kind
from analysis.outline.sections import Outline, Paragraph
from analysis.outline.text import ends_sentence, sentences, squeeze

CODES = {
    "contradiction": "正文所述数目与指标表不一致",
    "redaction": "数值被遮盖（**、##、XX），发布前请补全或说明",
    "numbering_gap": "标题编号不连续，可能缺了标题或编号有误",
    "numbering_duplicate": "同级标题编号重复",
    "lost_number": "标题没有编号，层级由前后文推断，请核对",
    "cut_sentence": "句子不完整，可能在转换时丢失文字",
    "empty_section": "标题下没有任何内容",
    "secrecy_marking": "文件带有密级或内部标识，须由指定人员确认解密并说明理由后才能发布",
    "two_values": "同一数量出现两个不同的数值",
    "machine_read": "这一页由机器识别文字（OCR），请与原件核对",
    "image_page": "这些页只有图片，没有读取其中的文字",
    "no_headings": "没有识别出任何标题，全文归入“前言”",
}
_ITEMS = re.compile(r"(\d+) ?[项个](?:主要|核心|具体)?指标([^,，;；。、]{0,12})")
_OF_KIND = re.compile(
    r"(约束性|预期性)(?:指标)?(?:共|有|为)? ?(\d+) ?[项个]|(\d+) ?[项个](约束性|预期性)"
)
_NOTE = re.compile(r"^(?:注|备注|说明|资料来源|数据来源) ?\d{0,2} ?[:：]")
_SHORTEST_SENTENCE = 18


def find_warnings(
    outline: Outline,
    indicators: Sequence[Indicator],
    boxes: Sequence[FoundBox],
    secrecy: str | None,
) -> list[PlanWarning]:
    """All warnings, the gravest kind first, then in reading order."""
    found: list[PlanWarning] = []
    if secrecy:
        found.append(_warning("secrecy_marking", f"文件标有“{secrecy}”", quote=secrecy))
    if not any(outline.placed):
        found.append(_warning("no_headings", CODES["no_headings"]))
    found.extend(_contradictions(outline, indicators))
    found.extend(_two_values(outline, indicators))
    found.extend(_redactions(outline))
    found.extend(_numbering(outline))
    found.extend(_lost_numbers(outline))
    found.extend(_cut_sentences(outline, boxes))
    found.extend(_empty_sections(outline))
    return found


def _warning(
    code: str, message: str, *, quote: str | None = None, passage: str | None = None
) -> PlanWarning:
    return PlanWarning(code=code, message=message, quote=quote, passage=passage)


def _contradictions(outline: Outline, indicators: Sequence[Indicator]) -> list[PlanWarning]:
    """Numbers of indicators said in the text against the rows of the table."""
    rows = [i for i in indicators if i.source is TargetSource.TABLE]
    if len(rows) < 3:
        return []
    kinds = {
        "约束性": sum(i.kind is IndicatorKind.BINDING for i in rows),
        "预期性": sum(i.kind is IndicatorKind.ANTICIPATORY for i in rows),
    }
    found: list[PlanWarning] = []
    for paragraph in outline.paragraphs:
        if paragraph.line.grid is not None:
            continue
        for sentence in sentences(paragraph.passage.text):
            if message := _contradiction(sentence, rows, kinds):
                text = sentence.strip()
                found.append(
                    _warning("contradiction", message, quote=text, passage=paragraph.passage.id)
                )
    return found


def _contradiction(sentence: str, rows: Sequence[Indicator], kinds: dict[str, int]) -> str | None:
    counts = [(int(m[1]), m[2]) for m in _ITEMS.finditer(sentence)]
    for match in _OF_KIND.finditer(sentence):
        kind, said = match[1] or match[4], int(match[2] or match[3])
        if counts and kinds[kind] and said != kinds[kind]:
            return f"正文称{kind}指标 {said} 项，表中为 {kinds[kind]} 项"
    if len(counts) >= 2:
        parts = [count for count, _ in counts if count != len(rows)]
        if len(parts) >= 2 and sum(parts) != len(rows) and max(parts) < len(rows):
            told = "＋".join(map(str, parts))
            return f"正文分项 {told}＝{sum(parts)} 项，表中共 {len(rows)} 项指标"
    elif counts and re.search("主要指标|规划指标|指标体系|共|设置|提出|明确", sentence):
        said = counts[0][0]
        if said != len(rows) and said * 2 > len(rows) and "项指标" not in counts[0][1]:
            return f"正文称共 {said} 项指标，表中为 {len(rows)} 项"
    return None


def _two_values(outline: Outline, indicators: Sequence[Indicator]) -> list[PlanWarning]:
    """One name, one unit, two figures."""
    known: dict[tuple[str, str], Indicator] = {}
    found: list[PlanWarning] = []
    for indicator in indicators:
        figure = _figure(indicator.target)
        name = _key(indicator.name)
        if figure is None or len(name) < 4:
            continue
        first = known.setdefault((name, _unit_key(indicator.unit)), indicator)
        other = _figure(first.target)
        if other is None or other == figure or first is indicator:
            continue
        if _other_time(first, indicator):
            continue
        message = f"“{indicator.name}”前后不一：{first.target} 与 {indicator.target}"
        passage = _passage_of(outline, indicator.quote)
        found.append(_warning("two_values", message, quote=indicator.quote, passage=passage))
    return found


def _other_time(first: Indicator, other: Indicator) -> bool:
    """Whether two values are of different years, so that both may be right."""
    years = [re.findall(r"20\d\d", indicator.period or "") for indicator in (first, other)]
    if all(years):
        return bool(years[0][-1] != years[1][-1])
    return first.source is other.source and first.period != other.period


def _figure(target: str | None) -> str | None:
    match = re.search(r"\d[\d,]*(?:\.\d+)?(?: ?[-—~～] ?\d+(?:\.\d+)?)?", target or "")
    return match[0].replace(",", "").replace(" ", "") if match else None


def _key(name: str) -> str:
    name = re.sub(r"[（(][^)）]*[)）]", "", squeeze(name))
    return re.sub(r"^(?:全[区镇市县省]|本[区镇市])|(?:数量|总数|数)$", "", name)


def _unit_key(unit: str | None) -> str:
    return squeeze(unit or "").replace("％", "%")


def _passage_of(outline: Outline, quote: str | None) -> str | None:
    if quote is None:
        return None
    return next((p.passage.id for p in outline.paragraphs if quote in p.passage.text), None)


def _redactions(outline: Outline) -> list[PlanWarning]:
    """One warning per passage with redacted values."""
    found: list[PlanWarning] = []
    for paragraph in outline.paragraphs:
        text = paragraph.passage.text
        marks = list(REDACTED.finditer(text))
        if marks:
            start, stop = max(0, marks[0].start() - 14), min(len(text), marks[0].end() + 6)
            message = f"有 {len(marks)} 处数值被遮盖"
            found.append(
                _warning("redaction", message, quote=text[start:stop], passage=paragraph.passage.id)
            )
    return found


def _numbering(outline: Outline) -> list[PlanWarning]:
    """Gaps and repetitions among the headings under one parent."""
    found: list[PlanWarning] = []
    last: dict[tuple[int | None, Kind], int] = {}
    latest: dict[Kind, int] = {}
    unnumbered: dict[int | None, int] = {}
    for index, placed in enumerate(outline.placed):
        if placed is None or placed.heading.special:
            continue
        parent, mark = outline.parents[index], placed.heading.mark
        name = f"{outline.numbers[index] or ''} {outline.titles[index]}".strip()
        if mark is None:
            unnumbered[parent] = unnumbered.get(parent, 0) + 1
            continue
        # Chapters may count on through the volumes.
        running = mark.kind in (Kind.CHAPTER, Kind.ARTICLE) and mark.value != 1
        scope = (None, mark.kind) if running or mark.kind is Kind.CHAPTER else (parent, mark.kind)
        before = last.get(scope, 0)
        # As may the （一） of state plans through the chapters.
        if scope not in last and mark.value == latest.get(mark.kind, 0) + 1:
            before = mark.value - 1
        missing = mark.value - before - 1 - unnumbered.get(parent, 0)
        if mark.value == before:
            found.append(_warning("numbering_duplicate", f"编号“{mark.printed}”重复：{name}"))
        elif missing > 0:
            found.append(_warning("numbering_gap", f"“{name}”之前缺 {missing} 个编号"))
        elif mark.value < before and mark.value != 1:
            found.append(_warning("numbering_gap", f"编号“{mark.printed}”倒退：{name}"))
        last[scope] = latest[mark.kind] = mark.value
        unnumbered[parent] = 0
    return found


def _lost_numbers(outline: Outline) -> list[PlanWarning]:
    """One warning for all headings below one parent that lost their numbers."""
    lost: dict[int | None, list[int]] = {}
    for index, placed in enumerate(outline.placed):
        if placed and placed.heading.doubtful and placed.heading.mark is None:
            lost.setdefault(outline.parents[index], []).append(index)
    found: list[PlanWarning] = []
    for parent, indices in lost.items():
        names = "、".join(f"“{outline.titles[i]}”" for i in indices[:3])
        several = f"等 {len(indices)} 个标题" if len(indices) > 3 else ""
        where = "" if parent is None else f"“{outline.titles[parent]}”之下，"
        first = next((p.passage.id for i in indices for p in outline.of(i)), None)
        message = f"{where}{names}{several}没有编号，层级为推断"
        found.append(_warning("lost_number", message, passage=first))
    return found


def _cut_sentences(outline: Outline, boxes: Sequence[FoundBox]) -> list[PlanWarning]:
    """Paragraphs that stop without a full stop, titles of boxes and captions apart."""
    boxed = {id(p) for box in boxes for p in (box.head, *box.items)}
    found: list[PlanWarning] = []
    for paragraph in outline.paragraphs:
        if id(paragraph) in boxed or not _is_cut(paragraph):
            continue
        text = paragraph.passage.text
        found.append(
            _warning(
                "cut_sentence",
                "这一段没有结束，可能缺字",
                quote=text[-24:],
                passage=paragraph.passage.id,
            )
        )
    return found


def _is_cut(paragraph: Paragraph) -> bool:
    text = paragraph.passage.text
    if paragraph.line.grid is not None or is_caption(text) or ends_sentence(text):
        return False
    # Notes below a table and remarks in brackets (who is responsible) need no full stop.
    if _NOTE.match(text) or text.endswith(("）", ")", "】", "〕")):
        return False
    return len(text) >= _SHORTEST_SENTENCE and bool(re.search("[,，。；;]", text))


def _empty_sections(outline: Outline) -> list[PlanWarning]:
    found: list[PlanWarning] = []
    for index, title in enumerate(outline.titles):
        if not outline.children(index) and not outline.of(index):
            found.append(_warning("empty_section", f"“{title}”下没有内容"))
    return found
