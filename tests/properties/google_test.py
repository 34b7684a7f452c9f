"""Google's answers: whatever comes in their place, a run ends as documented, and what people have stays theirs."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Any, NamedTuple

import gspread
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seat_report.avepoint.client import AvePoint
from seat_report.domain.outcome import Outcome
from seat_report.domain.sanitising import repeated
from seat_report.domain.scope import RunRequest
from seat_report.errors import ConfigurationError
from seat_report.monitored_run import MonitoredRun, UnexpectedError
from seat_report.reporting import logs
from seat_report.reporting.result import RunResult
from seat_report.settings import load
from seat_report.web.responses import run_response
from seat_report.workbook.sheets_api import client as sheets_client
from seat_report.workbook.sheets_api.snapshot import Snapshot, parse
from seat_report.workbook.tables.columns import MARK_KEY
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import CLIENT_SECRET
from tests.proof import reading
from tests.proof.clock import HastyClock
from tests.proof.sampling import many
from tests.proof.stage import BUSY, Stage, customers
from tests.properties.corpus import CORPUS, HALVES
from tests.support.world import World

TOKEN = "canary.of/an+access-token=="
DOCUMENTED = {200, 409, 500, 502, 503}
# The longest run makes ten requests of Google.
REQUESTS = 10

unhurried = settings(
    max_examples=many(12, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


class Reply(NamedTuple):
    """What takes the place of an answer."""

    status: int
    body: bytes

    def __repr__(self) -> str:
        return f"Reply({self.status}, {repeated(self.body)})"


# What becomes of an answer, or what comes in its place whatever it is.
Tampering = Callable[[bytes], Reply] | Reply


class Tampered:
    """Stands between the report and Google: one answer of the run, or each from it on, becomes another one."""

    def __init__(self, tampering: Tampering, nth: int, *, lasting: bool) -> None:
        self._tampering = tampering
        self._nth = nth
        self._lasting = lasting
        self._seen = 0
        # Before and after.
        self.answers: list[tuple[Reply, Reply]] = []

    def answered(self, request: Callable[[], requests.Response]) -> requests.Response:
        """The answer that the report gets; what is refused, Google has not done."""
        self._seen += 1
        if self._seen < self._nth or (self._seen > self._nth and not self._lasting):
            return request()
        if isinstance(self._tampering, Reply) and 400 <= self._tampering.status < 500:
            before = after = self._tampering
        else:
            with request() as answer:
                before = Reply(answer.status_code, answer.content)
            after = self._tampering if isinstance(self._tampering, Reply) else self._tampering(before.body)
        self.answers.append((before, after))
        made = requests.Response()
        made.status_code = after.status
        made.raw = io.BytesIO(after.body)
        made.request = requests.PreparedRequest()
        made.request.prepare("GET", "https://sheets.example/", headers={"Authorization": f"Bearer {TOKEN}"})
        return made

    @property
    def is_told(self) -> bool:
        """Whether each of the tampered answers can't be taken for one of Google's."""
        return all(after.status != 200 or (_read(before) and not _read(after)) for before, after in self.answers)

    @property
    def is_nothing(self) -> bool:
        """Whether the tampered answers say just what the others said."""
        return all(after.status == 200 and _same(before, after) for before, after in self.answers)


def _same(before: Reply, after: Reply) -> bool:
    return _read(before) == _read(after) is not None


def _read(reply: Reply) -> Snapshot | str | None:
    """What an answer says: a spreadsheet, that a write was done, or nothing."""
    try:
        return parse([reply.body], MARK_KEY)
    except ValueError:
        pass
    with contextlib.suppress(ValueError, RecursionError):
        said = json.loads(reply.body.decode())
        if isinstance(said, dict) and said.get("spreadsheetId"):
            return "done"
    return None


class Ended(NamedTuple):
    """How a run ended: its result, what it answers, and what was logged."""

    result: RunResult
    status: int
    text: str
    logged: str


def run(moment: str, tampered: Tampered | None = None) -> Ended:
    """One run as the function does it, on a clock that shows this moment."""
    asked = sheets_client._LocalClient.request

    def request(client: sheets_client._LocalClient, *args: Any, **kwargs: Any) -> requests.Response:
        client.session.headers["Authorization"] = f"Bearer {TOKEN}"

        def ask() -> requests.Response:
            return asked(client, *args, **kwargs)

        return tampered.answered(ask) if tampered else ask()

    given_settings = load()
    clock = HastyClock(moment)
    avepoint = AvePoint(given_settings, clock=clock)
    client = sheets_client.connect(given_settings.sheets_emulator_host)
    try:
        with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as lines:
            logs.configure("DEBUG")
            patch.setattr(sheets_client._LocalClient, "request", request)
            result = MonitoredRun(given_settings, RunRequest(), client=client, avepoint=avepoint, clock=clock).go()
    finally:
        client.session.close()
        avepoint.close()
    answer = run_response(result)
    return Ended(result, answer.status_code, answer.get_data(as_text=True), lines.getvalue())


def check_ended(stage: Stage, ended: Ended) -> None:
    """The run ended in a way that is documented, and nobody is told a secret."""
    result = ended.result
    assert not isinstance(result.failure, UnexpectedError), ended.logged
    assert ended.status in DOCUMENTED
    assert (ended.status == 200) is (result.failure is None)
    assert (ended.status == 500) is isinstance(result.failure, ConfigurationError)
    body = json.loads(ended.text)
    assert all(fault["remedy"] for fault in body.get("faults", []))
    if result.failure is not None:
        assert body["detail"]
        assert len(body["detail"]) < 1000
    for secret in (TOKEN, CLIENT_SECRET):
        assert secret not in ended.text
        assert secret not in ended.logged
    assert TOKEN not in repr(stage.snapshot())


def contents(stage: Stage) -> dict[str, Any]:
    """All that the workbook says, but for the Runs tab; a table's rows as a set, as formulas name their own row."""
    there = stage.snapshot()
    found: dict[str, Any] = {}
    for title in reading.TITLES:
        rows = [[(value, note) for value, _, note in row] for row in reading.whole(there.tab(title))]
        found[title] = rows if title == reading.OVERVIEW else sorted(rows, key=repr)
    del found[reading.RUNS]
    return found


