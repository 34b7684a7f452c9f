"""Cells and tabs of a snapshot, as they are read."""

import pytest

from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, Snapshot, Tab, Value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        ("  x\u00a0\n", "x"),
        (3, "3"),
        (3.0, "3"),
        (-0.0, "0"),
        (2.5, "2.5"),
        (1e21, "1000000000000000000000"),
        (float("nan"), "nan"),
        (True, "True"),
        (False, "False"),
    ],
)
def test_text_of_a_cell(value: Value, text: str) -> None:
    """The text of a cell is trimmed, and an integer has no decimal point."""
    assert Cell(value).text == text


@pytest.mark.parametrize(
    ("cell", "blank"),
    [
        (BLANK, True),
        (Cell(""), True),
        (Cell(None, None, "a word"), True),
        (Cell(" "), False),
        (Cell(0), False),
        (Cell(value=False), False),
        (Cell(None, "=A1"), False),
        (Cell("", "=A1"), False),
    ],
)
def test_is_blank(cell: Cell, blank: bool) -> None:
    """Only no value is blank: not zero, not FALSE, not a formula that shows nothing."""
    assert cell.is_blank is blank


def test_size() -> None:
    """The size is that of all tabs' grids, whether they have content or not."""
    tabs = {"A": Tab(0, "A", 1000, 26), "B": Tab(1, "B", 2, 3)}
    assert Snapshot("", "", "", tabs).size == "2 tabs, 1,002 rows, 26,006 cells"
