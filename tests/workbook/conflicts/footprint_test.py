"""Where a batch's content stands once all of the batch is done."""

from seat_report.workbook.conflicts.footprint import Footprint
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.batching import Step
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.sheets_api.snapshot import Cell, Tab

TAB = Tab(1, "T", 6, 4)


def trail(*built: requests.Request) -> Footprint:
    """What these requests leave."""
    return Footprint(TAB, [Step(built)])


def test_what_is_written_moves_with_rows_and_columns_that_come_and_go_after_it() -> None:
    """Just as it does in the spreadsheet; what goes with its row or column is nowhere."""
    left = trail(
        requests.update_cells(1, 1, 1, [["a", "b"], ["c", "d"], ["e", "f"]]),
        requests.insert(1, "ROWS", 2, 2, inherit_from_before=True),
        requests.delete(1, "ROWS", 1, 2),
        requests.insert(1, "COLUMNS", 2, 1, inherit_from_before=True),
        requests.delete(1, "COLUMNS", 1, 2),
    )
    assert dict(left) == {(3, 2): Cell("d"), (4, 2): Cell("f")}
    assert left.rows == [0, None, None, 2, 3, 4, 5]
    assert left.columns == [0, None, 2, 3]


def test_a_place_holds_what_was_written_there_and_nothing_else() -> None:
    """Repeated values and formulas, too; what was copied is known only as such."""
    left = trail(
        requests.repeat_cell(
            requests.grid_range(1, (1, 3), (0, 1)), {"userEnteredValue": {"numberValue": 7}}, "userEnteredValue"
        ),
        requests.update_cells(1, 1, 1, [[RowFormula("=A{row}*2")]]),
        requests.copy_formula(1, (1, 1), (2, 3)),
    )
    assert left.holds((2, 0), Cell(7))
    assert not left.holds((2, 0), Cell("7"))
    assert not left.holds((3, 0), Cell(7))
    assert left.holds((1, 1), Cell(14, "=A2*2"))
    assert not left.holds((1, 1), Cell(14))
    assert not left.holds((2, 1), Cell(14, "=A3*2"))
    assert [left.is_copied(place) for place in ((1, 1), (2, 1), (5, 3))] == [False, True, False]


def test_looks_notes_and_marks_leave_no_trail() -> None:
    """They hit no content."""
    span = requests.grid_range(1, (1, None), (0, 1))
    looks = requests.repeat_cell(span, {"userEnteredFormat": {}}, "userEnteredFormat.numberFormat")
    assert dict(trail(looks, requests.note(1, 0, 0, "n"), requests.mark_column(1, 0, "k", "v"))) == {}
