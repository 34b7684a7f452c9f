"""JSON responses: a run's result in the members that callers rely on, and errors as problem details (RFC 9457)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any

import pytest
from flask import Response

from seat_report.avepoint.client import AvePointUnavailableError
from seat_report.domain.outcome import Outcome
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.domain.totals import SeatSum
from seat_report.errors import AvePointError, ConfigurationError, Fault, RunError, RunUnderWayError, SpreadsheetError
from seat_report.health import Check, StaleError
from seat_report.monitored_run import UnexpectedError
from seat_report.reporting import run_as_json
from seat_report.reporting.result import CustomerCounts, RunResult
from seat_report.web.responses import (
    ProblemDetails,
    health_response,
    json_response,
    problem_of,
    problem_response,
    run_response,
    under_way_response,
)
from seat_report.workbook.sheets_api.snapshot import Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.diff import CellChange, Counts, RowChange

STARTED = datetime(2026, 11, 23, 7, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
FAULT = Fault("HISTORY_MONTHS", "found 'x'; expected a number", "See the README")


def run_result(
    failure: RunError | None = None, *, dry_run: bool = False, rows: tuple[RowChange, ...] = ()
) -> RunResult:
    """The result of a run with this failure, or of a partial one, with every member filled in."""
    return RunResult(
        RunRequest(dry_run=dry_run),
        started=STARTED,
        finished=STARTED + timedelta(seconds=61),
        run_id="r-1",
        outcome=Outcome.FAILED if failure else Outcome.PARTIAL,
        failure=failure,
        duration_seconds=61.25,
        customers=CustomerCounts(listed=5, queried=4, failed=1, skipped=1),
        tenants=7,
        seats={
            TenantType.GOOGLE: SeatSum(2, 10, 3, 13, known=1, expected=2),
            TenantType.SALESFORCE: SeatSum(expected=1),
        },
        changes=Counts(rows_added=1, rows_updated=2, rows_removed=3, cells_changed=9),
        rows=rows,
        problems=(
            Problem(ProblemKind.TIMEOUT, "No answer came.", customer_id="c-1", row=2, tenant_type=TenantType.GOOGLE),
            Problem(ProblemKind.BLANK_CUSTOMER_ID, "Fill it in.", row=3),
        ),
        warnings=("The secret ends soon.",),
        contract="users",
        requests=20,
        retries=4,
        spreadsheet_url="https://docs.google.com/spreadsheets/d/abc/edit",
    )


EXPECTED_BODY = {
    "run_id": "r-1",
    "outcome": "partial",
    "dry_run": False,
    "started_at": "2026-11-23T06:00:00Z",
    "finished_at": "2026-11-23T06:01:01Z",
    "duration_seconds": 61.25,
    "customers": {"listed": 5, "queried": 4, "failed": 1, "skipped": 1},
    "tenants": 7,
    "seats": {
        "google": {"assigned": 10, "available": 3, "complete": False, "known": 1, "expected": 2},
        "salesforce": {"assigned": None, "available": None, "complete": False, "known": 0, "expected": 1},
    },
    "changes": {"rows_added": 1, "rows_updated": 2, "rows_removed": 3, "cells_changed": 9},
    "problems": [
        {"customer_id": "c-1", "row": 2, "tenant_type": "google", "problem": "timeout", "detail": "No answer came."},
        {"customer_id": None, "row": 3, "tenant_type": None, "problem": "blank-customer-id", "detail": "Fill it in."},
    ],
    "warnings": ["The secret ends soon."],
    "avepoint": {"contract": "users", "requests": 20, "retries": 4},
    "spreadsheet_url": "https://docs.google.com/spreadsheets/d/abc/edit",
}


def body_of(response: Response) -> Any:
    """The decoded JSON body."""
    return json.loads(response.get_data().decode("utf-8"))


def test_completed_run() -> None:
    """A completed run, even a partial one, is 200 with exactly the promised members."""
    response = run_response(run_result())
    assert response.status_code == HTTPStatus.OK
    assert response.content_type == "application/json; charset=utf-8"
    assert body_of(response) == EXPECTED_BODY


def test_failed_run() -> None:
    """A failed run is problem details that include how far it got; `status` is the HTTP status."""
    response = run_response(run_result(AvePointError("Nobody was answered.")))
    assert response.content_type == "application/problem+json"
    assert body_of(response) == {
        **EXPECTED_BODY,
        "outcome": "failed",
        "type": "about:blank",
        "title": "AvePoint answered for no customer",
        "status": 502,
        "detail": "Nobody was answered.",
    }


def test_run_that_failed_early() -> None:
    """A run that failed before anything was known still has every member."""
    body = run_as_json(RunResult(RunRequest(), STARTED, STARTED))
    assert body.keys() == EXPECTED_BODY.keys()
    assert body["run_id"]
    assert (body["outcome"], body["problems"], body["seats"]) == ("failed", [], {})
    assert body["avepoint"] == {"contract": None, "requests": 0, "retries": 0}


class SpecialSpreadsheetError(SpreadsheetError):
    """A subclass, which gets the response of its base class."""


@pytest.mark.parametrize(
    ("failure", "status", "title"),
    [
        (ConfigurationError(FAULT), 500, "Invalid configuration"),
        (UnexpectedError("x"), 500, "Unexpected error"),
        (RunUnderWayError("x"), 409, "A run is in progress"),
        (AvePointError("x"), 502, "AvePoint answered for no customer"),
        (AvePointUnavailableError("x"), 503, "AvePoint did not grant access"),
        (SpreadsheetError("x"), 503, "The spreadsheet could not be read or updated"),
        (SpecialSpreadsheetError("x"), 503, "The spreadsheet could not be read or updated"),
        (StaleError("x"), 503, "The report is out of date"),
    ],
)
def test_failures(failure: RunError, status: int, title: str) -> None:
    """Each failure has its status, in the headers and the body, its title, and the error's own message."""
    response = problem_response(problem_of(failure))
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = body_of(response)
    assert (body["status"], body["title"], body["detail"]) == (status, title, str(failure))


