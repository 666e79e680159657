"""What a topic is called: a phrase residents themselves use, four to ten characters long.

Candidates are runs of two to four neighbouring words of one clause that hold the topic's words
and begin and end with words of matter. The phrase most residents use wins, if enough of them do; a
topic on one word that everybody continues differently has a reviewed name
(analysis/data/topic_names.txt) or is called by the word and its commonest companion.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

import rjieba

from analysis.contracts import CommentText
from analysis.segment import clauses, normalise
from analysis.terms import meaning_of, procedural_words

SHORTEST, LONGEST = 4, 10
_MOST_WORDS = 4
_COMMON_SHARE = 0.2
"""A phrase speaks for a topic when this share of the comments read use it."""

_PLAIN_LENGTH = 6
"""A phrase only one resident used is still a fair name when it is short."""

_LAST_TAGS = ("n", "v", "a", "i", "l", "j")
_FIRST_TAGS = ("n", "v", "a", "i", "l", "j", "b", "d")


def clauses_of(comment: CommentText) -> Iterable[str]:
    """The clauses of a comment's title and text without the formulas of a letter."""
    for raw in (comment.title or "", comment.text[:2000]):
        for clause in clauses(normalise(raw)):
            if not clause.boilerplate:
                yield clause.text


def name(words: Sequence[str], comments: Sequence[CommentText], taken: set[str]) -> str:
    """The label of the topic on these words, from some of its comments; never one already taken."""
    phrases: Counter[str] = Counter()
    for comment in comments:
        found = {phrase for text in clauses_of(comment) for phrase in _phrases(text, words)}
        phrases.update(found)
    enough = max(2.0, _COMMON_SHARE * len(comments))
    ranked = sorted(phrases, key=lambda phrase: (-_worth(phrase, phrases[phrase]), phrase))
    common = [phrase for phrase in ranked if phrases[phrase] >= enough]
    some = [phrase for phrase in ranked if phrases[phrase] >= max(2.0, enough / 3)]
    short = [phrase for phrase in ranked if len(phrase) <= _PLAIN_LENGTH]
    reviewed = (
        [reviewed_names()[words[0]]] if len(words) == 1 and words[0] in reviewed_names() else []
    )
    choices = [*reviewed, *common, *some, *short, *_composed(words)]
    return next((label for label in choices if label not in taken), choices[-1])


def _worth(phrase: str, count: int) -> float:
    """Longer phrases say more: a phrase of seven characters may be a third less common."""
    return count * (1 + 0.12 * (min(len(phrase), 8) - SHORTEST))


def _phrases(text: str, words: Sequence[str]) -> Iterable[str]:
    tokens = rjieba.cut(text)
    meanings = [meaning_of(token) for token in tokens]
    if not all(word in meanings for word in words):
        return
    for first in range(len(tokens)):
        length = 0
        for last in range(first, min(first + _MOST_WORDS, len(tokens))):
            length += len(tokens[last])
            if length > LONGEST:
                break
            inside = meanings[first : last + 1]
            if length >= SHORTEST and all(word in inside for word in words):
                run = tokens[first : last + 1]
                if _reads_well(run):
                    yield "".join(run)


def _reads_well(run: Sequence[str]) -> bool:
    if not all("一" <= char <= "鿿" for token in run for char in token):
        return False
    if run[0] in procedural_words() or run[-1] in procedural_words():
        return False
    first, last = _tag(run[0]), _tag(run[-1])
    if len(run[-1]) == 1 and last != "a" and run[-1] not in "难贵差少多乱慢":
        return False
    if len(run) > 2 and first.startswith("v") and last.startswith("v"):
        return False  # 加装电梯列入 runs on into the next thought
    inner = [_tag(token) for token in run]
    return (
        first.startswith(_FIRST_TAGS)
        and last.startswith(_LAST_TAGS)
        and not any(tag.startswith(("r", "m", "q", "y", "nr", "ns", "t")) for tag in inner)
    )


@cache
def _tag(word: str) -> str:
    tags = rjieba.tag(word)
    return str(tags[0][1]) if len(tags) == 1 else "n"


def _composed(words: Sequence[str]) -> list[str]:
    """Names of last resort, built from the words themselves."""
    if len(words) == 2:
        return ["".join(words), "".join(reversed(words)), "与".join(words)]
    return [words[0] if len(words[0]) >= SHORTEST else f"{words[0]}相关意见"]


@cache
def reviewed_names() -> dict[str, str]:
    """Word → the name of the topic that rests on it alone."""
    lines = files("analysis").joinpath("data", "topic_names.txt").read_text("utf-8").splitlines()
    pairs = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {found[0]: found[1] for found in pairs}
