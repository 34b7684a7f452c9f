"""The check from a terminal, against the two local services over HTTP."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from seat_report import check
from seat_report.__main__ import main
from seat_report.check import client as check_client
from seat_report.check import command, scratch, scratch_spreadsheet
from seat_report.check.facts import FACTS, difference
from tests.check.printed import Check, content_of
from tests.emulators.sheets.batch import metadata
from tests.proof.sampling import chosen
from tests.support.clocks import ManualClock
from tests.support.world import World

pytestmark = pytest.mark.usefixtures("restore_logging")


@pytest.mark.parametrize("contract", chosen(["both", "users", "tenants-batch"], 1))
def test_all_as_expected(world: World, scratch_id: str, run: Check, contract: str) -> None:
    """Against the local services every fact holds, nothing is left in the scratch spreadsheet, the report is only read.

    AvePoint is asked for seats of one customer that there is, and no more.
    """
    world.avepoint.configure(contract=contract)
    before = content_of(world, scratch_id), content_of(world, world.book.id)
    printed = run()
    assert printed.status == 0, printed.out
    assert printed.of("DIFFERS", "WRONG", "not tried") == []
    assert len(printed.of("ok")) > len(FACTS) + 10
    assert (content_of(world, scratch_id), content_of(world, world.book.id)) == before
    asked = {request.customer_id for request in world.avepoint.log.requests("seats") if request.status == 200}
    assert asked == {world.avepoint.directory.customers[0].id}
    assert ("found users and tenants-batch" if contract == "both" else f"found {contract}") in printed.out


def test_the_report_after_a_run(world: World, scratch_id: str, run: Check) -> None:
    """The real tabs are read and measured; the next run finds the report as it was."""
    assert scratch_id
    world.run()
    before = content_of(world, world.book.id)
    printed = run()
    assert printed.status == 0, printed.out
    assert re.search(r"reading the report's tabs: .* s for [6-9] tabs", printed.out)
    assert content_of(world, world.book.id) == before


def test_without_a_scratch_spreadsheet(world: World, run: Check) -> None:
    """The facts that need one are skipped, and the output says how to make one."""
    world.list_customers()
    world.sheets.requests.clear()
    printed = run()
    assert printed.status == 0
    (told,) = [line for line in printed.of("skipped") if "CHECK_SPREADSHEET_ID" in line]
    assert f"{len(FACTS)} facts were not tried" in told
    assert "service account" in told
    sent = [request.kinds for request in world.sheets.requests if "batchUpdate" in request.path]
    assert sent == [("deleteNamedRange",)]


@pytest.mark.parametrize("address", ["{}", "https://docs.google.com/spreadsheets/d/{}/edit#gid=0"])
def test_the_report_is_no_scratch_spreadsheet(world: World, run: Check, address: str) -> None:
    """It is refused before any service is asked."""
    world.configure(CHECK_SPREADSHEET_ID=address.format(world.book.id))
    world.sheets.requests.clear()
    printed = run()
    assert printed.status == 3
    assert "CHECK_SPREADSHEET_ID" in printed.err
    assert (world.sheets.requests, world.avepoint.log.requests()) == ([], [])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"CHECK_SPREADSHEET_ID": "nowhere"}, "CHECK_SPREADSHEET_ID"),
        ({"SPREADSHEET_ID": "nowhere"}, "SPREADSHEET_ID"),
        ({"AVEPOINT_CLIENT_SECRET": "another"}, "AVEPOINT_CLIENT_SECRET"),
        ({"AVEPOINT_SEATS_CONTRACT": "tenants-batch"}, "AVEPOINT_SEATS_CONTRACT"),
        ({"CUSTOMERS_TAB": "Mine"}, "CUSTOMERS_TAB"),
    ],
)
def test_wrong_configuration(world: World, scratch_id: str, run: Check, settings: dict[str, str], told: str) -> None:
    """What only an operator can fix is named and exits with 3; everything else is still checked."""
    assert scratch_id
    world.put("Mine", [["Number"], ["1"]])
    world.avepoint.configure(contract="users")
    world.configure(**settings)
    printed = run()
    assert printed.status == 3
    assert any(told in line for line in printed.of("WRONG")), printed.out
    assert len(printed.of("ok")) > 5


@pytest.mark.parametrize(
    "arguments",
    [
        ["--customer", "a/b"],
        ["--minutes", "1"],
        ["--minutes", "x"],
        ["--cust", "x"],
        ["now"],
        ["--report", "/nowhere/at/all"],
    ],
)
def test_command_line(world: World, arguments: list[str]) -> None:
    """An invalid command line exits with 3, and does nothing."""
    try:
        status: Any = main(["check", *arguments])
    except SystemExit as exited:
        status = exited.code
    assert status == 3
    assert world.avepoint.log.requests() == []


def rounded(answer: Any) -> Any:
    """An answer whose numbers are less exact."""
    return json.loads(json.dumps(answer), parse_int=lambda text: int(float(f"{float(text):.12g}")))


def trimmed(answer: Any) -> Any:
    """An answer whose texts are trimmed."""
    return json.loads(re.sub(r'"( spaced )"', '"spaced"', json.dumps(answer)))


def without_marks(answer: Any) -> Any:
    """An answer that doesn't say which column an entry is on."""
    return json.loads(json.dumps(answer).replace('"columnMetadata"', '"columns"'))


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        (rounded, {"Numbers of 15 digits come back exactly"}),
        (trimmed, {"Texts come back to the letter"}),
        (without_marks, {"Marks stay with their columns", "A mark says which column it is on"}),
    ],
)
def test_an_answer_that_differs_is_found(
    scratch_id: str, run: Check, monkeypatch: pytest.MonkeyPatch, changed: Callable[[Any], Any], facts: set[str]
) -> None:
    """The check says which fact does not hold and what it means, and exits with 1; the rest is still tried."""
    assert scratch_id
    answer_of = check_client._answer
    monkeypatch.setattr(check_client, "_answer", lambda content: changed(answer_of(content)))
    printed = run()
    assert printed.status == 1
    told = printed.of("DIFFERS")
    assert all(any(fact in line for line in told) for fact in facts), printed.out
    assert all("What it means: " in line for line in told)
    assert len(told) < 9


