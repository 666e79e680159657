"""Lists (12345, meetings, questionnaires): taken in, mapped, registered row by row, undone.

The file is read once; its rows lie in a table with what became of each. Registering is a job that
looks for rows that wait, in short transactions, so that it may stop anywhere and go on. The
content of a row is its key: the same row twice, in this list or another, is registered once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select, update

from backend.accounts import audit
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import (
    Channel,
    Comment,
    Consultation,
    Handling,
    ImportBatch,
    ImportHeading,
    ImportRow,
    Officer,
    RowResult,
    Submission,
)
from backend.registry import columns, places, rules, sheets
from backend.registry.columns import RowDraft
from backend.registry.places import Places
from backend.submissions import queries, uploads
from backend.submissions.forms import StoredFile
from backend.submissions.service import Entry, register
from backend.web.errors import Refused

CHUNK = 100
UNDO_CHUNK = 500
SETTLED = (Handling.DECIDED, Handling.HANDED_OVER, Handling.MERGED)
CHANNELS = rules.BY_HAND


@dataclass(frozen=True, slots=True)
class Layout:
    """How a clerk says a list is to be read: its header line, channel, and column → field."""

    header_row: int
    channel: Channel
    mapping: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one batch under its mapping."""

    mapping: Mapping[int, str]
    places: Places
    streets: Sequence[str]
    batch: ImportBatch
    max_length: int
    now: datetime

    def read(self, cells: Sequence[str]) -> RowDraft:
        return columns.read_row(
            cells,
            self.mapping,
            self.places,
            streets=self.streets,
            default_day=local(self.batch.created_at).date(),
            today=local(self.now).date(),
            max_length=self.max_length,
        )


def take(
    session: Session,
    consultation: Consultation,
    file: StoredFile,
    officer: Officer,
    *,
    settings: Settings,
    now: datetime,
) -> ImportBatch:
    """Read an uploaded list into rows that wait, with a first guess at its columns."""
    try:
        sheet = sheets.read_untrusted(uploads.path_of(settings, file.sha256), file.file_name)
    except sheets.UnreadableList as error:
        raise Refused(str(error)) from error
    known = remembered(session, officer.organisation_id)
    header = columns.header_line(sheet.rows, known)
    headings = next(cells for number, cells in sheet.rows if number == header)
    mapping = columns.guess(headings, known)
    batch = ImportBatch(
        consultation_id=consultation.id or 0,
        officer_id=officer.id or 0,
        file_name=file.file_name,
        sha256=file.sha256,
        encoding=sheet.source,
        delimiter=sheet.delimiter,
        header_row=header,
        channel=columns.channel_of(file.file_name, headings),
        mapping={str(column): meant for column, meant in mapping.items()},
        row_count=sum(number > header for number, _ in sheet.rows),
        created_at=now,
    )
    session.add(batch)
    session.flush()
    session.connection().execute(
        sa.insert(ImportRow),
        [
            {
                "batch_id": batch.id,
                "number": number,
                "cells": _storable(cells),
                "result": RowResult.WAITING,
                "reason": "",
            }
            for number, cells in sheet.rows
        ],
    )
    return batch


def remembered(session: Session, organisation_id: int) -> dict[str, str]:
    """Heading → field, as this organisation last said."""
    query = select(ImportHeading).where(ImportHeading.organisation_id == organisation_id)
    return {row.heading: row.field for row in session.exec(query).all()}


def reader(session: Session, batch: ImportBatch, *, settings: Settings, now: datetime) -> Reader:
    """What is needed to read the rows of a batch."""
    consultation = session.get_one(Consultation, batch.consultation_id)
    return Reader(
        {int(column): meant for column, meant in batch.mapping.items()},
        places.load(session, batch.consultation_id),
        list(queries.neighbourhoods(session, consultation.organisation_id)),
        batch,
        settings.max_comment_length,
        now,
    )


