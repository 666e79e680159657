"""Intent and stance: negation scope, several clauses, abstention, and the frozen labels."""

import os
import time
from pathlib import Path

import pytest

from analysis import evaluation
from analysis.contracts import Intent, Span, Stance
from analysis.evaluation import answers
from analysis.evaluation.classes import calibration_error, kappa, macro_f1
from analysis.evaluation.intent import read
from analysis.intent import read_intent, read_stance

SHARED = Path(os.environ.get("ZHENGXUN_SHARED", Path(__file__).resolve().parents[3] / "shared"))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("楼下饭店油烟直排，投诉三次都没人管。", Intent.COMPLAINS),
        ("建议在地铁口增设非机动车停放点。", Intent.PROPOSES),
        ("请问加装电梯怎么申请，需要什么材料？", Intent.ASKS),
        ("非常支持加装电梯，早日开工！", Intent.SUPPORTS),
        ("坚决反对把绿地改成停车场。", Intent.OPPOSES),
        ("", Intent.OTHER),
    ],
)
def test_one_purpose(text, intent):
    assert read_intent(text).intent is intent


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        ("我不反对装电梯。", Stance.SUPPORTS),
        ("对方案没有意见。", Stance.SUPPORTS),
        ("并非不支持。", Stance.SUPPORTS),
        ("没有人反对建公园。", Stance.SUPPORTS),
        ("难道我们会反对吗？", Stance.SUPPORTS),
        ("不能不支持。", Stance.SUPPORTS),
        ("不得不反对。", Stance.OPPOSES),
        ("我不太赞成。", Stance.OPPOSES),
        ("坚决不同意。", Stance.OPPOSES),
        ("支持装电梯，但反对一楼也摊钱。", Stance.MIXED),
        ("真是支持得很，呵呵。", Stance.OPPOSES),
        ("我既不支持也不反对。", Stance.NONE),
        ("请问几时开工？", Stance.NONE),
        ("  ", None),
    ],
)
def test_stance_reads_the_scope_of_negation(text, stance):
    assert read_stance(text) is stance


def test_stance_follows_the_evidence_of_the_item():
    text = "加装电梯我完全支持。食堂的位置也合适。楼道很干净。停车位改绿地，我坚决反对。"
    lift, parking = text.index("加装电梯"), text.index("停车位")
    assert read_stance(text, [Span("text", lift, lift + 4)]) is Stance.SUPPORTS
    assert read_stance(text, [Span("text", parking, parking + 3)]) is Stance.OPPOSES


@pytest.mark.parametrize(
    ("text", "named", "stance"),
    [
        ("我们楼老人多，希望早日加装电梯。", "加装电梯", Stance.SUPPORTS),
        ("建议社区食堂再开一家。", "社区食堂", Stance.SUPPORTS),
        ("公园应该多种树荫大的树。", "公园", Stance.SUPPORTS),
        ("请问加装电梯到哪里申请？", "加装电梯", Stance.NONE),
        ("电梯天天坏，没有人管。", "电梯", Stance.NONE),
        ("希望不要在门口设垃圾站。", "垃圾站", Stance.NONE),
        ("建议取消路边收费停车。", "停车", Stance.NONE),
        ("去年建的公园很大。", "公园", Stance.NONE),
        ("养殖场污染河水，臭气熏天，请立即停止。", "河水", Stance.NONE),
        ("希望绿化多一点，但我反对砍树。", "绿化", Stance.OPPOSES),
    ],
)
def test_who_asks_for_an_item_supports_it(text, named, stance):
    at = text.index(named)
    assert read_stance(text, [Span("text", at, at + len(named))]) is stance


def test_clauses_of_one_comment_may_differ():
    text = "电梯天天坏，投诉了也没人管。建议换一家维保公司。请问什么时候能修好？"
    clauses = read_intent(text).clauses
    assert {c.intent for c in clauses} >= {Intent.COMPLAINS, Intent.PROPOSES, Intent.ASKS}
    for clause in clauses:
        assert text[clause.span.start : clause.span.end].strip()


def test_a_polite_wish_about_too_much_is_a_complaint():
    clauses = read_intent("希望物业费不要收得太高").clauses
    assert [c.intent for c in clauses] == [Intent.COMPLAINS]


def test_evidence_points_at_words_of_title_and_text():
    text, title = "這裡天天停電，要求徹查！", "投诉　停電"
    reading = read_intent(text, title=title)
    assert reading.intent is Intent.COMPLAINS
    fields = {"text": text, "title": title}
    assert {fields[s.field][s.start : s.end] for s in reading.evidence} >= {"投诉", "停電"}


@pytest.mark.parametrize(
    "text", ["", "a", "好", "😀" * 500, "hello", "\x00\ud800", "\n", "<p>投诉</p>", "?" * 20000]
)
def test_nothing_crashes_the_reader(text):
    reading = read_intent(text)
    assert 0.0 <= reading.confidence <= 1.0
    read_stance(text)


def test_time_grows_with_length_only():
    began = time.perf_counter()
    for character in ("反对", "不", "投诉，", "希望太"):
        read_intent(character * 10000)
        read_stance(character * 10000)
    assert time.perf_counter() - began < 4.0


def test_written_comments_are_read_well_enough():
    frozen = answers.written("test")
    labels = read(frozen)
    assert macro_f1([a.intent for a in frozen], labels) >= 0.75
    assert labels.count(None) / len(labels) <= 0.10


@pytest.mark.shared
def test_real_messages_are_read_well_enough():
    try:
        frozen = answers.messages(SHARED, "test")
    except evaluation.MissingMaterialError as missing:
        pytest.skip(str(missing))
    labels = read(frozen)
    assert macro_f1([a.intent for a in frozen], labels) >= 0.75
    assert labels.count(None) / len(labels) <= 0.10


def test_abstaining_is_a_miss_and_chance_agreement_is_no_agreement():
    assert macro_f1(["a", "b"], ["a", None]) == 0.5
    assert kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == 0.0


def test_calibration_error_is_the_gap_between_stated_and_real():
    assert calibration_error([0.9, 0.9], [True, False]) == pytest.approx(0.4)
    assert calibration_error([1.0, 1.0], [True, True]) == 0.0
