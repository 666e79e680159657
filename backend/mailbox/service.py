"""Taking in a message: keep it, read it, register the opinion in it, answer with a receipt.

Every message ends in a row: registered, repeated, automatic, or left to a person with the reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from backend.accounts import audit
from backend.kit.ids import new_token
from backend.kit.sealing import keyed_hash
from backend.kit.settings import Settings
from backend.mail.sending import message_id as outgoing_message_id
from backend.mailbox import keeping, queries, rules
from backend.mailbox.message import Letter, read
from backend.mailbox.quoting import divide
from backend.models import (
    Attachment,
    Channel,
    Consultation,
    IncomingMail,
    IncomingState,
    MailboxPosition,
    Officer,
    Submission,
)
from backend.submissions import acknowledging, uploads
from backend.submissions import service as submissions
from backend.submissions.forms import Point, Sender
from backend.web.errors import Refused

MAX_FILES = 10  # A letter may come with more papers than a form takes; the raw message has all.


@dataclass(frozen=True, slots=True)
class Intake:
    """Where messages come from, and how they are to be taken in."""

    settings: Settings
    organisation_id: int
    source: str
    consultation: Consultation | None = None
    acknowledges: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The row of a message, and whether it is new to the register."""

    mail: IncomingMail
    is_new: bool


def take_in(session: Session, intake: Intake, raw: bytes, *, now: datetime) -> Taken:
    """Take in one raw message; the same bytes again change nothing."""
    known = queries.by_hash(session, intake.organisation_id, keeping.hash_of(raw))
    if known is not None:
        return Taken(known, is_new=False)
    letter = read(raw)
    secret = intake.settings.secret()
    mail = IncomingMail(
        organisation_id=intake.organisation_id,
        sha256=keeping.keep(intake.settings, raw),
        message_id=letter.message_id,
        sender_hash=keyed_hash(secret, "mail-sender", letter.sender_address),
        source=intake.source[:100],
        state=IncomingState.NEEDS_PERSON,
        arrived_at=rules.moment_of(letter, now),
        taken_in_at=now,
    )
    mail.follows_id = queries.answered(session, intake.organisation_id, letter.answers)
    session.add(mail)
    _settle(session, intake, mail, letter, now=now)
    session.flush()
    return Taken(mail, is_new=True)


def _settle(
    session: Session, intake: Intake, mail: IncomingMail, letter: Letter, *, now: datetime
) -> None:
    """Decide what becomes of a new message."""
    if letter.robot is not None:
        mail.state, mail.reason = IncomingState.AUTOMATIC, letter.robot
        return
    consultation = intake.consultation or _addressee(session, mail, letter)
    parts = divide(letter.text)
    reason = rules.needs_person(letter, parts)
    if reason is None and consultation is None:
        reason = "不能确定是对哪个征询的意见"
    mail.consultation_id = consultation.id if consultation is not None else None
    if reason is not None or consultation is None:
        mail.reason = reason or ""
        return
    text = rules.opinion(letter, parts, consultation)
    same = "\n".join((letter.sender_address, "".join(text.split())))
    mail.content_hash = keyed_hash(intake.settings.secret(), "mail-content", same)
    earlier = queries.registered_like(session, mail)
    if earlier is not None:
        mail.state, mail.submission_id = IncomingState.DUPLICATE, earlier.submission_id
        mail.reason = "与已登记的来信相同"
        return
    submission = _register(session, intake.settings, mail, letter, consultation, text)
    if intake.acknowledges:
        _acknowledge(session, intake.settings, mail, letter, consultation, submission, now=now)


def register_by_hand(
    session: Session,
    settings: Settings,
    mail: IncomingMail,
    consultation: Consultation,
    text: str,
    *,
    officer: Officer,
    now: datetime,
) -> Submission:
    """An officer read the message and says what the opinion in it is."""
    raw = _open_waiting(settings, mail)
    if not text.strip():
        raise Refused("请写下来信人的意见。")
    mail.consultation_id = consultation.id
    submission = _register(session, settings, mail, read(raw), consultation, text)
    mail.reason = ""
    mail.handled_by_id, mail.handled_at = officer.id, now
    submission.transcribed_by_id = officer.id
    session.add(submission)
    audit.record(session, officer, "mail.register", "incoming_mail", mail.id, now=now)
    return submission