def remap(session: Session, batch: ImportBatch, said: Layout) -> None:
    """Keep what a clerk said about header, channel and columns; before the import only."""
    if batch.confirmed_at is not None:
        raise Refused("这批已经开始导入，不能再改列的含义。需要改时先撤回整批，再重新导入。")
    batch.header_row, batch.channel = said.header_row, said.channel
    batch.mapping = {str(column): meant for column, meant in said.mapping.items() if meant}
    rows = sa.select(sa.func.count()).select_from(ImportRow)
    batch.row_count = (
        session.connection()
        .execute(
            rows.where(col(ImportRow.batch_id) == batch.id, col(ImportRow.number) > said.header_row)
        )
        .scalar_one()
    )
    session.add(batch)
    session.flush()


def confirm(
    session: Session,
    batch: ImportBatch,
    officer: Officer,
    headings: Sequence[str],
    *,
    now: datetime,
) -> None:
    """Let the job register the rows; what the columns meant is remembered."""
    if batch.confirmed_at is not None:
        return
    if "text" not in batch.mapping.values():
        raise Refused("请至少指定一列是“意见内容”。")
    batch.confirmed_at = now
    session.add(batch)
    known = {
        row.heading: row
        for row in session.exec(
            select(ImportHeading).where(ImportHeading.organisation_id == officer.organisation_id)
        ).all()
    }
    for column, heading in enumerate(headings):
        name = columns.folded(heading)
        if name:
            row = known.setdefault(
                name,
                ImportHeading(organisation_id=officer.organisation_id, heading=name, field=""),
            )
            row.field = batch.mapping.get(str(column), "")
            session.add(row)
    session.flush()
    details = {"file": batch.file_name, "count": batch.row_count, "channel": batch.channel.value}
    audit.record(session, officer, "import.confirm", "import_batch", batch.id, details, now=now)


def register_rows(database: Database, batch_id: int, *, settings: Settings, now: datetime) -> None:
    """Register every row that waits, a chunk at a time."""
    with database.reading() as session:
        batch = session.get_one(ImportBatch, batch_id)
        consultation = session.get_one(Consultation, batch.consultation_id)
        reads = reader(session, batch, settings=settings, now=now)
        keys = _keys(session, batch, reads)
    while True:
        with database.writing() as session:
            # Holding the batch keeps a second worker out of the same rows.
            batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
            if batch.finished_at is not None or batch.undone_at is not None:
                return
            rows = _waiting(session, batch)
            if not rows:
                batch.finished_at = now
                session.add(batch)
                return
            _register_chunk(session, consultation, batch, rows, reads, keys, settings)


def undo_rows(database: Database, batch_id: int, *, now: datetime) -> None:
    """Take back what a batch registered and nobody has decided on."""
    while True:
        with database.writing() as session:
            batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
            rows = session.exec(
                select(ImportRow)
                .where(ImportRow.batch_id == batch.id, ImportRow.result == RowResult.IMPORTED)
                .order_by(col(ImportRow.number))
                .limit(UNDO_CHUNK)
            ).all()
            if not rows:
                return
            _undo_chunk(session, rows, now)


def ask_undo(session: Session, batch: ImportBatch, officer: Officer, *, now: datetime) -> None:
    """A batch is to be taken back; the job does it."""
    if batch.confirmed_at is None or batch.undone_at is not None:
        raise Refused("这批还没有导入，或者已经撤回。")
    batch.undone_at = now
    session.add(batch)
    session.flush()
    details = {"file": batch.file_name}
    audit.record(session, officer, "import.undo", "import_batch", batch.id, details, now=now)


# --- Within --------------------------------------------------------------------------------------


def _storable(cells: Sequence[str]) -> list[str]:
    """PostgreSQL keeps neither NUL nor half a character."""
    return [cell.replace("\x00", "").encode("utf-8", "replace").decode("utf-8") for cell in cells]


def _waiting(session: Session, batch: ImportBatch) -> Sequence[ImportRow]:
    query = select(ImportRow).where(
        ImportRow.batch_id == batch.id,
        ImportRow.result == RowResult.WAITING,
        ImportRow.number > batch.header_row,
    )
    return session.exec(query.order_by(col(ImportRow.number)).limit(CHUNK)).all()