class Undisturbed(NamedTuple):
    """The workbook after a run that nobody disturbs, at the moment of the run and at that of the next."""

    first: dict[str, Any]
    after: dict[str, Any]
    held: reading.Peoples

    def __repr__(self) -> str:
        return "Undisturbed(...)"


@pytest.fixture(scope="module")
def undisturbed(stage: Stage) -> Undisturbed:
    """What each run here is compared with."""
    found = []
    for moment in BUSY.moments:
        stage.in_situation(BUSY)
        assert run(moment).result.outcome is Outcome.PARTIAL
        found.append(contents(stage))
    return Undisturbed(found[0], found[1], reading.peoples(stage.snapshot()))


def check(stage: Stage, undisturbed: Undisturbed, tampering: Tampering, nth: int, *, lasting: bool) -> Tampered:
    """Let a run have its answers tampered with, and see what comes of it, and of the next."""
    stage.in_situation(BUSY)
    tampered = Tampered(tampering, nth, lasting=lasting)
    ended = run(BUSY.moments[0], tampered)
    check_ended(stage, ended)
    if tampered.is_nothing:
        assert ended.result.outcome is Outcome.PARTIAL
        assert contents(stage) == undisturbed.first
    elif tampered.is_told:
        assert run(BUSY.moments[1]).result.outcome is Outcome.PARTIAL
        assert contents(stage) == undisturbed.after
        assert reading.peoples(stage.snapshot()) == undisturbed.held
    return tampered


# A node's place, with * for any place in a list, so that a thousand cells are no likelier than the title.
Shape = tuple[str, ...]
Node = tuple[Any, Any]

ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 5.0, 0.5, 2**31 - 1, 2**31, 2**53 + 1, 10**30, 10**400, 1e308, -1e308),
    *(float("nan"), float("inf"), "", "x", "5", "=1+1", "c-1", "Seat Report", "Europe/Berlin", "\ud800", TOKEN),
    *([], [[]], [{}], [5], {}, {"x": 1}, {"stringValue": "x"}, {"numberValue": 1e308}, {"values": [{"x": 1}]}),
]
texts = st.sampled_from([one.text for one in CORPUS + HALVES]) | st.text(st.characters(exclude_categories=[]))
odd_values = st.sampled_from(ODD) | texts
places = st.integers(0, 2**16)


def nodes(value: Any, shape: Shape = ()) -> Iterator[tuple[Shape, Node]]:
    """Every member and item within a value: the form of its path, what it is in, and its name or place there."""
    if isinstance(value, dict | list):
        for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
            there = (*shape, key if isinstance(value, dict) else "*")
            yield there, (value, key)
            yield from nodes(inner, there)


def one_of(document: Any, shape: int, place: int) -> Node | None:
    """The node that these numbers choose."""
    found: dict[Shape, list[Node]] = {}
    for form, node in nodes(document):
        found.setdefault(form, []).append(node)
    if not found:
        return None
    chosen = found[sorted(found)[shape % len(found)]]
    return chosen[place % len(chosen)]


def dropped(parent: Any, key: Any, _: Any) -> None:
    """Without it."""
    del parent[key]


def replaced(parent: Any, key: Any, odd: Any) -> None:
    """Something else in its place."""
    parent[key] = deepcopy(odd)


def doubled(parent: Any, key: Any, _: Any) -> None:
    """It twice, where that can be."""
    if isinstance(parent, list):
        parent.insert(key, deepcopy(parent[key]))
    else:
        parent[key] = [parent[key], deepcopy(parent[key])]


