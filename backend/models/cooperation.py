"""Working together on comments: supporting departments, approval, leave, who looks, who is told."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, moment
from backend.models.triage import Outcome


class Standpoint(StrEnum):
    """What a supporting department (会办) says: agrees, agrees with a remark, objects."""

    AGREES = "agrees"
    REMARKS = "remarks"
    OBJECTS = "objects"


class SupportingOpinion(Table, table=True):
    """会办: a department asked for its opinion on a comment another department leads on.

    Without `given_at` the opinion is still due. A department asked again gets a new row; the one
    before is kept as `closed_at`.
    """

    __table_args__ = (Index("ix_supporting_opinion_open", "department_id", "closed_at"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    department_id: int = Field(foreign_key="department.id")
    question: str = ""
    due_on: date
    asked_by_id: int = Field(foreign_key="officer.id")
    asked_at: datetime = moment()
    standpoint: Standpoint | None = choice(Standpoint, default=None, nullable=True)
    text: str = ""
    given_by_id: int | None = Field(default=None, foreign_key="officer.id")
    given_at: datetime | None = moment(default=None)
    closed_at: datetime | None = moment(default=None)


class Disagreement(Table, table=True):
    """分歧情况: what departments could not agree on, kept for the report (Order 713, Art. 13).

    The departments' own views stand in SupportingOpinion; here are the points at issue, the
    drafting office's view, and its reasons and basis.
    """

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    points: str
    drafter_view: str
    basis: str
    recorded_by_id: int = Field(foreign_key="officer.id")
    recorded_at: datetime = moment()
    superseded_at: datetime | None = moment(default=None)


class ProposalState(StrEnum):
    """送审 of a decision: drafted, checked (审核), then approved, or given back, or taken back."""

    DRAFTED = "drafted"
    CHECKED = "checked"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Proposal(Table, table=True):
    """A decision that waits for approval; approved, it becomes a Disposition, not before."""

    __table_args__ = (Index("ix_proposal_open", "comment_id", "state"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    outcome: Outcome = choice(Outcome)
    reason: str = ""
    change_section_key: str | None = Field(default=None, max_length=32)
    change_place: str = Field(default="", max_length=300)
    reply: str = ""
    state: ProposalState = choice(ProposalState, default=ProposalState.DRAFTED, index=True)
    drafted_by_id: int = Field(foreign_key="officer.id")
    drafted_at: datetime = moment()
    checked_by_id: int | None = Field(default=None, foreign_key="officer.id")
    checked_at: datetime | None = moment(default=None)
    closed_by_id: int | None = Field(default=None, foreign_key="officer.id")
    closed_at: datetime | None = moment(default=None)
    closing_note: str = ""


class Absence(Table, table=True):
    """休假、出差: days on which a colleague looks after an officer's comments, both inclusive."""

    id: int | None = Field(default=None, primary_key=True)
    officer_id: int = Field(foreign_key="officer.id", index=True)
    delegate_id: int = Field(foreign_key="officer.id", index=True)
    from_on: date
    until_on: date
    recorded_by_id: int = Field(foreign_key="officer.id")
    created_at: datetime = moment()
    ended_at: datetime | None = moment(default=None)


class Presence(Table, table=True):
    """The comment an officer has open, and since when we know; one row per officer."""

    officer_id: int = Field(foreign_key="officer.id", primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    seen_at: datetime = moment()


class Notification(Table, table=True):
    """提醒: something an officer should know, said once per change (`key`)."""

    __table_args__ = (
        UniqueConstraint("officer_id", "key"),
        Index("ix_notification_unread", "officer_id", "read_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    officer_id: int = Field(foreign_key="officer.id")
    key: str = Field(max_length=100)
    kind: str = Field(max_length=32)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    by_officer_id: int | None = Field(default=None, foreign_key="officer.id")
    words: str = Field(default="", max_length=200)
    created_at: datetime = moment()
    read_at: datetime | None = moment(default=None)
