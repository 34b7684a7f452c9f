"""Logs: one JSON object per line, in the fields that Cloud Logging understands, whatever is logged."""

import contextlib
import errno
import io
import logging
from datetime import datetime, timedelta

import pytest
import structlog
from werkzeug.datastructures import Headers

from seat_report.reporting import logs
from seat_report.settings.secret import Secret
from tests.support.log_lines import AsciiOutput, captured_log

pytestmark = pytest.mark.usefixtures("restore_logging")

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_fields_of_an_entry() -> None:
    """An entry has its message, its severity, the time in UTC, and all other fields that are not blank."""
    with captured_log() as output:
        structlog.get_logger().info("run finished", customers=0, outcome="ok", dry_run=False, detail=None, by="")
        (entry,) = output.entries()
    time = datetime.fromisoformat(entry.pop("time"))
    assert time.utcoffset() == timedelta(0)
    assert entry == {
        "message": "run finished",
        "severity": "INFO",
        "customers": 0,
        "outcome": "ok",
        "dry_run": False,
    }


class BrokenOutput(io.StringIO):
    """An output that nothing can be written to."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def write(self, _: str) -> int:
        """Fail."""
        raise self._error


BROKEN = [OSError(errno.ENOSPC, "No space left"), BrokenPipeError(), ValueError("I/O operation on closed file")]


@pytest.mark.parametrize("error", BROKEN)
@pytest.mark.parametrize("severity", ["debug", "info", "warning", "error", "critical", "exception"])
def test_an_output_that_cannot_be_written(error: Exception, severity: str) -> None:
    """The line is lost, and nothing else."""
    logs.configure("DEBUG")
    with contextlib.redirect_stdout(BrokenOutput(error)):
        getattr(structlog.get_logger(), severity)("x")
        logging.getLogger("urllib3").warning("x")


def test_very_long_text() -> None:
    """A text that is too long for a line keeps both ends, and cutting it reveals no secret."""
    with captured_log() as output:
        structlog.get_logger().info("x", detail="begin " + "😀" * 8_000 + " Bearer hush-hush " + "😀" * 99_999 + " end")
        (entry,) = output.entries()
        assert output.tell() < 256_000
    assert entry["detail"].startswith("begin 😀")
    assert entry["detail"].endswith("😀 end")
    assert " … " in entry["detail"]
    assert "hush" not in str(entry)


@pytest.mark.parametrize("severity", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_severities(severity: str) -> None:
    """Each level has the severity of the same name in Cloud Logging."""
    with captured_log() as output:
        getattr(structlog.get_logger(), severity.lower())("x")
        assert [entry["severity"] for entry in output.entries()] == [severity]


@pytest.mark.parametrize(("level", "kept"), [("DEBUG", 5), ("INFO", 4), ("WARNING", 3), ("ERROR", 2), ("CRITICAL", 1)])
def test_levels(level: str, kept: int) -> None:
    """Entries below the level are left out, all others are kept."""
    severities = ["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"]
    with captured_log(level) as output:
        for severity in severities:
            getattr(structlog.get_logger(), severity.lower())("x")
        assert [entry["severity"] for entry in output.entries()] == severities[:kept]


def test_exception() -> None:
    """An exception is one line that Error Reporting recognises as an error, with its stack trace."""
    with captured_log() as output:
        try:
            dict[str, str]()["nobody\nthere"]
        except KeyError:
            structlog.get_logger().exception("the run broke off", run_id="r-1")
        (entry,) = output.entries()
    assert entry["severity"] == "ERROR"
    assert entry["message"] == "the run broke off"
    assert entry["run_id"] == "r-1"
    assert entry["@type"].endswith("v1beta1.ReportedErrorEvent")
    assert entry["stack_trace"].startswith("Traceback (most recent call last)")
    assert entry["stack_trace"].endswith("KeyError: 'nobody\\nthere'")
    assert "exception" not in entry
    assert "exc_info" not in entry


def test_expected_error_is_not_reported() -> None:
    """An expected error is not sent to Error Reporting."""
    with captured_log() as output:
        structlog.get_logger().error("the configuration is not right")
        assert "@type" not in output.entries()[0]


def test_current_standard_output() -> None:
    """A logger obtained before standard output was redirected writes to the new one."""
    logs.configure("INFO")
    log = structlog.get_logger()
    log.info("before")
    for text in ("first", "second"):
        with AsciiOutput() as output, contextlib.redirect_stdout(output):
            log.info(text)
            assert [entry["message"] for entry in output.entries()] == [text]


def test_context() -> None:
    """Fields bound to the context are in every entry until they are unbound."""
    with captured_log() as output:
        log = structlog.get_logger()
        with structlog.contextvars.bound_contextvars(run_id="r-1"):
            log.info("within")
        log.info("without")
        assert [entry.get("run_id") for entry in output.entries()] == ["r-1", None]


def test_secret_is_masked() -> None:
    """A secret that is logged by mistake is masked."""
    with captured_log() as output:
        structlog.get_logger().info("x", secret=Secret("hunter2"), nested={"secret": [Secret("hunter2")]})
        (entry,) = output.entries()
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
    """A secret in an error message is redacted, in fields and in stack traces, and the rest is kept."""
    with captured_log() as output:
        try:
            raise_error(text)
        except ValueError:
            structlog.get_logger().exception("x", detail=text)
        (entry,) = output.entries()
    assert kept is None or entry["detail"] == kept
    assert "hunter2" not in str(entry)


def raise_error(text: str) -> None:
    """Raise an error with this text."""
    raise ValueError(text)


def test_libraries() -> None:
    """Libraries' warnings are logged in the same format, once even if logging is configured twice; the rest is not."""
    with captured_log() as output:
        logs.configure("DEBUG")
        library = logging.getLogger("some.library")
        library.setLevel(logging.DEBUG)
        library.debug("send: Authorization")
        library.info("connected")
        library.warning("retrying %s", "soon")
        library.log(35, "between two levels")
        library.critical("gone")
        entries = output.entries()
    assert [(entry["severity"], entry["detail"]) for entry in entries] == [
        ("WARNING", "retrying soon"),
        ("WARNING", "between two levels"),
        ("ERROR", "gone"),
    ]
    assert all((entry["message"], entry["logger"]) == ("library", "some.library") for entry in entries)


