"""Sketches of single texts, for finding near-copies as they arrive.

A `Sketch` is a few hundred bytes that stand for a text. Keep them beside the comments; a new
comment's sketch finds the stored ones it may be a copy of in one pass over their bytes, and
`is_near_copy` then settles it on the two texts themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analysis.duplicates import kernels
from analysis.duplicates.folding import fold

Key = TypeVar("Key")

_SIGNATURE_BYTES = kernels.PERMUTATIONS * 4
_RUN_BYTES = kernels.RUNS_KEPT * 8

CANDIDATE_RESEMBLANCE = 0.4
"""Estimated Jaccard similarity from which two texts are worth comparing."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """The MinHash signature of a text and the smallest hashes of its 16-character runs."""

    data: bytes

    @classmethod
    def of(cls, text: str) -> "Sketch":
        """Sketch a text; a text with fewer than three letters has an empty sketch."""
        return sketch(text)

    @property
    def is_empty(self) -> bool:
        """Whether the text was too short to be sketched."""
        return self.data[:4] == b"\xff\xff\xff\xff"

    def resemblance(self, other: "Sketch") -> float:
        """The estimated Jaccard similarity of the two texts (standard error about 0.05)."""
        return _resemblances(self, [(None, other)])[0][1]

    def __bytes__(self) -> bytes:
        return self.data


def sketch(text: str) -> Sketch:
    """Sketch one text."""
    signature = np.empty(kernels.PERMUTATIONS, dtype=np.uint32)
    runs = np.empty(kernels.RUNS_KEPT, dtype=np.uint64)
    row = fold(text)
    kernels.sketch_row(row, kernels.MULTIPLIERS, kernels.INCREMENTS, signature, runs)
    return Sketch(signature.astype("<u4").tobytes() + runs.astype("<u8").tobytes())


def near_copies(new: Sketch, stored: Iterable[tuple[Key, Sketch]]) -> list[tuple[Key, float]]:
    """The stored sketches the new text may be a copy of, most alike first.

    These are candidates: read their texts and ask `is_near_copy`.
    """
    found = [pair for pair in _resemblances(new, list(stored)) if pair[1] >= CANDIDATE_RESEMBLANCE]
    return sorted(found, key=lambda pair: -pair[1])


def similarity(a: str, b: str) -> float:
    """The Jaccard similarity of two texts' character 3-grams, after folding; 0..1."""
    grams_a, grams_b = kernels.grams_of(fold(a)), kernels.grams_of(fold(b))
    shared = kernels.shared_grams(grams_a, grams_b)
    union = len(grams_a) + len(grams_b) - shared
    return shared / union if union else 0.0


def is_near_copy(a: str, b: str) -> bool:
    """Whether one text is a copy of the other, with changes or additions."""
    row_a, row_b = fold(a), fold(b)
    if len(row_a) == len(row_b) and bool((row_a == row_b).all()):
        return len(row_a) > 0
    return bool(kernels.near(kernels.grams_of(row_a), kernels.grams_of(row_b)))


def _resemblances(new: Sketch, stored: Sequence[tuple[Key, Sketch]]) -> list[tuple[Key, float]]:
    """Each stored key with its estimated similarity; a shared long run counts as alike."""
    if new.is_empty or not stored:
        return [(key, 0.0) for key, _ in stored]
    table = np.frombuffer(b"".join(other.data for _, other in stored), dtype=np.uint8)
    table = table.reshape(len(stored), _SIGNATURE_BYTES + _RUN_BYTES)
    signatures = np.ascontiguousarray(table[:, :_SIGNATURE_BYTES]).view("<u4")
    runs = np.ascontiguousarray(table[:, _SIGNATURE_BYTES:]).view("<u8")
    own = np.frombuffer(new.data, dtype="<u4", count=kernels.PERMUTATIONS)
    own_runs = np.frombuffer(new.data, dtype="<u8", offset=_SIGNATURE_BYTES)
    own_runs = own_runs[own_runs != kernels.NO_RUN]
    alike = (signatures == own).mean(axis=1)
    shares_run = np.isin(runs, own_runs).any(axis=1)
    scores = np.where(shares_run, np.maximum(alike, CANDIDATE_RESEMBLANCE), alike)
    return [(key, float(score)) for (key, _), score in zip(stored, scores, strict=True)]
