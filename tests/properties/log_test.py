"""Log: one JSON object a line, with our fields alone and of bounded length, whatever text goes into it."""

import contextlib
import io
import json
import logging
from typing import Any

import pytest
import structlog

from seat_report.reporting import logs
from tests.proof.sampling import chosen
from tests.properties.corpus import CORPUS, HALVES, MARK, Hostile
from tests.properties.journey import Journey
from tests.support.world import World

LONGEST_LINE = 256_000
SEVERITIES = {"DEBUG", "INFO", "WARNING", "ERROR"}
EVERYWHERE = {"severity", "time", "message", "run_id"}
# All that a line of these messages may have besides.
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


def lines(logged: str) -> list[dict[str, Any]]:
    """The lines, each of them checked for what holds of every one."""
    assert logged.isascii()
    assert logged.endswith("\n")
    # Whatever anybody takes for the end of a line.
    assert len(logged.splitlines()) == logged.count("\n")
    found = [json.loads(line) for line in logged.splitlines()]
    assert max(map(len, logged.splitlines())) < LONGEST_LINE
    for one in found:
        assert one["severity"] in SEVERITIES
        if one["message"] != "run finished":
            assert one.keys() <= EVERYWHERE | FIELDS[one["message"]]
    return found


def break_down(text: str) -> None:
    """Log an error that nobody expected, with the text in it."""
    try:
        int(f"x{text}")
    except ValueError:
        structlog.get_logger().exception("unexpected error")
        raise


def test_every_line(journey: Journey) -> None:
    """Each event of the runs is one line of ours with the fields that it is documented to have."""
    found = lines(journey.logged)
    assert [one["message"] for one in found].count("run finished") == 5
    assert not [one for one in found if MARK in f"{[*one]} {one['message']} {one['severity']}"]
    told = {one.get("customer_id") for one in found}
    assert {journey.customer(one) for one in journey.texts} <= told


def test_details_are_short(journey: Journey) -> None:
    """No event of a customer is longer than it takes to tell what happened."""
    assert max(len(f"{one}") for one in lines(journey.logged) if one["message"] == "problem") < 4000


@pytest.mark.parametrize("hostile", chosen(CORPUS, 50) + HALVES, ids=str)
def test_any_text_in_any_field(hostile: Hostile) -> None:
    """A text in a field, a fault, an exception or a library's message stays within its line and its field."""
    handlers = logging.getLogger().handlers[:]
    # Among them one that keeps what is logged for pytest's report, which can't hold half of a pair.
    logging.getLogger().handlers.clear()
    with contextlib.redirect_stdout(io.StringIO()) as output:
        logs.configure("DEBUG")
        log = structlog.get_logger()
        log.warning("problem", detail=hostile.text, customer_id=hostile.text)
        log.error("configuration fault", setting=hostile.text, wrong=hostile.text, remedy=hostile.text)
        logging.getLogger("urllib3").warning("Failed: %s", hostile.text)
        with contextlib.suppress(ValueError):
            break_down(hostile.text)
    logging.getLogger().handlers[:] = handlers
    structlog.reset_defaults()
    found = lines(output.getvalue())
    assert [one["severity"] for one in found] == ["WARNING", "ERROR", "WARNING", "ERROR"]
    if "Bearer" not in hostile.text:
        assert found[0].get("detail", "")[:8_000] == hostile.text[:8_000]


def test_who_asks(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Who calls itself or its trace by a hostile name writes no line of its own, and no name without end."""
    world.configure(GOOGLE_CLOUD_PROJECT="a-project")
    world.put("Customers", [["Customer ID"]])
    texts = [one.text.encode("latin-1", "replace").decode("latin-1") for one in [*chosen(CORPUS, 30), CORPUS[-1]]]
    for text in texts:
        environ = dict.fromkeys(("HTTP_X_CLOUDSCHEDULER_JOBNAME", "HTTP_TRACEPARENT", "HTTP_USER_AGENT"), text)
        assert world.function.post("/", environ_overrides=environ).status_code == 200
    found = [one for one in lines(capsys.readouterr().out) if one["message"] == "run started"]
    assert len(found) == len(texts)
    assert max(len(one.get("by", "")) for one in found) == 200
    assert not [one for one in found if "logging.googleapis.com/trace" in one]
