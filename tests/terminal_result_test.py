"""The result at a terminal: it fits, and no word of it is broken."""

import io

from rich.console import Console

from seat_report.__main__ import _print_result
from seat_report.domain import Outcome, Problem, ProblemKind, RunRequest
from seat_report.reporting import RunResult
from seat_report.workbook.tables.diff import RowChange
from tests.support.clocks import NOON

URL = "https://docs.google.com/spreadsheets/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789abcdefgh/edit"
WIDTH = 60


def printed(*, show_all: bool = False, count: int = 12) -> str:
    """What a preview with so many issues and removed rows prints on a narrow screen."""
    problems = tuple(
        Problem(
            ProblemKind.TIMEOUT, "AvePoint did not answer within thirty seconds, nor when it was asked again.", f"c-{n}"
        )
        for n in range(count)
    )
    rows = tuple(RowChange("removed", n, {"customer": f"Customer number {n}"}) for n in range(count))
    result = RunResult(
        RunRequest(dry_run=True), NOON, NOON, outcome=Outcome.PARTIAL, problems=problems, rows=rows, spreadsheet_url=URL
    )
    screen = io.StringIO()
    _print_result(result, Console(file=screen, width=WIDTH, markup=False, highlight=False), show_all=show_all)
    return screen.getvalue()


def test_lines_end_between_words() -> None:
    """Only the address may be longer than the screen, so that it can be clicked."""
    lines = printed().splitlines()
    assert [line for line in lines if len(line.rstrip()) > WIDTH] == [URL]
    assert any(line.rstrip().endswith("nor when it") or "thirty seconds," in line for line in lines)


def test_the_first_of_many_are_shown_and_the_rest_counted() -> None:
    """The outcome comes first."""
    text = printed()
    assert text.startswith("Preview, nothing written\n")
    assert (text.count("• timeout"), text.count("removed")) == (10, 10)
    assert text.count("  and 2 more: --all shows them") == 2


def test_all_are_shown_on_request() -> None:
    """With `--all`."""
    text = printed(show_all=True)
    assert (text.count("• timeout"), text.count("removed")) == (12, 12)
    assert "more" not in text
