"""Near-copies are found, different texts are kept apart, and what a sender added is shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.duplicates import (
    Sketch,
    added_spans,
    find_clusters,
    fold,
    is_near_copy,
    near_copies,
    similarity,
    sketch,
)
from analysis.evaluation import duplicates as evaluation
from tests.analysis.corpora import LETTER, comments

OTHER = "规划里没有提到东塘街的菜市场，建议保留现在的位置，只做改造，不要整体搬迁到外环。"


def test_folding_forgets_width_script_and_punctuation():
    assert (fold("電梯，３號樓！") == fold("电梯 3号楼")).all()
    assert len(fold("！？👍 \n")) == 0


def test_copies_with_changes_and_additions_are_one_cluster():
    texts = [comment.text for comment in comments()]
    largest = find_clusters(texts)[0]
    assert {comments()[m].id for m in largest.members} == {
        *(f"copy-{n}" for n in range(6)),
        *(f"own-{n}" for n in range(5)),
    }
    assert texts[largest.template] == LETTER
    assert largest.unique_count == 6


def test_a_letter_inside_two_longer_texts_brings_them_together():
    texts = [OTHER * 1 + LETTER, LETTER + OTHER[::-1], LETTER]
    (cluster,) = find_clusters(texts)
    assert cluster.members == (0, 1, 2)


def test_different_matters_of_one_shape_stay_apart():
    assert find_clusters(evaluation.LETTERS) == ()


def test_short_texts_are_people_not_copies():
    assert find_clusters(["支持！", "支持", "支持。"]) == ()


def test_added_spans_are_the_senders_own_words():
    own = "我家住六楼，婆婆腿脚不好已经一年没下过楼。"
    text = f"{LETTER}{own}"
    ((start, end),) = added_spans(LETTER, text)
    assert text[start:end] in own
    assert "婆婆腿脚不好" in text[start:end]
    assert added_spans(LETTER, LETTER) == ()


def test_a_sketch_finds_its_near_copies_among_stored_ones():
    stored = [("letter", sketch(LETTER)), ("other", sketch(OTHER)), ("short", sketch("好"))]
    found = near_copies(sketch(LETTER + "请派人来现场看看。"), stored)
    assert [key for key, _ in found] == ["letter"]
    assert Sketch(bytes(sketch(LETTER))) == sketch(LETTER)
    assert sketch(LETTER).resemblance(sketch(LETTER)) == 1.0
    assert sketch("好").is_empty
    assert near_copies(sketch(""), stored) == []


def test_similarity_and_near_copy_agree_with_the_eye():
    assert similarity(LETTER, LETTER) == 1.0
    assert similarity(LETTER, OTHER) < 0.1
    assert similarity("", "") == 0.0
    assert is_near_copy(LETTER, LETTER.replace("一百弄", "二十弄"))
    assert not is_near_copy(LETTER, OTHER)
    assert not is_near_copy("", "")


@given(st.lists(st.text(max_size=80), max_size=12))
def test_any_texts_are_clustered_without_overlap(texts):
    clusters = find_clusters(texts)
    members = [member for cluster in clusters for member in cluster.members]
    assert len(members) == len(set(members))
    assert all(cluster.template in cluster.members for cluster in clusters)
    assert all(len(cluster.members) > 1 for cluster in clusters)


@given(st.text(max_size=120), st.text(max_size=120))
def test_added_spans_lie_in_the_text(template, text):
    for start, end in added_spans(template, text):
        assert 0 <= start <= end <= len(text)


def test_measured_recall_and_precision_hold():
    figures = evaluation.report(None).figures
    assert figures["written recall"] >= 0.95
    assert figures["written precision"] >= 0.98


@pytest.mark.shared
def test_measured_on_real_messages(shared: Path):
    figures = evaluation.report(shared).figures
    assert figures["messages recall"] >= 0.95
    assert figures["messages precision"] >= 0.98
