"""Google's responses: whatever replaces them, a run ends as documented and people's content is preserved."""

import contextlib
import io
import json
from collections.abc import Callable
from typing import Any, NamedTuple

import gspread
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seat_report.avepoint.client import AvePoint
from seat_report.domain.outcome import Outcome
from seat_report.domain.scope import RunRequest
from seat_report.errors import ConfigurationError
from seat_report.monitored_run import MonitoredRun, UnexpectedError
from seat_report.reporting import logs
from seat_report.reporting.result import RunResult
from seat_report.settings import load
from seat_report.web.responses import run_response
from seat_report.workbook.sheets_api import client as sheets_client
from seat_report.workbook.sheets_api.snapshot import Snapshot
from seat_report.workbook.sheets_api.snapshot_parsing import parse
from seat_report.workbook.tables.columns import MARK_KEY
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.proof import reading
from tests.proof.sampling import many
from tests.proof.stage import BUSY, Stage, customers
from tests.properties.tampering import (
    CORRUPTIONS,
    TOKEN,
    Reply,
    Tampering,
    add_unknown_member,
    drop,
    duplicate,
    halve,
    mutations,
    other_replies,
    replace,
)
from tests.support.clocks import HastyClock
from tests.support.world import World

DOCUMENTED_STATUSES = {200, 409, 500, 502, 503}
# The longest run makes ten requests of Google.
MAX_REQUESTS = 10

