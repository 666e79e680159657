"""From a resident's raw text to something that can be read: normalised text, clauses, words.

Residents type full-width digits, traditional characters, zero-width joiners and five newlines in a
row. `normalise` folds all that and remembers for every code point where it came from, so that any
finding can be given back as offsets into the raw text. `clauses` cuts the text where a thought
ends and marks the formulas of a letter (尊敬的领导, 您好, 谢谢, 此致敬礼), which carry no opinion.
Everything here is total and takes time linear in the length of the text.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import rjieba


@dataclass(frozen=True, slots=True)
class Normalised:
    """Folded text; `origin[i]` is the raw offset that code point `i` of `text` came from."""

    text: str
    origin: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw (start, end) that the normalised stretch `start:end` was made from."""
        if start >= end:
            at = self.origin[start] if start < len(self.origin) else self._raw_end()
            return at, at
        return self.origin[start], self.origin[end - 1] + 1

    def _raw_end(self) -> int:
        return self.origin[-1] + 1 if self.origin else 0


class Clause(NamedTuple):
    """One thought, as offsets into the normalised text; `boilerplate` marks a letter's formulas."""

    start: int
    end: int
    text: str
    boilerplate: bool
    closes: str = ""


class Word(NamedTuple):
    """A word with its offsets in the text given to `words` and jieba's part-of-speech tag."""

    text: str
    start: int
    end: int
    tag: str


# Every reading of a comment starts from the same clauses: remember those of one chunk of comments.
_REMEMBERED = 1536

# --- Normalising ---------------------------------------------------------------------------------

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}


@cache
def _simplified() -> dict[str, str]:
    """Traditional → simplified, one character for one; the first reading OpenCC lists."""
    spec = find_spec("opencc")
    if spec is None or not spec.submodule_search_locations:
        return {}
    path = Path(spec.submodule_search_locations[0]) / "dictionary" / "TSCharacters.txt"
    pairs = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines())
    listed = {p[0]: p[1].split(" ")[0] for p in pairs if len(p) == 2}
    return {old: new for old, new in listed.items() if len(old) == len(new) == 1 and old != new}


def _fold(char: str) -> str:
    """What one raw code point becomes: any number of code points, none for an invisible one."""
    if char in "\n\r\x0b\x0c\x85\u2028\u2029":
        return "\n"
    if char == "\t" or char.isspace():
        return " "
    if unicodedata.category(char) in _INVISIBLE:
        return ""
    simplified = _simplified()
    folded = unicodedata.normalize("NFKC", char)
    if folded == " ":
        return " "
    return "".join(simplified.get(c, c) for c in folded if c.isprintable()).replace("\ufe0f", "")


