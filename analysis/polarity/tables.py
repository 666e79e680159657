"""snownlp's model files laid out as arrays that compiled code can search.

Every logarithm is taken here, once, by Python's own `math.log` — the function snownlp calls — on
numbers formed by the same operations in the same order. The compiled search then only looks up,
adds and compares, so no vectorised or differently rounded `log` can enter a score.

A state is a character in one of the four positions b, m, e, s. The model counted states, pairs
and triples of states. Here a pair of characters leads to the few pairs of positions that were
counted (a cell, `4 * position + position before`), and a triple likewise (`16 * position + 4 *
position before + the one before that`). Where nothing was counted the score of the next shorter
context holds, which is exactly what the original's interpolation with a zero count gives.
"""

import gc
import gzip
import marshal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from math import log
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.polarity import cache

POSITIONS = ("b", "m", "e", "s")
BOS = 0  # the symbol before the first character
UNKNOWN = 1  # the number of every character the model never saw; no key holds it
EMPTY = -1
_BITS = 13  # character numbers fit in 13 bits: the model knows 4,688
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """Both models, flat: compiled code takes arrays."""

    character: NDArray[np.int32]  # code point → character number
    single: Floats  # 4 * character + position → score without context
    pair_keys: Ints  # hash slot → two character numbers, or EMPTY
    pair_rows: NDArray[np.int32]  # hash slot → row
    pair_starts: NDArray[np.int32]  # row → its first cell; the next row's start ends it
    pair_cells: NDArray[np.int8]
    pair_values: Floats
    triple_keys: Ints
    triple_rows: NDArray[np.int32]
    triple_starts: NDArray[np.int32]
    triple_cells: NDArray[np.int8]
    triple_values: Floats
    word_slots: Ints  # hash slot → word number
    word_hashes: NDArray[np.uint64]
    word_starts: Ints  # word number → its first code point in `word_letters`
    word_letters: NDArray[np.uint32]
    stop: NDArray[np.bool_]  # word number → never counted
    negative: Floats  # word number → log frequency in the class
    positive: Floats
    prior: Floats  # the two classes' own logs
    unseen: Floats  # the two classes' logs of a word never counted


def model_folder() -> Path:
    """Where snownlp is installed; it is located, not imported (its import costs seconds)."""
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("snownlp is not installed: its model files are needed")
    return Path(spec.submodule_search_locations[0])


def load() -> Tables:
    """The tables, from the cache where they are kept, else laid out from snownlp's files."""
    folder = model_folder()
    sources = (
        folder / "seg" / "seg.marshal.3",
        folder / "sentiment" / "sentiment.marshal.3",
        folder / "normal" / "stopwords.txt",
    )
    arrays = cache.read(sources)
    if arrays is None:
        arrays = _lay_out(*sources)
        cache.write(sources, arrays)
    return Tables(**arrays)


def _lay_out(segmentation: Path, sentiment: Path, stopwords: Path) -> dict[str, NDArray[Any]]:
    """Seconds of work; millions of tuples are made, which the garbage collector need not watch."""
    watching = gc.isenabled()
    gc.disable()
    try:
        stop = {line.strip() for line in stopwords.read_text(encoding="utf-8").split("\n")}
        return _segmentation(_unmarshal(segmentation)) | _polarity(_unmarshal(sentiment), stop)
    finally:
        if watching:
            gc.enable()


def _unmarshal(path: Path) -> Any:
    raw = path.read_bytes()
    return marshal.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)  # noqa: S302


def _log_frequency(counts: Mapping[str, Any], word: str | None) -> float:
    return log(float(counts["d"].get(word, counts["none"])) / counts["total"])


# --- Segmentation --------------------------------------------------------------------------------


