"""The command that prints the measured quality."""

import json

import pytest

from analysis.evaluation import MissingMaterialError, Report, table
from analysis.evaluation.__main__ import SUBJECTS, main
from analysis.evaluation.plans import KEYS, agreement, f1, report, share


def test_a_report_prints_as_markdown() -> None:
    lines = table(("plan", "F1"), [("a", 0.5), ("b", 1)])
    assert lines == ("| plan | F1 |", "| --- | --- |", "| a | 0.500 |", "| b | 1 |")
    assert Report("Plans", lines).markdown().startswith("## Plans\n\n| plan")


def test_an_unknown_subject_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["weather"])
    printed = capsys.readouterr().err
    assert all(subject in printed for subject in SUBJECTS)


def test_without_the_real_plans_the_subject_says_so() -> None:
    with pytest.raises(MissingMaterialError, match="beside the checkout"):
        report(None)


def test_scores_count_what_is_missing_and_what_is_too_much() -> None:
    assert f1(["a", "b"], ["a", "c"]) == 0.5
    assert f1([], []) == 1.0
    assert share(["a", "b"], ["a", "b", "c"]) == pytest.approx(2 / 3)


def test_two_readings_of_a_plan_are_compared() -> None:
    assert agreement([[1, "一", "总则"]], [[1, "一", "总 则"]], "headings") == (1.0, (1, 1))
    assert agreement([["床位", "3", "张"]], [["床位", "4"]], "targets") == (0.0, (1, 1))


def test_a_second_reading_says_who_made_it() -> None:
    second = list((KEYS / "second").glob("*.json"))
    assert len(second) >= 3
    for path in second:
        key = json.loads(path.read_text(encoding="utf-8"))
        assert "without the parser" in key["made_by"]
        assert (KEYS / path.name).exists()