class _Table(dict[int, str]):
    """A translation table that works out each character once and leaves the uneven ones alone."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _fold(char)
        if len(folded) != 1:
            folded = _MARK
        self[code] = folded
        return folded


# A code point that is not a character stands for "not one for one": it never survives folding.
_MARK = "\uffff"
_table = _Table()
_SPACES = re.compile(r"[ \n]{2,}|\uffff")


@lru_cache(maxsize=_REMEMBERED)
def normalise(text: str) -> Normalised:
    """NFKC, simplified characters, nothing invisible, runs of white space folded to one."""
    folded = text.translate(_table)
    pieces: list[str] = []
    origin: list[int] = []
    done = 0
    for found in _SPACES.finditer(folded):
        start, end = found.span()
        pieces.append(folded[done:start])
        origin.extend(range(done, start))
        new = _fold(text[start]) if found[0] == _MARK else "\n" if "\n" in found[0] else " "
        pieces.append(new)
        origin.extend([start] * len(new))
        done = end
    if not done:
        return Normalised(folded, range(len(folded)))
    pieces.append(folded[done:])
    origin.extend(range(done, len(folded)))
    return Normalised("".join(pieces), origin)


# --- Clauses -------------------------------------------------------------------------------------

# A comma inside a number (3,000) and a colon inside a time (6:30) do not end a thought.
_BREAK = re.compile(
    r"[。!?;\n…~]+[。!?;,\s…~”’\"』」)]*|(?<!\d)[,:]+\s*|(?<=\d)[,:]+(?!\d)\s*"
    r"|(?<=[一-鿿])\.+\s*|\.+(?=\s|$)\s*|(?<=[一-鿿]) (?=[一-鿿])"
)
_LETTER_FORMULA = re.compile(
    r"[\s\"'“”(]*(?:"
    r"(?:尊敬的?|敬爱的?|亲爱的?|各位).{0,16}?"
    r"(?:领导|书记|市长|县长|区长|省长|厅长|局长|镇长|主任|部门|同志|政府|长|您好|你好|大人)们?.{0,4}"
    r"|.{0,8}(?:书记|市长|县长|区长|省长|厅长|局长|镇长|主任|领导)们?[,:]?\s*(?:您|你)?们?好?"
    r"|(?:您|你|大家)们?好[啊呀]?|(?:早上|上午|下午|晚上)好|打扰(?:了|您了?)?|请问一下|来信收悉"
    r"|(?:非常|十分|万分|不胜|深表|谨此|在此)?(?:多谢|感谢|谢谢|感激|致谢|感激不尽|拜谢|谢)"
    r"(?:了|您|你|你们|您们|领导|书记|市长|大家|不尽|之至|了您|啦|各位.{0,4}|.{0,3}领导)*"
    r"|此致|敬礼|此致\s*敬礼|顺祝.{0,8}|祝.{0,10}(?:愉快|顺利|健康|安康|如意|好)"
    r"|(?:盼|望|敬请|期盼|静候|等待|期待)(?:望)?(?:您|你|领导)?的?(?:早日|尽快)?(?:回复|答复|回音|复)(?:为盼)?"
    r"|(?:一|某)(?:个|位|名)?(?:普通)?(?:市民|居民|群众|百姓|老百姓|村民|业主|网友|家长)"
    r"|(?:反映人|投诉人|举报人|建议人|联系人|姓名|电话|联系电话|联系方式|手机|此件).{0,20}"
    r"|\d{2,4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日?|\d{4}[-./]\d{1,2}[-./]\d{1,2}"
    r")[\s\"'”)!,。.:;~]*"
)
_LONGEST_FORMULA = 28


def _is_formula(text: str) -> bool:
    if not text[0].isalnum() and not any(c.isalnum() for c in text):
        return True
    return len(text) <= _LONGEST_FORMULA and _LETTER_FORMULA.fullmatch(text) is not None


def clauses(normalised: Normalised) -> tuple[Clause, ...]:
    """Cut into clauses, punctuation left out (kept in `closes`); blank stretches give none."""
    return _clauses(normalised.text)


@lru_cache(maxsize=_REMEMBERED)
def _clauses(text: str) -> tuple[Clause, ...]:
    found: list[Clause] = []
    start = 0
    for match in _BREAK.finditer(text):
        end = match.start()
        if start < end:
            _add(found, text, start, end, match[0])
        start = match.end()
    if start < len(text):
        _add(found, text, start, len(text), "")
    return tuple(found)


def _add(found: list[Clause], text: str, start: int, end: int, closes: str) -> None:
    piece = text[start:end]
    if piece[0].isspace() or piece[-1].isspace():
        start += len(piece) - len(piece.lstrip())
        piece = piece.strip()
        if not piece:
            return
        end = start + len(piece)
    found.append(Clause(start, end, piece, _is_formula(piece), closes.strip()[:3]))


# --- Words ---------------------------------------------------------------------------------------


def words(text: str) -> list[Word]:
    """Words with part of speech, in reading order, offsets into `text` as given."""
    found: list[Word] = []
    at = 0
    for word, tag in rjieba.tag(text):
        found.append(Word(word, at, at + len(word), tag))
        at += len(word)
    return found
