"""Where the content that a batch writes is once the batch has been applied."""

from seat_report.workbook.conflicts.footprint import Footprint
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.batching import Step
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab

TAB = Tab(1, "T", 6, 4)


def footprint_of(*built: requests.Request) -> Footprint:
    """The footprint of these requests."""
    return Footprint(TAB, [Step(built)])


def test_written_content_moves_with_rows_and_columns_inserted_and_deleted_later() -> None:
    """As in the spreadsheet; content whose row or column is deleted leaves no trace."""
    footprint = footprint_of(
        requests.update_cells(1, 1, 1, [["a", "b"], ["c", "d"], ["e", "f"]]),
        requests.insert(1, "ROWS", 2, 2, inherit_from_before=True),
        requests.delete(1, "ROWS", 1, 2),
        requests.insert(1, "COLUMNS", 2, 1, inherit_from_before=True),
        requests.delete(1, "COLUMNS", 1, 2),
    )
    assert dict(footprint) == {(3, 2): Cell("d"), (4, 2): Cell("f")}
    assert footprint.rows == [0, None, None, 2, 3, 4, 5]
    assert footprint.columns == [0, None, 2, 3]


def test_a_cell_holds_what_was_written_there_and_nothing_else() -> None:
    """Repeated values and formulas, too; of copied cells only that they were copied is known."""
    footprint = footprint_of(
        requests.repeat_cell(
            requests.grid_range(1, (1, 3), (0, 1)), {"userEnteredValue": {"numberValue": 7}}, "userEnteredValue"
        ),
        requests.update_cells(1, 1, 1, [[RowFormula("=A{row}*2")]]),
        requests.copy_formula(1, (1, 1), (2, 3)),
    )
    assert footprint.holds((2, 0), Cell(7))
    assert not footprint.holds((2, 0), Cell("7"))
    assert not footprint.holds((3, 0), Cell(7))
    assert footprint.holds((1, 1), Cell(14, "=A2*2"))
    assert not footprint.holds((1, 1), Cell(14))
    assert not footprint.holds((2, 1), Cell(14, "=A3*2"))
    assert [footprint.is_copied(place) for place in ((1, 1), (2, 1), (5, 3))] == [False, True, False]


def test_formats_notes_and_marks_leave_no_footprint() -> None:
    """They don't change content."""
    span = requests.grid_range(1, (1, None), (0, 1))
    formats = requests.repeat_cell(span, {"userEnteredFormat": {}}, "userEnteredFormat.numberFormat")
    assert dict(footprint_of(formats, requests.note(1, 0, 0, "n"), requests.mark_column(1, 0, "k", "v"))) == {}
