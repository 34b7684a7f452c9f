"""Writes that are lost, refused or cut off half-way: the next round or the next run sets it right."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.world import World

TABS = ("Seat Report", "By Customer", "History")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut what is written into many batches, as 2 MB do to a report of thousands of tenants."""
    monkeypatch.setattr(batching, "STEP_BYTES", 3_000)
    monkeypatch.setattr(batching, "BATCH_BYTES", 8_000)


def customers(count: int) -> list[Customer]:
    """Customers with two tenants each."""
    return [
        Customer(
            f"c-{number:03}",
            f"Customer {number}",
            (
                Tenant(f"m-{number}", f"M {number}", TenantType.MICROSOFT_365, number, 5),
                Tenant(f"g-{number}", f"G {number}", TenantType.GOOGLE, 2 * number, 1),
            ),
        )
        for number in range(count)
    ]


def contents(world: World) -> dict[str, Any]:
    """What the tables hold."""
    return {title: world.grid(title) for title in TABS}


def writes(world: World) -> list[int]:
    """The sizes of the batches written since the log was cleared."""
    return [request.size for request in world.sheets.requests if request.path.endswith(":batchUpdate")]


def undisturbed(world: World) -> dict[str, Any]:
    """What the workbook of these customers holds after a run that nothing disturbs."""
    world.run_at("2026-01-05 06:15")
    return contents(world)


def emptied(world: World) -> None:
    """Delete all tabs but the customers'."""
    for tab in world.book.worksheets():
        if tab.title != "Customers":
            world.book.del_worksheet(tab)


@pytest.mark.usefixtures("small_batches")
def test_a_large_report_is_written_in_pieces_of_complete_rows(world: World) -> None:
    """No batch is larger than allowed, and whichever is the last to arrive, every row that stands is complete."""
    world.avepoint.directory.replace_all(customers(30))
    world.list_customers()
    world.sheets.requests.clear()
    expected = undisturbed(world)
    sizes = writes(world)
    # Only the Overview's first content and the looks are each one piece, far below 2 MB.
    assert len([size for size in sizes if size > 16_000]) <= 2
    assert len(sizes) > 6
    for cut in range(2, len(sizes)):
        emptied(world)
        world.sheets.fail(403, nth=cut, path=":batchUpdate$", times=1000)
        assert world.run_at("2026-01-05 06:00").outcome == "failed"
        world.sheets.conduct.faults.clear()
        if "Seat Report" in [tab.title for tab in world.book.worksheets()]:
            for row in world.rows():
                assert row["Status"] == "Current"
                assert row["Total seats"] == row["Assigned seats"] + row["Available seats"]
        # The dead run's lock stands until its time is up.
        assert world.run_at("2026-01-05 06:15").outcome == "ok"
        assert contents(world) == expected


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("action", "when"),
    [(429, "before"), (400, "before")]
    + [(action, when) for action in (500, 503, "reset") for when in ("before", "after")],
)
def test_one_lost_write_costs_nothing(world: World, action: int | str, when: str, nth: int) -> None:
    """Whether a write was applied or not before its answer was lost, the same run ends with the right workbook."""
    world.avepoint.directory.replace_all(customers(3))
    world.list_customers()
    expected = undisturbed(world)
    emptied(world)
    world.sheets.fail(action, nth=nth, path=":batchUpdate$", when=when)
    result = world.run_at("2026-01-05 06:15")
    assert result.failure is None
    assert contents(world) == expected
    assert [row["Outcome"] for row in world.rows("Runs")] == ["ok"]


def test_a_spreadsheet_that_stays_unwritable_ends_in_503(world: World) -> None:
    """Three rounds, then the answer says that the spreadsheet could not be written, and what was found."""
    world.list_customers()
    world.run()
    world.sheets.fail(500, path=":batchUpdate$", times=100, nth=2)
    answer = world.run(expect=503)
    assert answer["outcome"] == "failed"
    assert answer["customers"]["queried"] == len(world.avepoint.directory.customers)


def test_an_unreachable_spreadsheet_ends_in_503(world: World) -> None:
    """Reading is tried a few times, each wait counted, and then given up."""
    world.list_customers()
    world.configure(RUN_TIMEOUT_SECONDS="5")
    world.sheets.fail(503, method="GET", times=100)
    answer = world.run(expect=503)
    assert "Google Sheets" in answer["detail"]


@pytest.mark.parametrize(("status", "said"), [(403, "Share the spreadsheet with"), (404, "there is no spreadsheet")])
def test_a_spreadsheet_that_is_not_shared_says_what_to_do(world: World, status: int, said: str) -> None:
    """No access and no such spreadsheet are configuration errors with a remedy."""
    world.sheets.fail(status, times=100)
    answer = world.run(expect=500)
    assert answer["faults"][0]["setting"] == "SPREADSHEET_ID"
    assert said in answer["detail"]