def _keys(session: Session, batch: ImportBatch, reads: Reader) -> dict[int, str]:
    """Row number → content key; counted from the first row, so that a resumed job counts alike."""
    query = (
        select(ImportRow.number, ImportRow.cells)
        .where(ImportRow.batch_id == batch.id, ImportRow.number > batch.header_row)
        .order_by(col(ImportRow.number))
    )
    seen: Counter[str] = Counter()
    keys = {}
    for number, cells in session.exec(query):
        draft = reads.read(cells)
        base = columns.base_key(draft)
        keys[number] = columns.content_key(draft, 0 if draft.number else seen[base])
        seen[base] += 1
    return keys


def _register_chunk(
    session: Session,
    consultation: Consultation,
    batch: ImportBatch,
    rows: Sequence[ImportRow],
    reads: Reader,
    keys: Mapping[int, str],
    settings: Settings,
) -> None:
    wanted = [keys[row.number] for row in rows]
    known: dict[str, tuple[int | None, str]] = {
        key: (submission_id, code)
        for key, submission_id, code in session.exec(
            select(Submission.idempotency_key, Submission.id, Submission.receipt_code).where(
                Submission.consultation_id == batch.consultation_id,
                col(Submission.idempotency_key).in_(wanted),
            )
        ).all()
    }
    for row in rows:
        key = keys[row.number]
        draft = reads.read(row.cells)
        if draft.problem:
            row.result, row.reason = RowResult.REFUSED, draft.problem[:500]
        elif key in known:
            row.submission_id, code = known[key]
            row.result, row.reason = RowResult.DUPLICATE, f"已登记过，受理编号 {code}"
        else:
            submission = _register_one(session, consultation, batch, draft, key, settings, reads)
            row.submission_id = submission.id
            row.result, row.reason = RowResult.IMPORTED, draft.note[:500]
            known[key] = (submission.id, submission.receipt_code)
        session.add(row)


def _register_one(
    session: Session,
    consultation: Consultation,
    batch: ImportBatch,
    draft: RowDraft,
    key: str,
    settings: Settings,
    reads: Reader,
) -> Submission:
    assert draft.received_on is not None
    return register(
        session,
        consultation,
        draft.points,
        draft.sender,
        channel=batch.channel,
        key=key,
        is_late=rules.is_late(
            consultation,
            channel=batch.channel,
            posted_on=draft.posted_on,
            received_on=draft.received_on,
        ),
        entry=Entry(
            batch.officer_id,
            rules.received_at(draft.received_on, reads.now),
            draft.posted_on,
            str(batch.id),
        ),
        secret=settings.secret(),
        now=reads.now,
    )


def _undo_chunk(session: Session, rows: Sequence[ImportRow], now: datetime) -> None:
    ids = [row.submission_id for row in rows]
    merged: Any = sa.alias(Comment.__table__)  # type: ignore[attr-defined]
    touched = set(
        session.exec(
            select(Comment.submission_id).where(
                col(Comment.submission_id).in_(ids),
                sa.or_(
                    col(Comment.handling).in_(SETTLED),
                    sa.exists().where(merged.c.merged_into_id == col(Comment.id)),
                ),
            )
        ).all()
    )
    free = [key for key in ids if key not in touched]
    session.exec(
        update(Submission)
        .where(col(Submission.id).in_(free), col(Submission.withdrawn_at).is_(None))
        .values(withdrawn_at=now)
    )
    # The key is given back, so that the corrected list can be imported again.
    session.exec(
        update(Submission)
        .where(col(Submission.id).in_(free))
        .values(idempotency_key=sa.literal("undone-") + sa.cast(col(Submission.id), sa.String))
    )
    session.exec(
        update(Comment)
        .where(col(Comment.submission_id).in_(free))
        .values(version=Comment.version + 1)
    )
    for row in rows:
        is_kept = row.submission_id in touched
        row.result = RowResult.KEPT if is_kept else RowResult.UNDONE
        row.reason = "已经办理，没有撤回" if is_kept else ""
        session.add(row)
