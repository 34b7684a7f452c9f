"""Writes that are lost, refused or cut off half-way are completed by the next round or the next run."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from seat_report.workbook.sheets_api import batching
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.proof.sampling import chosen
from tests.support.world import World

TABS = ("Seat Report", "By Customer", "History")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Split writes into many batches, as happens with a report of thousands of tenants."""
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
    """The content of the tables."""
    return {title: world.grid(title) for title in TABS}


def batch_sizes(world: World) -> list[int]:
    """The sizes of the batches written since the log was cleared."""
    return [request.size for request in world.sheets.requests if request.path.endswith(":batchUpdate")]


def contents_after_run(world: World) -> dict[str, Any]:
    """The content of the tables after an undisturbed run."""
    world.run_at("2026-01-05 06:15")
    return contents(world)


def delete_reports(world: World) -> None:
    """Delete all tabs but the Customers tab."""
    for tab in world.book.worksheets():
        if tab.title != "Customers":
            world.book.del_worksheet(tab)


@pytest.mark.usefixtures("small_batches")
def test_a_large_report_is_written_in_batches_of_complete_rows(world: World) -> None:
    """No batch is larger than allowed, and whichever is the last to arrive, every row in the tab is complete."""
    world.avepoint.directory.replace_all(customers(14))
    world.list_customers()
    world.sheets.requests.clear()
    expected = contents_after_run(world)
    sizes = batch_sizes(world)
    # Only the Overview's first content and the formatting are each one batch, far below 2 MB.
    assert len([size for size in sizes if size > 16_000]) <= 2
    assert len(sizes) > 6
    for cut in chosen(range(2, len(sizes)), 3):
        delete_reports(world)
        world.sheets.fail(403, nth=cut, path=":batchUpdate$", times=1000)
        assert world.run_at("2026-01-05 06:00").outcome == "failed"
        world.sheets.conduct.faults.clear()
        if "Seat Report" in [tab.title for tab in world.book.worksheets()]:
            for row in world.rows():
                assert row["Status"] == "Current"
                assert row["Total seats"] == row["Assigned seats"] + row["Available seats"]
        # The dead run's lock is held until it expires.
        assert world.run_at("2026-01-05 06:15").outcome == "ok"
        assert contents(world) == expected


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("action", "when"),
    [(429, "before"), (400, "before")]
    + [(action, when) for action in (500, 503, "reset") for when in ("before", "after")],
)
def test_a_run_survives_one_lost_write(world: World, action: int | str, when: str, nth: int) -> None:
    """Whether or not the write was applied before its response was lost, the run ends with the right workbook."""
    world.avepoint.directory.replace_all(customers(3))
    world.list_customers()
    expected = contents_after_run(world)
    delete_reports(world)
    world.sheets.fail(action, nth=nth, path=":batchUpdate$", when=when)
    result = world.run_at("2026-01-05 06:15")
    assert result.failure is None
    assert contents(world) == expected
    assert [row["Outcome"] for row in world.rows("Runs")] == ["ok"]


def test_a_spreadsheet_that_stays_unwritable_ends_in_503(world: World) -> None:
    """After three rounds the response reports that the spreadsheet could not be written, and what was queried."""
    world.list_customers()
    world.run()
    world.sheets.fail(500, path=":batchUpdate$", times=100, nth=2)
    answer = world.run(expect=503)
    assert answer["outcome"] == "failed"
    assert answer["customers"]["queried"] == len(world.avepoint.directory.customers)


def test_an_unreachable_spreadsheet_ends_in_503(world: World) -> None:
    """Reading is retried a few times within the run's time, then given up."""
    world.list_customers()
    world.configure(RUN_TIMEOUT_SECONDS="5")
    world.sheets.fail(503, method="GET", times=100)
    answer = world.run(expect=503)
    assert "Google Sheets" in answer["detail"]


@pytest.mark.parametrize(("status", "remedy"), [(403, "Share the spreadsheet with"), (404, "there is no spreadsheet")])
def test_a_spreadsheet_without_access_is_a_configuration_error(world: World, status: int, remedy: str) -> None:
    """Both a spreadsheet that is not shared and one that does not exist are reported with a remedy."""
    world.sheets.fail(status, times=100)
    answer = world.run(expect=500)
    assert answer["faults"][0]["setting"] == "SPREADSHEET_ID"
    assert remedy in answer["detail"]


def test_a_protection_by_somebody_else_is_reported_clearly(world: World) -> None:
    """The error says that the cells are protected."""
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    tab = world.tab()
    protection = {"range": {"sheetId": tab.id}, "editors": {"users": ["boss@example.com"]}}
    world.book.batch_update({"requests": [{"addProtectedRange": {"protectedRange": protection}}]})
    answer = world.run(expect=500)
    assert "protected" in answer["detail"]


