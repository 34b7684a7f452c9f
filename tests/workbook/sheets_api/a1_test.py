"""Columns as the spreadsheet names them."""

import pytest

from seat_report.workbook.sheets_api.a1 import column_letters


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_column_letters(index: int, letters: str) -> None:
    """Columns have the letters that the spreadsheet shows."""
    assert column_letters(index) == letters
