"""留痕: every change and every reading of contact data, in one chain of hashes per organisation.

Each entry's hash covers its content and the hash before it; the head keeps the last number and
hash, so that an edited, inserted or removed entry, the last one included, is found by `verify`.
Writers take the head's row lock, which numbers entries without gaps on both engines; call
`record` after the rows it tells of are written, so that locks are always taken in that order.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, select

from backend.models import AuditEntry, AuditHead, Officer

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Break:
    """A place where a chain does not hold."""

    organisation_id: int
    number: int
    reason: str


def record(
    session: Session,
    officer: Officer | None,
    action: str,
    subject_type: str,
    subject_id: int | None,
    details: Mapping[str, Any] | None = None,
    *,
    now: datetime,
    organisation_id: int | None = None,
) -> AuditEntry:
    """Append one act; `details` holds plain JSON and never contact data or passwords.

    `organisation_id` is needed only when no officer acts (the system, or a failed sign-in).
    """
    acts = [(subject_id, details or {})]
    return record_all(
        session, officer, action, subject_type, acts, now=now, organisation_id=organisation_id
    )[0]


def record_all(
    session: Session,
    officer: Officer | None,
    action: str,
    subject_type: str,
    acts: Iterable[tuple[int | None, Mapping[str, Any]]],
    *,
    now: datetime,
    organisation_id: int | None = None,
) -> list[AuditEntry]:
    """Append the same act on many subjects (id, details), in one go: the head moves once."""
    owner = officer.organisation_id if officer is not None else organisation_id
    if owner is None:
        raise ValueError("an audit entry belongs to an organisation")
    session.flush()
    head = _locked_head(session, owner)
    entries = []
    for subject_id, details in acts:
        entry = AuditEntry(
            organisation_id=owner,
            number=head.number + 1,
            at=now,
            officer_id=officer.id if officer is not None else None,
            action=action,
            subject_type=subject_type,
            subject_id=subject_id,
            details=dict(details),
            previous_hash=head.hash,
            hash="",
        )
        entry.hash = entry_hash(entry)
        head.number, head.hash = entry.number, entry.hash
        entries.append(entry)
    session.add_all([*entries, head])
    session.flush()
    return entries


def verify(session: Session) -> list[Break]:
    """Walk every chain; an empty list means nothing was altered."""
    heads = {head.organisation_id: head for head in session.exec(select(AuditHead))}
    last: dict[int, tuple[int, str]] = {}
    breaks: list[Break] = []
    for entry in _in_order(session):
        number, previous = last.get(entry.organisation_id, (0, GENESIS))
        if entry.number != number + 1:
            breaks.append(Break(entry.organisation_id, number + 1, "缺少记录"))
        elif entry.previous_hash != previous:
            breaks.append(Break(entry.organisation_id, entry.number, "与前一条不衔接"))
        if entry.hash != entry_hash(entry):
            breaks.append(Break(entry.organisation_id, entry.number, "内容被改动"))
        last[entry.organisation_id] = (entry.number, entry.hash)
    for owner in sorted(heads.keys() | last.keys()):
        number, digest = last.get(owner, (0, GENESIS))
        head = heads.get(owner)
        if head is None or (head.number, head.hash) != (number, digest):
            breaks.append(Break(owner, number + 1, "末尾记录缺失或链头被改动"))
    return breaks


def entry_hash(entry: AuditEntry) -> str:
    """SHA-256 over the entry as canonical JSON, the hash before it included."""
    content = [
        entry.organisation_id,
        entry.number,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.officer_id,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        entry.details,
        entry.previous_hash,
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _locked_head(session: Session, organisation_id: int) -> AuditHead:
    dialect = session.connection().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    first = insert(AuditHead).values(organisation_id=organisation_id, number=0, hash=GENESIS)
    session.connection().execute(first.on_conflict_do_nothing())
    statement = (
        select(AuditHead)
        .where(AuditHead.organisation_id == organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.exec(statement).one()


def _in_order(session: Session) -> Iterator[AuditEntry]:
    statement = select(AuditEntry).order_by(AuditEntry.organisation_id, AuditEntry.number)  # type: ignore[arg-type]
    yield from session.exec(statement.execution_options(yield_per=1000))
