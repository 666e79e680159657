"""What a sender added to a form letter: there the unique voice is."""

from itertools import groupby

import numpy as np

from analysis.duplicates.folding import fold_with_origin

_GRAM = 4
_SHORTEST = 6
"""Folded characters below which a difference is a slip of the pen, not an addition."""

_EDGES = " \t\r\n　，。！？；、,.!?;:："


def added_spans(template: str, text: str) -> tuple[tuple[int, int], ...]:
    """Stretches of `text` (code points, end-exclusive) that the template does not contain."""
    letter, _ = fold_with_origin(template)
    codes, origin = fold_with_origin(text)
    known = {letter[at : at + _GRAM].tobytes() for at in range(len(letter) - _GRAM + 1)}
    covered = np.zeros(len(codes), dtype=bool)
    for at in range(len(codes) - _GRAM + 1):
        if codes[at : at + _GRAM].tobytes() in known:
            covered[at : at + _GRAM] = True
    spans = []
    for is_covered, run in groupby(range(len(codes)), key=lambda at: bool(covered[at])):
        places = list(run)
        if not is_covered and len(places) >= _SHORTEST:
            spans.append(_trimmed(text, int(origin[places[0]]), int(origin[places[-1]]) + 1))
    return tuple(spans)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGES:
        start += 1
    while end > start and text[end - 1] in _EDGES:
        end -= 1
    return start, end
