"""A digest as a paper: what it says, in the order the drafting office reads it."""

from collections.abc import Iterable, Sequence
from datetime import date

from backend.digests import charts
from backend.digests.comment_list import appendix, said_of_the_list
from backend.digests.content import DigestContent, ItemReading, Tally
from backend.digests.paper import (
    Block,
    Chart,
    Column,
    Note,
    Paper,
    Quote,
    Table,
    Text,
    Title,
    balanced,
)
from backend.digests.rules import ranges
from backend.kit.clock import local

NUMERALS = "一二三四五六七八九十"
SOURCE_LIMIT = 8
ITEMS_SHOWN = 30
DRAWN_FROM = 3  # Bars of one or two comments would look like much.


def digest_paper(content: DigestContent) -> Paper:
    """Every part that has something to say, numbered in order."""
    heading = content.heading
    parts = [
        ("总体情况", _overview(content)),
        ("分章情况", _chapters(content)),
        ("对主要指标的意见", _items(content.indicators, "指标")),
        ("对主要任务的意见", _items(content.tasks, "任务")),
        ("主要话题", _topics(content)),
        ("相反的要求", _conflicts(content)),
        ("内容基本相同的意见", _campaigns(content)),
        ("对文字的修改建议", _wordings(content)),
        ("办理进展", _decisions(content)),
        ("移交办理和未纳入统计的意见", _left_out(content)),
        ("方法和质量", _method(content)),
    ]
    blocks: list[Block] = list(_summary(content))
    for number, (name, body) in enumerate([p for p in parts if p[1]], start=1):
        blocks += [Title(1, f"{_numeral(number)}、{name}"), *body]
    blocks += appendix(content)
    return Paper(
        title=f"{balanced(heading.plan_title)}\n公众意见摘要",
        subtitle=f"（{content.scope}，截至{day_zh(local(content.compiled_at).date())}）",
        author=heading.drafting_office,
        made_at=content.compiled_at,
        blocks=tuple(blocks),
    )


