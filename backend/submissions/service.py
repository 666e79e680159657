"""What residents do: keep a form, send it, take it back, have their personal data erased."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from backend.accounts.limits import take
from backend.kit.ids import new_look_up_code, new_receipt_code, new_token
from backend.kit.sealing import keyed_hash, seal, unseal
from backend.kit.settings import Settings
from backend.models import (
    AnchorKind,
    Attachment,
    Channel,
    Comment,
    Consultation,
    Contact,
    Draft,
    PlanVersion,
    Submission,
    SubmitterKind,
    Support,
)
from backend.organisations import words
from backend.plans.queries import current_version
from backend.submissions import acknowledging, copying, people, queries, rules
from backend.submissions.forms import CONTEXT, DraftForm, Point, Sender

# From one address: as many at once, then one more every …; beyond that a person looks first.
SENDINGS_AT_ONCE = 200
SENDING_REFILL_SECONDS = 20.0
LOOK_UPS_PER_CODE = (20, 180.0)
LOOK_UPS_PER_ADDRESS = (200, 20.0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What staff say about a sending they type in: who typed, the postmark, the day it came."""

    by_officer_id: int
    received_at: datetime
    posted_on: date | None = None
    import_batch: str | None = None


def keep_draft(
    session: Session,
    consultation: Consultation,
    key: str,
    change: Callable[[DraftForm], DraftForm],
    *,
    opened_at: datetime,
    secret: bytes,
    now: datetime,
) -> str:
    """Store what was typed under the key of its form; the same form again changes the same draft.

    A form whose opinion was already sent starts a new draft. Returns the draft's key.
    """
    if queries.sent_under(session, key) is not None:
        key = new_token()
    row = queries.draft(session, key, now, locked=True)
    if row is None:
        assert consultation.id is not None
        row = Draft(token=key, consultation_id=consultation.id, sealed_form="", expires_at=now)
        before = DraftForm(opened_at=opened_at)
    else:
        before = open_draft(row, secret) or DraftForm(opened_at=opened_at)
    row.sealed_form = seal(secret, change(before).model_dump_json())
    row.expires_at = now + rules.DRAFT_LIFETIME
    session.add(row)
    session.flush()
    return key


def open_draft(row: Draft, secret: bytes) -> DraftForm | None:
    """The form as typed; None when the installation's secret has changed."""
    opened = unseal(secret, row.sealed_form)
    return None if opened is None else DraftForm.model_validate_json(opened)


def receive(
    session: Session,
    consultation: Consultation,
    draft: Draft,
    form: DraftForm,
    *,
    settings: Settings,
    address: str,
    now: datetime,
) -> Submission:
    """Write the submission (件), its comments (条), files and contact; the draft is used up."""
    secret = settings.secret()
    is_over_limit = _is_over_limit(session, secret, address, now)
    assert consultation.id is not None
    is_copied = copying.is_copied(session, consultation.id, form, secret=secret, now=now)
    score = rules.suspicion(form, sent_at=now, is_over_limit=is_over_limit, is_copied=is_copied)
    submission = register(
        session,
        consultation,
        form.points,
        form.sender,
        channel=Channel.WEB,
        key=draft.token,
        is_late=rules.is_late(
            consultation, form.opened_at, now, grace_minutes=settings.late_grace_minutes
        ),
        is_quarantined=score >= rules.PROOF_AT,
        secret=secret,
        now=now,
    )
    assert submission.id is not None
    submission.awaits_proof = submission.is_quarantined and not form.is_trapped
    session.add(submission)
    for file in form.files:
        session.add(Attachment(submission_id=submission.id, **file.model_dump()))
    session.delete(draft)
    session.flush()
    if form.sender.wants_receipt:
        acknowledging.send_receipt(
            session, settings, consultation, submission, to=form.sender.email, now=now
        )
    return submission


def register(
    session: Session,
    consultation: Consultation,
    points: Sequence[Point],
    sender: Sender,
    *,
    channel: Channel,
    key: str,
    is_late: bool = False,
    is_quarantined: bool = False,
    entry: Entry | None = None,
    secret: bytes,
    now: datetime,
) -> Submission:
    """Write one sending (件) of any channel with its opinions (条) and contact; give it a receipt.

    `key` makes it idempotent: the same key for the same consultation is refused by the database.
    `entry` comes with what staff type in; without one the sender wrote it just now.
    """
    assert consultation.id is not None
    submission = Submission(
        consultation_id=consultation.id,
        receipt_code=_free_receipt_code(session),
        receipt_token=new_token(),
        look_up_code=new_look_up_code(),
        idempotency_key=key,
        channel=channel,
        submitter_kind=SubmitterKind(sender.kind) if sender.kind else None,
        street=sender.street or None,
        neighbourhood=sender.neighbourhood or None,
        is_late=is_late,
        is_quarantined=is_quarantined,
        transcribed_by_id=entry.by_officer_id if entry else None,
        posted_on=entry.posted_on if entry else None,
        import_batch=entry.import_batch if entry else None,
        received_at=entry.received_at if entry else now,
        entered_at=now if entry else None,
    )
    session.add(submission)
    session.flush()
    assert submission.id is not None
    version = current_version(session, consultation.id)
    comments = [
        _comment(session, submission, version, point, ordinal)
        for ordinal, point in enumerate(points, start=1)
    ]
    session.add_all(comments)
    _keep_contact(session, submission.id, sender, secret, now)
    session.flush()
    words.flag(session, comments, consultation.organisation_id, now=now)
    return submission


