"""What people send: one Submission (件) holds one or more Comments (条).

Personal data stands in a table of its own (Contact), sealed, so that everything else can be read,
exported and analysed without it.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, moment


class Channel(StrEnum):
    """渠道: how an opinion arrived."""

    WEB = "web"
    EMAIL = "email"
    LETTER = "letter"
    HOTLINE = "hotline"
    MEETING = "meeting"
    LIST_12345 = "list_12345"


class SubmitterKind(StrEnum):
    """Whom a submission speaks for, as the sender says."""

    RESIDENT = "resident"
    ORGANISATION = "organisation"
    BUSINESS = "business"
    OFFICIAL_BODY = "official_body"
    OTHER = "other"


class AnchorKind(StrEnum):
    """What a comment is about."""

    PLAN = "plan"
    SECTION = "section"
    PASSAGE = "passage"
    INDICATOR = "indicator"
    TASK = "task"


class AnchorState(StrEnum):
    """Where the quoted words stand in the current text: found, 原文已修改, 已删除."""

    PRESENT = "present"
    CHANGED = "changed"
    REMOVED = "removed"


class Handling(StrEnum):
    """办理状态 of one comment."""

    NEW = "new"
    ASSIGNED = "assigned"
    DECIDED = "decided"
    HANDED_OVER = "handed_over"
    MERGED = "merged"


class Screening(StrEnum):
    """Whether a comment may be shown to the public; nothing is until somebody says so."""

    PENDING = "pending"
    PUBLISHED = "published"
    WITHHELD = "withheld"


class Submission(Table, table=True):
    """意见（件）: one sending, by whatever channel, with its receipt.

    Of what staff type in, three facts are kept apart: who sent it (Contact), who typed it
    (`transcribed_by_id`) and the channel; and three times: the postmark (`posted_on`), when it
    was received, and when it was typed in (`entered_at`). `import_batch` is the number of a list.
    `awaits_proof` marks a held sending that its sender may release by a last step on the receipt.
    """

    __table_args__ = (
        UniqueConstraint("consultation_id", "idempotency_key"),
        Index("ix_submission_hidden", "consultation_id", "is_quarantined", "withdrawn_at", "id"),
        Index("ix_submission_street", "consultation_id", "street"),
    )

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    receipt_code: str = Field(max_length=9, unique=True)
    receipt_token: str = Field(max_length=32, unique=True)
    look_up_code: str = Field(max_length=6)
    idempotency_key: str = Field(max_length=64)
    channel: Channel = choice(Channel, default=Channel.WEB, index=True)
    submitter_kind: SubmitterKind | None = choice(SubmitterKind, default=None, nullable=True)
    street: str | None = Field(default=None, max_length=50)
    neighbourhood: str | None = Field(default=None, max_length=50)
    transcribed_by_id: int | None = Field(default=None, foreign_key="officer.id")
    import_batch: str | None = Field(default=None, max_length=64)
    posted_on: date | None = None
    is_late: bool = False
    is_quarantined: bool = False
    awaits_proof: bool = False
    received_at: datetime = moment(index=True)
    entered_at: datetime | None = moment(default=None)
    withdrawn_at: datetime | None = moment(default=None)


class Contact(Table, table=True):
    """Who sent it, when they chose to say; every value sealed, erased on schedule or request.

    The keyed hashes of telephone and e-mail tell that two sendings are of one person without
    opening either; they go with the values when these are erased. `verified_how` says how the
    contact was found to be the sender's (核实), by the link in the receipt mail or by an officer.
    """

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    sealed_name: str | None = None
    sealed_phone: str | None = None
    sealed_email: str | None = None
    sealed_address: str | None = None
    phone_hash: str | None = Field(default=None, max_length=64, index=True)
    email_hash: str | None = Field(default=None, max_length=64, index=True)
    sealed_guardian: str | None = None
    guardian_consented_at: datetime | None = moment(default=None)
    verified_at: datetime | None = moment(default=None)
    verified_how: str = Field(default="", max_length=100)
    verified_by_id: int | None = Field(default=None, foreign_key="officer.id")
    erased_at: datetime | None = moment(default=None)


class Attachment(Table, table=True):
    """A file that came with a submission, stored under its own hash."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    file_name: str = Field(max_length=255)
    media_type: str = Field(max_length=100)
    size: int
    sha256: str = Field(max_length=64)


class Comment(Table, table=True):
    """意见（条）: one point, anchored to the plan by key, quote and context.

    `text` is what the sender wrote (cleaned of invisible characters only). `masked_text` is what
    may be shown; it is set by the reading and without it a comment is never public. `version`
    is the optimistic lock of the triage desk. `is_current` is False for a text that was split into
    several comments, for parts that were put together again, and for words the sender corrected
    (`corrects_id` of the new ones): kept, and counted nowhere.
    """

    __table_args__ = (
        UniqueConstraint("submission_id", "ordinal"),
        Index("ix_comment_anchor", "consultation_id", "anchor_section_key"),
        # All the desk counts and sorts by: fifty thousand are looked through without their texts.
        Index(
            "ix_comment_desk",
            "consultation_id",
            "received_at",
            "id",
            "handling",
            "is_current",
            "submission_id",
            "due_on",
            "support_count",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    ordinal: int = 1
    text: str
    proposed_wording: str | None = None
    masked_text: str | None = None
    masked_wording: str | None = None
    received_at: datetime = moment()

    anchor_kind: AnchorKind = choice(AnchorKind, default=AnchorKind.PLAN)
    anchor_key: str | None = Field(default=None, max_length=32)
    anchor_section_key: str | None = Field(default=None, max_length=32)
    anchor_version_id: int | None = Field(default=None, foreign_key="plan_version.id")
    anchor_quote: str = ""
    anchor_prefix: str = ""
    anchor_suffix: str = ""
    anchor_state: AnchorState = choice(AnchorState, default=AnchorState.PRESENT)

    handling: Handling = choice(Handling, default=Handling.NEW)
    assigned_department_id: int | None = Field(default=None, foreign_key="department.id")
    assigned_officer_id: int | None = Field(default=None, foreign_key="officer.id", index=True)
    claimed_by_id: int | None = Field(default=None, foreign_key="officer.id")
    claimed_until: datetime | None = moment(default=None)
    due_on: date | None = None
    merged_into_id: int | None = Field(default=None, foreign_key="comment.id")
    split_from_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    corrects_id: int | None = Field(default=None, foreign_key="comment.id", index=True)
    is_current: bool = True
    handed_over_to: str | None = Field(default=None, max_length=64)

    screening: Screening = choice(Screening, default=Screening.PENDING)
    withheld_reason: str | None = None
    support_count: int = 0
    version: int = 1


class Support(Table, table=True):
    """A reader who backs a published comment; one per device, softly (a keyed hash)."""

    __table_args__ = (UniqueConstraint("comment_id", "device_hash"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    device_hash: str = Field(max_length=64)
    created_at: datetime = moment()


class AnswerVerdict(StrEnum):
    """这回应了您的意见吗: what the sender says of the answer."""

    ANSWERED = "answered"
    PARTLY = "partly"
    MISSED = "missed"


class AnswerRating(Table, table=True):
    """The sender's word on the answer to one comment, given once on the receipt."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", unique=True)
    verdict: AnswerVerdict = choice(AnswerVerdict)
    created_at: datetime = moment()


class Draft(Table, table=True):
    """A form somebody has not sent yet, under an unguessable address for fourteen days."""

    id: int | None = Field(default=None, primary_key=True)
    token: str = Field(max_length=32, unique=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    sealed_form: str
    expires_at: datetime = moment(index=True)
