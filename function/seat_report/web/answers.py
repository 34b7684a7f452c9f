"""A run's result as JSON, and errors as problem details (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from flask import Response

from seat_report.errors import AvePointError, ConfigurationError, RunError, RunUnderWayError, SpreadsheetError
from seat_report.result import Result

_TITLES: Mapping[type[RunError], tuple[HTTPStatus, str]] = {
    ConfigurationError: (HTTPStatus.INTERNAL_SERVER_ERROR, "The configuration is not right"),
    RunUnderWayError: (HTTPStatus.CONFLICT, "A run is under way"),
    AvePointError: (HTTPStatus.BAD_GATEWAY, "AvePoint answered for no customer"),
    SpreadsheetError: (HTTPStatus.SERVICE_UNAVAILABLE, "The spreadsheet can't be reached or written"),
}


def json_response(body: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """The body as an answer in JSON."""
    return Response(_json(body), status=status, content_type="application/json; charset=utf-8", headers=_never_kept())


def problem(status: HTTPStatus, title: str, detail: str, more: Mapping[str, Any] | None = None) -> Response:
    """An error as problem details; `more` are members beside the standard ones, which win."""
    body = {**(more or {}), "type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(_json(body), status=status, content_type="application/problem+json", headers=_never_kept())


def run_answer(result: Result) -> Response:
    """How a run went: 200 with the result, or problem details with the result as far as it got."""
    if result.failure is None:
        return json_response(told(result))
    return failure_answer(result.failure, told(result))


def failure_answer(failure: RunError, more: Mapping[str, Any] | None = None) -> Response:
    """What kept a run from being done, as problem details."""
    kind = next((kind for kind in type(failure).__mro__ if kind in _TITLES), SpreadsheetError)
    status, title = _TITLES[kind]
    extra = dict(more or {})
    if isinstance(failure, ConfigurationError):
        extra["faults"] = [asdict(fault) for fault in failure.faults]
    return problem(status, title, str(failure), extra)


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
        "changes": asdict(result.changes),
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


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _json(body: Mapping[str, Any]) -> bytes:
    text = json.dumps(body, ensure_ascii=False, indent=2) + "\n"
    # Half of a surrogate pair can be in a text from outside, but not in UTF-8.
    return text.encode("utf-8", "replace")


def _never_kept() -> dict[str, str]:
    return {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
