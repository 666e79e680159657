"""The adoption report as a paper and as sheets, in the form bureaux publish."""

from collections.abc import Sequence

from backend.digests.adoption import ADOPTING, PENDING, AdoptionContent
from backend.digests.content import Tally
from backend.digests.digest_paper import day_zh
from backend.digests.paper import (
    Block,
    Column,
    Letterhead,
    Note,
    PageBreak,
    Paper,
    Signature,
    Table,
    Text,
    Title,
    balanced,
)
from backend.digests.rules import ranges
from backend.digests.sheets import Sheet, SheetChart, SheetColumn
from backend.kit.clock import local


def adoption_paper(content: AdoptionContent) -> Paper:
    """Narrative first, the table as an annex."""
    plan = content.heading.plan_title
    blocks: list[Block] = [*_opening(content), *_procedure(content), *_adoption(content)]
    blocks += _disputes(content)
    offices = "\n".join(content.signatures) or content.heading.organisation
    blocks.append(Signature(offices, local(content.made_at).date()))
    if content.rows:
        blocks += [PageBreak(), *_annex(content)]
    return Paper(
        title=f"{balanced(f'《{plan}》')}\n公众意见采纳情况报告",
        subtitle="",
        author=content.heading.organisation,
        made_at=content.made_at,
        blocks=tuple(blocks),
        letterhead=Letterhead(content.issuer, content.document_number, content.is_red),
        is_draft=content.is_draft,
    )


def _opening(content: AdoptionContent) -> list[Block]:
    basis = content.procedure.legal_basis.strip()
    basis = basis if basis and len(basis) <= 60 else "《重大行政决策程序暂行条例》"
    return [
        Text(
            f"根据{basis}有关规定，{content.heading.organisation}就"
            f"《{content.heading.plan_title}》公开征求了社会公众意见，"
            "现将公众参与程序履行情况和意见采纳情况报告如下。"
        )
    ]


def _procedure(content: AdoptionContent) -> list[Block]:
    heading, procedure = content.heading, content.procedure
    window = f"{day_zh(heading.opens_on)}至{day_zh(heading.closes_on)}"
    days = f"，自公布之日起共{procedure.days}天" if procedure.days is not None else ""
    published = (
        f"{day_zh(procedure.published_on)}，规划草案及其说明向社会公布。"
        if procedure.published_on
        else ""
    )
    blocks: list[Block] = [
        Title(1, "一、履行公众参与程序总体情况"),
        Text(
            f"{published}公开征求意见的时间为{window}{days}。"
            f"公众可以通过{'、'.join(procedure.channels) or '网站'}等方式提出意见。"
        ),
    ]
    if procedure.shortened_reason.strip():
        blocks.append(
            Text(f"征求意见的期限少于三十日，原因是：{procedure.shortened_reason.strip()}")
        )
    return blocks


def _adoption(content: AdoptionContent) -> list[Block]:
    blocks: list[Block] = [Title(1, "二、意见建议收集和采纳情况")]
    if not content.comment_count:
        blocks.append(
            Text(
                "征求意见期间，通过上述各种方式均未收到公众意见建议，规划草案未因公众意见作出修改。"
            )
        )
        return blocks
    return [*blocks, Title(2, "（一）收集情况"), *_received(content), *_decided(content)]


def _received(content: AdoptionContent) -> list[Block]:
    channels = "，".join(f"{c.label}{c.count}条" for c in content.channels)
    chapters = "、".join(f"“{c.label}”（{c.count}条）" for c in content.chapters[:3])
    repeated = content.comment_count - content.unique_count
    merged = f"其中内容基本相同的较多，合并后为{content.unique_count}条。" if repeated else ""
    blocks: list[Block] = [
        Text(f"征求意见期间，共收到反馈意见{content.counted}。按渠道分，{channels}。{merged}")
    ]
    if chapters:
        blocks.append(Text(f"意见较为集中的是{chapters}。"))
    return blocks


def _decided(content: AdoptionContent) -> list[Block]:
    outcomes = [o for o in content.outcomes if o.key != PENDING]
    pending = next((o for o in content.outcomes if o.key == PENDING), None)
    adopted = sum(o.count for o in outcomes if o.key in ADOPTING)
    parts = "，".join(f"{o.label}{o.count}条" for o in outcomes)
    rest = [f"移交{p.label}办理{p.count}条" for p in content.handed_over]
    rest += [f"{p.label}{p.count}条" for p in content.left_out]
    waiting = f"另有{pending.count}条尚在研究。" if pending else ""
    others = f"此外，{'，'.join(rest)}，不列入采纳情况汇总表。" if rest else ""
    blocks: list[Block] = [Title(2, "（二）采纳情况")]
    if outcomes:
        blocks.append(
            Text(f"经逐条研究，共采纳和部分采纳{adopted}条。各项结论为：{parts}。{waiting}{others}")
        )
    elif waiting or others:
        blocks.append(Text(f"{waiting}{others}"))
    if content.changed_places:
        places = "；".join(content.changed_places[:8])
        more = "等" if len(content.changed_places) > 8 else ""
        blocks.append(Text(f"根据公众意见，对规划草案的下列内容作了修改：{places}{more}。"))
    blocks.append(_outcome_table(content))
    if content.rows:
        blocks.append(Text("逐条意见和采纳理由见附件。"))
    return blocks


