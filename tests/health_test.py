"""The health check: its response when everything is well, and for each problem."""

import re
import threading
from typing import Any

import pytest
from google.auth.exceptions import DefaultCredentialsError

from tests.emulators.avepoint.faults import Fault
from tests.support.hold import Holding
from tests.support.world import CUSTOMER_COUNT, World


def checks_of(world: World, query: str, status: int = 200) -> dict[str, dict[str, Any]]:
    """The checks of a response, by name."""
    response = world.function.get(f"/health?{query}")
    assert response.status_code == status, response.text
    assert response.content_type == ("application/json; charset=utf-8" if status == 200 else "application/problem+json")
    return {check["check"]: check for check in response.get_json(force=True)["checks"]}


def backdate_last_run(world: World, days: float) -> None:
    """Set the start of the run in the Runs tab back by this many days."""
    tab = world.tab("Runs")
    started = tab.acell("A2", value_render_option="UNFORMATTED_VALUE").value  # type: ignore[arg-type] # gspread wants its enum
    world.person.tab("Runs").type("A2", float(started or 0) - days)


def test_shallow(world: World) -> None:
    """Without parameters, only the settings are checked, and no service is called."""
    response = world.function.get("/health")
    assert (response.status_code, response.get_json()["status"]) == (200, "ok")
    assert world.avepoint.log.requests() == []


def test_wrong_settings(world: World) -> None:
    """A wrong setting is 500 and is named."""
    world.configure(AVEPOINT_CLIENT_ID=None)
    response = world.function.get("/health")
    assert response.status_code == 500
    assert "AVEPOINT_CLIENT_ID" in response.text


def test_deep(world: World) -> None:
    """A deep check gets a token and reads the Customers tab; it queries no seats and writes nothing."""
    world.list_customers()
    tabs = [tab.title for tab in world.book.worksheets()]
    checks = checks_of(world, "deep=1")
    assert set(checks) == {"settings", "avepoint", "spreadsheet"}
    assert all(check["ok"] for check in checks.values())
    assert f"{CUSTOMER_COUNT} customers" in checks["spreadsheet"]["found"]
    assert world.avepoint.tokens.issued == 1
    assert world.avepoint.log.requests("seats") == []
    assert [tab.title for tab in world.book.worksheets()] == tabs


def test_deep_tells_what_the_spreadsheet_is(world: World) -> None:
    """Locale, time zone, sizes of all tabs and the time of reading are told; nothing is written."""
    world.list_customers()
    world.book.add_worksheet("Wide", 10, 200)
    world.sheets.requests.clear()
    found = checks_of(world, "deep=1")["spreadsheet"]["found"]
    assert "Locale en_US, time zone Europe/Berlin; 3 tabs, 2,010 rows, 54,000 cells." in found
    assert re.search(r"was read in \d+\.\d s", found)
    assert {request.method for request in world.sheets.requests} == {"GET"}


def test_deep_in_a_new_spreadsheet(world: World) -> None:
    """A spreadsheet without a Customers tab passes: the first run creates one."""
    assert "no tab 'Customers' yet" in checks_of(world, "deep=1")["spreadsheet"]["found"]


@pytest.mark.parametrize(
    ("settings", "name", "expected"),
    [
        ({"AVEPOINT_CLIENT_SECRET": "another"}, "avepoint", "AVEPOINT_CLIENT_SECRET"),
        ({"SPREADSHEET_ID": "nowhere"}, "spreadsheet", "SPREADSHEET_ID"),
    ],
)
def test_deep_with_wrong_configuration(world: World, settings: dict[str, str], name: str, expected: str) -> None:
    """What a service refuses is 500 and names the setting; the other checks are still done."""
    world.list_customers()
    world.configure(**settings)
    checks = checks_of(world, "deep=1", 500)
    assert {failed for failed in checks if not checks[failed]["ok"]} == {name}
    assert expected in checks[name]["found"]


