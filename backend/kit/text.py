"""Cleaning what people type, without changing what they said.

Browsers send `\\r\\n` for one line break and paste zero-width and control characters that later
break Word and Excel. The wording, punctuation and full-width forms stay as typed.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_BLANK_RUNS = re.compile(r"\n[ \t\u3000]*(?:\n[ \t\u3000]*){2,}")


def clean_text(raw: str) -> str:
    """Several lines: one kind of line break, nothing invisible, at most one blank line in a row."""
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text)
    return _BLANK_RUNS.sub("\n\n", text).strip()


def clean_line(raw: str) -> str:
    """One line: as `clean_text`, with all white space folded to single spaces."""
    return " ".join(clean_text(raw).split())


def shorten(text: str, length: int) -> str:
    """The first `length` characters on one line, with … when something was cut."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"