def test_faulty_log_call_of_a_library(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's faulty log call is reported outside the log and does not break a run."""
    root = logging.getLogger()
    with captured_log() as output:
        # Only this package's handler: the test runner's own handler raises.
        root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == logs.__name__]
        logging.getLogger("some.library").warning("%d seats", "many")
        assert output.entries() == []
    assert "--- Logging error ---" in capsys.readouterr().err


def test_on_standard_error() -> None:
    """Where standard output serves another purpose, entries go to standard error."""
    with (
        AsciiOutput() as output,
        AsciiOutput() as error,
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(error),
    ):
        logs.configure("INFO", on_standard_error=True)
        structlog.get_logger().info("x")
        assert output.entries() == []
        assert len(error.entries()) == 1


def test_values_that_json_lacks() -> None:
    """A value that JSON can't represent is logged as text."""
    with captured_log() as output:
        structlog.get_logger().info("x", value=object(), moment=datetime(2026, 11, 1), values={1, 2})  # noqa: DTZ001 - any time will do
        assert len(output.entries()) == 1


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"traceparent": TRACEPARENT}, TRACE),
        ({"Traceparent": TRACEPARENT, "X-Cloud-Trace-Context": f"{OTHER_TRACE}/1;o=1"}, TRACE),
        ({"X-Cloud-Trace-Context": f"{OTHER_TRACE}/1;o=1"}, OTHER_TRACE),
        ({"x-cloud-trace-context": OTHER_TRACE}, OTHER_TRACE),
        ({"X-Cloud-Trace-Context": f"{OTHER_TRACE};o=0"}, OTHER_TRACE),
        ({"traceparent": "garbage", "X-Cloud-Trace-Context": f"{OTHER_TRACE}/1"}, OTHER_TRACE),
        ({"traceparent": TRACEPARENT[:-1]}, None),
        ({"traceparent": TRACE}, None),
        ({"X-Cloud-Trace-Context": TRACE + "0/1"}, None),
        ({"X-Cloud-Trace-Context": "../../" + TRACE}, None),
        ({}, None),
    ],
)
def test_trace(headers: dict[str, str], trace: str | None) -> None:
    """A request's trace is named as Cloud Logging expects; an invalid one is ignored."""
    expected = trace and f"projects/my-project/traces/{trace}"
    assert logs.trace_of(Headers(headers), "my-project") == expected


@pytest.mark.parametrize("project", [None, ""])
def test_trace_without_project(project: str | None) -> None:
    """Without a project id, a trace can't be named."""
    assert logs.trace_of(Headers({"traceparent": TRACEPARENT}), project) is None
