"""Making residents' words harmless for a file format without changing what can be read."""

import io
import re
import zipfile

# Not allowed in XML 1.0, or able to hide or reorder what a reader sees (bidi overrides).
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_EPOCH = (2020, 1, 1, 0, 0, 0)


def visible(text: str) -> str:
    """`text` without characters that files cannot hold or readers cannot see."""
    return _HARMFUL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def guarded(text: str) -> str:
    """A CSV cell no spreadsheet takes for a formula: an apostrophe goes before a telling sign."""
    text = visible(text)
    return f"'{text}" if text.lstrip(" \n\u3000").startswith(_FORMULA_STARTS) else text


def timeless(archive: bytes) -> bytes:
    """The same zip with fixed time stamps, so that equal content gives equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            new.writestr(info, old.read(name))
    return out.getvalue()
