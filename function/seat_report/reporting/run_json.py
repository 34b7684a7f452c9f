"""The result of a run as JSON members, on which callers rely."""

from datetime import UTC, datetime
from typing import Any

from seat_report.domain import SeatSum
from seat_report.reporting import row_changes
from seat_report.reporting.result import RunResult


def run_as_json(result: RunResult) -> dict[str, Any]:
    """The result as JSON members, on which callers rely."""
    body: dict[str, Any] = {
        "run_id": result.run_id,
        "outcome": result.outcome,
        "dry_run": result.request.dry_run,
        "started_at": _timestamp(result.started),
        "finished_at": _timestamp(result.finished),
        "duration_seconds": result.duration_seconds,
        "customers": result.customers._asdict(),
        "tenants": result.tenants,
        "seats": {str(tenant_type): _seats_as_json(seats) for tenant_type, seats in result.seats.items()},
        "changes": result.changes._asdict(),
        "problems": [
            {
                "customer_id": problem.customer_id,
                "row": problem.row,
                "tenant_type": problem.tenant_type,
                "problem": problem.kind,
                "detail": problem.full_detail,
            }
            for problem in result.problems
        ],
        "warnings": result.warnings,
        "avepoint": {"contract": result.contract, "requests": result.requests, "retries": result.retries},
        "spreadsheet_url": result.spreadsheet_url,
    }
    if result.request.dry_run:
        body["preview"] = row_changes.as_json(result)
        body["preview_left_out"] = row_changes.left_out_of_json(result)
    return body


def _seats_as_json(seats: SeatSum) -> dict[str, Any]:
    """A sum with what it is worth: `known` of the `expected` customers are in it; null if nothing is known."""
    return {
        "assigned": seats.assigned,
        "available": seats.available,
        "complete": seats.is_complete,
        "known": seats.known,
        "expected": seats.expected,
    }


def _timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
