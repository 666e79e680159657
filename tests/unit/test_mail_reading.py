"""Reading mail: what it says, in whatever charset and client format, and who wrote it."""

from datetime import UTC, datetime

import pytest

from backend.mailbox.charsets import decode
from backend.mailbox.message import read
from backend.mailbox.quoting import divide
from tests.mail_corpus import FRAMES, Made, compose, corpus

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
# Twenty for each of eighteen formats, every one in every charset.
MADE = tuple(corpus(360))


def _words(text: str) -> str:
    """Without white space: HTML and soft line breaks do not keep it."""
    return "".join(text.split())


def test_the_corpus_is_wide_enough() -> None:
    assert len({made.client for made in MADE}) == len(FRAMES) >= 12
    assert len({(made.client, made.charset) for made in MADE}) >= 100
    assert len({made.charset for made in MADE}) >= 6


def test_every_charset_is_read_without_loss() -> None:
    for made in MADE:
        letter = read(made.raw)
        assert letter.problems == (), made
        assert _words(made.new) in _words(letter.text), made.charset
        assert (letter.subject, letter.sender_name) == (made.subject, made.sender[0])
        assert letter.sender_address == made.sender[1]


@pytest.mark.parametrize("client", FRAMES)
def test_new_words_are_parted_from_quoted_ones(client: str) -> None:
    made = [one for one in MADE if one.client == client]
    wrong = [one for one in made if _words(divide(read(one.raw).text).new) != _words(one.new)]
    assert len(wrong) <= 0.05 * len(made), wrong[:1]


def test_nothing_is_deleted_by_parting() -> None:
    for made in MADE:
        text = read(made.raw).text
        parts = divide(text)
        joined = _words(parts.new + parts.signature + parts.quoted)
        assert sorted(joined) == sorted(_words(text)), made.client


@pytest.mark.parametrize(
    "text",
    [
        "时间：2026年底前能不能完成？\n主题公园的名字也请再想想。\n地点：滨江段",
        "在2026年11月的听证会上，有代表写道：应当保留老厂房。\n我同意他的看法。",
        "建议如下：\n---\n一、延长末班车；\n---\n二、增加座椅。",
        "From the bridge to the gate there is no lamp.\nTo: the people in charge, please fix it.",
        "来自滨江街道的居民反映，夜里没有灯。\n请尽快解决。",
        "2026年3月12日我给街道写过信，没人回。\n现在再写一次。",
    ],
)
def test_prose_is_not_taken_for_a_quotation(text: str) -> None:
    assert divide(text).new == text


def test_answers_between_quoted_lines_are_all_new() -> None:
    text = "> 您对停车有什么意见？\n泊位太少。\n> 对公交呢？\n末班车太早。"
    parts = divide(text)
    assert parts.new == "泊位太少。\n末班车太早。"
    assert "对公交呢" in parts.quoted


def test_a_forwarded_letter_has_no_new_words() -> None:
    text = "-------- 转发的消息 --------\n主题: 建议\n日期: 2026-11-01\n发件人: 老李\n\n装电梯。"
    assert divide(text).new == "" and "装电梯" in divide(text).quoted


@pytest.mark.parametrize(
    ("data", "claimed", "text"),
    [
        ("喆玥珺龑".encode("gb18030"), "gb2312", "喆玥珺龑"),
        ("加装电梯".encode("gb18030"), "utf-8", "加装电梯"),
        ("加装电梯".encode(), "gb2312", "加装电梯"),
        ("加裝電梯，老人家下樓不方便。".encode("big5"), "x-x-big5", "加裝電梯，老人家下樓不方便。"),
        ("加装电梯".encode("utf-16"), None, "加装电梯"),
        ("加装电梯".encode("utf-8-sig"), "gbk", "加装电梯"),
        ("加装电梯".encode("hz"), "HZ-GB-2312", "加装电梯"),
        (b"plain", "no-such-charset", "plain"),
    ],
)  # fmt: skip
def test_labels_are_believed_only_while_true(data: bytes, claimed: str | None, text: str) -> None:
    assert decode(data, claimed) == (text, True)


def test_bytes_that_mean_nothing_are_told() -> None:
    raw = compose("x", "utf-8", "utf-8", subject="s", sender=("a", "a@b.example"), at=AT)
    broken = (
        raw.replace(b"base64", b"8bit").split(b"\r\n\r\n")[0]
        + b"\r\n\r\n\xff\xfe\xff\x00\xd8\x00\xd8"
    )
    letter = read(broken)
    assert letter.sender_address == "a@b.example"
    assert letter.problems == () or "编码" in letter.problems[0]


@pytest.mark.parametrize(
    ("head", "is_robot"),
    [
        (b"Auto-Submitted: auto-replied", True),
        (b"Auto-Submitted: no", False),
        (b"X-Autoreply: yes", True),
        (b"Precedence: bulk", True),
        (b"Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN77ya5oiR5Zyo5LyR5YGH?=", True),
        (b"Subject: Out of Office: back on Monday", True),
        (b"Subject: about the auto parts market", False),
        (b"X-Mailer: Foxmail 7", False),
    ],
)
def test_machines_are_told_from_people(head: bytes, is_robot: bool) -> None:
    letter = read(b"From: <a@b.example>\r\n" + head + b"\r\n\r\n\xe6\x82\xa8\xe5\xa5\xbd")
    assert (letter.robot is not None) == is_robot


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\x00\xff", b"From: \r\n\r\n", b"Subject: =?gb2312?B?????=\r\n\r\nx",
        b"Content-Type: multipart/mixed\r\n\r\nno boundary",
        b"Content-Type: text/plain; charset=\xff\xfe\r\n\r\nx",
        b"Content-Transfer-Encoding: base64\r\n\r\n@@@not base64@@@",
        b"Date: Thu, 99 Nov 2026 99:99:99 +9999\r\nMessage-ID: <<<>>>\r\n\r\nx",
        b"Content-Type: message/rfc822\r\n\r\nContent-Type: message/rfc822\r\n\r\n",
        b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5000,
        b"To: " + b"a@b.example," * 5000 + b"\r\n\r\nx",
        b"Content-Disposition: attachment; filename*=xx''%E5%91\r\n\r\nx",
    ],
)  # fmt: skip
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    letter = read(raw)
    assert "\x00" not in letter.text + letter.subject + letter.sender_name
    divide(letter.text)


def test_a_made_message_is_what_it_says() -> None:
    one: Made = MADE[0]
    assert read(one.raw).message_id is not None
    assert read(one.raw).sent_at is not None
