"""The function behind its URL: routes, one run at a time, and what a warm instance keeps."""

import os
import threading
from http import HTTPStatus

import structlog
from flask import Request, Response
from gspread.http_client import HTTPClient

from seat_report import logs
from seat_report.avepoint import AvePoint
from seat_report.clock import Clock, SystemClock
from seat_report.errors import ConfigurationError, RunUnderWayError
from seat_report.result import Order, Result
from seat_report.run import Run
from seat_report.settings import Settings, load
from seat_report.web import parameters
from seat_report.web.answers import failure_answer, json_response, problem, run_answer
from seat_report.workbook.sheets import connect

log = structlog.get_logger()


class Endpoint:
    """Answers requests; kept by a warm instance, with its access token and connections."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._running = threading.Lock()
        self._kept: tuple[Settings, AvePoint, HTTPClient] | None = None

    def answer(self, request: Request) -> Response:
        """The answer to one request, whatever happens."""
        allowed = {"/": ("GET", "POST"), "/health": ("GET",)}.get(request.path)
        if allowed is None:
            return problem(HTTPStatus.NOT_FOUND, "There is nothing here", "Use / to run and /health to check.")
        if request.method not in allowed:
            detail = f"Found {request.method}, expected {' or '.join(allowed)}."
            answer = problem(HTTPStatus.METHOD_NOT_ALLOWED, "That method is not for this address", detail)
            answer.headers["Allow"] = ", ".join(allowed)
            return answer
        try:
            settings = load()
            logs.configure(settings.log_level)
            return self._health() if request.path == "/health" else self._root(request, settings)
        except parameters.BadRequestError as error:
            return problem(HTTPStatus.BAD_REQUEST, "The request can't be understood", str(error))
        except ConfigurationError as error:
            log.error("the configuration is not right", detail=str(error))
            return failure_answer(error)

    def _health(self) -> Response:
        return json_response({"status": "ok"})

    def _root(self, request: Request, settings: Settings) -> Response:
        asked = parameters.parse(request)
        trace = logs.trace_of(request.headers, os.environ.get("GOOGLE_CLOUD_PROJECT"))
        with structlog.contextvars.bound_contextvars(**({logs.TRACE_FIELD: trace} if trace else {})):
            if not self._running.acquire(blocking=False):
                return self._under_way(request)
            try:
                return run_answer(self._run(settings, asked.order))
            finally:
                self._running.release()

    def _under_way(self, request: Request) -> Response:
        if request.headers.get("X-CloudScheduler") == "true":
            # A second delivery of the same call is no failure, and must not be tried again.
            return json_response({"outcome": "under way"}, HTTPStatus.ACCEPTED)
        return failure_answer(
            RunUnderWayError("Another run is going on; this one has changed nothing. Wait.")
        )

    def _run(self, settings: Settings, order: Order) -> Result:
        avepoint, client = self._connections(settings)
        run = Run(settings, order, client=client, avepoint=avepoint, clock=self._clock)
        with structlog.contextvars.bound_contextvars(run_id=run.result.run_id):
            log.info("run started", dry_run=order.dry_run)
            result = run.go()
            for one in result.problems:
                row = {"customer_id": one.customer_id, "row": one.row, "tenant_type": one.tenant_type}
                log.warning("problem", problem=one.kind, detail=one.detail, **row)
            log.info(
                "run finished",
                outcome=result.outcome,
                detail=str(result.failure or ""),
                customers=result.customers.queried,
                failed=result.customers.failed,
                tenants=result.tenants,
                seconds=result.duration_seconds,
                requests=result.requests,
                retries=result.retries,
                throttled=result.throttled,
            )
            return result

    def _connections(self, settings: Settings) -> tuple[AvePoint, HTTPClient]:
        if self._kept is None or self._kept[0] != settings:
            if self._kept is not None:
                self._kept[1].close()
            self._kept = settings, AvePoint(settings, clock=self._clock), connect(settings.sheets_emulator_host)
        return self._kept[1], self._kept[2]
