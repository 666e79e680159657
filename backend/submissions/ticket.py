"""The signed ticket of an anonymous form, so that no cookie is needed to comment.

It names the consultation, when the form was opened (for the grace after closing and for noticing
machines that answer at once), and a key: the same form sent twice is the same sending.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.ids import new_token
from backend.kit.sealing import derive_key
from backend.submissions.forms import StoredFile

LIFETIME = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Ticket:
    consultation_id: int
    key: str
    opened_at: datetime


def new_ticket(consultation_id: int, now: datetime) -> Ticket:
    return Ticket(consultation_id, new_token(), now)


def sign(secret: bytes, ticket: Ticket) -> str:
    stamp = int(ticket.opened_at.timestamp())
    return str(_signer(secret, "ticket").dumps([ticket.consultation_id, ticket.key, stamp]))


def read(secret: bytes, signed: str, *, consultation_id: int, now: datetime) -> Ticket | None:
    """The ticket, or None when it is not ours, for another consultation, or too old."""
    try:
        owner, key, stamp = _signer(secret, "ticket").loads(signed)
    except (BadData, ValueError, TypeError):
        return None
    opened_at = datetime.fromtimestamp(stamp, now.tzinfo)
    is_current = now - LIFETIME <= opened_at <= now + timedelta(minutes=1)
    return Ticket(owner, key, opened_at) if owner == consultation_id and is_current else None


def sign_files(secret: bytes, files: list[StoredFile]) -> str:
    """Files already received, for a form that is shown again."""
    return str(_signer(secret, "files").dumps([file.model_dump() for file in files]))


def read_files(secret: bytes, signed: str) -> list[StoredFile]:
    try:
        return [StoredFile(**item) for item in _signer(secret, "files").loads(signed)]
    except (BadData, ValueError, TypeError):
        return []


def _signer(secret: bytes, purpose: str) -> URLSafeSerializer:
    return URLSafeSerializer(derive_key(secret, purpose), salt=purpose)
