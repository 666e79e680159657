"""The figures shown beside an office's own are those of the quality report, with words for all."""

from backend.portal.shipped import REPORT, shipped_figures


def test_every_reader_has_its_shipped_figures_with_intervals() -> None:
    figures = shipped_figures()
    report = REPORT.read_text(encoding="utf-8")
    assert {figure.what[:2] for figure in figures} == {"情感", "意图", "关联"}
    for figure in figures:
        assert figure.is_named, figure.on
        assert figure.value in report and figure.interval in report
        low, high = (float(bound) for bound in figure.interval.split("–"))
        assert low <= float(figure.value) <= high


def test_what_a_reader_was_chosen_on_is_not_shown() -> None:
    assert not [f for f in shipped_figures() if "development" in f.on]
