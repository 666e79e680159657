"""Reads for the pages of a list: its columns, a preview, how far it has come, what went wrong."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import xlsxwriter
from sqlmodel import Session, col, func, select

from backend.models import ImportBatch, ImportRow, Officer, RowResult, Submission
from backend.registry.columns import RowDraft
from backend.registry.importing import Reader
from backend.web.errors import NotFound

PREVIEW = 10
SHOWN_RESULTS = 100
LONGEST_CELL = 32_767
REASON_HEADING = "没有登记的原因"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One of the first rows, as it would be registered."""

    number: int
    draft: RowDraft


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: the first rows, and how many of all would not be registered."""

    headings: Sequence[str]
    samples: Sequence[str]
    rows: Sequence[PreviewRow]
    problems: Sequence[PreviewRow]
    good_count: int
    bad_count: int
    point_count: int


@dataclass(frozen=True, slots=True)
class Listed:
    """One list on the page of lists."""

    batch: ImportBatch
    by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row with what became of it."""

    number: int
    result: RowResult
    reason: str
    submission_id: int | None
    receipt_code: str | None


def find(session: Session, consultation_id: int, batch_id: int) -> ImportBatch:
    batch = session.get(ImportBatch, batch_id)
    if batch is None or batch.consultation_id != consultation_id:
        raise NotFound("没有这批导入。")
    return batch


def lists(session: Session, consultation_id: int) -> list[Listed]:
    """Every list of a consultation, newest first."""
    query = (
        select(ImportBatch, Officer.display_name)
        .join(Officer, col(Officer.id) == ImportBatch.officer_id)
        .where(ImportBatch.consultation_id == consultation_id)
        .order_by(col(ImportBatch.id).desc())
        .limit(50)
    )
    return [Listed(batch, name) for batch, name in session.exec(query).all()]


def headings(session: Session, batch: ImportBatch) -> list[str]:
    """The cells of the header line."""
    query = select(ImportRow.cells).where(
        ImportRow.batch_id == batch.id, ImportRow.number == batch.header_row
    )
    return list(session.exec(query).first() or [])


def lines_above(session: Session, batch: ImportBatch) -> list[tuple[int, str]]:
    """The first lines of the file, to choose the header from."""
    query = select(ImportRow.number, ImportRow.cells).where(ImportRow.batch_id == batch.id)
    rows = session.exec(query.order_by(col(ImportRow.number)).limit(PREVIEW)).all()
    return [(number, "｜".join(cell for cell in cells if cell)) for number, cells in rows]


def preview(session: Session, batch: ImportBatch, reads: Reader) -> Preview:
    """Every row read under the mapping; nothing is registered."""
    first: list[PreviewRow] = []
    bad: list[PreviewRow] = []
    good_count = bad_count = point_count = 0
    samples: list[str] = []
    for number, cells in rows_below(session, batch):
        draft = reads.read(cells)
        samples = samples or list(cells)
        if len(first) < PREVIEW:
            first.append(PreviewRow(number, draft))
        if draft.problem:
            bad_count += 1
            if len(bad) < PREVIEW:
                bad.append(PreviewRow(number, draft))
        else:
            good_count += 1
            point_count += len(draft.points)
    heads = headings(session, batch)
    width = max(len(heads), len(samples))
    heads += [""] * (width - len(heads))
    samples += [""] * (width - len(samples))
    return Preview(heads, samples, first, bad, good_count, bad_count, point_count)


def rows_below(session: Session, batch: ImportBatch) -> Iterator[tuple[int, list[str]]]:
    query = (
        select(ImportRow.number, ImportRow.cells)
        .where(ImportRow.batch_id == batch.id, ImportRow.number > batch.header_row)
        .order_by(col(ImportRow.number))
    )
    for number, cells in session.exec(query.execution_options(yield_per=1000)):
        yield number, list(cells)


def tally(session: Session, batch: ImportBatch) -> dict[RowResult, int]:
    """How many rows ended each way."""
    query = (
        select(ImportRow.result, func.count())
        .where(ImportRow.batch_id == batch.id, ImportRow.number > batch.header_row)
        .group_by(col(ImportRow.result))
    )
    found = dict(session.exec(query).all())
    return {result: found.get(result, 0) for result in RowResult}


def outcomes(session: Session, batch: ImportBatch) -> list[Outcome]:
    """What became of the rows; refused ones first, so that they are seen."""
    order = {RowResult.REFUSED: 0, RowResult.KEPT: 1, RowResult.DUPLICATE: 2}
    found: list[Outcome] = []
    for result in sorted(RowResult, key=lambda one: order.get(one, 3)):
        query = (
            select(ImportRow, Submission.receipt_code)
            .join(Submission, col(Submission.id) == ImportRow.submission_id, isouter=True)
            .where(
                ImportRow.batch_id == batch.id,
                ImportRow.number > batch.header_row,
                ImportRow.result == result,
            )
            .order_by(col(ImportRow.number))
            .limit(SHOWN_RESULTS - len(found))
        )
        if len(found) < SHOWN_RESULTS:
            found += [
                Outcome(row.number, row.result, row.reason, row.submission_id, code)
                for row, code in session.exec(query).all()
            ]
    return found


def refused_workbook(session: Session, batch: ImportBatch) -> bytes:
    """The refused rows as they were, with the reason beside them, to correct and import again."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("没有登记的行")
    heads = [head for head in headings(session, batch) if head != REASON_HEADING]
    for column, head in enumerate([*heads, REASON_HEADING]):
        sheet.write_string(0, column, head[:LONGEST_CELL])
    query = (
        select(ImportRow.cells, ImportRow.reason)
        .where(ImportRow.batch_id == batch.id, ImportRow.result == RowResult.REFUSED)
        .order_by(col(ImportRow.number))
    )
    for line, (cells, reason) in enumerate(session.exec(query).all(), start=1):
        # A string is written as a string: no cell of ours is ever a formula.
        for column, cell in enumerate(cells[: len(heads)]):
            sheet.write_string(line, column, cell[:LONGEST_CELL])
        sheet.write_string(line, len(heads), reason)
    book.close()
    return target.getvalue()
