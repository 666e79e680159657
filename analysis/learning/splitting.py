"""Which decisions teach and which examine: the oldest teach, the newest, never copied, examine."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.learning.grams import fold

FEWEST_DECISIONS = 60
FEWEST_CORRECTED = 15
FEWEST_EXAMINED = 20
MARGIN = 0.02
_SHARE_EXAMINED = 0.3
_RESAMPLES = 2000
_DOUBT = 0.01

E = TypeVar("E")
Bools = NDArray[np.bool_]


class TooFew(ValueError):
    """There are not enough decisions to learn from; the message says how many there are."""


def split(examples: Sequence[E], text: Callable[[E], str]) -> tuple[list[E], list[E]]:
    """(teaching, examining) in order of time; of texts that copy each other only the first."""
    seen: set[str] = set()
    own = []
    for example in examples:
        folded = fold(text(example))
        if folded and folded not in seen:
            seen.add(folded)
            own.append(example)
    examined = max(FEWEST_EXAMINED, round(_SHARE_EXAMINED * len(own)))
    if len(own) < FEWEST_DECISIONS:
        raise TooFew(f"去除雷同后只有{len(own)}条核定，至少需要{FEWEST_DECISIONS}条。")
    return own[:-examined], own[-examined:]


def resamples(size: int) -> NDArray[np.int64]:
    """Fixed bootstrap draws of `size` examined decisions."""
    return np.random.default_rng(20261122).integers(0, size, (_RESAMPLES, size))


def lower_bound(differences: NDArray[np.float64]) -> float:
    """What the difference exceeds with 99 % confidence."""
    return float(np.quantile(differences, _DOUBT))


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of resampled values."""
    low, high = np.quantile(values, (0.025, 0.975))
    return round(float(low), 4), round(float(high), 4)


def wins(old: Bools, new: Bools) -> bool:
    """Whether `new` is right more often than `old` on the same decisions, beyond doubt."""
    gained = new.astype(float) - old.astype(float)
    draws = gained[resamples(len(gained))].mean(axis=1)
    return bool(gained.mean() >= MARGIN and lower_bound(draws) > 0)