def _comment(
    session: Session,
    submission: Submission,
    version: PlanVersion | None,
    point: Point,
    ordinal: int,
) -> Comment:
    about = queries.anchor(session, version, point.about)
    quote, prefix, suffix = _quoted(about, point)
    assert submission.id is not None
    return Comment(
        submission_id=submission.id,
        consultation_id=submission.consultation_id,
        ordinal=ordinal,
        text=point.text,
        proposed_wording=point.proposed_wording or None,
        received_at=submission.received_at,
        anchor_kind=about.kind,
        anchor_key=about.key,
        anchor_section_key=about.section_key,
        anchor_version_id=None if version is None else version.id,
        anchor_quote=quote,
        anchor_prefix=prefix,
        anchor_suffix=suffix,
    )


def _quoted(about: queries.Anchor, point: Point) -> tuple[str, str, str]:
    """The words an opinion is about and what stands around them, taken from the plan itself."""
    words = about.words
    if about.kind != AnchorKind.PASSAGE or not point.quote:
        return words, "", ""
    at = words.find(point.prefix + point.quote + point.suffix)
    at = at + len(point.prefix) if at >= 0 else words.find(point.quote)
    if at < 0:
        return words, "", ""
    end = at + len(point.quote)
    return point.quote, words[max(0, at - CONTEXT) : at], words[end : end + CONTEXT]


def _keep_contact(
    session: Session, submission_id: int, sender: Sender, secret: bytes, now: datetime
) -> None:
    if sender.has_contact:
        session.add(
            Contact(
                submission_id=submission_id,
                sealed_name=_sealed(secret, sender.name),
                sealed_phone=_sealed(secret, sender.phone),
                sealed_email=_sealed(secret, sender.email),
                sealed_address=_sealed(secret, sender.address),
                phone_hash=people.phone_hash(secret, sender.phone),
                email_hash=people.email_hash(secret, sender.email),
                sealed_guardian=_sealed(secret, sender.guardian),
                guardian_consented_at=now if sender.guardian_consents else None,
            )
        )


def _sealed(secret: bytes, value: str) -> str | None:
    return seal(secret, value) if value else None


def _free_receipt_code(session: Session) -> str:
    while True:
        code = new_receipt_code()
        taken = select(Submission.id).where(Submission.receipt_code == code)
        if session.exec(taken).first() is None:
            return code


def _is_over_limit(session: Session, secret: bytes, address: str, now: datetime) -> bool:
    key = keyed_hash(secret, "sending", address)
    wait = take(
        session,
        key,
        capacity=SENDINGS_AT_ONCE,
        refill_seconds=SENDING_REFILL_SECONDS,
        now=now,
    )
    return wait > 0


def look_up_wait(
    session: Session, *, code: str, address: str, secret: bytes, now: datetime
) -> float:
    """Seconds until this receipt, or anybody at this address, may be looked up again; 0 for now."""
    waits = [
        take(
            session,
            keyed_hash(secret, "look-up", key),
            capacity=capacity,
            refill_seconds=refill,
            now=now,
        )
        for key, (capacity, refill) in (
            (code, LOOK_UPS_PER_CODE),
            (address, LOOK_UPS_PER_ADDRESS),
        )
    ]
    return max(waits)


def withdraw(session: Session, submission: Submission, *, now: datetime) -> None:
    """The sender takes the whole submission back; what was sent stays on file, marked."""
    submission.withdrawn_at = now
    session.add(submission)
    # A desk that has one of these open must notice: its save is stale now.
    session.execute(
        update(Comment)
        .where(col(Comment.submission_id) == submission.id)
        .values(version=Comment.version + 1)
    )


def erase_contact(session: Session, submission: Submission, *, now: datetime) -> None:
    """Personal data goes; the opinion itself stays."""
    consent = queries.consent(session, submission)
    if consent is not None:
        consent.sealed_given_by = None
        session.add(consent)
    contact = queries.contact(session, submission)
    if contact is None or contact.erased_at is not None:
        return
    contact.sealed_name = contact.sealed_phone = None
    contact.sealed_email = contact.sealed_address = contact.sealed_guardian = None
    contact.phone_hash = contact.email_hash = None
    contact.erased_at = now
    session.add(contact)


def support(
    session: Session, comment: Comment, *, device: str, secret: bytes, now: datetime
) -> None:
    """Count one more reader behind an opinion, unless this device was counted before."""
    assert comment.id is not None
    device_hash = keyed_hash(secret, "support", device)
    # Waiting for the row keeps two clicks of one device from both counting.
    row = session.get_one(Comment, comment.id, with_for_update=True)
    known = select(Support.id).where(
        Support.comment_id == comment.id, Support.device_hash == device_hash
    )
    if session.exec(known).first() is None:
        session.add(Support(comment_id=comment.id, device_hash=device_hash, created_at=now))
        row.support_count += 1
        session.add(row)
        session.flush()
