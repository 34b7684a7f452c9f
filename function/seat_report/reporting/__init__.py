"""Reports on a run: its result, its progress, a summary in sentences, structured logs."""

from seat_report.reporting import logs, row_changes, summary
from seat_report.reporting.progress import Progress, ProgressSnapshot
from seat_report.reporting.result import MOST_ROWS, CustomerCounts, RunResult
from seat_report.reporting.run_json import run_as_json
from seat_report.reporting.run_message import no_answers_message
from seat_report.reporting.run_row import run_row
from seat_report.reporting.summary import sentence

__all__ = [
    "MOST_ROWS",
    "CustomerCounts",
    "Progress",
    "ProgressSnapshot",
    "RunResult",
    "logs",
    "no_answers_message",
    "row_changes",
    "run_as_json",
    "run_row",
    "sentence",
    "summary",
]
