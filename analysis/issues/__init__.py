"""Shared issues: one concrete matter that several residents raise in different words.

Two comments share an issue when they name the same place or body *and* speak of the same thing
there: the noise of one bar, one bridge to be pulled down. Sharing only the place (two complaints
about one estate) or only the subject (noise in two towns) is not enough. Copies of one letter are
one voice in `unique_count`.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from analysis.columns import Columns, Texts
from analysis.contracts import CommentText, IssueReading
from analysis.issues.cores import Cores
from analysis.issues.grouping import group
from analysis.issues.rising import Rising, rising
from analysis.quoting import whole_quote
from analysis.ragged import Ragged

__all__ = ["IssuesFound", "Rising", "find_issues", "rising"]

_LONGEST_TITLE = 30

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IssuesFound:
    """The issues, most raised first, and for each comment row the place of its issue, or -1."""

    issues: tuple[IssueReading, ...]
    issue_of: npt.NDArray[np.int32]


def find_issues(
    columns: Columns, terms: Ragged, cores: Cores, wording: Rows, texts: Texts
) -> IssuesFound:
    """The concrete matters that two or more comments share, copies of one letter included."""
    groups = group(columns, terms, cores, wording)
    firsts = [int(members[0]) for members in groups]
    comments = texts(firsts)
    issue_of = np.full(len(columns), -1, dtype=np.int32)
    issues = []
    for place, members in enumerate(groups):
        issue_of[members] = place
        first = comments[int(members[0])]
        issues.append(
            IssueReading(
                _id(first),
                _title(first),
                len(members),
                len(np.unique(wording[members])),
                tuple(columns.ids[row] for row in members),
            )
        )
    return IssuesFound(tuple(issues), issue_of)


def _id(first: CommentText) -> str:
    told = f"{first.id}\n{first.title}\n{first.text}".encode("utf-8", "surrogatepass")
    return "i-" + blake2b(told, digest_size=5).hexdigest()


def _title(comment: CommentText) -> str:
    """The title of the first comment, or the first thing its text says."""
    if comment.title and comment.title.strip():
        return _short(comment.title.strip())
    quote = whole_quote(comment)
    return _short(quote.text if quote else comment.text.strip())


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_TITLE else text[: _LONGEST_TITLE - 1] + "…"
