"""The lexicons the readers use, written for this project: tab-separated, a reason on every line.

Lines that begin with `#` are remarks. The last column says why the entry is there; no program
reads it, an editor does.
"""

from functools import cache
from pathlib import Path


@cache
def rows(name: str, columns: int) -> tuple[tuple[str, ...], ...]:
    """The entries of `name` (as `privacy/surnames.tsv`): `columns` values and a reason each."""
    path = Path(__file__).parent / name
    entries = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        values = line.split("\t")
        if len(values) != columns + 1 or not all(value.strip() for value in values):
            raise ValueError(f"{name}:{number}: expected {columns} values and a reason")
        entries.append(tuple(values[:columns]))
    return tuple(entries)
