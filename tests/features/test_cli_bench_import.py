"""`zhengxun bench import` reads documents it makes itself, in the child that reads uploads."""

from pathlib import Path

from backend.bench import imports as bench
from tests.features.command import run


def test_the_documents_are_read_and_judged(tmp_path: Path) -> None:
    ran = run("bench", "import", "--scale", "0.02", data_dir=tmp_path)
    assert ran.status == 0, ran.told
    rows = ran.json["rows"]
    assert [row["document"] for row in rows] == ["text", "PDF", "Word"]
    assert all(row["sections"] > 5 and row["indicators"] > 10 for row in rows)
    assert all(row["cpu_seconds"] > 0 and 20 < row["peak_mb"] < 500 for row in rows)
    assert "| PDF | 6 |" in ran.told


def test_a_broken_promise_is_said() -> None:
    slow = bench.Measured("PDF", 300, 9, 9, 31.0, 31.0, 90.0, 1, 1, 30.0, 500.0)
    heavy = bench.Measured("PDF", 300, 9, 9, 3.0, 3.0, 501.0, 1, 1, 30.0, 500.0)
    fine = bench.Measured("PDF", 300, 9, 9, 3.0, 3.0, 90.0, 1, 1, 30.0, 500.0)
    assert [row.kept for row in (slow, heavy, fine)] == [False, False, True]
    assert bench.as_markdown(bench.Report(1.0, (slow, fine))).count("| no |") == 1


def test_the_same_seed_makes_the_same_plan() -> None:
    assert bench.plan_of(3_000) == bench.plan_of(3_000)
    assert bench.plan_of(3_000) != bench.plan_of(3_000, seed=2)
