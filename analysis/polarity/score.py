"""`score(text)`: the float that `SnowNLP(text).sentiments` is, from compiled code where possible.

Without numba the question goes to snownlp itself: slower by a factor of fifty and just as exact.
`SnowNLP("")` divides by zero; the empty text scores 0.5 here, which is what "nothing read" means.
"""

import threading
from collections.abc import Sequence
from functools import cache
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.polarity import kernel, tables

NOTHING_READ = 0.5
_loading = threading.Lock()


def score(text: str) -> float:
    """Snownlp's sentiment in 0..1, bit for bit; 0.5 for the empty text."""
    return float(scores([text])[0])


def scores(texts: Sequence[str]) -> NDArray[np.float64]:
    """The scores of many texts in one compiled call that holds no interpreter lock."""
    if not kernel.IS_COMPILED:
        return np.array([_stock(text) for text in texts], dtype=np.float64)
    sums = _weigh(texts)
    pairs = zip(texts, sums.tolist(), strict=True)
    return np.array([_share(*s) if text else NOTHING_READ for text, s in pairs], np.float64)


def warm_up() -> None:
    """Load the model and compile the search, so that no resident's request waits for it."""
    score("暖机")


def _weigh(texts: Sequence[str]) -> NDArray[np.float64]:
    with _loading:  # two threads must not lay out the same tables twice
        model = _arguments()
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    letters = np.frombuffer(joined, np.uint32)
    sums = np.zeros((len(texts), 2))
    space, segmentation, words, prior, unseen = model
    kernel.weigh(letters, offsets, space, segmentation, words, prior, unseen, sums)
    return sums


def _share(negative: float, positive: float) -> float:
    """`Bayes.classify` and `Sentiment.classify` on the two sums, in their order of operations."""
    chosen, probability = "neg", 0.0
    for name, own in (("neg", negative), ("pos", positive)):
        try:
            share = 1 / (0 + exp(negative - own) + exp(positive - own))
        except OverflowError:
            share = 0.0
        if share > probability:
            chosen, probability = name, share
    return probability if chosen == "pos" else 1 - probability


@cache
def _arguments() -> tuple[Any, ...]:
    t = tables.load()
    space = np.zeros(0x110000, np.bool_)
    space[[code for code in range(0x3001) if chr(code).isspace()]] = True
    pairs = (t.pair_keys, t.pair_rows, t.pair_starts, t.pair_cells, t.pair_values)
    triples = (t.triple_keys, t.triple_rows, t.triple_starts, t.triple_cells, t.triple_values)
    return (
        space,
        (t.character, t.single, (*pairs, _bits(t.pair_keys)), (*triples, _bits(t.triple_keys))),
        (
            t.word_slots,
            t.word_hashes,
            t.word_starts,
            t.word_letters,
            t.stop,
            t.negative,
            t.positive,
        ),
        t.prior,
        t.unseen,
    )


def _bits(keys: NDArray[np.int64]) -> int:
    return len(keys).bit_length() - 1


def _stock(text: str) -> float:
    from snownlp import sentiment  # only here: its import reads fifty megabytes

    return float(sentiment.classify(text)) if text else NOTHING_READ