many_examples = settings(
    max_examples=many(3, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Tampered:
    """Sits between the report and Google and replaces one response of the run, or all from it on."""

    def __init__(self, tampering: Tampering, nth: int, *, is_lasting: bool) -> None:
        self._tampering = tampering
        self._nth = nth
        self._is_lasting = is_lasting
        self._seen = 0
        # Each replaced response with its replacement.
        self.replacements: list[tuple[Reply, Reply]] = []

    def respond(self, request: Callable[[], requests.Response]) -> requests.Response:
        """The response that the report gets; Google does not execute a request that is refused."""
        self._seen += 1
        if self._seen < self._nth or (self._seen > self._nth and not self._is_lasting):
            return request()
        if isinstance(self._tampering, Reply) and 400 <= self._tampering.status < 500:
            before = after = self._tampering
        else:
            with request() as original:
                before = Reply(original.status_code, original.content)
            after = self._tampering if isinstance(self._tampering, Reply) else self._tampering(before.body)
        self.replacements.append((before, after))
        response = requests.Response()
        response.status_code = after.status
        response.raw = io.BytesIO(after.body)
        response.request = requests.PreparedRequest()
        response.request.prepare("GET", "https://sheets.example/", headers={"Authorization": f"Bearer {TOKEN}"})
        return response

    @property
    def is_detectable(self) -> bool:
        """Whether no replacement can be taken for a response of Google's."""
        return all(
            after.status != 200 or (_meaning(before) and not _meaning(after)) for before, after in self.replacements
        )

    @property
    def is_equivalent(self) -> bool:
        """Whether the replacements mean exactly the same as the original responses."""
        return all(after.status == 200 and _is_same(before, after) for before, after in self.replacements)


def _is_same(before: Reply, after: Reply) -> bool:
    return _meaning(before) == _meaning(after) is not None


def _meaning(reply: Reply) -> Snapshot | str | None:
    """The meaning of a response: a spreadsheet, a completed write, or none."""
    try:
        return parse([reply.body], MARK_KEY)
    except ValueError:
        pass
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(reply.body.decode())
        if isinstance(document, dict) and document.get("spreadsheetId"):
            return "done"
    return None


class CompletedRun(NamedTuple):
    """A completed run: its result, its response, and what was logged."""

    result: RunResult
    status: int
    text: str
    logged: str


def run(moment: str, tampered: Tampered | None = None) -> CompletedRun:
    """Run as the function does, on a clock that shows this moment."""
    original_request = sheets_client._LocalClient.request

    def request(client: sheets_client._LocalClient, *args: Any, **kwargs: Any) -> requests.Response:
        client.session.headers["Authorization"] = f"Bearer {TOKEN}"

        def send() -> requests.Response:
            return original_request(client, *args, **kwargs)

        return tampered.respond(send) if tampered else send()

    settings_of_run = load()
    clock = HastyClock(moment)
    avepoint = AvePoint(settings_of_run, clock=clock)
    client = sheets_client.connect(settings_of_run.sheets_emulator_host)
    try:
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as output:
            logs.configure("DEBUG")
            patch.setattr(sheets_client._LocalClient, "request", request)
            result = MonitoredRun(settings_of_run, RunRequest(), client=client, avepoint=avepoint, clock=clock).go()
    finally:
        client.session.close()
        avepoint.close()
    response = run_response(result)
    return CompletedRun(result, response.status_code, response.get_data(as_text=True), output.getvalue())


def check_completed(stage: Stage, completed: CompletedRun) -> None:
    """Check that the run ended as documented and revealed no secret."""
    result = completed.result
    assert not isinstance(result.failure, UnexpectedError), completed.logged
    assert completed.status in DOCUMENTED_STATUSES
    assert (completed.status == 200) is (result.failure is None)
    assert (completed.status == 500) is isinstance(result.failure, ConfigurationError)
    body = json.loads(completed.text)
    assert all(fault["remedy"] for fault in body.get("faults", []))
    if result.failure is not None:
        assert body["detail"]
        assert len(body["detail"]) < 1000
    for secret in (TOKEN, CLIENT_SECRET):
        assert secret not in completed.text
        assert secret not in completed.logged
    assert TOKEN not in repr(stage.snapshot())


def contents(stage: Stage) -> dict[str, Any]:
    """The workbook's content except for the Runs tab; table rows are sorted, as their order does not matter."""
    snapshot = stage.snapshot()
    collected: dict[str, Any] = {}
    for title in reading.TITLES:
        rows = [[(value, note) for value, _, note in row] for row in reading.whole(snapshot.tab(title))]
        collected[title] = rows if title == reading.OVERVIEW else sorted(rows, key=repr)
    del collected[reading.RUNS]
    return collected


class UndisturbedRuns(NamedTuple):
    """The workbook after an undisturbed run, at the time of the run and at that of the next."""

    first: dict[str, Any]
    after: dict[str, Any]
    people_content: reading.Peoples

    def __repr__(self) -> str:
        return "UndisturbedRuns(...)"


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> UndisturbedRuns:
    """The runs that each tampered run is compared with."""
    collected = []
    for moment in BUSY.moments:
        stage.in_situation(BUSY)
        assert run(moment).result.outcome is Outcome.PARTIAL
        collected.append(contents(stage))
    return UndisturbedRuns(collected[0], collected[1], reading.peoples(stage.snapshot()))


def check_tampered_run(
    stage: Stage, undisturbed: UndisturbedRuns, tampering: Tampering, nth: int, *, is_lasting: bool
) -> Tampered:
    """Tamper with the responses of a run, and check its outcome and that of the next run."""
    stage.in_situation(BUSY)
    tampered = Tampered(tampering, nth, is_lasting=is_lasting)
    completed = run(BUSY.moments[0], tampered)
    check_completed(stage, completed)
    if tampered.is_equivalent:
        assert completed.result.outcome is Outcome.PARTIAL
        assert contents(stage) == undisturbed.first
    elif tampered.is_detectable:
        assert run(BUSY.moments[1]).result.outcome is Outcome.PARTIAL
        assert contents(stage) == undisturbed.after
        assert reading.peoples(stage.snapshot()) == undisturbed.people_content
    return tampered


@many_examples
@given(mutations([drop, replace, duplicate, halve, add_unknown_member]), st.integers(1, MAX_REQUESTS), st.booleans())
def test_any_change_of_a_response(
    stage: Stage, undisturbed: UndisturbedRuns, tampering: Tampering, nth: int, is_lasting: bool
) -> None:
    """A missing member, another type, a huge number, half a list: the run ends as documented.

    If the response is detectably not a spreadsheet, people's content is preserved and the next run repairs the report.
    """
    check_tampered_run(stage, undisturbed, tampering, nth, is_lasting=is_lasting)


@many_examples
@given(mutations([add_unknown_member], max_count=20), st.integers(1, MAX_REQUESTS), st.booleans())
def test_unknown_members(
    stage: Stage, undisturbed: UndisturbedRuns, tampering: Tampering, nth: int, is_lasting: bool
) -> None:
    """Members that Google may add in the future change nothing, wherever they are."""
    assert check_tampered_run(stage, undisturbed, tampering, nth, is_lasting=is_lasting).is_equivalent


@many_examples
@given(other_replies | st.sampled_from(CORRUPTIONS), st.integers(1, MAX_REQUESTS), st.booleans())
def test_invalid_responses(
    stage: Stage,
    undisturbed: UndisturbedRuns,
    replacement: Reply | Callable[[bytes], bytes],
    nth: int,
    is_lasting: bool,
) -> None:
    """Half a response, a proxy's page, any status or body: nothing is lost, and the next run repairs the report."""
    tampering = replacement if isinstance(replacement, Reply) else lambda body: Reply(200, replacement(body))
    tampered = check_tampered_run(stage, undisturbed, tampering, nth, is_lasting=is_lasting)
    assert tampered.is_detectable or tampered.is_equivalent


@pytest.mark.parametrize("number", [1e308, -1e308])
def test_huge_numbers(world: World, number: float) -> None:
    """A number too large to count with, typed over all seats by a person, is not used as a number or in a sum."""
    world.avepoint.directory.replace_all(customers())
    world.list_customers()
    world.run()
    tab, header = world.tab(), world.grid()[0]
    for name in ("Assigned seats", "Available seats", "Total seats", "Peak this month", "Last checked"):
        letter = gspread.utils.rowcol_to_a1(1, header.index(name) + 1).rstrip("1")
        tab.update([[number]] * len(world.rows()), f"{letter}2")
    (customer, *_) = world.avepoint.directory.customers
    world.avepoint.faults.add(Fault(kind="status", status=403))
    world.run(expect=502)
    world.run(expect=502, customer_id=[customer.id])
    world.avepoint.faults.clear()
    world.run()
    assert world.report_seats() == world.service_seats()
