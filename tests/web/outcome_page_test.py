"""The outcome on the page of a run: which rows changed, or would change."""

from dataclasses import replace

import pytest

from seat_report.domain.scope import RunRequest
from seat_report.reporting.result import MOST_ROWS, RunResult
from seat_report.web.pages import _render_outcome
from seat_report.workbook.tables.diff import Counts, RowChange
from tests.support.clocks import NOON


def outcome_of(*, dry_run: bool, removed: int) -> str:
    """The outcome of a run that removed so many rows, or of its preview."""
    result = RunResult(RunRequest(dry_run=dry_run), started=NOON, finished=NOON)
    result = replace(result, changes=Counts(rows_removed=removed))
    rows = tuple(RowChange("removed", row, {"customer": "Contoso"}) for row in range(removed))
    result = replace(result, rows=rows if dry_run else rows[:MOST_ROWS])
    return _render_outcome(result)


@pytest.mark.parametrize(
    ("dry_run", "expected", "more"),
    [
        (True, "row would be removed", "And 7 more rows; the JSON response lists more."),
        (False, "row removed", "And 7 more rows."),
    ],
)
def test_changed_rows(dry_run: bool, expected: str, more: str) -> None:
    """A run lists its rows as its preview does, worded as done; of many it counts the rest."""
    page = outcome_of(dry_run=dry_run, removed=2)
    assert page.count("Contoso") == 1
    assert page.count(f">{expected}<") == 2
    assert " more" not in page
    long_page = outcome_of(dry_run=dry_run, removed=MOST_ROWS + 7)
    assert long_page.count(f">{expected}<") == MOST_ROWS
    assert more in long_page


def test_no_changed_rows() -> None:
    """Without changes there is no table."""
    assert "<table" not in outcome_of(dry_run=False, removed=0)
