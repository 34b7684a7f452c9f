"""The summary of a run in sentences, as on the page and in the terminal."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from seat_report.domain.outcome import Outcome
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.domain.totals import SeatSum
from seat_report.errors import ConfigurationError, Fault, SpreadsheetError
from seat_report.reporting import summary
from seat_report.reporting.result import MOST_ROWS, CustomerCounts, RunResult
from seat_report.workbook.tables.diff import Counts, RowChange

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
GAPS = "AvePoint did not answer for {} of 36 customers, at least in part: previous numbers {} kept and dated."
GUID = "9B2F6C1E-0000-4000-8000-000000000001"


def run_result(
    request: RunRequest | None = None, *, customers: int = 36, failed: int = 0, outcome: Outcome = Outcome.OK
) -> RunResult:
    """The result of a run."""
    counts = CustomerCounts(listed=40, queried=customers, failed=failed, skipped=40 - customers)
    return RunResult(request or RunRequest(), started=NOW, finished=NOW, outcome=outcome, customers=counts)


@pytest.mark.parametrize(
    ("run", "headline", "sentence"),
    [
        (run_result(), "Up to date", "All 36 customers answered; the report is up to date."),
        (run_result(customers=1), "Up to date", "The one customer answered; the report is up to date."),
        (run_result(customers=0), "Nothing checked", "No customers to check."),
        (
            run_result(RunRequest(customer_ids=("a", "b")), customers=2),
            "Up to date",
            "All 2 customers answered; their rows are up to date.",
        ),
        (
            run_result(failed=2, outcome=Outcome.PARTIAL),
            "Written, with gaps",
            GAPS.format(2, "are"),
        ),
        (
            run_result(outcome=Outcome.PARTIAL),
            "Written, with gaps",
            "All 36 customers answered, but something needs attention.",
        ),
        (run_result(RunRequest(dry_run=True)), "Preview, nothing written", "All 36 customers answered."),
        (
            run_result(RunRequest(dry_run=True), failed=1, outcome=Outcome.PARTIAL),
            "Preview, nothing written",
            GAPS.format(1, "would be"),
        ),
    ],
)
def test_outcome(run: RunResult, headline: str, sentence: str) -> None:
    """The outcome is a headline and a sentence that says how reliable the numbers are."""
    assert (summary.headline(run), summary.sentence(run)) == (headline, sentence)


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (SpreadsheetError("Run again later."), "Run again later."),
        (ConfigurationError(Fault("NAME", "found tea", "Give coffee")), "NAME: found tea. Give coffee."),
    ],
)
def test_failure(failure: SpreadsheetError | ConfigurationError, sentence: str) -> None:
    """A failure is described by its own message, with a full stop."""
    failed = replace(run_result(RunRequest(dry_run=True), outcome=Outcome.FAILED), failure=failure)
    assert (summary.headline(failed), summary.sentence(failed)) == ("The run failed", sentence)


@pytest.mark.parametrize(
    ("counts", "sentence", "preview"),
    [
        (Counts(), "No numbers changed.", "No numbers would change."),
        (Counts(1, 0, 0, 5), "1 row added (5 cells).", "1 row would be added (5 cells)."),
        (Counts(0, 0, 2, 0), "2 rows removed.", "2 rows would be removed."),
        (
            Counts(1200, 3, 1, 1),
            "1,200 rows added, 3 updated, 1 removed (1 cell).",
            "1,200 rows would be added, 3 updated, 1 removed (1 cell).",
        ),
    ],
)
def test_changes(counts: Counts, sentence: str, preview: str) -> None:
    """The changes are one sentence, in the indicative or, for a preview, the conditional."""
    actual = replace(run_result(), changes=counts)
    dry = replace(run_result(RunRequest(dry_run=True)), changes=counts)
    assert (summary.changes(actual), summary.changes(dry)) == (sentence, preview)


def test_changes_of_a_run_that_could_not_write() -> None:
    """Whether the last write was done is not known."""
    run = run_result(outcome=Outcome.FAILED)
    run = replace(run, failure=SpreadsheetError("Run again later."))
    assert summary.changes(run) == "No change is confirmed."


def test_attention() -> None:
    """Similar problems of a customer are one item, under its name if it has one; notices come last."""
    run = run_result()
    run = replace(run, names={GUID.lower(): "Contoso", "c-2": ""})
    run = replace(
        run,
        problems=(
            Problem(ProblemKind.DUPLICATE_CUSTOMER_ID, "Twice.", customer_id=GUID, row=9),
            Problem(ProblemKind.TIMEOUT, "First.", customer_id=GUID, row=2, tenant_type=TenantType.GOOGLE),
            Problem(ProblemKind.TIMEOUT, "Second.", customer_id=GUID, row=2, tenant_type=TenantType.SALESFORCE),
            Problem(ProblemKind.NOT_FOUND, "Who?", customer_id="c-2", row=3, tenant_type=TenantType.GOOGLE),
            Problem(ProblemKind.MANY_DISAPPEARED, "Many."),
        ),
    )
    found = [(item.kind, item.who, item.where, item.detail) for item in summary.attention(run)]
    assert found == [
        ("timeout", "Contoso", "Google, Salesforce, row 2", "First."),
        ("not-found", "c-2", "Google, row 3", "Who?"),
        ("many-disappeared", "", "", "Many."),
        ("duplicate-customer-id", "Contoso", "row 9", "Twice."),
    ]


def test_attention_per_tenant() -> None:
    """Problems of several tenants of one type are separate items, so that no item names a type twice."""
    run = run_result()
    customer = {"customer_id": "c-1", "row": 2}
    types = (TenantType.GOOGLE, TenantType.GOOGLE, TenantType.SALESFORCE)
    run = replace(
        run,
        problems=[
            Problem(ProblemKind.BAD_ANSWER, f"{number}.", tenant_type=tenant_type, **customer)  # type: ignore[arg-type] # of both kinds
            for number, tenant_type in enumerate(types)
        ],
    )
    assert [(item.where, item.detail) for item in summary.attention(run)] == [
        ("Google, Salesforce, row 2", "0."),
        ("Google, row 2", "1."),
    ]


def test_attention_with_a_long_name() -> None:
    """A name is put on one line and shortened."""
    run = run_result()
    run = replace(run, names={"c-1": "\u202eContoso\n" * 999})
    run = replace(run, problems=(Problem(ProblemKind.TIMEOUT, "Late.", customer_id="c-1"),))
    (item,) = summary.attention(run)
    assert len(item.who) == 100
    assert item.who.startswith("Contoso Contoso")
    assert item.who.endswith("…")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "less than a minute"),
        (59.9, "less than a minute"),
        (60, "about 1 minute"),
        (100, "about 2 minutes"),
        (3600, "about 60 minutes"),
    ],
)
def test_time_left(seconds: float, expected: str) -> None:
    """The time left is rough, so that the display doesn't flicker."""
    assert summary.time_left(seconds) == expected


