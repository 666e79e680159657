"""Bytes of Chinese mail into text, whatever charset they claim.

Labels lie: `gb2312` is put on GB18030 bytes, `us-ascii` on anything, unknown names crash a decoder
that trusts them. A claimed charset is believed only while the bytes bear it out. Pure.
"""

import codecs

from charset_normalizer import from_bytes

# Every GB label means its largest member: clients write characters the label does not have.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
}
# Labels that say nothing: software that knows no charset writes them on every message.
_SILENT = frozenset({"", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "cp1252",
                     "unknown-8bit", "x-unknown", "8bit", "binary", "default", "none"})  # fmt: skip
_CANDIDATES = ("utf-8", "gb18030", "big5hkscs")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, claimed: str | None) -> tuple[str, bool]:
    """The text, and whether it was read without loss (False: some bytes became �)."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _whole(data, name) or (data.decode(name, "replace"), False)
    label = (claimed or "").strip().strip("\"'").lower().replace("_", "-")
    name = _WIDER.get(label, label)
    if b"\x1b$" in data and not name.startswith("iso-2022"):
        name = "iso-2022-cn" if b"\x1b$)" in data else "iso-2022-jp"
    if name in ("gb18030", "big5hkscs") and _is_plainly_utf8(data):
        name = "utf-8"
    first = () if name in _SILENT else (name,)
    for candidate in (*first, *_CANDIDATES):
        read = _whole(data, candidate)
        if read is not None:
            return read
    guess = from_bytes(data).best()
    if guess is not None:
        return str(guess), "\ufffd" not in str(guess)
    name = name if _is_known(name) else "utf-8"
    return data.decode(name, "replace"), False


def _whole(data: bytes, name: str) -> tuple[str, bool] | None:
    """The text when every byte has a meaning in this charset."""
    if not _is_known(name):
        return None
    try:
        return data.decode(name), True
    except (UnicodeError, ValueError):
        return None


def _is_plainly_utf8(data: bytes) -> bool:
    """Chinese in UTF-8 under another label. Two-byte letters alone prove nothing: short texts in
    GBK can look like Greek; several three-byte characters do not come about by chance."""
    read = _whole(data, "utf-8")
    return read is not None and sum("\u3000" <= char <= "\u9fff" for char in read[0]) >= 2


def _is_known(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return False
