"""The client between runs: its version, kept-alive connections, and a run's common warning."""

import tomllib
from pathlib import Path

import pytest

from seat_report.avepoint import client
from seat_report.avepoint.problems import common_failure
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.tenants import TenantType
from tests.support.avepoint_client import client_harness

QUERY = Query("a-customer", TenantType.GOOGLE)


def failed(kind: ProblemKind) -> SeatResult:
    return SeatResult(QUERY, failure=Problem(kind, "Something."))


def test_version() -> None:
    """The version sent to the service is the project's, whose file isn't deployed."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == client.VERSION


def test_idle_connections_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are kept from run to run, but closed once idle for so long that they may be dead."""
    with client_harness(1) as harness:
        closed: list[None] = []
        close = harness.client._transport.close_connections
        monkeypatch.setattr(harness.client._transport, "close_connections", lambda: closed.append(close()))
        assert harness.all_correct(harness.collect().results)
        assert harness.all_correct(harness.collect().results)
        assert not closed
        harness.clock.sleep(120)
        assert harness.all_correct(harness.collect().results)
        assert len(closed) == 1


def test_closed_client_can_be_used_again() -> None:
    """Closing a client closes its connections; the next run opens new ones."""
    with client_harness(1) as harness:
        harness.collect()
        harness.client.close()
        assert harness.all_correct(harness.collect().results)


def test_common_failure() -> None:
    """If all of several queries fail for the same reason, the run has one warning for it; otherwise it has none."""
    for kind in (
        ProblemKind.NOT_FOUND,
        ProblemKind.NOT_AUTHORISED,
        ProblemKind.THROTTLED,
        ProblemKind.UNAVAILABLE,
        ProblemKind.TIMEOUT,
        ProblemKind.BAD_ANSWER,
        ProblemKind.NOT_CHECKED,
    ):
        assert common_failure([failed(kind)] * 2)
    assert common_failure([failed(ProblemKind.NOT_FOUND)]) is None
    assert common_failure([failed(ProblemKind.NOT_FOUND), failed(ProblemKind.TIMEOUT)]) is None
    assert common_failure([failed(ProblemKind.NOT_FOUND), SeatResult(QUERY)]) is None
    assert common_failure([SeatResult(QUERY)] * 2) is None
    assert common_failure([failed(ProblemKind.NOT_LISTED)] * 2) is None
    assert common_failure([]) is None