def test_a_run_without_changes_writes_no_seat_cell(world: World) -> None:
    """With nothing changed at AvePoint, only Last checked is written to the Seat Report, as one block."""
    world.avepoint.directory.replace_all(customers(20))
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    world.sheets.requests.clear()
    world.run_at("2026-01-06 06:00")
    assert len(world.sheets.requests) <= 5
    assert max(batch_sizes(world)) < 6_000


class Months:
    """Three months of churn, failures, lost writes and a person who edits, and the workbook expected after them."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.rng = random.Random(seed)
        self.notes: dict[str, str] = {}
        self.failing: set[str] = set()
        self.closed: dict[tuple[str, str, str, str], dict[str, int]] = {}

    def days(self) -> Iterator[str]:
        """A few days in each of three months."""
        for month in ("2026-01", "2026-02", "2026-03"):
            for day in sorted(self.rng.sample(range(1, 28), 3)):
                yield f"{month}-{day:02} 06:00"

    def churn(self) -> None:
        """Change counts and add a tenant."""
        directory = self.world.avepoint.directory
        for customer in directory.customers:
            for tenant in customer.tenants:
                if self.rng.random() < 0.3:
                    changed = Tenant(tenant.id, tenant.name, tenant.type, self.rng.randrange(500), tenant.available)
                    directory.put_tenant(customer.id, changed)
        customer = self.rng.choice(directory.customers)
        name = f"new-{self.rng.randrange(10**6)}"
        directory.put_tenant(customer.id, Tenant(name, name, TenantType.SALESFORCE, 7, 7))

    def disturb(self) -> None:
        """Make a customer fail and lose a write."""
        self.world.avepoint.faults.clear()
        self.failing.clear()
        if self.rng.random() < 0.5:
            customer = self.rng.choice(self.world.avepoint.directory.customers)
            self.world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer.id))
            self.failing.add(customer.id)
        action, when = self.rng.choice([("503", "before"), ("503", "after"), ("reset", "after"), ("400", "before")])
        self.world.sheets.fail(action, nth=self.rng.choice([1, 2]), path=":batchUpdate$", when=when)

    def edit(self) -> None:
        """Sort, annotate and insert as a person does."""
        tab = self.world.person.tab("Seat Report")
        grid = self.world.grid()
        header = grid[0]
        if "Our notes" not in header:
            at = self.rng.randrange(1, 8)
            tab.insert_columns(at)
            tab.type((0, at), "Our notes")
        grid = self.world.grid()
        header = grid[0]
        column, key = header.index("Our notes"), header.index("Tenant ID")
        tab.sort_range(((1, len(grid)), (0, len(header))), self.rng.randrange(len(header) - 1), descending=True)
        rows = self.world.grid()
        place = self.rng.randrange(1, len(rows))
        if rows[place][key]:
            self.notes[rows[place][key]] = f"asked on {self.rng.random()}"
            tab.type((place, column), self.notes[rows[place][key]])

    def check(self, moment: str) -> None:
        """Assert that every number is right and every note is in place."""
        world = self.world
        expected = {key: seats for key, seats in world.service_seats().items() if key[0] not in self.failing}
        assert world.report_seats() == expected
        rows = {row["Tenant ID"]: row for row in world.rows() if row["Tenant ID"]}
        for tenant_id, text in self.notes.items():
            assert rows[tenant_id]["Our notes"] == text
        month = moment[:7]
        for row in world.rows("History"):
            tenant = (row["Customer ID"], row["Tenant type"], row["Tenant ID"], row["Seats"])
            for earlier, number in self.closed.get(tenant, {}).items():
                if earlier < month:
                    assert row[earlier] == number
            if (row["Customer ID"], row["Tenant type"], row["Tenant ID"]) in expected:
                pair = expected[row["Customer ID"], row["Tenant type"], row["Tenant ID"]]
                assert row[month] == pair[row["Seats"] == "Available"]
            self.closed[tenant] = {name: value for name, value in row.items() if name.startswith("20") and value != ""}


@pytest.mark.parametrize("seed", chosen(range(3), 1))
def test_three_months_end_with_every_number_right_and_every_note_in_place(world: World, seed: int) -> None:
    """Despite churn, failing customers, lost writes and a person who edits in between."""
    world.avepoint.directory.replace_all(customers(6))
    world.list_customers()
    months = Months(world, seed)
    for moment in months.days():
        months.churn()
        months.disturb()
        result = world.run_at(moment)
        assert result.failure is None, result.failure
        world.sheets.conduct.faults.clear()
        months.check(moment)
        months.edit()
