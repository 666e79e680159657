"""A digest as sheets of a workbook: every row stands alone, every number has its comment ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from backend.digests.content import CommentRow, DigestContent, ItemReading, Tally
from backend.digests.rules import ranges
from backend.kit.clock import local

Cell = str | int | float


@dataclass(frozen=True, slots=True)
class SheetChart:
    """A native chart of one label column and one or more number columns of its own sheet."""

    kind: str
    title: str
    label_column: int
    value_columns: tuple[int, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A heading and a width in characters; long texts wrap."""

    title: str
    width: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a frozen heading row with filters, then rows."""

    name: str
    columns: tuple[SheetColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: SheetChart | None = None


# One line per field of CommentRow: the heading and width of its column, also used by CSV.
ROW_COLUMNS: dict[str, tuple[str, float]] = {
    "comment_id": ("意见编号", 9),
    "submission_ordinal": ("本件第几条", 10),
    "received_on": ("收到日期", 12),
    "channel": ("渠道", 11),
    "sender": ("提交者类别", 12),
    "place": ("街镇居委", 20),
    "version": ("规划版本", 18),
    "section_number": ("章节编号", 14),
    "section_title": ("章节标题", 24),
    "anchor": ("意见对象", 24),
    "quoted": ("原文", 36),
    "text": ("意见内容", 60),
    "proposed_wording": ("建议改为", 36),
    "sentiment": ("情感倾向", 10),
    "intent": ("意图", 10),
    "items": ("对应的指标和任务", 36),
    "topic": ("话题", 18),
    "cluster": ("相似意见组", 11),
    "read_by": ("研判方式", 10),
    "handling": ("办理状态", 10),
    "outcome": ("采纳情况", 10),
    "reason": ("理由", 40),
    "change_place": ("修改位置", 24),
    "left_out": ("未纳入统计的原因", 20),
}


def digest_sheets(content: DigestContent) -> tuple[Sheet, ...]:
    """Overview first, the full list last."""
    sheets = (
        _facts(content),
        _tallies("渠道", content.overview.channels, "意见来自的渠道"),
        _tallies("街镇", content.overview.places, "意见来自的街镇"),
        _days(content),
        _chapters(content),
        _items("指标", content.indicators),
        _items("任务", content.tasks),
        _topics(content),
        _quotes(content),
        _campaigns(content),
        _conflicts(content),
        _wordings(content),
        _tallies("办理结论", content.decisions, "办理结论"),
        _tallies("答复评价", content.ratings, "提交人对答复的评价"),
        _left_out(content),
        row_sheet(content.rows),
    )
    return tuple(sheet for sheet in sheets if sheet.rows or sheet.name == "意见明细")


def row_sheet(rows: Sequence[CommentRow]) -> Sheet:
    """Every comment with everything known about it."""
    columns = tuple(SheetColumn(*column) for column in ROW_COLUMNS.values())
    return Sheet("意见明细", columns, tuple(tuple(row_cells(row)) for row in rows))


def row_cells(row: CommentRow) -> Iterable[Cell]:
    for field in fields(row):
        value = getattr(row, field.name)
        yield value if isinstance(value, int) else str(value)


def _columns(*pairs: tuple[str, float]) -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(*pair) for pair in pairs)


def _facts(content: DigestContent) -> Sheet:
    heading, overview = content.heading, content.overview
    window = f"{heading.opens_on or '未定'} 至 {heading.closes_on or '未定'}"
    rows: list[tuple[Cell, ...]] = [
        ("征询", heading.consultation),
        ("规划", f"{heading.plan_title} {heading.version}"),
        ("征求意见时间", window),
        ("起草部门", heading.drafting_office),
        ("收录范围", content.scope),
        ("筛选条件", content.query or "无"),
        ("统计时间", f"{local(content.compiled_at):%Y-%m-%d %H:%M}"),
        ("意见数量", overview.counted),
        ("合并内容基本相同的意见后", f"{overview.unique_count}条"),
        ("纳入研判", f"{overview.read_count}条"),
        ("截止后送达", f"{overview.late_count}条"),
        ("人工复核", f"{content.method.reviewed.count}条"),
        ("研判程序版本", "、".join(content.method.engines) or "无"),
    ]
    rows += [(f"主要发现{n}", f.text) for n, f in enumerate(content.findings, start=1)]
    return Sheet("总览", _columns(("项目", 30), ("内容", 90)), tuple(rows))


def _ids(part: Tally) -> str:
    return ranges(part.comment_ids)


_COUNTS = (("条数", 8), ("合并后", 8), ("意见编号", 60))


def _tallies(name: str, parts: Sequence[Tally], title: str) -> Sheet:
    rows = tuple((p.label, p.count, p.unique_count, _ids(p)) for p in parts)
    chart = SheetChart("bar", title, 0, (1, 2), len(rows))
    return Sheet(name, _columns((name, 24), *_COUNTS), rows, chart)


def _days(content: DigestContent) -> Sheet:
    rows = tuple((d.day.isoformat(), d.count) for d in content.overview.days)
    chart = SheetChart("column", "每日收到的意见", 0, (1,), len(rows))
    return Sheet("每日", _columns(("日期", 14), ("条数", 8)), rows, chart)


def _chapters(content: DigestContent) -> Sheet:
    sentiments = ("偏正面", "中性", "偏负面", "未判定")
    intents = ("提出建议", "反映问题", "咨询提问", "表示支持", "表示反对", "其他")
    columns = _columns(
        ("章节", 34),
        ("条数", 8),
        ("合并后", 8),
        *((name, 9) for name in sentiments),
        *((name, 9) for name in intents),
        ("意见编号", 60),
    )
    rows: list[tuple[Cell, ...]] = []
    for c in content.chapters:
        feelings = [_of(c.sentiments, name) for name in sentiments]
        wants = [_of(c.intents, name) for name in intents]
        counts = (c.total.count, c.total.unique_count, *feelings, *wants)
        rows.append((c.total.label, *counts, _ids(c.total)))
    chart = SheetChart("stacked", "各章意见的情感倾向", 0, (3, 4, 5), len(rows))
    return Sheet("分章", columns, tuple(rows), chart)


def _of(parts: Sequence[Tally], label: str) -> int:
    return next((p.count for p in parts if p.label == label), 0)


def _items(name: str, items: Sequence[ItemReading]) -> Sheet:
    columns = _columns(
        (name, 40),
        ("所在章节", 30),
        ("目标值", 18),
        ("条数", 8),
        ("合并后", 8),
        ("希望提高", 9),
        ("希望降低", 9),
        ("支持", 8),
        ("反对", 8),
        ("一句话", 50),
        ("意见编号", 60),
    )
    rows = tuple(
        (
            i.total.label,
            i.section,
            i.target,
            i.total.count,
            i.total.unique_count,
            _of(i.demands, "希望提高目标值"),
            _of(i.demands, "希望降低目标值"),
            _of(i.stances, "支持"),
            _of(i.stances, "反对"),
            i.line,
            _ids(i.total),
        )
        for i in items
    )
    chart = SheetChart("bar", f"收到意见最多的{name}", 0, (3,), min(len(rows), 15))
    return Sheet(name, columns, rows, chart)


def _topics(content: DigestContent) -> Sheet:
    rows = tuple(
        (
            t.total.label,
            t.description,
            t.total.count,
            t.total.unique_count,
            "，".join(f"{s.label}{s.count}条" for s in t.sides),
            _ids(t.total),
        )
        for t in content.topics
    )
    columns = _columns(
        ("话题", 24), ("说明", 40), ("条数", 8), ("合并后", 8), ("各方", 40), ("意见编号", 60)
    )
    return Sheet(
        "话题", columns, rows, SheetChart("bar", "讨论最多的话题", 0, (2,), min(len(rows), 12))
    )


def _quotes(content: DigestContent) -> Sheet:
    rows = [
        ("话题", t.total.label, q.comment_id, q.source, q.text)
        for t in content.topics
        for q in t.quotes
    ]
    rows += [
        ("指标" if i.kind == "indicator" else "任务", i.total.label, q.comment_id, q.source, q.text)
        for i in (*content.indicators, *content.tasks)
        for q in i.quotes
    ]
    columns = _columns(("类别", 8), ("主题", 36), ("意见编号", 9), ("来源", 30), ("原话", 90))
    return Sheet("引文", columns, tuple(rows))


def _campaigns(content: DigestContent) -> Sheet:
    rows = tuple(
        (
            c.total.key,
            c.submission_count,
            c.total.count,
            c.first_on.isoformat(),
            c.last_on.isoformat(),
            c.quote.text,
            _ids(c.total),
        )
        for c in content.campaigns
    )
    columns = _columns(
        ("组", 10),
        ("件", 8),
        ("条", 8),
        ("最早", 12),
        ("最晚", 12),
        ("其中一条", 80),
        ("意见编号", 60),
    )
    return Sheet("相似意见", columns, rows)


def _conflicts(content: DigestContent) -> Sheet:
    rows = tuple(
        (c.subject, side.label, side.count, side.unique_count, _ids(side))
        for c in content.conflicts
        for side in c.sides
    )
    return Sheet("相反要求", _columns(("对象", 44), ("要求", 18), *_COUNTS), rows)


def _wordings(content: DigestContent) -> Sheet:
    rows = tuple((w.comment_id, w.section, w.original, w.proposed) for w in content.wordings)
    columns = _columns(("意见编号", 9), ("章节", 30), ("原文", 60), ("建议改为", 60))
    return Sheet("表述建议", columns, rows)


def _left_out(content: DigestContent) -> Sheet:
    rows = [("移交办理", p.label, p.count, _ids(p)) for p in content.handed_over]
    rows += [("未纳入统计", p.label, p.count, _ids(p)) for p in content.left_out]
    columns = _columns(("类别", 14), ("去向或原因", 30), ("条数", 8), ("意见编号", 70))
    return Sheet("移交和未纳入", columns, tuple(rows))
