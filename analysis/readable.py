"""Whether a comment says anything a machine or a person could read, and if not, why not."""

import re
from dataclasses import dataclass

from analysis.contracts import CommentText
from analysis.segment import normalise

_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]{0,400}>|&[a-zA-Z]{2,8};|&#\d{1,6};", re.DOTALL)
_LETTER = re.compile(r"[^\W\d_]")
_CHINESE = re.compile(r"[㐀-鿿\U00020000-\U0003134f]")
_FEWEST_LETTERS_OF_A_DRAWING = 0.08
_LONGEST_LOOKED_AT = 5000
_BEGINNING, _PLAINLY_CHINESE = 60, 8
"""Eight different Chinese characters among the first sixty are a text: look no further."""


@dataclass(frozen=True, slots=True)
class DamagedComment(CommentText):
    """A row of a file that could not be taken apart; `fault` says why, in Chinese."""

    fault: str = ""


EMPTY = "内容为空"
MARKUP = "只有网页标记，没有文字"
SYMBOLS = "只有标点或表情，没有文字"
DIGITS = "只有数字，没有文字"
ONE_CHARACTER = "只有一个字，看不出意思"
REPEATED = "只有重复的字符，看不出意思"
DRAWING = "几乎全是符号，看不出意思"


def reason_unreadable(comment: CommentText) -> str | None:
    """Why a comment has no meaning to read, in Chinese; None when title or text can be read."""
    if isinstance(comment, DamagedComment):
        return comment.fault
    reason = _reason(comment.text)
    if reason and comment.title and not _reason(comment.title):
        return None
    return reason


def _reason(raw: str) -> str | None:
    if len(set(_CHINESE.findall(raw, 0, _BEGINNING))) >= _PLAINLY_CHINESE:
        return None
    text = normalise(raw[:_LONGEST_LOOKED_AT]).text.strip()
    if not text:
        return EMPTY
    plain = _TAG.sub(" ", text).strip()
    if not plain:
        return MARKUP
    letters = _LETTER.findall(plain)
    if not letters:
        return DIGITS if any(char.isdigit() for char in plain) else SYMBOLS
    if len(set(letters)) == 1:
        return ONE_CHARACTER if len(letters) == 1 else REPEATED
    if not _CHINESE.search(plain) and len(set(letters)) < 3:
        return REPEATED
    visible = sum(not char.isspace() for char in plain)
    if len(letters) < _FEWEST_LETTERS_OF_A_DRAWING * visible and len(letters) < 12:
        return DRAWING
    return None
