"""Logs: one JSON object a line, in the fields that Cloud Logging understands, whatever is logged."""

import contextlib
import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from seat_report.reporting import logs
from seat_report.settings.secret import Secret

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture(autouse=True)
def leave_no_trace() -> Iterator[None]:
    """Logging is configured for the whole process; leave it as it was found."""
    handlers = logging.getLogger().handlers[:]
    yield
    logging.getLogger().handlers[:] = handlers
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


class Lines(io.TextIOWrapper):
    """Standard output that keeps what is written, in the encoding of a machine that knows ASCII alone."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        super().__init__(self._bytes, encoding="ascii", newline="")

    def entries(self) -> list[dict[str, Any]]:
        """What was logged, a line each."""
        self.flush()
        return [json.loads(line) for line in self._bytes.getvalue().split(b"\n")[:-1]]


@contextlib.contextmanager
def logged(level: str = "DEBUG") -> Iterator[Lines]:
    """What is logged in here, from this level on."""
    logs.configure(level)
    with Lines() as lines, contextlib.redirect_stdout(lines):
        yield lines


def test_one_entry() -> None:
    """An entry has its message, severity, the moment in UTC, and whatever was said besides, but for what is blank."""
    with logged() as lines:
        structlog.get_logger().info("run finished", customers=0, outcome="ok", dry_run=False, detail=None, by="")
        (entry,) = lines.entries()
    moment = datetime.fromisoformat(entry.pop("time"))
    assert moment.utcoffset() == timedelta(0)
    assert entry == {
        "message": "run finished",
        "severity": "INFO",
        "customers": 0,
        "outcome": "ok",
        "dry_run": False,
    }


def test_a_text_without_end() -> None:
    """A text that is too long for a line keeps both its ends, and no secret shows where it is cut."""
    with logged() as lines:
        structlog.get_logger().info("x", detail="begin " + "😀" * 8_000 + " Bearer hush-hush " + "😀" * 99_999 + " end")
        (entry,) = lines.entries()
        assert lines.tell() < 256_000
    assert entry["detail"].startswith("begin 😀")
    assert entry["detail"].endswith("😀 end")
    assert " … " in entry["detail"]
    assert "hush" not in str(entry)


@pytest.mark.parametrize("severity", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_severities(severity: str) -> None:
    """Each level has the severity that Cloud Logging calls by that name."""
    with logged() as lines:
        getattr(structlog.get_logger(), severity.lower())("x")
        assert [entry["severity"] for entry in lines.entries()] == [severity]


@pytest.mark.parametrize(("level", "kept"), [("DEBUG", 5), ("INFO", 4), ("WARNING", 3), ("ERROR", 2), ("CRITICAL", 1)])
def test_levels(level: str, kept: int) -> None:
    """What is below the level is left out, the rest is not."""
    severities = ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"]
    with logged(level) as lines:
        for severity in severities:
            getattr(structlog.get_logger(), severity.lower())("x")
        assert [entry["severity"] for entry in lines.entries()] == severities[:kept]


def test_exception() -> None:
    """An exception is one line that Error Reporting takes as an error, with its stack."""
    with logged() as lines:
        try:
            dict[str, str]()["nobody\nthere"]
        except KeyError:
            structlog.get_logger().exception("the run broke off", run_id="r-1")
        (entry,) = lines.entries()
    assert entry["severity"] == "ERROR"
    assert entry["message"] == "the run broke off"
    assert entry["run_id"] == "r-1"
    assert entry["@type"].endswith("v1beta1.ReportedErrorEvent")
    assert entry["stack_trace"].startswith("Traceback (most recent call last)")
    assert entry["stack_trace"].endswith("KeyError: 'nobody\\nthere'")
    assert "exception" not in entry
    assert "exc_info" not in entry


def test_plain_error_is_not_reported() -> None:
    """An error that was foreseen is no entry of Error Reporting's."""
    with logged() as lines:
        structlog.get_logger().error("the configuration is not right")
        assert "@type" not in lines.entries()[0]


def test_standard_output_of_the_moment() -> None:
    """A logger that was got before standard output changed writes to the new one."""
    logs.configure("INFO")
    log = structlog.get_logger()
    log.info("before")
    for text in ("first", "second"):
        with Lines() as lines, contextlib.redirect_stdout(lines):
            log.info(text)
            assert [entry["message"] for entry in lines.entries()] == [text]


def test_context() -> None:
    """What is bound to the context is in every entry until it is unbound."""
    with logged() as lines:
        log = structlog.get_logger()
        with structlog.contextvars.bound_contextvars(run_id="r-1"):
            log.info("within")
        log.info("without")
        assert [entry.get("run_id") for entry in lines.entries()] == ["r-1", None]


