"""Comments and a plan made up from a seed, shaped like what residents really send.

Half the comments are longer than a hundred characters and one in twenty is longer than eight
hundred; about one in six is a copy of one of many form letters, some with a sentence of the
sender's own. Subjects come from the shipped everyday expressions, so that every reader has work to
do. A row depends on the seed and its number alone: a million rows need no memory, and the first
thousand of them are the same in a file of any size.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate, product
from math import exp, log
from pathlib import Path
from random import Random

from analysis.contracts import Indicator, ParsedPlan, Passage, Section, Task, to_json
from analysis.linking import AliasLexicon
from analysis.linking.index import background
from backend.bench.sentences import (
    BODY,
    CHANNELS,
    CLOSINGS,
    GREETINGS,
    MIXED,
    OWN_WORDS,
    PERSONS,
    PLACE_ENDINGS,
    SYLLABLES,
    TIMES,
    TITLES,
    WISHES,
)

COLUMNS = ("id", "title", "text", "posted_at", "channel", "anchor")
TASKS, INDICATORS, TASKS_IN_SECTION = 240, 60, 8
COPIES = 0.08
"""The share of comments that follow a form letter."""

_MEDIAN, _P95, _LONGEST = 125.0, 950.0, 8000
_SPREAD = log(_P95 / _MEDIAN) / 1.645
_MIXED = 0.8
_WITH_TITLE, _WITH_ANCHOR, _WITH_CONTACT = 0.6, 0.25, 0.04
_BEGIN = datetime(2026, 3, 1, 8)  # noqa: DTZ001  as written in China
_MINUTES = 45 * 24 * 60


def write_comments(path: Path, size: int, seed: int) -> None:
    """A CSV file of `size` comments."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows(size, seed))


def write_plan(path: Path, plan: ParsedPlan) -> None:
    """A plan as `zhengxun plan parse` prints it."""
    path.write_text(json.dumps(to_json(plan), ensure_ascii=False), encoding="utf-8")


def rows(size: int, seed: int) -> Iterator[tuple[str, ...]]:
    """The rows of a corpus in the order of COLUMNS."""
    return (_row(number, seed) for number in range(size))


def plan() -> ParsedPlan:
    """A plan of three hundred tasks and indicators in the words plans use."""
    terms = _plan_terms()
    sections, tasks, indicators = [], [], []
    for start in range(0, TASKS, TASKS_IN_SECTION):
        section = f"s{start // TASKS_IN_SECTION + 1}"
        own = terms[start : start + TASKS_IN_SECTION]
        sentences = [f"推进{term}，完善{term}工作机制，补齐短板，方便居民。" for term in own]
        passage = Passage(f"p-{section}", "".join(sentences))
        sections.append(Section(section, 1, None, f"{own[0]}与{own[1]}", None, True, (passage,)))
        tasks += [
            Task(f"k{start + i + 1}", f"推进{term}", section=section, quote=f"推进{term}")
            for i, term in enumerate(own)
        ]
    for number, term in enumerate(terms[TASKS : TASKS + INDICATORS], start=1):
        section = sections[number % len(sections)].id
        indicators.append(Indicator(f"i{number}", None, f"{term}覆盖率", "%", section=section))
    return ParsedPlan(
        "示范区公共服务规划", sections=tuple(sections), indicators=tuple(indicators),
        tasks=tuple(tasks),
    )  # fmt: skip


@cache
def _plan_terms() -> Sequence[str]:
    """The plan's side of the lexicon, spread over its subjects."""
    ranks = product(range(3), AliasLexicon.load().aliases)
    terms = dict.fromkeys(
        alias.terms[rank]
        for rank, alias in ranks
        if rank < len(alias.terms) and 3 <= len(alias.terms[rank]) <= 9
    )
    return tuple(terms)[: TASKS + INDICATORS]


@cache
def _matters() -> Sequence[str]:
    return tuple(a.alias for a in AliasLexicon.load().aliases if len(a.parts) == 1)


@cache
def _words() -> tuple[Sequence[str], Sequence[float]]:
    """Words residents use and how often, added up."""
    known = {word: often for word, often in background().items() if len(word) > 1}
    return tuple(known), tuple(accumulate(known.values()))


def _row(number: int, seed: int) -> tuple[str, ...]:
    random = Random(f"{seed}/{number}")
    if random.random() < COPIES:
        title, text = _copy(random, number, seed)
    else:
        title, text = _written(random)
    if random.random() < _WITH_CONTACT:
        text += f"联系电话1{random.randrange(30, 99)}{random.randrange(10**8):08d}。"
    posted = _BEGIN + timedelta(minutes=random.randrange(_MINUTES))
    anchor = f"k{random.randrange(TASKS) + 1}" if random.random() < _WITH_ANCHOR else ""
    return (
        f"c{number + 1}", title, text, posted.isoformat(), random.choice(CHANNELS), anchor,
    )  # fmt: skip


def _copy(random: Random, number: int, seed: int) -> tuple[str, str]:
    """One of the letters that were going round by then; a few were signed by very many."""
    going_round = 3 + number // 400
    letter = int(going_round * random.random() ** 2)
    title, text = _written(Random(f"{seed}/letter/{letter}"))
    return title, text + (random.choice(OWN_WORDS) if random.random() < 0.4 else "")


def _written(random: Random) -> tuple[str, str]:
    matter, place = random.choice(_matters()), _place(random)
    title = random.choice(TITLES) if random.random() < _WITH_TITLE else ""
    wanted = min(_LONGEST, _MEDIAN * exp(_SPREAD * random.gauss(0, 1)))
    said = random.choice(GREETINGS) if wanted > 60 else ""
    while len(said) < wanted - 25:
        if random.random() < 0.06:
            matter = random.choice(_matters())
        mixed = random.random() < _MIXED
        said += _filled(random.choice(MIXED if mixed else BODY), random, matter, place)
    said += _filled(random.choice(WISHES), random, matter, place)
    if wanted > 60:
        said += random.choice(CLOSINGS)
    return _filled(title, random, matter, place), said


def _filled(sentence: str, random: Random, matter: str, place: str) -> str:
    words, weights = _words()
    while "{w}" in sentence:
        sentence = sentence.replace("{w}", random.choices(words, cum_weights=weights)[0], 1)
    return sentence.format(
        matter=matter,
        other=random.choice(_matters()),
        place=place,
        time=random.choice(TIMES),
        who=random.choice(PERSONS),
        n=random.randrange(2, 60),
    )


def _place(random: Random) -> str:
    return random.choice(SYLLABLES) + random.choice(SYLLABLES) + random.choice(PLACE_ENDINGS)
