"""What a decision needs, and by when; the calendar of Chinese working days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from backend.models import Outcome
from backend.triage import rules
from backend.triage.highlight import Mark, segments
from backend.triage.working_days import add_working_days, is_working_day, working_days_between


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_needs_a_reason_or_a_place(outcome: Outcome) -> None:
    def errors(reason: str, place: str) -> dict[str, str]:
        return rules.decision_errors(
            outcome=outcome, reason=reason, place=place, section_key=None, reply=""
        )

    needs_place = outcome in (Outcome.ADOPTED, Outcome.ALREADY_COVERED)
    assert set(errors("", "")) == ({"change_place"} if needs_place else {"reason"})
    assert errors("理由" if not needs_place else "", "第三章" if needs_place else "") == {}


def test_too_long_is_said_with_the_count() -> None:
    errors = rules.decision_errors(
        outcome=Outcome.NOTED, reason="长" * 2001, place="", section_key=None, reply=""
    )
    assert "2001" in errors["reason"]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday that pays for the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), True),
        (date(2031, 10, 1), False),
    ],
)
def test_working_days(day: date, works: bool) -> None:
    assert is_working_day(day) is works


def test_days_are_counted_after_the_day_itself() -> None:
    assert add_working_days(date(2026, 11, 20), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 20)) == -1


def test_the_overdue_cutoff_agrees_with_each_due_day() -> None:
    for offset in range(400):
        today = date(2026, 1, 1) + timedelta(days=offset)
        cutoff = rules.overdue_before(today)
        assert add_working_days(cutoff, rules.TRIAGE_DAYS) >= today
        assert add_working_days(cutoff - timedelta(days=1), rules.TRIAGE_DAYS) < today


def test_nothing_takes_more_than_sixty_days() -> None:
    received = datetime(2026, 9, 1, tzinfo=UTC)
    assert rules.handling_due(received, received + timedelta(days=55)) == date(2026, 10, 31)


def test_marks_stand_only_on_the_raw_words() -> None:
    raw = "请打13800138000，路灯坏了"
    shown = "请打138********，路灯坏了"
    marks = [Mark(2, 13, "电话"), Mark(14, 18, "情感"), Mark(14, 16, "地点"), Mark(90, 95, "外")]
    cut = segments(shown, raw, marks)
    assert "".join(segment.text for segment in cut) == shown
    assert [(s.text, s.notes) for s in cut if s.notes] == [
        ("路灯", ("情感", "地点")),
        ("坏了", ("情感",)),
    ]
    assert [s.text for s in segments("abc路灯", "路灯", [Mark(0, 2, "x")]) if s.notes] == ["路灯"]
