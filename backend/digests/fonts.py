"""Which fonts official documents are set in, and which characters they can show.

GB/T 9704-2012 asks for 仿宋 text under 小标宋, 黑 and 楷 headings. The open Fandol family has all
four; characters it lacks come from Noto. Without them the system's own Chinese fonts are used, by
name and in order; `look` says in a sentence which it is, for `zhengxun doctor`.
"""

import struct
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import typst

from backend.kit.settings import get_settings

# Names in order of preference; the first ones present are used, the rest fill in characters.
SERIF = ("Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun")
SANS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "PingFang SC",
    "Microsoft YaHei",
    "SimHei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
)
FANG = ("FandolFang R", "FandolFang", "FangSong", "STFangsong", "FZFangSong-Z02S")
SONG = ("FandolSong", "FZXiaoBiaoSong-B05S")
HEI = ("FandolHei", "SimHei")
KAI = ("FandolKai", "KaiTi", "Kaiti SC", "STKaiti")
LAST = ("Noto Emoji", "DejaVu Sans")
# Where `make setup` puts them (scripts/fetch_fonts.py).
FETCHED = Path(sys.prefix) / "share" / "zhengxun" / "fonts"
SYSTEM_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/texlive/texmf-dist/fonts/opentype/public/fandol",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
# The mark printers leave where a character is missing from the case (geta).
MISSING = "〓"
_IGNORABLE = frozenset(chr(c) for c in (*range(0xFE00, 0xFE10), 0x200D, 0x034F, 0x00AD))


@dataclass(frozen=True, slots=True)
class FontLook:
    """`name`: official, noto, system or none; families by role, best first."""

    name: str
    sentence: str
    fang: tuple[str, ...]
    song: tuple[str, ...]
    hei: tuple[str, ...]
    kai: tuple[str, ...]
    folders: tuple[str, ...]


class NoFonts(ValueError):
    """There is no Chinese font at all; the message says what to do."""


def look() -> FontLook:
    """The look in use on this installation."""
    return _look(get_settings().data_dir / "fonts")


@lru_cache(maxsize=4)
def _look(own: Path) -> FontLook:
    places = (own, FETCHED, *map(Path, SYSTEM_FOLDERS))
    folders = tuple(dict.fromkeys(str(f.resolve()) for f in places if f.is_dir()))
    found = set(typst.Fonts(include_system_fonts=False, font_paths=list(folders)).families())

    def present(*names: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in names if name in found))

    fill = (*SERIF, *SANS, *LAST)
    fang, hei = present(*FANG), present(*HEI)
    if fang and "FandolSong" in found:
        name, sentence = "official", "公文字体齐全：仿宋、宋、黑、楷为 Fandol，生僻字用思源宋体补。"
    elif present(*SERIF):
        name, sentence = "noto", "没有仿宋字体，PDF 用宋体排版；运行 make setup 可补齐公文字体。"
    elif present(*SANS) or fang or hei:
        name, sentence = "system", "只有系统自带的中文字体；运行 make setup 可补齐公文字体。"
    else:
        name, sentence = (
            "none",
            "没有找到中文字体，不能生成 PDF；请运行 make setup 或安装 Noto CJK。",
        )
    return FontLook(
        name=name,
        sentence=sentence,
        fang=present(*FANG, *fill),
        song=present(*SONG, *fill),
        hei=present(*HEI, *SANS, *SERIF, *LAST),
        kai=present(*KAI, *FANG, *fill),
        folders=folders,
    )


def printable(text: str, glyphs: Set[int]) -> str:
    """`text` with characters no font can show replaced by 〓, and unprintable ones left out."""
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for char in text:
        if unicodedata.category(char).startswith("M") and kept[-1:] in ([], [MISSING], ["\n"]):
            continue  # A mark whose letter is missing has nothing to stand on.
        if char == "\n" or ord(char) in glyphs:
            kept.append(char)
        elif char in _IGNORABLE or unicodedata.category(char) in ("Cf", "Cc", "Cs"):
            continue
        else:
            kept.append(" " if char.isspace() else MISSING)
    return "".join(kept)


