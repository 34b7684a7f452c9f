"""Structured logs: one JSON object per line, in the fields that Google Cloud Logging and Error Reporting understand.

Every line has `severity`, `time` and `message`; within a run also `run_id`, and within a request of a known trace
`logging.googleapis.com/trace`, in worker threads too. Cloud Logging shows the rest under `jsonPayload`, the message as
`jsonPayload.message`. A field without a value is left out, never null; a very long one loses its middle. Messages and
fields are stable: alerts and dashboards rely on them.

- ``run started`` (INFO): ``trigger`` (schedule, manual, terminal), ``by``, ``dry_run``, ``limited``
- ``problem`` (WARNING; INFO for a notice): ``problem`` (the kinds in infra/OPERATIONS.md), ``detail``, ``customer_id``,
  ``row``, ``tenant_type``
- ``warning`` (WARNING): ``detail``: a warning about the run itself, such as a credential that expires soon
- ``configuration fault`` (ERROR): ``setting``, ``wrong``, ``remedy``; one per fault of a run or a check
- ``run finished`` (INFO if ok, WARNING if partial, ERROR if failed): once per run that began; fields below
- ``run refused`` (INFO): ``trigger``, ``by``, ``detail``: another run is under way, nothing was done
- ``unexpected error`` (ERROR): ``stack_trace`` and ``@type``, which Error Reporting groups; ``run_id``
- ``health check failed`` (WARNING): ``check`` (avepoint, spreadsheet, fresh), ``detail``
- ``library`` (WARNING or ERROR): ``logger``, ``detail``: a warning or error of a library

Retries and their reasons are logged at DEBUG, under other messages.

Fields of ``run finished``, numbers as JSON numbers:

- ``outcome``: ok, partial, failed; ``failure`` (only if failed): configuration, avepoint, spreadsheet, unexpected;
  ``detail``: the outcome in a sentence
- ``trigger``, ``by``; ``dry_run``: nothing was written; ``limited``: only some customers or types were queried, so
  counts of customers don't cover all of them
- ``seconds``
- ``customers`` (queried), ``failed`` (those of them with at least one query without an answer), ``answered`` (the
  rest), ``listed``, ``skipped``
- ``tenants``, ``assigned``, ``available``: all that is known in the report after the run; and by type, left out where
  nothing is known: ``assigned_microsoft_365``, ``available_microsoft_365``, ``…_salesforce``, ``…_google``,
  ``…_dynamics_365``; ``missing``: for how many pairs of a customer and a type they lack the number, 0 if complete
- ``requests``, ``retries``, ``throttled``: requests to AvePoint
- ``rows_added``, ``rows_updated``, ``rows_removed``, ``rows_changed`` (their sum), ``cells_changed``: of the Seat
  Report tab; in a dry run, what would have changed
- ``problems``, ``warnings``: their number
- ``not_ok_in_a_row``: how many of the latest runs for everybody in a row did not end ok, this one included if it is
  one and no preview; left out if unknown
- ``credential_days_left``: full days until AvePoint's credential expires, negative after that; left out if unknown

Source: Google's "Structured logging" (severity, message, time, logging.googleapis.com/trace) and "Format errors in
logs" of Error Reporting (@type, stack_trace).
"""

import logging
import re
import sys
from contextlib import suppress
from typing import TextIO

import structlog
from structlog.types import EventDict, WrappedLogger
from werkzeug.datastructures import Headers

_ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
# Cloud Logging accepts lines of up to 256 KB, and a character may take twelve bytes in ASCII.
_MAX_TEXT_LENGTH = 16_000
TRACE_FIELD = "logging.googleapis.com/trace"
_TRACE = re.compile(r"^([0-9a-f]{32})(?:[/;].*)?$")
_TRACE_PARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
# This package never logs these; the pattern is for error messages of libraries.
_SECRETS = re.compile(
    r"""(?P<before>\b(?:Bearer|Basic)\s+|\b(?:client_secret|client_assertion|access_token)["']?\s*[=:]\s*["']?)"""
    r"""[^\s"'&,;\\]+"""
    r"""|-----BEGIN[A-Z ]*PRIVATE\ KEY-----.*?(?:-----END[A-Z ]*PRIVATE\ KEY-----|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def configure(level: str, *, on_standard_error: bool = False) -> None:
    """Log at this level and above from now on, to standard output or, on request, to standard error.

    Libraries' warnings and errors are logged in the same format; anything below is left out at every level, since some
    libraries quote the headers that they send.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _with_severity,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _for_error_reporting,
            structlog.processors.EventRenamer("message"),
            _without_blanks,
            _with_secrets_redacted,
            _with_bounded_texts,
            # In ASCII, so that even malformed text can be written.
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_LoggerFactory(on_standard_error=on_standard_error),
    )
    _capture_libraries()


def _capture_libraries() -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        # The framework's own handler, which writes plain text; other handlers stay.
        if type(handler) is logging.StreamHandler:
            root.removeHandler(handler)
    # Its warnings quote the headers of responses, which may repeat a token.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    if not any(isinstance(handler, _LibraryHandler) for handler in root.handlers):
        root.addHandler(_LibraryHandler(logging.WARNING))


class _LoggerFactory:
    """Creates loggers that write to the current stream, not the one at the time when logging was configured."""

    def __init__(self, *, on_standard_error: bool) -> None:
        self._on_standard_error = on_standard_error

    def __call__(self, *_: object) -> structlog.PrintLogger:
        stream: TextIO = sys.stderr if self._on_standard_error else sys.stdout
        return _BestEffortLogger(stream)


class _BestEffortLogger(structlog.PrintLogger):
    """Drops a line that can't be written: a full disk or a closed pipe must not change what a run does."""

    def msg(self, message: str) -> None:
        """Write the line if possible."""
        # ValueError: the stream is closed.
        with suppress(OSError, ValueError):
            super().msg(message)

    debug = info = warning = error = critical = msg


class _LibraryHandler(logging.Handler):
    """Forwards what libraries log with Python's `logging`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record as a structured line."""
        log = structlog.get_logger()
        try:
            (log.error if record.levelno >= logging.ERROR else log.warning)(
                "library", logger=record.name, detail=record.getMessage(), exc_info=record.exc_info
            )
        except Exception:  # noqa: BLE001 - as Python's own handlers do: a faulty log call must not break the caller
            self.handleError(record)


def trace_of(headers: Headers, project: str | None) -> str | None:
    """The request's trace as Cloud Logging names it; None without a trace or a project id."""
    if not project:
        return None
    for header, pattern in (("traceparent", _TRACE_PARENT), ("X-Cloud-Trace-Context", _TRACE)):
        if match := pattern.match(headers.get(header, "")):
            return f"projects/{project}/traces/{match.group(1)}"
    return None


def _with_severity(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["severity"] = method.upper()
    return event


def _for_error_reporting(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["stack_trace"] = event.pop("exception")
        event["@type"] = _ERROR_EVENT
    return event


def _without_blanks(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if value not in (None, "")}


def _with_secrets_redacted(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _SECRETS.sub(_redacted, value) if isinstance(value, str) else value for name, value in event.items()}


def _with_bounded_texts(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _without_middle(value) if isinstance(value, str) else value for name, value in event.items()}


def _without_middle(text: str) -> str:
    """The text, without its middle if it is too long: both ends of a stack trace matter."""
    half = _MAX_TEXT_LENGTH // 2
    return text if len(text) <= _MAX_TEXT_LENGTH else f"{text[:half]} … {text[-half:]}"


def _redacted(match: re.Match[str]) -> str:
    return f"{match['before'] or ''}(hidden)"
