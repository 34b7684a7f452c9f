"""Answers: a run's result in the members that callers rely on, and errors as problem details (RFC 9457)."""

import json
from datetime import UTC, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any

import pytest
from flask import Response
from hypothesis import given
from hypothesis import strategies as st

from seat_report.avepoint.client import AvePointUnavailableError
from seat_report.domain.outcome import Outcome
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantType
from seat_report.errors import AvePointError, ConfigurationError, Fault, RunError, RunUnderWayError, SpreadsheetError
from seat_report.health import Check, StaleError
from seat_report.monitored_run import UnexpectedError
from seat_report.reporting.result import CustomerCounts, RunResult, SeatCounts
from seat_report.web.responses import (
    ProblemDetails,
    health_response,
    json_response,
    problem_of,
    problem_response,
    run_as_json,
    run_response,
    under_way_response,
)
from seat_report.workbook.sheets_api.snapshot import Value
from seat_report.workbook.tables.columns import Column, Kind
from seat_report.workbook.tables.diff import CellChange, Counts, RowChange

STARTED = datetime(2026, 11, 23, 7, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
FAULT = Fault("HISTORY_MONTHS", "found 'x'; expected a number", "See the README")


def result(failure: RunError | None = None, *, dry_run: bool = False, rows: tuple[RowChange, ...] = ()) -> RunResult:
    """A run that ended so, with everything that a result can have."""
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
        seats={TenantType.GOOGLE: SeatCounts(10, 3), TenantType.MICROSOFT_365: SeatCounts(0, 0)},
        changes=Counts(rows_added=1, rows_updated=2, rows_removed=3, cells_changed=9),
        rows=rows,
        problems=[
            Problem(ProblemKind.TIMEOUT, "No answer came.", customer_id="c-1", row=2, tenant_type=TenantType.GOOGLE),
            Problem(ProblemKind.BLANK_CUSTOMER_ID, "Fill it in.", row=3),
        ],
        warnings=["The secret ends soon."],
        contract="users",
        requests=20,
        retries=4,
        spreadsheet_url="https://docs.google.com/spreadsheets/d/abc/edit",
    )


