"""Officials' choices about topics survive every later reading."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.contracts import CommentText
from analysis.corpus import read_corpus
from analysis.regrouping import Choice, Group, regroup
from tests.analysis.corpora import PLAN, comments

SIZES = st.lists(st.integers(2, 12), min_size=3, max_size=8)


def _groups(sizes: list[int]) -> list[Group]:
    found, start = [], 0
    for number, size in enumerate(sizes):
        members = tuple(str(n) for n in range(start, start + size))
        found.append(Group(f"t-{number}", f"主题{number}", members))
        start += size
    return found


def _choice(number: int, action: str, groups: list[Group], label: str = "") -> Choice:
    return Choice(
        number, action, label,
        tuple(g.id for g in groups), tuple(frozenset(g.members) for g in groups),
    )  # fmt: skip


def _everything(groups: list[Group]) -> set[str]:
    return {member for group in groups for member in group.members}


@st.composite
def _scenes(draw: st.DrawFn) -> tuple[list[Group], list[Choice]]:
    """Groups, and choices each made on what the ones before it left."""
    groups = _groups(draw(SIZES))
    present = _everything(groups)
    choices: list[Choice] = []
    for number in range(draw(st.integers(1, 5))):
        now = regroup(groups, choices, present)
        action = draw(st.sampled_from(["rename", "merge", "split", "pin"]))
        picked = draw(st.permutations(now))
        if action == "merge" and len(now) > 1:
            choices.append(_choice(number, "merge", list(picked[:2]), f"合并{number}"))
        elif action == "split" and len(picked[0].members) > 1:
            part = Group(picked[0].id, "", picked[0].members[: len(picked[0].members) // 2])
            choices.append(_choice(number, "split", [part], f"拆分{number}"))
        elif action == "pin":
            choices.append(_choice(number, "pin", [picked[0]], picked[0].label))
        else:
            choices.append(_choice(number, "rename", [picked[0]], f"改名{number}"))
    return groups, choices


def _partition(groups: list[Group]) -> set[tuple[str, bool, frozenset[str]]]:
    return {(group.label, group.pinned, frozenset(group.members)) for group in groups}


@settings(deadline=None)
@given(_scenes())
def test_the_same_reading_gives_the_same_groups(scene: tuple[list[Group], list[Choice]]) -> None:
    groups, choices = scene
    present = _everything(groups)
    assert regroup(groups, choices, present) == regroup(groups, choices, present)
    members = [m for group in regroup(groups, choices, present) for m in group.members]
    assert len(members) == len(set(members)), "each comment is in one group"
    assert set(members) == present, "no comment is lost"


@settings(deadline=None)
@given(_scenes(), st.randoms(use_true_random=False))
def test_choices_survive_other_ids_another_order_and_more_comments(
    scene: tuple[list[Group], list[Choice]], dice: random.Random
) -> None:
    groups, choices = scene
    before = regroup(groups, choices, _everything(groups))
    later = []
    for number, group in enumerate(groups):
        more = (f"new-{number}",) if dice.random() < 0.3 else ()
        renamed = f"x-{number}" if dice.random() < 0.5 else group.id
        later.append(Group(renamed, f"{group.label}改", (*group.members, *more)))
    dice.shuffle(later)
    after = regroup(later, choices, _everything(later))
    old = _everything(groups)
    kept = {
        (frozenset(group.members) & old): (group.label, group.pinned)
        for group in after
        if old & set(group.members)
    }
    chosen = {choice.label for choice in choices}
    for group in before:
        label, pinned = kept[frozenset(group.members)]
        assert pinned == group.pinned
        assert label == group.label or group.label not in chosen - {g.label for g in groups}


def test_what_the_machine_no_longer_finds_comes_back() -> None:
    groups = _groups([4, 5, 6])
    pinned = _choice(1, "pin", [groups[0]], "老人吃饭")
    after = regroup(groups[1:], [pinned], _everything(groups))
    assert after[0].pinned and set(after[0].members) == set(groups[0].members)
    assert regroup(groups[1:], [pinned], _everything(groups[1:])) == regroup(
        groups[1:], [], _everything(groups[1:])
    ), "unless all its comments were withdrawn"


def test_choices_survive_one_per_cent_more_comments_in_a_real_reading() -> None:
    texts = list(comments())
    first = read_corpus(texts, PLAN, processes=1)
    found = [Group(t.id, t.label, t.comment_ids) for t in first.topics]
    assert len(found) >= 3
    choices = [
        _choice(1, "rename", [found[0]], "改过的名字"),
        _choice(2, "merge", [found[1], found[2]], "并成的一题"),
        _choice(3, "pin", [found[-1]], found[-1].label),
    ]
    before = regroup(found, choices, {t.id for t in texts})
    more = [
        CommentText(f"more-{n}", texts[n * 7 % len(texts)].text + "，谢谢。")
        for n in range(max(1, len(texts) // 100))
    ]
    second = read_corpus([*texts, *more], PLAN, processes=1)
    again = [Group(t.id, t.label, t.comment_ids) for t in second.topics]
    after = regroup(again, choices, {t.id for t in (*texts, *more)})
    labels = {group.label: group for group in after}
    assert {"改过的名字", "并成的一题"} <= labels.keys()
    assert any(group.pinned for group in after)
    for label in ("改过的名字", "并成的一题"):
        old = next(set(group.members) for group in before if group.label == label)
        assert len(old & set(labels[label].members)) >= 0.8 * len(old)
