"""The demo's written material holds together: counts, cross-references, dates and privacy.

These tests read what the loader will read, so a slip of the pen (an anchor that quotes a task that
is no longer in the plan, a street that does not exist, a phone number somebody might own) fails
here and not on a newcomer's first screen.
"""

import re
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path
from string import Formatter

import pytest

from backend.demo import material
from backend.demo.material import OUTLINE, PAPERS, PARKS, DemoComment, Paper, Window
from backend.models import Channel, Outcome, Role, SubmitterKind

OUTLINE_ROWS = material.demo_comments()
PARKS_ROWS = material.closed_comments()
STORIES = [(OUTLINE, OUTLINE_ROWS), (PARKS, PARKS_ROWS)]
ALL_ROWS = [*OUTLINE_ROWS, *PARKS_ROWS]
STREETS = {street.name: street.neighbourhoods for street in material.gazetteer().streets}

# Digits that only the demo may use: a mobile block no operator hands out, one local exchange.
RESERVED_PHONE = re.compile(r"1390000\d{4}|021-5550\d{4}")
ANY_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)")
EMAIL = re.compile(r"[\w.]+@[\w.-]+")


def rows_of_table(text: str) -> list[list[str]]:
    lines = [line.split(" | ") for line in text.splitlines() if " | " in line]
    return [cells for cells in lines if cells[0].isdigit()]


def every_text() -> str:
    files = (path for path in material.CONTENT.rglob("*") if path.is_file())
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_outline_has_the_size_of_a_real_plan() -> None:
    text = OUTLINE.text()
    assert 12_000 <= len(text) <= 18_000
    assert len(re.findall(r"^第[一二三四五六七八九十]+章 ", text, re.MULTILINE)) >= 6
    assert len(re.findall(r"^专栏\d ", text, re.MULTILINE)) == 2
    kinds = Counter(row[5] for row in rows_of_table(text) if len(row) == 6)
    assert sum(kinds.values()) >= 20
    assert set(kinds) == {"约束性", "预期性"}


def test_outline_names_at_least_fifty_measures() -> None:
    leads = re.findall(r"^([^。|：—\n]{4,24})。(?=[^\n]{12,})", OUTLINE.text(), re.MULTILINE)
    assert len(leads) >= 50
    assert len(set(leads)) == len(leads)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.slug)
def test_notice_says_when_and_how(paper: Paper) -> None:
    notice = paper.text().split("\n附件\n")[0]
    assert notice.startswith("关于公开征求《")
    for needed in ("起草说明", "@linjiang.example", "邮寄至", "邮编", "021-5550", "征询平台"):
        assert needed in notice
    assert (paper.written.deadline - paper.written.published_on).days >= 30


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.slug)
def test_notice_moves_to_other_dates(paper: Paper) -> None:
    shown = Window(paper.written.deadline, paper.written.deadline + timedelta(days=40))
    moved = paper.text(shown)
    opening, closing = shown.published_on, shown.deadline
    assert f"{opening.year}年{opening.month}月{opening.day}日" in moved
    assert f"意见反馈截止时间为{closing.year}年{closing.month}月{closing.day}日" in moved
    written = paper.written.published_on
    assert f"{written.year}年{written.month}月{written.day}日" not in moved
    assert len(moved.splitlines()) == len(paper.text().splitlines())


def test_redating_to_the_same_days_changes_nothing() -> None:
    assert OUTLINE.text(OUTLINE.written) == OUTLINE.text()
    assert OUTLINE.written == Window(date(2026, 11, 2), date(2026, 12, 4))


def test_there_are_enough_opinions() -> None:
    assert len(OUTLINE_ROWS) >= 320
    assert 25 <= len(PARKS_ROWS) <= 40
    assert sum(row.decision is not None for row in OUTLINE_ROWS) >= 60
    assert all(row.decision is not None for row in PARKS_ROWS)


@pytest.mark.parametrize(("paper", "rows"), STORIES, ids=["outline", "parks"])
def test_anchors_quote_the_plan(paper: Paper, rows: list[DemoComment]) -> None:
    draft = paper.text().split("\n附件\n")[1]
    indicators = {row[1] for row in rows_of_table(draft)}
    lines = draft.splitlines()
    headings = {
        line.split("、")[-1] for line in lines if re.match(r"[一二三四五六七八九十]+、", line)
    }
    for row in rows:
        if row.anchor is None:
            continue
        ref = row.anchor.ref
        match row.anchor.kind:
            case "indicator":
                assert ref in indicators, ref
            case "task":
                assert sum(line.startswith(f"{ref}。") for line in lines) == 1, ref
            case "section":
                assert ref in headings, ref
            case _:
                assert len(ref) >= 12, ref
                assert sum(line.startswith(ref) for line in lines) == 1, ref


@pytest.mark.parametrize(("paper", "rows"), STORIES, ids=["outline", "parks"])
def test_opinions_fall_inside_the_window(paper: Paper, rows: list[DemoComment]) -> None:
    last = (paper.written.deadline - paper.written.published_on).days
    assert all(0 <= row.day <= last and 6 <= row.hour <= 23 for row in rows)


def test_the_outline_story_fits_three_weeks() -> None:
    assert {row.day for row in OUTLINE_ROWS} == set(range(21))


def test_texts_are_written_one_by_one() -> None:
    texts = Counter(row.text for row in OUTLINE_ROWS if row.campaign is None)
    assert [text for text, count in texts.items() if count > 1] == []
    assert min(len(row.text) for row in OUTLINE_ROWS) <= 6
    assert max(len(row.text) for row in OUTLINE_ROWS) >= 400


