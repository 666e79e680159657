"""The plan consulted on, version by version: sections, passages, indicators, tasks, boxes.

A `key` (s3, p41, i14, t7, b2) names the same thing through all versions of one consultation's
plan: addresses, anchors and links use keys, never row numbers, so comments outlive text edits.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class VersionKind(StrEnum):
    """征求意见稿, 修改稿, 送审稿, 发布稿."""

    CONSULTATION_DRAFT = "consultation_draft"
    REVISED_DRAFT = "revised_draft"
    REVIEW_DRAFT = "review_draft"
    FINAL = "final"


class PlanVersion(Table, table=True):
    """One text of the plan; `confirmed_at` is when an official accepted the machine's outline."""

    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    number: int
    kind: VersionKind = choice(VersionKind, default=VersionKind.CONSULTATION_DRAFT)
    title: str = Field(max_length=300)
    file_name: str = Field(default="", max_length=255)
    file_sha256: str = Field(default="", max_length=64)
    parsed: dict[str, Any] = json_value(default_factory=dict)
    release_reason: str | None = None
    released_at: datetime | None = moment(default=None)
    released_by_id: int | None = Field(default=None, foreign_key="officer.id")
    created_at: datetime = moment()
    confirmed_at: datetime | None = moment(default=None)
    confirmed_by_id: int | None = Field(default=None, foreign_key="officer.id")


class ImportState(StrEnum):
    """How far an uploaded document is; FAILED has a reason and can be tried again."""

    WAITING = "waiting"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


class PlanImport(Table, table=True):
    """A document somebody uploaded, from its arrival to the version that was made of it.

    Without a consultation it makes one of its own. `done` of `total` pages are read; `touched_at`
    is the reader's sign of life. `is_scan`: it holds pictures; `recognise`: a machine reads them.
    """

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    consultation_id: int | None = Field(default=None, foreign_key="consultation.id", index=True)
    plan_version_id: int | None = Field(default=None, foreign_key="plan_version.id")
    officer_id: int | None = Field(default=None, foreign_key="officer.id")
    kind: VersionKind | None = choice(VersionKind, default=None)
    file_name: str = Field(default="", max_length=255)
    file_sha256: str = Field(max_length=64)
    state: ImportState = choice(ImportState, default=ImportState.WAITING, index=True)
    recognise: bool = False
    is_scan: bool = False
    done: int = 0
    total: int = 0
    tries: int = 0
    reason: str = ""
    created_at: datetime = moment()
    touched_at: datetime = moment()


class Section(Table, table=True):
    """A heading (篇/章/节…) in reading order; `path` reads 第三章 › 第二节."""

    __table_args__ = (UniqueConstraint("plan_version_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(foreign_key="plan_version.id", index=True)
    key: str = Field(max_length=32)
    parent_key: str | None = Field(default=None, max_length=32)
    position: int
    level: int
    label: str | None = Field(default=None, max_length=50)
    title: str = Field(max_length=300)
    path: str = ""
    inferred: bool = False


class Passage(Table, table=True):
    """A paragraph of a section."""

    __table_args__ = (UniqueConstraint("plan_version_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(foreign_key="plan_version.id", index=True)
    section_key: str = Field(max_length=32)
    key: str = Field(max_length=32)
    position: int
    text: str


class Indicator(Table, table=True):
    """指标: what the plan promises in numbers; values as printed."""

    __table_args__ = (UniqueConstraint("plan_version_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(foreign_key="plan_version.id", index=True)
    section_key: str | None = Field(default=None, max_length=32)
    key: str = Field(max_length=32)
    position: int
    no: str | None = Field(default=None, max_length=32)
    name: str = Field(max_length=300)
    unit: str | None = Field(default=None, max_length=100)
    kind: str | None = Field(default=None, max_length=32)
    baseline: str | None = Field(default=None, max_length=200)
    current: str | None = Field(default=None, max_length=200)
    target: str | None = Field(default=None, max_length=300)
    bound: str | None = Field(default=None, max_length=32)
    assessment: str | None = Field(default=None, max_length=200)
    period: str | None = Field(default=None, max_length=100)
    source: str = Field(default="table", max_length=32)
    quote: str | None = None
    redacted: bool = False


class Task(Table, table=True):
    """任务: a measure, an item of a 专栏 box or a major project."""

    __table_args__ = (UniqueConstraint("plan_version_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(foreign_key="plan_version.id", index=True)
    section_key: str | None = Field(default=None, max_length=32)
    box_key: str | None = Field(default=None, max_length=32)
    key: str = Field(max_length=32)
    position: int
    kind: str = Field(default="task", max_length=32)
    title: str = Field(max_length=500)
    quote: str | None = None
    lead_department: str | None = Field(default=None, max_length=100)


class Box(Table, table=True):
    """专栏: a framed list of projects."""

    __table_args__ = (UniqueConstraint("plan_version_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(foreign_key="plan_version.id", index=True)
    section_key: str | None = Field(default=None, max_length=32)
    key: str = Field(max_length=32)
    position: int
    title: str = Field(max_length=300)
