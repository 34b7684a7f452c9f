"""Logs: one JSON object per line, with only the documented fields and of bounded length, whatever the texts."""

import contextlib
import io
import json
import logging
from typing import Any

import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as st

from seat_report.reporting import logs
from tests.proof.sampling import chosen
from tests.properties.corpus import CORPUS, HALVES, MARK, Hostile
from tests.properties.journey import Journey
from tests.support.log_lines import captured_log, restored_logging
from tests.support.world import World

MAX_LINE_LENGTH = 256_000
SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR"}
COMMON_FIELDS = {"severity", "time", "message", "run_id"}
# The fields that a line with these messages may have in addition.
FIELDS = {
    "run started": {"trigger", "by", "dry_run", "limited"},
    "problem": {"problem", "detail", "customer_id", "row", "tenant_type"},
    "warning": {"detail"},
    "configuration fault": {"setting", "wrong", "remedy"},
    "AvePoint is asked again": {"customer_id", "tenant_type", "why", "wait"},
    "Google Sheets refused": {"status", "said", "write"},
    "library": {"logger", "detail", "@type", "stack_trace"},
    "unexpected error": {"@type", "stack_trace"},
}


def checked_lines(logged: str) -> list[dict[str, Any]]:
    """The lines, each checked for what must hold for every line."""
    assert logged.isascii()
    assert logged.endswith("\n")
    # Including everything that a reader may take for a line break.
    assert len(logged.splitlines()) == logged.count("\n")
    entries = [json.loads(line) for line in logged.splitlines()]
    assert max(map(len, logged.splitlines())) < MAX_LINE_LENGTH
    for entry in entries:
        assert entry["severity"] in SEVERITIES
        if entry["message"] != "run finished":
            assert entry.keys() <= COMMON_FIELDS | FIELDS[entry["message"]]
    return entries


def log_exception(text: str) -> None:
    """Log an unexpected error with the text in it."""
    try:
        int(f"x{text}")
    except ValueError:
        structlog.get_logger().exception("unexpected error")
        raise


def test_every_line(journey: Journey) -> None:
    """Each event of the runs is one line with the documented fields."""
    entries = checked_lines(journey.logged)
    assert [entry["message"] for entry in entries].count("run finished") == 5
    assert not [entry for entry in entries if MARK in f"{[*entry]} {entry['message']} {entry['severity']}"]
    customer_ids = {entry.get("customer_id") for entry in entries}
    assert {journey.customer(text) for text in journey.texts} <= customer_ids


def test_problems_are_short(journey: Journey) -> None:
    """The event of a problem is short."""
    assert max(len(f"{entry}") for entry in checked_lines(journey.logged) if entry["message"] == "problem") < 4000


@pytest.mark.parametrize("hostile", chosen(CORPUS, 25) + HALVES, ids=str)
def test_any_text_in_any_field(hostile: Hostile) -> None:
    """A text in a field, a fault, an exception or a library's message stays within its line and field."""
    with restored_logging(), contextlib.redirect_stdout(io.StringIO()) as output:
        # Among the handlers is one of pytest for its report, which can't hold half of a surrogate pair.
        logging.getLogger().handlers.clear()
        logs.configure("DEBUG")
        log = structlog.get_logger()
        log.warning("problem", detail=hostile.text, customer_id=hostile.text)
        log.error("configuration fault", setting=hostile.text, wrong=hostile.text, remedy=hostile.text)
        logging.getLogger("urllib3").warning("Failed: %s", hostile.text)
        with contextlib.suppress(ValueError):
            log_exception(hostile.text)
    entries = checked_lines(output.getvalue())
    assert [entry["severity"] for entry in entries] == ["WARNING", "ERROR", "WARNING", "ERROR"]
    if "Bearer" not in hostile.text:
        assert entries[0].get("detail", "")[:8_000] == hostile.text[:8_000]


@given(st.text(st.characters(exclude_categories=[])), st.text(st.characters(exclude_categories=[])))
def test_any_text_is_one_line(message: str, value: str) -> None:
    """Any text except a secret, including line breaks and halves of surrogate pairs, is one line and reads back."""
    assume(not any(logs._SECRETS.search(text) for text in (message, value)))
    with restored_logging(), captured_log() as output:
        structlog.get_logger().info(message, value=value)
        (entry,) = output.entries()
    assert (entry.get("message", ""), entry.get("value", "")) == (message, value)


def test_request_headers(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """A hostile name of a job, trace or client adds no line of its own, and a long one is cut."""
    world.configure(GOOGLE_CLOUD_PROJECT="a-project")
    world.put("Customers", [["Customer ID"]])
    hostile = [*chosen(CORPUS, 20), CORPUS[-1]]
    texts = [each.text.encode("latin-1", "replace").decode("latin-1") for each in hostile]
    for text in texts:
        environ = dict.fromkeys(("HTTP_X_CLOUDSCHEDULER_JOBNAME", "HTTP_TRACEPARENT", "HTTP_USER_AGENT"), text)
        assert world.function.post("/", environ_overrides=environ).status_code == 200
    entries = [entry for entry in checked_lines(capsys.readouterr().out) if entry["message"] == "run started"]
    assert len(entries) == len(texts)
    assert max(len(entry.get("by", "")) for entry in entries) == 200
    assert not [entry for entry in entries if "logging.googleapis.com/trace" in entry]
