"""The row of a run in the Runs tab."""

from collections.abc import Mapping
from datetime import tzinfo

from seat_report.domain import SeatSum
from seat_report.reporting.result import RunResult
from seat_report.reporting.run_message import limits, run_message
from seat_report.workbook import Value, serial_of


def run_row(result: RunResult, zone: tzinfo, overall: SeatSum | None = None) -> Mapping[str, Value]:
    """The row as far as the run has got; what isn't known yet keeps its value in the tab.

    `overall` are the seats of the whole report as the run plans it, None before that.
    """
    row: dict[str, Value] = {
        "started": serial_of(result.started, zone),
        "trigger": result.request.trigger,
        "by": result.request.by,
        "outcome": str(result.outcome),
        "customers": result.customers.queried,
        "requests": result.requests,
        "retries": result.retries,
    }
    if result.is_limited:
        row["message"] = limits(result)
    if result.requests or result.failure or overall is not None:
        row |= {
            "finished": serial_of(result.finished, zone),
            "seconds": round(result.duration_seconds),
            "failed": result.customers.failed,
            "message": run_message(result),
        }
    if overall is not None:
        # People take these numbers for those of the whole report, so they are blank if any part is missing.
        row |= {
            "tenants": overall.tenants if overall.is_complete else None,
            "assigned": overall.assigned if overall.is_complete else None,
            "available": overall.available if overall.is_complete else None,
            "rows_added": result.changes.rows_added,
            "rows_updated": result.changes.rows_updated,
            "rows_removed": result.changes.rows_removed,
        }
    return row
