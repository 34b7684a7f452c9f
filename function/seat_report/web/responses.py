"""A run's result as JSON, and errors as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Response

from seat_report.avepoint import AvePointUnavailableError
from seat_report.errors import AvePointError, ConfigurationError, RunError, RunUnderWayError, SpreadsheetError
from seat_report.health import Check, StaleError
from seat_report.monitored_run import UnexpectedError
from seat_report.reporting import RunResult, summary

_TITLES: Mapping[type[RunError], tuple[HTTPStatus, str]] = {
    ConfigurationError: (HTTPStatus.INTERNAL_SERVER_ERROR, "The configuration is not right"),
    UnexpectedError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Something unexpected happened"),
    RunUnderWayError: (HTTPStatus.CONFLICT, "A run is under way"),
    AvePointError: (HTTPStatus.BAD_GATEWAY, "AvePoint answered for no customer"),
    AvePointUnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "AvePoint gives no access"),
    SpreadsheetError: (HTTPStatus.SERVICE_UNAVAILABLE, "The spreadsheet can't be reached or written"),
    StaleError: (HTTPStatus.SERVICE_UNAVAILABLE, "The report is not fresh"),
}


class ProblemDetails(NamedTuple):
    """An error as it is told, in problem details or on a page; `more` are members beside the standard ones."""

    status: HTTPStatus
    title: str
    detail: str
    more: Mapping[str, Any] = MappingProxyType({})


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The body as an answer in JSON."""
    return Response(
        _json(body), status=status, content_type="application/json; charset=utf-8", headers=uncached_headers()
    )


def problem_response(problem: ProblemDetails) -> Response:
    """An error as problem details."""
    body = _json(problem_members(problem))
    return Response(body, status=problem.status, content_type="application/problem+json", headers=uncached_headers())


def problem_members(problem: ProblemDetails) -> dict[str, Any]:
    """The members of problem details; the standard ones win over others of the same name."""
    standard = {"type": "about:blank", "title": problem.title, "status": problem.status, "detail": problem.detail}
    return {**problem.more, **standard}


def run_response(result: RunResult) -> Response:
    """How a run went: 200 with the result, or problem details with the result as far as it got."""
    if result.failure is None:
        return json_response(run_as_json(result))
    return problem_response(problem_of(result.failure, run_as_json(result)))


def under_way_response() -> Response:
    """A second delivery of the scheduler's call is no failure, and must not be tried again."""
    return json_response({"outcome": "under way"}, HTTPStatus.ACCEPTED)


def health_response(checks: list[Check]) -> Response:
    """What the checks found: 200, or problem details of the gravest error with all that was found."""
    found = [{"check": one.name, "ok": one.error is None, "found": one.found} for one in checks]
    errors = [one.error for one in checks if one.error is not None]
    if not errors:
        return json_response({"status": "ok", "checks": found})
    gravest = next((error for error in errors if isinstance(error, ConfigurationError)), errors[0])
    return problem_response(problem_of(gravest, {"checks": found}))


def problem_of(failure: RunError, more: Mapping[str, Any] | None = None) -> ProblemDetails:
    """What kept a run from being done, or a check from being good."""
    kind = next((kind for kind in type(failure).__mro__ if kind in _TITLES), SpreadsheetError)
    status, title = _TITLES[kind]
    extra = dict(more or {})
    if isinstance(failure, ConfigurationError):
        extra["faults"] = [fault._asdict() for fault in failure.faults]
    return ProblemDetails(status, title, str(failure), extra)


def run_as_json(result: RunResult) -> dict[str, Any]:
    """The result in the members that callers rely on."""
    body: dict[str, Any] = {
        "run_id": result.run_id,
        "outcome": result.outcome,
        "dry_run": result.request.dry_run,
        "started_at": _moment(result.started),
        "finished_at": _moment(result.finished),
        "duration_seconds": result.duration_seconds,
        "customers": asdict(result.customers),
        "tenants": result.tenants,
        "seats": {str(tenant_type): asdict(counts) for tenant_type, counts in result.seats.items()},
        "changes": result.changes._asdict(),
        "problems": [
            {
                "customer_id": one.customer_id,
                "row": one.row,
                "tenant_type": one.tenant_type,
                "problem": one.kind,
                "detail": one.detail,
            }
            for one in result.problems
        ],
        "warnings": result.warnings,
        "avepoint": {"contract": result.contract, "requests": result.requests, "retries": result.retries},
        "spreadsheet_url": result.spreadsheet_url,
    }
    if result.request.dry_run:
        body["preview"] = list(summary.preview(result))
    return body


def encoded(text: str) -> bytes:
    """Text as it is sent: half of a surrogate pair can be in a text from outside, but not in UTF-8."""
    return text.encode("utf-8", "replace")


def uncached_headers() -> dict[str, str]:
    """Headers by which nobody keeps an answer or takes it for something else."""
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(body: Mapping[str, Any]) -> bytes:
    return encoded(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
