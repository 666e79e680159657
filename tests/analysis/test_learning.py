"""Learning from decisions: systematic errors are unlearned, noise teaches nothing."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import backend.demo
from analysis.contracts import CommentText, ItemType
from analysis.learning import (
    NOTHING_LEARNED,
    AliasExample,
    ClassExample,
    ClassReader,
    Learned,
    LinkExample,
    LinkReader,
    TooFew,
    find_aliases,
    learn_classes,
    learn_links,
)
from analysis.learning.classes import base_label
from analysis.learning.links import NO_ITEM

CONTENT = Path(backend.demo.__file__).parent / "content" / "comments.jsonl"
TEXTS = [json.loads(line)["text"] for line in CONTENT.read_text(encoding="utf-8").splitlines()]
BASE = {text: label for text in TEXTS if (label := base_label("intent", text))}
DECIDED = list(BASE)


def _decided(judge: Callable[[str], str], texts: list[str] = DECIDED) -> list[ClassExample]:
    """What officials would have decided about our own comments, in order."""
    return [
        ClassExample(str(n), text, judge(text), judge(text) != BASE[text])
        for n, text in enumerate(texts)
    ]


def _wishes_are_proposals(text: str) -> str:
    """A systematic disagreement with the machine: whoever wishes, asks or begs, proposes."""
    return "proposes" if re.search(r"能|希望|建议|请|多", text) else BASE[text]


def test_a_systematic_error_is_unlearned_and_more_decisions_teach_more() -> None:
    lesson = learn_classes("intent", _decided(_wishes_are_proposals))
    assert "proposes" in lesson.reader.taken
    assert lesson.accuracy > lesson.base_accuracy + 0.02
    sizes, scores = zip(*lesson.curve, strict=True)
    assert sizes == tuple(sorted(sizes)) and scores[-1] >= scores[0], lesson.report()


@pytest.mark.parametrize("seed", range(6))
def test_noise_takes_nothing_over(seed: int) -> None:
    dice = random.Random(seed)
    labels = ["complains", "proposes", "asks", "supports", "opposes", "other"]
    noisy = {t: dice.choice(labels) if dice.random() < 0.3 else BASE[t] for t in DECIDED}
    lesson = learn_classes("intent", _decided(noisy.__getitem__))
    assert lesson.reader.taken == frozenset()


def test_agreement_takes_nothing_over() -> None:
    with pytest.raises(TooFew, match="更正"):
        learn_classes("intent", _decided(BASE.__getitem__))


def test_few_decisions_teach_nothing() -> None:
    with pytest.raises(TooFew, match="至少需要"):
        learn_classes("intent", _decided(lambda _: "opposes", DECIDED[:40]))


def test_copies_count_once() -> None:
    letter = [ClassExample(str(n), "请修好路灯" + "！" * n, "supports", True) for n in range(500)]
    with pytest.raises(TooFew, match="只有1条"):
        learn_classes("intent", letter)


def test_the_same_decisions_give_the_same_reader_also_from_storage() -> None:
    first = learn_classes("intent", _decided(_wishes_are_proposals))
    again = learn_classes("intent", _decided(_wishes_are_proposals))
    assert first.report() == again.report()
    assert first.reader.as_json() == again.reader.as_json()
    stored = ClassReader.from_json("intent", json.loads(json.dumps(first.reader.as_json())))
    read, kept = first.reader.read(TEXTS), stored.read(TEXTS)
    assert [label for label, _ in read] == [label for label, _ in kept]


def test_no_resident_can_be_read_back_from_a_model() -> None:
    stored = json.dumps(learn_classes("intent", _decided(_wishes_are_proposals)).reader.as_json())
    assert not re.search("[一-鿿]", stored)


def test_an_earlier_reader_stays_unless_the_new_one_is_as_good() -> None:
    good = learn_classes("intent", _decided(_wishes_are_proposals))
    # Most of what was decided first says the opposite: what is learned from it is worse.
    mixed = [
        ClassExample(e.id, e.text, "asks" if n % 3 and n < 100 else e.label, True)
        for n, e in enumerate(_decided(_wishes_are_proposals))
    ]
    assert learn_classes("intent", mixed, previous=good.reader).reader.taken == frozenset()


# --- Links ---------------------------------------------------------------------------------------


def _linked(judge: Callable[[str], str | None]) -> list[LinkExample]:
    """The machine finds half of what is about lifts (i1) and nothing about parking (t1)."""
    found = []
    for n, text in enumerate(TEXTS):
        base = {"i1": 0.7} if "电梯" in text and n % 2 else {"s9": 0.5} if n % 3 else {NO_ITEM: 0.6}
        chosen = judge(text)
        found.append(LinkExample(str(n), text, base, frozenset({chosen} if chosen else ())))
    return found


def _lifts_and_parking(text: str) -> str | None:
    if "电梯" in text:
        return "i1"
    if re.search("停车|车位", text):
        return "t1"
    return "s9" if re.search("公交|地铁|绿地|公园", text) else None


def test_links_officials_keep_making_are_learned() -> None:
    lesson = learn_links(_linked(_lifts_and_parking))
    assert lesson.wins
    assert lesson.hits[0] > lesson.base_hits[0]
    stored = LinkReader.from_json(json.loads(json.dumps(lesson.reader.as_json())))
    parking = [text for text in TEXTS if "停车" in text]
    rankings = stored.rank(parking, [{NO_ITEM: 0.6}] * len(parking))
    assert sum(ranking[0][0] == "t1" for ranking in rankings) > 0.5 * len(parking)


@pytest.mark.parametrize("seed", range(4))
def test_links_at_random_take_nothing_over(seed: int) -> None:
    dice = random.Random(seed)
    chosen = {text: dice.choice(["i1", "t1", "t2", "s9", None]) for text in TEXTS}
    assert not learn_links(_linked(chosen.__getitem__)).wins


# --- Applied -------------------------------------------------------------------------------------


def test_nothing_learned_changes_nothing() -> None:
    from analysis.assess import assess_many
    from analysis.linking import Linker, plan_items
    from tests.factories import sample_plan

    linker = Linker(plan_items(sample_plan()))
    readings = assess_many([CommentText(str(n), t) for n, t in enumerate(TEXTS[:30])], linker)
    assert not NOTHING_LEARNED
    assert NOTHING_LEARNED.improve(readings, {}) == readings
    lesson = learn_classes("intent", _decided(_wishes_are_proposals))
    improved = Learned(intent=lesson.reader).improve(readings, {"i1": ItemType.INDICATOR})
    changed = [
        (before.reading.intent, after.reading.intent)
        for before, after in zip(readings, improved, strict=True)
        if before != after
    ]
    assert changed and all(
        {one and one.value for one in pair} & lesson.reader.taken for pair in changed
    )


# --- Other names ---------------------------------------------------------------------------------


def _about_lifts(count: int, *, found: frozenset[str] = frozenset()) -> list[AliasExample]:
    rows = ["爬楼机坏了", "三楼的爬楼机", "爬楼机收费太贵", "我们要爬楼机", "爬楼机没人管"]
    return [AliasExample(str(n), rows[n], frozenset({"t1"}), found) for n in range(count)]


def test_a_word_that_only_officials_could_link_is_proposed() -> None:
    others = [AliasExample(f"x{n}", text, frozenset(), frozenset()) for n, text in enumerate(TEXTS)]
    proposals = find_aliases([*_about_lifts(5), *others], {"t1": "支持加装电梯"})
    best = {(p.alias, p.item) for p in proposals}
    assert any("爬楼" in alias and item == "t1" for alias, item in best), best


def test_no_word_is_proposed_from_few_from_known_or_from_everywhere() -> None:
    assert find_aliases(_about_lifts(2), {}) == ()
    assert find_aliases(_about_lifts(5, found=frozenset({"t1"})), {}) == ()
    elsewhere = [
        AliasExample(
            f"y{n}", f"爬楼机第{n}号在{'东西南北'[n % 4]}楼", frozenset({"i9"}), frozenset()
        )
        for n in range(9)
    ]
    assert not [p for p in find_aliases([*_about_lifts(5), *elsewhere], {}) if p.item == "t1"]
    copies = [AliasExample(str(n), "爬楼机坏了", frozenset({"t1"}), frozenset()) for n in range(9)]
    assert find_aliases(copies, {}) == ()
