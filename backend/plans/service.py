"""Storing plans: a document becomes a version with rows that pages and links can address."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, delete

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.outline import parse_file as parse_trusted
from backend.models import (
    Box,
    Indicator,
    Officer,
    Passage,
    PlanVersion,
    Section,
    Task,
    VersionKind,
)
from backend.plans import matching
from backend.plans.queries import all_versions, latest_version
from backend.plans.rows import Row, rows_of


def parse_file(path: Path, *, recognise: bool = False) -> ParsedPlan:
    """Parse a document of one's own; raises `analysis.documents.UnreadableDocument`."""
    return parse_trusted(path, recognise=recognise)


def keep_file(folder: Path, data: bytes) -> str:
    """Store an upload under its own hash and return the hash."""
    digest = hashlib.sha256(data).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / digest).write_bytes(data)
    return digest


def store_version(
    session: Session,
    consultation_id: int,
    parsed: ParsedPlan,
    *,
    kind: VersionKind = VersionKind.CONSULTATION_DRAFT,
    file_name: str = "",
    file_sha256: str = "",
    continues: int | None = None,
    now: datetime,
) -> PlanVersion:
    """Add a version; keys of the version before are kept wherever the text continues it.

    `continues` is the number of the version whose keys `parsed` has already (see `continued`).
    """
    before = latest_version(session, consultation_id)
    if before is not None and before.number != continues:
        parsed, _ = continued(session, consultation_id, parsed)
    version = PlanVersion(
        consultation_id=consultation_id,
        number=1 if before is None else before.number + 1,
        kind=kind,
        title=parsed.title[:300],
        file_name=file_name[:255],
        file_sha256=file_sha256,
        parsed=to_json(parsed),
        created_at=now,
    )
    session.add(version)
    session.flush()
    _write_rows(session, version, parsed)
    return version


def continued(
    session: Session, consultation_id: int, parsed: ParsedPlan
) -> tuple[ParsedPlan, int | None]:
    """`parsed` with the keys of the latest version, and its number; for long texts takes seconds.

    Only reads, so that a long comparison need not stand inside a writing transaction.
    """
    earlier = all_versions(session, consultation_id)
    if not earlier:
        return parsed, None
    retired = {key for version in earlier for key in matching.keys_of(parsed_plan(version))}
    return matching.rekey(parsed, parsed_plan(earlier[0]), retired), earlier[0].number


def rewrite_version(session: Session, version: PlanVersion, parsed: ParsedPlan) -> None:
    """Replace the outline of a version that nobody has confirmed yet (review before publishing)."""
    if version.confirmed_at is not None:
        raise ValueError("这个版本已经确认，请导入新的版本。")
    earlier = all_versions(session, version.consultation_id)
    retired = {key for other in earlier for key in matching.keys_of(parsed_plan(other))}
    parsed = matching.kept_clear(parsed, parsed_plan(version), retired)
    for table in (Section, Passage, Indicator, Task, Box):
        session.exec(delete(table).where(col(table.plan_version_id) == version.id))
    version.parsed = to_json(parsed)
    version.title = parsed.title[:300]
    session.add(version)
    _write_rows(session, version, parsed)


def confirm(
    session: Session, version: PlanVersion, officer: Officer | None, *, now: datetime
) -> None:
    """An official accepts the outline; from now on it is what everything else uses."""
    version.confirmed_at = now
    version.confirmed_by_id = None if officer is None else officer.id
    session.add(version)


def release(
    session: Session, version: PlanVersion, reason: str, officer: Officer, *, now: datetime
) -> None:
    """A named officer declares that a document with secrecy markings may be published."""
    version.release_reason = reason
    version.released_by_id = officer.id
    version.released_at = now
    session.add(version)


def parsed_plan(version: PlanVersion) -> ParsedPlan:
    """The version as the analysis library takes it; ids are the keys of the rows."""
    return from_json(ParsedPlan, version.parsed)


def _write_rows(session: Session, version: PlanVersion, plan: ParsedPlan) -> None:
    assert version.id is not None
    by_table: dict[type[Row], list[dict[str, Any]]] = {}
    for row in rows_of(version.id, plan):
        by_table.setdefault(type(row), []).append(row.model_dump(exclude={"id"}))
    for table, rows in by_table.items():
        session.execute(insert(table), rows)
