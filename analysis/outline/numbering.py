"""The numbers Chinese documents put before headings and items, and what they are worth.

`read_mark` recognises one at the start of a line. The kinds are listed from the outermost to the
innermost by custom; which encloses which in a given document is decided in `levels`.
"""

import re
from dataclasses import dataclass
from enum import IntEnum

_DIGITS = {"零": 0, "〇": 0, "两": 2} | {c: n for n, c in enumerate("一二三四五六七八九", 1)}
_CN = "[零〇一二三四五六七八九十百两]{1,7}"
_CN_OR_AR = rf"(?:{_CN}|\d{{1,3}})"


class Kind(IntEnum):
    """A way of numbering; smaller is, by custom, further out."""

    VOLUME = 1  # 第一篇, 第一编
    PART = 2  # 第一部分
    CHAPTER = 3  # 第一章
    SECTION = 4  # 第一节
    CN = 5  # 一、
    CN_PAREN = 6  # （一）
    PLAIN = 7  # 1 (before 1.1)
    DECIMAL = 8  # 1.1
    DECIMAL_3 = 9  # 1.1.1
    DECIMAL_4 = 10  # 1.1.1.1
    ARTICLE = 11  # 第一条
    ARABIC = 12  # 1、
    ARABIC_DOT = 13  # 1.
    ARABIC_PAREN = 14  # （1）
    ARABIC_RIGHT = 15  # 1）
    CIRCLED = 16  # ①


@dataclass(frozen=True, slots=True)
class Mark:
    """A number as printed (without the 、 or . after it), its kind and value, and its length."""

    kind: Kind
    value: int
    printed: str
    length: int


_UNITS = {
    "篇": Kind.VOLUME,
    "编": Kind.VOLUME,
    "卷": Kind.VOLUME,
    "部分": Kind.PART,
    "章": Kind.CHAPTER,
    "节": Kind.SECTION,
    "条": Kind.ARTICLE,
}
_DECIMALS = {1: Kind.DECIMAL, 2: Kind.DECIMAL_3, 3: Kind.DECIMAL_4}
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

_UNIT_MARK = re.compile(
    rf"第 ?({_CN_OR_AR}) ?(篇|编|卷|部分|章(?!程)|节(?![约能])|条(?![约款例]))[ :：、.．]*"
)
# 行动一：… names what it numbers; it divides like 第一节.
_NAMED_MARK = re.compile(rf"(行动|任务|举措|工程|专题|板块) ?({_CN_OR_AR}) ?[:：、] ?")
_CN_MARK = re.compile(rf"({_CN}) ?[、.．][ ]*")
_CN_PAREN_MARK = re.compile(rf"([（(] ?({_CN}) ?[)）])[ 、.．]*")
_DECIMAL_MARK = re.compile(r"((\d{1,2})((?:[.．]\d{1,2}){1,3}))[.．、]?(?= ?[\u4e00-\u9fff“])[ ]*")
_ARABIC_MARK = re.compile(r"(\d{1,3}) ?[、][ ]*")
_ARABIC_DOT_MARK = re.compile(r"(\d{1,3}) ?[.．](?!\d)[ ]*")
_ARABIC_PAREN_MARK = re.compile(r"([（(] ?(\d{1,3}) ?[)）])[ 、.．]*")
_ARABIC_RIGHT_MARK = re.compile(r"(\d{1,3})[)）][ 、]*")
_CIRCLED_MARK = re.compile(rf"([{_CIRCLED}])[ 、.．]*")


_QUANTITY = re.compile(
    r"[\d.．]+ ?(?:[%％‰]|[万亿][\u4e00-\u9fff]?|百万|千[米瓦克]|平方(?:米|公里)|立方米|公里|公顷|"
    r"个百分点|以[上下内]|左右|[个件家名人次米元亩吨倍户张多余](?![\u4e00-\u9fff]))"
)
_PLAIN_MARK = re.compile(r"(\d{1,2}) +(?=[\u4e00-\u9fff“])")


def number(printed: str) -> int:
    """The value of a number written in Chinese or Arabic digits (up to the hundreds)."""
    if printed.isdigit():
        return int(printed)
    total, digit = 0, 0
    for character in printed:
        if character == "百":
            total, digit = total + (digit or 1) * 100, 0
        elif character == "十":
            total, digit = total + (digit or 1) * 10, 0
        else:
            digit = digit * 10 + _DIGITS[character]
    return total + digit


def read_mark(line: str) -> Mark | None:
    """The number a line begins with, or None."""
    if match := _UNIT_MARK.match(line):
        printed = match.group().rstrip(" :：、.．")
        return Mark(_UNITS[match[2]], number(match[1]), printed.replace(" ", ""), match.end())
    if match := _NAMED_MARK.match(line):
        return Mark(Kind.SECTION, number(match[2]), f"{match[1]}{match[2]}", match.end())
    if match := _CN_MARK.match(line):
        return Mark(Kind.CN, number(match[1]), match[1], match.end())
    if match := _CN_PAREN_MARK.match(line):
        return Mark(Kind.CN_PAREN, number(match[2]), match[1].replace(" ", ""), match.end())
    if match := _DECIMAL_MARK.match(line):
        parts = re.split(r"[.．]", match[1])
        return Mark(_DECIMALS[len(parts) - 1], int(parts[-1]), match[1], match.end())
    if match := _ARABIC_MARK.match(line):
        return Mark(Kind.ARABIC, int(match[1]), match[1], match.end())
    if match := _ARABIC_DOT_MARK.match(line):
        return Mark(Kind.ARABIC_DOT, int(match[1]), match[1], match.end())
    if match := _ARABIC_PAREN_MARK.match(line):
        return Mark(Kind.ARABIC_PAREN, int(match[2]), match[1].replace(" ", ""), match.end())
    if match := _ARABIC_RIGHT_MARK.match(line):
        return Mark(Kind.ARABIC_RIGHT, int(match[1]), match[1], match.end())
    if match := _CIRCLED_MARK.match(line):
        return Mark(Kind.CIRCLED, _CIRCLED.index(match[1]) + 1, match[1], match.end())
    return None


def read_plain_mark(line: str) -> Mark | None:
    """A bare figure before a title: a number only where a document counts 1, 1.1, 1.1.1."""
    match = _PLAIN_MARK.match(line)
    return Mark(Kind.PLAIN, int(match[1]), match[1], match.end()) if match else None


def is_quantity(text: str, mark: Mark) -> bool:
    """Whether a line merely begins with a figure: 3.5万, 2.73 万亩, 5.5以上."""
    return mark.kind is Kind.DECIMAL and bool(_QUANTITY.match(text))
