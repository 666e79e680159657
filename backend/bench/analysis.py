"""`zhengxun bench analysis`: how long reading a consultation takes, and beside what.

A corpus of each size is written to a file and read as `zhengxun analyse` reads it, every reading
on, in a process of its own. The parts that people would otherwise reach for are timed in the same
run on a sample of the same comments: snownlp for the feeling, jieba for the words, datasketch for
near-copies. Each of them does one thing of the dozen that a reading does.
"""

import json
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backend.bench import corpus
from backend.bench.memory import PeakMemory
from backend.bench.plot import linearity

SIZES = (10_000, 100_000)
WARM_UP = 1200
STOCK_SAMPLE = {"snownlp": 300, "jieba": 3000, "datasketch": 2000}


@dataclass(frozen=True, slots=True)
class Run:
    """One corpus read from file to files. `reading` is the part that all processes share."""

    comments: int
    seconds: float
    reading_seconds: float
    cpu_seconds: float
    peak_bytes: int
    near_copies: float

    @property
    def milliseconds(self) -> float:
        """Wall time for one comment."""
        return 1000 * self.seconds / self.comments


@dataclass(frozen=True, slots=True)
class Stock:
    """One well-known part on a sample; CPU milliseconds for one comment, on one core."""

    name: str
    does: str
    comments: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Shape:
    """Lengths in characters of the comments measured on."""

    median: int
    p95: int
    mean: float
    items: int


@dataclass(frozen=True, slots=True)
class Report:
    """What one bench found."""

    measured_at: str
    machine: str
    processes: int
    load_before: float
    seed: int
    shape: Shape
    runs: tuple[Run, ...]
    stock: tuple[Stock, ...]


