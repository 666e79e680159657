"""The list of single comments at the end of a digest, or where to find it when it is too long."""

from backend.digests.content import CommentRow, DigestContent
from backend.digests.paper import Block, Column, Note, Table, Text, Title
from backend.digests.rules import ranges

# A page of print per seven comments: beyond this, the list is read in the workbook.
LISTED_IN_FULL = 2_500


def said_of_the_list(content: DigestContent) -> str:
    """Where the single comments are, when there are too many for print."""
    if len(content.rows) <= LISTED_IN_FULL:
        return ""
    return (
        f"意见超过{LISTED_IN_FULL}条，本文件只在最后列出编号，"
        "逐条明细见同一摘要的表格文件（xlsx、csv）。"
    )


def appendix(content: DigestContent) -> list[Block]:
    if not content.rows:
        return []
    if len(content.rows) > LISTED_IN_FULL:
        return [
            Title(1, "附：意见编号"),
            Text(f"共{len(content.rows)}条，逐条明细见同一摘要的表格文件（xlsx、csv）。"),
            Note(ranges(content.overview.scope_ids)),
        ]
    # Three columns: a wide one for the words needs a quarter fewer pages than five narrow ones.
    columns = (Column("编号和来源", 0.16), Column("意见", 0.56), Column("研判和办理", 0.28))
    rows = []
    for r in content.rows:
        day = f"{r.received_on.month}月{r.received_on.day}日"
        who = [f"{r.comment_id}号", f"{day} {r.channel}", r.sender, *r.place.split(" ")]
        done = [r.left_out or f"{r.sentiment}，{r.intent}", r.outcome or r.handling, r.reason]
        rows.append(
            (
                "\n".join(p for p in who if p and p != "未填写"),
                _words_of(r),
                "\n".join(p for p in done if p),
            )
        )
    version = content.rows[0].version
    return [
        Title(1, "附：意见明细表"),
        Note(f"按编号排列，共{len(rows)}条；章节按{version}。"),
        Table("意见明细表", columns, tuple(rows), small=True),
    ]


def _words_of(row: CommentRow) -> str:
    """What it is about, then what was said and proposed."""
    where = " ".join(p for p in (row.section_number, row.section_title) if p)
    about = row.anchor if row.anchor not in ("章节", "整个规划", "段落") else ""
    quoted = f"“{_clip(row.quoted)}”" if row.quoted else ""
    lines = [f"〔{'　'.join(p for p in (where, about, quoted) if p)}〕", row.text or "（未显示）"]
    if row.proposed_wording:
        lines.append(f"建议改为：{row.proposed_wording}")
    return "\n".join(lines)


def _clip(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
