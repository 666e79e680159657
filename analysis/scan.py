"""Find thousands of fixed phrases in long texts.

The first two characters of each phrase are its head. A small table of bits tells for nearly every
place at once that no head stands there; only where one may stand is anything compared. Many texts
are laid end to end, with a line break between them, and searched in one compiled call.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.polarity.kernel import compiled

Hit = tuple[int, int, int]
"""Start, end (exclusive) and the number of the phrase."""
Letters = NDArray[np.uint32]
Codes = NDArray[np.int64]
Hits = NDArray[np.int64]
"""Rows of start, end and number, left to right."""

_FILTER = 1 << 16
_SPREAD = 0x9E37  # odd, so that the second character reaches all of the filter


def letters_of(text: str) -> Letters:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def pair_codes(text: str) -> Codes:
    """Each pair of neighbouring characters as one number; one fewer than there are characters."""
    points = letters_of(text).astype(np.int64)
    return points[:-1] << 21 | points[1:]


class Pairs:
    """A set of pairs of characters, sorted, with its filter."""

    def __init__(self, codes: Codes) -> None:
        self.codes = codes
        self.filter = np.zeros(_FILTER, np.bool_)
        self.filter[((codes >> 21) + (codes & 0x1FFFFF) * _SPREAD) & (_FILTER - 1)] = True

    def find(self, letters: Letters) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Where one of the pairs stands: places, and which one."""
        found = np.empty((max(len(letters) - 1, 0), 2), np.int64)
        count = _find_pairs(letters, self.filter, self.codes, found)
        return found[:count, 0], found[:count, 1]


class PhraseScanner:
    """Reports where phrases of two or more characters stand.

    Where several begin at one place the longest is meant, and where one is given several times
    the first.
    """

    def __init__(self, phrases: Sequence[str]) -> None:
        self.phrases = tuple(phrases)
        heads: dict[int, list[tuple[int, str, int]]] = {}
        for number, phrase in enumerate(self.phrases):
            if len(phrase) >= 2:
                head = int(pair_codes(phrase[:2])[0])
                heads.setdefault(head, []).append((-len(phrase), phrase, number))
        known = sorted(heads)
        listed = [one for head in known for one in sorted(heads[head])]
        self._heads = Pairs(np.asarray(known, np.int64))
        self._of_head = _offsets([len(heads[head]) for head in known])
        self._numbers = np.asarray([number for _, _, number in listed], np.int64)
        self._starts = _offsets([-length for length, _, _ in listed])
        self._letters = letters_of("".join(phrase for _, phrase, _ in listed))

    def scan(self, text: str | Letters) -> Hits:
        """All hits, none inside a longer one that began before it; they may overlap."""
        return self._scan(text, overlapping=True)

    def scan_apart(self, text: str | Letters) -> Hits:
        """The hits a reader takes one after the other: each begins behind the one before."""
        return self._scan(text, overlapping=False)

    def _scan(self, text: str | Letters, *, overlapping: bool) -> Hits:
        letters = letters_of(text) if isinstance(text, str) else text
        found = np.empty((max(len(letters) - 1, 0), 3), np.int64)
        phrases = (self._of_head, self._numbers, self._starts, self._letters)
        heads = (self._heads.filter, self._heads.codes)
        return found[: _find_phrases(letters, heads, phrases, overlapping, found)]


def _offsets(lengths: Sequence[int]) -> Codes:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])


def distinct(phrases: Iterable[str]) -> tuple[str, ...]:
    """The phrases once each, in order of first appearance."""
    return tuple(dict.fromkeys(phrases))


@compiled
def _place_of(codes: Any, code: Any) -> int:
    """Where a sorted list holds the code; -1 when it does not."""
    low, high = 0, len(codes)
    while low < high:
        middle = (low + high) // 2
        if codes[middle] < code:
            low = middle + 1
        else:
            high = middle
    return low if low < len(codes) and codes[low] == code else -1


@compiled
def _find_pairs(letters: Any, bits: Any, codes: Any, found: Any) -> int:
    count = 0
    for at in range(len(letters) - 1):
        first, second = np.int64(letters[at]), np.int64(letters[at + 1])
        if bits[(first + second * _SPREAD) & (_FILTER - 1)]:
            place = _place_of(codes, first << 21 | second)
            if place >= 0:
                found[count, 0], found[count, 1] = at, place
                count += 1
    return count


@compiled
def _find_phrases(letters: Any, heads: Any, phrases: Any, overlapping: Any, found: Any) -> int:
    bits, codes = heads
    of_head, numbers, starts, spelling = phrases
    count = reach = at = 0
    while at < len(letters) - 1:
        here = at
        at += 1
        first, second = np.int64(letters[here]), np.int64(letters[here + 1])
        if not bits[(first + second * _SPREAD) & (_FILTER - 1)]:
            continue
        head = _place_of(codes, first << 21 | second)
        if head < 0:
            continue
        for phrase in range(of_head[head], of_head[head + 1]):
            begin = starts[phrase]
            length = starts[phrase + 1] - begin
            if here + length > len(letters):
                continue
            same = 2
            while same < length and letters[here + same] == spelling[begin + same]:
                same += 1
            if same == length:
                if here + length > reach:
                    reach = here + length
                    found[count, 0], found[count, 1] = here, reach
                    found[count, 2] = numbers[phrase]
                    count += 1
                    if not overlapping:
                        at = reach
                break
    return count
