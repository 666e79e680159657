"""Letters by e-mail: each one kept, registered once or left to a person, answered with care."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from backend import jobs
from backend.kit.db import Database
from backend.kit.sealing import unseal
from backend.kit.settings import Settings
from backend.mail.sending import message_id
from backend.mailbox import importing, keeping, queries
from backend.mailbox import jobs as _registered  # noqa: F401
from backend.mailbox.service import Intake
from backend.models import (
    Attachment,
    AuditEntry,
    Channel,
    Comment,
    Contact,
    IncomingMail,
    IncomingState,
    OutgoingMail,
    Role,
    Submission,
)
from backend.submissions.service import erase_contact
from tests.features.conftest import SignIn
from tests.features.office import Office
from tests.mail_corpus import compose, corpus

ADDRESS = "zhengxun@qingshi.example"
AT = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
WANG = ("王芳", "wangfang66@163.example")


@pytest.fixture
def intake(office: Office, session: Session, settings: Settings) -> Intake:
    """Mail to the address of the office's consultation."""
    office.consultation.email = ADDRESS
    session.add(office.consultation)
    session.commit()
    return Intake(settings, office.organisation.id or 0, "test", acknowledges=True)


def _letter(body: str, *, number: int = 1, subject: str = "意见", extra: bytes = b"") -> bytes:
    raw = compose(
        body, "utf-8", "utf-8", subject=subject, sender=WANG, at=AT, number=number, to=ADDRESS
    )
    return extra + raw


def _take(database: Database, intake: Intake, *raws: bytes, folder: Path) -> importing.Imported:
    for number, raw in enumerate(raws):
        (folder / f"{number:05}.eml").write_bytes(raw)
    done = importing.import_all(database, intake, folder, clock=lambda: NOW)
    for file in folder.glob("*.eml"):
        file.unlink()
    return done


@pytest.fixture
def box(tmp_path: Path) -> Path:
    folder = tmp_path / "box"
    folder.mkdir()
    return folder


def _mails(session: Session) -> list[IncomingMail]:
    session.rollback()
    session.expire_all()
    return list(session.exec(select(IncomingMail).order_by(col(IncomingMail.id))))


def test_a_letter_becomes_an_opinion_with_a_receipt(
    session: Session, database: Database, settings: Settings, intake: Intake, box: Path
) -> None:
    body = "夜里步道没有灯，希望加装。\n\n> 在 2026-11-17 09:12，征询 <a@b.example> 写道：\n> 您好"
    done = _take(database, intake, _letter(body), folder=box)
    assert done.counts == {IncomingState.REGISTERED: 1}

    [mail] = _mails(session)
    submission = session.get_one(Submission, mail.submission_id)
    assert (submission.channel, submission.received_at) == (Channel.EMAIL, AT)
    assert submission.posted_on == AT.date() and not submission.is_late
    [comment] = session.exec(select(Comment).where(Comment.submission_id == submission.id)).all()
    assert comment.text == "夜里步道没有灯，希望加装。"
    contact = session.exec(select(Contact).where(Contact.submission_id == submission.id)).one()
    secret = settings.secret()
    assert unseal(secret, contact.sealed_email or "") == WANG[1]
    assert unseal(secret, contact.sealed_name or "") == WANG[0]

    [answer] = session.exec(select(OutgoingMail)).all()
    text = unseal(secret, answer.sealed_text or "") or ""
    assert submission.receipt_code in text and submission.look_up_code in text
    assert f"/receipts/{submission.receipt_code}/{submission.receipt_token}" in text
    assert answer.in_reply_to == mail.message_id