def test_a_real_protection_by_somebody_else_reads_as_a_clear_error(world: World) -> None:
    """Cells that somebody locked are told as such, with whom to ask."""
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    tab = world.tab()
    protection = {"range": {"sheetId": tab.id}, "editors": {"users": ["boss@example.com"]}}
    world.book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": protection}}]})
    answer = world.run(expect=500)
    assert "protected" in answer["detail"]


def test_a_quiet_day_writes_no_seat_cell(world: World) -> None:
    """With nothing changed at the service, Last checked is all that is written to the Seat Report, as one block."""
    world.avepoint.directory.replace_all(customers(20))
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    world.sheets.requests.clear()
    world.run_at("2026-01-06 06:00")
    assert len(world.sheets.requests) <= 5
    assert max(writes(world)) < 6_000


class Months:
    """Three months of churn, failures, lost writes and a person who edits, and what must come of it."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        self.notes: dict[str, str] = {}
        self.failing: set[str] = set()
        self.closed: dict[tuple[str, str], dict[str, int]] = {}

    def days(self) -> Iterator[str]:
        """A few days of three months."""
        for month in ("2026-01", "2026-02", "2026-03"):
            for day in sorted(self.chance.sample(range(1, 28), 3)):
                yield f"{month}-{day:02} 06:00"

    def churn(self) -> None:
        """Let counts move, a tenant come or go."""
        directory = self.world.avepoint.directory
        for customer in directory.customers:
            for tenant in customer.tenants:
                if self.chance.random() < 0.3:
                    moved = Tenant(tenant.id, tenant.name, tenant.type, self.chance.randrange(500), tenant.available)
                    directory.put_tenant(customer.id, moved)
        customer = self.chance.choice(directory.customers)
        name = f"new-{self.chance.randrange(10**6)}"
        directory.put_tenant(customer.id, Tenant(name, name, TenantType.SALESFORCE, 7, 7))

    def trouble(self) -> None:
        """Let a customer fail and a write get lost."""
        self.world.avepoint.faults.clear()
        self.failing.clear()
        if self.chance.random() < 0.5:
            customer = self.chance.choice(self.world.avepoint.directory.customers)
            self.world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id))
            self.failing.add(customer.id)
        action, when = self.chance.choice([("503", "before"), ("503", "after"), ("reset", "after"), ("400", "before")])
        self.world.sheets.fail(action, nth=self.chance.choice([1, 2]), path=":batchUpdate$", when=when)

    def edit(self) -> None:
        """Let a person sort, annotate and insert."""
        tab = self.world.tab()
        grid = self.world.grid()
        header = grid[0]
        if "Our notes" not in header:
            tab.insert_cols([["Our notes"]], col=self.chance.randrange(2, 9))
        grid = self.world.grid()
        header = grid[0]
        column, key = header.index("Our notes"), header.index("Tenant ID")
        end = f"{chr(ord('A') + len(header) - 1)}{len(grid)}"
        tab.sort((self.chance.randrange(1, len(header)), "des"), range=f"A2:{end}")
        rows = self.world.grid()
        place = self.chance.randrange(1, len(rows))
        if rows[place][key]:
            self.notes[rows[place][key]] = f"asked on {self.chance.random()}"
            tab.update_cell(place + 1, column + 1, self.notes[rows[place][key]])

    def expect(self, moment: str) -> None:
        """Every number right, every note in place."""
        world = self.world
        expected = {key: seats for key, seats in world.service_seats().items() if key[0] not in self.failing}
        assert world.report_seats() == expected
        rows = {row["Tenant ID"]: row for row in world.rows() if row["Tenant ID"]}
        for tenant_id, text in self.notes.items():
            assert rows[tenant_id]["Our notes"] == text
        month = moment[:7]
        for row in world.rows("History"):
            tenant = row["Tenant ID"], row["Seats"]
            for earlier, number in self.closed.get(tenant, {}).items():
                if earlier < month:
                    assert row[earlier] == number
            if (row["Customer ID"], row["Tenant type"], row["Tenant ID"]) in expected:
                pair = expected[row["Customer ID"], row["Tenant type"], row["Tenant ID"]]
                assert row[month] == pair[row["Seats"] == "Available"]
            self.closed[tenant] = {name: value for name, value in row.items() if name.startswith("20") and value != ""}


@pytest.mark.parametrize("seed", range(3))
def test_three_months_end_with_every_number_right_and_every_note_in_place(world: World, seed: int) -> None:
    """Churn, failing customers, lost writes and a person editing in between cost no number and no word."""
    world.avepoint.directory.replace_all(customers(6))
    world.list_customers()
    months = Months(world, seed)
    for moment in months.days():
        months.churn()
        months.trouble()
        result = world.run_at(moment)
        assert result.failure is None, result.failure
        world.sheets.conduct.faults.clear()
        months.expect(moment)
        months.edit()