def measure(
    sizes: Sequence[int],
    *,
    seed: int = 1,
    processes: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read a corpus of each size, then time the stock parts."""
    load = os.getloadavg()[0]
    count = processes or os.cpu_count() or 1
    _run_apart(WARM_UP, seed, count)  # the first reading after an installation compiles
    runs = []
    for size in sizes:
        tell(f"{size:,} 条……")
        runs.append(_run_apart(size, seed, count))
        tell(sentence(runs[-1]))
    sample = list(corpus.rows(5000, seed))
    return Report(
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        count,
        round(load, 2),
        seed,
        _shape([row[2] for row in sample]),
        tuple(runs),
        tuple(_stock([row[2] for row in sample])),
    )


def sentence(run: Run) -> str:
    """One run in words."""
    return (
        f"{run.comments:,} 条用时 {run.seconds:.1f} 秒（每条 {run.milliseconds:.2f} 毫秒），"
        f"内存峰值 {run.peak_bytes / 1e9:.2f} GB，相似意见占 {run.near_copies:.0%}。"
    )


def write(report: Report, folder: Path) -> None:
    """analysis.json, analysis.md and analysis.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.dumps(asdict(report), ensure_ascii=False, indent=1)
    (folder / "analysis.json").write_text(told + "\n", encoding="utf-8")
    (folder / "analysis.md").write_text(as_markdown(report), encoding="utf-8")
    points = [(run.comments, run.seconds) for run in report.runs]
    (folder / "analysis.svg").write_text(linearity(points), encoding="utf-8")


def as_markdown(report: Report) -> str:
    """The report as a page of tables."""
    shape = report.shape
    lines = [
        "# Speed of reading",
        "",
        "Written by `zhengxun bench analysis`. Made-up comments from seed "
        f"{report.seed}: median {shape.median} characters, 95th percentile {shape.p95}, mean "
        f"{shape.mean:.0f}; {shape.items} indicators and tasks; every reading on, from a CSV file "
        "to the result files. Memory is the sum over all processes.",
        "",
        f"{report.machine}; {report.processes} processes; load before {report.load_before}; "
        f"{report.measured_at}.",
        "",
        "| comments | seconds | of that, one by one | ms per comment "
        "| CPU ms per comment | peak GB | near-copies |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {r.comments:,} | {r.seconds:.1f} | {r.reading_seconds:.1f} | {r.milliseconds:.2f} "
        f"| {1000 * r.cpu_seconds / r.comments:.2f} | {r.peak_bytes / 1e9:.2f} "
        f"| {r.near_copies:.0%} |"
        for r in report.runs
    ]
    lines += [
        "",
        "![Seconds by number of comments](analysis.svg)",
        "",
        "Stock parts on the same comments, one core, each doing one thing only:",
        "",
        "| part | does | sample | CPU ms per comment |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| {s.name} | {s.does} | {s.comments:,} | {s.milliseconds:.2f} |" for s in report.stock
    ]
    return "\n".join(lines) + "\n"


# --- One size ------------------------------------------------------------------------------------


def _run_apart(size: int, seed: int, processes: int) -> Run:
    """Read one corpus in a fresh process, so that no run inherits the memory of another."""
    start = multiprocessing.get_context("spawn")
    with TemporaryDirectory(prefix="zhengxun-bench-") as name:
        folder = Path(name)
        corpus.write_comments(folder / "comments.csv", size, seed)
        corpus.write_plan(folder / "plan.json", corpus.plan())
        child = start.Process(target=_read, args=(folder, processes))
        child.start()
        with PeakMemory(child.pid or 0) as peak:
            child.join()
        if child.exitcode:
            raise ValueError(f"读 {size} 条时进程中断（{child.exitcode}）。")
        figures = json.loads((folder / "figures.json").read_text())
        return Run(size, **figures, peak_bytes=peak.bytes, near_copies=_near_copies(folder, size))


def _read(folder: Path, processes: int) -> None:
    """In the child: the `analyse` command without its progress bar, timed."""
    from analysis.files import analyse

    begun, done_at = time.perf_counter(), [0.0]

    def note(_: int) -> None:
        done_at[0] = time.perf_counter()

    analyse(
        folder / "comments.csv", folder / "plan.json", folder / "out",
        processes=processes, progress=note,
    )  # fmt: skip
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    figures = {
        "seconds": round(time.perf_counter() - begun, 2),
        "reading_seconds": round(done_at[0] - begun, 2),
        "cpu_seconds": round(sum(one.ru_utime + one.ru_stime for one in used), 2),
    }
    (folder / "figures.json").write_text(json.dumps(figures))


def _near_copies(folder: Path, size: int) -> float:
    clusters = json.loads((folder / "out" / "clusters.json").read_text("utf-8"))
    copies: int = sum(cluster["count"] - 1 for cluster in clusters)
    return round(copies / size, 4)


def _shape(texts: Sequence[str]) -> Shape:
    lengths = sorted(map(len, texts))
    made = corpus.plan()
    return Shape(
        lengths[len(lengths) // 2],
        lengths[int(0.95 * len(lengths))],
        sum(lengths) / len(lengths),
        len(made.tasks) + len(made.indicators),
    )


# --- Stock parts ---------------------------------------------------------------------------------


def _stock(texts: Sequence[str]) -> Iterable[Stock]:
    yield _timed("snownlp", "feeling", texts, _with_snownlp())
    if with_jieba := _with_jieba():
        yield _timed("jieba", "words", texts, with_jieba)
    if with_datasketch := _with_datasketch():
        yield _timed("datasketch", "near-copies", texts, with_datasketch)


def _timed(name: str, does: str, texts: Sequence[str], work: Callable[[str], object]) -> Stock:
    work("暖机")  # models are loaded before the clock runs
    sample = list(islice(texts, STOCK_SAMPLE[name]))
    begun = time.process_time()
    for text in sample:
        work(text)
    spent = time.process_time() - begun
    return Stock(f"{name} {version(name)}", does, len(sample), 1000 * spent / len(sample))


def _with_snownlp() -> Callable[[str], object]:
    from snownlp import SnowNLP

    return lambda text: float(SnowNLP(text).sentiments)


def _with_jieba() -> Callable[[str], object] | None:
    try:
        import jieba
    except ImportError:
        return None
    return lambda text: jieba.lcut(text)


def _with_datasketch() -> Callable[[str], object] | None:
    """Sketch, look up, insert: what finding near-copies as they come takes."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return None
    index: Any = MinHashLSH(threshold=0.7, num_perm=128)
    count = iter(range(10**9))

    def add(text: str) -> object:
        sketch = MinHash(num_perm=128)
        sketch.update_batch([text[i : i + 3].encode() for i in range(max(1, len(text) - 2))])
        found = index.query(sketch)
        index.insert(next(count), sketch)
        return found

    return add
