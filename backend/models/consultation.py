"""A consultation (征询): its window, its stage, and the notice with its history."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from backend.models.columns import Table, choice, json_value, moment


class Stage(StrEnum):
    """阶段. Opening and closing happen by the clock; the rest by an officer."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSED = "closed"
    UNDER_REVIEW = "under_review"
    ANSWERED = "answered"
    ARCHIVED = "archived"


class Consultation(Table, table=True):
    """One public solicitation of comments; the window is half-open, [opens_at, closes_at).

    `stage` stores what officers decided (draft, announced = published, under_review, answered,
    archived); whether a published one is open is told by the clock (consultations.rules.stage).
    """

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    slug: str = Field(max_length=80, unique=True)
    title: str = Field(max_length=200)
    subject: str = Field(default="", max_length=50)
    place: str = Field(default="", max_length=50)
    stage: Stage = choice(Stage, default=Stage.DRAFT, index=True)
    opens_at: datetime | None = moment(default=None)
    closes_at: datetime | None = moment(default=None)
    shortened_reason: str | None = None
    drafting_office: str = Field(default="", max_length=100)
    issuer: str = Field(default="", max_length=200)
    introduction: str = ""
    explanation: str = ""
    legal_basis: str = ""
    email: str | None = Field(default=None, max_length=254)
    postal_address: str | None = Field(default=None, max_length=300)
    postcode: str | None = Field(default=None, max_length=6)
    phone: str | None = Field(default=None, max_length=50)
    off_limits: str = ""
    publishes_comments: bool = False
    requires_verified_contact: bool = True
    approval_steps: int = 0
    published_on: date | None = None
    cancelled_at: datetime | None = moment(default=None)
    created_at: datetime = moment()
    version: int = 1


class NoticeRevision(Table, table=True):
    """A notice as it stood when published, extended, corrected or cancelled."""

    id: int | None = Field(default=None, primary_key=True)
    consultation_id: int = Field(foreign_key="consultation.id", index=True)
    kind: str = Field(max_length=32)
    reason: str = ""
    content: dict[str, Any] = json_value(default_factory=dict)
    officer_id: int | None = Field(default=None, foreign_key="officer.id")
    created_at: datetime = moment()
