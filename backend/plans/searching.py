"""Finding words and phrases in one version of a plan.

The texts are read from the database as they are and looked through here, so that both engines give
the same hits: full-width digits, traditional characters and letter case make no difference, which
no LIKE of theirs agrees on. A plan of 300 pages is some thousand paragraphs; that is quick enough.

Every term must be there. A term of several words, such as 老旧小区加装电梯, is also found where its
words stand apart, below the places that have it as typed.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from analysis.segment import normalise, words
from backend.models import Indicator, Passage, Section, Task

_TERM = re.compile(r'"([^"]+)"|(\S+)')
_QUOTES = str.maketrans("“”「」『』《》", '""""""""')
LEAD = 40
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Term:
    """One thing looked for: as typed (folded), and the words it is made of."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader typed, understood; without terms nothing is looked for."""

    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that was found; `rank` is 0 where every term stands as typed."""

    key: str
    section_key: str | None
    text: str
    rank: int


@dataclass(frozen=True, slots=True)
class Found:
    """Hits by kind; headings, indicators and tasks are few, the passages may be many."""

    sections: list[Hit]
    indicators: list[Hit]
    tasks: list[Hit]
    passages: list[Hit]

    @property
    def total(self) -> int:
        return len(self.sections) + len(self.indicators) + len(self.tasks) + len(self.passages)


def understood(typed: str) -> Query:
    """The terms of a search line; what is in quotation marks stays together."""
    terms = []
    for phrase, word in _TERM.findall(typed.translate(_QUOTES)):
        text = _folded(phrase or word.strip('"')).strip()
        if not text:
            continue
        parts = () if phrase else tuple(w.text for w in words(text) if len(w.text) > 1)
        terms.append(Term(text, parts if len(parts) > 1 else ()))
    return Query(tuple(terms))


def search(session: Session, version_id: int, sections: Sequence[Section], query: Query) -> Found:
    """Everything in a version that has the terms; three queries, only the words are read."""
    if not query.terms:
        return Found([], [], [], [])
    headings = [(s.key, s.key, f"{s.label or ''} {s.title}".strip()) for s in sections]
    return Found(
        _hits(headings, query),
        _hits(_rows(session, version_id, Indicator, Indicator.name), query),
        _hits(_rows(session, version_id, Task, Task.title), query),
        _hits(_rows(session, version_id, Passage, Passage.text), query),
    )


def pieces(text: str, query: Query) -> list[tuple[str, bool]]:
    """A stretch of `text` around the first hit, as (words, whether they were looked for)."""
    spans = _spans(text, query)
    start = max(0, spans[0][0] - LEAD) if spans and len(text) > LONGEST else 0
    end = min(len(text), start + LONGEST)
    found: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for left, right in spans:
        if left < at or right > end:
            continue
        found += [(text[at:left], False), (text[left:right], True)]
        at = right
    found.append((text[at:end] + ("…" if end < len(text) else ""), False))
    return [piece for piece in found if piece[0]]


def _rows(
    session: Session,
    version_id: int,
    table: type[Indicator | Task | Passage],
    text: str,
) -> Sequence[tuple[str, str | None, str]]:
    query = (
        select(table.key, table.section_key, text)
        .where(table.plan_version_id == version_id)
        .order_by(col(table.position))
    )
    return [(key, section, words) for key, section, words in session.exec(query)]


def _hits(rows: Iterable[tuple[str, str | None, str]], query: Query) -> list[Hit]:
    found = []
    for key, section_key, text in rows:
        rank = _rank(_folded(text), query)
        if rank is not None:
            found.append(Hit(key, section_key, text, rank))
    return sorted(found, key=lambda hit: hit.rank)


def _rank(text: str, query: Query) -> int | None:
    rank = 0
    for term in query.terms:
        if term.text in text:
            continue
        if not term.words or not all(word in text for word in term.words):
            return None
        rank = 1
    return rank


def _spans(text: str, query: Query) -> list[tuple[int, int]]:
    """Where the terms stand in the raw text, in reading order, none inside another."""
    folded = normalise(text)
    lowered = _lowered(folded.text)
    found: list[tuple[int, int]] = []
    for term in query.terms:
        for wanted in (term.text,) if term.text in lowered else term.words:
            found += [folded.span(at, at + len(wanted)) for at in _places(lowered, wanted)]
    found.sort(key=lambda span: (span[0], -span[1]))
    apart: list[tuple[int, int]] = []
    for span in found:
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + len(wanted))


def _folded(text: str) -> str:
    return _lowered(normalise(text).text)


def _lowered(text: str) -> str:
    """In lower case, unless that would shift the offsets (İ becomes two characters)."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text
