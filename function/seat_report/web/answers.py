"""A run's result as JSON, and errors as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, NamedTuple

from flask import Response

from seat_report.attended import UnexpectedError
from seat_report.avepoint import AvePointUnavailableError
from seat_report.errors import AvePointError, ConfigurationError, RunError, RunUnderWayError, SpreadsheetError
from seat_report.health import Check, StaleError
from seat_report.result import Result

_TITLES: Mapping[type[RunError], tuple[HTTPStatus, str]] = {
    ConfigurationError: (HTTPStatus.INTERNAL_SERVER_ERROR, "The configuration is not right"),
    UnexpectedError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Something unexpected happened"),
    RunUnderWayError: (HTTPStatus.CONFLICT, "A run is under way"),
    AvePointError: (HTTPStatus.BAD_GATEWAY, "AvePoint answered for no customer"),
    AvePointUnavailableError: (HTTPStatus.SERVICE_UNAVAILABLE, "AvePoint gives no access"),
    SpreadsheetError: (HTTPStatus.SERVICE_UNAVAILABLE, "The spreadsheet can't be reached or written"),
    StaleError: (HTTPStatus.SERVICE_UNAVAILABLE, "The report is not fresh"),
}


class Trouble(NamedTuple):
    """An error as it is told, in problem details or on a page; `more` are members beside the standard ones."""

    status: HTTPStatus
    title: str
    detail: str
    more: Mapping[str, Any] = MappingProxyType({})


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The body as an answer in JSON."""
    return Response(_json(body), status=status, content_type="application/json; charset=utf-8", headers=never_kept())


def problem(trouble: Trouble) -> Response:
    """An error as problem details."""
    body = _json(details(trouble))
    return Response(body, status=trouble.status, content_type="application/problem+json", headers=never_kept())


def details(trouble: Trouble) -> dict[str, Any]:
    """The members of problem details; the standard ones win over others of the same name."""
    standard = {"type": "about:blank", "title": trouble.title, "status": trouble.status, "detail": trouble.detail}
    return {**trouble.more, **standard}


def run_answer(result: Result) -> Response:
    """How a run went: 200 with the result, or problem details with the result as far as it got."""
    if result.failure is None:
        return json_response(told(result))
    return problem(trouble_of(result.failure, told(result)))


def under_way_for_scheduler() -> Response:
    """A second delivery of the scheduler's call is no failure, and must not be tried again."""
    return json_response({"outcome": "under way"}, HTTPStatus.ACCEPTED)


def health_answer(checks: list[Check]) -> Response:
    """What the checks found: 200, or problem details of the gravest error with all that was found."""
    found = [{"check": one.name, "ok": one.error is None, "found": one.found} for one in checks]
    errors = [one.error for one in checks if one.error is not None]
    if not errors:
        return json_response({"status": "ok", "checks": found})
    gravest = next((error for error in errors if isinstance(error, ConfigurationError)), errors[0])
    return problem(trouble_of(gravest, {"checks": found}))


def trouble_of(failure: RunError, more: Mapping[str, Any] | None = None) -> Trouble:
    """What kept a run from being done, or a check from being good."""
    kind = next((kind for kind in type(failure).__mro__ if kind in _TITLES), SpreadsheetError)
    status, title = _TITLES[kind]
    extra = dict(more or {})
    if isinstance(failure, ConfigurationError):
        extra["faults"] = [fault._asdict() for fault in failure.faults]
    return Trouble(status, title, str(failure), extra)


def told(result: Result) -> dict[str, Any]:
    """The result in the members that callers rely on."""
    body: dict[str, Any] = {
        "run_id": result.run_id,
        "outcome": result.outcome,
        "dry_run": result.order.dry_run,
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
    if result.order.dry_run:
        body["preview"] = list(result.preview)
    return body


def encoded(text: str) -> bytes:
    """Text as it is sent: half of a surrogate pair can be in a text from outside, but not in UTF-8."""
    return text.encode("utf-8", "replace")


def never_kept() -> dict[str, str]:
    """Headers by which nobody keeps an answer or takes it for something else."""
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(body: Mapping[str, Any]) -> bytes:
    return encoded(json.dumps(body, ensure_ascii=False, indent=2) + "\n")
