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
COLOURS = ("#1F5FAE", "#A9A69F", "#C23A2B", "#2F7D5B")
STACK_COLOURS = ("#2F7D5B", "#C9C5BB", "#C23A2B")


def write_xlsx(sheets: Sequence[Sheet], *, title: str, author: str, made_at: datetime) -> bytes:
    """The workbook, the same bytes for the same sheets."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    made = local(made_at).replace(tzinfo=None, microsecond=0)
    book.set_properties({"title": visible(title), "author": visible(author), "created": made})
    formats = _formats(book)
    for sheet in sheets:
        _write_sheet(book, sheet, formats)
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base = {"font_name": "宋体", "font_size": 10.5, "valign": "top"}
    head = base | {"font_name": "黑体", "bold": True, "bg_color": "#F4F1EA", "text_wrap": True}
    return {
        "head": book.add_format(head | {"border": 1, "border_color": "#77767A", "align": "center"}),
        "text": book.add_format(base | {"text_wrap": True}),
        "number": book.add_format(base | {"num_format": "#,##0", "align": "right"}),
    }


def _write_sheet(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    page = book.add_worksheet(sheet.name)
    begin_sheet(page, sheet, formats)
    write_rows(page, sheet.rows, formats)
    page.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.columns) - 1)
    if sheet.chart and sheet.chart.rows:
        _add_chart(book, page, sheet, sheet.chart)


def begin_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    """Headings, widths, and how the sheet prints."""
    for number, column in enumerate(sheet.columns):
        page.set_column(number, number, column.width, formats["text"])
        page.write_string(0, number, column.title, formats["head"])
    page.freeze_panes(1, 1)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_footer("&C第 &P 页，共 &N 页")


def write_rows(page: Any, rows: Iterable[Sequence[Cell]], formats: dict[str, Any]) -> None:
    text, number = formats["text"], formats["number"]
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                page.write_string(line, place, _fit(value), text)
            else:
                page.write_number(line, place, value, number)


def _fit(value: str) -> str:
    value = visible(value)
    return value if len(value) <= CELL_LIMIT else value[:CELL_LIMIT] + "……（全文见 JSON 文件）"


def _add_chart(book: Any, page: Any, sheet: Sheet, plan: SheetChart) -> None:
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
    if plan.kind != "column":
        chart.set_y_axis({"reverse": True, "major_gridlines": {"visible": False}})
    chart.set_x_axis({"major_gridlines": {"visible": False}})
    height = 320 if plan.kind == "column" else max(260, 60 + 26 * plan.rows)
    chart.set_size({"width": 720, "height": height})
    page.insert_chart(1, len(sheet.columns) + 1, chart, {"description": plan.title})
