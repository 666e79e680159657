"""Normalising keeps offsets; clauses leave the formulas of a letter aside; words cover the text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.segment import clauses, normalise, words


def test_width_script_and_spaces_are_folded():
    assert normalise("３號樓　裝了電梯，\n\n\n ㎡①").text == "3号楼 装了电梯,\nm21"


def test_invisible_characters_go_and_offsets_stay():
    raw = "电\u200b话\u202e１３\ufeff８"
    folded = normalise(raw)
    assert folded.text == "电话138"
    start, end = folded.span(folded.text.index("话"), len(folded.text))
    assert raw[start:end] == "话\u202e１３\ufeff８"


@given(st.text(max_size=60))
def test_every_code_point_knows_where_it_came_from(raw):
    folded = normalise(raw)
    assert len(folded.origin) == len(folded.text)
    assert list(folded.origin) == sorted(folded.origin)
    assert all(0 <= at < len(raw) for at in folded.origin)
    assert normalise(folded.text).text == folded.text or any(ord(c) > 127 for c in raw)


@given(st.text(alphabet="尊敬的领导您好，。！？；：,.\n a1谢谢电梯", max_size=80))
def test_clauses_lie_inside_and_do_not_overlap(raw):
    folded = normalise(raw)
    end = 0
    for clause in clauses(folded):
        assert end <= clause.start < clause.end <= len(folded.text)
        assert folded.text[clause.start : clause.end] == clause.text
        end = clause.end


def test_formulas_of_a_letter_are_marked():
    text = "尊敬的李书记：您好！我家住三号楼，电梯坏了。谢谢！此致\n敬礼\n2023年10月18日"
    found = {c.text: c.boilerplate for c in clauses(normalise(text))}
    assert [c for c, formula in found.items() if not formula] == ["我家住三号楼", "电梯坏了"]


def test_numbers_and_times_are_not_cut():
    texts = [c.text for c in clauses(normalise("收费3,000元，6:30停电，面积10.5平方米"))]
    assert texts == ["收费3,000元", "6:30停电", "面积10.5平方米"]


def test_words_cover_the_text_with_offsets_and_tags():
    text = "临汾路上的老公房 要装电梯。"
    found = words(text)
    assert "".join(w.text for w in found) == text
    assert all(text[w.start : w.end] == w.text and w.tag for w in found)
    assert "电梯" in {w.text for w in found}


@pytest.mark.parametrize(
    "unit", ["好", "，", "\n", "😀", "尊敬的", "a ", "\u200b", "１", "祝", "."]
)
def test_long_input_takes_linear_time(unit):
    def seconds(length):
        raw = (unit * length)[:length]
        began = time.perf_counter()
        clauses(normalise(raw))
        return time.perf_counter() - began

    seconds(1000)
    assert seconds(80_000) < 2.0
