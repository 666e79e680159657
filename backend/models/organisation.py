"""Organisations, their departments, neighbourhoods, reply templates and lists of words.

Several bureaux may share one installation: everything below belongs to one organisation.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class Organisation(Table, table=True):
    """A government body that consults the public."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    mark: str = Field(default="", max_length=2)
    address: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=50)
    icp_number: str = Field(default="", max_length=64)
    public_security_number: str = Field(default="", max_length=64)
    site_code: str = Field(default="", max_length=32)
    created_at: datetime = moment()


class Department(Table, table=True):
    """A unit comments are assigned to (起草部门, 主办, 会办)."""

    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=100)
    position: int = 0
    retired_at: datetime | None = moment(default=None)


class Neighbourhood(Table, table=True):
    """A 居委 (or 村委) within a 街镇: the gazetteer of the form and of the readings.

    `population` is how many people live there, where the office knows it.
    """

    __table_args__ = (UniqueConstraint("organisation_id", "street", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    street: str = Field(max_length=50)
    name: str = Field(max_length=50)
    population: int | None = None


class ReplyTemplate(Table, table=True):
    """A reason or reply an office often gives; the officer completes it."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=100)
    outcome: str | None = Field(default=None, max_length=32)
    text: str


class SensitiveWord(Table, table=True):
    """A word that brings an opinion to a person's attention; it never refuses or rewrites one.

    `checked_at` is empty until the opinions that were there before the word were looked through.
    """

    __table_args__ = (UniqueConstraint("organisation_id", "word"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    word: str = Field(max_length=50)
    category: str = Field(max_length=32)
    created_at: datetime = moment()
    checked_at: datetime | None = moment(default=None)


class CommentFlag(Table, table=True):
    """An opinion in which a sensitive word stands: somebody should look at it soon."""

    comment_id: int = Field(foreign_key="comment.id", primary_key=True)
    word: str = Field(max_length=50, primary_key=True)
    category: str = Field(max_length=32)
    created_at: datetime = moment()


class AliasState(StrEnum):
    """What became of a proposed other name."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"


class AliasProposal(Table, table=True):
    """Another name residents use for something in a plan, found in their own words.

    The machine proposes (`count` opinions, `comment_ids` as examples); only an approved one is used
    when comments are linked: on one consultation, or without one on all of the organisation's.
    """

    __table_args__ = (UniqueConstraint("consultation_id", "alias", "target_kind", "target_key"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    consultation_id: int | None = Field(default=None, foreign_key="consultation.id", index=True)
    alias: str = Field(max_length=64)
    target_kind: str = Field(max_length=32)
    target_key: str = Field(default="", max_length=32)
    target_name: str = Field(max_length=300)
    count: int = 0
    comment_ids: list[int] = json_value(default_factory=list)
    state: AliasState = choice(AliasState, default=AliasState.PROPOSED, index=True)
    decided_by_id: int | None = Field(default=None, foreign_key="officer.id")
    decided_at: datetime | None = moment(default=None)
    created_at: datetime = moment()
