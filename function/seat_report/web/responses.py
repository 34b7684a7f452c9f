"""JSON responses: a run's result, and errors as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Response

from seat_report.avepoint import AvePointUnavailableError
from seat_report.errors import AvePointError, ConfigurationError, RunError, RunUnderWayError, SpreadsheetError
from seat_report.health import Check, StaleError
from seat_report.monitored_run import UnexpectedError
from seat_report.reporting import RunResult, run_as_json

_STATUS_AND_TITLE: Mapping[type[RunError], tuple[HTTPStatus, str]] = {
    ConfigurationError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Invalid configuration"),
    UnexpectedError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Unexpected error"),
    RunUnderWayError: (HTTPStatus.CONFLICT, "A run is in progress"),
    AvePointError: (HTTPStatus.BAD_GATEWAY, "AvePoint answered for no customer"),
    AvePointUnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "AvePoint did not grant access"),
    SpreadsheetError: (HTTPStatus.SERVICE_UNAVAILABLE, "The spreadsheet could not be read or updated"),
    StaleError: (HTTPStatus.SERVICE_UNAVAILABLE, "The report is out of date"),
}


class ProblemDetails(NamedTuple):
    """An error as clients see it, as problem details or on a page; `more` are additional members."""

    status: HTTPStatus
    title: str
    detail: str
    more: Mapping[str, Any] = MappingProxyType({})


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A JSON response with this body."""
    return Response(
        _json(body), status=status, content_type="application/json; charset=utf-8", headers=uncached_headers()
    )


def problem_response(problem: ProblemDetails) -> Response:
    """A response with problem details."""
    body = _json(problem_members(problem))
    return Response(body, status=problem.status, content_type="application/problem+json", headers=uncached_headers())


def problem_members(problem: ProblemDetails) -> dict[str, Any]:
    """The members of problem details; standard members override additional ones of the same name."""
    standard = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    return {**problem.more, **standard}


def run_response(result: RunResult) -> Response:
    """The response to a run: 200 with the result, or problem details with the result so far."""
    if result.failure is None:
        return json_response(run_as_json(result))
    return problem_response(problem_of(result.failure, run_as_json(result)))


def under_way_response() -> Response:
    """The response to the scheduler while its work is being done: a duplicate delivery needs no retry."""
    return json_response({"outcome": "under way"}, HTTPStatus.ACCEPTED)


def not_requested_response() -> Response:
    """The response to a request for a run only if somebody asked for one, and nobody did or a run is alive."""
    return json_response({"outcome": "not-requested"})


def health_response(checks: list[Check]) -> Response:
    """The findings of the checks: 200, or problem details of the most serious error with all findings."""
    findings = [{"check": check.name, "ok": check.error is None, "found": check.found} for check in checks]
    errors = [check.error for check in checks if check.error is not None]
    if not errors:
        return json_response({"status": "ok", "checks": findings})
    most_serious = next((error for error in errors if isinstance(error, ConfigurationError)), errors[0])
    return problem_response(problem_of(most_serious, {"checks": findings}))


def problem_of(failure: RunError, more: Mapping[str, Any] | None = None) -> ProblemDetails:
    """The problem details of a failed run or check."""
    error_type = next((base for base in type(failure).__mro__ if base in _STATUS_AND_TITLE), SpreadsheetError)
    status, title = _STATUS_AND_TITLE[error_type]
    extra = dict(more or {})
    if isinstance(failure, ConfigurationError):
        extra["faults"] = [fault._asdict() for fault in failure.faults]
    return ProblemDetails(status, title, str(failure), extra)


def encoded(text: str) -> bytes:
    """Text as UTF-8: text from outside may contain half of a surrogate pair, which UTF-8 can't encode."""
    return text.encode("utf-8", "replace")


def uncached_headers() -> dict[str, str]:
    """Headers that prevent caching and guessing of the content type."""
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _json(body: Mapping[str, Any]) -> bytes:
    return encoded(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
