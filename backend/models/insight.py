"""What stands beside the readings: figures kept ready, and what was learned from officials."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, json_value, moment


class FiguresSnapshot(Table, table=True):
    """The figures of one consultation as last counted; a job counts again when anything changed."""

    consultation_id: int = Field(primary_key=True, foreign_key="consultation.id")
    fingerprint: str = Field(max_length=200)
    data: dict[str, Any] = json_value(default_factory=dict)
    counted_at: datetime = moment()


class LearnedModel(Table, table=True):
    """One attempt to learn from decisions: how it did, and, where it won, the reader itself.

    Intent and feeling are learned for an organisation, links for one consultation. In force is what
    was promoted and neither replaced nor rolled back, on the engine it was learned beside.
    `decisions_hash` names the decisions it was learned from: the same are not learned twice.
    """

    __table_args__ = (Index("ix_learned_model_scope", "organisation_id", "task", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    consultation_id: int | None = Field(default=None, foreign_key="consultation.id", index=True)
    task: str = Field(max_length=32)
    engine_version: str = Field(max_length=64)
    decisions_hash: str = Field(max_length=64)
    report: dict[str, Any] = json_value(default_factory=dict)
    reader: dict[str, Any] = json_value(default_factory=dict)
    created_at: datetime = moment()
    promoted_at: datetime | None = moment(default=None)
    replaced_at: datetime | None = moment(default=None)
    rolled_back_at: datetime | None = moment(default=None)


class GroupChoice(Table, table=True):
    """What an official decided about topics or issues: renamed, merged, split, pinned.

    `groups` are the ids it was said of and `members` the comments each of them held then: a later
    corpus reading may find the same topic under other words, and is known by its comments.
    """

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    kind: str = Field(max_length=32)
    action: str = Field(max_length=32)
    label: str = Field(default="", max_length=64)
    groups: list[str] = json_value(default_factory=list)
    members: list[list[int]] = json_value(default_factory=list)
    officer_id: int = Field(foreign_key="officer.id")
    created_at: datetime = moment()
    undone_at: datetime | None = moment(default=None)
    undone_by_id: int | None = Field(default=None, foreign_key="officer.id")


class KeptSummary(Table, table=True):
    """The summary of one selection of comments, proved against their masked text.

    `subject` names the selection (`whole`, `section:s3`, `item:i2`, `street:…`, `week:…`);
    `phrased_by` is empty for sentences by extraction, else the model whose wording was proved.
    """

    __table_args__ = (UniqueConstraint("consultation_id", "subject"),)

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    subject: str = Field(max_length=80)
    input_hash: str = Field(max_length=64)
    comment_count: int
    sentences: list[dict[str, Any]] = json_value(default_factory=list)
    phrased_by: str = Field(default="", max_length=100)
    created_at: datetime = moment()
