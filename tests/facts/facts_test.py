"""The local Sheets service agrees with everything that the function takes for granted about Google's."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager

import pytest
import requests

from tests.emulators.sheets.service import Handle, running

from . import FACTS, Client, Fact, Tab, difference, tabs_for
from .client import Json
from .fact import PREFIX, Absent, Filled, Having, Including, Step, loosely


@pytest.fixture(scope="module")
def service() -> Iterator[Handle]:
    with running() as handle:
        yield handle


@contextmanager
def _scratch(service: Handle) -> Iterator[Client]:
    headers = {"Authorization": "Bearer token"}
    made = requests.post(f"{service.url}/v4/spreadsheets", headers=headers, json={}, timeout=30).json()
    created = Client(service.url, "token", made["spreadsheetId"], pause=lambda _: None)
    yield created
    created.close()


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
    """Those of facts that added more, and those that an earlier check left behind, too; others stay."""
    client.batch({"requests": [{"addSheet": {"properties": {"title": f"{PREFIX}left behind"}}}]})
    before = [title for title in _titles(client) if not title.startswith(PREFIX)]

    def interrupted() -> None:
        with tabs_for(client, FACTS[:2]):
            assert len(_titles(client)) == len(before) + 3
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert _titles(client) == before


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
