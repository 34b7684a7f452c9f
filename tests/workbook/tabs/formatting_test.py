"""The formatting of table tabs: headers over their columns, widths, and names that stay in sight."""

import textwrap
from collections.abc import Sequence
from typing import Any

import pytest

from seat_report.domain import TenantType
from seat_report.workbook.sheets_api.snapshot import Block, Cell, Tab
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tabs import billing, by_customer, not_listed, runs, seat_report
from seat_report.workbook.tabs.formatting import table_formatting
from seat_report.workbook.tabs.history_columns import FIXED

TABLES = {
    "Seat Report": seat_report.COLUMNS,
    "By Customer": by_customer.columns(Tab(1, "By Customer", 2, 26), tuple(TenantType)),
    "Billing": billing.COLUMNS,
    "History": FIXED,
    "Not Listed": not_listed.COLUMNS,
    "Runs": runs.COLUMNS,
}
# The width of a laptop's screen, less that of the row numbers.
SCREEN = 1366 - 55
# The widest letter of a bold header takes no more pixels on average.
LETTER = 7.5
FILTER_BUTTON = 24


def formatted(columns: Sequence[Column], *, merges: tuple[Block, ...] = (), width: int = 40) -> list[dict[str, Any]]:
    """The requests that format a new tab with these columns."""
    header = [Cell(column.header) for column in columns]
    tab = Tab(1, "T", 10, width, frozen_rows=1, rows=[header], merges=merges)
    return list(table_formatting(ObservedTable(columns, tab), 1))


def widths(requests: list[dict[str, Any]]) -> list[int]:
    """The width of each column."""
    updates = [one["updateDimensionProperties"] for one in requests if "updateDimensionProperties" in one]
    found = {one["range"]["startIndex"]: one["properties"]["pixelSize"] for one in updates}
    return [found[index] for index in sorted(found)]


def header_formats(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The format of each column's header."""
    repeats = [one["repeatCell"] for one in requests if "repeatCell" in one]
    headers = [one for one in repeats if one["range"].get("startRowIndex", 0) == 0]
    return [one["cell"]["userEnteredFormat"] for one in headers]


def freezes_columns(requests: list[dict[str, Any]]) -> bool:
    return any(
        "frozenColumnCount" in one["updateSheetProperties"]["fields"]
        for one in requests
        if "updateSheetProperties" in one
    )


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_headers_are_aligned_with_what_is_below(columns: Sequence[Column]) -> None:
    """Numbers and times are on the right, and so are their headers, beside the filter's button."""
    for column, look in zip(columns, header_formats(formatted(columns)), strict=True):
        assert look["horizontalAlignment"] == ("LEFT" if column.kind is Kind.TEXT else "RIGHT")
        assert (look.get("padding", {}).get("right") == FILTER_BUTTON) == (column.kind is not Kind.TEXT)


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_no_word_of_a_header_is_wider_than_its_column(columns: Sequence[Column]) -> None:
    """The filter's button counts: it covers what is below it."""
    for column, width in zip(columns, widths(formatted(columns)), strict=True):
        assert max(map(len, column.header.split())) * LETTER + FILTER_BUTTON <= width + 4, column.header


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_headers_have_two_lines_at_most(columns: Sequence[Column]) -> None:
    """More would take the room of rows."""
    for column, width in zip(columns, widths(formatted(columns)), strict=True):
        wrapped = textwrap.wrap(column.header, int((width - FILTER_BUTTON) / LETTER))
        assert len(wrapped) <= 2, column.header


@pytest.mark.parametrize("title", ["Seat Report", "By Customer", "Billing"])
def test_the_verdict_on_a_row_is_in_the_first_screen(title: str) -> None:
    columns = TABLES[title]
    verdict = next(index for index, column in enumerate(columns) if column.name in ("status", "finding"))
    assert sum(widths(formatted(columns))[: verdict + 1]) <= SCREEN


@pytest.mark.parametrize("title", ["Seat Report", "By Customer", "Billing", "History", "Not Listed"])
def test_names_come_first_and_stay_in_sight(title: str) -> None:
    """IDs are last, but for the months of the History tab, which are added behind them."""
    columns = TABLES[title]
    assert columns[0].name == "customer"
    ids = [column.name.endswith("_id") for column in columns]
    assert ids == sorted(ids)
    assert freezes_columns(formatted(columns))


def test_names_are_not_frozen_where_that_would_be_refused() -> None:
    """With cells merged across the line, or in a tab that has no other column."""
    columns = TABLES["Seat Report"]
    assert not freezes_columns(formatted(columns, merges=(Block(1, 5, 6, 0, 3),)))
    assert not freezes_columns(formatted(columns[:1], width=1))


def test_ids_do_not_go_on_in_blank_cells_beside_them() -> None:
    columns = TABLES["History"]
    repeats = [one["repeatCell"] for one in formatted(columns) if "repeatCell" in one]
    clipped = [one["range"]["startColumnIndex"] for one in repeats if one["fields"].endswith("wrapStrategy")]
    assert [columns[index].name for index in clipped] == ["customer_id", "tenant_id"]
