"""The measured quality of linking: the judge itself, the keys, and what must not get worse."""

import os
from pathlib import Path

import pytest

from analysis.contracts import CommentText, LinkStatus
from analysis.evaluation.linking import (
    SPLITS,
    Key,
    Ranking,
    intervals,
    judge,
    linker_rankings,
    means,
    message_keys,
    own_keys,
    read_messages,
)
from analysis.linking import Linker, plan_items
from analysis.linking.evidence import read_fields

SHARED = Path(os.environ.get("ZHENGXUN_SHARED", Path(__file__).resolve().parents[3] / "shared"))


def key(*items: str, also: tuple[str, ...] = ()) -> Key:
    return Key(CommentText("c", "…"), frozenset(items), frozenset(also))


@pytest.mark.parametrize(
    ("ranking", "answer", "hit1", "hit3", "f1"),
    [
        (["a"], key("a"), 1, 1, 1),
        (["b", "a"], key("a"), 0, 1, 2 / 3),
        (["b"], key("a"), 0, 0, 0),
        (["b"], key("a", also=("b",)), 1, 1, 1),
        ([], key("a"), 0, 0, 0),
        ([], key("a", also=("no_item",)), 1, 1, 1),
        (None, key("a"), 0, 0, 0),
        (["a"], key("a", "b"), 1, 1, 2 / 3),
    ],
)
def test_the_judge(ranking: Ranking, answer: Key, hit1: float, hit3: float, f1: float) -> None:
    outcome = judge(ranking, answer)
    assert (outcome.hit1, outcome.hit3) == (hit1, hit3)
    assert outcome.f1 == pytest.approx(f1)


def test_no_item_is_judged_on_its_own() -> None:
    assert judge([], key("no_item")).no_item_found == 1
    assert judge(["a"], key("no_item")).no_item_found == 0
    assert judge(None, key("no_item")).no_item_found == 0
    assert judge(["a"], key("no_item", also=("a",))).no_item_found is None
    assert judge([], key("a")).no_item_right == 0


def test_intervals_hold_the_mean_and_repeat() -> None:
    outcomes = [judge(["a"], key("a" if i % 3 else "b")) for i in range(60)]
    low, high = intervals(outcomes)["hit1"]
    assert low < means(outcomes)["hit1"] < high
    assert intervals(outcomes) == intervals(outcomes)


def test_own_comments_written_in_everyday_words() -> None:
    items, keys = own_keys("development")
    result = means([judge(r, k) for r, k in zip(linker_rankings(items, keys), keys, strict=True)])
    assert result["hit1"] >= 0.85
    assert result["no_item_right"] >= 0.7


def test_a_key_names_only_items_of_its_plan() -> None:
    for split in SPLITS:
        items, keys = own_keys(split)
        known = {item.id for item in items} | {"no_item"}
        assert len(keys) >= 60
        assert all(k.accepted <= known for k in keys)


def test_evidence_is_what_the_raw_comment_says() -> None:
    items, keys = own_keys("development")
    for k, reading in zip(keys, Linker(items).link_many([k.comment for k in keys]), strict=True):
        assert (reading.status is LinkStatus.LINKED) == bool(reading.items)
        for item in reading.items:
            assert 0 <= item.score <= 1
            for span in item.evidence:
                assert k.comment.text[span.start : span.end].strip()


def test_a_pipeline_may_bring_the_fields_it_has_read() -> None:
    items, keys = own_keys("test")
    comments = [k.comment for k in keys]
    linker = Linker(items)
    fields = [read_fields(c) for c in comments]
    assert linker.link_many(comments, fields) == linker.link_many(comments)


@pytest.mark.shared
@pytest.mark.parametrize("plan", ["minhang", "jingan-midterm"])
def test_real_messages_on_real_plans(plan: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared folder of real plans and messages is not here")
    from analysis.outline import parse_file

    items = plan_items(parse_file(SHARED / "plans" / f"{plan}.txt"))
    messages = read_messages(SHARED)
    outcomes = []
    for split in SPLITS:
        keys, missing = message_keys(items, messages, plan, split)
        assert len(missing) <= 5, f"the parser lost items the key names: {missing}"
        rankings = linker_rankings(items, keys)
        outcomes += [judge(r, k) for r, k in zip(rankings, keys, strict=True)]
    result = means(outcomes)
    assert result["hit1"] >= 0.70
    assert result["hit3"] >= 0.85
    assert result["f1"] >= 0.62
    assert result["no_item_right"] >= 0.70
