"""The health check: what it says when all is well, and of each thing that is not."""

import threading
from typing import Any

import pytest
from google.auth.exceptions import DefaultCredentialsError

from tests.emulators.avepoint.faults import Fault
from tests.support.hold import Holding
from tests.support.world import World


def checks(world: World, query: str, status: int = 200) -> dict[str, dict[str, Any]]:
    """What was found, by the name of the check."""
    answer = world.function.get(f"/health?{query}")
    assert answer.status_code == status, answer.text
    assert answer.content_type == ("application/json; charset=utf-8" if status == 200 else "application/problem+json")
    return {one["check"]: one for one in answer.get_json(force=True)["checks"]}


def make_last_run_older(world: World, days: float) -> None:
    """Let the run in the Runs tab have started so many days earlier."""
    tab = world.tab("Runs")
    started = tab.acell("A2", value_render_option="UNFORMATTED_VALUE").value  # type: ignore[arg-type] # gspread wants its enum
    tab.update_acell("A2", float(started or 0) - days)


def test_shallow_touches_nothing(world: World) -> None:
    """Without parameters only the settings are checked; neither service hears of it."""
    answer = world.function.get("/health")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")
    assert world.avepoint.log.requests() == []


def test_wrong_settings(world: World) -> None:
    """A wrong setting is 500 and is named."""
    world.configure(AVEPOINT_CLIENT_ID=None)
    answer = world.function.get("/health")
    assert answer.status_code == 500
    assert "AVEPOINT_CLIENT_ID" in answer.text


def test_deep(world: World) -> None:
    """A deep check gets a token and reads the Customers tab; it asks about no seats and writes nothing."""
    world.list_customers()
    tabs = [tab.title for tab in world.book.worksheets()]
    found = checks(world, "deep=1")
    assert set(found) == {"settings", "avepoint", "spreadsheet"}
    assert all(one["ok"] for one in found.values())
    assert "36 customers" in found["spreadsheet"]["found"]
    assert world.avepoint.tokens.issued == 1
    assert world.avepoint.log.requests("seats") == []
    assert [tab.title for tab in world.book.worksheets()] == tabs


def test_deep_in_a_new_spreadsheet(world: World) -> None:
    """A spreadsheet without a Customers tab is fine: the first run makes one."""
    assert "no tab 'Customers' yet" in checks(world, "deep=1")["spreadsheet"]["found"]


@pytest.mark.parametrize(
    ("settings", "name", "told"),
    [
        ({"AVEPOINT_CLIENT_SECRET": "another"}, "avepoint", "AVEPOINT_CLIENT_SECRET"),
        ({"SPREADSHEET_ID": "nowhere"}, "spreadsheet", "SPREADSHEET_ID"),
    ],
)
def test_deep_finds_wrong_configuration(world: World, settings: dict[str, str], name: str, told: str) -> None:
    """What a service refuses is 500 and says which setting; the other things are checked nevertheless."""
    world.list_customers()
    world.configure(**settings)
    found = checks(world, "deep=1", 500)
    assert {one for one in found if not found[one]["ok"]} == {name}
    assert told in found[name]["found"]


