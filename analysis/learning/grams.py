"""Texts as hashed character 1–3-grams: no word of any resident can be read back from a model."""

import base64
import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from analysis.segment import normalise

SIZE = 1 << 13
_READ_AT_MOST = 2000
Floats = NDArray[np.float64]


def matrix(texts: Sequence[str]) -> csr_matrix:
    """One row of unit length for each text; an empty text gives an empty row."""
    places = [_places(text) for text in texts]
    bounds = np.cumsum([0, *map(len, places)])
    columns = np.concatenate([np.empty(0, np.int32), *places])
    values = np.concatenate(
        [np.empty(0), *(np.full(len(p), len(p) ** -0.5) for p in places if len(p))]
    )
    return csr_matrix((values, columns, bounds), shape=(len(texts), SIZE))


@lru_cache(maxsize=4096)
def _places(text: str) -> NDArray[np.int32]:
    folded = "".join(normalise(text).text[:_READ_AT_MOST].split())
    grams = {folded[at : at + n] for n in (1, 2, 3) for at in range(len(folded) - n + 1)}
    return np.array(
        sorted({zlib.crc32(gram.encode("utf-8", "surrogatepass")) % SIZE for gram in grams}),
        np.int32,
    )


def fold(text: str) -> str:
    """What makes two texts copies of each other here: the same Han characters and letters."""
    return "".join(c for c in normalise(text).text if c.isalpha())


def pack(weights: Floats) -> str:
    """Weights as text; those that hardly count are dropped."""
    kept = np.where(np.abs(weights) < 1e-3, 0, weights).astype("<f4")
    return base64.b64encode(zlib.compress(kept.tobytes(), 9)).decode()


def unpack(packed: str, columns: int) -> Floats:
    raw = zlib.decompress(base64.b64decode(packed))
    return np.frombuffer(raw, "<f4").reshape(SIZE, columns).astype(np.float64)