def test_deep_without_google_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Google's default credentials, the spreadsheet can't be checked, and the remedy is shown."""

    def raise_no_credentials(**_: Any) -> None:
        raise DefaultCredentialsError("none")  # type: ignore[no-untyped-call] # google-auth is untyped here

    monkeypatch.setattr("google.auth.default", raise_no_credentials)
    world.configure(SHEETS_EMULATOR_HOST=None)
    checks = checks_of(world, "deep=1&fresh=1d", 500)
    assert {failed for failed in checks if not checks[failed]["ok"]} == {"spreadsheet"}
    assert "GOOGLE_APPLICATION_CREDENTIALS" in checks["spreadsheet"]["found"]


def test_deep_with_a_missing_customers_tab(world: World) -> None:
    """A missing tab that the settings name is an error that lists the existing tabs."""
    world.put("Clients", [["Customer ID"]])
    world.configure(CUSTOMERS_TAB="Kunden")
    finding = checks_of(world, "deep=1", 500)["spreadsheet"]["found"]
    assert "Kunden" in finding
    assert "Clients" in finding


def test_deep_with_an_invalid_customers_tab(world: World) -> None:
    """An invalid Customers tab is found before a run fails because of it."""
    world.put("Customers", [["Client", "Number"], ["Contoso", "1"]])
    assert "no column 'Customer ID'" in checks_of(world, "deep=1", 500)["spreadsheet"]["found"]


def test_deep_with_several_errors(world: World) -> None:
    """All errors are reported together; one that must be fixed decides the status, not a temporary one."""
    world.configure(SPREADSHEET_ID="nowhere")
    world.avepoint.faults.add(Fault(kind="status", status=500, endpoint="token"))
    checks = checks_of(world, "deep=1", 500)
    assert not checks["avepoint"]["ok"]
    assert not checks["spreadsheet"]["ok"]


def test_deep_with_avepoint_unavailable(world: World) -> None:
    """If AvePoint temporarily gives no token, it is 503: the configuration is not at fault."""
    world.list_customers()
    world.configure(AVEPOINT_REQUEST_TIMEOUT_SECONDS="0.5")
    world.avepoint.faults.add(Fault(kind="status", status=503, endpoint="token"))
    assert not checks_of(world, "deep=1", 503)["avepoint"]["ok"]


def test_fresh(world: World) -> None:
    """A good run that is recent enough passes and is shown with its time."""
    world.list_customers()
    world.run()
    checks = checks_of(world, "fresh=26h")
    assert checks["fresh"]["ok"]
    assert "The newest good run began at" in checks["fresh"]["found"]


def test_stale(world: World) -> None:
    """If the newest good run is too old, it is 503."""
    world.list_customers()
    world.run()
    backdate_last_run(world, 2)
    assert "longer ago than" in checks_of(world, "fresh=47h", 503)["fresh"]["found"]
    assert checks_of(world, "fresh=49h")["fresh"]["ok"]


def test_only_good_runs_count(world: World) -> None:
    """A later failed or partial run doesn't make the report fresh."""
    world.list_customers()
    world.run()
    backdate_last_run(world, 2)
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=world.avepoint.directory.customers[0].id))
    assert world.run()["outcome"] == "partial"
    assert not checks_of(world, "fresh=1d", 503)["fresh"]["ok"]


def test_fresh_before_the_first_run(world: World) -> None:
    """Before the first run, the report is not fresh."""
    world.list_customers()
    assert "No successful run is recorded" in checks_of(world, "fresh=1h", 503)["fresh"]["found"]


@pytest.mark.parametrize("query", ["fresh=", "fresh=26", "fresh=h", "fresh=-1h", "fresh=1.5h", "fresh=0h", "fresh=1w"])
def test_invalid_age(world: World, query: str) -> None:
    """An invalid age is 400 with an example of a valid one."""
    response = world.function.get(f"/health?{query}")
    assert response.status_code == 400
    assert "26h" in response.get_json()["detail"]


@pytest.mark.parametrize("query", ["deep=maybe", "deep=1&deep=1", "depth=1", "fresh=1h&fresh=2h"])
def test_other_invalid_parameters(world: World, query: str) -> None:
    """Any other invalid parameter is 400."""
    assert world.function.get(f"/health?{query}").status_code == 400


def test_during_a_run(world: World, holding: Holding) -> None:
    """A check works while a run is under way."""
    world.list_customers()
    with holding(0) as hold:
        statuses: list[int] = []
        run = threading.Thread(target=lambda: statuses.append(world.function.post("/").status_code))
        run.start()
        hold.wait()
        assert "No successful run is recorded" in checks_of(world, "fresh=1h", 503)["fresh"]["found"]
        assert statuses == []
        hold.release()
        run.join()
    assert statuses == [200]