def _segmentation(model: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """Scores as `log(uni + bi + tri)`, formed as `CharacterBasedGenerativeModel.log_prob` does."""
    l1, l2, l3 = model["l1"], model["l2"], model["l3"]
    uni, total = model["uni"]["d"], model["uni"]["total"]
    number = {char: i + 2 for i, char in enumerate(sorted({c for c, _ in uni if c}))}
    symbol = {s: 4 * number[s[0]] + POSITIONS.index(s[1]) if s[0] else BOS for s in uni}

    count = np.zeros(4 * (len(number) + 2))
    count[list(symbol.values())] = list(uni.values())
    base = l1 * (count / total)

    bi, tri = model["bi"]["d"], model["tri"]["d"]
    left, right = _columns(bi, symbol, 2)
    bi_count = _counts(bi)
    bi_value = base[right] + (l2 * bi_count) / count[left]

    first, second, third = _columns(tri, symbol, 3)
    pair, order = (left << 15) | right, np.argsort((left << 15) | right)
    context = _find(pair[order], order, (first << 15) | second)
    inner = _find(pair[order], order, (second << 15) | third)
    tri_value = bi_value[inner] + (l3 * _counts(tri)) / bi_count[context]

    character = np.full(0x110000, UNKNOWN, dtype=np.int32)
    character[[ord(char) for char in number]] = list(number.values())
    return {
        "character": character,
        "single": np.array([log(v) if v else -np.inf for v in base.tolist()]),
        **_rows("pair", (left, right), bi_value),
        **_rows("triple", (first, second, third), tri_value),
    }


def _rows(name: str, symbols: tuple[Ints, ...], values: Floats) -> dict[str, NDArray[Any]]:
    """Group the counted cells by their characters and hash the groups' keys."""
    key, cell = np.zeros_like(symbols[0]), np.zeros_like(symbols[0])
    for place, column in enumerate(symbols):
        key = (key << _BITS) | (column >> 2)
        cell += (column & 3) << (2 * place)
    order = np.argsort(key, kind="stable")
    keys, starts = np.unique(key[order], return_index=True)
    slot_keys, slot_rows = _hash(keys)
    return {
        f"{name}_keys": slot_keys,
        f"{name}_rows": slot_rows,
        f"{name}_starts": np.append(starts, len(key)).astype(np.int32),
        f"{name}_cells": cell[order].astype(np.int8),
        f"{name}_values": np.array([log(v) for v in values[order].tolist()]),
    }


def _columns(counts: Mapping[Any, int], symbols: Mapping[Any, int], width: int) -> tuple[Ints, ...]:
    flat = np.fromiter((symbols[s] for key in counts for s in key), np.int64, width * len(counts))
    return tuple(flat.reshape(-1, width).T.copy())


def _counts(counts: Mapping[Any, int]) -> Floats:
    return np.fromiter(counts.values(), np.float64, len(counts))


def _find(ordered: Ints, order: Ints, wanted: Ints) -> Ints:
    """The rows of the wanted keys; every context of a triple was counted as a pair too."""
    at = np.searchsorted(ordered, wanted)
    if not np.array_equal(ordered[at], wanted):
        raise ValueError("snownlp's segmentation model lacks a pair that one of its triples needs")
    return order[at]


def _hash(keys: Ints) -> tuple[Ints, NDArray[np.int32]]:
    """Open addressing, all keys at once: a round places those whose slot is free, the rest step on.

    The slot is the top bits of a multiplicative hash; probes go to the next slot.
    """
    bits = int(2 * len(keys) - 1).bit_length()
    slot_keys, slot_rows = np.full(1 << bits, EMPTY, np.int64), np.zeros(1 << bits, np.int32)
    slot = ((keys.astype(np.uint64) * _MULTIPLIER) >> np.uint64(64 - bits)).astype(np.int64)
    waiting = np.arange(len(keys))
    while len(waiting):
        free = waiting[slot_keys[slot[waiting]] == EMPTY]
        slot_keys[slot[free]] = keys[free]
        slot_rows[slot[free]] = free
        waiting = waiting[slot_keys[slot[waiting]] != keys[waiting]]
        slot[waiting] = (slot[waiting] + 1) & ((1 << bits) - 1)
    return slot_keys, slot_rows


# --- Vocabulary ----------------------------------------------------------------------------------


def _polarity(bayes: Mapping[str, Any], stop: set[str]) -> dict[str, NDArray[Any]]:
    """Snownlp's naive Bayes over words; stop words are listed so that they can be passed over."""
    classes = bayes["d"]
    if set(classes) != {"neg", "pos"}:
        raise ValueError("snownlp's sentiment model has unknown classes")
    both = (classes["neg"], classes["pos"])
    listed = sorted((set(both[0]["d"]) | set(both[1]["d"]) | stop) - {""})
    starts = np.zeros(len(listed) + 1, np.int64)
    np.cumsum([len(word) for word in listed], out=starts[1:])
    hashes = np.array([fnv(word) for word in listed], np.uint64)
    return {
        "word_slots": _slots(hashes),
        "word_hashes": hashes,
        "word_starts": starts,
        "word_letters": np.frombuffer(
            "".join(listed).encode("utf-32-le", "surrogatepass"), np.uint32
        ),
        "stop": np.array([word in stop for word in listed]),
        "negative": _weights(both[0], listed),
        "positive": _weights(both[1], listed),
        "prior": np.array([log(counts["total"]) - log(bayes["total"]) for counts in both]),
        "unseen": np.array([_log_frequency(counts, None) for counts in both]),
    }


def _slots(hashes: NDArray[np.uint64]) -> Ints:
    mask = (1 << int(2 * len(hashes) - 1).bit_length()) - 1
    slots = np.full(mask + 1, EMPTY, np.int64)
    for number, value in enumerate(hashes.tolist()):
        slot = value & mask
        while slots[slot] != EMPTY:
            slot = (slot + 1) & mask
        slots[slot] = number
    return slots


def _weights(counts: Mapping[str, Any], listed: Iterable[str]) -> Floats:
    return np.array([_log_frequency(counts, word) for word in listed])


def fnv(word: str) -> int:
    """FNV-1a over code points; the compiled search computes the same."""
    value = _FNV_OFFSET
    for char in word:
        value = ((value ^ ord(char)) * _FNV_PRIME) & 0xFFFFFFFFFFFFFFFF
    return value