def test_deep_finds_that_there_are_no_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Google's default credentials the spreadsheet can't be checked, and the remedy is told."""

    def found_none(**_: Any) -> None:
        raise DefaultCredentialsError("none")  # type: ignore[no-untyped-call] # google-auth is untyped here

    monkeypatch.setattr("google.auth.default", found_none)
    world.configure(SHEETS_EMULATOR_HOST=None)
    found = checks(world, "deep=1&fresh=1d", 500)
    assert {one for one in found if not found[one]["ok"]} == {"spreadsheet"}
    assert "GOOGLE_APPLICATION_CREDENTIALS" in found["spreadsheet"]["found"]


def test_deep_misses_a_customers_tab_of_ones_own(world: World) -> None:
    """A tab that the settings name must be there; the answer lists those that are."""
    world.put("Clients", [["Customer ID"]])
    world.configure(CUSTOMERS_TAB="Kunden")
    told = checks(world, "deep=1", 500)["spreadsheet"]["found"]
    assert "Kunden" in told
    assert "Clients" in told


def test_deep_finds_a_broken_customers_tab(world: World) -> None:
    """A Customers tab that no run could use is found before one fails."""
    world.put("Customers", [["Client", "Number"], ["Contoso", "1"]])
    assert "no column 'Customer ID'" in checks(world, "deep=1", 500)["spreadsheet"]["found"]


def test_deep_when_both_are_wrong(world: World) -> None:
    """Everything that is wrong is told at once; what must be mended decides the status, not what may pass."""
    world.configure(SPREADSHEET_ID="nowhere")
    world.avepoint.faults.add(Fault(kind="status", status=500, endpoint="token"))
    found = checks(world, "deep=1", 500)
    assert not found["avepoint"]["ok"]
    assert not found["spreadsheet"]["ok"]


def test_avepoint_is_out_of_order(world: World) -> None:
    """That AvePoint gives no token for now is 503: nothing is wrong here."""
    world.list_customers()
    world.configure(AVEPOINT_REQUEST_TIMEOUT_SECONDS="0.5")
    world.avepoint.faults.add(Fault(kind="status", status=503, endpoint="token"))
    assert not checks(world, "deep=1", 503)["avepoint"]["ok"]


def test_fresh(world: World) -> None:
    """A good run that is younger than asked for is fine, and is named with its time."""
    world.list_customers()
    world.run()
    found = checks(world, "fresh=26h")
    assert found["fresh"]["ok"]
    assert "The newest good run began at" in found["fresh"]["found"]


def test_stale(world: World) -> None:
    """If the newest good run is older than asked for, it is 503."""
    world.list_customers()
    world.run()
    make_last_run_older(world, 2)
    assert "longer ago than" in checks(world, "fresh=47h", 503)["fresh"]["found"]
    assert checks(world, "fresh=49h")["fresh"]["ok"]


def test_only_good_runs_count(world: World) -> None:
    """A run that failed or left gaps since doesn't make the report fresh."""
    world.list_customers()
    world.run()
    make_last_run_older(world, 2)
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=world.avepoint.directory.customers[0].id))
    assert world.run()["outcome"] == "partial"
    assert not checks(world, "fresh=1d", 503)["fresh"]["ok"]


def test_never_fresh(world: World) -> None:
    """Before the first run nothing is fresh."""
    world.list_customers()
    assert "knows of no good run" in checks(world, "fresh=1h", 503)["fresh"]["found"]


@pytest.mark.parametrize("query", ["fresh=", "fresh=26", "fresh=h", "fresh=-1h", "fresh=1.5h", "fresh=0h", "fresh=1w"])
def test_age_that_is_none(world: World, query: str) -> None:
    """An age that can't be understood is 400 and says how to write one."""
    answer = world.function.get(f"/health?{query}")
    assert answer.status_code == 400
    assert "26h" in answer.get_json()["detail"]


@pytest.mark.parametrize("query", ["deep=maybe", "deep=1&deep=1", "depth=1", "fresh=1h&fresh=2h"])
def test_other_parameters(world: World, query: str) -> None:
    """Anything else that can't be understood is 400."""
    assert world.function.get(f"/health?{query}").status_code == 400


def test_beside_a_run(world: World, holding: Holding) -> None:
    """A check goes its own way while a run works."""
    world.list_customers()
    with holding(0) as hold:
        answers: list[int] = []
        run = threading.Thread(target=lambda: answers.append(world.function.post("/").status_code))
        run.start()
        hold.wait()
        assert "knows of no good run" in checks(world, "fresh=1h", 503)["fresh"]["found"]
        assert answers == []
        hold.release()
        run.join()
    assert answers == [200]
