"""Comments from files, and the reading of a consultation into files.

This is the whole of `zhengxun analyse` without the command line: any CSV, JSONL or Parquet file of
comments and any plan document go in, the files of the black-box contract (docs/cli.md) come out.
Bad input is a `ValueError` with one sentence in Chinese.
"""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from analysis.chunks import Context, undisturbed
from analysis.contracts import ParsedPlan, from_json
from analysis.corpus import Progress
from analysis.files.reading import read_comments
from analysis.files.writing import write_reading, write_store
from analysis.memory import available_memory
from analysis.outline import parse_file
from analysis.store import ChunkStore, read_into
from analysis.whole import join, read_whole

__all__ = ["analyse", "read_comments", "read_plan", "write_reading"]

_WORK_FOLDER = ".reading"
_MEMORY_PER_BYTE = 2.5
"""Memory at the peak of reading the whole, for each byte of the chunks' features on disk."""


def analyse(
    comments_path: Path,
    plan_path: Path,
    out_dir: Path,
    *,
    text_column: str | None = None,
    scheduler: str | None = None,
    processes: int | None = None,
    gazetteer: Sequence[str] = (),
    progress: Progress | None = None,
) -> None:
    """Read the comments of a file against a plan and write the files of the contract.

    The plan is any plan document or the JSON printed by `plan parse`. A run that was killed takes
    up where it stopped when it is started again with the same input and `out_dir`.
    """
    context = Context(read_plan(plan_path), tuple(gazetteer))
    comments = read_comments(comments_path, text_column)
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"不能写入文件夹 {out_dir}。") from error
    work = out_dir / _WORK_FOLDER
    store = read_into(
        work, comments, context, processes=processes, scheduler=scheduler, progress=progress
    )
    _refuse_without_memory(store, work)
    with undisturbed():
        whole = read_whole(join(list(store.features())), store.texts, additions=False)
    write_store(out_dir, store, whole)
    shutil.rmtree(work)


def _refuse_without_memory(store: ChunkStore, work: Path) -> None:
    """Better a sentence than a process killed by the system after hours of reading."""
    needed = _MEMORY_PER_BYTE * store.feature_bytes()
    free = available_memory()
    if free is not None and needed > free:
        raise ValueError(
            f"意见太多：合并主题和相似意见约需 {needed / 1e9:.1f} GB 内存，"
            f"现在只有 {free / 1e9:.1f} GB。"
            f"逐条的结果已保存在 {work}，换一台内存更大的机器、用同样的命令即可接着做。"
        )


def read_plan(path: Path) -> ParsedPlan:
    """A parsed plan from a plan document or from the JSON of `plan parse`."""
    if path.suffix.lower() != ".json":
        return parse_file(path)
    try:
        data = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"找不到或打不开规划文件 {path.name}。") from error
    except ValueError as error:
        raise ValueError(f"{path.name} 不是有效的 JSON。") from error
    if not isinstance(data, dict) or "title" not in data:
        raise ValueError(f"{path.name} 不是 plan parse 输出的规划。")
    try:
        return from_json(ParsedPlan, data)
    except ValueError as error:
        raise ValueError(f"{path.name} 不是 plan parse 输出的规划：{error}。") from error
