"""The `zhengxun bench` commands: how fast this installation is, measured here and now."""

import json
import sys
from dataclasses import asdict
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
