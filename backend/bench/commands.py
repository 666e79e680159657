"""The `zhengxun bench` commands: how fast this installation is, measured here and now."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="测速")

told = Console(stderr=True, highlight=False)


@app.command("digest")
def digest(
    scale: Annotated[float, typer.Option(help="按比例缩小意见条数，1 为全量")] = 1.0,
) -> None:
    """生成意见，测一测摘要做成各种文件要多久、用多少内存。"""
    from backend.bench import digests as bench

    report = bench.measure(scale=scale, tell=told.print)
    told.print(bench.as_markdown(report), markup=False)
    json.dump(asdict(report), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


@app.command("analysis")
def analysis(
    size: Annotated[list[int] | None, typer.Option(help="意见条数，可重复")] = None,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    processes: Annotated[int | None, typer.Option(help="进程数，默认与核数相同")] = None,
    out: Annotated[Path | None, typer.Option(help="报告（JSON、表格、图）写入的目录")] = None,
) -> None:
    """生成意见，测一测读完要多久、用多少内存，并与 snownlp、jieba、datasketch 对照。"""
    from backend.bench import analysis as bench

    report = bench.measure(
        sorted(size or bench.SIZES), seed=seed, processes=processes, tell=told.print
    )
    if out:
        bench.write(report, out)
    told.print(bench.as_markdown(report), markup=False)
    json.dump(asdict(report), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


@app.command("import")
def imports(
    scale: Annotated[float, typer.Option(help="按比例缩短文件，1 为全量（300 页）")] = 1.0,
) -> None:
    """生成规划文件，测一测读一份要多久、用多少内存。"""
    from backend.bench import imports as bench

    report = bench.measure(scale=scale, tell=told.print)
    told.print(bench.as_markdown(report), markup=False, soft_wrap=True)
    json.dump(asdict(report), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
