"""Runs that look for customers that nobody lists: the tab, the Overview, a new spreadsheet, and what may go wrong."""

import pytest
from gspread.utils import ValueInputOption
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.tokens import SEATS_SCOPE
from tests.proof.sampling import many
from tests.run_purchased_test import section
from tests.support.world import World

TITLE = "Not Listed"
NAMES = {
    "c-1": "Alder",
    "c-2": '=IMPORTXML("http://x")',
    "c-3": "two\nlines\u202e",
    "c-4": "東京",
    "AAAAAAAA-0000-4000-8000-000000000001": "Guid",
}
LISTED = ("c-1",)


@pytest.fixture(autouse=True)
def few(world: World) -> None:
    """Five customers at AvePoint, of whom one is listed."""
    world.avepoint.directory.replace_all(
        Customer(customer_id, name, (Tenant(f"t-{customer_id}", name, TenantType.GOOGLE, 3, 1),))
        for customer_id, name in NAMES.items()
    )
    world.configure(TENANT_TYPES="google", FIND_CUSTOMERS="on")
    list_only(world, *LISTED)


def list_only(world: World, *customers: str) -> None:
    """List these customers."""
    world.put("Customers", [["Customer ID", "Customer"], *([one, NAMES.get(one, one)] for one in customers)])


def ids(world: World) -> list[str]:
    """The customers in the tab."""
    return [row["Customer ID"] for row in world.rows(TITLE)]


def about(world: World) -> str:
    """What the Overview says of them, on one line."""
    return " ".join(" ".join(map(str, line)) for line in section(world, "Customers not listed"))


def titles(world: World) -> set[str]:
    """The titles of all tabs."""
    return {tab.title for tab in world.book.worksheets()}


def test_the_tab_has_who_is_missing(world: World) -> None:
    """Names first, then when, then the IDs; names as text on one line. The run is ok."""
    result = world.run()
    assert (result["outcome"], result["warnings"]) == ("ok", [])
    header, *rows = world.grid(TITLE)
    assert header == ["Customer", "First seen", "Customer ID"]
    assert {row[2]: row[0] for row in rows} == {
        key: " ".join(name.replace("\u202e", "").split()) for key, name in NAMES.items() if key not in LISTED
    }
    assert len({row[1] for row in rows}) == 1
    assert about(world).startswith(
        "4 customers are at AvePoint but not in the Customers tab. See the tab 'Not Listed'."
    )
    assert len(world.tab(TITLE).get_all_values()) == 5


def test_a_customer_goes_once_it_is_listed(world: World) -> None:
    """In any spelling of a GUID; one in whose row people wrote stays, without a time; the others keep theirs."""
    world.run_at("2026-02-02 06:00")
    first_seen = {row["Customer ID"]: row["First seen"] for row in world.rows(TITLE)}
    tab = world.tab(TITLE)
    row = ids(world).index("c-2") + 2
    tab.update([["Remarks"], *[[""]] * (row - 2), ["ask Ann"]], "D1")
    guid = next(one for one in NAMES if one.startswith("A"))
    list_only(world, "c-1", "c-2", guid.lower())
    world.run_at("2026-02-03 06:00")
    assert {one["Customer ID"]: (one["First seen"], one["Remarks"]) for one in world.rows(TITLE)} == {
        "c-2": ("", "ask Ann"),
        "c-3": (first_seen["c-3"], ""),
        "c-4": (first_seen["c-4"], ""),
    }
    list_only(world, "c-1")
    world.run_at("2026-02-04 06:00")
    assert sorted(ids(world)) == sorted(one for one in NAMES if one != "c-1")
    (again,) = [one for one in world.rows(TITLE) if one["Customer ID"] == "c-2"]
    assert again["First seen"] > first_seen["c-3"]


def test_everybody_is_listed(world: World) -> None:
    """Then the tab is empty, and the Overview says so; customers left out are listed too."""
    rows = [["Customer ID", "Include"], *([one, "no" if one == "c-4" else ""] for one in NAMES)]
    world.put("Customers", rows)
    assert world.run()["outcome"] == "ok"
    assert world.rows(TITLE) == []
    assert about(world) == "None: every customer that AvePoint shows to this app is in the Customers tab."


def test_a_customer_that_avepoint_no_longer_shows_goes(world: World) -> None:
    """Nobody can list it any more."""
    world.run()
    world.avepoint.directory.set_scope("c-4", in_scope=False)
    world.run()
    assert "c-4" not in ids(world)


@pytest.mark.parametrize("how", ["no permission", "403"])
def test_without_the_permission(world: World, how: str) -> None:
    """The run is ok, the tab is not touched, and Overview and answer say that it was not checked and what to do."""
    world.run()
    before = world.grid(TITLE)
    list_only(world, "c-1", "c-2")
    if how == "403":
        world.avepoint.faults.add(Fault(kind="status", status=403, endpoint="customers"))
    else:
        world.avepoint.registration.scopes = frozenset({SEATS_SCOPE})
        world.function = world.deploy()
    result = world.run()
    assert result["outcome"] == "ok"
    (warning,) = result["warnings"]
    assert "not checked. The app lacks the permission elements.customers.read.all. Grant it" in warning
    assert world.grid(TITLE) == before
    assert about(world).startswith("Not checked. The app lacks the permission")


