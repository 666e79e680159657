"""When an opinion is accepted, what a form may hold, and which files are taken."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from backend.models import Comment as CommentRow
from backend.models import Consultation, Handling, Stage, Submission
from backend.submissions import forms, rules, uploads
from backend.submissions import ticket as tickets
from backend.submissions.forms import DraftForm, Point, Sender

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SECRET = b"s" * 40


def _consultation(**fields: object) -> Consultation:
    values: dict[str, object] = {
        "organisation_id": 1,
        "slug": "a",
        "title": "甲",
        "stage": Stage.ANNOUNCED,
        "opens_at": NOON - timedelta(days=30),
        "closes_at": NOON,
        "created_at": NOON,
    }
    return Consultation(**(values | fields))


@pytest.mark.parametrize(
    ("opened", "now", "expected"),
    [
        (-60, -1, None),
        (-1, 29, None),
        (-1, 31, rules.Refusal.CLOSED),
        (1, 2, rules.Refusal.CLOSED),
        (-60 * 24 * 31, -60 * 24 * 31, rules.Refusal.NOT_YET),
    ],
)
def test_a_form_is_accepted_while_open_and_for_a_grace_after(
    opened: int, now: int, expected: rules.Refusal | None
) -> None:
    result = rules.refusal(
        _consultation(),
        NOON + timedelta(minutes=opened),
        NOON + timedelta(minutes=now),
        grace_minutes=30,
    )
    assert result == expected


def test_only_a_form_opened_before_closing_is_late() -> None:
    after = NOON + timedelta(minutes=5)
    assert rules.is_late(_consultation(), NOON - timedelta(hours=1), after, grace_minutes=30)
    assert not rules.is_late(_consultation(), NOON, after, grace_minutes=30)
    before = NOON - timedelta(minutes=5)
    assert not rules.is_late(_consultation(), before, before, grace_minutes=30)


@pytest.mark.parametrize("stage", [Stage.UNDER_REVIEW, Stage.ANSWERED, Stage.ARCHIVED])
def test_a_settled_consultation_takes_nothing_however_early(stage: Stage) -> None:
    consultation = _consultation(stage=stage, closes_at=NOON + timedelta(days=1))
    assert rules.refusal(consultation, NOON, NOON, grace_minutes=30) == rules.Refusal.CLOSED


def _draft(text: str = "加装电梯", *, is_trapped: bool = False, seconds: int = 60) -> DraftForm:
    return DraftForm(
        opened_at=NOON - timedelta(seconds=seconds),
        is_trapped=is_trapped,
        points=[Point(text=text)],
    )


@pytest.mark.parametrize(
    ("draft", "is_over_limit", "is_held"),
    [
        (_draft(), False, False),
        (_draft(seconds=0), False, False),
        (_draft(), True, False),
        (_draft("见 https://a.cn https://b.cn http://c.cn"), False, False),
        (_draft(seconds=0), True, True),
        (_draft(is_trapped=True), False, True),
        (_draft("http://a.cn http://b.cn www.c.cn", seconds=0), False, True),
    ],
)
def test_no_single_soft_sign_holds_a_voice_back(
    draft: DraftForm, is_over_limit: bool, is_held: bool
) -> None:
    score = rules.suspicion(draft, sent_at=NOON, is_over_limit=is_over_limit)
    assert (score >= rules.QUARANTINE_AT) is is_held


def test_a_copied_letter_alone_is_asked_for_a_last_step_only() -> None:
    for seconds, is_copied, expected in ((60, False, 0), (60, True, 2), (0, True, 3)):
        score = rules.suspicion(
            _draft(seconds=seconds), sent_at=NOON, is_over_limit=False, is_copied=is_copied
        )
        assert score == expected
    assert rules.PROOF_AT == 2


def test_progress_is_said_in_plain_words() -> None:
    def words(handling: Handling, **fields: object) -> str:
        comment = CommentRow(
            submission_id=1, consultation_id=1, text="甲", received_at=NOON, handling=handling
        )
        submission = Submission(
            consultation_id=1,
            receipt_code="x",
            receipt_token="x",
            look_up_code="1",
            idempotency_key="k",
            received_at=NOON,
            **fields,
        )
        return rules.progress(comment, submission, None).words

    assert words(Handling.NEW) == "已登记"
    assert words(Handling.ASSIGNED) == "研究中"
    assert words(Handling.HANDED_OVER) == "已转交"
    assert words(Handling.ASSIGNED, withdrawn_at=NOON) == "已撤回"


def test_text_is_counted_after_line_breaks_and_invisible_characters() -> None:
    point = forms.read_point({"text": "一\r\n二\u200b\x00", "about": " p1 "})
    assert point.text == "一\n二"
    assert point.about == "p1"
    assert not forms.check_point(point, max_length=3)
    assert "删减1字" in forms.check_point(point, max_length=2)["text"]


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b\ufeff", "\x00"])
def test_an_empty_opinion_is_asked_for(text: str) -> None:
    point = forms.read_point({"text": text})
    assert forms.check_point(point, max_length=100) == {"text": "请写下您的意见"}


def test_a_proposed_wording_alone_is_an_opinion() -> None:
    assert not forms.check_point(Point(proposed_wording="改为一千台"), max_length=100)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "king"),
        ("street", "别处街道"),
        ("phone", "打我电话"),
        ("email", "a@b"),
        ("email", "a b@c.cn"),
        ("name", "名" * 65),
        ("address", "址" * 201),
        ("neighbourhood", "居" * 51),
    ],
)
def test_a_wrong_detail_gets_a_sentence_at_its_field(field: str, value: str) -> None:
    errors = forms.check_sender(Sender(**{field: value}), streets=["东浦街道"])
    assert list(errors) == [field]


def test_a_plausible_sender_passes() -> None:
    sender = Sender(
        kind="resident",
        street="东浦街道",
        neighbourhood="锦绣居委",
        name="王",
        phone="021-6000 0000 转 12",
        email="wang@example.com.cn",
    )
    assert not forms.check_sender(sender, streets=["东浦街道"])


def test_a_ticket_is_good_for_its_consultation_and_its_time_only() -> None:
    ticket = tickets.new_ticket(7, NOON)
    signed = tickets.sign(SECRET, ticket)
    assert tickets.read(SECRET, signed, consultation_id=7, now=NOON) == ticket
    assert tickets.read(SECRET, signed, consultation_id=8, now=NOON) is None
    assert tickets.read(b"t" * 40, signed, consultation_id=7, now=NOON) is None
    assert tickets.read(SECRET, signed + "x", consultation_id=7, now=NOON) is None
    later = NOON + timedelta(days=15)
    assert tickets.read(SECRET, signed, consultation_id=7, now=later) is None
    assert tickets.read(SECRET, "", consultation_id=7, now=NOON) is None


def _word(*, document: bool = True, members: int = 1) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        if document:
            archive.writestr("word/document.xml", "<w/>")
        for number in range(members):
            archive.writestr(f"media/{number}", "")
    return buffer.getvalue()


def _bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 210_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", b"%PDF-1.7 ..."),
        ("照片.JPG", b"\xff\xd8\xff\xe0"),
        ("a.png", b"\x89PNG\r\n\x1a\n"),
        ("说明.txt", "意见".encode("gb18030")),
        ("a.docx", _word()),
    ],
)
def test_known_files_are_taken(name: str, data: bytes) -> None:
    assert uploads.examine(name, data, max_megabytes=10).size == len(data)


@pytest.mark.parametrize(
    ("name", "data", "part"),
    [
        ("a.exe", b"MZ", "类型"),
        ("a.svg", b"<svg onload=alert(1)>", "类型"),
        ("a", b"%PDF-", "类型"),
        ("a.pdf", b"", "空文件"),
        ("a.pdf", b"PK\x03\x04", "不一致"),
        ("a.png", b"%PDF-", "不一致"),
        ("a.txt", b"\x00\x01\x02", "不一致"),
        ("a.docx", _word(document=False), "不一致"),
        ("a.docx", _word(members=2001), "不一致"),
        ("a.docx", b"PK\x03\x04broken", "不一致"),
        ("a.pdf", b"%PDF-" + b"0" * 1_000_000, "超过"),
    ],
)
def test_other_files_are_refused_in_one_sentence(name: str, data: bytes, part: str) -> None:
    with pytest.raises(uploads.UploadRefused, match=part):
        uploads.examine(name, data, max_megabytes=1)


def test_a_zip_bomb_is_refused_from_its_directory() -> None:
    with pytest.raises(uploads.UploadRefused):
        uploads.examine("a.docx", _bomb(), max_megabytes=10)


def test_a_file_name_cannot_leave_its_folder() -> None:
    file = uploads.examine("..\\..\\etc/passwd.txt", b"x", max_megabytes=1)
    assert file.file_name == "passwd.txt"
