"""The local Sheets service agrees with everything that the function takes for granted about Google's."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager

import pytest
import requests

from seat_report.check.client import Client, Json
from seat_report.check.facts import FACTS, Fact, Tab, difference
from seat_report.check.facts.fact import PREFIX, Absent, DifferenceError, Filled, Having, Including, Step, loosely
from seat_report.check.scratch import tabs_for
from seat_report.workbook.sheets_api.client import connect
from tests.emulators.sheets.service import Handle, running
from tests.support.clocks import ManualClock


@pytest.fixture(scope="module")
def service() -> Iterator[Handle]:
    with running() as handle:
        yield handle


@contextmanager
def _scratch(service: Handle) -> Iterator[Client]:
    headers = {"Authorization": "Bearer token"}
    made = requests.post(f"{service.url}/v4/spreadsheets", headers=headers, json={}, timeout=30).json()
    http = connect(service.host)
    clock = ManualClock()
    yield Client(http, made["spreadsheetId"], clock=clock, deadline=clock.monotonic() + 60)
    http.session.close()


@pytest.fixture
def client(service: Handle) -> Iterator[Client]:
    """A client for a new scratch spreadsheet."""
    with _scratch(service) as created:
        yield created


@pytest.fixture(scope="module")
def checked(service: Handle) -> Iterator[tuple[Client, Mapping[str, Tab]]]:
    """A client for a scratch spreadsheet with the tabs of all facts."""
    with _scratch(service) as created, tabs_for(created, FACTS) as made:
        yield created, made


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.name)
def test_the_local_service_agrees(checked: tuple[Client, Mapping[str, Tab]], fact: Fact) -> None:
    client, tabs = checked
    assert difference(client, fact, tabs[fact.name]) == ""


def test_every_fact_has_its_own_name() -> None:
    assert len({fact.name for fact in FACTS}) == len(FACTS)


def _titles(client: Client) -> list[str]:
    return [sheet["properties"]["title"] for sheet in client.get(fields="sheets.properties.title")[1]["sheets"]]


def test_tabs_of_facts_are_removed_whatever_happens(client: Client) -> None:
    """Those that an earlier check left behind go first; those of facts that added more, too; others stay."""
    left_behind = {"properties": {"sheetId": 7, "title": f"{PREFIX}left behind"}}
    named = {"namedRange": {"name": "LeftBehind", "range": {"sheetId": 7}}}
    client.batch({"requests": [{"addSheet": left_behind}, {"addNamedRange": named}]})
    before = [title for title in _titles(client) if not title.startswith(PREFIX)]

    def interrupted() -> None:
        with tabs_for(client, FACTS[:2]):
            assert len(_titles(client)) == len(before) + 2
            client.batch({"requests": [{"addSheet": {"properties": {"title": f"{PREFIX}one more"}}}]})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert _titles(client) == before
    assert client.get(fields="namedRanges")[1] == {}


@pytest.mark.parametrize("hidden", [True, False])
def test_a_spreadsheet_keeps_a_tab_that_can_be_seen(client: Client, hidden: bool) -> None:
    """If only tabs of an interrupted check can be seen, removing them leaves a new one."""
    adding = {"addSheet": {"properties": {"title": f"{PREFIX}left behind"}}}
    hiding = {"updateSheetProperties": {"properties": {"sheetId": 0, "hidden": True}, "fields": "hidden"}}
    client.batch({"requests": [adding, hiding if hidden else {"deleteSheet": {"sheetId": 0}}]})
    with tabs_for(client, FACTS[:1]):
        pass
    assert [title for title in _titles(client) if title.startswith(PREFIX)] == []


def test_refused_requests_are_named(client: Client) -> None:
    """Of a batch that is refused, each refused request is reported in the service's words; a difference is told."""

    def refused(tab: Tab) -> Generator[Step, Json, None]:
        wrong = {"deleteDimension": {"range": tab.rows(50, 51)}}
        yield Step([tab.write([{"numberValue": 1}]), wrong, {"deleteSheet": {"sheetId": 99}}, wrong])

    def different(_tab: Tab) -> Generator[Step, Json, None]:
        yield Step(fields="spreadsheetId")
        raise DifferenceError("found three")

    facts = [Fact("refused", "nothing", refused), Fact("different", "nothing", different)]
    with tabs_for(client, facts) as made:
        problem = difference(client, facts[0], made["refused"])
        assert difference(client, facts[1], made["different"]) == "after step 1: found three"
        written = client.get(ranges=[made["refused"].a1("A1")], fields="sheets.data.rowData")[1]
    assert problem.startswith("step 1: expected it to be carried out, found 400: Invalid requests[1]")
    listed = problem.partition("request by request: ")[2]
    assert [part.split(" ", 2)[:2] for part in listed.split("; ")] == [
        ["1", "(deleteDimension):"],
        ["2", "(deleteSheet):"],
        ["3", "(deleteDimension):"],
    ]
    assert "Cannot delete a row that doesn't exist" in listed
    assert written != {}


@pytest.mark.parametrize(
    ("step", "found"),
    [
        (
            Step(fields="sheets.data.rowData", expect={"sheets": [{"data": [{"rowData": []}]}]}),
            "expected rowData, which is not",
        ),
        (Step(fields="sheets.properties.index", expect={"sheets": []}), "answer.sheets: expected [], found [{"),
        (Step(fields="sheets.properties", expect={"sheets": [{}]}), "found properties, which was not expected"),
        (
            Step(fields="sheets.properties.index", expect={"sheets": Filled([{}])}),
            "answer.sheets: expected [], found [{",
        ),
        (
            Step(fields="sheets.properties.index", expect=loosely({"sheets": [{"properties": {"index": 9}}]})),
            "answer.sheets[0].properties.index: expected 9, found",
        ),
        (
            Step(fields="sheets.properties.index", expect={"sheets": Including({"properties": {"index": True}})}),
            "answer.sheets: expected a member",
        ),
        (
            Step(fields="sheets.properties.index", expect={"sheets": [{"properties": {"index": Absent}}]}),
            "expected nothing",
        ),
        (Step(fields="nope"), "expected it to be carried out, found 400"),
        (Step(fields="sheets.properties", refused="x"), "found it carried out"),
        (Step(fields="nope", refused="other words"), "expected it to be refused with 'other words', found 400"),
        (Step(fields="spreadsheetId", expect=Having({"spreadsheetId": "x"})), "answer.spreadsheetId: expected 'x'"),
    ],
)
def test_differences_are_found(client: Client, step: Step, found: str) -> None:
    """A service that answers otherwise is reported with the step and the place."""

    def steps(_tab: Tab) -> Generator[Step, Json, None]:
        yield Step(fields="spreadsheetId")
        yield step

    fact = Fact("other", "nothing", steps)
    with tabs_for(client, [fact]) as made:
        problem = difference(client, fact, made["other"])
    assert problem.startswith("step 2: ")
    assert found in problem


@pytest.mark.parametrize(
    ("status", "writes", "times"), [(429, True, 2), (429, False, 2), (503, False, 2), (503, True, 1)]
)
def test_a_busy_service_is_waited_for(service: Handle, client: Client, status: int, writes: bool, times: int) -> None:
    """A quota is waited for; a write that may have been carried out is not repeated."""
    service.requests.clear()
    service.fail(status)
    answered, _ = client.batch({"requests": [{"addSheet": {}}]}) if writes else client.get(fields="spreadsheetId")
    assert (answered, len(service.requests)) == (200 if times == 2 else status, times)