class CodePoints(Set[int]):
    """Characters as one bit each: a plain set of them would hold twenty megabytes for good."""

    def __init__(self, points: Iterable[int] = ()) -> None:
        self._bits = bytearray(0x110000 // 8)
        for point in points:
            self._bits[point >> 3] |= 1 << (point & 7)

    def __contains__(self, point: object) -> bool:
        if not isinstance(point, int) or not 0 <= point < 0x110000:
            return False
        return bool(self._bits[point >> 3] >> (point & 7) & 1)

    def __iter__(self) -> Iterator[int]:
        return (point for point in range(0x110000) if point in self)

    def __len__(self) -> int:
        return sum(byte.bit_count() for byte in self._bits)


def glyphs() -> CodePoints:
    """Every code point one of the fonts in use has a glyph for."""
    return _glyphs(look())


def needed(chosen: FontLook, characters: Set[str]) -> FontLook:
    """The same look with only those families that set one of `characters`, order unchanged.

    Typst reads every family it tries into memory, so that one smiling face would cost all of them.
    """
    return replace(
        chosen,
        fang=_families_for(chosen.fang, characters, chosen),
        song=_families_for(chosen.song, characters, chosen),
        hei=_families_for(chosen.hei, characters, chosen),
        kai=_families_for(chosen.kai, characters, chosen),
    )


def _families_for(
    families: tuple[str, ...], characters: Set[str], chosen: FontLook
) -> tuple[str, ...]:
    kept = list(families[:1])
    missing = {ord(char) for char in characters}
    for family in families:
        found = {point for point in missing if point in _points_of(family, chosen)}
        if found and family not in kept:
            kept.append(family)
        missing -= found
    return tuple(kept)


@lru_cache(maxsize=32)
def _points_of(family: str, chosen: FontLook) -> CodePoints:
    places = _places(chosen).get(family)
    return CodePoints(_read(*min(places)) if places else ())


def _read(path: str, index: int) -> Iterator[int]:
    return code_points(Path(path).read_bytes(), index)


@lru_cache(maxsize=4)
def _places(chosen: FontLook) -> dict[str, set[tuple[str, int]]]:
    """The files of each family, with the number of the face in a collection."""
    files: dict[str, set[tuple[str, int]]] = {}
    listed = typst.Fonts(include_system_fonts=False, font_paths=list(chosen.folders)).fonts()
    for font in listed:
        if font.path:
            files.setdefault(font.family, set()).add((str(font.path), font.index))
    return files


@lru_cache(maxsize=4)
def _glyphs(chosen: FontLook) -> CodePoints:
    used = {*chosen.fang, *chosen.song, *chosen.hei, *chosen.kai}
    # Every role ends in the same families, so only what all roles can show is counted.
    common = set(chosen.fang) & set(chosen.hei) or used
    points = {p for family in common for p in _points_of(family, chosen)}
    return CodePoints(p for p in points if not _is_invisible(chr(p)))


def _is_invisible(char: str) -> bool:
    return char in _IGNORABLE or unicodedata.category(char) in ("Cf", "Cc", "Cs", "Zl", "Zp")


def code_points(data: bytes, index: int = 0) -> Iterator[int]:
    """The characters of an OpenType font (face `index` of a collection): its `cmap` table."""
    start = struct.unpack_from(">I", data, 12 + 4 * index)[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", data, start + 4)[0]
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * number)
        if tag == b"cmap":
            yield from _read_cmap(data, offset)


def _read_cmap(data: bytes, cmap: int) -> Iterator[int]:
    for number in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        table = cmap + struct.unpack_from(">I", data, cmap + 8 + 8 * number)[0]
        kind = struct.unpack_from(">H", data, table)[0]
        if kind == 4:
            yield from _format_4(data, table)
        elif kind == 12:
            for group in range(struct.unpack_from(">I", data, table + 12)[0]):
                first, last, glyph = struct.unpack_from(">III", data, table + 16 + 12 * group)
                yield from range(first + (glyph == 0), last + 1)


def _format_4(data: bytes, table: int) -> Iterator[int]:
    segments = struct.unpack_from(">H", data, table + 6)[0] // 2
    ends = table + 14
    starts = ends + 2 * segments + 2
    for number in range(segments):
        last = struct.unpack_from(">H", data, ends + 2 * number)[0]
        first = struct.unpack_from(">H", data, starts + 2 * number)[0]
        delta = struct.unpack_from(">H", data, starts + 2 * (segments + number))[0]
        place = starts + 2 * (2 * segments + number)
        offset = struct.unpack_from(">H", data, place)[0]
        for point in range(first, min(last, 0xFFFE) + 1):
            if offset == 0:
                glyph = (point + delta) & 0xFFFF
            else:
                at = place + offset + 2 * (point - first)
                glyph = struct.unpack_from(">H", data, at)[0] if at + 2 <= len(data) else 0
            if glyph:
                yield point
