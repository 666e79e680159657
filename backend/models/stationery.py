"""How an office's papers look: the letterhead, the signature, Word templates of its own."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field

from backend.models.columns import Table, choice, moment
from backend.models.digest import DigestKind


class Stationery(Table, table=True):
    """公文格式 of an organisation; empty fields leave the paper as it is."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", unique=True)
    issuer: str = Field(default="", max_length=60)
    document_number: str = Field(default="", max_length=60)
    is_red: bool = False
    signatures: str = Field(default="", max_length=400)
    changed_by_id: int | None = Field(default=None, foreign_key="officer.id")
    changed_at: datetime = moment()


class WordTemplate(Table, table=True):
    """An office-made .docx; kept after it is retired, so that old papers can be made again."""

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    kind: DigestKind = choice(DigestKind)
    file_name: str = Field(max_length=255)
    sha256: str = Field(max_length=64, index=True)
    content: bytes = Field(sa_type=LargeBinary)
    uploaded_by_id: int | None = Field(default=None, foreign_key="officer.id")
    uploaded_at: datetime = moment()
    retired_at: datetime | None = moment(default=None)
