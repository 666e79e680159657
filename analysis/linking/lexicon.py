"""The alias lexicon: the everyday words residents use and the plan terms they stand for.

Residents write 老公房装电梯 where a plan writes 既有多层住宅加装电梯. Each line of the data files
names one such everyday expression, the plan terms it stands for (the closest first), the subject
and the need behind it. An expression may be a small pattern: `楼道+堆` asks for its second part
within a few characters of the first, before or after. `alias_blockers.txt` lists longer words in
which an alias means something else: 动车 in 机动车, 家政 in 国家政策.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from analysis.scan import Hit, Letters, PhraseScanner, distinct

COLUMNS = ("alias", "terms", "subject", "reason")
BLOCKERS = "alias_blockers.txt"
SEPARATOR = "|"
JOIN = "+"
# The second part of a pattern must stand this near to the first to be the same thought.
REACH = 12


@dataclass(frozen=True, slots=True)
class Alias:
    """An everyday expression and the plan terms it stands for, the closest first."""

    alias: str
    terms: tuple[str, ...]
    subject: str
    reason: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The fixed phrase, and the second one of a pattern."""
        return tuple(self.alias.split(JOIN))


class AliasLexicon:
    """A set of aliases and the machine that finds them in a text."""

    def __init__(self, aliases: Iterable[Alias], blockers: Iterable[str] = ()) -> None:
        self.aliases = tuple(aliases)
        self.blockers = tuple(blockers)
        parts = distinct((*(a.parts[0] for a in self.aliases), *self.blockers))
        number = {part: i for i, part in enumerate(parts)}
        self._scanner = PhraseScanner(parts)
        self._single: dict[int, list[int]] = {}
        self._patterns: dict[int, list[tuple[str, int]]] = {}
        for i, alias in enumerate(self.aliases):
            first = number[alias.parts[0]]
            if len(alias.parts) == 1:
                self._single.setdefault(first, []).append(i)
            else:
                self._patterns.setdefault(first, []).append((alias.parts[1], i))

    @classmethod
    def load(cls) -> "AliasLexicon":
        """The reviewed lexicon that ships with the library."""
        return _shipped()

    @classmethod
    def read(cls, paths: Sequence[Path]) -> "AliasLexicon":
        """Read alias files; raises `ValueError` with the file and line at fault."""
        return cls(alias for path in paths for alias in _read(path.name, path.read_text("utf-8")))

    def extended(self, extra: Iterable[Alias]) -> "AliasLexicon":
        """This lexicon with more aliases, such as those officers approved."""
        return AliasLexicon((*self.aliases, *extra), self.blockers)

    def find(self, text: str, letters: Letters | None = None) -> list[Hit]:
        """The aliases in `text` as (start, end, number of the alias), in no particular order."""
        found: list[Hit] = []
        for start, end, part in self._scanner.scan(text if letters is None else letters).tolist():
            found += [(start, end, alias) for alias in self._single.get(part, ())]
            for second, alias in self._patterns.get(part, ()):
                stretch = _with(text, start, end, second)
                if stretch is not None:
                    found.append((*stretch, alias))
        return found

    def report_unused(self, messages: Iterable[str]) -> list[Alias]:
        """The aliases that fire on none of `messages`."""
        used = {alias for text in messages for _, _, alias in self.find(text)}
        return [alias for i, alias in enumerate(self.aliases) if i not in used]


def _with(text: str, start: int, end: int, second: str) -> tuple[int, int] | None:
    """The stretch that holds text[start:end] and the nearest `second` after or before it."""
    after = text.find(second, end, end + REACH)
    if after >= 0:
        return start, after + len(second)
    before = text.rfind(second, max(0, start - REACH), start)
    return (before, end) if before >= 0 else None


@cache
def _shipped() -> AliasLexicon:
    folder = files("analysis") / "data"
    names = sorted(f.name for f in folder.iterdir() if f.name.startswith("aliases_"))
    rows = (row for n in names for row in _read(n, (folder / n).read_text("utf-8")))
    return AliasLexicon(rows, (folder / BLOCKERS).read_text("utf-8").split())


def _read(name: str, text: str) -> list[Alias]:
    reader = csv.DictReader(text.splitlines(), delimiter="\t")
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{name}：第 1 行应为 {'、'.join(COLUMNS)} 四列")
    found = []
    for line, row in enumerate(reader, start=2):
        terms = tuple(t.strip() for t in (row["terms"] or "").split(SEPARATOR) if t.strip())
        alias = (row["alias"] or "").strip()
        parts = alias.split(JOIN)
        if len(parts) > 2 or len(parts[0]) < 2 or not parts[-1]:
            raise ValueError(f"{name}：第 {line} 行的别名“{alias}”应为至少两个字，或“两字+另一词”")
        if not terms or not row["subject"]:
            raise ValueError(f"{name}：第 {line} 行缺少规划用语或主题")
        found.append(Alias(alias, terms, row["subject"], row["reason"] or ""))
    return found