def test_importing_again_changes_nothing(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    letters = [_letter(f"第{n}条：末班车太早。", number=n) for n in range(5)]
    first = _take(database, intake, *letters, folder=box)
    again = _take(database, intake, *letters, folder=box)
    assert (first.known_count, again.known_count) == (0, 5)
    assert again.counts == {}
    session.rollback()
    assert len(session.exec(select(Submission)).all()) == 5


def test_the_same_letter_by_another_way_is_one_opinion(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    letter = _letter("末班车太早。")
    resent = _letter("末班车  太早。", number=7)
    other = compose(
        "末班车太早。", "gbk", "gb18030", subject="意见", sender=("李强", "lq@b.example"), at=AT,
        number=9, to=ADDRESS,
    )  # fmt: skip
    done = _take(database, intake, letter, b"X-Relay: two\r\n" + letter, resent, other, folder=box)
    assert done.counts == {IncomingState.REGISTERED: 2, IncomingState.DUPLICATE: 2}
    session.rollback()
    assert len(session.exec(select(Submission)).all()) == 2, "one for each sender"


def test_machines_are_kept_and_never_answered(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    robot = _letter("我正在休假。", extra=b"Auto-Submitted: auto-replied\r\n")
    done = _take(database, intake, robot, folder=box)
    assert done.counts == {IncomingState.AUTOMATIC: 1}
    assert session.exec(select(OutgoingMail)).all() == []


def test_a_circle_of_answers_ends(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    """A robot that does not say so answers every answer: it gets five in a day."""
    for number in range(12):
        _take(database, intake, _letter(f"收到您的邮件{number}", number=number), folder=box)
    session.rollback()
    assert len(session.exec(select(OutgoingMail)).all()) == 5
    assert len(_mails(session)) == 12


def test_a_reply_goes_on_from_the_first_letter(
    session: Session, database: Database, settings: Settings, intake: Intake, box: Path
) -> None:
    _take(database, intake, _letter("末班车太早。"), folder=box)
    [first] = _mails(session)
    ours = message_id(settings, session.exec(select(OutgoingMail.key)).one())
    assert first.reply_message_id == ours
    # Sent to another address of the office: the thread says what it is about.
    reply = compose(
        "补充：周末也一样。", "utf-8", "utf-8", subject="回复：意见", sender=WANG, at=AT, number=8,
        to="other@b.example",
    )  # fmt: skip
    _take(database, intake, b"References: " + ours.encode() + b"\r\n" + reply, folder=box)
    _, second = _mails(session)
    assert second.follows_id == first.id
    assert second.state is IncomingState.REGISTERED
    assert second.consultation_id == first.consultation_id


@pytest.mark.parametrize(
    ("body", "to", "reason"),
    [
        ("", ADDRESS, "正文是空的"),
        ("> 原来的话", ADDRESS, "引用"),
        ("停车难。", "someone@else.example", "哪个征询"),
        ("啊" * 20_001, ADDRESS, "20000字"),
    ],
)
def test_what_a_machine_cannot_judge_waits_for_a_person(
    session: Session, database: Database, intake: Intake, box: Path, body: str, to: str, reason: str
) -> None:
    raw = compose(body, "utf-8", "utf-8", subject="意见", sender=WANG, at=AT, to=to)
    _take(database, intake, raw, folder=box)
    [mail] = _mails(session)
    assert mail.state is IncomingState.NEEDS_PERSON and reason in mail.reason
    assert keeping.opened(intake.settings, mail.sha256) == raw


def test_a_letter_after_closing_is_registered_late(
    office: Office, session: Session, database: Database, intake: Intake, box: Path
) -> None:
    office.consultation.opens_at = AT - timedelta(days=40)
    office.consultation.closes_at = AT - timedelta(days=1)
    session.add(office.consultation)
    session.commit()
    _take(database, intake, _letter("末班车太早。"), folder=box)
    [mail] = _mails(session)
    assert session.get_one(Submission, mail.submission_id).is_late


def test_files_come_along_and_dangerous_ones_stay_in_the_original(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    mark = b"=_x"
    head = _letter("").split(b"Content-Type")[0]
    parts = (
        b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "见附件。".encode(),
        b'Content-Type: application/pdf; name="a.pdf"\r\n'
        b"Content-Disposition: attachment; filename*=utf-8''%E6%84%8F%E8%A7%81.pdf\r\n\r\n"
        b"%PDF-1.4 x",
        b'Content-Disposition: attachment; filename="run.exe"\r\n\r\nMZ',
        b'Content-Disposition: attachment; filename="not-a.pdf"\r\n\r\nMZ',
    )
    body = b"".join(b"--" + mark + b"\r\n" + part + b"\r\n" for part in parts)
    raw = (
        head + b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n' + body + b"--"
        + mark + b"--\r\n"
    )  # fmt: skip
    _take(database, intake, raw, folder=box)
    [mail] = _mails(session)
    assert (mail.state, mail.files_left) == (IncomingState.REGISTERED, 2)
    [file] = session.exec(select(Attachment)).all()
    assert (file.file_name, file.media_type) == ("意见.pdf", "application/pdf")


def test_erased_senders_are_forgotten_by_the_mailbox_too(
    session: Session, database: Database, settings: Settings, intake: Intake, box: Path
) -> None:
    raw = _letter("末班车太早。")
    _take(database, intake, raw, folder=box)
    [mail] = _mails(session)
    sealed = next((settings.data_dir / "mail").glob("??/*"))
    assert WANG[1].encode() not in sealed.read_bytes(), "a letter does not lie open on the disk"
    erase_contact(session, session.get_one(Submission, mail.submission_id), now=NOW)
    session.commit()
    jobs.run_now("forget-mail", database, settings)
    [mail] = _mails(session)
    assert mail.erased_at is not None and mail.sender_hash == ""
    assert not list((settings.data_dir / "mail").glob("??/*"))
    assert _take(database, intake, raw, folder=box).known_count == 1, "and does not come back"


def test_a_whole_mbox_of_every_client_and_charset(
    session: Session, database: Database, intake: Intake, tmp_path: Path
) -> None:
    """Every made message becomes one opinion, or is told to be the same as one."""
    file = tmp_path / "all.mbox"
    made = [one.raw.replace(b"\r\n", b"\n") for one in corpus(72)]
    file.write_bytes(b"".join(b"From a@b Thu Nov 19 09:00:00 2026\n" + raw + b"\n" for raw in made))
    about = session.merge(queries.published_consultations(session, intake.organisation_id)[0])
    session.rollback()
    wide = Intake(intake.settings, intake.organisation_id, "mbox", about)
    done = importing.import_all(database, wide, file, clock=lambda: NOW)
    assert done.message_count == 72
    assert done.counts == {IncomingState.REGISTERED: 72}


# --- The clerk's page ----------------------------------------------------------------------------


def test_a_clerk_reads_registers_and_dismisses(
    office: Office, session: Session, database: Database, intake: Intake, box: Path,
    sign_in: SignIn,
) -> None:  # fmt: skip
    office.hire("deng", Role.CLERK)
    session.commit()
    empty = _letter("", subject="请看附件", number=3)
    lost = compose(
        "停车难。", "utf-8", "utf-8", subject="停车", sender=WANG, at=AT, to="x@else.example"
    )
    _take(database, intake, empty, lost, folder=box)
    browser = sign_in("deng")
    page = browser.open("/desk/mail?state=needs_person")
    assert "待人工 2" in page.text and WANG[1] not in page.text
    first, second = _mails(session)

    closed = browser.open(f"/desk/mail/{second.id}")
    assert "停车难" not in closed.text, "the words are shown only when asked for"
    opened = browser.press(closed.form(f"/desk/mail/{second.id}/open"))
    assert "停车难。" in opened.text and WANG[1] in opened.text
    session.rollback()
    reads = session.exec(select(AuditEntry).where(AuditEntry.action == "mail.read")).all()
    assert [entry.subject_id for entry in reads] == [second.id]

    form = opened.form(f"/desk/mail/{second.id}/register")
    refused = browser.press(form.fill(consultation_id="", text="停车难，夜里更难。"), status=422)
    assert "请选择这封来信" in refused.text and "停车难，夜里更难。" in refused.text
    form = refused.form(f"/desk/mail/{second.id}/register")
    done = browser.press(
        form.fill(consultation_id=str(office.consultation.id), text="停车难，夜里更难。")
    )
    assert "已经登记为意见" in done.text

    opened = browser.press(
        browser.open(f"/desk/mail/{first.id}").form(f"/desk/mail/{first.id}/open")
    )
    refused = browser.press(
        opened.form(f"/desk/mail/{first.id}/dismiss").fill(reason=" "), status=422
    )
    assert "请写明为什么不登记" in refused.text
    browser.press(refused.form(f"/desk/mail/{first.id}/dismiss").fill(reason="空白邮件"))
    first, second = _mails(session)
    assert (first.state, first.reason) == (IncomingState.DISMISSED, "空白邮件")
    assert second.state is IncomingState.REGISTERED
    submission = session.get_one(Submission, second.submission_id)
    assert submission.transcribed_by_id == office.officers["deng"].id


def test_a_clerk_uploads_mail(
    office: Office, session: Session, intake: Intake, sign_in: SignIn
) -> None:
    office.hire("deng", Role.CLERK)
    session.commit()
    browser = sign_in("deng")
    form = browser.open("/desk/mail").form("/desk/mail/import")
    refused = browser.press(form, status=422, files={"file": ("notes.docx", b"PK\x03\x04")})
    assert "不是邮件" in refused.text
    form = refused.form("/desk/mail/import")
    done = browser.press(form, files={"file": ("a.eml", _letter("末班车太早。"))})
    assert "读了1封来信" in done.text


def test_another_organisation_sees_no_letter(
    session: Session, database: Database, intake: Intake, box: Path
) -> None:
    _take(database, intake, _letter("末班车太早。"), folder=box)
    [mail] = _mails(session)
    assert queries.by_id(session, intake.organisation_id + 1, mail.id or 0) is None
    assert queries.listed(session, intake.organisation_id + 1, None, 1) == []
