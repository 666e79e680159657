"""办理: what officials decide about a comment, and what they say to each other about it."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class Outcome(StrEnum):
    """办理结论: 采纳, 部分采纳, 未采纳, 已体现, 留作参考, 超出范围."""

    ADOPTED = "adopted"
    PARTLY_ADOPTED = "partly_adopted"
    NOT_ADOPTED = "not_adopted"
    ALREADY_COVERED = "already_covered"
    NOTED = "noted"
    OUT_OF_SCOPE = "out_of_scope"


class Disposition(Table, table=True):
    """A decision with its reason; a newer one supersedes it, none is ever deleted."""

    __table_args__ = (Index("ix_disposition_current", "comment_id", "superseded_at"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    outcome: Outcome = choice(Outcome, index=True)
    reason: str = ""
    change_section_key: str | None = Field(default=None, max_length=32)
    change_place: str = Field(default="", max_length=300)
    reply: str = ""
    decided_by_id: int = Field(foreign_key="officer.id")
    decided_at: datetime = moment()
    superseded_at: datetime | None = moment(default=None)


class InternalNote(Table, table=True):
    """内部备注, never shown to the public."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    officer_id: int = Field(foreign_key="officer.id")
    text: str
    created_at: datetime = moment()


class Assignment(Table, table=True):
    """分办/转办/退回: who was given a comment, by whom, and why it came back."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    action: str = Field(max_length=32)
    department_id: int | None = Field(default=None, foreign_key="department.id")
    officer_id: int | None = Field(default=None, foreign_key="officer.id")
    reason: str = ""
    by_officer_id: int = Field(foreign_key="officer.id")
    created_at: datetime = moment()


class HandOverResult(StrEnum):
    """What became of a matter elsewhere: taken up, settled, or not theirs."""

    ACCEPTED = "accepted"
    SETTLED = "settled"
    REFUSED = "refused"


class HandOver(Table, table=True):
    """移交: a matter given to another office, the day its answer is due, and the answer.

    Without `result` the answer is still awaited; `taken_back_at` ends a hand-over that failed.
    """

    __table_args__ = (Index("ix_hand_over_awaited", "due_on", "result"),)

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    recipient: str = Field(max_length=64)
    reason: str
    handed_over_by_id: int = Field(foreign_key="officer.id")
    handed_over_at: datetime = moment()
    due_on: date
    result: HandOverResult | None = choice(HandOverResult, default=None, nullable=True)
    answer: str = ""
    answered_on: date | None = None
    recorded_by_id: int | None = Field(default=None, foreign_key="officer.id")
    recorded_at: datetime | None = moment(default=None)
    taken_back_at: datetime | None = moment(default=None)


class SavedView(Table, table=True):
    """A queue filter with a name; shared with the organisation or personal."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    officer_id: int | None = Field(default=None, foreign_key="officer.id")
    name: str = Field(max_length=64)
    query: str = Field(max_length=500)
    created_at: datetime = moment()


class ReadMark(Table, table=True):
    """An officer has opened a comment."""

    comment_id: int = Field(foreign_key="comment.id", primary_key=True)
    officer_id: int = Field(foreign_key="officer.id", primary_key=True)
    read_at: datetime = moment()


class BulkRun(Table, table=True):
    """One act on a frozen set of comments; undone at most once."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    officer_id: int = Field(foreign_key="officer.id")
    action: str = Field(max_length=32)
    query: str = Field(default="", max_length=500)
    form: dict[str, Any] = json_value(default_factory=dict)
    created_at: datetime = moment()
    started_at: datetime | None = moment(default=None)
    undone_at: datetime | None = moment(default=None)


class BulkItem(Table, table=True):
    """One comment of a frozen set: the version it was frozen at, what happened, and what was.

    `given` holds what this comment alone is to get, when not all get the same.
    """

    bulk_run_id: int = Field(foreign_key="bulk_run.id", primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", primary_key=True)
    version: int
    result: str = Field(default="", max_length=100)
    version_after: int | None = None
    before: dict[str, Any] = json_value(default_factory=dict)
    given: dict[str, Any] = json_value(default_factory=dict)
