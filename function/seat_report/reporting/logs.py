"""Structured logs: one JSON object a line, in the fields that Google Cloud Logging and Error Reporting understand.

Every line has `severity`, `time`, `message`; within a run also `run_id`, and within a request of a known trace
`logging.googleapis.com/trace`; lines of worker threads too. Cloud Logging shows the rest under `jsonPayload`, the
message as `jsonPayload.message`. A field without a value is left out, never null; of a very long one the middle is.
Messages and fields are stable: alerts and dashboards rely on them.

- ``run started`` (INFO): ``trigger`` (schedule, manual, terminal), ``by``, ``dry_run``, ``limited``
- ``problem`` (WARNING; INFO for a mere notice): ``problem`` (the kinds in the README), ``detail``, ``customer_id``,
  ``row``, ``tenant_type``
- ``warning`` (WARNING): ``detail``: what concerns the whole run, such as a credential that ends soon
- ``configuration fault`` (ERROR): ``setting``, ``wrong``, ``remedy``; one a fault, in a run or before one
- ``run finished`` (INFO if ok, WARNING if partial, ERROR if failed): once a run that began; fields below
- ``run refused`` (INFO): ``trigger``, ``by``, ``detail``: another run is under way; nothing was done
- ``unexpected error`` (ERROR): ``stack_trace`` and ``@type``, which Error Reporting groups; ``run_id``
- ``health check failed`` (WARNING): ``check`` (avepoint, spreadsheet, fresh), ``detail``
- ``library`` (WARNING or ERROR): ``logger``, ``detail``: what a library had to say

Retries and their reasons are DEBUG, under other messages.

Fields of ``run finished``, numbers as JSON numbers:

- ``outcome``: ok, partial, failed; ``failure`` (only if failed): configuration, avepoint, spreadsheet, unexpected;
  ``detail``: the outcome in a sentence
- ``trigger``, ``by``; ``dry_run``: nothing was written; ``limited``: only some customers or types were asked about,
  so counts of customers, tenants and seats are not those of everybody
- ``seconds``
- ``customers`` (asked about), ``failed`` (of them, with at least one query without an answer), ``answered`` (the rest),
  ``listed``, ``skipped``
- ``tenants``, ``assigned``, ``available``: over all tenants that answered in this run; and by type, for the types asked
  about: ``assigned_microsoft_365``, ``available_microsoft_365``, ``…_salesforce``, ``…_google``, ``…_dynamics_365``
- ``requests``, ``retries``, ``throttled``: of AvePoint
- ``rows_added``, ``rows_updated``, ``rows_removed``, ``rows_changed`` (their sum), ``cells_changed``: of the Seat
  Report tab; what a dry run would have changed
- ``problems``, ``warnings``: how many
- ``not_ok_in_a_row``: the latest runs that did not end ok, this one included; 0 after a good one; left out if unknown
- ``credential_days_left``: whole days until AvePoint's credential ends, negative after; left out if unknown

Source: Google's "Structured logging" (severity, message, time, logging.googleapis.com/trace) and "Format errors in
logs" of Error Reporting (@type, stack_trace).
"""

import logging
import re
import sys
from typing import TextIO

import structlog
from structlog.types import EventDict, WrappedLogger
from werkzeug.datastructures import Headers

_ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
# Cloud Logging takes lines of 256 KB, and a character may take up twelve bytes in ASCII.
_LONGEST_TEXT = 16_000
TRACE_FIELD = "logging.googleapis.com/trace"
_TRACE = re.compile(r"^([0-9a-f]{32})(?:[/;].*)?$")
_TRACE_PARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")
# Nothing of ours writes these into a line; this is for the text of an error that a library raises.
_SECRETS = re.compile(
    r"""(?P<before>\b(?:Bearer|Basic)\s+|\b(?:client_secret|client_assertion|access_token)["']?\s*[=:]\s*["']?)"""
    r"""[^\s"'&,;\\]+"""
    r"""|-----BEGIN[A-Z ]*PRIVATE\ KEY-----.*?(?:-----END[A-Z ]*PRIVATE\ KEY-----|$)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def configure(level: str, *, on_standard_error: bool = False) -> None:
    """Log from now on at this level and above, on standard output unless told otherwise.

    Libraries' warnings become lines of the same form; what they log below that stays out at any level, since some
    quote the headers that they send.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _severity,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _reported_error,
            structlog.processors.EventRenamer("message"),
            _without_blanks,
            _without_secrets,
            _bounded,
            # In ASCII: no text, however broken, can keep its line from being written.
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_Output(on_standard_error=on_standard_error),
    )
    _hear_libraries()


def _hear_libraries() -> None:
    root = logging.getLogger()
    for handler in root.handlers[:]:
        # The framework's own, which writes plain text; whatever else listens is left alone.
        if type(handler) is logging.StreamHandler:
            root.removeHandler(handler)
    # Its warnings quote the headers of answers, in which a token may be echoed.
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    if not any(isinstance(handler, _Libraries) for handler in root.handlers):
        root.addHandler(_Libraries(logging.WARNING))


class _Output:
    """Makes loggers that write to what the stream is at that moment, not when logging was configured."""

    def __init__(self, *, on_standard_error: bool) -> None:
        self._on_standard_error = on_standard_error

    def __call__(self, *_: object) -> structlog.PrintLogger:
        stream: TextIO = sys.stderr if self._on_standard_error else sys.stdout
        return structlog.PrintLogger(stream)


class _Libraries(logging.Handler):
    """Passes on what libraries log in Python's own way."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as a line of ours."""
        log = structlog.get_logger()
        try:
            (log.error if record.levelno >= logging.ERROR else log.warning)(
                "library", logger=record.name, detail=record.getMessage(), exc_info=record.exc_info
            )
        except Exception:  # noqa: BLE001 - as Python's own handlers do: a bad log call must not break the caller
            self.handleError(record)


def trace_of(headers: Headers, project: str | None) -> str | None:
    """The trace that a request belongs to, as Cloud Logging names it; None without one or without the project's id."""
    if not project:
        return None
    for header, pattern in (("traceparent", _TRACE_PARENT), ("X-Cloud-Trace-Context", _TRACE)):
        if match := pattern.match(headers.get(header, "")):
            return f"projects/{project}/traces/{match.group(1)}"
    return None


def _severity(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["severity"] = method.upper()
    return event


def _reported_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["stack_trace"] = event.pop("exception")
        event["@type"] = _ERROR_EVENT
    return event


def _without_blanks(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: value for name, value in event.items() if value not in (None, "")}


def _without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _SECRETS.sub(_hidden, value) if isinstance(value, str) else value for name, value in event.items()}


def _bounded(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {name: _cut(value) if isinstance(value, str) else value for name, value in event.items()}


def _cut(text: str) -> str:
    """The text without its middle if it is too long: of a stack trace, both ends matter."""
    half = _LONGEST_TEXT // 2
    return text if len(text) <= _LONGEST_TEXT else f"{text[:half]} … {text[-half:]}"


def _hidden(found: re.Match[str]) -> str:
    return f"{found['before'] or ''}(hidden)"
