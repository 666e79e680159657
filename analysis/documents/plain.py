"""Text files: find the encoding, then one paragraph per line.

Chinese text files come as UTF-8 (with or without a byte order mark), as GB18030 under any of its
older names, or as UTF-16. The order of trials is by how surely a wrong guess fails.
"""

import re

from analysis.documents.model import Block, Paragraph, UnreadableDocument

LINE_ENDS = re.compile(r"\r\n|[\n\r\f\v\x85\u2028\u2029]")
# Bytes that no text in any supported encoding holds in numbers.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HAN = re.compile(r"[\u3400-\u9fff]")


def decode(data: bytes) -> str:
    """The text of `data` in whichever encoding; raises `UnreadableDocument` where it is no text."""
    text = _decoded(data)
    if len(_CONTROL.findall(text)) > max(8, len(text) // 100):
        raise UnreadableDocument("文件不是可读的文本，请上传 txt、md、html、docx 或 pdf 文件。")
    return text.lstrip("\ufeff")


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if (wide := _utf16_without_mark(data)) is not None:
        return wide
    for encoding in ("gb18030", "big5"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    # A few broken bytes (a copy cut inside a character) do not make a text unreadable.
    text = max((data.decode(e, errors="replace") for e in ("utf-8", "gb18030")), key=_soundness)
    if _soundness(text) < 0.9:
        raise UnreadableDocument("无法识别文件的文字编码，请另存为 UTF-8 编码的文本后重新上传。")
    return text


def _utf16_without_mark(data: bytes) -> str | None:
    """UTF-16 saved without its mark shows as a zero in every other byte of its line ends."""
    for encoding, newline in (("utf-16-le", b"\n\x00"), ("utf-16-be", b"\x00\n")):
        if len(data) % 2 == 0 and newline in data:
            text = data.decode(encoding, errors="replace")
            if len(_HAN.findall(text)) > len(text) / 3:
                return text
    return None


def _soundness(text: str) -> float:
    return 1 - text.count("\ufffd") / max(1, len(text))


def read_plain(text: str) -> tuple[Block, ...]:
    """One paragraph per line that holds anything; `gap` tells a blank line before it."""
    blocks: list[Block] = []
    gap = False
    for place, line in enumerate(LINE_ENDS.split(text), start=1):
        if line.strip():
            blocks.append(Paragraph(text=line, place=place, gap=gap))
        gap = not line.strip()
    return tuple(blocks)
