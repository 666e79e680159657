"""Characters, widths and sentences of Chinese official text.

Everything the outline reads has passed `tidy`: one kind of space, no invisible characters, no
spaces between Chinese characters (they come from line ends of a layout). The words themselves and
their punctuation are never changed, so that a quotation can be found in the source.
"""

import re
import unicodedata

HAN = r"\u3400-\u9fff\uf900-\ufaff\u3005-\u3007"
WIDE = HAN + r"\u3000-\u303f\uff01-\uff60\uffe0-\uffe6“”‘’—…·"
_HALF_PUNCTUATION = r",:;!?()\"'"
# A space touching a Chinese character on one side and a Chinese character or a comma on the other.
_LAYOUT_SPACE = re.compile(
    rf"(?<=[{WIDE}]) +(?=[{WIDE}{_HALF_PUNCTUATION}])|(?<=[{_HALF_PUNCTUATION}]) +(?=[{WIDE}])"
)
_SPACES = re.compile(r"[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ue000-\uf8ff\ufff9-\ufffb]"
)
_RADICALS = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff]")

# 第一章 总则........ 3: the dots of a table of contents, with the page they lead to.
LEADER = re.compile(
    r" ?(?:\.{4,}|…{2,}|·{4,}|(?:\. ){4,}\.?|-{6,}|_{6,})[ .…·]*[-–—]? ?(\d{1,3}) ?[-–—]?"
)
SENTENCE_END = "。！？!?；;"
CLOSERS = "”’\"'）)》」』】〕"
_FULL_STOP = re.compile(rf"[。！？!?]+[{CLOSERS}]*")


def clean(text: str) -> str:
    """One kind of space, no invisible characters, radicals of broken fonts made characters."""
    text = _INVISIBLE.sub("", text)
    text = _RADICALS.sub(lambda m: unicodedata.normalize("NFKC", m.group()), text)
    return _SPACES.sub(" ", text).strip()


def tidy(text: str) -> str:
    """`clean`, and without the spaces a layout left between Chinese characters."""
    return _LAYOUT_SPACE.sub("", clean(text))


def squeeze(text: str) -> str:
    """Without any space: for comparing, never for showing."""
    return re.sub(r"\s+", "", text)


def width(text: str) -> int:
    """Columns on paper: a Chinese character two, a letter or quotation mark one.

    Copies often turn Chinese punctuation into its half-width look-alike; on paper it was full.
    Spaces beside figures come from the typesetting and take no column.
    """
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if character == " ":
        return 0
    if character in "“”‘’":
        return 1
    wide = unicodedata.east_asian_width(character) in "WFA" or character in ",:;!?()"
    return 2 if wide else 1


def ends_sentence(text: str) -> bool:
    """Whether a text stops where a sentence, a list or an introduction may stop."""
    return text.rstrip(CLOSERS + " ")[-1:] in tuple("。！？!?；;：:")


def sentences(text: str) -> list[str]:
    """The sentences of a paragraph, full stops included; joined they are the paragraph."""
    found, start = [], 0
    for stop in _FULL_STOP.finditer(text):
        found.append(text[start : stop.end()])
        start = stop.end()
    if text[start:].strip():
        found.append(text[start:])
    return found


def bare(text: str) -> str:
    """Without closing punctuation and outer spaces: how a sentence names what it is about."""
    return text.strip().strip("。！？!?；;：:，,、 ").strip()