TOLD = {
    "run_id": "r-1",
    "outcome": "partial",
    "dry_run": False,
    "started_at": "2026-11-23T06:00:00Z",
    "finished_at": "2026-11-23T06:01:01Z",
    "duration_seconds": 61.25,
    "customers": {"listed": 5, "queried": 4, "failed": 1, "skipped": 1},
    "tenants": 7,
    "seats": {"google": {"assigned": 10, "available": 3}, "microsoft-365": {"assigned": 0, "available": 0}},
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
    """The body, which is JSON."""
    return json.loads(response.get_data().decode("utf-8"))


def test_run_that_went() -> None:
    """A run that went, though with gaps, is 200 with exactly the members promised."""
    response = run_response(result())
    assert response.status_code == HTTPStatus.OK
    assert response.content_type == "application/json; charset=utf-8"
    assert body_of(response) == TOLD


def test_run_that_failed() -> None:
    """A failed run is problem details that tell as well how far it got; `status` is that of HTTP."""
    response = run_response(result(AvePointError("Nobody was answered.")))
    assert response.content_type == "application/problem+json"
    assert body_of(response) == {
        **TOLD,
        "outcome": "failed",
        "type": "about:blank",
        "title": "AvePoint answered for no customer",
        "status": 502,
        "detail": "Nobody was answered.",
    }


def test_run_that_hardly_began() -> None:
    """A run that failed before anything was known has every member all the same."""
    body = run_as_json(RunResult(RunRequest(), STARTED, STARTED))
    assert body.keys() == TOLD.keys()
    assert body["run_id"]
    assert (body["outcome"], body["problems"], body["seats"]) == ("failed", [], {})
    assert body["avepoint"] == {"contract": None, "requests": 0, "retries": 0}


class WeirderError(SpreadsheetError):
    """A kind of its own, which answers as what it is a kind of."""


@pytest.mark.parametrize(
    ("failure", "status", "title"),
    [
        (ConfigurationError(FAULT), 500, "The configuration is not right"),
        (UnexpectedError("x"), 500, "Something unexpected happened"),
        (RunUnderWayError("x"), 409, "A run is under way"),
        (AvePointError("x"), 502, "AvePoint answered for no customer"),
        (AvePointUnavailableError("x"), 503, "AvePoint gives no access"),
        (SpreadsheetError("x"), 503, "The spreadsheet can't be reached or written"),
        (WeirderError("x"), 503, "The spreadsheet can't be reached or written"),
        (StaleError("x"), 503, "The report is not fresh"),
    ],
)
def test_failures(failure: RunError, status: int, title: str) -> None:
    """Each failure has its status, in the headers and in the body, its title, and the error's own text."""
    response = problem_response(problem_of(failure))
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = body_of(response)
    assert (body["status"], body["title"], body["detail"]) == (status, title, str(failure))


def test_faults_of_the_configuration() -> None:
    """A wrong configuration tells every fault: which setting, what is wrong with it, and what to do."""
    other = Fault("SPREADSHEET_ID", "it is required and not set", "Give it")
    body = body_of(problem_response(problem_of(ConfigurationError(FAULT, other))))
    assert body["faults"] == [
        {"setting": one.setting, "wrong": one.wrong, "remedy": one.remedy} for one in (FAULT, other)
    ]
    assert str(FAULT) in body["detail"]
    assert str(other) in body["detail"]


def test_standard_members_win() -> None:
    """What is told besides can't pass for the error's own members."""
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


def test_second_delivery() -> None:
    """The scheduler's second delivery is accepted: an error would be tried again."""
    response = under_way_response()
    assert response.status_code == HTTPStatus.ACCEPTED
    assert response.content_type.startswith("application/json")


def test_healthy() -> None:
    """Checks that are all well are 200 with what was found."""
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
def test_not_healthy(errors: list[RunError | None], status: int) -> None:
    """Of several errors what only an operator can mend decides; all that was checked is told."""
    response = health_response([Check(f"check-{index}", "…", error) for index, error in enumerate(errors)])
    assert response.status_code == status
    body = body_of(response)
    assert [one["ok"] for one in body["checks"]] == [error is None for error in errors]
    assert body["status"] == status


def change(kind: str, row: int | None, values: dict[str, Value], *cells: tuple[str, Kind, Value, Value]) -> RowChange:
    """A row's change, its cells given by header, kind, and values before and after."""
    columns = [Column(header.split()[0].lower(), header, of, "") for header, of, _, _ in cells]
    changes = [CellChange(column, before, after) for column, (_, _, before, after) in zip(columns, cells, strict=True)]
    return RowChange(kind, row, values, tuple(changes))


def test_preview() -> None:
    """A dry run, and only one, tells what would be written, a line a row in words for people."""
    contoso: dict[str, Value] = {"customer_id": "c-1", "customer": "Contoso", "tenant_type": "Google"}
    rows = (
        change("updated", 4, contoso, ("Assigned seats", Kind.COUNT, 1200, 1250), ("Status", Kind.TEXT, "", "Current")),
        change("updated", 5, contoso, ("Utilisation", Kind.SHARE, None, 0.5)),
        change("added", None, {"customer_id": "c-2", "tenant": "t"}, ("Assigned seats", Kind.COUNT, None, 0)),
        change("removed", 8, contoso),
    )
    assert body_of(run_response(result(dry_run=True, rows=rows)))["preview"] == [
        "Contoso · Google · assigned 1,200 → 1,250, status nothing → Current",
        "Contoso · Google · utilisation nothing → 50.0%",
        "c-2 · t · new: assigned 0",
        "Contoso · Google · row 9 goes",
    ]
    assert "preview" not in run_as_json(result(rows=rows))


@pytest.mark.parametrize(
    "response", [json_response({}), problem_response(ProblemDetails(HTTPStatus.CONFLICT, "a", "b"))]
)
def test_nobody_keeps_an_answer(response: Response) -> None:
    """No cache keeps an answer, and no browser takes it for anything but what it says it is."""
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@given(st.text())
def test_any_text_is_told_as_it_is(text: str) -> None:
    """Any text comes back from the JSON as it was, readable where it can be."""
    assert body_of(json_response({"name": text})) == {"name": text}
    assert body_of(problem_response(ProblemDetails(HTTPStatus.BAD_REQUEST, "x", text)))["detail"] == text
    assert "Größe → 5".encode() in json_response({"name": "Größe → 5"}).get_data()


def test_text_that_utf_8_does_not_know() -> None:
    """Half of a surrogate pair does not keep an answer from being sent."""
    assert body_of(json_response({"name": "a\ud800b"})) == {"name": "a?b"}


def test_moments_are_told_in_utc() -> None:
    """Moments are told in UTC, whatever zone they come in, in whole seconds."""
    one = result()
    one.started = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    one.finished = one.started.astimezone(timezone(timedelta(hours=-5)))
    assert run_as_json(one)["started_at"] == run_as_json(one)["finished_at"] == "2026-12-31T23:59:59Z"
