"""Proof of a summary: quotes are re-read and counts recomputed from the comments themselves.

A sentence may only say how many comments there are by the comments it lists. `check` fails on any
quote that is not, byte for byte, where it says it is, on any id that does not exist, and on any
count or share that does not come out again.
"""

import re
from collections.abc import Iterable, Sequence

from analysis.contracts import CommentText, Quote, SummarySentence
from analysis.duplicates import find_clusters

_COUNT = re.compile(r"(\d+)条")
_UNIQUE = re.compile(r"合并雷同后(\d+)条")
_SHARE = re.compile(r"占(\d+(?:\.\d+)?)%")
_QUOTED = re.compile(r"“[^”]*”")


def check(sentences: Iterable[SummarySentence], comments: Sequence[CommentText]) -> list[str]:
    """What is wrong with a summary of exactly these comments; an empty list when nothing is."""
    by_id = {comment.id: comment for comment in comments}
    original = _originals(comments)
    faults = []
    for sentence in sentences:
        unknown = [one for one in sentence.comment_ids if one not in by_id]
        faults += [f"意见编号不存在：{one}" for one in unknown[:3]]
        if not unknown:
            faults += _count_faults(sentence, len(comments), original)
        for quote in sentence.quotes:
            faults += _quote_faults(quote, sentence, by_id)
    return faults


def _originals(comments: Sequence[CommentText]) -> dict[str, int]:
    """Comment id → the position of the first comment with the same wording."""
    original = {comment.id: place for place, comment in enumerate(comments)}
    for cluster in find_clusters(comment.text for comment in comments):
        for member in cluster.members:
            original[comments[member].id] = cluster.members[0]
    return original


def _count_faults(sentence: SummarySentence, total: int, original: dict[str, int]) -> Iterable[str]:
    # What stands in quotation marks is a label or a resident's words, not a claim.
    claims = _QUOTED.sub("“”", sentence.text)
    ids = set(sentence.comment_ids)
    if len(ids) != len(sentence.comment_ids):
        yield f"意见编号重复：{sentence.text}"
    if unique := _UNIQUE.search(claims):
        counted = len({original[one] for one in ids})
        if int(unique[1]) != counted:
            yield f"合并雷同后应为{counted}条：{sentence.text}"
        claims = claims.replace(unique[0], "")
    for found in _COUNT.finditer(claims):
        if int(found[1]) != len(ids):
            yield f"条数应为{len(ids)}：{sentence.text}"
    for found in _SHARE.finditer(claims):
        if found[1] != percent(len(ids), total):
            yield f"占比应为{percent(len(ids), total)}%：{sentence.text}"


def _quote_faults(
    quote: Quote, sentence: SummarySentence, by_id: dict[str, CommentText]
) -> Iterable[str]:
    comment = by_id.get(quote.id)
    if comment is None or quote.id not in sentence.comment_ids:
        yield f"引文不在所列意见中：{quote.id}"
        return
    raw = comment.title if quote.field == "title" else comment.text
    if quote.field not in ("title", "text") or (raw or "")[quote.start : quote.end] != quote.text:
        yield f"引文与原文不一致：{quote.id} {quote.field} {quote.start}–{quote.end}"
    elif not quote.text:
        yield f"引文为空：{quote.id}"


def percent(count: int, total: int) -> str:
    """A share in per cent with one decimal, as summaries print it."""
    return f"{100 * count / total:.1f}" if total else "0.0"