def test_without_the_permission_from_the_start(world: World) -> None:
    """There is no tab, and a quiet day takes no more requests for it."""
    world.avepoint.registration.scopes = frozenset({SEATS_SCOPE})
    world.run()
    assert TITLE not in titles(world)
    world.sheets.requests.clear()
    world.run()
    assert len([one for one in world.sheets.requests if "/v4/" in one.path]) <= 5


def test_if_not_all_could_be_read_nothing_is_removed(world: World) -> None:
    """But who was seen comes in."""
    world.run()
    list_only(world, "c-1", "c-2")
    world.avepoint.directory.put(Customer("c-9", "New"))
    world.avepoint.faults.add(Fault(kind="total-too-big", endpoint="customers"))
    result = world.run()
    assert result["outcome"] == "ok"
    assert set(ids(world)) == {*NAMES, "c-9"} - {"c-1"}
    assert "Not all customers could be read." in about(world)


def test_a_limited_run_leaves_the_tab_alone(world: World) -> None:
    """It does not even ask."""
    world.run()
    before = world.grid(TITLE)
    list_only(world, "c-1", "c-2")
    world.avepoint.log.clear()
    assert world.run(customer_id="c-1")["outcome"] == "ok"
    assert world.avepoint.log.requests("customers") == []
    assert world.grid(TITLE) == before
    assert about(world) == "Not checked. This run was limited, so they were not checked."


def test_off_by_default(world: World) -> None:
    """Nothing is asked, said or made."""
    world.configure(FIND_CUSTOMERS=None)
    world.run()
    assert world.avepoint.log.requests("customers") == []
    assert (TITLE in titles(world), about(world)) == (False, "")


def test_while_an_id_is_an_error_nobody_is_called_missing(world: World) -> None:
    """It may be any of them."""
    world.put("Customers", [["Customer ID"], ["c-1"], ["#REF"]])
    world.run()
    assert ids(world) == []
    assert about(world).startswith("Not checked.")


def test_rows_of_peoples_own_stay(world: World) -> None:
    """A total, or an ID that they typed without a time."""
    world.run()
    world.tab(TITLE).append_rows([["Total", "", "=COUNTA(A2:A5)"], ["ours", "", "c-77"]], ValueInputOption.user_entered)
    world.run()
    assert ["ours", "", "c-77"] in world.grid(TITLE)
    assert [row[0] for row in world.grid(TITLE)].count("Total") == 1


def test_a_new_spreadsheet_is_filled_in(world: World) -> None:
    """The Customers tab that the first run makes has names and IDs; the next run reports on them."""
    world.book.del_worksheet(world.tab("Customers"))
    result = world.run()
    assert result["outcome"] == "ok"
    header, *rows = world.grid("Customers")
    assert header[:4] == ["Customer ID", "Customer", "Tenant types", "Include"]
    assert {row[0] for row in rows} == set(NAMES)
    assert NAMES["c-2"] in {row[1] for row in rows}
    assert "check the 5 customers in it" in result["warnings"][0]
    result = world.run()
    assert (result["outcome"], result["customers"]["queried"]) == ("ok", 5)
    assert world.rows(TITLE) == []


def test_a_new_spreadsheet_without_the_permission(world: World) -> None:
    """The tab is made, to be filled in."""
    world.avepoint.registration.scopes = frozenset({SEATS_SCOPE})
    world.book.del_worksheet(world.tab("Customers"))
    assert world.run()["outcome"] == "ok"
    assert len(world.grid("Customers")) == 1


DAYS = st.lists(
    st.tuples(st.sets(st.sampled_from([*NAMES, "c-9"])), st.sets(st.sampled_from([*NAMES, "c-9"])), st.booleans()),
    min_size=1,
    max_size=3,
)


@settings(max_examples=many(3, 100), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAYS)
def test_several_runs(world: World, days: list[tuple[set[str], set[str], bool]]) -> None:
    """Whoever is listed and shown: the tab has those shown and not listed; an incomplete day only adds."""
    world.avepoint.faults.clear()
    if TITLE in titles(world):
        world.book.del_worksheet(world.tab(TITLE))
    present: set[str] = set()
    for listed, shown, is_complete in days:
        list_only(world, "c-0", *sorted(listed))
        world.avepoint.directory.replace_all(Customer(one, NAMES.get(one, one)) for one in ["c-0", *sorted(shown)])
        world.avepoint.faults.clear()
        if not is_complete:
            world.avepoint.faults.add(Fault(kind="no-id", tenant_id="c-0", endpoint="customers"))
        world.run()
        missing = shown - listed
        # Without a row from before there may be no tab.
        present = missing if is_complete else present | missing
        assert set(ids(world) if TITLE in titles(world) else ()) == present
