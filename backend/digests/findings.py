"""The sentences on page one: what stands out, each with the comments it rests on. Pure."""

from collections.abc import Iterable

from backend.digests.content import (
    Campaign,
    ChapterReading,
    Conflict,
    Finding,
    ItemReading,
    Overview,
    Tally,
    TopicSummary,
)


def find(
    overview: Overview,
    chapters: tuple[ChapterReading, ...],
    items: tuple[ItemReading, ...],
    topics: tuple[TopicSummary, ...],
    conflicts: tuple[Conflict, ...],
    campaigns: tuple[Campaign, ...],
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    named = [c for c in chapters if c.total.key]
    if named:
        top = max(named, key=lambda c: c.total.count)
        text = f"意见最集中的是“{top.total.label}”，共{top.total.count}条"
        found.append(
            Finding(
                text + f"，占{_share(top.total.count, overview.comment_count)}。",
                top.total.comment_ids,
            )
        )
    if topics:
        leading = topics[:3]
        text = "、".join(f"“{t.total.label}”（{t.total.count}条）" for t in leading)
        found.append(Finding(f"讨论最多的话题是{text}。", _ids(t.total for t in leading)))
    wanted = [i for i in items if sum(d.count for d in i.demands) > 1][:3]
    if wanted:
        found.append(
            Finding("；".join(i.line for i in wanted) + "。", _ids(i.total for i in wanted))
        )
    if conflicts:
        first = conflicts[0]
        sides = "，".join(f"{s.label}{s.count}条" for s in first.sides)
        found.append(
            Finding(
                f"有{len(conflicts)}处存在相反要求，分歧最大的是“{first.subject}”：{sides}。",
                _ids(first.sides),
            )
        )
    if campaigns:
        total = sum(c.total.count for c in campaigns)
        found.append(
            Finding(
                f"有{len(campaigns)}组内容基本相同的意见，合计{total}条，统计时同时列出合并前后的数字。",
                _ids(c.total for c in campaigns),
            )
        )
    return tuple(found)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "0%"


def _ids(parts: Iterable[Tally]) -> tuple[int, ...]:
    return tuple(sorted({i for part in parts for i in part.comment_ids}))
