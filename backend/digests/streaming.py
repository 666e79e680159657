"""The full list of comments as CSV or workbook in bounded memory, however many there are."""

from collections.abc import Iterator
from pathlib import Path

import xlsxwriter
from sqlmodel import Session

from backend.digests import queries
from backend.digests.compiling import row_of
from backend.digests.filters import Filter
from backend.digests.sheets import Cell, row_cells, row_sheet
from backend.digests.writers.plain import stream_csv
from backend.digests.writers.xlsx import OPTIONS, begin_sheet, sheet_formats, write_rows
from backend.models import Consultation


def stream_rows(
    session: Session, consultation: Consultation, chosen: Filter
) -> Iterator[tuple[Cell, ...]]:
    """The cells of one comment after another, in the columns of the list sheet."""
    for frame in queries.stream_frames(session, consultation, chosen):
        for voice in frame.voices:
            yield tuple(row_cells(row_of(voice, frame)))


def csv_of_all(session: Session, consultation: Consultation, chosen: Filter) -> Iterator[bytes]:
    """CSV, piece by piece."""
    heads = [column.title for column in row_sheet(()).columns]
    return stream_csv(heads, stream_rows(session, consultation, chosen))


def xlsx_of_all(session: Session, consultation: Consultation, chosen: Filter, path: Path) -> None:
    """A workbook written row by row to a file."""
    sheet = row_sheet(())
    options = OPTIONS | {"in_memory": False, "constant_memory": True}
    book = xlsxwriter.Workbook(str(path), options)
    formats = sheet_formats(book)
    page = book.add_worksheet(sheet.name)
    begin_sheet(page, sheet, formats)
    widths = [int(column.width) for column in sheet.columns]
    count = write_rows(page, stream_rows(session, consultation, chosen), formats, widths)
    page.autofilter(0, 0, max(count, 1), len(sheet.columns) - 1)
    book.close()