def halved(parent: Any, key: Any, _: Any) -> None:
    """Half of it."""
    value = parent[key]
    if isinstance(value, str | list):
        parent[key] = value[: len(value) // 2]
    else:
        del parent[key]


def with_stranger(parent: Any, key: Any, odd: Any) -> None:
    """A member more that nobody has asked for, where there are members."""
    value = parent[key]
    for one in (value, parent):
        if isinstance(one, dict):
            one["futureMember"] = {"of": [deepcopy(odd)]}
            return


@st.composite
def mutations(draw: st.DrawFn, changes: Sequence[Callable[[Any, Any, Any], None]], most: int = 3) -> Tampering:
    """A few changes in a real answer, each somewhere."""
    made = draw(st.lists(st.tuples(st.sampled_from(changes), places, places, odd_values), min_size=1, max_size=most))

    def tampering(body: bytes) -> Reply:
        document = json.loads(body)
        for change, shape, place, odd in made:
            if node := one_of(document, shape, place):
                change(*node, odd)
        return Reply(200, json.dumps(document).encode())

    return tampering


ECHO = f"GET /v4/spreadsheets HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
BODIES = [
    *(
        b"",
        b"\x00",
        b"\xff\xfe",
        b"null",
        b"5",
        b'"x"',
        b"[]",
        b"{}",
        b"{",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{}{}",
    ),
    *(b'{"error": "denied"}', b'{"error": {}}', b'{"error": []}', b'{"error": {"code": "x", "message": {}}}'),
    b"<!doctype html><title>Sign in</title><form action=/login>",
    ECHO.encode(),
    json.dumps({"error": {"code": 400, "message": ECHO, "status": TOKEN}}).encode(),
    json.dumps({"error": {"message": f"{'x' * 300}{TOKEN}{'y' * 300}"}}).replace("/", "\\/").encode(),
    json.dumps({"properties": {"title": TOKEN}, "sheets": TOKEN}).encode(),
    json.dumps({"properties": {"timeZone": {TOKEN: 1}}}).encode(),
    f"<html>{TOKEN}</html>".encode(),
]
SPOILT: list[Callable[[bytes], bytes]] = [
    lambda body: body[: len(body) // 2],
    lambda body: body[:-1],
    lambda body: body + body,
    lambda body: b"[" + body + b"]",
    lambda body: body.replace(b'"', b"'"),
    lambda body: body.decode().encode("utf-16"),
    lambda body: body.replace(b"e", b"\xff"),
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: b")]}'\n" + body,
]
STATUSES = [
    *(200, 201, 202, 204, 206, 226, 300, 301, 302, 304, 307, 308),
    *(400, 401, 403, 404, 408, 409, 410, 412, 413, 418, 421, 429, 451, 499, 500, 501, 502, 503, 504, 520, 599, 999),
]
others = st.builds(Reply, st.sampled_from(STATUSES), st.sampled_from(BODIES) | st.binary())


@unhurried
@given(mutations([dropped, replaced, doubled, halved, with_stranger]), st.integers(1, REQUESTS), st.booleans())
def test_any_change_in_an_answer(
    stage: Stage, undisturbed: Undisturbed, tampering: Tampering, nth: int, lasting: bool
) -> None:
    """A member less, another type, a number beyond measure, half a list: the run ends as documented.

    Where it can be seen that this is no spreadsheet, nothing of people's is lost, and the next run makes all good.
    """
    check(stage, undisturbed, tampering, nth, lasting=lasting)


@unhurried
@given(mutations([with_stranger], most=20), st.integers(1, REQUESTS), st.booleans())
def test_members_that_nobody_asked_for(
    stage: Stage, undisturbed: Undisturbed, tampering: Tampering, nth: int, lasting: bool
) -> None:
    """What Google may add some day changes nothing, wherever it stands."""
    assert check(stage, undisturbed, tampering, nth, lasting=lasting).is_nothing


@unhurried
@given(others | st.sampled_from(SPOILT), st.integers(1, REQUESTS), st.booleans())
def test_what_is_no_answer(
    stage: Stage, undisturbed: Undisturbed, other: Reply | Callable[[bytes], bytes], nth: int, lasting: bool
) -> None:
    """Half an answer, a proxy's page, any status with any body: nothing is lost, and the next run makes all good."""
    tampering = other if isinstance(other, Reply) else lambda body: Reply(200, other(body))
    tampered = check(stage, undisturbed, tampering, nth, lasting=lasting)
    assert tampered.is_told or tampered.is_nothing


@pytest.mark.parametrize("typed", [1e308, -1e308])
def test_numbers_beyond_measure(world: World, typed: float) -> None:
    """What nothing can be counted with, typed over all seats by somebody, is no number of ours: no sum comes of it."""
    world.avepoint.directory.replace_all(customers())
    world.list_customers()
    world.run()
    tab, header = world.tab(), world.grid()[0]
    for name in ("Assigned seats", "Available seats", "Total seats", "Peak this month", "Last checked"):
        letter = gspread.utils.rowcol_to_a1(1, header.index(name) + 1).rstrip("1")
        tab.update([[typed]] * len(world.rows()), f"{letter}2")
    (one, *_) = world.avepoint.directory.customers
    world.avepoint.faults.add(Fault(kind="status", status=403))
    world.run(expect=502)
    world.run(expect=502, customer_id=[one.id])
    world.avepoint.faults.clear()
    world.run()
    assert world.report_seats() == world.service_seats()
