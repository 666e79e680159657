"""`zhengxun bench digest` measures what it says, on comments it makes itself."""

from pathlib import Path

import pytest

from backend.bench import digests as bench
from backend.kit.db import Database
from backend.kit.settings import Settings
from tests.features.command import run


def test_every_case_does_real_work(database: Database, settings: Settings) -> None:
    with database.writing() as session:
        bench.fill(session, 12)
    done = [
        bench.DOING[what](database, settings, bench.Case(what, 12, None)) for what in bench.NAMES
    ]
    assert all(size > 1_000 for size in done)


def test_a_broken_promise_is_said() -> None:
    case = bench.Case("pdf", 10, most_seconds=10)
    slow = bench.figure(case, seconds=11, cpu=1, peak=100_000_000, size=1)
    heavy = bench.figure(case, seconds=1, cpu=1, peak=600_000_000, size=1)
    fine = bench.figure(case, seconds=1, cpu=1, peak=100_000_000, size=1)
    assert [f.is_kept for f in (slow, heavy, fine)] == [False, False, True]
    table = bench.as_markdown(bench.Report("here", 2, (0, 0, 0), 1, (slow, fine)))
    assert table.count("没有做到") == 1


@pytest.mark.drill
def test_the_command_measures_every_case(tmp_path: Path) -> None:
    ran = run("bench", "digest", "--scale", "0.002", data_dir=tmp_path)
    assert ran.status == 0, ran.told
    figures = ran.json["figures"]
    assert [f["what"] for f in figures] == [case.what for case in bench.CASES]
    assert all(f["seconds"] > 0 and f["count"] >= 10 and f["peak_mb"] > 20 for f in figures)
    assert list(tmp_path.iterdir()) == []  # It works in a database of its own.
