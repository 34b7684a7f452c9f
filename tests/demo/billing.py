"""What finance bills in the demo: most of it right, some too little or too much, one customer nothing at all."""

from typing import Any

from tests.demo.stage import SheetsApi, Stage

_TITLE = "Billing"
_BILLED, _PRICE = "Billed seats", "Unit price"
# By row, from the first: how the billed number differs from the seats; the others are right.
_DIFFERENCES = {0: -12, 3: 25, 6: -3, 7: 8}
_NOT_BILLED, _ASKED = 2, 5
_PRICES = {"Microsoft 365": 4.5, "Salesforce": 6, "Google": 3.75, "Dynamics 365": 7}


def enter_billed_numbers(stage: Stage) -> None:
    """Fill in people's columns of the Billing tab, by the seats that it shows for the month that has ended."""
    api = SheetsApi(stage.sheets.url)
    try:
        header, *rows = api.read(stage.spreadsheet_id, _TITLE)
        values = [[_BILLED, _PRICE], *(_entered(place, dict(zip(header, row))) for place, row in enumerate(rows))]  # noqa: B905 # rows end with their content
        first = header.index(_BILLED)
        api.write(stage.spreadsheet_id, f"{_TITLE}!{chr(ord('A') + first)}1", values)
    finally:
        api.close()


def _entered(place: int, row: dict[str, Any]) -> list[Any]:
    if place == _NOT_BILLED:
        return [None, None]
    price = _PRICES[row["Tenant type"]]
    if place == _ASKED:
        return ["asked on Monday", price]
    seats = row["This month"] if row["This month"] != "" else 0
    return [max(seats + _DIFFERENCES.get(place, 0), 0), price]
