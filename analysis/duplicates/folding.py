"""Folding: what of a text counts when two texts are compared as copies.

Letters, digits and Chinese characters stay, in one width, one case and simplified form; spaces,
punctuation and emoji go. A folded text is a row of 16-bit codes, so a million of them fit in
memory side by side and compiled loops can read them.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import opencc

Codes = npt.NDArray[np.uint16]
Offsets = npt.NDArray[np.int64]

TABLE_SIZE = 0x30000
"""Code points beyond the two ideographic planes carry no comparable text."""


@dataclass(frozen=True, slots=True)
class FoldedTexts:
    """Many folded texts in one array: text i is `codes[starts[i]:starts[i + 1]]`."""

    codes: Codes
    starts: Offsets

    def __len__(self) -> int:
        return len(self.starts) - 1

    def row(self, index: int) -> Codes:
        """The codes of one text."""
        return self.codes[self.starts[index] : self.starts[index + 1]]


def fold(text: str) -> Codes:
    """The codes of a text that count; empty for a text of punctuation or emoji."""
    return fold_with_origin(text)[0]


def fold_with_origin(text: str) -> tuple[Codes, Offsets]:
    """The folded codes and, for each, the index of its character in the raw text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    folded = _table()[np.minimum(points, TABLE_SIZE - 1)]
    kept = np.flatnonzero(folded)
    return folded[kept], kept


def fold_many(texts: Iterable[str]) -> FoldedTexts:
    """Fold many texts into one array."""
    return stack_rows([fold(text) for text in texts])


def stack_rows(rows: Sequence[Codes]) -> FoldedTexts:
    """Folded texts, one after another."""
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return FoldedTexts(np.concatenate([np.empty(0, dtype=np.uint16), *rows]), starts)


def join_folded(parts: Sequence[FoldedTexts]) -> FoldedTexts:
    """The texts of many tables in order."""
    base = np.cumsum([0, *(len(part.codes) for part in parts)])
    starts = [part.starts[1:] + shift for part, shift in zip(parts, base, strict=False)]
    return FoldedTexts(
        np.concatenate([np.empty(0, dtype=np.uint16), *(part.codes for part in parts)]),
        np.concatenate([np.zeros(1, dtype=np.int64), *starts]),
    )


@cache
def _table() -> Codes:
    """Code point → folded code, 0 where the character does not count."""
    simplified = _simplified_characters()
    table = np.zeros(TABLE_SIZE, dtype=np.uint16)
    for point in range(TABLE_SIZE - 1):
        char = chr(point)
        category = unicodedata.category(char)
        if category[0] not in "LN":
            continue
        # A ligature or a unit such as ㎡ counts as its first letter: length must not change.
        plain = unicodedata.normalize("NFKC", char).lower()[:1]
        plain = simplified.get(plain, plain)
        # Plane 2 shares the 16-bit codes of plane 0; such rare characters may collide.
        table[point] = max(ord(plain) & 0xFFFF, 1) if plain else 0
    return table


def _simplified_characters() -> dict[str, str]:
    """Traditional → simplified, character by character, from OpenCC's own table."""
    source = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in source.read_text("utf-8").splitlines() if "\t" in line)
    return {traditional: choices.split(" ")[0] for traditional, choices in pairs}
