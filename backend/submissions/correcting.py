"""更正: until closing a sender may write an opinion anew, as long as nobody decided on it.

The words as first sent stay on file, counted nowhere; the corrected opinion takes their place with
the same receipt, in the same hands, and is read, masked and screened from the beginning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from backend.consultations import rules as consultation_rules
from backend.kit.text import clean_text
from backend.models import Comment, Handling, Screening
from backend.organisations import words
from backend.submissions.forms import Errors, Point, check_point
from backend.submissions.queries import Receipt, ReceiptLine

_OPEN = frozenset({Handling.NEW, Handling.ASSIGNED})
# The machine's reading, the mask and the screening belong to the words and are made anew.
_KEPT = {
    "submission_id", "consultation_id", "received_at", "anchor_kind", "anchor_key",
    "anchor_section_key", "anchor_version_id", "anchor_quote", "anchor_prefix", "anchor_suffix",
    "anchor_state", "handling", "assigned_department_id", "assigned_officer_id", "due_on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """What one opinion says."""

    text: str
    proposed_wording: str


def correctable(receipt: Receipt, now: datetime) -> list[ReceiptLine]:
    """The opinions of a receipt that may still be written anew."""
    if receipt.submission.withdrawn_at is not None or not consultation_rules.is_open(
        receipt.consultation, now
    ):
        return []
    return [line for line in receipt.lines if _is_open(line)]


def _is_open(line: ReceiptLine) -> bool:
    comment = line.comment
    return (
        comment.handling in _OPEN
        and line.disposition is None
        and not line.is_merged
        and comment.split_from_id is None
    )


def as_sent(comment: Comment) -> Words:
    """The words as they stand."""
    return Words(comment.text, comment.proposed_wording or "")


def read(fields: Mapping[str, str], lines: Sequence[ReceiptLine]) -> dict[int, Words]:
    """What was typed for each opinion that may be corrected; a field that is missing stays."""
    typed = {}
    for line in lines:
        assert line.comment.id is not None
        key, before = line.comment.id, as_sent(line.comment)
        typed[key] = Words(
            clean_text(fields.get(f"text-{key}", before.text)),
            clean_text(fields.get(f"wording-{key}", before.proposed_wording)),
        )
    return typed


def check(typed: Mapping[int, Words], *, max_length: int) -> Errors:
    """One sentence for each field that cannot be accepted, by the field's name."""
    errors: Errors = {}
    for key, said in typed.items():
        point = Point(text=said.text, proposed_wording=said.proposed_wording)
        found = check_point(point, max_length=max_length)
        names = {"text": f"text-{key}", "proposed_wording": f"wording-{key}"}
        errors |= {names[name]: sentence for name, sentence in found.items()}
    return errors


def correct(
    session: Session, receipt: Receipt, typed: Mapping[int, Words], *, now: datetime
) -> list[Comment]:
    """Write the opinions whose words changed anew; returns them."""
    changed = []
    for line in correctable(receipt, now):
        said = typed.get(line.comment.id or 0)
        if said is not None and said != as_sent(line.comment):
            changed.append((line.comment, said))
    last = session.exec(
        select(func.max(Comment.ordinal)).where(Comment.submission_id == receipt.submission.id)
    ).one()
    rows = []
    for number, (comment, said) in enumerate(changed, start=1):
        comment.is_current = False
        # A desk that has it open must notice: its save is stale now.
        comment.version += 1
        session.add(comment)
        row = Comment(
            **comment.model_dump(include=_KEPT),
            text=said.text,
            proposed_wording=said.proposed_wording or None,
            ordinal=(last or 0) + number,
            corrects_id=comment.id,
            screening=Screening.PENDING,
        )
        session.add(row)
        rows.append(row)
    session.flush()
    words.flag(session, rows, receipt.consultation.organisation_id, now=now)
    return rows


def earlier_words(session: Session, comment: Comment) -> list[Comment]:
    """What stood there before, the last first."""
    found = []
    key = comment.corrects_id
    while key is not None:
        row = session.exec(select(Comment).where(col(Comment.id) == key)).one()
        found.append(row)
        key = row.corrects_id
    return found
