"""When an opinion is accepted, how suspicious a sending looks, and what became of it. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from backend.consultations import rules as consultation_rules
from backend.models import Comment, Consultation, Disposition, Handling, Stage, Submission
from backend.submissions.forms import DraftForm
from backend.web.labels import label

DRAFT_LIFETIME = timedelta(days=14)
FASTEST_HUMAN = timedelta(seconds=3)
QUARANTINE_AT = 3
PROOF_AT = QUARANTINE_AT - 1
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


class Refusal(StrEnum):
    """Why nothing can be sent now."""

    NOT_YET = "not_yet"
    CLOSED = "closed"


def refusal(
    consultation: Consultation, opened_at: datetime, now: datetime, *, grace_minutes: int
) -> Refusal | None:
    """A reason not to accept a form opened at `opened_at`, or None."""
    stage = consultation_rules.stage(consultation, now)
    if stage == Stage.OPEN or is_late(consultation, opened_at, now, grace_minutes=grace_minutes):
        return None
    return Refusal.NOT_YET if stage == Stage.ANNOUNCED else Refusal.CLOSED


def is_late(
    consultation: Consultation, opened_at: datetime, now: datetime, *, grace_minutes: int
) -> bool:
    """Accepted after closing because the form was opened before (F14)."""
    return consultation_rules.accepts_late(consultation, opened_at, now, grace_minutes)


def can_withdraw(submission: Submission, consultation: Consultation, now: datetime) -> bool:
    """Until closing, a sender may take an opinion back."""
    return submission.withdrawn_at is None and consultation_rules.is_open(consultation, now)


def suspicion(
    draft: DraftForm, *, sent_at: datetime, is_over_limit: bool, is_copied: bool = False
) -> int:
    """Points for looking like a machine; at `QUARANTINE_AT` it looks like nothing else.

    No single soft sign is enough: people paste prepared text at once, share an address with a
    whole office, send the same letter, or give a link as evidence. Only the trap field speaks for
    itself. From `PROOF_AT` on the sending waits until its sender takes a last step.
    """
    links = sum(len(_LINK.findall(point.text)) for point in draft.points)
    score = QUARANTINE_AT if draft.is_trapped else 0
    score += 1 if sent_at - draft.opened_at < FASTEST_HUMAN else 0
    score += 2 if is_over_limit else 0
    score += 2 if is_copied else 0
    score += 2 if links > 2 else 0
    return score


@dataclass(frozen=True, slots=True)
class Progress:
    """Where one opinion stands, in plain words; `tone` colours the tag beside the words."""

    words: str
    tone: str
    explanation: str


def progress(comment: Comment, submission: Submission, disposition: Disposition | None) -> Progress:
    """What a resident is told about one opinion."""
    if submission.withdrawn_at is not None:
        return Progress("已撤回", "", "您撤回了这件意见，不再办理。")
    if disposition is not None:
        return Progress("已有结论", "jade", "已经研究并作出结论，见下面的说明。")
    if comment.handling == Handling.HANDED_OVER:
        place = label("recipient", comment.handed_over_to, "负责的部门")
        return Progress("已转交", "amber", f"这条意见不属于本次征询，已转交{place}办理。")
    if comment.handling == Handling.NEW:
        return Progress("已登记", "azurite", "已经登记在册，等待分给负责的部门。")
    return Progress("研究中", "amber", "负责的部门正在研究。")
