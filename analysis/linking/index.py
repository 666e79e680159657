"""The index of one plan's items: what every phrase a resident may use says about each item.

Three tables of phrase × item are built once. *Aliases*: how well each everyday expression, through
the plan terms it stands for, points to each item. *Words*: BM25 weights of the plan's own words.
*Characters*: TF-IDF of character pairs, for what neither list foresaw. Words that residents or
plans use everywhere carry next to nothing.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from analysis.contracts import ItemType
from analysis.linking.items import PlanItem
from analysis.linking.lexicon import Alias, AliasLexicon
from analysis.scan import Pairs, PhraseScanner, pair_codes
from analysis.segment import normalise, words

Matrix = NDArray[np.float64]

# How strongly a plan term speaks for an item, by where the item carries it.
IN_TITLE = 1.0
IN_TEXT = 0.6
IN_TEXT_TWICE = 0.75
IN_SECTION = 0.3
# A plan term further down an alias's list is a looser reading of it; and once a closer one was
# found in the plan, the looser ones only break ties.
LOOSER = 0.93
NEXT_TERM = 0.75
# BM25 with the usual constants; a title counts as three mentions.
K1, B, TITLE_MENTIONS = 1.2, 0.6, 3
# A plan word in more than this share of the items says nothing about which one is meant.
COMMON = 0.3
# A section stands behind the tasks and indicators inside it; one without any (a review of what
# was done, a leaf of a short plan) is nearly as good an answer as a task.
CONTAINER_SHARE, LEAF_SHARE = 0.55, 0.85
# An indicator counts what a task does: it is named second when both fit.
INDICATOR_SHARE = 0.85
BLANK = re.compile(r"\s+")
PLAIN_WORD = re.compile(r"[\u4e00-\u9fffA-Za-z]{2,}")


def compact(text: str) -> str:
    """Normalised text without blanks: a plan copied from a PDF breaks words anywhere."""
    return BLANK.sub("", normalise(text).text)


class ItemIndex:
    """The three tables for one plan, with the scanner for the plan's own words."""

    def __init__(self, items: Sequence[PlanItem], lexicon: AliasLexicon) -> None:
        self.items = tuple(items)
        self.lexicon = lexicon
        self._titles = [compact(i.title) for i in items]
        self._texts = [compact(i.text) for i in items]
        self._leaves = [compact(i.section_path[-1]) if i.section_path else "" for i in items]
        self.share: Matrix = _shares(items)
        self._affinity: dict[str, Matrix] = {}
        self.aliases: Matrix = self._alias_table()
        self.known: Matrix = self.aliases.max(axis=1, initial=0.0)
        self.unknown: Matrix = 1 - self.known
        vocabulary, self.words = self._word_table()
        self.sparse_words = sp.csr_matrix(self.words)
        self.scanner = PhraseScanner(vocabulary)
        self.word_weights: Matrix = np.asarray([rarity(w) for w in vocabulary], np.float64)
        self.alias_weights: Matrix = np.asarray(
            [alias_rarity(a) for a in lexicon.aliases], np.float64
        )
        self.pairs, self.characters = self._character_table()

    def term_affinity(self, term: str) -> Matrix:
        """How strongly `term` speaks for each item, 0..1, shared out when many items carry it."""
        known = self._affinity.get(term)
        if known is None:
            known = self._affinity[term] = self._measure(compact(term))
        return known

    def _measure(self, term: str) -> Matrix:
        found = np.zeros(len(self.items), np.float64)
        for i, (title, text, leaf) in enumerate(
            zip(self._titles, self._texts, self._leaves, strict=True)
        ):
            if term in title:
                found[i] = IN_TITLE
            elif term in text:
                found[i] = IN_TEXT_TWICE if text.count(term) > 1 else IN_TEXT
            elif term in leaf:
                found[i] = IN_SECTION
        carriers = int(np.count_nonzero(found > IN_SECTION))
        return found * np.float64(1.0 / (1.0 + 0.25 * math.log2(max(carriers, 1))))

    def _alias_table(self) -> Matrix:
        table = np.zeros((len(self.lexicon.aliases), len(self.items)), np.float64)
        for row, alias in enumerate(self.lexicon.aliases):
            table[row] = self._alias_row(alias)
        return table * self.share

    def _alias_row(self, alias: Alias) -> Matrix:
        miss = np.ones(len(self.items), np.float64)
        weight = 1.0
        for rank, term in enumerate(alias.terms):
            affinity = self.term_affinity(term)
            if not affinity.any():
                continue
            miss *= 1 - np.float64(weight * LOOSER**rank) * affinity
            weight *= NEXT_TERM
        return 1 - miss

    def _word_table(self) -> tuple[list[str], Matrix]:
        counts = []
        for title, text in zip(self._titles, self._texts, strict=True):
            count = Counter(_plain_words(text))
            for word in _plain_words(title):
                count[word] += TITLE_MENTIONS
            counts.append(count)
        carriers = Counter(word for count in counts for word in count)
        limit = max(2, COMMON * len(counts))
        vocabulary = sorted(w for w, n in carriers.items() if n <= limit)
        number = {w: i for i, w in enumerate(vocabulary)}
        mean = sum(sum(c.values()) for c in counts) / max(1, len(counts)) or 1.0
        table = np.zeros((len(vocabulary), len(counts)), np.float64)
        for i, count in enumerate(counts):
            norm = K1 * (1 - B + B * sum(count.values()) / mean)
            for word, n in count.items():
                if word in number:
                    idf = math.log(
                        1 + (len(counts) - carriers[word] + 0.5) / (carriers[word] + 0.5)
                    )
                    table[number[word], i] = idf * n * (K1 + 1) / (n + norm)
        return vocabulary, table * self.share

    def _character_table(self) -> tuple[Pairs, sp.csr_matrix]:
        counts = [
            Counter(pair_codes(title * 2 + "\n" + text[:400]).tolist())
            for title, text in zip(self._titles, self._texts, strict=True)
        ]
        carriers = Counter(code for count in counts for code in count)
        limit = max(2, COMMON * len(counts))
        codes = np.asarray(sorted(c for c, n in carriers.items() if n <= limit), np.int64)
        table = np.zeros((len(codes), len(counts)), np.float64)
        place = {int(c): i for i, c in enumerate(codes)}
        for i, count in enumerate(counts):
            for code, n in count.items():
                if code in place:
                    table[place[code], i] = math.log1p(n) * math.log(len(counts) / carriers[code])
        norms = np.linalg.norm(table, axis=0)
        return Pairs(codes), sp.csr_matrix(table / np.maximum(norms, 1e-6) * self.share)


