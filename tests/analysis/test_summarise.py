"""Every sentence of a summary can be proved; the validator finds what cannot."""

from dataclasses import replace

import pytest

from analysis.assess import assess_many
from analysis.contracts import (
    CommentText,
    Intent,
    PersonalData,
    Quote,
    Reading,
    ReadStatus,
    Sentiment,
    SummarySentence,
)
from analysis.intervals import wilson
from analysis.linking import Linker, plan_items
from analysis.quoting import best_quote, masked_quote, whole_quote
from analysis.summarise import summarise
from analysis.validate import check
from tests.analysis.corpora import PLAN, comments

TEXTS = [c for c in comments() if c.id != "twice"]


def readings() -> list[Reading]:
    sides = (Intent.COMPLAINS, Intent.PROPOSES, Intent.SUPPORTS, Intent.OPPOSES, None)
    return [
        Reading(
            c.id,
            ReadStatus.READ if c.text.strip("！？👍") else ReadStatus.UNREADABLE,
            intent=sides[k % 5],
            sentiment=Sentiment.NEGATIVE if k % 2 else Sentiment.NEUTRAL,
        )
        for k, c in enumerate(TEXTS)
    ]


def test_a_summary_proves_itself():
    sentences = summarise(TEXTS, readings(), subject="宜居家园")
    assert check(sentences, TEXTS) == []
    assert sentences[0].text.startswith("关于“宜居家园”的意见共")
    assert any(sentence.quotes for sentence in sentences)
    assert summarise(TEXTS, readings(), subject="宜居家园") == sentences


@pytest.mark.parametrize(
    ("subject", "belongs"),
    [
        ("柳荫路", lambda _, read: any(place.text == "柳荫路" for place in read.places)),
        ("3月第一周", lambda c, _: c.posted_at is not None and c.posted_at.day <= 7),
        ("加装电梯", lambda _, read: any(item.id == "k3" for item in read.items)),
        ("交通出行", lambda _, read: any(item.id in ("k1", "k2") for item in read.items)),
    ],
)
def test_any_selection_can_be_summarised_and_proved(subject, belongs):
    """A place, a week, an item, a section: the caller chooses the comments."""
    linker = Linker(plan_items(PLAN))
    read = [one.reading for one in assess_many(TEXTS, linker)]
    chosen = [(c, r) for c, r in zip(TEXTS, read, strict=True) if belongs(c, r)]
    assert 3 <= len(chosen) < len(TEXTS)
    texts, own = [c for c, _ in chosen], [r for _, r in chosen]
    sentences = summarise(texts, own, subject=subject)
    assert check(sentences, texts) == []
    assert sentences[0].text.startswith(f"关于“{subject}”的意见共{len(chosen)}条")
    by_id = {c.id: c for c in texts}
    quotes = [quote for sentence in sentences for quote in sentence.quotes]
    assert quotes
    for quote in quotes:
        assert by_id[quote.id].text[quote.start : quote.end] == quote.text


def test_copies_are_counted_both_ways():
    letters = [c for c in TEXTS if c.id.startswith(("copy", "own"))]
    first = summarise(letters, [Reading(c.id, ReadStatus.READ) for c in letters])[0]
    assert "共11条，合并雷同后1条" in first.text


def test_nothing_to_summarise_gives_no_sentence():
    assert summarise([], []) == ()


QUOTED = TEXTS[0]
TRUE = SummarySentence(
    f"提出建议的有1条，占{100 / len(TEXTS):.1f}%。",
    (QUOTED.id,),
    (Quote(QUOTED.id, "text", 0, 3, QUOTED.text[:3]),),
)


def test_a_true_sentence_passes():
    assert check([TRUE], TEXTS) == []


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (replace(TRUE, text="提出建议的有2条。"), "条数"),
        (replace(TRUE, text="提出建议的有1条，占99.0%。"), "占比"),
        (replace(TRUE, text="提出建议的有1条，合并雷同后3条。"), "雷同"),
        (replace(TRUE, comment_ids=("nobody",), quotes=()), "不存在"),
        (replace(TRUE, comment_ids=(QUOTED.id, QUOTED.id)), "重复"),
        (replace(TRUE, quotes=(Quote(QUOTED.id, "text", 0, 3, "改过的"),)), "不一致"),
        (replace(TRUE, quotes=(Quote(QUOTED.id, "reply", 0, 3, QUOTED.text[:3]),)), "不一致"),
        (replace(TRUE, quotes=(Quote(TEXTS[1].id, "text", 0, 1, TEXTS[1].text[0]),)), "不在"),
        (replace(TRUE, quotes=(Quote(QUOTED.id, "text", 2, 2, ""),)), "为空"),
    ],
)
def test_the_validator_finds_each_fault(wrong, fault):
    faults = check([wrong], TEXTS)
    assert any(fault in one for one in faults), faults


def test_a_number_in_a_label_is_no_claim():
    sentence = SummarySentence("谈到“增加12条公交”的有1条。", (QUOTED.id,))
    assert check([sentence], TEXTS) == []


def test_a_quote_is_widened_to_its_sentence_and_keeps_its_place():
    comment = CommentText("1", "您好！路灯坏了，晚上看不见台阶。另外谢谢你们。")
    quote = best_quote(comment, lambda clause: float("路灯" in clause))
    assert quote is not None
    assert quote.text == comment.text[quote.start : quote.end] == "路灯坏了，晚上看不见台阶"
    assert best_quote(comment, lambda _: 0.0) is None
    assert whole_quote(CommentText("2", "！！！")) is None


def test_a_masked_quote_hides_what_lies_inside_it():
    text = "请打13800138000找我"
    quote = Quote("1", "text", 2, 15, text[2:15])
    shown = masked_quote(quote, [PersonalData("phone", "text", 2, 13)])
    assert "13800138000" not in shown
    assert masked_quote(quote, [PersonalData("phone", "title", 2, 13)]) == quote.text


def test_the_interval_of_wilson():
    low, high = wilson(10, 20)
    assert (low, high) == (0.2993, 0.7007)
    assert wilson(0, 0) == (0.0, 0.0)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
