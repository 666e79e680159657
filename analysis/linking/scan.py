"""Find thousands of fixed phrases in long texts.

The first two characters of each phrase are its head. One sorted look-up over a whole block of
texts finds the few places where any head stands; only there is anything compared in Python.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Hit = tuple[int, int, int]
"""Start, end (exclusive) and the number of the phrase."""
Codes = NDArray[np.int64]


def pair_codes(text: str) -> Codes:
    """Each pair of neighbouring characters as one number; one fewer than there are characters."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.int64)
    return points[:-1] << 21 | points[1:]


def found_at(codes: Codes, known: Codes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where `codes` holds one of the sorted `known` numbers: places, and which one stands there."""
    if not len(known) or not len(codes):
        return np.empty(0, np.intp), np.empty(0, np.intp)
    which = np.minimum(np.searchsorted(known, codes), len(known) - 1)
    places = np.flatnonzero(known[which] == codes)
    return places, which[places]


class PhraseScanner:
    """Reports where phrases of two or more characters stand; the longest wins over those inside."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self.phrases = tuple(phrases)
        heads: dict[int, list[tuple[str, int]]] = {}
        for number, phrase in enumerate(self.phrases):
            if len(phrase) >= 2:
                heads.setdefault(int(pair_codes(phrase[:2])[0]), []).append((phrase, number))
        self._heads: Codes = np.asarray(sorted(heads), np.int64)
        self._phrases = [
            sorted(((len(p), p, n) for p, n in heads[int(head)]), reverse=True)
            for head in self._heads
        ]

    def scan(self, text: str, codes: Codes | None = None) -> list[Hit]:
        """All hits in `text`, left to right, none inside a longer one."""
        places, which = found_at(pair_codes(text) if codes is None else codes, self._heads)
        hits: list[Hit] = []
        reach = 0
        for at, head in zip(places.tolist(), which.tolist(), strict=True):
            for length, phrase, number in self._phrases[head]:
                finish = at + length
                if finish > reach and (length == 2 or text.startswith(phrase, at)):
                    hits.append((at, finish, number))
                    reach = finish
                    break
        return hits


def distinct(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases once each, in order of first appearance."""
    return tuple(dict.fromkeys(phrases))