def test_a_lock_that_is_taken_twice_is_found(scratch_id: str, run: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that takes an id of developer metadata twice is reported: two runs would work at once."""
    assert scratch_id
    monkeypatch.setattr(metadata, "find", lambda *_: None)
    printed = run()
    assert printed.status == 1
    assert {line.partition(":")[2].partition(":")[0].strip() for line in printed.of("DIFFERS")} == {
        "An id of developer metadata is taken once",
        "A lock that is refused refuses its whole batch",
    }
    assert "Two runs work at once" in printed.out


@pytest.mark.parametrize("kind", chosen(["addBanding", "addChart", "addTable"], 1))
def test_a_request_that_is_refused_is_named(world: World, scratch_id: str, run: Check, kind: str) -> None:
    """A request that Google refuses is shown in Google's words, by itself."""
    before = content_of(world, scratch_id)
    world.sheets.fail(400, kind=kind, times=1000)
    printed = run()
    assert printed.status == 1
    told = printed.of("DIFFERS")
    assert told
    assert all(f"{kind}: A failure that was asked for." in line for line in told)
    if kind != "addTable":
        assert re.search(rf"request by request: \d+ \({kind}\): 400", told[0])
    world.sheets.conduct.faults.clear()
    assert content_of(world, scratch_id) == before


def test_a_check_that_is_interrupted_cleans_up(
    world: World, scratch_id: str, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C half-way exits with 130 and leaves nothing; what a killed check leaves, the next one removes."""
    before = content_of(world, scratch_id)
    tried: list[str] = []

    def interrupted(client: Any, fact: Any, tab: Any) -> str:
        tried.append(fact.name)
        if len(tried) == len(FACTS) // 2:
            raise KeyboardInterrupt
        return difference(client, fact, tab)

    monkeypatch.setattr(scratch_spreadsheet, "difference", interrupted)
    printed = run()
    assert printed.status == 130
    assert "Interrupted" in printed.err
    assert content_of(world, scratch_id) == before

    tried.clear()
    remove = scratch._remove_tabs
    with monkeypatch.context() as killed:
        removals = iter([remove])
        killed.setattr(scratch, "_remove_tabs", lambda client: next(removals, lambda _: set())(client))
        assert run().status == 130
    titles = [sheet["properties"]["title"] for sheet in content_of(world, scratch_id)["sheets"]]
    assert sum(title.startswith("~check ") for title in titles) > len(FACTS) // 2
    monkeypatch.setattr(scratch_spreadsheet, "difference", difference)
    assert run().status == 0
    assert content_of(world, scratch_id) == before


def test_an_interruption_between_findings_cleans_up_too(
    world: World, scratch_id: str, run: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever Ctrl-C comes, the tabs are removed before the check ends; if that fails, it is still an interruption."""
    before = content_of(world, scratch_id)
    shown = command._print

    def interrupted(text: str, **how: bool) -> None:
        shown(text, **how)
        if FACTS[3].name in text:
            raise KeyboardInterrupt

    monkeypatch.setattr(command, "_print", interrupted)
    assert run().status == 130
    assert content_of(world, scratch_id) == before
    world.sheets.fail(403, kind="deleteSheet")
    assert run().status == 130
    monkeypatch.setattr(command, "_print", shown)
    assert run().status == 0
    assert content_of(world, scratch_id) == before


def test_a_scratch_spreadsheet_with_a_report_is_left_alone(world: World, scratch_id: str, run: Check) -> None:
    """In a copy of a report, what a first run writes is not tried: it would hit the copy."""
    url = f"{world.sheets.url}/v4/spreadsheets/{scratch_id}:batchUpdate"
    named = {"name": "SeatReportOverview", "range": {"sheetId": 5, "startRowIndex": 0, "endRowIndex": 9}}
    body = {"requests": [{"addNamedRange": {"namedRange": named}}]}
    requests.post(url, headers={"Authorization": "Bearer person@example.com"}, json=body, timeout=10)
    before = content_of(world, scratch_id)
    printed = run()
    assert printed.status == 1
    (told,) = printed.of("DIFFERS")
    assert "use an empty one" in told
    assert content_of(world, scratch_id) == before


def test_a_check_comes_to_an_end(world: World, scratch_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A quota that is never refilled is waited for, but not for ever; what was not tried is told and exits with 1."""
    assert scratch_id
    world.sheets.conduct.quota = (1000, 9)
    clock = ManualClock()
    began = clock.monotonic()
    assert check.main([], clock) == 1
    assert clock.monotonic() - began < 170
    printed = capsys.readouterr().out
    assert "not tried" in printed
    assert "the next check removes what this one left" in printed
    assert len(printed.splitlines()) > len(FACTS)
