"""What the client is, and what it keeps, between runs."""

import tomllib
from pathlib import Path

from seat_report.avepoint import client
from seat_report.avepoint.problems import said_once
from seat_report.domain.problems import Problem, ProblemKind
from seat_report.domain.queries import Query, SeatResult
from seat_report.domain.tenants import TenantType
from tests.support.avepoint_client import bench, right

QUERY = Query("a-customer", TenantType.GOOGLE)


def failed(kind: ProblemKind) -> SeatResult:
    return SeatResult(QUERY, failure=Problem(kind, "Something."))


def test_the_version() -> None:
    """The version that the service is told is the project's, whose file isn't deployed."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == client.VERSION


def test_connections_that_were_idle_for_long() -> None:
    """Connections are kept from run to run, but not once they were idle for so long that they may be gone."""
    with bench(1) as it:
        forgotten: list[None] = []
        forget = it.client._transport.forget_connections
        it.client._transport.forget_connections = lambda: forgotten.append(forget())  # type: ignore[method-assign]
        assert right(it, it.collect().results[0])
        assert right(it, it.collect().results[0])
        assert not forgotten
        it.clock.sleep(120)
        assert right(it, it.collect().results[0])
        assert len(forgotten) == 1


def test_a_closed_client_opens_again() -> None:
    """Closing lets connections go; the next run makes new ones."""
    with bench(1) as it:
        it.collect()
        it.client.close()
        assert right(it, it.collect().results[0])


def test_what_is_said_once() -> None:
    """One reason that every query has is said for the run; several reasons, a single query or any answer is not."""
    for kind in (
        ProblemKind.NOT_FOUND,
        ProblemKind.NOT_AUTHORISED,
        ProblemKind.THROTTLED,
        ProblemKind.UNAVAILABLE,
        ProblemKind.TIMEOUT,
        ProblemKind.BAD_ANSWER,
        ProblemKind.NOT_CHECKED,
    ):
        assert said_once([failed(kind)] * 2)
    assert said_once([failed(ProblemKind.NOT_FOUND)]) is None
    assert said_once([failed(ProblemKind.NOT_FOUND), failed(ProblemKind.TIMEOUT)]) is None
    assert said_once([failed(ProblemKind.NOT_FOUND), SeatResult(QUERY)]) is None
    assert said_once([SeatResult(QUERY)] * 2) is None
    assert said_once([failed(ProblemKind.NOT_LISTED)] * 2) is None
    assert said_once([]) is None
