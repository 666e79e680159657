"""The pipeline for a whole consultation: in one process, in a pool, or on a Dask cluster.

Comments are read in chunks that depend on nothing but themselves, so the same bytes come out
however many processes share the work. `read_corpus` keeps everything in memory and suits a
consultation; `analysis.store` keeps chunks on disk, for a million comments.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar

from analysis.chunks import CHUNK_SIZE, ChunkReading, Context, chunked, read_chunk
from analysis.contracts import CommentText, CorpusReading, ParsedPlan
from analysis.whole import join, read_whole

Progress = Callable[[int], None]
"""Called with the number of comments read so far."""

T = TypeVar("T")
Chunk = tuple[CommentText, ...]
Work = Callable[[Chunk, Context], T]

_WAITING_EACH = 3
"""Chunks in flight per process: enough to keep it busy, few enough to hold in memory."""

_context: Context | None = None


def read_corpus(
    comments: Iterable[CommentText],
    plan: ParsedPlan,
    *,
    processes: int | None = None,
    scheduler: str | None = None,
    gazetteer: Sequence[str] = (),
    progress: Progress | None = None,
) -> CorpusReading:
    """Read all comments of a consultation together.

    `processes` defaults to one per core (1 reads in this process); `scheduler` is the address of
    a Dask scheduler instead. Comment ids should be distinct.
    """
    everything = tuple(comments)
    context = Context(plan, tuple(gazetteer))
    if processes is None and len(everything) <= 2 * CHUNK_SIZE:
        processes = 1
    parts: list[ChunkReading] = []
    done = 0
    with workers(context, processes, scheduler) as pool:
        for part in pool.map(read_chunk, chunked(everything)):
            parts.append(part)
            done += len(part.readings)
            if progress:
                progress(done)

    def texts(rows: Sequence[int]) -> dict[int, CommentText]:
        return {row: everything[row] for row in rows}

    whole = read_whole(join([part.features for part in parts]), texts)
    readings = (reading for part in parts for reading in part.readings)
    found = zip(readings, whole.topic_of, whole.issue_of, whole.cluster_of, strict=True)
    return CorpusReading(
        tuple(
            replace(reading, topic=topic, issue=issue, cluster=cluster)
            for reading, topic, issue, cluster in found
        ),
        whole.topics,
        whole.issues,
        whole.clusters,
        whole.summary,
    )


class Pool:
    """Does one piece of work per chunk and gives the results in the order of the chunks."""

    def __init__(self, submit: Callable[[Work[Any], Chunk], "Future[Any]"], size: int) -> None:
        self._submit = submit
        self._most_waiting = size * _WAITING_EACH

    def map(self, work: Work[T], chunks: Iterable[Chunk]) -> Iterator[T]:
        """The result for each chunk; only a few chunks are held at a time."""
        waiting: deque[Future[T]] = deque()
        for chunk in chunks:
            waiting.append(self._submit(work, chunk))
            if len(waiting) >= self._most_waiting:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def workers(context: Context, processes: int | None, scheduler: str | None) -> Iterator[Pool]:
    """Whatever does the work: this process, a pool of processes, or a Dask cluster."""
    count = processes or os.cpu_count() or 1
    if scheduler:
        with _dask(context, scheduler) as pool:
            yield pool
    elif count == 1:
        yield Pool(lambda work, chunk: _done(work(chunk, context)), 0)
    else:
        # Started afresh, not forked: the caller may be a web worker with threads and locks.
        start = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(count, start, _remember, (context,)) as executor:
            yield Pool(lambda work, chunk: executor.submit(_work_here, work, chunk), count)


def _done(result: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(result)
    return future


def _remember(context: Context) -> None:
    global _context
    _context = context


def _work_here(work: Work[T], chunk: Chunk) -> T:
    if _context is None:
        raise RuntimeError("the worker was started without a context")
    return work(chunk, _context)


@contextmanager
def _dask(context: Context, scheduler: str) -> Iterator[Pool]:
    """Work on a Dask cluster; the package is an optional extra."""
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise ValueError(
            "没有安装 Dask，不能使用 --scheduler；请先安装 zhengxun[dask]。"
        ) from error
    try:
        client = distributed.Client(scheduler, timeout="10s")
    except (OSError, ValueError, TimeoutError) as error:
        raise ValueError(f"连接不上调度器 {scheduler}。") from error
    with client:
        shared = client.scatter(context, broadcast=True)
        size = max(len(client.ncores()), 1)
        yield Pool(lambda work, chunk: client.submit(work, chunk, shared, pure=False), size)
