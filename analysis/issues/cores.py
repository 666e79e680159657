"""The core of a comment: what it says once the names of whole districts are taken out.

Two comments from one town share its name and nothing else; so A市, 某某镇 and 某某街道 do not count
when comments are compared. What is left of the title and the beginning is folded like the texts
of `analysis.duplicates`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.contracts import CommentText
from analysis.duplicates import FoldedTexts, fold, join_folded, stack_rows

HEAD = 40
"""Where there is no title, this many folded characters say what the comment is about."""

_LONGEST = 300
_READ = 420

_WHOLE_DISTRICTS = re.compile(
    r"(?:[A-Z]\d*\s*[省市县区])+县?|[一-鿿]{2,3}?(?:镇|街道|乡)(?![医卫政干村])|[一-鿿]{2}(?:省|市|县)(?=[一-鿿])"
)


@dataclass(frozen=True, slots=True)
class Cores:
    """The cores of many comments; `heads[i]` of the characters of core i stand for its title."""

    folded: FoldedTexts
    heads: npt.NDArray[np.int32]


def cores_of(comments: Sequence[CommentText]) -> Cores:
    """The cores of comments in order."""
    rows, heads = [], []
    for comment in comments:
        title = fold(_WHOLE_DISTRICTS.sub(" ", comment.title or ""))
        body = fold(_WHOLE_DISTRICTS.sub(" ", comment.text[:_READ]))
        row = np.concatenate([title, body])[:_LONGEST]
        rows.append(row)
        heads.append(len(title) or min(HEAD, len(body)))
    return Cores(stack_rows(rows), np.array(heads, dtype=np.int32))


def concatenate(parts: Sequence[Cores]) -> Cores:
    """The cores of many in order."""
    return Cores(
        join_folded([part.folded for part in parts]),
        np.concatenate([np.empty(0, dtype=np.int32), *(part.heads for part in parts)]),
    )