def test_campaigns_are_near_copies_with_something_of_their_own() -> None:
    sizes = Counter(row.campaign for row in OUTLINE_ROWS if row.campaign)
    assert len(sizes) >= 2
    assert all(8 <= size <= 25 for size in sizes.values())
    for campaign in sizes:
        assert len({row.text for row in OUTLINE_ROWS if row.campaign == campaign}) >= 5


def test_every_channel_street_and_kind_of_sender_speaks() -> None:
    assert {row.channel for row in OUTLINE_ROWS} == set(Channel)
    assert {row.street for row in OUTLINE_ROWS} == {*STREETS, None}
    assert {row.submitter_kind for row in OUTLINE_ROWS} == {*SubmitterKind, None}


def test_places_exist() -> None:
    for row in ALL_ROWS:
        if row.neighbourhood is not None:
            assert row.street is not None
            assert row.neighbourhood in STREETS[row.street]
        assert row.street is None or row.street in STREETS
    assert len(STREETS) == 9
    assert all(4 <= len(neighbourhoods) <= 6 for neighbourhoods in STREETS.values())


def test_one_letter_has_one_sender() -> None:
    letters: defaultdict[tuple[int, str], list[DemoComment]] = defaultdict(list)
    for story, (_, rows) in enumerate(STORIES):
        for row in rows:
            if row.submission is not None:
                letters[story, row.submission].append(row)
    assert len(letters) >= 8
    for rows in letters.values():
        assert len(rows) >= 2
        assert len({(row.name, row.channel, row.day, row.street) for row in rows}) == 1


def test_decisions_give_a_reason_and_name_the_change() -> None:
    decided = [row.decision for row in ALL_ROWS if row.decision is not None]
    assert {decision.outcome for decision in decided} == set(Outcome)
    for decision in decided:
        assert len(decision.reason) >= 8
        changed = decision.outcome in {Outcome.ADOPTED, Outcome.PARTLY_ADOPTED}
        assert not changed or decision.change
    assert len({decision.reason for decision in decided}) >= len(decided) - 3


def test_changes_lead_from_the_draft_to_the_final_text() -> None:
    draft, final = PARKS.text(), material.closed_final()
    answered: set[int] = set()
    for change in material.closed_changes():
        assert draft.count(change.before) == 1
        assert final.count(change.after) == 1
        assert change.section in draft
        for index in change.because:
            decision = PARKS_ROWS[index].decision
            assert decision is not None
            assert decision.outcome in {Outcome.ADOPTED, Outcome.PARTLY_ADOPTED}
        answered.update(change.because)
    adopted = {
        index
        for index, row in enumerate(PARKS_ROWS)
        if row.decision and row.decision.outcome in {Outcome.ADOPTED, Outcome.PARTLY_ADOPTED}
    }
    assert answered == adopted
    assert "征求意见" not in final


def test_outcome_page_is_filled_with_numbers() -> None:
    page = (material.CONTENT / "closed/outcome.md").read_text(encoding="utf-8")
    blanks = {name for _, name, _, _ in Formatter().parse(page) if name}
    assert {"submissions", "comments", "changes", *Outcome, *Channel} <= blanks
    filled = material.closed_outcome(dict.fromkeys(blanks, 7))
    assert "7件、7条" in filled
    with pytest.raises(KeyError):
        material.closed_outcome({})


def test_officers_hold_every_role_and_no_password() -> None:
    staff = material.officers()
    assert {role for officer in staff for role in officer.roles} == set(Role)
    assert len({officer.username for officer in staff}) == len(staff)
    assert all(re.fullmatch(r"[a-z]{3,20}", officer.username) for officer in staff)
    departments = {department.name for department in material.gazetteer().departments}
    assert {officer.department for officer in staff} <= departments
    assert {paper.drafting_office for paper in PAPERS} <= departments


def test_each_outcome_has_a_ready_answer() -> None:
    templates = material.reply_templates()
    assert 8 <= len(templates) <= 12
    assert {template.outcome for template in templates} >= set(Outcome)
    assert "受理编号" in material.about()


def test_nobody_real_can_be_called_or_written_to() -> None:
    text = every_text()
    assert [phone for phone in ANY_PHONE.findall(text) if not RESERVED_PHONE.fullmatch(phone)] == []
    assert [mail for mail in EMAIL.findall(text) if not mail.endswith((".example", ".test"))] == []
    # 310999 is no county's code, so no identity card starts with it.
    assert all(number.startswith("310999") for number in re.findall(r"\d{17}[\dX]", text))


def test_there_is_something_to_mask() -> None:
    text = "\n".join(row.text for row in OUTLINE_ROWS)
    assert RESERVED_PHONE.search(text)
    assert re.search(r"310999\d{11}[\dX]", text)
    assert re.search(r"沪[A-Z]·[A-Z0-9]{5}", text)


@pytest.mark.shared
def test_nothing_is_copied_from_real_plans(shared: Path) -> None:
    ours = runs_of_han(every_text())
    for plan in sorted(shared.glob("plans/*.txt")):
        # The half sentence every Chinese plan opens its guiding thought with is no copy.
        theirs = runs_of_han(plan.read_text(encoding="utf-8"))
        assert {run for run in ours & theirs if "中国特色" not in run} == set(), plan.name


def runs_of_han(text: str, length: int = 20) -> set[str]:
    bare = re.sub(r"[^\u4e00-\u9fff]", "", text)
    return {bare[start : start + length] for start in range(len(bare) - length + 1)}
