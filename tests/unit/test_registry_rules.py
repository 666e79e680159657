"""Same person, paper codes, columns of lists: the pure parts of the registry."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.models import Channel
from backend.registry import columns, sheets
from backend.registry.forms import read_day
from backend.registry.places import Places
from backend.submissions.paper import form_code, read_form_code
from backend.submissions.people import email_hash, phone_hash

SECRET = b"s" * 40
PLACES = Places({"s1": "章节：第一章 公交", "i1": "指标：公交站点覆盖率", "t1": "任务：巴士"}, 7)


@pytest.mark.parametrize(
    "typed",
    ["13800000001", "138 0000 0001", "+86 138-0000-0001", "0086 13800000001", "１３８００００００１"
     .replace("００００００", "０００００００"), "8613800000001", "13800000001转8"],
)  # fmt: skip
def test_one_number_has_one_hash_however_it_is_written(typed: str) -> None:
    assert phone_hash(SECRET, typed) == phone_hash(SECRET, "13800000001")


def test_other_numbers_and_what_is_no_number_do_not_meet() -> None:
    assert phone_hash(SECRET, "13800000002") != phone_hash(SECRET, "13800000001")
    assert phone_hash(b"t" * 40, "13800000001") != phone_hash(SECRET, "13800000001")
    assert phone_hash(SECRET, "12345") is None and phone_hash(SECRET, "不详") is None
    assert email_hash(SECRET, " A@Example.com ") == email_hash(SECRET, "a@example.com")
    assert email_hash(SECRET, "") is None


@given(st.integers(1, 10**8), st.sampled_from(["", "s1", "s31", "i14", "t7", "p402"]))
def test_a_form_code_reads_back_and_notices_a_slip(number: int, key: str) -> None:
    code = form_code(number, key)
    assert read_form_code(f" {code.lower()} ") == (number, key)
    slipped = ("8" if code[0] == "9" else str(int(code[0]) + 1)) + code[1:]
    assert read_form_code(slipped) is None
    assert read_form_code(code[:-1] + ("3" if code[-1] != "3" else "4")) is None


def test_what_is_typed_into_the_picker() -> None:
    assert PLACES.find("").key == ""
    assert PLACES.find("任务：巴士").key == "t1" and PLACES.find("s1").key == "s1"
    assert PLACES.find("覆盖率").key == "i1"
    assert PLACES.find("公交").choices == ("s1", "i1")
    assert PLACES.find("机场").is_unknown
    assert PLACES.find(form_code(7, "s1")).key == "s1"
    assert PLACES.find(form_code(8, "s1")).is_unknown, "a form of another consultation"


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["序号", "工单编号", "受理时间", "来电人", "联系电话", "诉求内容", "诉求内容分类"],
         {1: "number", 2: "received_on", 3: "name", 4: "phone", 5: "text"}),
        (["发言人", "单位", "发言内容"], {0: "name", 2: "text"}),
        (["姓名（选填）", "手机号*", "您的意见和建议：", "提交答卷时间"],
         {0: "name", 1: "phone", 2: "text", 3: "received_on"}),
        (["标题", "内容", "所属街镇", "居委", "身份"],
         {0: "title", 1: "text", 2: "street", 3: "neighbourhood", 4: "kind"}),
        (["a", "b"], {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_their_headings(
    headings: list[str], fields: dict[int, str]
) -> None:
    assert columns.guess(headings, {}) == fields


def test_what_was_said_last_time_goes_first() -> None:
    assert columns.guess(["内容", "备注"], {"内容": "", "备注": "text"}) == {1: "text"}


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026/11/3", date(2026, 11, 3)),
        ("2026.11.3", date(2026, 11, 3)),
        ("2026年11月3日", date(2026, 11, 3)),
        ("20261103", date(2026, 11, 3)),
        ("2026-11-03 09:30", date(2026, 11, 3)),
        ("2026-11-03T09:30:00", date(2026, 11, 3)),
        ("2026-13-03", None),
        ("十一月三日", None),
        ("", None),
    ],
)
def test_days_as_people_write_them(typed: str, day: date | None) -> None:
    assert read_day(typed) == day


def read(cells: list[str], mapping: dict[int, str]) -> columns.RowDraft:
    today = date(2026, 11, 22)
    return columns.read_row(
        cells,
        mapping,
        PLACES,
        streets=["石埠街道"],
        default_day=today,
        today=today,
        max_length=100,
    )


def test_a_row_with_odd_contact_data_is_registered_without_it() -> None:
    draft = read(
        ["路灯暗。", "不详", "不是邮箱", "石埠街道办事处", "某某公司"],
        {0: "text", 1: "phone", 2: "email", 3: "street", 4: "kind"},
    )
    assert draft.problem == ""
    sender = draft.sender
    assert (sender.phone, sender.email, sender.street, sender.kind) == (
        "",
        "",
        "石埠街道",
        "business",
    )


def test_a_title_is_the_first_line_unless_the_text_says_it() -> None:
    mapping = {0: "title", 1: "text"}
    assert read(["路灯", "太暗了。"], mapping).text == "路灯\n太暗了。"
    assert read(["路灯", "路灯太暗了。"], mapping).text == "路灯太暗了。"


@given(st.lists(st.text(max_size=300), min_size=1, max_size=8))
def test_no_row_breaks_the_reader(cells: list[str]) -> None:
    fields = dict(enumerate(columns.FIELDS))
    draft = read(cells, {column: fields[column] for column in range(len(cells))})
    assert draft.problem or draft.points
    assert columns.content_key(draft, 0) != columns.content_key(draft, 1)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_a_sentence(data: bytes) -> None:
    said = ""
    rows: list[tuple[int, list[str]]] = []
    try:
        rows = sheets.read(data, "名单.csv").rows
    except sheets.UnreadableList as error:
        said = str(error)
    assert rows or "。" in said


def test_the_channel_is_guessed_from_the_name_and_the_headings() -> None:
    assert columns.channel_of("12345转办.xlsx", []) is Channel.LIST_12345
    assert columns.channel_of("表.xlsx", ["发言人"]) is Channel.MEETING
    assert columns.channel_of("来信登记.csv", ["内容"]) is Channel.LETTER


def test_received_moments() -> None:
    from backend.registry.rules import received_at

    now = datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert received_at(date(2026, 11, 22), now) == now
    assert received_at(date(2026, 11, 20), now) == datetime(2026, 11, 20, 4, tzinfo=UTC)
