"""A run with progress, logging and an error boundary, as the function and the terminal both use it.

The events and their fields are documented in `logs`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import structlog
from gspread.http_client import HTTPClient

from seat_report.avepoint import AvePoint
from seat_report.clock import Clock
from seat_report.domain import Number, Outcome, RunRequest
from seat_report.errors import AvePointError, ConfigurationError, RunError, RunUnderWayError
from seat_report.notification import notify
from seat_report.reporting import Progress, ProgressSnapshot, RunResult, sentence
from seat_report.run import Run
from seat_report.settings import Settings

log = structlog.get_logger()


class UnexpectedError(RunError):
    """An unexpected error ended the run; its stack trace is in the log and is never shown to people."""


class MonitoredRun:
    """One monitored run: `go` does it; meanwhile any thread may read the rest."""

    def __init__(
        self, settings: Settings, request: RunRequest, *, client: HTTPClient, avepoint: AvePoint, clock: Clock
    ) -> None:
        self._request = request
        self._clock = clock
        self._webhook = settings.notify_webhook_url
        self._credential_expires = avepoint.credential_ends
        self._progress = Progress(clock)
        self._final: RunResult | None = None
        self._run = Run(
            settings, request, client=client, avepoint=avepoint, clock=clock, on_result=self._progress.record
        )

    @property
    def result(self) -> RunResult:
        """The result so far."""
        return self._final or self._run.result

    @property
    def progress(self) -> ProgressSnapshot:
        """How far the run has got."""
        return self._progress.snapshot(self.result)

    @property
    def is_admitted(self) -> bool:
        """Whether the run has acquired the lock in the spreadsheet, so that no other run can keep it out."""
        return self._run.is_admitted

    @property
    def has_answers(self) -> bool:
        """Whether AvePoint has answered at least one query."""
        return self._progress.has_begun

    def go(self) -> RunResult:
        """Run to the end, whatever happens; if the run ended early, the result's `failure` says why."""
        request = self._request
        origin = {"trigger": request.trigger, "by": request.by}
        with structlog.contextvars.bound_contextvars(run_id=self._run.run_id):
            log.info("run started", **origin, dry_run=request.dry_run, limited=request.is_limited)
            try:
                result = self._run.go()
            except Exception:
                log.exception("unexpected error")
                result = replace(self._run.result, failure=_unexpected(self._run.run_id), outcome=Outcome.FAILED)
            if self._run.is_admitted:
                result = replace(result, warnings=(*result.warnings, *notify(self._webhook, result)))
            self._final = result
            if isinstance(result.failure, RunUnderWayError):
                log.info("run refused", **origin, detail=str(result.failure))
            else:
                self._log_outcome(result)
        return result

    def _log_outcome(self, result: RunResult) -> None:
        for problem in result.problems:
            log_event = log.info if problem.kind.is_notice else log.warning
            location = {"customer_id": problem.customer_id, "row": problem.row, "tenant_type": problem.tenant_type}
            log_event("problem", problem=problem.kind, detail=problem.full_detail, **location)
        for warning in result.warnings:
            log.warning("warning", detail=warning)
        if isinstance(result.failure, ConfigurationError):
            log_faults(result.failure)
        log_event = {Outcome.OK: log.info, Outcome.PARTIAL: log.warning, Outcome.FAILED: log.error}[result.outcome]
        log_event("run finished", **dict(_finished_fields(result)), **self._credential_days_left())

    def _credential_days_left(self) -> Mapping[str, int]:
        expires: date | None = self._credential_expires
        return {} if expires is None else {"credential_days_left": (expires - self._clock.now().date()).days}


def _unexpected(run_id: str) -> UnexpectedError:
    return UnexpectedError(
        f"Something unexpected ended the run. Run again; if it happens again, look for {run_id} in the logs and report "
        "what you find there."
    )


def log_faults(error: ConfigurationError) -> None:
    """Log each fault of the configuration."""
    for fault in error.faults:
        log.error("configuration fault", **fault._asdict())


def _finished_fields(result: RunResult) -> Iterator[tuple[str, Any]]:
    yield "outcome", result.outcome
    yield "failure", _failure_kind(result.failure)
    yield "detail", sentence(result)
    yield "trigger", result.request.trigger
    yield "by", result.request.by
    yield "dry_run", result.request.dry_run
    yield "limited", result.is_limited
    yield "seconds", result.duration_seconds
    yield "customers", result.customers.queried
    yield "answered", result.customers.queried - result.customers.failed
    yield "failed", result.customers.failed
    yield "listed", result.customers.listed
    yield "skipped", result.customers.skipped
    yield "tenants", result.tenants
    yield "assigned", _sum_known(seats.assigned for seats in result.seats.values())
    yield "available", _sum_known(seats.available for seats in result.seats.values())
    yield "missing", sum(seats.missing for seats in result.seats.values())
    for tenant_type, seats in result.seats.items():
        name = tenant_type.replace("-", "_")
        yield f"assigned_{name}", seats.assigned
        yield f"available_{name}", seats.available
    yield "requests", result.requests
    yield "retries", result.retries
    yield "throttled", result.throttled
    changes = result.changes
    yield from changes._asdict().items()
    yield "rows_changed", changes.rows_added + changes.rows_updated + changes.rows_removed
    yield "problems", len(result.problems)
    yield "warnings", len(result.warnings)
    yield "not_ok_in_a_row", result.not_ok_in_a_row


def _sum_known(numbers: Iterable[Number | None]) -> Number | None:
    """The sum of all numbers that are known; None if none is."""
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _failure_kind(failure: RunError | None) -> str | None:
    if failure is None:
        return None
    kinds = {ConfigurationError: "configuration", AvePointError: "avepoint", UnexpectedError: "unexpected"}
    return next((kind for error_type, kind in kinds.items() if isinstance(failure, error_type)), "spreadsheet")
