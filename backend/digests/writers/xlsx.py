"""Workbooks by xlsxwriter: strings are written as strings, never as formulas or links."""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from backend.digests.sheets import Cell, Sheet, SheetChart
from backend.digests.writers.safe import visible
from backend.kit.clock import local

CELL_LIMIT = 32_000  # Excel holds 32,767 characters in a cell and drops a longer one whole.
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,
}
LINE_HEIGHT, HEIGHT_LIMIT = 14.25, 409
ROWS_A_PAGE = 56  # of 20 pixels, on A4: no chart is cut in two
COLOURS = ("#1F5FAE", "#A9A69F", "#C23A2B", "#2F7D5B")
STACK_COLOURS = ("#2F7D5B", "#C9C5BB", "#C23A2B")


def write_xlsx(sheets: Sequence[Sheet], *, title: str, author: str, made_at: datetime) -> bytes:
    """The workbook, the same bytes for the same sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    made = local(made_at).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": visible(title), "author": visible(author), "created": made})
    formats = sheet_formats(book)
    gallery = None
    for number, sheet in enumerate(sheets):
        if number == 1 and any(s.chart for s in sheets):
            gallery = book.add_worksheet("图表")
        _write_sheet(book, sheet, formats)
    if gallery is not None:
        _hang_charts(book, gallery, sheets)
    book.close()
    return out.getvalue()


def sheet_formats(book: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"font_name": "宋体", "font_size": 10.5, "valign": "top"}
    ruled = base | {"bottom": 1, "bottom_color": "#D9D6CF", "indent": 1}
    head = base | {"font_name": "黑体", "bold": True, "bg_color": "#F4F1EA", "text_wrap": True}
    return {
        "head": book.add_format(head | {"border": 1, "border_color": "#77767A", "align": "center"}),
        "plain": book.add_format(base | {"text_wrap": True}),
        "text": book.add_format(ruled | {"text_wrap": True, "align": "left"}),
        "number": book.add_format(ruled | {"num_format": "#,##0", "align": "right"}),
    }


def _write_sheet(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(sheet.name)
    begin_sheet(page, sheet, formats)
    widths = [int(column.width) for column in sheet.columns]
    write_rows(page, sheet.rows, formats, widths)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)


def begin_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    """Headings, widths, and how the sheet prints."""
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width, formats["plain"])
        page.write_string(0, number, column.title, formats["head"])
    page.freeze_panes(1, 1)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")


def write_rows(
    page: Any, rows: Iterable[Sequence[Cell]], formats: dict[str, Any], widths: Sequence[int]
) -> int:
    """Values by their type; rows as high as their longest text; gives how many there were."""
    text, number = formats["text"], formats["number"]
    line = 0
    for line, row in enumerate(rows, start=1):
        texts = ((n, v) for n, v in enumerate(row) if isinstance(v, str))
        lines = max((_lines(value, widths[n]) for n, value in texts), default=1)
        if lines > 1:
            page.set_row(line, min(LINE_HEIGHT * lines + 2, HEIGHT_LIMIT))
        for place, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(line, place, _fit(value), text)
            else:
                page.write_number(line, place, value, number)
    return line


def _lines(value: str, width: int) -> int:
    """How many lines a text takes in a column; a Han character is two wide."""
    if len(value) * 2 <= width and "\n" not in value:
        return 1
    return sum(1 + _span(part) // max(width - 1, 2) for part in value.split("\n"))


def _span(part: str) -> int:
    return len(part.encode("gb18030", "replace"))


def _fit(value: str) -> str:
    value = visible(value)
    return value if len(value) <= CELL_LIMIT else value[:CELL_LIMIT] + "……（全文见 JSON 文件）"


def _hang_charts(book: Any, page: Any, sheets: Sequence[Sheet]) -> None:
    """All charts on one sheet, under one another, drawn from the other sheets' cells."""
    page.hide_gridlines(2)
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    line, top, breaks = 0, 0, []
    for sheet in sheets:
        if sheet.chart and sheet.chart.rows:
            chart, height = _chart(book, sheet, sheet.chart)
            rows = height // 20 + 2
            if line + rows - top > ROWS_A_PAGE and line > top:
                breaks.append(line)
                top = line
            page.insert_chart(line, 0, chart, {"description": sheet.chart.title})
            line += rows
    page.set_h_pagebreaks(breaks)


def _chart(book: Any, sheet: Sheet, plan: SheetChart) -> tuple[Any, int]:
    kinds = {
        "bar": {"type": "bar"},
        "column": {"type": "column"},
        "stacked": {"type": "bar", "subtype": "stacked"},
    }
    chart = book.add_chart(kinds[plan.kind])
    colours = STACK_COLOURS if plan.kind == "stacked" else COLOURS
    for number, column in enumerate(plan.value_columns):
        chart.add_series(
            {
                "name": [sheet.name, 0, column],
                "categories": [sheet.name, 1, plan.label_column, plan.rows, plan.label_column],
                "values": [sheet.name, 1, column, plan.rows, column],
                "fill": {"color": colours[number]},
                "gap": 60,
                "data_labels": {"value": plan.kind == "bar"},
            }
        )
    chart.set_title({"name": plan.title, "name_font": {"size": 12, "name": "黑体"}})
    chart.set_legend({"none": True} if len(plan.value_columns) == 1 else {"position": "bottom"})
    if plan.kind == "column":
        chart.set_x_axis({"interval_unit": max(1, plan.rows // 10)})
        chart.set_y_axis({"major_gridlines": {"visible": True, "line": {"color": "#D9D6CF"}}})
    else:
        chart.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
        chart.set_x_axis({"visible": False, "major_gridlines": {"visible": False}})
    height = 320 if plan.kind == "column" else max(200, 90 + 28 * plan.rows)
    chart.set_size({"width": 636, "height": height})
    return chart, height