def _disputes(content: AdoptionContent) -> list[Block]:
    if not content.disputes:
        return []
    blocks: list[Block] = [
        Title(1, "三、有关单位的不同意见"),
        Text(
            f"研究办理中，有关单位对{len(content.disputes)}条意见的办理没有协商一致，"
            "争议的主要问题、有关单位意见和起草单位意见、理由、依据如下，供决策参考。"
        ),
    ]
    for dispute in content.disputes:
        blocks += [
            Title(2, f"第{dispute.comment_id}号意见"),
            Text(f"争议要点：{dispute.points}"),
            Text(f"有关单位意见：{'；'.join(dispute.objections) or '已不再坚持'}"),
            Text(f"起草单位意见：{dispute.drafter_view}"),
            Text(f"理由和依据：{dispute.basis}"),
        ]
    return blocks


def _outcome_table(content: AdoptionContent) -> Table:
    parts: Sequence[Tally] = (*content.outcomes, *content.handed_over, *content.left_out)
    rows = [(p.label, str(p.count), _percent(p.count, content.comment_count)) for p in parts]
    rows.append(("合计", str(sum(p.count for p in parts)), _percent(1, 1)))
    return Table(
        "意见办理结论统计",
        (Column("结论", 0.50), Column("条数", 0.25, "right"), Column("占比", 0.25, "right")),
        tuple(rows),
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _annex(content: AdoptionContent) -> list[Block]:
    columns = (
        Column("序号", 0.07, "center"),
        Column("意见来源", 0.13),
        Column("对应章节", 0.15),
        Column("意见内容", 0.32),
        Column("采纳情况", 0.09, "center"),
        Column("理由", 0.24),
    )
    rows = tuple(
        (
            str(row.number),
            row.source,
            row.chapter,
            row.text or "（内容未显示）",
            row.outcome,
            _reason(row.reason, row.change),
        )
        for row in content.rows
    )
    count = sum(row.count for row in content.rows)
    return [
        Title(1, "附件"),
        Note(
            f"共{len(rows)}行{count}条，内容基本相同且结论相同的意见合为一行；"
            "提出意见者的姓名和联系方式已隐去。"
        ),
        Table("公众意见采纳情况汇总表", columns, rows, small=True),
    ]


def _reason(reason: str, change: str) -> str:
    return "\n".join(part for part in (reason, f"修改位置：{change}" if change else "") if part)


def adoption_sheets(content: AdoptionContent) -> tuple[Sheet, ...]:
    """Totals, then the table with the numbers of the comments behind each row."""
    parts = (*content.outcomes, *content.handed_over, *content.left_out)
    totals = tuple((p.label, p.count, ranges(p.comment_ids)) for p in parts)
    columns = (
        ("序号", 7),
        ("意见来源", 22),
        ("对应章节", 26),
        ("意见内容", 60),
        ("采纳情况", 10),
        ("理由", 44),
        ("修改位置", 24),
        ("条数", 7),
        ("意见编号", 20),
    )
    rows = tuple(
        (
            row.number,
            row.source,
            row.chapter,
            row.text,
            row.outcome,
            row.reason,
            row.change,
            row.count,
            ranges(row.comment_ids),
        )
        for row in content.rows
    )
    return (
        Sheet(
            "统计",
            tuple(SheetColumn(*c) for c in (("结论", 24), ("条数", 9), ("意见编号", 70))),
            totals,
            SheetChart("bar", "意见办理结论", 0, (1,), len(totals)),
        ),
        Sheet("汇总表", tuple(SheetColumn(*c) for c in columns), rows),
        *_dispute_sheets(content),
    )


def _dispute_sheets(content: AdoptionContent) -> tuple[Sheet, ...]:
    columns = (
        ("意见编号", 10), ("争议要点", 40), ("有关单位意见", 50), ("起草单位意见", 50),
        ("理由和依据", 50),
    )  # fmt: skip
    rows = tuple(
        (str(d.comment_id), d.points, "\n".join(d.objections), d.drafter_view, d.basis)
        for d in content.disputes
    )
    return (Sheet("分歧情况", tuple(SheetColumn(*c) for c in columns), rows),) if rows else ()
