"""Structured logs: one JSON object a line, in the fields that Google Cloud Logging and Error Reporting understand.

Source: Google's "Structured logging" (severity, message, time, logging.googleapis.com/trace) and "Format errors in
logs" of Error Reporting (@type, stack_trace).
"""

import logging
import re
import sys

import structlog
from structlog.types import EventDict, WrappedLogger
from werkzeug.datastructures import Headers

_ERROR_EVENT = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
TRACE_FIELD = "logging.googleapis.com/trace"
_TRACE = re.compile(r"^([0-9a-f]{32})(?:[/;].*)?$")
_TRACE_PARENT = re.compile(r"^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$")


def configure(level: str) -> None:
    """Log from now on at this level and above, on standard output."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _severity,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
            structlog.processors.format_exc_info,
            _reported_error,
            structlog.processors.EventRenamer("message"),
            # In ASCII: no text, however broken, can keep its line from being written.
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_StandardOutput(),
    )


class _StandardOutput:
    """Makes loggers that write to what standard output is at that moment, not when logging was configured."""

    def __call__(self, *_: object) -> structlog.PrintLogger:
        return structlog.PrintLogger(sys.stdout)


def trace_of(headers: Headers, project: str | None) -> str | None:
    """The trace that a request belongs to, as Cloud Logging names it; None without one or without the project's id."""
    if not project:
        return None
    for header, pattern in (("traceparent", _TRACE_PARENT), ("X-Cloud-Trace-Context", _TRACE)):
        if match := pattern.match(headers.get(header, "")):
            return f"projects/{project}/traces/{match.group(1)}"
    return None


def _severity(_: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["severity"] = "ERROR" if method == "exception" else method.upper()
    return event


def _reported_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["stack_trace"] = event.pop("exception")
        event["@type"] = _ERROR_EVENT
    return event
