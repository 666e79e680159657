"""Reading a list somebody uploaded (.xlsx, .csv, .txt): rows of text, in a child process.

The parent never opens the file. Every cell becomes text as it stands: a formula is its own words,
a date is `2026-11-22`, a whole number has no `.0`, a merged cell says the same in all its places.
`python -m backend.registry.sheets FILE NAME` prints JSON, or one Chinese sentence and status 2.
"""

import csv
import io
import json
import resource
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from pathlib import Path, PurePath
from typing import Any

SECONDS = 90
MEMORY = 2_000_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 60
MAX_UNPACKED = 300_000_000
MAX_MEMBERS = 2_000
DELIMITERS = ",\t;，；|"


class UnreadableList(ValueError):
    """The file is no list we can read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows that hold anything, each with its line in the file; `source` names encoding or sheet."""

    source: str
    delimiter: str
    rows: list[tuple[int, list[str]]]


def read_untrusted(path: Path, name: str) -> Sheet:
    """Read the upload kept at `path`, called `name` by its sender; raises `UnreadableList`."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "backend.registry.sheets", str(path), name],
            capture_output=True,
            timeout=SECONDS * 2,
            check=False,
            cwd=Path(__file__).resolve().parents[2],
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableList("这个表格没有在限定时间内读完，请拆成几个文件再导入。") from error
    if done.returncode == 2:
        raise UnreadableList(done.stderr.decode().strip().splitlines()[-1])
    if done.returncode != 0:
        raise UnreadableList("这个表格读不出来，可能已损坏或太大。请另存为 .xlsx 或 .csv 后重试。")
    read = json.loads(done.stdout)
    return Sheet(read["source"], read["delimiter"], [(n, cells) for n, cells in read["rows"]])


def read(data: bytes, name: str) -> Sheet:
    """The rows of a file, by its extension and first bytes."""
    suffix = PurePath(name).suffix.lower()
    if suffix == ".xls" or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableList("这是旧格式的 .xls，或者加了密码。请用表格软件另存为 .xlsx 再导入。")
    if data.startswith(b"PK\x03\x04"):
        return _workbook(data)
    if suffix not in (".csv", ".txt", ".tsv"):
        raise UnreadableList("只能导入 .xlsx 和 .csv 表格。请另存后再上传。")
    return _separated(data)


# --- Text with separators ------------------------------------------------------------------------


def _separated(data: bytes) -> Sheet:
    text, encoding = _decoded(data)
    delimiter = _delimiter(text)
    csv.field_size_limit(20_000_000)
    lines = csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter)
    try:
        return Sheet(encoding, delimiter, _kept(enumerate(lines, start=1)))
    except csv.Error as error:
        raise UnreadableList("这个 CSV 里有读不通的引号或换行，请另存为 .xlsx 再导入。") from error


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and the name of its encoding: a mark says it, else UTF-8, else GB18030."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, "replace"), "UTF-16"
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        sure = data.decode("utf-8", "ignore")
        if len(sure.encode()) > 0.98 * len(data):
            return data.decode("utf-8-sig", "replace"), "UTF-8"
        raise UnreadableList(
            "认不出这个文件的文字编码。请另存为 .xlsx，或 UTF-8 的 .csv。"
        ) from error


def _delimiter(text: str) -> str:
    """What splits the first lines most evenly into most columns."""
    sample = [line for line in text[:200_000].splitlines()[:50] if line.strip()]
    best, score = ",", 0.0
    for candidate in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(sample, delimiter=candidate)]
        except csv.Error:
            continue
        width, often = Counter(widths).most_common(1)[0] if widths else (1, 0)
        here = (width - 1) * often / max(1, len(widths))
        if here > score:
            best, score = candidate, here
    return best


# --- Workbooks -----------------------------------------------------------------------------------


def _workbook(data: bytes) -> Sheet:
    import openpyxl

    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
        if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
            raise UnreadableList("这个表格展开后太大，请拆成几个文件再导入。")
        book = openpyxl.load_workbook(io.BytesIO(data), keep_links=False)
    except UnreadableList:
        raise
    except Exception as error:  # openpyxl raises whatever its parts raise.
        raise UnreadableList("这个 .xlsx 读不出来，可能已损坏。请重新另存后再上传。") from error
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    read = [(sheet.title, _kept(_cells(sheet))) for sheet in sheets or book.worksheets]
    title, rows = max(read, key=lambda one: len(one[1]), default=("", []))
    return Sheet(title[:32], "", rows)


def _cells(sheet: Any) -> Iterable[tuple[int, list[str]]]:
    """Rows that exist: a stray cell in line 1,048,576 must not make a million empty ones."""
    lines: dict[int, dict[int, str]] = {}
    # The public ways of walking a sheet fill every gap with a new cell.
    for (row, column), cell in sheet._cells.items():
        if column <= MAX_COLUMNS and cell.value is not None:
            lines.setdefault(row, {})[column] = _text(cell.value)
    for merged in sheet.merged_cells.ranges:
        said = lines.get(merged.min_row, {}).get(merged.min_col, "")
        if said and merged.size["rows"] <= 1_000:
            for row in range(merged.min_row, merged.max_row + 1):
                for column in range(merged.min_col, min(merged.max_col, MAX_COLUMNS) + 1):
                    if row in lines:
                        lines[row][column] = said
    width = max((column for line in lines.values() for column in line), default=0)
    for row in sorted(lines):
        yield row, [lines[row].get(column, "") for column in range(1, width + 1)]


def _text(value: Any) -> str:
    match value:
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case datetime():
            at_midnight = value.time() == time()
            return value.date().isoformat() if at_midnight else value.strftime("%Y-%m-%d %H:%M")
        case date():
            return value.isoformat()
    words = getattr(value, "text", None)  # An array formula is an object with its words.
    return str(words if isinstance(words, str) else value)


def _kept(lines: Iterable[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Lines that say something, without a tail of empty cells."""
    rows: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MAX_COLUMNS and any(cell.strip() for cell in cells[MAX_COLUMNS:]):
            raise UnreadableList(f"表格超过{MAX_COLUMNS}列，请删去不用的列再导入。")
        if len(rows) >= MAX_ROWS:
            raise UnreadableList(f"一次最多导入{MAX_ROWS}行，请拆成几个文件。")
        rows.append((number, [cell.strip() for cell in cells[:MAX_COLUMNS]]))
    if not rows:
        raise UnreadableList("这个表格是空的，请检查后再上传。")
    return rows


def _child(path: str, name: str) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        sheet = read(Path(path).read_bytes(), name)
    except UnreadableList as error:
        print(error, file=sys.stderr)
        return 2
    # Lone surrogates cannot be printed as UTF-8; JSON's own escapes carry them.
    json.dump(asdict(sheet), sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(_child(*sys.argv[1:3]))
