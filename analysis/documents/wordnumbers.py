"""Word's automatic numbers: 第一章, 一、, （一）, 1.1 are computed when the document is shown.

A numbered paragraph names a list and a level; the list's definition says how the level is written
(`第%1章`) and in which figures. Counting starts anew below a higher level.
"""

from dataclasses import dataclass, field

from analysis.documents.wordxml import W, parse_part, value

_CHINESE = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_CHINESE_FORMATS = frozenset(
    (
        "chineseCounting",
        "chineseCountingThousand",
        "japaneseCounting",
        "ideographTraditional",
        "taiwaneseCounting",
        "taiwaneseCountingThousand",
        "ideographDigital",
        "japaneseDigitalTenThousand",
        "taiwaneseDigital",
    )
)


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list is written."""

    text: str
    format: str
    start: int


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has been counted."""

    lists: dict[str, str] = field(default_factory=dict)
    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    def next(self, list_id: str, depth: int) -> str:
        """The number of the next paragraph of a list at a depth; empty for bullets."""
        abstract = self.lists.get(list_id)
        levels = self.levels.get(abstract or "", {})
        level = levels.get(depth)
        if abstract is None or level is None:
            return ""
        counts = self.counts.setdefault(abstract, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if level.format in ("bullet", "none"):
            return ""
        text = level.text
        for index in range(9):
            if f"%{index + 1}" in text and index in levels:
                number = counts.get(index, levels[index].start)
                text = text.replace(f"%{index + 1}", written(number, levels[index].format))
        return text if text.endswith(("、", "）", ")", "．")) else f"{text} "


def written(number: int, format_: str) -> str:
    """A number in the figures of one of Word's formats."""
    if format_ in _CHINESE_FORMATS:
        return _chinese(number)
    if format_ in ("decimalEnclosedCircle", "decimalEnclosedCircleChinese") and 1 <= number <= 20:
        return chr(0x2460 + number - 1)
    if format_ == "decimalZero":
        return f"{number:02}"
    if format_ in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26)
        return letter.upper() if format_ == "upperLetter" else letter
    if format_ in ("lowerRoman", "upperRoman"):
        roman = _roman(number)
        return roman.lower() if format_ == "lowerRoman" else roman
    return str(number)


def _chinese(number: int) -> str:
    if not 0 < number < 1000:
        return str(number)
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_CHINESE[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _CHINESE[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_CHINESE[ones] if ones else "")


def _roman(number: int) -> str:
    steps = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for worth, sign in steps:
        while number >= worth:
            text, number = text + sign, number - worth
    return text


def read_numbering(part: bytes | None) -> Numbering:
    """The definitions in numbering.xml."""
    numbering = Numbering()
    if part is None:
        return numbering
    root = parse_part(part)
    for abstract in root.iter(f"{W}abstractNum"):
        levels: dict[int, _Level] = {}
        for level in abstract.iter(f"{W}lvl"):
            depth = level.get(f"{W}ilvl", "0")
            start = value(level.find(f"{W}start")) or "1"
            if depth.isdigit():
                levels[int(depth)] = _Level(
                    text=value(level.find(f"{W}lvlText")) or "",
                    format=value(level.find(f"{W}numFmt")) or "decimal",
                    start=int(start) if start.isdigit() else 1,
                )
        numbering.levels[abstract.get(f"{W}abstractNumId", "")] = levels
    for list_ in root.iter(f"{W}num"):
        abstract_id = value(list_.find(f"{W}abstractNumId"))
        if abstract_id is not None:
            numbering.lists[list_.get(f"{W}numId", "")] = abstract_id
    return numbering
