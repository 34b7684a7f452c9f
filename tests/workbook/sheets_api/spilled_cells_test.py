"""Cells that a formula elsewhere fills are told from constants by what the API says was entered."""

import json
from typing import Any

from seat_report.workbook.sheets_api.snapshot import Cell
from seat_report.workbook.sheets_api.snapshot_parsing import parse

SPILLED = {"effectiveValue": {"numberValue": 1}}
ENTERED = {"effectiveValue": {"numberValue": 1}, "userEnteredValue": {}}
FORMULA = {"effectiveValue": {"numberValue": 1}, "userEnteredValue": {"formulaValue": "={1;1}"}}


def row_of(*cells: dict[str, Any]) -> list[Cell]:
    """The cells parsed from a row of cell resources."""
    sheet = {"properties": {"title": "One"}, "data": [{"rowData": [{"values": cells}]}]}
    (row,) = parse([json.dumps({"properties": {}, "sheets": [sheet]}).encode()], "key").tabs["One"].rows
    return row


def test_what_a_formula_elsewhere_fills_in_is_told_from_what_was_entered() -> None:
    """Such a cell has a value, but nothing that was entered."""
    constant, spilled, with_note, formula, blank = row_of(
        ENTERED, SPILLED, {**SPILLED, "note": "x"}, FORMULA, {"note": "x"}
    )
    assert [constant.is_spilled, spilled.is_spilled, with_note.is_spilled] == [False, True, True]
    assert not formula.is_spilled
    assert not blank.is_spilled
    assert [cell.is_entered for cell in (constant, spilled, formula, blank)] == [True, False, True, False]
    assert spilled.text == "1"


def test_without_any_sign_of_what_was_entered_all_values_count_as_entered() -> None:
    """If the API left out what the mask selects nothing of, every constant would look as if a formula filled it in."""
    first, _, last = row_of(SPILLED, FORMULA, {**SPILLED, "note": "x"})
    assert not first.is_spilled
    assert not last.is_spilled
