"""What the living page of a digest shows beside the content: charts and one page of rows."""

from typing import Any

from backend.digests.content import DigestContent
from backend.digests.digest_paper import full_line
from backend.digests.rules import ranges

PAGE_ROWS = 50


def digest_context(content: DigestContent, page: int) -> dict[str, Any]:
    """The values of digests/digest.html."""
    pages = max(1, -(-len(content.rows) // PAGE_ROWS))
    number = min(max(page, 1), pages)
    return {
        "content": content,
        "rows": content.rows[(number - 1) * PAGE_ROWS : number * PAGE_ROWS],
        "number": number,
        "pages": pages,
        "ranges": ranges,
        "full_line": full_line,
        "timeline": _timeline(content),
        "chapter_bars": [
            (c.total.label, c.total.count)
            for c in sorted(content.chapters, key=lambda c: -c.total.count)
        ],
        "topic_bars": [(t.total.label, t.total.count) for t in content.topics[:12]],
        "conflict_dots": [
            (c.subject, c.sides[0].count, c.sides[-1].count) for c in content.conflicts
        ],
        "wordings": [
            (str(w.comment_id), w.section, w.original or "未指明原文", w.proposed)
            for w in content.wordings
        ],
    }


def _timeline(content: DigestContent) -> dict[str, Any]:
    days = content.overview.days
    if not days:
        return {"title": "", "days": [], "moments": []}
    peak = max(days, key=lambda d: d.count)
    closes = content.heading.closes_on
    moments = [(n, "截止") for n, d in enumerate(days) if d.day == closes]
    return {
        "title": f"收到意见最多的一天是{peak.day.month}月{peak.day.day}日，共{peak.count}条",
        "days": [(f"{d.day.month}月{d.day.day}日", d.count) for d in days],
        "moments": moments,
    }
