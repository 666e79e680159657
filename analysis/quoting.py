"""Verbatim quotes: the stretch of a comment that speaks to a matter, with its exact place.

Every quote is cut from the raw text, so `text == raw[field][start:end]` holds by construction and
`validate.check` can prove it again. Quotes are raw: they may hold personal data. Whoever shows one
masks it first (`masked_quote`).
"""

from collections.abc import Callable, Iterable, Sequence

import rjieba

from analysis.contracts import CommentText, PersonalData, Quote
from analysis.privacy import mask
from analysis.segment import Clause, Normalised, clauses, normalise
from analysis.terms import meaning_of

SHORTEST, BEST, LONGEST = 6, 28, 70
_LONGEST_READ = 4000


def best_quote(comment: CommentText, matters: Callable[[str], float]) -> Quote | None:
    """The stretch of a comment that speaks most to a matter, or None.

    `matters(clause)` says how much a clause is to the point, 0 for not at all. The clause is
    widened to its sentence as far as that stays short enough to read at a glance.
    """
    found: tuple[float, Quote] | None = None
    for field, raw in (("text", comment.text[:_LONGEST_READ]), ("title", comment.title or "")):
        folded = normalise(raw)
        thoughts = clauses(folded)
        for place, clause in enumerate(thoughts):
            weight = 0.0 if clause.boilerplate else matters(clause.text)
            if weight <= 0.0:
                continue
            start, end = _widened(folded, thoughts, place)
            if end - start < SHORTEST:
                continue
            score = weight - abs(end - start - BEST) / 200
            if found is None or score > found[0] + 1e-9:
                found = score, Quote(comment.id, field, start, end, raw[start:end])
    return found[1] if found else None


def whole_quote(comment: CommentText) -> Quote | None:
    """The stretch of a comment that says most of its matter."""
    return best_quote(comment, _matter)


def _matter(clause: str) -> float:
    """How many words of matter a clause holds, up to five."""
    return min(sum(meaning_of(word) is not None for word in set(rjieba.cut(clause))), 5) / 5


def masked_quote(quote: Quote, found: Iterable[PersonalData]) -> str:
    """The text of a quote as it may be shown: personal data inside it masked."""
    inside = [
        PersonalData(
            data.kind,
            data.field,
            max(data.start - quote.start, 0),
            min(data.end, quote.end) - quote.start,
        )
        for data in found
        if data.field == quote.field and data.start < quote.end and data.end > quote.start
    ]
    return mask(quote.text, inside)


def _widened(folded: Normalised, thoughts: Sequence[Clause], place: int) -> tuple[int, int]:
    """Raw offsets of a clause with its neighbours of the same sentence, as long as it is short."""
    first = last = place
    while last + 1 < len(thoughts) and _goes_on(thoughts[last]):
        if not _fits(folded, thoughts[first], thoughts[last + 1]):
            break
        last += 1
    while first > 0 and _goes_on(thoughts[first - 1]):
        if not _fits(folded, thoughts[first - 1], thoughts[last]):
            break
        first -= 1
    return folded.span(thoughts[first].start, thoughts[last].end)


def _goes_on(clause: Clause) -> bool:
    return not clause.boilerplate and clause.closes[:1] in (",", ":", "")


def _fits(folded: Normalised, first: Clause, last: Clause) -> bool:
    start, end = folded.span(first.start, last.end)
    return end - start <= LONGEST and not last.boilerplate
