"""The small tools: codes that survive the telephone, text that stays what was said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.kit.ids import ALPHABET, new_receipt_code, normalise_receipt_code
from backend.kit.pagination import Page
from backend.kit.sealing import keyed_hash, seal, unseal
from backend.kit.settings import Settings
from backend.kit.text import clean_line, clean_text, shorten


def test_one_wrong_character_or_two_swapped_ones_are_noticed() -> None:
    for _ in range(50):
        code = new_receipt_code()
        assert normalise_receipt_code(f" {code[:4].lower()}-{code[4:]} ") == code
        for place in range(9):
            for other in ALPHABET.replace(code[place], ""):
                assert normalise_receipt_code(code[:place] + other + code[place + 1 :]) is None
        for place in range(8):
            swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
            if swapped != code:
                assert normalise_receipt_code(swapped) is None


def test_typed_text_keeps_its_words_and_punctuation() -> None:
    typed = "建议：①加装电梯；\r\n\r\n\r\n\r\n②Ａ区“停车”！\u200b\x00"
    assert clean_text(typed) == "建议：①加装电梯；\n\n②Ａ区“停车”！"
    assert clean_line(" 临汾路\n 街道 ") == "临汾路 街道"
    assert shorten("一二三四五", 4) == "一二三…"


@given(st.text())
def test_cleaning_is_total_and_stable(raw: str) -> None:
    once = clean_text(raw)
    assert clean_text(once) == once
    assert "\r" not in once
    assert "\x00" not in once


def test_a_sealed_value_opens_only_with_its_own_secret() -> None:
    sealed = seal(b"a" * 40, "13900000000")
    assert "1390" not in sealed
    assert unseal(b"a" * 40, sealed) == "13900000000"
    assert unseal(b"b" * 40, sealed) is None
    assert keyed_hash(b"a" * 40, "x", "v") != keyed_hash(b"a" * 40, "y", "v")


def test_a_short_secret_is_refused_and_a_missing_one_is_made_once(tmp_path) -> None:
    with pytest.raises(ValueError, match="32"):
        Settings(data_dir=tmp_path, secret_key="short").secret()
    made = Settings(data_dir=tmp_path).secret()
    assert Settings(data_dir=tmp_path).secret() == made
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_page_counts_from_one() -> None:
    page = Page(rows=["a"], number=3, size=20, total=41)
    assert (page.first, page.last, page.page_count, page.previous, page.next) == (
        41,
        41,
        3,
        2,
        None,
    )
    assert Page(rows=[], number=1, size=20, total=0).first == 0
