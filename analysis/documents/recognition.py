"""Scanned pages read by machine (OCR), where the optional `ocr` extra is installed.

RapidOCR ships its models inside its wheel, so nothing is fetched. A page becomes the same lines in
the same places as a page with text, and goes the same way from there. What is read like this is
marked as such all the way to the official who reviews it.
"""

import logging
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from statistics import median
from typing import Any

from analysis.documents.pdflines import PageLine, Segment

EDGE = 0.09
_LONGEST_SIDE = 1900
_SCALE = 2.5
_LEAST_SCORE = 0.5


def can_recognise() -> bool:
    """Whether the extra is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def _engine() -> Any:
    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(params={"Global.log_level": "critical", "Global.text_score": _LEAST_SCORE})


def recognised_lines(page: Any, number: int) -> list[PageLine]:
    """The lines of a scanned page from top to bottom, in points like those of any other page."""
    width, height = page.get_size()
    scale = min(_SCALE, _LONGEST_SIDE / max(width, height))
    bitmap = page.render(scale=scale)
    try:
        found = _engine()(bitmap.to_numpy()[:, :, :3])
    finally:
        bitmap.close()
    if found.boxes is None:
        return []
    pieces = [
        _Piece(text, box, scale)
        for box, text in zip(found.boxes, found.txts, strict=True)
        if text.strip()
    ]
    return _lines(pieces, number, height)


class _Piece:
    """A recognised piece of a line and its box, in points."""

    def __init__(self, text: str, box: Any, scale: float) -> None:
        self.text = text.strip()
        xs, ys = [float(p[0]) / scale for p in box], [float(p[1]) / scale for p in box]
        self.left, self.right = min(xs), max(xs)
        self.top, self.bottom = min(ys), max(ys)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def _lines(pieces: Sequence[_Piece], number: int, height: float) -> list[PageLine]:
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        row = rows[-1] if rows else None
        if row and abs(piece.middle - median(p.middle for p in row)) < 0.5 * (
            piece.bottom - piece.top
        ):
            row.append(piece)
        else:
            rows.append([piece])
    # The boxes stand a little outside of the type.
    size = 0.8 * median([p.bottom - p.top for p in pieces] or [10.0])
    lines: list[PageLine] = []
    for row in rows:
        row.sort(key=lambda piece: piece.left)
        segments = _joined(row)
        top, bottom = min(p.top for p in row), max(p.bottom for p in row)
        lines.append(
            PageLine(
                text=" ".join(segment.text for segment in segments),
                page=number,
                left=segments[0].left,
                right=segments[-1].right,
                top=top,
                bottom=bottom,
                at_edge=bottom < height * EDGE or top > height * (1 - EDGE),
                size=size,
                gap=bool(lines) and top - lines[-1].bottom > 1.8 * size,
                segments=segments,
            )
        )
    return lines


def _joined(row: Sequence[_Piece]) -> tuple[Segment, ...]:
    """Pieces that overlap are one."""
    segments: list[Segment] = []
    for piece in row:
        last = segments[-1] if segments else None
        if last and piece.left < last.right:
            segments[-1] = Segment(last.text + piece.text, last.left, piece.right)
        else:
            segments.append(Segment(piece.text, piece.left, piece.right))
    return tuple(segments)