def test_secret_is_masked() -> None:
    """A secret that is logged by mistake shows that it is one."""
    with logged() as lines:
        structlog.get_logger().info("x", secret=Secret("hunter2"), nested={"secret": [Secret("hunter2")]})
        (entry,) = lines.entries()
    assert "Secret(hidden)" in str(entry)
    assert "hunter2" not in str(entry)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Authorization: Bearer hunter2", "Authorization: Bearer (hidden)"),
        ("{'Authorization': 'Bearer hunter2', 'a': 1}", "{'Authorization': 'Bearer (hidden)', 'a': 1}"),
        ("authorization: basic hunter2==", "authorization: basic (hidden)"),
        ("grant_type=x&client_secret=hunter2&scope=y", "grant_type=x&client_secret=(hidden)&scope=y"),
        ('{"access_token": "hunter2", "expires_in": 1}', '{"access_token": "(hidden)", "expires_in": 1}'),
        ("client_assertion=hun.ter.2 and on", "client_assertion=(hidden) and on"),
        ("a -----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY----- b", "a (hidden) b"),
        ("cut off: -----BEGIN PRIVATE KEY-----\nhunter2\nhunt", "cut off: (hidden)"),
        ("the bearer of this is known", None),
        ("client_secret", "client_secret"),
    ],
)
def test_secret_in_a_text(text: str, kept: str | None) -> None:
    """A secret in the text of an error is hidden, in a field as in a stack, and the rest is kept."""
    with logged() as lines:
        try:
            raise_error(text)
        except ValueError:
            structlog.get_logger().exception("x", detail=text)
        (entry,) = lines.entries()
    assert kept is None or entry["detail"] == kept
    assert "hunter2" not in str(entry)


def raise_error(text: str) -> None:
    """An error with this text."""
    raise ValueError(text)


def test_libraries() -> None:
    """Libraries' warnings are lines of the same form, once however often logging is configured; the rest stays out."""
    with logged() as lines:
        logs.configure("DEBUG")
        library = logging.getLogger("some.library")
        library.setLevel(logging.DEBUG)
        library.debug("send: Authorization")
        library.info("connected")
        library.warning("retrying %s", "soon")
        library.log(35, "between two levels")
        library.critical("gone")
        entries = lines.entries()
    assert [(entry["severity"], entry["detail"]) for entry in entries] == [
        ("WARNING", "retrying soon"),
        ("WARNING", "between two levels"),
        ("ERROR", "gone"),
    ]
    assert all((entry["message"], entry["logger"]) == ("library", "some.library") for entry in entries)


def test_library_that_logs_wrongly(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's log call that fails does so beside the log, not in the middle of a run."""
    root = logging.getLogger()
    with logged() as lines:
        # Ours alone: the test runner's own listener raises.
        root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == logs.__name__]
        logging.getLogger("some.library").warning("%d seats", "many")
        assert lines.entries() == []
    assert "--- Logging error ---" in capsys.readouterr().err


def test_on_standard_error() -> None:
    """Where standard output is for something else, entries go to standard error."""
    with Lines() as output, Lines() as error, contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
        logs.configure("INFO", on_standard_error=True)
        structlog.get_logger().info("x")
        assert output.entries() == []
        assert len(error.entries()) == 1


def test_whatever_is_no_json() -> None:
    """A value that JSON knows nothing of is shown, and keeps no entry from being written."""
    with logged() as lines:
        structlog.get_logger().info("x", value=object(), moment=datetime(2026, 11, 1), values={1, 2})  # noqa: DTZ001 - any will do
        assert len(lines.entries()) == 1


@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_any_text_is_one_line(message: str, value: str) -> None:
    """Any text but a secret, line breaks and halves of surrogate pairs included, is one line and comes back whole."""
    assume(not any(logs._SECRETS.search(text) for text in (message, value)))
    with logged() as lines:
        structlog.get_logger().info(message, value=value)
        (entry,) = lines.entries()
    assert (entry.get("message", ""), entry.get("value", "")) == (message, value)


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"traceparent": PARENT}, TRACE),
        ({"Traceparent": PARENT, "X-Cloud-Trace-Context": f"{OTHER}/1;o=1"}, TRACE),
        ({"X-Cloud-Trace-Context": f"{OTHER}/1;o=1"}, OTHER),
        ({"x-cloud-trace-context": OTHER}, OTHER),
        ({"X-Cloud-Trace-Context": f"{OTHER};o=0"}, OTHER),
        ({"traceparent": "garbage", "X-Cloud-Trace-Context": f"{OTHER}/1"}, OTHER),
        ({"traceparent": PARENT[:-1]}, None),
        ({"traceparent": TRACE}, None),
        ({"X-Cloud-Trace-Context": TRACE + "0/1"}, None),
        ({"X-Cloud-Trace-Context": "../../" + TRACE}, None),
        ({}, None),
    ],
)
def test_trace(headers: dict[str, str], trace: str | None) -> None:
    """A request's trace is named as Cloud Logging wants it; what is none is left out."""
    expected = trace and f"projects/my-project/traces/{trace}"
    assert logs.trace_of(Headers(headers), "my-project") == expected


@pytest.mark.parametrize("project", [None, ""])
def test_trace_without_a_project(project: str | None) -> None:
    """Without the project's id a trace can't be named."""
    assert logs.trace_of(Headers({"traceparent": PARENT}), project) is None