def _shares(items: Sequence[PlanItem]) -> Matrix:
    filled = {i.section_id for i in items if i.type is not ItemType.SECTION}
    within = {title for i in items for title in i.section_path}

    def share(item: PlanItem) -> float:
        if item.type is ItemType.TASK:
            return 1.0
        if item.type is ItemType.INDICATOR:
            return INDICATOR_SHARE
        container = item.section_id in filled or item.title in within
        return CONTAINER_SHARE if container else LEAF_SHARE

    return np.asarray([share(item) for item in items], np.float64)


def rarity(word: str) -> float:
    """How much a word says, 1 for one residents hardly use, toward 0 for 问题 or 小区."""
    per_mille = background().get(word, 0.0)
    return 1.0 if per_mille <= 1 else max(0.05, 1 - math.log10(per_mille) / 2.7)


def alias_rarity(alias: Alias) -> float:
    """The same for an alias, which was chosen to mean something, so it keeps at least a share."""
    if len(alias.parts) > 1:
        return 1.0
    return max(0.4, rarity(alias.alias))


@cache
def background() -> dict[str, float]:
    """How many of a thousand residents' messages use a word (analysis/data/background.tsv)."""
    text = (files("analysis") / "data" / "background.tsv").read_text("utf-8")
    rows = csv.reader(text.splitlines(), delimiter="\t")
    next(rows)
    return {word: float(per_mille) for word, per_mille in rows}


def _plain_words(text: str) -> list[str]:
    return [w.text for w in words(text) if PLAIN_WORD.fullmatch(w.text)]
