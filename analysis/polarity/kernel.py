"""The compiled search: positions of characters by Viterbi, words by hash, two running sums.

It repeats `CharacterBasedGenerativeModel.tag`, `Seg.seg` and `Bayes.classify` of snownlp step by
step. Two habits of the original decide ties and are kept: states stand in the order b, m, e, s
with the newest position outermost, and only a strictly better path replaces an earlier one; a
character the model never saw overwrites instead, so its last predecessor wins.
"""

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import numpy as np

from analysis.polarity import cache

F = TypeVar("F", bound=Callable[..., Any])

# numba keeps what it compiled beside the module, or in the user's cache. In a read-only container
# both may be missing; it is then given ours.
if not os.access(os.path.dirname(__file__), os.W_OK) and (_folder := cache.folder()):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(_folder))

IS_COMPILED = find_spec("numba") is not None


def compiled(function: F) -> F:
    """Compile with a cache on disk; without any writable folder, compile in each process."""
    if not IS_COMPILED:
        return function
    import numba

    try:
        made: Any = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # "no locator available"
        made = numba.njit(nogil=True)(function)
    return cast(F, made)


@compiled
def row_of(keys: Any, rows: Any, bits: Any, key: Any) -> int:
    """The row hashed under the key, or -1."""
    slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - bits))
    mask = np.int64(len(keys) - 1)
    while keys[slot] != key:
        if keys[slot] == -1:
            return -1
        slot = (slot + 1) & mask
    return int(rows[slot])


@compiled
def positions(text: Any, start: Any, end: Any, model: Any, back: Any, marks: Any) -> None:
    """Write the best position (0 b, 1 m, 2 e, 3 s) of each character of text[start:end]."""
    character, single, pairs, triples = model
    pair_keys, pair_rows, pair_starts, pair_cells, pair_values, pair_bits = pairs
    triple_keys, triple_rows, triple_starts, triple_cells, triple_values, triple_bits = triples
    score = np.zeros(16)  # [4 * position + position before]
    reached = np.zeros(16)
    step = np.zeros(64)  # [16 * position + 4 * position before + the one before that]
    before, last = np.int64(0), np.int64(0)  # characters by number: 0 the beginning, 1 unknown
    n = end - start
    for i in range(n):
        now = np.int64(character[text[start + i]])
        inner = 1 if i == 0 else 4  # in how many positions `last` and `before` can stand
        outer = 1 if i <= 1 else 4
        if now == 1:
            for cell in range(16):
                reached[cell] = score[4 * (cell & 3) + outer - 1]
                back[i, cell] = outer - 1
        else:
            for at in range(64):
                step[at] = single[4 * now + (at >> 4)]
            row = row_of(pair_keys, pair_rows, pair_bits, (last << 13) | now)
            if row >= 0:
                for k in range(pair_starts[row], pair_starts[row + 1]):
                    for s1 in range(4):
                        step[4 * pair_cells[k] + s1] = pair_values[k]
                key = (((before << 13) | last) << 13) | now
                row = row_of(triple_keys, triple_rows, triple_bits, key)
                if row >= 0:
                    for k in range(triple_starts[row], triple_starts[row + 1]):
                        step[triple_cells[k]] = triple_values[k]
            for s3 in range(4):
                for s2 in range(inner):
                    cell = 4 * s3 + s2
                    best = score[4 * s2] + step[4 * cell]
                    chosen = 0
                    for s1 in range(1, outer):
                        p = score[4 * s2 + s1] + step[4 * cell + s1]
                        if p > best:
                            best = p
                            chosen = s1
                    reached[cell] = best
                    back[i, cell] = chosen
        score, reached = reached, score
        before, last = last, now
    cell = 0
    for other in range(16):
        if (n > 1 or other & 3 == 0) and score[other] > score[cell]:
            cell = other
    for i in range(n - 1, -1, -1):
        marks[start + i] = cell >> 2
        cell = 4 * (cell & 3) + back[i, cell]


@compiled
def add_word(text: Any, start: Any, end: Any, words: Any, unseen: Any, sums: Any) -> None:
    """Add one word's log frequencies to the two sums, unless it is a stop word."""
    if start >= end:
        return
    slots, hashes, starts, letters, stop, negative, positive = words
    value = np.uint64(0xCBF29CE484222325)
    for i in range(start, end):
        value = (value ^ np.uint64(text[i])) * np.uint64(0x100000001B3)
    mask = np.uint64(len(slots) - 1)
    slot = value & mask
    while slots[slot] != -1:
        number = slots[slot]
        same = hashes[number] == value and starts[number + 1] - starts[number] == end - start
        for i in range(end - start):
            same = same and letters[starts[number] + i] == text[start + i]
        if same:
            if not stop[number]:
                sums[0] += negative[number]
                sums[1] += positive[number]
            return
        slot = (slot + np.uint64(1)) & mask
    sums[0] += unseen[0]
    sums[1] += unseen[1]


@compiled
def weigh(
    text: Any, offsets: Any, space: Any, model: Any, words: Any, prior: Any, unseen: Any, sums: Any
) -> None:
    """The two classes' log probabilities of each text, `text[offsets[row]:offsets[row + 1]]`."""
    longest = 1
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    back = np.zeros((longest, 16), np.int8)
    marks = np.zeros(len(text), np.int8)
    for row in range(len(offsets) - 1):
        total = sums[row]
        total[:] = prior
        at, end = offsets[row], offsets[row + 1]
        while at < end:
            chinese = 0x4E00 <= text[at] <= 0x9FA5
            stop_at = at + 1
            while stop_at < end and (0x4E00 <= text[stop_at] <= 0x9FA5) == chinese:
                stop_at += 1
            if chinese:
                positions(text, at, stop_at, model, back, marks)
            begin = at
            for i in range(at, stop_at):
                if not chinese:
                    if space[text[i]]:
                        add_word(text, begin, i, words, unseen, total)
                        begin = i + 1
                elif marks[i] == 2:
                    add_word(text, begin, i + 1, words, unseen, total)
                    begin = i + 1
                elif marks[i] != 1:
                    add_word(text, begin, i, words, unseen, total)
                    begin = i
            add_word(text, begin, stop_at, words, unseen, total)
            at = stop_at