def dismiss(
    session: Session, mail: IncomingMail, reason: str, *, officer: Officer, now: datetime
) -> None:
    """An officer says that a message holds no opinion; it is kept with the reason."""
    if mail.state not in (IncomingState.NEEDS_PERSON, IncomingState.AUTOMATIC):
        raise Refused("这封来信已经处理过了。")
    if not reason.strip():
        raise Refused("请写明为什么不登记。")
    mail.state, mail.reason = IncomingState.DISMISSED, reason.strip()[:500]
    mail.handled_by_id, mail.handled_at = officer.id, now
    session.add(mail)
    audit.record(
        session, officer, "mail.dismiss", "incoming_mail", mail.id, {"reason": mail.reason}, now=now
    )


def remember_position(session: Session, mailbox: str, uid_validity: int, uid: int) -> None:
    """Note that a mailbox was read up to this message."""
    row = queries.position(session, mailbox)
    if row is None:
        row = MailboxPosition(mailbox=mailbox, uid_validity=uid_validity, last_uid=uid)
    row.uid_validity, row.last_uid = uid_validity, uid
    session.add(row)


def forget_erased(session: Session, settings: Settings, *, now: datetime) -> int:
    """Delete the raw messages of senders whose personal data was erased; returns how many."""
    mails = queries.of_erased_senders(session)
    for mail in mails:
        keeping.forget(settings, mail.sha256)
        mail.sender_hash = mail.content_hash = ""
        mail.erased_at = now
        session.add(mail)
    return len(mails)


def _addressee(session: Session, mail: IncomingMail, letter: Letter) -> Consultation | None:
    """The consultation of the message this one answers, else the one it is addressed to."""
    if mail.follows_id is not None:
        followed = session.get(IncomingMail, mail.follows_id)
        if followed is not None and followed.consultation_id is not None:
            return session.get(Consultation, followed.consultation_id)
    published = queries.published_consultations(session, mail.organisation_id)
    return rules.addressee(published, letter, mail.arrived_at)


def _register(
    session: Session,
    settings: Settings,
    mail: IncomingMail,
    letter: Letter,
    consultation: Consultation,
    text: str,
) -> Submission:
    closes_at = consultation.closes_at
    submission = submissions.register(
        session,
        consultation,
        [Point(text=text)],
        Sender(name=letter.sender_name[:64], email=letter.sender_address[:254]),
        channel=Channel.EMAIL,
        key=f"mail-{new_token()}",
        is_late=closes_at is not None and mail.arrived_at >= closes_at,
        secret=settings.secret(),
        now=mail.arrived_at,
    )
    assert submission.id is not None
    submission.posted_on = letter.sent_at.date() if letter.sent_at is not None else None
    session.add(submission)
    mail.files_left = _keep_files(session, settings, submission.id, letter.files)
    mail.state, mail.submission_id = IncomingState.REGISTERED, submission.id
    session.add(mail)
    return submission


def _keep_files(
    session: Session, settings: Settings, submission_id: int, files: Iterable[tuple[str, bytes]]
) -> int:
    """Keep the attachments that may be taken; returns how many stay in the raw message only."""
    kept: set[str] = set()
    left = 0
    for name, data in files:
        try:
            file = uploads.examine(name, data, max_megabytes=settings.max_upload_mb)
        except uploads.UploadRefused:
            left += 1
            continue
        if file.sha256 in kept:
            continue
        if len(kept) == MAX_FILES:
            left += 1
            continue
        uploads.keep(settings, file, data)
        kept.add(file.sha256)
        session.add(Attachment(submission_id=submission_id, **file.model_dump()))
    return left


def _acknowledge(
    session: Session,
    settings: Settings,
    mail: IncomingMail,
    letter: Letter,
    consultation: Consultation,
    submission: Submission,
    *,
    now: datetime,
) -> None:
    """Answer with a receipt, unless this address has been answered often today."""
    if not rules.may_answer(letter, queries.mails_since(session, mail, now - rules.DAY)):
        return
    posted = acknowledging.send_receipt(
        session,
        settings,
        consultation,
        submission,
        to=letter.sender_address,
        in_reply_to=letter.message_id,
        now=now,
    )
    if posted is not None:
        mail.reply_message_id = outgoing_message_id(settings, posted.key)


def _open_waiting(settings: Settings, mail: IncomingMail) -> bytes:
    if mail.state not in (IncomingState.NEEDS_PERSON, IncomingState.AUTOMATIC):
        raise Refused("这封来信已经处理过了。")
    raw = keeping.opened(settings, mail.sha256)
    if raw is None:
        raise Refused("这封来信的原件打不开了，可能密钥已经更换。")
    return raw