def day_zh(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else "未定"


def _numeral(number: int) -> str:
    if number <= 10:
        return NUMERALS[number - 1]
    return f"十{NUMERALS[number - 11]}"


def _sources(ids: Iterable[int]) -> str:
    text = ranges(ids, SOURCE_LIMIT)
    return f"来源：{text}" if text else ""


def _summary(content: DigestContent) -> Iterable[Block]:
    overview, heading = content.overview, content.heading
    window = f"{day_zh(heading.opens_on)}至{day_zh(heading.closes_on)}"
    yield Text(
        f"{heading.organisation}就《{heading.plan_title}》（{heading.version}）公开征求意见，"
        f"时间为{window}。本摘要收录{content.scope}，共{overview.counted}，"
        f"合并内容基本相同的意见后为{overview.unique_count}条。"
        f"{said_of_the_list(content)}"
    )
    for finding in content.findings:
        yield Text(finding.text, _sources(finding.comment_ids))
    changes = content.since_last
    if changes:
        risen = f"增加较多的话题是{'、'.join(changes.risen)}。" if changes.risen else ""
        yield Text(
            f"与上次摘要（{day_zh(local(changes.previous_at).date())}）相比，"
            f"新增{len(changes.arrived)}条，减少{len(changes.gone)}条，"
            f"新办结{max(changes.decided_count, 0)}条。{risen}",
            _sources(changes.arrived),
        )


def _overview(content: DigestContent) -> list[Block]:
    overview, heading = content.overview, content.heading
    if not overview.comment_count:
        return [Text("这一范围内还没有收到意见。")]
    late = f"其中{overview.late_count}条在截止后送达。" if overview.late_count else ""
    blocks: list[Block] = [
        Text(f"共收到{overview.counted}，纳入研判{overview.read_count}条。{late}")
    ]
    peak = max(overview.days, key=lambda d: d.count)
    moments = [
        (day, name)
        for day, name in ((heading.opens_on, "开始征求意见"), (heading.closes_on, "截止"))
        if day
    ]
    blocks.append(
        Chart(
            f"收到意见最多的一天是{peak.day.month}月{peak.day.day}日，共{peak.count}条",
            f"每日收到的意见数，{day_zh(overview.days[0].day)}至{day_zh(overview.days[-1].day)}",
            charts.timeline([(d.day, d.count) for d in overview.days], moments),
        )
    )
    blocks.append(_tally_table("意见来自的渠道", "渠道", overview.channels))
    if len(overview.places) > 1:
        blocks.append(_tally_table("意见来自的街镇", "街镇", overview.places))
    return blocks


def _tally_table(caption: str, name: str, parts: Sequence[Tally]) -> Table:
    total = sum(p.count for p in parts)
    return Table(
        caption,
        (
            Column(name, 0.34),
            Column("条数", 0.12, "right"),
            Column("合并后", 0.12, "right"),
            Column("占比", 0.12, "right"),
            Column("意见编号", 0.30),
        ),
        tuple(
            (p.label, str(p.count), str(p.unique_count), _percent(p.count, total), _short(p))
            for p in parts
        ),
    )


def _short(part: Tally) -> str:
    return ranges(part.comment_ids, 3)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _chapters(content: DigestContent) -> list[Block]:
    if not content.chapters:
        return []
    top = max(content.chapters, key=lambda c: c.total.count)
    series = ("偏正面", "中性", "偏负面", "未判定")
    rows = [
        charts.Stack(c.total.label, tuple(_of(c.sentiments, name) for name in series))
        for c in content.chapters
    ]
    used = [i for i in range(len(series)) if any(row.values[i] for row in rows)]
    rows = [charts.Stack(r.label, tuple(r.values[i] for i in used)) for r in rows]
    intents = ("提出建议", "反映问题", "咨询提问", "表示支持", "表示反对", "其他", "未判定")
    return [
        Chart(
            f"意见最多的是“{top.total.label}”，共{top.total.count}条",
            "各章意见数，按情感倾向分段",
            charts.stacks([series[i] for i in used], rows),
        ),
        Table(
            "各章意见的意图（条）",
            (
                Column("章节", 0.30),
                *(Column(name, 0.09, "right") for name in intents),
                Column("合计", 0.07, "right"),
            ),
            tuple(
                (c.total.label, *(str(_of(c.intents, n)) for n in intents), str(c.total.count))
                for c in content.chapters
            ),
        ),
        Note("情感倾向和意图由机器研判，经人工复核的以复核为准，供参考。"),
    ]


def _of(parts: Sequence[Tally], label: str) -> int:
    return next((p.count for p in parts if p.label == label), 0)


def _items(items: Sequence[ItemReading], name: str) -> list[Block]:
    if not items:
        return []
    shown = items[:ITEMS_SHOWN]
    told = [i for i in shown if i.total.count > 1 or i.demands][:5]
    blocks: list[Block] = [Text(f"{full_line(i)}。", _sources(i.total.comment_ids)) for i in told]
    blocks += _item_chart(shown, name)
    blocks.append(_item_table(shown, name))
    if len(items) > len(shown):
        blocks.append(Note(f"另有{len(items) - len(shown)}项{name}收到意见，见表格文件和明细表。"))
    for item in shown[:3]:
        blocks += [Quote(q.text, q.source) for q in item.quotes[:1]]
    return blocks


def full_line(item: ItemReading) -> str:
    """The line officials quote, with the indicator's name: 指标14 新增泊位：42条，…"""
    return f"{item.total.label}：{item.line.split('：', 1)[-1]}"


def _item_chart(items: Sequence[ItemReading], name: str) -> list[Block]:
    """Who wants a target raised or lowered; for tasks, who is for and who against."""
    sides = {True: ("希望提高目标值", "希望降低目标值"), False: ("支持", "反对")}[name == "指标"]
    rows = []
    for item in items:
        counts = tuple(_of((*item.demands, *item.stances), side) for side in sides)
        if any(counts):
            rows.append(charts.Stack(item.total.label.removeprefix("任务 "), counts))
    rows.sort(key=lambda row: -sum(row.values))
    if not rows or sum(rows[0].values) < DRAWN_FROM:
        return []
    first = rows[0]
    said = "，".join(f"{s}{n}条" for s, n in zip(sides, first.values, strict=True) if n)
    title = f"表态最多的是“{first.label}”：{said}"
    summary = f"各{name}{sides[0]}、{sides[1]}的意见数"
    return [Chart(title, summary, charts.stacks(sides, rows[:10]))]


def _item_table(items: Sequence[ItemReading], name: str) -> Table:
    is_indicator = name == "指标"
    columns = [Column(name, 0.30 if is_indicator else 0.38)]
    columns += [Column("目标值", 0.19)] if is_indicator else []
    columns += [Column("条数", 0.08, "right"), Column("合并后", 0.10, "right")]
    columns += [Column("意见取向", 0.18 if is_indicator else 0.20)]
    columns += [Column("意见编号", 0.15 if is_indicator else 0.24)]
    rows = []
    for item in items:
        label = item.total.label.removeprefix("任务 ")
        sides = "，".join(f"{p.label}{p.count}" for p in (*item.demands, *item.stances))
        row = [label, *([item.target] if is_indicator else [])]
        row += [
            str(item.total.count),
            str(item.total.unique_count),
            sides or "—",
            _short(item.total),
        ]
        rows.append(tuple(row))
    return Table(f"收到意见的{name}", tuple(columns), tuple(rows))


def _topics(content: DigestContent) -> list[Block]:
    blocks: list[Block] = []
    if content.topics:
        top = content.topics[0]
        blocks.append(
            Chart(
                f"讨论最多的是“{top.total.label}”，共{top.total.count}条",
                "各话题的意见数",
                charts.bars([(t.total.label, t.total.count) for t in content.topics[:12]]),
            )
        )
    for number, topic in enumerate(content.topics[:12], start=1):
        sides = "，".join(f"{s.label}{s.count}条" for s in topic.sides)
        blocks += [
            Title(2, f"（{_numeral(number)}）{topic.total.label}"),
            Text(
                f"共{topic.total.count}条，合并后{topic.total.unique_count}条。{sides}。"
                f"{topic.description}",
                _sources(topic.total.comment_ids),
            ),
            *(Quote(q.text, q.source) for q in topic.quotes),
        ]
    return blocks


def _conflicts(content: DigestContent) -> list[Block]:
    blocks: list[Block] = []
    for number, conflict in enumerate(content.conflicts, start=1):
        sides = "，".join(
            f"{s.label}{s.count}条（合并后{s.unique_count}条）" for s in conflict.sides
        )
        ids = {i for side in conflict.sides for i in side.comment_ids}
        blocks.append(Text(f"{number}. {conflict.subject}：{sides}。", _sources(ids)))
        blocks += [Quote(q.text, q.source) for q in conflict.quotes]
    return blocks


def _campaigns(content: DigestContent) -> list[Block]:
    blocks: list[Block] = []
    for number, campaign in enumerate(content.campaigns, start=1):
        blocks.append(
            Text(
                f"{number}. {campaign.submission_count}件{campaign.total.count}条内容基本相同，"
                f"{day_zh(campaign.first_on)}至{day_zh(campaign.last_on)}提交。",
                _sources(campaign.total.comment_ids),
            )
        )
        blocks.append(Quote(campaign.quote.text, campaign.quote.source))
    return blocks


def _wordings(content: DigestContent) -> list[Block]:
    if not content.wordings:
        return []
    return [
        Table(
            "建议的表述与原文对照",
            (
                Column("编号", 0.09, "center"),
                Column("章节", 0.21),
                Column("原文", 0.35),
                Column("建议改为", 0.35),
            ),
            tuple(
                (str(w.comment_id), w.section, w.original or "未指明原文", w.proposed)
                for w in content.wordings
            ),
        )
    ]


def _decisions(content: DigestContent) -> list[Block]:
    blocks: list[Block] = []
    if content.decisions:
        blocks.append(_tally_table("办理结论", "结论", content.decisions))
    if content.ratings:
        count = sum(part.count for part in content.ratings)
        blocks.append(Text(f"{count}位提交人在回执上回答了“这回应了您的意见吗”。"))
        blocks.append(_tally_table("提交人对答复的评价", "评价", content.ratings))
    return blocks


def _left_out(content: DigestContent) -> list[Block]:
    blocks: list[Block] = []
    if content.handed_over:
        blocks.append(
            Text("下列意见反映个人诉求，不属于对规划的意见，已移交有关方面办理，不计入上述分析。")
        )
        blocks.append(_tally_table("移交办理", "移交给", content.handed_over))
    if content.left_out:
        blocks.append(Text("下列意见未纳入分析，逐条列出编号和原因。"))
        blocks.append(
            Table(
                "未纳入统计的意见",
                (Column("原因", 0.34), Column("条数", 0.10, "right"), Column("意见编号", 0.56)),
                tuple((p.label, str(p.count), ranges(p.comment_ids)) for p in content.left_out),
            )
        )
    return blocks


def _method(content: DigestContent) -> list[Block]:
    method = content.method
    rows = [
        (f"{a.label}：机器与人工一致", f"{a.agreed}/{a.judged}", _percent(a.agreed, a.judged))
        for a in method.agreements
        if a.judged
    ]
    read = content.overview.read_count
    rows += [(p.label, f"{p.count}/{read}", _percent(p.count, read)) for p in method.abstentions]
    reviewed = method.reviewed
    rows.append(("人工复核过的意见", f"{reviewed.count}/{read}", _percent(reviewed.count, read)))
    engines = "、".join(method.engines) or "无"
    return [
        Text(
            "“人”按电话或邮箱合并同一人的几件，没有留联系方式的每件算一人；"
            "“件”是一次提交，“条”是其中的一个意见点；“合并后”把内容基本相同的意见算作一条。"
            "意见的对应条目、情感倾向和意图先由机器研判，人工复核后以人工为准；"
            "话题由机器归并。引文一字未改，个人信息已隐去；字库中没有的字印作“〓”。"
            f"研判程序版本：{engines}。"
        ),
        Table(
            "研判质量",
            (
                Column("项目", 0.56),
                Column("条数", 0.22, "right"),
                Column("占比", 0.22, "right"),
            ),
            tuple(rows),
        ),
    ]
