"""Versions of a plan: what changed is told in words, and no comment is ever lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analysis.contracts import ParsedPlan, Passage
from backend.models import AnchorKind, AnchorState
from backend.plans import comparing, matching
from backend.plans.comparing import Change
from backend.submissions.anchoring import places_of, re_anchor
from tests.factories import sample_plan


def with_passages(plan: ParsedPlan, key: str, *texts: str) -> ParsedPlan:
    """The plan with the passages of one section replaced, ids made anew as an import does."""
    sections = tuple(
        replace(s, passages=tuple(Passage(f"p{n + 50}", t) for n, t in enumerate(texts)))
        if s.id == key
        else s
        for s in plan.sections
    )
    return matching.rekey(replace(plan, sections=sections), plan)


def test_the_difference_is_told_in_whole_words() -> None:
    runs = comparing.compare_words("新增公共停车泊位1500个。", "新增公共停车泊位1800个。")
    assert [(r.change, r.text) for r in runs if r.change is not Change.SAME] == [
        (Change.REMOVED, "1500"),
        (Change.ADDED, "1800"),
    ]


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_runs_give_back_both_wordings(old: str, new: str) -> None:
    runs = comparing.compare_words(old, new)
    assert "".join(r.text for r in runs if r.change is not Change.REMOVED) == new
    assert "".join(r.text for r in runs if r.change is not Change.ADDED) == old


def test_only_the_section_that_changed_is_listed() -> None:
    old = sample_plan()
    new = with_passages(old, "s3", "新增公共停车泊位1800个，推广错时共享停车。", "规范停车收费。")
    (section,) = comparing.compare(old, new)
    assert section.key == "s3"
    assert next((p.key, p.change) for p in section.passages) == ("p3", Change.CHANGED)
    assert section.passages[1].change is Change.ADDED
    assert comparing.compare(old, old) == []


def test_a_removed_passage_is_shown_where_it_stood() -> None:
    old = sample_plan()
    new = with_passages(old, "s2", old.sections[1].passages[1].text)
    (section,) = comparing.compare(old, new)
    assert [(p.key, p.change) for p in section.passages] == [("p1", Change.REMOVED)]


def test_a_quote_is_found_again_or_says_what_became_of_it() -> None:
    old = sample_plan()
    quote = "五年加装200台"
    kept = re_anchor(AnchorKind.PASSAGE, "p2", quote, places_of(old))
    assert (kept.state, kept.section_key) == (AnchorState.PRESENT, "s2")
    reworded = with_passages(
        old,
        "s2",
        old.sections[1].passages[0].text,
        "支持既有多层住宅加装电梯，五年加装260台，方便老年人上下楼。",
    )
    changed = re_anchor(AnchorKind.PASSAGE, "p2", quote, places_of(reworded))
    assert (changed.key, changed.state) == ("p2", AnchorState.CHANGED)
    gone = re_anchor(AnchorKind.PASSAGE, "p2", quote, places_of(with_passages(old, "s2")))
    assert gone.state is AnchorState.REMOVED


def test_the_key_of_a_removed_passage_is_never_given_to_another() -> None:
    first = sample_plan()
    second = with_passages(first, "s4")
    third = with_passages(second, "s4", "完全不同的一段：建设滨水步道三公里。")
    assert third.sections[3].passages[0].id == "p4"  # Without the history the key comes back.
    sections = tuple(
        replace(s, passages=(Passage("p50", "完全不同的一段：建设滨水步道三公里。"),))
        if s.id == "s4"
        else s
        for s in second.sections
    )
    keyed = matching.rekey(replace(second, sections=sections), second, matching.keys_of(first))
    assert keyed.sections[3].passages[0].id == "p5"


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["s2", "s3", "s4"]),
        st.lists(st.sampled_from([p.text for s in sample_plan().sections for p in s.passages])),
    ),
    max_size=6,
)


@given(EDITS)
def test_any_sequence_of_edits_keeps_every_comment_reachable(edits: list) -> None:
    plan = sample_plan()
    comments = {p.id: (p.id, p.text[:8]) for s in plan.sections for p in s.passages}
    for section, texts in edits:
        plan = with_passages(plan, section, *texts)
        ids = [p.id for s in plan.sections for p in s.passages]
        assert len(ids) == len(set(ids))
        places = places_of(plan)
        for name, (key, quote) in comments.items():
            found = re_anchor(AnchorKind.PASSAGE, key, quote, places)
            assert found.key is not None
            if any(quote in p.words for k, p in places.items() if k[0] == "p"):
                assert found.state is AnchorState.PRESENT
                assert quote in places[found.key].words
            comments[name] = (found.key, quote)
    assert len(comments) == 4
