"""Storing plans: a document becomes a version with rows that pages and links can address."""

import hashlib
import re
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, delete

from analysis.contracts import ParsedPlan, from_json, to_json
from analysis.contracts import Section as ParsedSection
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
from backend.plans.queries import all_versions


def parse_file(path: Path) -> ParsedPlan:
    """Parse a document of one's own; raises `analysis.documents.UnreadableDocument`."""
    return parse_trusted(path)


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
    now: datetime,
) -> PlanVersion:
    """Add a version; keys of the version before are kept wherever the text continues it."""
    earlier = all_versions(session, consultation_id)
    before = earlier[0] if earlier else None
    if before is not None:
        retired = {key for version in earlier for key in matching.keys_of(parsed_plan(version))}
        parsed = matching.rekey(parsed, parsed_plan(before), retired)
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


def rewrite_version(session: Session, version: PlanVersion, parsed: ParsedPlan) -> None:
    """Replace the outline of a version that nobody has confirmed yet (review before publishing)."""
    if version.confirmed_at is not None:
        raise ValueError("这个版本已经确认，请导入新的版本。")
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


def release(session: Session, version: PlanVersion, reason: str) -> None:
    """A named officer declares that a document with secrecy markings may be published."""
    version.release_reason = reason
    session.add(version)


def parsed_plan(version: PlanVersion) -> ParsedPlan:
    """The version as the analysis library takes it; ids are the keys of the rows."""
    return from_json(ParsedPlan, version.parsed)


def _write_rows(session: Session, version: PlanVersion, plan: ParsedPlan) -> None:
    assert version.id is not None
    for row in rows_of(version.id, plan):
        session.add(row)
    session.flush()


def rows_of(version_id: int, plan: ParsedPlan) -> list[Section | Passage | Indicator | Task | Box]:
    """The rows of a parsed plan, in reading order."""
    paths = _paths(plan.sections)
    rows: list[Section | Passage | Indicator | Task | Box] = []
    position = 0
    for number, section in enumerate(plan.sections):
        rows.append(
            Section(
                plan_version_id=version_id,
                key=section.id,
                parent_key=section.parent,
                position=number,
                level=section.level,
                label=_label(section.number),
                title=section.title[:300],
                path=paths[section.id],
                inferred=section.inferred,
            )
        )
        for passage in section.passages:
            rows.append(
                Passage(
                    plan_version_id=version_id,
                    section_key=section.id,
                    key=passage.id,
                    position=position,
                    text=passage.text,
                )
            )
            position += 1
    for number, item in enumerate(plan.indicators):
        rows.append(
            Indicator(
                plan_version_id=version_id,
                section_key=item.section,
                key=item.id,
                position=number,
                no=_cut(item.no, 32),
                name=item.name[:300],
                unit=_cut(item.unit, 100),
                kind=None if item.kind is None else item.kind.value,
                baseline=_cut(item.baseline, 200),
                current=_cut(item.current, 200),
                target=_cut(item.target, 300),
                bound=None if item.bound is None else item.bound.value,
                assessment=_cut(item.assessment, 200),
                period=_cut(item.period, 100),
                source=item.source.value,
                quote=item.quote,
                redacted=item.redacted,
            )
        )
    rows += [
        Task(
            plan_version_id=version_id,
            section_key=task.section,
            box_key=task.box,
            key=task.id,
            position=number,
            kind=task.kind.value,
            title=task.title[:500],
            quote=task.quote,
        )
        for number, task in enumerate(plan.tasks)
    ]
    rows += [
        Box(
            plan_version_id=version_id,
            section_key=box.section,
            key=box.id,
            position=number,
            title=box.title[:300],
        )
        for number, box in enumerate(plan.boxes)
    ]
    return rows


def _paths(sections: tuple[ParsedSection, ...]) -> dict[str, str]:
    """Key → 第三章 宜居家园 › （一） 老旧小区."""
    paths: dict[str, str] = {}
    for section in sections:
        label = _label(section.number)
        own = f"{label} {section.title}" if label else section.title
        above = paths.get(section.parent or "")
        paths[section.id] = f"{above} › {own}" if above else own
    return paths


def _label(number: str | None) -> str | None:
    """The number as a reader expects it before a title: a bare 一 or 1 gets its mark back."""
    if number is not None and re.fullmatch(r"[〇零一二三四五六七八九十百]+", number):
        return f"{number}、"
    if number is not None and number.isdigit():
        return f"{number}."
    return number


def _cut(value: str | None, length: int) -> str | None:
    return None if value is None else value[:length]