@pytest.mark.parametrize(
    ("mean", "assigned", "available", "share"),
    [
        ("unassigned", 30, 10, 0.75),
        ("all", 30, 40, 0.75),
        ("all", 50, 40, 1.0),
        ("unassigned", 0, 0, None),
        ("all", 5, 0, None),
    ],
)
def test_totals(mean: str, assigned: int, available: int, share: float | None) -> None:
    """The assigned share of a type's seats depends on what available seats mean."""
    run = run_result()
    all_seats = available if mean == "all" else assigned + available
    run = replace(run, seats={TenantType.GOOGLE: SeatSum(1, assigned, available, all_seats, known=1, expected=1)})
    (total,) = summary.totals(run)
    assert total == summary.Total("Google", assigned, available, share)


def test_totals_say_what_they_lack() -> None:
    """A sum that lacks customers says how many; one of which nothing is known has no numbers."""
    run = run_result()
    run = replace(
        run,
        seats={
            TenantType.GOOGLE: SeatSum(3, 30, 10, 40, known=34, expected=36),
            TenantType.SALESFORCE: SeatSum(expected=36),
        },
    )
    assert list(summary.totals(run)) == [
        summary.Total("Google", 30, 10, 0.75, "incomplete, 2 of 36 missing"),
        summary.Total("Salesforce", None, None, None, "incomplete, 36 of 36 missing"),
    ]


def test_a_run_that_checked_nothing_is_never_up_to_date() -> None:
    run = run_result(customers=0, outcome=Outcome.PARTIAL)
    run = replace(
        run, problems=(Problem(ProblemKind.NOTHING_CHECKED, "Nothing was checked: the Customers tab is empty."),)
    )
    assert summary.headline(run) == "Nothing checked"
    assert summary.sentence(run) == "Nothing was checked: the Customers tab is empty."


@pytest.mark.parametrize(("dry_run", "kept"), [(True, 700), (False, MOST_ROWS)])
def test_first_changed_rows(dry_run: bool, kept: int) -> None:
    """A list shows the first rows and counts the rest, whether or not the result keeps all of them."""
    run = run_result(RunRequest(dry_run=dry_run))
    run = replace(run, changes=Counts(300, 350, 50, 0))
    run = replace(run, rows=tuple(RowChange("removed", row, {}) for row in range(kept)))
    rows, more = summary.first_changed_rows(run)
    assert (len(rows), more) == (500, 200)
