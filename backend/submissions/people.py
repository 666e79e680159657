"""One person who wrote three times is one person (人) and three sendings (件).

Who is the same is told by telephone or e-mail alone, as keyed hashes of their normalised form,
never by a name. Sendings without either count as one person each: nobody can say otherwise.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, true
from sqlmodel import Session, col, func, select

from backend.kit.sealing import keyed_hash
from backend.models import Contact, Submission

SHORTEST_NUMBER = 7


def phone_hash(secret: bytes, phone: str) -> str | None:
    """The hash of a telephone number however it was written; None for what is no whole number."""
    number = unicodedata.normalize("NFKC", phone).split("转")[0]
    digits = "".join(char for char in number if char in "0123456789")
    for prefix in ("0086", "86"):
        if digits.startswith(prefix + "1") and len(digits) == len(prefix) + 11:
            digits = digits.removeprefix(prefix)
    return keyed_hash(secret, "same-phone", digits) if len(digits) >= SHORTEST_NUMBER else None


def email_hash(secret: bytes, email: str) -> str | None:
    """The hash of an e-mail address, without regard to case."""
    address = unicodedata.normalize("NFKC", email).strip().casefold()
    return keyed_hash(secret, "same-email", address) if "@" in address else None


def counts() -> ColumnElement[bool]:
    """Withdrawn and held sendings are not counted, as 件 or as 人."""
    return and_(col(Submission.withdrawn_at).is_(None), col(Submission.is_quarantined).is_(False))


def same_person(
    session: Session, consultation_id: int, *, counted_only: bool = True
) -> dict[int, int]:
    """Submission → the first submission of the same person, for those who sent more than one.

    A register that also lists withdrawn and held sendings asks with `counted_only=False`.
    """
    among = counts() if counted_only else true()
    return _same(session, [consultation_id], among).get(consultation_id, {})


def person_count(submission_ids: Iterable[int], same: Mapping[int, int]) -> int:
    """How many people (人) stand behind these sendings (件)."""
    return len({same.get(key, key) for key in submission_ids})


def company(session: Session, consultation_ids: Sequence[int]) -> dict[int, int]:
    """Consultation → how many counted sendings (件) came from a person already counted."""
    found = _same(session, consultation_ids, counts())
    return {key: len(same) - len(set(same.values())) for key, same in found.items()}


def others_of(session: Session, submission: Submission) -> list[int]:
    """The other counted sendings of the same person, oldest first.

    Follows shared telephones and addresses from this sending on: the rest of the consultation is
    not looked at, however many wrote.
    """
    assert submission.id is not None
    own = session.exec(select(Contact).where(Contact.submission_id == submission.id)).first()
    hashes = {own.phone_hash, own.email_hash} - {None} if own is not None else set()
    found, asked = {submission.id}, set[str | None]()
    while new := hashes - asked:
        rows = session.exec(
            select(Contact.submission_id, Contact.phone_hash, Contact.email_hash)
            .join(Submission, col(Submission.id) == Contact.submission_id)
            .where(
                Submission.consultation_id == submission.consultation_id,
                counts(),
                or_(col(Contact.phone_hash).in_(new), col(Contact.email_hash).in_(new)),
            )
        ).all()
        asked |= new
        found |= {key for key, _, _ in rows}
        hashes |= {value for _, *both in rows for value in both if value is not None}
    return sorted(found - {submission.id})


def _same(
    session: Session, consultation_ids: Sequence[int], among: ColumnElement[bool]
) -> dict[int, dict[int, int]]:
    query = (
        select(
            Submission.consultation_id,
            Contact.submission_id,
            Contact.phone_hash,
            Contact.email_hash,
        )
        .join(Submission, col(Submission.id) == Contact.submission_id)
        .where(
            col(Submission.consultation_id).in_(consultation_ids),
            among,
            or_(
                _shared(col(Contact.phone_hash), consultation_ids, among),
                _shared(col(Contact.email_hash), consultation_ids, among),
            ),
        )
        .order_by(col(Contact.submission_id))
    )
    rows: dict[int, list[tuple[int, str | None, str | None]]] = {}
    for consultation_id, submission_id, phone, email in session.exec(query).all():
        rows.setdefault(consultation_id, []).append((submission_id, phone, email))
    return {key: _joined(found) for key, found in rows.items()}


def _shared(
    column: Any, consultation_ids: Sequence[int], among: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The hash occurs on more than one sending of the same consultation."""
    query = (
        select(column)
        .join(Submission, col(Submission.id) == Contact.submission_id)
        .where(col(Submission.consultation_id).in_(consultation_ids), among, column.is_not(None))
        .group_by(col(Submission.consultation_id), column)
        .having(func.count() > 1)
    )
    found: ColumnElement[bool] = column.in_(query)
    return found


def _joined(rows: Iterable[tuple[int, str | None, str | None]]) -> dict[int, int]:
    """Sendings that share a telephone or an address, directly or through another, as groups."""
    root: dict[int, int] = {}
    holder: dict[str, int] = {}

    def find(key: int) -> int:
        while root[key] != key:
            root[key] = root[root[key]]
            key = root[key]
        return key

    for submission_id, *hashes in rows:
        root[submission_id] = submission_id
        for value in hashes:
            if value is None:
                continue
            known = find(holder.setdefault(value, submission_id))
            here = find(submission_id)
            root[max(known, here)] = min(known, here)
    found = {key: find(key) for key in root}
    company = {first for key, first in found.items() if key != first}
    return {key: first for key, first in found.items() if first in company}
