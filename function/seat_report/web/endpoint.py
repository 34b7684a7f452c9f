"""The function behind its URL: routes, how each request is answered, and what a warm instance keeps."""

import os
import uuid
from collections.abc import Callable
from http import HTTPStatus

import structlog
from flask import Request, Response
from gspread.http_client import HTTPClient

from seat_report import health, logs
from seat_report.attended import AttendedRun, log_faults
from seat_report.avepoint import AvePoint
from seat_report.clock import Clock, SystemClock
from seat_report.errors import ConfigurationError, RunUnderWayError
from seat_report.result import Order
from seat_report.settings import Settings, load
from seat_report.web import parameters
from seat_report.web.answers import (
    Trouble,
    health_answer,
    problem,
    run_answer,
    trouble_of,
    under_way_for_scheduler,
)
from seat_report.web.origin import is_foreign
from seat_report.web.page import form_page, trouble_page, watching_page
from seat_report.web.parameters import Asked
from seat_report.web.running import OneAtATime, Running
from seat_report.workbook.sheets import connect

log = structlog.get_logger()


class Endpoint:
    """Answers requests; kept by a warm instance, with its access token and connections."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._runs = OneAtATime()
        # Until the settings say otherwise; whether they can be used is logged, too.
        logs.configure("INFO")
        self._kept: tuple[Settings, AvePoint, HTTPClient] | None = None
        self._routes: dict[str, tuple[tuple[str, ...], Callable[[Request], Response]]] = {
            "/": (("GET", "POST"), self._root),
            "/health": (("GET",), self._health),
        }

    def answer(self, request: Request) -> Response:
        """The answer to one request, whatever happens."""
        trace = logs.trace_of(request.headers, os.environ.get("GOOGLE_CLOUD_PROJECT"))
        with structlog.contextvars.bound_contextvars(**({logs.TRACE_FIELD: trace} if trace else {})):
            try:
                return self._routed(request)
            except parameters.BadRequestError as error:
                trouble = Trouble(HTTPStatus.BAD_REQUEST, "The request can't be understood", str(error))
            except ConfigurationError as error:
                log_faults(error)
                trouble = trouble_of(error)
            except Exception:
                run_id = uuid.uuid4().hex
                log.exception("unexpected error", run_id=run_id)
                trouble = _unexpected(run_id)
            return _told(trouble, as_page=parameters.wants_page(request))

    def _routed(self, request: Request) -> Response:
        if request.path not in self._routes:
            detail = "Use / to run the report and /health to check it."
            trouble = Trouble(HTTPStatus.NOT_FOUND, "There is nothing here", detail)
            return _told(trouble, as_page=parameters.wants_page(request))
        methods, route = self._routes[request.path]
        if request.method not in methods:
            detail = f"Found {request.method}, expected {' or '.join(methods)}."
            trouble = Trouble(HTTPStatus.METHOD_NOT_ALLOWED, "That method is not for this address", detail)
            answer = _told(trouble, as_page=parameters.wants_page(request))
            answer.headers["Allow"] = ", ".join(methods)
            return answer
        return route(request)

    def _health(self, request: Request) -> Response:
        settings = _settings()
        asked = parameters.parse_health(request)
        return health_answer(health.check(settings, self._clock, deep=asked.deep, fresh=asked.fresh))

    def _root(self, request: Request) -> Response:
        settings = _settings()
        asked = parameters.parse(request)
        as_page = asked.format == "html"
        if as_page and request.method == "GET":
            return form_page(asked.order, settings)
        if is_foreign(request):
            detail = (
                "A page of another site sent this request. Open this address in a tab of its own and run from there."
            )
            return _told(Trouble(HTTPStatus.FORBIDDEN, "Another site may not start a run", detail), as_page=as_page)
        running = self._runs.start(lambda: self._attended(settings, asked.order))
        if running is None:
            why = "Another run is going on; this request has changed nothing. Wait until it has ended, then try again."
            log.info("run refused", trigger=asked.order.trigger, by=asked.order.by, detail=why)
            return _refused(RunUnderWayError(why), asked)
        if as_page:
            return watching_page(running, settings)
        return _when_over(running, asked)

    def _attended(self, settings: Settings, order: Order) -> AttendedRun:
        avepoint, client = self._connections(settings)
        return AttendedRun(settings, order, client=client, avepoint=avepoint, clock=self._clock)

    def _connections(self, settings: Settings) -> tuple[AvePoint, HTTPClient]:
        """What reaches AvePoint and the spreadsheet; made anew when settings change, as when a secret is renewed."""
        if self._kept is None or self._kept[0] != settings:
            if self._kept is not None:
                self._kept[1].close()
                self._kept[2].session.close()
            self._kept = settings, AvePoint(settings, clock=self._clock), connect(settings.sheets_emulator_host)
        return self._kept[1], self._kept[2]


def _settings() -> Settings:
    settings = load()
    logs.configure(settings.log_level)
    return settings


def _when_over(running: Running, asked: Asked) -> Response:
    running.wait()
    failure = running.result.failure
    if isinstance(failure, RunUnderWayError):
        return _refused(failure, asked)
    return run_answer(running.result)


def _refused(failure: RunUnderWayError, asked: Asked) -> Response:
    if asked.order.trigger == "schedule":
        return under_way_for_scheduler()
    return _told(trouble_of(failure), as_page=asked.format == "html")


def _told(trouble: Trouble, *, as_page: bool) -> Response:
    return trouble_page(trouble) if as_page else problem(trouble)


def _unexpected(run_id: str) -> Trouble:
    detail = f"Try again; if it happens again, look for {run_id} in the logs and report what stands there."
    return Trouble(HTTPStatus.INTERNAL_SERVER_ERROR, "Something unexpected happened", detail, {"run_id": run_id})
