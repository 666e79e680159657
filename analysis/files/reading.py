"""Comments from CSV, JSONL and Parquet files, whatever they hold.

Every row gives one comment, in order: a row that cannot be taken apart becomes a
`DamagedComment` that says why, so nothing is lost without a word. Encodings are found out, values
of any type become text, unknown columns are left alone.
"""

import codecs
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analysis.contracts import CommentText
from analysis.files.csvrows import csv_rows
from analysis.readable import DamagedComment

_BLOCK = 1 << 20
_ROWS_AT_ONCE = 2000
_LOOKED_AT_FOR_COLUMNS = 200
_TIME_FORMS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d")

Row = Mapping[str, Any] | str
"""The values by column, or why there are none."""


def read_comments(path: Path, text_column: str | None = None) -> Iterator[CommentText]:
    """The comments of a file, one per row in order; `ValueError` when it is not such a file.

    The format goes by the ending (.csv .tsv .txt, .jsonl .ndjson .json, .parquet). `text_column`
    names the column of the text, by default `text`.
    """
    if not path.is_file():
        raise ValueError(f"找不到意见文件 {path.name}。")
    if path.stat().st_size == 0:
        raise ValueError(f"意见文件 {path.name} 是空的。")
    wanted = text_column or "text"
    ending = path.suffix.lower()
    if ending == ".parquet":
        columns, rows = _parquet(path)
    elif ending in (".jsonl", ".ndjson", ".json"):
        columns, rows = _json_lines(path)
    elif ending in (".csv", ".tsv", ".txt", ""):
        columns, rows = _csv(path, wanted)
    else:
        raise ValueError(f"不认识的文件类型“{ending}”，意见文件应为 CSV、JSONL 或 Parquet。")
    _require(columns, wanted)
    return (_comment(row, number, wanted) for number, row in enumerate(rows, start=1))


def _require(columns: Sequence[str], text_column: str) -> None:
    missing = [name for name in ("id", text_column) if name not in columns]
    if missing:
        present = "、".join(columns) or "无"
        names = "、".join(f"“{name}”" for name in missing)
        hint = "请用 --text-column 指明正文所在的列。" if text_column in missing else ""
        raise ValueError(f"意见文件缺少{names}列；现有的列：{present}。{hint}")


def _comment(row: Row, number: int, text_column: str) -> CommentText:
    if isinstance(row, str):
        return DamagedComment(f"row-{number}", "", fault=row)
    return CommentText(
        id=_text(row.get("id")).strip() or f"row-{number}",
        text=_text(row.get(text_column)),
        title=None if text_column == "title" else _text(row.get("title")) or None,
        posted_at=_time(row.get("posted_at")),
        channel=_text(row.get("channel")) or None,
        author=_text(row.get("author")) or None,
        likes=_count(row.get("likes")),
        anchor=_text(row.get("anchor")) or None,
    )


# --- CSV -----------------------------------------------------------------------------------------


def _csv(path: Path, text_column: str) -> tuple[Sequence[str], Iterator[Row]]:
    lines = _lines(path, _encoding(path))
    first = next(lines, "")
    # A field holds at most one comment, but a comment may be long.
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    delimiter = max(",\t;", key=first.count)
    columns = [
        name.strip().strip("\ufeff") for name in next(csv.reader([first], delimiter=delimiter), [])
    ]
    return columns, _csv_rows(csv_rows(lines, delimiter), columns, delimiter, text_column)


def _csv_rows(
    rows: Iterable[list[str]], columns: Sequence[str], delimiter: str, text_column: str
) -> Iterator[Row]:
    for values in rows:
        more = [value for value in values[len(columns) :] if value.strip()]
        if more and columns and columns[-1] == text_column:
            # A comma inside a last column that nobody quoted belongs to the text.
            last = len(columns) - 1
            values = [*values[:last], delimiter.join(values[last:])]
        elif more:
            yield f"这一行比表头多出 {len(more)} 格，分不清哪一格是正文"
            continue
        yield dict(zip(columns, values, strict=False))


def _lines(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        yield from file


def _encoding(path: Path) -> str:
    """UTF-8 if every byte is, else the Chinese national encoding."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        block = file.read(_BLOCK)
        if block[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16"
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


# --- JSON lines ----------------------------------------------------------------------------------


def _json_lines(path: Path) -> tuple[Sequence[str], Iterator[Row]]:
    encoding = _encoding(path)
    columns: dict[str, None] = {}
    for number, row in enumerate(_json_rows(path, encoding)):
        if number == _LOOKED_AT_FOR_COLUMNS:
            break
        if not isinstance(row, str):
            columns.update(dict.fromkeys(row))
    return tuple(columns), _json_rows(path, encoding)


def _json_rows(path: Path, encoding: str) -> Iterator[Row]:
    with path.open(encoding=encoding, errors="replace", newline="\n") as file:
        for line in file:
            if line.strip():
                yield _json_row(line)


def _json_row(line: str) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return "这一行不是有效的 JSON"
    if not isinstance(value, dict):
        return "这一行不是一条意见（JSON 对象）"
    return value


# --- Parquet -------------------------------------------------------------------------------------


def _parquet(path: Path) -> tuple[Sequence[str], Iterator[Row]]:
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        raise ValueError(f"{path.name} 不是有效的 Parquet 文件。") from error
    return file.schema_arrow.names, _parquet_rows(file)


def _parquet_rows(file: Any) -> Iterator[Row]:
    for batch in file.iter_batches(_ROWS_AT_ONCE):
        yield from batch.to_pylist()


# --- Values --------------------------------------------------------------------------------------


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else str(value)


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    text = _text(value).strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return _other_time(text)


def _other_time(text: str) -> datetime | None:
    for form in _TIME_FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  written in China, see columns
        except ValueError:
            continue
    return None


def _count(value: Any) -> int | None:
    try:
        return int(float(_text(value)))
    except (ValueError, OverflowError):
        return None
