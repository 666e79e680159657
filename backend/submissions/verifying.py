"""核实: whether the contact left with a sending is really its sender's.

Where opinions are published, only those of senders with a verified contact may be. The sender
proves an e-mail address by the link in the receipt mail, which nothing else shows; a clerk or
officer who reached the person by other means says how, and that stays on record.
"""

import hmac
from datetime import datetime

from sqlmodel import Session

from backend.accounts import audit
from backend.kit.sealing import keyed_hash
from backend.models import Consultation, Contact, Officer, Submission
from backend.submissions import queries
from backend.web.errors import Refused

BY_LINK = "邮件链接"
MAX_HOW = 100


def is_asked_for(consultation: Consultation) -> bool:
    """Whether what a sender wrote can be published only once the contact is verified."""
    return consultation.publishes_comments and consultation.requires_verified_contact


def reason_not_to_publish(
    session: Session, consultation: Consultation, submission: Submission
) -> str | None:
    """Why nothing of this sending may be published yet, or None."""
    if not is_asked_for(consultation):
        return None
    contact = queries.contact(session, submission)
    if contact is None:
        return "提交人没有留下联系方式，这条意见不能公开；意见照常办理。"
    if contact.verified_at is None:
        return "提交人的联系方式还没有核实，这条意见暂时不能公开。核实以后再公开。"
    return None


def link_key(secret: bytes, submission: Submission, contact: Contact) -> str | None:
    """The last part of the link in the receipt mail; None without an address to prove."""
    if contact.email_hash is None:
        return None
    said = f"{submission.receipt_token} {contact.email_hash}"
    return keyed_hash(secret, "verify-contact", said)[:32]


def verify_by_link(
    session: Session, submission: Submission, key: str, *, secret: bytes, now: datetime
) -> bool:
    """The link of the receipt mail was followed; False when it is not the right one."""
    contact = queries.contact(session, submission)
    expected = None if contact is None else link_key(secret, submission, contact)
    if contact is None or expected is None or not hmac.compare_digest(expected, key):
        return False
    if contact.verified_at is None:
        contact.verified_at, contact.verified_how = now, BY_LINK
        session.add(contact)
    return True


def verify_by_officer(
    session: Session, submission: Submission, officer: Officer, how: str, *, now: datetime
) -> None:
    """An officer reached the sender and says how."""
    contact = queries.contact(session, submission)
    if contact is None or contact.erased_at is not None:
        raise Refused("这件意见没有留下联系方式，无法核实。")
    if contact.verified_at is not None:
        raise Refused("联系方式已经核实过了。")
    if not how or len(how) > MAX_HOW:
        raise Refused(f"请写明怎样核实的，例如“已电话核实”，最多{MAX_HOW}字。")
    contact.verified_at, contact.verified_how, contact.verified_by_id = now, how, officer.id
    session.add(contact)
    session.flush()
    audit.record(
        session, officer, "contact.verify", "submission", submission.id, {"how": how}, now=now
    )
