"""The HTTP application: routes, request handling, and what a warm instance keeps between requests."""

import math
import os
import uuid
from collections.abc import Callable
from datetime import UTC
from http import HTTPStatus

import structlog
from flask import Request, Response
from gspread.http_client import HTTPClient

from seat_report import health
from seat_report.avepoint import AvePoint
from seat_report.clock import Clock, SystemClock
from seat_report.domain import RunRequest
from seat_report.errors import ConfigurationError, RunError, RunUnderWayError
from seat_report.monitored_run import MonitoredRun, log_faults
from seat_report.recent_runs import read_recent_runs
from seat_report.reporting import RunResult, logs
from seat_report.requested import is_requested
from seat_report.settings import Settings, load
from seat_report.web import body, parameters
from seat_report.web.background import BackgroundRun, ExclusiveRunner
from seat_report.web.cross_site import is_cross_site
from seat_report.web.pages import error_page, form_page, progress_page
from seat_report.web.parameters import ParsedRequest
from seat_report.web.responses import (
    ProblemDetails,
    health_response,
    not_requested_response,
    problem_of,
    problem_response,
    run_response,
    under_way_response,
)
from seat_report.workbook import connect, runs

log = structlog.get_logger()


class App:
    """Handles requests; a warm instance keeps it, with its access token and connections."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._runs = ExclusiveRunner()
        # Until the settings are loaded: their faults are logged, too.
        logs.configure("INFO")
        self._cached_connections: tuple[Settings, AvePoint, HTTPClient] | None = None
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Request], Response]]] = {
            "/": (("GET", "POST"), self._root),
            "/health": (("GET",), self._health),
        }

    def handle(self, request: Request) -> Response:
        """The response to one request, whatever happens."""
        trace = logs.trace_of(request.headers, os.environ.get("GOOGLE_CLOUD_PROJECT"))
        with structlog.contextvars.bound_contextvars(**({logs.TRACE_FIELD: trace} if trace else {})):
            try:
                body.receive(request, self._clock)
                return self._route(request)
            except parameters.BadRequestError as error:
                problem = ProblemDetails(HTTPStatus.BAD_REQUEST, "Invalid request", str(error))
            except ConfigurationError as error:
                log_faults(error)
                problem = problem_of(error)
            except Exception:
                run_id = uuid.uuid4().hex
                log.exception("unexpected error", run_id=run_id)
                problem = _unexpected_error(run_id)
            return _error_response(problem, as_page=parameters.wants_page(request))

    def _route(self, request: Request) -> Response:
        if request.path not in self._routes:
            detail = "Use / to run the report and /health to check it."
            problem = ProblemDetails(HTTPStatus.NOT_FOUND, "Page not found", detail)
            return _error_response(problem, as_page=parameters.wants_page(request))
        methods, handler = self._routes[request.path]
        if request.method not in methods:
            detail = f"{request.method} is not supported here; use {' or '.join(methods)}."
            problem = ProblemDetails(HTTPStatus.METHOD_NOT_ALLOWED, "Method not allowed", detail)
            response = _error_response(problem, as_page=parameters.wants_page(request))
            response.headers["Allow"] = ", ".join(methods)
            return response
        return handler(request)

    def _health(self, request: Request) -> Response:
        settings = _load_settings()
        parsed = parameters.parse_health(request)
        return health_response(health.check(settings, self._clock, deep=parsed.deep, fresh=parsed.fresh))

    def _root(self, request: Request) -> Response:
        settings = _load_settings()
        parsed = parameters.parse(request)
        as_page = parsed.format == "html"
        if as_page and request.method == "GET":
            return form_page(parsed.run_request, settings, read_recent_runs(settings, self._clock))
        if is_cross_site(request):
            detail = "A page on another site sent this request. Open this address in its own tab and run from there."
            return _error_response(
                ProblemDetails(HTTPStatus.FORBIDDEN, "Cross-site requests are blocked", detail), as_page=as_page
            )
        if parsed.if_requested:
            return self._run_if_requested(settings, parsed.run_request)
        run = self._runs.start(lambda: self._create_run(settings, parsed.run_request))
        if run is None:
            other = self._runs.latest
            reason = (
                f"Another run{_described(other)} is in progress; nothing was changed. "
                "Wait until it has finished, then try again."
            )
            log.info("run refused", trigger=parsed.run_request.trigger, by=parsed.run_request.by, detail=reason)
            return self._refused(RunUnderWayError(reason), parsed, other=other)
        if as_page:
            return progress_page(run, settings)
        run.wait()
        if isinstance(run.result.failure, RunUnderWayError):
            return self._refused(run.result.failure, parsed)
        return run_response(run.result)

    def _run_if_requested(self, settings: Settings, run_request: RunRequest) -> Response:
        """Run if the box is ticked and no run is alive; a run under way leaves it ticked for the next such request."""
        try:
            if self._runs.is_busy or not is_requested(settings, self._clock):
                return not_requested_response()
        except ConfigurationError:
            raise
        except RunError as error:
            return problem_response(problem_of(error))
        run = self._runs.start(lambda: self._create_run(settings, run_request))
        if run is None:
            return not_requested_response()
        run.wait()
        if isinstance(run.result.failure, RunUnderWayError):
            return not_requested_response()
        return run_response(run.result)

    def _refused(
        self, failure: RunUnderWayError, parsed: ParsedRequest, other: BackgroundRun | None = None
    ) -> Response:
        """The response to a request while another run is under way: `other`, if it is one of this process."""
        problem = problem_of(failure)
        if parsed.run_request.trigger == "schedule":
            if other is not None and _is_for_everybody(other.result) and other.wait_until_admitted():
                return under_way_response()
            # Only an error makes the scheduler call again. A run of another process may have been killed.
            problem = problem._replace(status=HTTPStatus.SERVICE_UNAVAILABLE)
        response = _error_response(problem, as_page=parsed.format == "html")
        if failure.until is not None:
            seconds = (failure.until - self._clock.now()).total_seconds()
            response.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
        return response

    def _create_run(self, settings: Settings, run_request: RunRequest) -> MonitoredRun:
        avepoint, client = self._connections(settings)
        return MonitoredRun(settings, run_request, client=client, avepoint=avepoint, clock=self._clock)

    def _connections(self, settings: Settings) -> tuple[AvePoint, HTTPClient]:
        """The connections to AvePoint and the spreadsheet; recreated when settings change, e.g. a rotated secret."""
        if self._cached_connections is None or self._cached_connections[0] != settings:
            if self._cached_connections is not None:
                self._cached_connections[1].close()
                self._cached_connections[2].session.close()
            self._cached_connections = (
                settings,
                AvePoint(settings, clock=self._clock),
                connect(settings.sheets_emulator_host),
            )
        return self._cached_connections[1], self._cached_connections[2]


def _load_settings() -> Settings:
    settings = load()
    logs.configure(settings.log_level)
    return settings


def _described(run: BackgroundRun | None) -> str:
    """What started this run, who, when, and its id, in brackets."""
    if run is None:
        return ""
    result = run.result
    started = f"{result.started.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return f" ({runs.origin(result.request.trigger, result.request.by, started, result.run_id)})"


def _is_for_everybody(result: RunResult) -> bool:
    return not result.request.dry_run and not result.is_limited


def _error_response(problem: ProblemDetails, *, as_page: bool) -> Response:
    return error_page(problem) if as_page else problem_response(problem)


def _unexpected_error(run_id: str) -> ProblemDetails:
    detail = f"Try again; if it happens again, look for {run_id} in the logs and report what you find there."
    return ProblemDetails(HTTPStatus.INTERNAL_SERVER_ERROR, "Unexpected error", detail, {"run_id": run_id})
