"""`zhengxun bench analysis`: what it measures on, and that it measures."""

import json
from itertools import islice
from pathlib import Path

import lxml.etree
import pytest
from typer.testing import CliRunner

from analysis.linking import plan_items
from backend.bench import analysis, corpus
from backend.bench.plot import linearity
from backend.cli import app


def test_the_corpus_is_shaped_like_real_messages() -> None:
    lengths = sorted(len(row[2]) for row in corpus.rows(2000, 1))
    assert lengths[1000] >= 100
    assert lengths[1900] >= 800
    assert len(corpus.plan().tasks) + len(corpus.plan().indicators) == 300
    assert len(plan_items(corpus.plan())) >= 300


def test_a_row_depends_on_seed_and_number_alone() -> None:
    assert list(corpus.rows(50, 1)) == list(islice(corpus.rows(10**6, 1), 50))
    assert list(corpus.rows(50, 1)) != list(corpus.rows(50, 2))


def test_the_bench_reads_a_corpus_and_writes_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "WARM_UP", 20)
    monkeypatch.setattr(analysis, "STOCK_SAMPLE", dict.fromkeys(analysis.STOCK_SAMPLE, 5))
    words = ["bench", "analysis", "--size", "150", "--processes", "1", "--out", str(tmp_path)]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    told = json.loads((tmp_path / "analysis.json").read_text("utf-8"))
    [run] = told["runs"]
    assert run["comments"] == 150
    assert 0 < run["reading_seconds"] <= run["seconds"]
    assert run["peak_bytes"] > 50_000_000
    names = [one["name"].split()[0] for one in told["stock"]]
    assert names == ["snownlp", "jieba", "datasketch"]
    page = (tmp_path / "analysis.md").read_text("utf-8")
    assert "| 150 |" in page and all(one["name"] in page for one in told["stock"])
    lxml.etree.parse(tmp_path / "analysis.svg")


def test_a_straight_line_lies_on_the_dashed_one() -> None:
    drawing = lxml.etree.fromstring(linearity([(1000, 2.0), (10_000, 20.0), (100_000, 200.0)]))
    dashed, own = drawing.findall("{*}polyline")
    assert own.get("points").split()[-1] == dashed.get("points").split()[-1]
    first, last = (tuple(map(float, p.split(","))) for p in dashed.get("points").split())
    for point in own.get("points").split():
        x, y = map(float, point.split(","))
        on_line = first[1] + (last[1] - first[1]) * (x - first[0]) / (last[0] - first[0])
        assert y == pytest.approx(on_line, abs=0.5)
