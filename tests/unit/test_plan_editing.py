"""Corrections of a machine-read outline: text is never lost, ids stay, parents follow levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import ParsedPlan
from backend.plans import editing, matching
from backend.plans.editing import CannotEdit
from tests.factories import sample_plan


def words(plan: ParsedPlan) -> str:
    """Everything the plan says, in reading order, white space left out."""
    said = []
    for section in plan.sections:
        said += [section.number or "", section.title, *(p.text for p in section.passages)]
    return "".join("".join(said).split())


def test_not_a_heading_becomes_text_of_the_section_before() -> None:
    before = sample_plan()
    after = editing.not_a_heading(before, "s3")
    assert [s.id for s in after.sections] == ["s1", "s2", "s4"]
    assert words(after) == words(before)
    assert next(i for i in after.indicators if i.id == "i2").section == "s2"


def test_a_passage_becomes_a_heading_one_level_below() -> None:
    after = editing.make_heading(sample_plan(), "p1")
    opened = next(s for s in after.sections if s.title.startswith("推进老旧小区改造"))
    assert (opened.level, opened.parent, opened.inferred) == (3, "s2", True)
    assert [p.id for p in opened.passages] == ["p2"]


def test_demoting_takes_the_sections_below_along() -> None:
    plan = editing.make_heading(sample_plan(), "p3")
    after = editing.demote(plan, "s3")
    levels = {s.id: (s.level, s.parent) for s in after.sections}
    assert levels["s3"] == (3, "s2")
    assert levels["s5"] == (4, "s3")
    assert editing.promote(after, "s3") == plan


@pytest.mark.parametrize("key", ["s1"])
def test_the_top_level_cannot_rise_and_the_first_cannot_fall(key: str) -> None:
    for verb in (editing.promote, editing.demote, editing.not_a_heading):
        with pytest.raises(CannotEdit):
            verb(sample_plan(), key)


VERBS = [editing.promote, editing.demote, editing.not_a_heading]


@given(st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(["s1", "s2", "s3", "s4"]))))
def test_no_sequence_of_corrections_loses_a_word(steps: list) -> None:
    plan = sample_plan()
    for verb, key in steps:
        try:
            plan = verb(plan, key)
        except CannotEdit:
            continue
    assert words(plan) == words(sample_plan())
    known = {s.id for s in plan.sections}
    assert all(s.parent is None or s.parent in known for s in plan.sections)
    assert all(i.section in known for i in plan.indicators)


def test_an_unchanged_text_keeps_every_key() -> None:
    assert matching.rekey(sample_plan(), sample_plan()) == sample_plan()


def test_a_reworded_passage_keeps_its_key_and_a_new_one_gets_a_new_key() -> None:
    old = sample_plan()
    text = "支持既有多层住宅加装电梯，五年加装260台，优先方便老年人上下楼。"
    sections = list(old.sections)
    passages = (
        sections[1].passages[0],
        type(sections[1].passages[0])("p9", "全新的一段文字：建设三处口袋公园。"),
        type(sections[1].passages[0])("p7", text),
    )
    sections[1] = type(sections[1])(**{**_fields(sections[1]), "passages": passages})
    new = matching.rekey(type(old)(**{**_fields(old), "sections": tuple(sections)}), old)
    keys = [p.id for p in new.sections[1].passages]
    assert keys[0] == "p1"
    assert keys[2] == "p2"
    assert keys[1] not in {p.id for s in old.sections for p in s.passages}


def _fields(record: object) -> dict:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}  # type: ignore[attr-defined]
