"""Personal data: found whatever hides it, masked as documented, and nothing else is hit."""

import random
import time

import pytest

from analysis.contracts import PersonalData
from analysis.evaluation import privacy as evaluation
from analysis.privacy import find_personal_data, id_card_is_valid, luhn_is_valid, mask


def found(text):
    return [(p.kind, text[p.start : p.end]) for p in find_personal_data(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("打13812345678找我", "phone", "13812345678"),
        ("电话１３８－１２３４－５６７８。", "phone", "１３８－１２３４－５６７８"),
        ("微信同号138 1234 5678", "phone", "138 1234 5678"),
        ("1 3 8 1 2 3 4 5 6 7 8", "phone", "1 3 8 1 2 3 4 5 6 7 8"),
        ("138、1234、5678", "phone", "138、1234、5678"),
        ("138\u200b1234\u200b5678", "phone", "138\u200b1234\u200b5678"),
        ("一三八一二三四五六七八", "phone", "一三八一二三四五六七八"),
        ("+86 13812345678", "phone", "+86 13812345678"),
        ("(021)62345678转802", "phone", "(021)62345678转802"),
        ("身份证 11010519491231002x", "id_card", "11010519491231002x"),
        ("身份证110105 19491231 002X", "id_card", "110105 19491231 002X"),
        ("发到 li.hua88 @ 163.com 吧", "email", "li.hua88 @ 163.com"),
        ("邮箱lihua88#qq.com", "email", "lihua88#qq.com"),
        ("沪A·12345挡道", "plate", "沪A·12345"),
        ("新能源车沪AD12345", "plate", "沪AD12345"),
        ("卡号6222 0212 3456 7890 123", "bank_card", "6222 0212 3456 7890 123"),
        ("联系人：欧阳小明", "name", "欧阳小明"),
        ("我叫常建国，住在这里", "name", "常建国"),
        ("王小明先生来过", "name", "王小明"),
        ("家住临江路380弄12号501室", "address", "临江路380弄12号501室"),
        ("我是阳光花园5栋1202的业主", "address", "阳光花园5栋1202"),
        ("住胜利村3组12号", "address", "胜利村3组12号"),
    ],
)
def test_found_whatever_hides_it(text, kind, value):
    assert (kind, value) in found(text)


@pytest.mark.parametrize("text", evaluation.clean_sentences())
def test_what_an_office_publishes_is_not_personal(text):
    assert found(text) == []


def test_recall_on_filled_sentences_reaches_the_targets():
    hits, total = evaluation.measure(random.Random(7), rounds=25)
    recall = {kind: hits[kind] / total[kind] for kind in total}
    for kind in ("phone", "landline", "id_card", "email", "plate", "bank_card"):
        assert recall[kind] >= 0.99, kind
    assert recall["name"] >= 0.85
    assert recall["address"] >= 0.85


def test_masking_leaves_what_is_documented():
    text = (
        "我叫朱小明，电话138 1234 5678，座机021-62345678，身份证11010519491231002X，"
        "卡号6222021234567890123，邮箱lihua88@163.com，车沪AD12345，家住临江路380弄12号501室。"
    )
    masked = mask(text, find_personal_data(text))
    assert masked == (
        "我叫朱**，电话138****5678，座机021****5678，身份证110***************，"
        "卡号************0123，邮箱l***@163.com，车沪A*****，家住临江路***。"
    )
    assert find_personal_data(masked) == ()


def test_masking_again_changes_nothing():
    rng = random.Random(11)
    for carrier in evaluation.carriers():
        text, _ = evaluation.fill(carrier, rng)
        once = mask(text, find_personal_data(text))
        assert mask(once, find_personal_data(once)) == once


def test_overlapping_findings_are_masked_once():
    text = "电话13812345678"
    both = (PersonalData("phone", "text", 2, 13), PersonalData("bank_card", "text", 2, 13))
    assert mask(text, both) == "电话138****5678"


def test_check_digits():
    assert id_card_is_valid("11010519491231002X")
    assert not id_card_is_valid("110105194912310021")
    assert not id_card_is_valid("110105194913310021")
    assert luhn_is_valid("6222021234567890128")
    assert not luhn_is_valid("6222021234567890127")


def test_the_field_is_named():
    assert {p.field for p in find_personal_data("打13812345678", field="title")} == {"title"}


@pytest.mark.parametrize("text", ["", "1", "\x00\ud800", "😀" * 3000, "@" * 20000, "138-" * 5000])
def test_nothing_crashes(text):
    mask(text, find_personal_data(text))


@pytest.mark.parametrize(
    "unit", ["1", "1 ", "沪A", "我叫王", "路1号", "a.", "联系人：", "一", "3栋"]
)
def test_time_is_linear(unit):
    def seconds(length):
        text = (unit * length)[:length]
        began = time.perf_counter()
        find_personal_data(text)
        return time.perf_counter() - began

    seconds(500)
    assert seconds(20_000) < 3.0
