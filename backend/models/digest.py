"""What leaves the office: digests, the adoption report, and the published outcome."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class DigestKind(StrEnum):
    """摘要 for the drafting office, or 意见采纳情况报告."""

    DIGEST = "digest"
    ADOPTION_REPORT = "adoption_report"


class Digest(Table, table=True):
    """A frozen computation: `content` holds every number, quote and id; files are made from it."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    kind: DigestKind = choice(DigestKind, default=DigestKind.DIGEST)
    query: str = Field(default="", max_length=500)
    content: dict[str, Any] = json_value(default_factory=dict)
    content_sha256: str = Field(max_length=64)
    comment_count: int
    created_by_id: int | None = Field(default=None, foreign_key="officer.id")
    created_at: datetime = moment()


class OutcomeNotice(Table, table=True):
    """结果公开: the narrative shown to the public."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", unique=True)
    narrative: str
    digest_id: int | None = Field(default=None, foreign_key="digest.id")
    published_by_id: int | None = Field(default=None, foreign_key="officer.id")
    published_at: datetime = moment()


class PlanChange(Table, table=True):
    """因您的意见而改: old words, new words, why."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    section_key: str | None = Field(default=None, max_length=32)
    section_title: str = Field(default="", max_length=300)
    before: str = ""
    after: str = ""
    why: str = ""
    position: int = 0


class PlanChangeComment(Table, table=True):
    """A comment behind a change."""

    __table_args__ = (UniqueConstraint("plan_change_id", "comment_id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_change_id: int = Field(foreign_key="plan_change.id", index=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)


class OutcomeTold(Table, table=True):
    """A participant who was told of the outcome, so that nobody is told twice."""

    id: int | None = Field(default=None, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", unique=True)
    told_at: datetime = moment()
