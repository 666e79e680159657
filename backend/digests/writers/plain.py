"""JSON and CSV: everything, for other programs."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from backend.digests.sheets import Cell
from backend.digests.writers.safe import guarded


def write_json(plain: dict[str, Any], sha256: str) -> bytes:
    """The content as stored, with its hash; keys in a fixed order."""
    document = {"sha256": sha256, "content": plain}
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode("utf-8", "replace")


def write_csv(heads: Sequence[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """UTF-8 with a byte order mark (Excel reads Chinese by it); no cell is a formula."""
    return b"".join(stream_csv(heads, rows))


def stream_csv(heads: Sequence[str], rows: Iterable[Iterable[Cell]]) -> Iterator[bytes]:
    """The same, piece by piece, in bounded memory."""
    yield b"\xef\xbb\xbf" + _lines([heads])
    batch: list[list[str]] = []
    for row in rows:
        batch.append([guarded(str(cell)) if isinstance(cell, str) else str(cell) for cell in row])
        if len(batch) == 500:
            yield _lines(batch)
            batch = []
    if batch:
        yield _lines(batch)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
