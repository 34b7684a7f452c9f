"""Formatting requests that Google refuses cost themselves, not the others."""

from collections.abc import Sequence
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from seat_report.errors import ConfigurationError, Fault, SpreadsheetError
from seat_report.workbook.apply import MOST_REFUSALS, apply_formatting
from seat_report.workbook.sheets_api import Request, RequestRefusedError, Spreadsheet, WriteUncertainError


class PickySpreadsheet:
    """Applies a batch whole, unless it holds one of the refused requests: then nothing of it, as Google does."""

    def __init__(self, *refused: Request, error: Exception | None = None) -> None:
        self.applied: list[Request] = []
        self.writes = 0
        self._refused = refused
        self._error = error

    def write(self, batch: Sequence[Request]) -> None:
        """Apply the batch, or refuse its first refused request in Google's words."""
        self.writes += 1
        if self._error is not None:
            raise self._error
        for index, request in enumerate(batch):
            if request in self._refused:
                raise RequestRefusedError(
                    f"Google Sheets refused with 400: Invalid requests[{index}].addChart: no {index}"
                )
        self.applied.extend(batch)


def formatting(count: int) -> list[Request]:
    """Requests that differ from each other."""
    return [{"addChart": {"number": number}} for number in range(count)]


def applied_with(spreadsheet: PickySpreadsheet, batch: list[Request]) -> list[str]:
    """The warnings."""
    return apply_formatting(cast("Spreadsheet", spreadsheet), batch)


@given(count=st.integers(0, 20), refused=st.sets(st.integers(0, 19), max_size=MOST_REFUSALS))
def test_every_other_request_is_applied_once(count: int, refused: set[int]) -> None:
    """Whichever are refused, each is warned of once and all others are applied once, in order."""
    batch = formatting(count)
    spreadsheet = PickySpreadsheet(*(request for index, request in enumerate(batch) if index in refused))
    warnings = applied_with(spreadsheet, batch)
    assert spreadsheet.applied == [request for index, request in enumerate(batch) if index not in refused]
    assert len(warnings) == len([index for index in refused if index < count])
    assert all("addChart" in warning and "no " in warning for warning in warnings)


def test_too_many_refusals_of_a_kind_are_given_up() -> None:
    """The number of writes is bounded, the last warning says that the rest was not applied, and other kinds are."""
    batch = formatting(MOST_REFUSALS + 5)
    spreadsheet = PickySpreadsheet(*batch)
    record: Request = {"createDeveloperMetadata": {}}
    warnings = applied_with(spreadsheet, [*batch, record])
    assert spreadsheet.writes == MOST_REFUSALS + 2
    assert spreadsheet.applied == [record]
    assert "formatting could not be applied" in warnings[-1]


def test_other_failures_are_one_warning() -> None:
    """A write whose fate is unknown is not sent again, and what an operator must mend is said, not raised."""
    fault = ConfigurationError(Fault("SPREADSHEET_ID", "somebody has protected cells", "Ask its owner"))
    for error in (WriteUncertainError("timeout"), SpreadsheetError("away"), fault, RequestRefusedError("400: no")):
        spreadsheet = PickySpreadsheet(error=error)
        assert applied_with(spreadsheet, formatting(3)) == [
            f"The numbers are written, but formatting could not be applied: {error}"
        ]
        assert spreadsheet.writes == 1
