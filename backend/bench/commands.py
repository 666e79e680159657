"""The `zhengxun bench` commands: how fast this installation is, measured here and now."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from backend.bench.web import Report

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


Comments = Annotated[int, typer.Option(help="意见条数")]
Requests = Annotated[int, typer.Option(help="请求次数")]
Visitors = Annotated[int, typer.Option(help="同时的访客数")]
Seed = Annotated[int, typer.Option(help="随机种子")]
Yardstick = Annotated[
    Path | None, typer.Option(help="对照用 Django 的虚拟环境目录，没有就新建；不写就不对照")
]


@app.command("web")
def web(
    comments: Comments = 10_000,
    requests: Requests = 2_000,
    visitors: Visitors = 8,
    seed: Seed = 1,
    yardstick: Yardstick = None,
) -> None:
    """生成意见，测一测一节有这么多意见的页面每秒能看多少次，并与普通的 Django 对照。"""
    from backend.bench import web as bench

    size = bench.Size(comments, requests, visitors, seed)
    _say(bench.measure_reading(size, yardstick=yardstick, tell=told.print))


@app.command("submit")
def submit(
    comments: Comments = 10_000,
    requests: Requests = 2_000,
    visitors: Visitors = 8,
    seed: Seed = 1,
    yardstick: Yardstick = None,
) -> None:
    """测一测每秒能收下多少条意见（落盘才算），并与普通的 Django 对照。"""
    from backend.bench import web as bench

    size = bench.Size(comments, requests, visitors, seed)
    _say(bench.measure_posting(size, yardstick=yardstick, tell=told.print))


def _say(report: "Report") -> None:
    from backend.bench.web import as_markdown

    told.print(as_markdown(report), markup=False, soft_wrap=True)
    json.dump(asdict(report), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
