"""A reading that is killed with -9 again and again ends in the bytes of an undisturbed one.

`zhengxun analyse` runs as an operator runs it, in processes of its own. The group is killed at
random moments: while chunks are read and while the findings are written. Started again with the
same words it takes up where it was.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.bench import corpus
from tests.analysis.corpora import PLAN

FINISHED_WITHIN = 1200.0


@pytest.mark.parametrize(
    ("size", "kills"), [(1500, 1), pytest.param(100_000, 20, marks=pytest.mark.drill)]
)
def test_a_killed_reading_ends_in_the_same_bytes(tmp_path: Path, size: int, kills: int) -> None:
    comments, plan = tmp_path / "comments.csv", tmp_path / "plan.json"
    corpus.write_comments(comments, size, seed=7)
    corpus.write_plan(plan, PLAN)
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    begun = time.monotonic()
    assert _start(comments, plan, undisturbed).wait(FINISHED_WITHIN) == 0
    whole = time.monotonic() - begun

    moments = random.Random(11)
    read_before: list[int] = []
    for _ in range(kills):
        process = _start(comments, plan, killed)
        chunks = _chunks(killed)
        # Wait for at least one new chunk, then for any moment of what may be left.
        _wait(process, lambda before=chunks: _chunks(killed) > before)
        time.sleep(moments.random() * whole / kills / 2)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        read_before.append(_chunks(killed))
    assert read_before == sorted(read_before)
    assert _start(comments, plan, killed).wait(FINISHED_WITHIN) == 0
    assert _files(killed) == _files(undisturbed)


def _start(comments: Path, plan: Path, out: Path) -> "subprocess.Popen[bytes]":
    zhengxun = Path(sys.executable).with_name("zhengxun")
    return subprocess.Popen(
        [zhengxun, "analyse", str(comments), "--plan", str(plan), "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _chunks(out: Path) -> int:
    """Chunks in place; the folder goes when all is written, which is as far as one can get."""
    work = out / ".reading"
    return len(list(work.glob("*.features"))) if work.exists() or not out.exists() else 10**6


def _wait(process: "subprocess.Popen[bytes]", reached) -> None:
    deadline = time.monotonic() + FINISHED_WITHIN
    while process.poll() is None and not reached() and time.monotonic() < deadline:
        time.sleep(0.02)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