def test_configuration_faults() -> None:
    """A wrong configuration lists every fault: the setting, what is wrong with it, and what to do."""
    other = Fault("SPREADSHEET_ID", "it is required and not set", "Give it")
    body = body_of(problem_response(problem_of(ConfigurationError(FAULT, other))))
    assert body["faults"] == [
        {"setting": fault.setting, "wrong": fault.wrong, "remedy": fault.remedy} for fault in (FAULT, other)
    ]
    assert str(FAULT) in body["detail"]
    assert str(other) in body["detail"]


def test_standard_members_override_others() -> None:
    """Additional members can't replace the standard ones."""
    more = {"type": "x", "title": "x", "status": 200, "detail": "x", "run_id": "r-1"}
    response = problem_response(ProblemDetails(HTTPStatus.BAD_REQUEST, "Not understood", "Found x.", more))
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert body_of(response) == {
        "run_id": "r-1",
        "type": "about:blank",
        "title": "Not understood",
        "status": 400,
        "detail": "Found x.",
    }


def test_duplicate_delivery() -> None:
    """A duplicate delivery of the scheduler is accepted: it would retry an error."""
    response = under_way_response()
    assert response.status_code == HTTPStatus.ACCEPTED
    assert response.content_type.startswith("application/json")


def test_healthy() -> None:
    """Passed checks are 200 with their findings."""
    response = health_response([Check("settings", "Fine."), Check("avepoint", "A token came.")])
    assert response.status_code == HTTPStatus.OK
    assert body_of(response) == {
        "status": "ok",
        "checks": [
            {"check": "settings", "ok": True, "found": "Fine."},
            {"check": "avepoint", "ok": True, "found": "A token came."},
        ],
    }


@pytest.mark.parametrize(
    ("errors", "status"),
    [
        ([None, StaleError("old")], 503),
        ([AvePointUnavailableError("no"), None, StaleError("old")], 503),
        ([StaleError("old"), ConfigurationError(FAULT)], 500),
        ([ConfigurationError(FAULT), SpreadsheetError("away")], 500),
    ],
)
def test_unhealthy(errors: list[RunError | None], status: int) -> None:
    """Of several errors, one that only an operator can fix decides the status; all checks are listed."""
    response = health_response([Check(f"check-{index}", "…", error) for index, error in enumerate(errors)])
    assert response.status_code == status
    body = body_of(response)
    assert [check["ok"] for check in body["checks"]] == [error is None for error in errors]
    assert body["status"] == status


def row_change(
    kind: str, row: int | None, values: dict[str, Value], *cells: tuple[str, Kind, Value, Value]
) -> RowChange:
    """A row's change, with its cells given as header, kind, and values before and after."""
    columns = [Column(header.split()[0].lower(), header, kind, "") for header, kind, _, _ in cells]
    changes = [CellChange(column, before, after) for column, (_, _, before, after) in zip(columns, cells, strict=True)]
    return RowChange(kind, row, values, tuple(changes))


def test_preview() -> None:
    """Only a dry run shows what would be written, row by row and cell by cell."""
    contoso: dict[str, Value] = {"customer_id": "c-1", "customer": "Contoso", "tenant_type": "Google"}
    rows = (
        row_change(
            "updated", 4, contoso, ("Assigned seats", Kind.COUNT, 1200, 1250), ("Status", Kind.TEXT, "", "Current")
        ),
        row_change("updated", 5, contoso, ("Utilisation", Kind.SHARE, None, 0.5)),
        row_change("added", None, {"customer_id": "c-2", "tenant": "t"}, ("Assigned seats", Kind.COUNT, None, 0)),
        row_change("removed", 8, contoso),
    )
    preview = body_of(run_response(run_result(dry_run=True, rows=rows)))["preview"]
    assert [(row["change"], row["customer_id"], row["tenant_type"], len(row["cells"])) for row in preview] == [
        ("updated", "c-1", "google", 2),
        ("updated", "c-1", "google", 1),
        ("added", "c-2", None, 1),
        ("removed", "c-1", "google", 0),
    ]
    assert preview[0]["cells"][0] == {"column": "Assigned seats", "before": 1200, "after": 1250}
    assert "preview" not in run_as_json(run_result(rows=rows))


@pytest.mark.parametrize(
    "response", [json_response({}), problem_response(ProblemDetails(HTTPStatus.CONFLICT, "a", "b"))]
)
def test_headers(response: Response) -> None:
    """Responses are not cached, and browsers must not guess their content type."""
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_text_that_utf_8_cannot_encode() -> None:
    """Half of a surrogate pair does not prevent a response."""
    assert body_of(json_response({"name": "a\ud800b"})) == {"name": "a?b"}


def test_times_are_in_utc() -> None:
    """Times are in UTC and full seconds, whatever zone they come in."""
    run = run_result()
    run = replace(run, started=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    run = replace(run, finished=run.started.astimezone(timezone(timedelta(hours=-5))))
    assert run_as_json(run)["started_at"] == run_as_json(run)["finished_at"] == "2026-12-31T23:59:59Z"
