"""The legal clock and the stages, by the clock of Asia/Shanghai."""

from datetime import UTC, date, datetime, timedelta

from backend.consultations import rules
from backend.kit.clock import end_of, start_of
from backend.models import Consultation, Stage


def consultation(published: date, closes: date, **fields: object) -> Consultation:
    return Consultation(
        organisation_id=1,
        slug="x",
        title="x",
        stage=Stage.ANNOUNCED,
        opens_at=start_of(published),
        closes_at=end_of(closes),
        published_on=published,
        created_at=start_of(published),
        **fields,
    )


def test_eighteen_september_to_eighteen_october_is_thirty_days() -> None:
    assert rules.notice_days(consultation(date(2023, 9, 18), date(2023, 10, 18))) == 30


def test_nine_december_to_seven_january_is_one_day_short_and_needs_a_reason() -> None:
    short = consultation(date(2025, 12, 9), date(2026, 1, 7), explanation="说明", email="a@b.c")
    assert rules.notice_days(short) == 29
    found = rules.obstacles(short, date(2025, 12, 9))
    assert [obstacle.field for obstacle in found] == ["shortened_reason"]
    short.shortened_reason = "春节前须报审。"
    assert rules.obstacles(short, date(2025, 12, 9)) == []


def test_the_last_day_counts_until_midnight_in_shanghai() -> None:
    window = consultation(date(2026, 11, 1), date(2026, 11, 30))
    last_second = datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC)
    assert rules.stage(window, last_second) is Stage.OPEN
    assert rules.days_left(window, last_second) == 0
    assert rules.stage(window, last_second + timedelta(seconds=1)) is Stage.CLOSED


def test_a_form_opened_in_time_is_accepted_for_half_an_hour() -> None:
    window = consultation(date(2026, 11, 1), date(2026, 11, 30))
    assert window.closes_at is not None
    before, after = window.closes_at - timedelta(minutes=5), window.closes_at
    late = after + timedelta(minutes=29)
    assert rules.accepts_late(window, before, late, 30)
    assert not rules.accepts_late(window, after, late, 30)
    assert not rules.accepts_late(window, before, after + timedelta(minutes=30), 30)


def test_what_officers_settled_is_not_undone_by_the_clock() -> None:
    window = consultation(date(2026, 11, 1), date(2026, 11, 30))
    window.stage = Stage.ANSWERED
    assert rules.stage(window, datetime(2026, 11, 5, tzinfo=UTC)) is Stage.ANSWERED
