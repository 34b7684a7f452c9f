"""Reports on a run: its result, its progress, a summary in sentences, structured logs."""

from seat_report.reporting import logs, summary
from seat_report.reporting.progress import Progress, ProgressSnapshot
from seat_report.reporting.result import RunResult
from seat_report.reporting.run_message import limits, run_message
from seat_report.reporting.summary import sentence

__all__ = [
    "Progress",
    "ProgressSnapshot",
    "RunResult",
    "limits",
    "logs",
    "run_message",
    "sentence",
    "summary",
]
