"""Organisations, their departments, neighbourhoods and reply templates.

Several bureaux may share one installation: everything below belongs to one organisation.
"""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, moment


class Organisation(Table, table=True):
    """A government body that consults the public."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=200)
    created_at: datetime = moment()


class Department(Table, table=True):
    """A unit comments are assigned to (起草部门, 主办, 会办)."""

    __table_args__ = (UniqueConstraint("organisation_id", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=100)


class Neighbourhood(Table, table=True):
    """A 居委 (or 村委) within a 街镇: the gazetteer of the form and of the readings."""

    __table_args__ = (UniqueConstraint("organisation_id", "street", "name"),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    street: str = Field(max_length=50)
    name: str = Field(max_length=50)


class ReplyTemplate(Table, table=True):
    """A reason or reply an office often gives; the officer completes it."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    name: str = Field(max_length=100)
    outcome: str | None = Field(default=None, max_length=32)
    text: str
