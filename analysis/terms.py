"""The content words of many comments as arrays, for everything that reads them together.

Topics and shared issues both look at which words stand in one clause. Here a comment becomes a row
of word numbers with the clause each stands in, without the formulas of a letter, the words of
procedure (反映, 有关部门) and the names of places; words that mean the same to a resident (噪声 and
噪音) become one. A million comments so take a few hundred megabytes and compiled loops can read
them.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

import rjieba

from analysis import ragged
from analysis.contracts import CommentText, PlaceMention
from analysis.ragged import Ragged
from analysis.segment import Normalised, clauses, normalise

TITLE_CLAUSE = 0
"""The clause number of every word of the title; the text's own clauses start at 1."""

_MOST_WORDS = 500
_LONGEST_READ = 4000
"""Words and code points of one comment that are looked at: a novel does not outvote a village."""

_CONTENT_TAGS = ("n", "v", "a", "i", "l", "j", "b", "z")
_AFTER_A_NAME = "省市县区镇乡村路街"
_NAME_TAGS = ("nr", "ns", "nt", "nrt", "nrfg")


def extract(comments: Sequence[CommentText], places: Iterable[Sequence[PlaceMention]]) -> Ragged:
    """The content words of comments marked with their clause, given the places found in each."""
    return ragged.build(
        _terms(comment, mentions)[:_MOST_WORDS]
        for comment, mentions in zip(comments, places, strict=True)
    )


def _terms(comment: CommentText, mentions: Sequence[PlaceMention]) -> list[tuple[str, int]]:
    return [
        *_field_terms(comment.title or "", TITLE_CLAUSE, _spans(mentions, "title")),
        *_field_terms(comment.text, TITLE_CLAUSE + 1, _spans(mentions, "text")),
    ]


def _spans(mentions: Sequence[PlaceMention], field: str) -> list[tuple[int, int]]:
    return [(place.start, place.end) for place in mentions if place.field == field]


def _field_terms(
    raw: str, first_clause: int, names: list[tuple[int, int]]
) -> list[tuple[str, int]]:
    """The content words of one field with their clause numbers."""
    found: list[tuple[str, int]] = []
    folded = normalise(raw[:_LONGEST_READ])
    thoughts = [clause for clause in clauses(folded) if not clause.boilerplate]
    ends = [clause.end for clause in thoughts]
    hidden = _hidden(folded, names)
    at = 0
    for word in rjieba.cut(folded.text) if thoughts else ():
        start, at = at, at + len(word)
        if at - start < 2 or not (meaning := meaning_of(word)):
            continue
        number = bisect_right(ends, start)
        if number == len(ends):
            break
        if start >= thoughts[number].start and start not in hidden:
            found.append((meaning, first_clause and first_clause + number))
    return found


def _hidden(folded: Normalised, names: list[tuple[int, int]]) -> set[int]:
    """The folded offsets that belong to the name of a place."""
    origin = folded.origin  # never falls
    return {
        at
        for start, end in names
        for at in range(bisect_left(origin, start), bisect_left(origin, end))
    }


@lru_cache(maxsize=400_000)
def meaning_of(word: str) -> str | None:
    """The word under which this one is counted; None when it carries no matter."""
    if word in procedural_words() or not all("一" <= char <= "鿿" for char in word):
        return None
    if synonym := synonyms().get(word):
        return synonym
    if not rjieba.has_word(word) and (len(word) == 2 or word[0] in _AFTER_A_NAME):
        return None  # guessed by the segmenter, most often a piece of some name
    tags = rjieba.tag(word)
    if len(tags) == 1 and (tags[0][1] in _NAME_TAGS or not tags[0][1].startswith(_CONTENT_TAGS)):
        return None
    return word


@cache
def procedural_words() -> frozenset[str]:
    """Words of the letter and the office that say nothing of the matter."""
    return frozenset(_entries("procedural_words.txt"))


@cache
def weak_words() -> frozenset[str]:
    """Words that need a companion to name a matter: 小区, 学校, 费用."""
    return frozenset(_entries("weak_words.txt"))


@cache
def synonyms() -> dict[str, str]:
    """Word → the word it is counted under."""
    groups = (line.split() for line in _entries("synonyms.txt", whole_lines=True))
    return {word: group[0] for group in groups for word in group[1:]}


def _entries(name: str, *, whole_lines: bool = False) -> list[str]:
    lines = files("analysis").joinpath("data", name).read_text("utf-8").splitlines()
    kept = [line.split("#")[0].strip() for line in lines]
    return [line for line in kept if line] if whole_lines else " ".join(kept).split()
