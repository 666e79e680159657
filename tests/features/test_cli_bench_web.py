"""`zhengxun bench web` and `submit` ask a server of their own, and say what came of it."""

from pathlib import Path

import pytest

from backend.bench import crowd, load, web
from tests.features.command import run

FEW = ("--comments", "60", "--requests", "16", "--visitors", "2")


def test_the_section_is_read(tmp_path: Path) -> None:
    ran = run("bench", "web", *FEW, data_dir=tmp_path)
    assert ran.status == 0, ran.told
    cases = ran.json["cases"]
    assert [case["pace"]["count"] for case in cases] == [16, 4]
    assert all(case["pace"]["p95_ms"] >= case["pace"]["median_ms"] > 0 for case in cases)
    assert cases[0]["kilobytes"] > 1
    assert ran.json["ratios"] == {}
    assert list(tmp_path.iterdir()) == []  # It works in a database of its own.


@pytest.mark.drill
def test_opinions_are_sent(tmp_path: Path) -> None:
    ran = run("bench", "submit", *FEW, data_dir=tmp_path)
    assert ran.status == 0, ran.told
    assert [case["pace"]["count"] for case in ran.json["cases"]] == [4, 4]


def test_the_same_seed_gathers_the_same_crowd(tmp_path: Path) -> None:
    one, same, other = (
        crowd.gather(tmp_path / name, 30, seed=seed)
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.for_yardstick() == same.for_yardstick()
    assert one.said != other.said
    inside = {p.key for p in one.passages if p.section_key == one.section}
    assert {said.passage for said in one.said} <= inside


def test_ours_is_held_against_the_yardstick() -> None:
    def case(name: str, server: str, took: float) -> web.Case:
        return web.Case(name, server, load.pace([0.1, 0.2, 0.3, 0.4], took), cpu_ms=1)

    cases = [case("读", "征询", 1), case("读", "Django", 2), case("写", "征询", 1)]
    assert web.ratios(cases) == {"读": 2.0}
    assert cases[0].pace == load.Pace(4, 4.0, 250.0, 300.0)
