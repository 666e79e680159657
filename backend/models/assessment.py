"""What the machine read (机器研判), and what a person says about it.

The machine suggests in Assessment and AssessmentLink; a person decides in Review and ReviewLink.
Neither ever overwrites the other. A corpus run holds what can only be read from all comments
together: topics, shared issues, near-copies.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from backend.models.columns import Table, json_value, moment


class Assessment(Table, table=True):
    """One immutable reading of one comment by one engine version on one plan version."""

    __table_args__ = (
        UniqueConstraint("comment_id", "engine_version", "plan_version_id"),
        Index("ix_assessment_current", "comment_id", "is_current"),
        # What a queue is filtered and sorted by, without the evidence.
        Index(
            "ix_assessment_desk",
            "comment_id",
            "is_current",
            "id",
            "link_confidence",
            "intent_confidence",
            "sentiment_confidence",
            "intent",
            "sentiment",
            "link_status",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    plan_version_id: int = Field(foreign_key="plan_version.id")
    engine_version: str = Field(max_length=64, index=True)
    is_current: bool = True
    status: str = Field(max_length=32)
    reason: str | None = None
    sentiment: str | None = Field(default=None, max_length=32)
    sentiment_score: float | None = None
    sentiment_confidence: float | None = None
    intent: str | None = Field(default=None, max_length=32)
    intent_confidence: float | None = None
    link_status: str = Field(default="undecided", max_length=32)
    link_confidence: float | None = None
    evidence: dict[str, Any] = json_value(default_factory=dict)
    created_at: datetime = moment()


class AssessmentLink(Table, table=True):
    """A plan item the machine linked a comment to, best first by `rank`."""

    __table_args__ = (
        Index("ix_assessment_link_item", "item_kind", "item_key"),
        Index("ix_assessment_link_key", "item_key", "assessment_id", "comment_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(foreign_key="assessment.id", index=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    rank: int
    item_kind: str = Field(max_length=32)
    item_key: str = Field(max_length=32)
    score: float
    stance: str | None = Field(default=None, max_length=32)
    evidence: list[dict[str, Any]] = json_value(default_factory=list)


class Review(Table, table=True):
    """An officer's own reading of a comment; None leaves the machine's suggestion standing."""

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", unique=True)
    sentiment: str | None = Field(default=None, max_length=32)
    intent: str | None = Field(default=None, max_length=32)
    links_confirmed: bool = False
    officer_id: int = Field(foreign_key="officer.id")
    reviewed_at: datetime = moment()


class ReviewLink(Table, table=True):
    """A plan item an officer says a comment is about; these replace the machine's links."""

    __table_args__ = (
        UniqueConstraint("comment_id", "item_key"),
        Index("ix_review_link_item", "item_kind", "item_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    comment_id: int = Field(foreign_key="comment.id", index=True)
    item_kind: str = Field(max_length=32)
    item_key: str = Field(max_length=32)
    stance: str | None = Field(default=None, max_length=32)


class CorpusRun(Table, table=True):
    """One reading of a whole consultation; `result` holds topics, issues, clusters, summary."""

    __table_args__ = (Index("ix_corpus_run_latest", "consultation_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    engine_version: str = Field(max_length=64)
    input_hash: str = Field(max_length=64)
    comment_count: int
    result: dict[str, Any] = json_value(default_factory=dict)
    created_at: datetime = moment()


class CorpusTag(Table, table=True):
    """The topic, issue and near-copy cluster of one comment in the latest corpus run."""

    __table_args__ = (Index("ix_corpus_tag_copies", "cluster", "corpus_run_id"),)

    comment_id: int = Field(primary_key=True, foreign_key="comment.id")
    corpus_run_id: int = Field(foreign_key="corpus_run.id", index=True)
    topic: str | None = Field(default=None, max_length=64, index=True)
    issue: str | None = Field(default=None, max_length=64)
    cluster: str | None = Field(default=None, max_length=64)
