"""Captures what is logged and reads the log's lines."""

import io
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import structlog

from seat_report.reporting import logs

LogLine = dict[str, Any]


def log_lines(text: str) -> list[LogLine]:
    """The lines of a log; there must be no others."""
    return [json.loads(line) for line in text.splitlines()]


def log_lines_in(text: str) -> list[LogLine]:
    """The log lines in an output that may have other lines as well."""
    return log_lines("\n".join(line for line in text.splitlines() if line.startswith("{")))


def with_message(lines: Sequence[LogLine], message: str) -> list[LogLine]:
    """The lines with this message."""
    return [line for line in lines if line["message"] == message]


class AsciiOutput(io.TextIOWrapper):
    """A standard output that keeps what is written, in the encoding of a machine that supports ASCII only."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="ascii", newline="")

    def entries(self) -> list[LogLine]:
        """The logged entries, one per line."""
        self.flush()
        return [json.loads(line) for line in self._bytes.getvalue().split(b"\n")[:-1]]


@contextmanager
def captured_log(level: str = "DEBUG") -> Iterator[AsciiOutput]:
    """Configure logging at this level and capture what is logged meanwhile."""
    logs.configure(level)
    with AsciiOutput() as output, redirect_stdout(output):
        yield output


@contextmanager
def restored_logging() -> Iterator[None]:
    """Restore the logging of the process as it was before."""
    handlers = logging.getLogger().handlers[:]
    try:
        yield
    finally:
        logging.getLogger().handlers[:] = handlers
        structlog.contextvars.clear_contextvars()
        structlog.reset_defaults()
