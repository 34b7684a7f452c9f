"""A workbook with a past and people's content, and AvePoint's data on the day of the run; resettable at any time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from seat_report.avepoint.client import AvePoint
from seat_report.domain.scope import RunRequest
from seat_report.reporting.result import RunResult
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import connect
from seat_report.workbook.sheets_api.snapshot import Snapshot
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.emulators.sheets.engine import Calculator
from tests.proof import reading
from tests.support.clocks import HastyClock
from tests.support.world import World, world

M365, SALESFORCE, GOOGLE = TenantType.MICROSOFT_365, TenantType.SALESFORCE, TenantType.GOOGLE


def customers() -> list[Customer]:
    """Five customers, one without tenants."""
    return [
        Customer("c-1", "Alder", (Tenant("m-1", "Alder", M365, 10, 5), Tenant("g-1", "Alder G", GOOGLE, 4, 2))),
        Customer("c-2", "Birch", (Tenant("m-2", "Birch", M365, 20, 3), Tenant("g-2", "Birch G", GOOGLE, 8, 1))),
        Customer("c-3", "Cedar", (Tenant("m-3", "Cedar", M365, 30, 0), Tenant("m-3b", "Cedar Two", M365, 7, 7))),
        Customer("c-4", "Dogwood", (Tenant("g-4", "Dogwood", GOOGLE, 40, 9),)),
        Customer("c-5", "Elm", ()),
    ]


def unlisted_customers() -> list[Customer]:
    """Some whom AvePoint has and nobody lists; Fir, in the second row by its name, is listed some weeks later."""
    names = {"c-9": "=1+1", "c-6": "Fir", "c-7": "Walnut", "c-8": "Yew", "c-10": "Zelkova"}
    return [Customer(customer_id, name) for customer_id, name in names.items()]


def later_customers() -> list[Customer]:
    """The same some weeks later: changed numbers, two tenants removed, one renamed, one added, a new customer."""
    return [
        Customer("c-1", "Alder", (Tenant("m-1", "Alder", M365, 12, 3), Tenant("g-1", "Alder G", GOOGLE, 4, 2))),
        Customer(
            "c-2",
            "Birch",
            (Tenant("m-2", "Birch AG", M365, 21, 3), Tenant("s-2", "Sales", TenantType.SALESFORCE, 3, 1)),
        ),
        Customer("c-3", "Cedar", (Tenant("m-3", "Cedar", M365, 33, 0),)),
        Customer("c-4", "Dogwood", (Tenant("g-4", "Dogwood", GOOGLE, 41, 9),)),
        Customer("c-5", "Elm", ()),
        Customer("c-6", "Fir", (Tenant("m-6", "Fir", M365, 6, 6),)),
    ]


# Rows in which nobody has written, so that the report may remove them.
_WITHOUT = ("m-3b", "c-6")


@dataclass(frozen=True)
class Situation:
    """How to prepare the workbook for a run, and the times of that run and the next."""

    name: str
    prepare: Callable[["Stage"], None]
    moments: tuple[str, str]

    def __str__(self) -> str:
        return self.name


class Stage:
    """One world that is put into one situation after another."""

    def __init__(self, stage_world: World) -> None:
        self.world = stage_world
        first = self.world.book.sheet1
        self.world.list_customers()
        self.world.book.del_worksheet(first)
        # Only a Customers tab. The emulator replaces a spreadsheet on every change and never mutates it.
        self._new: Any = self._file.spreadsheet
        self._saved = self._new
        self._situation: Situation | None = None

    def in_situation(self, situation: Situation) -> None:
        """Set everything to the time right before the situation's run."""
        if self._situation is not situation:
            self._start_over()
            situation.prepare(self)
            self._saved = self._file.spreadsheet
            self._situation = situation
        self.put_back()

    def put_back(self) -> None:
        """Reset the workbook to how it was before the run."""
        self.world.sheets.before_request = None
        self.world.sheets.conduct.faults.clear()
        self.world.sheets.requests.clear()
        self._file.spreadsheet = self._saved
        self._file.calculator = Calculator()

    @property
    def _file(self) -> Any:
        return self.world.sheets.store.files[self.world.book.id]

    def _start_over(self) -> None:
        """Remove everything left by earlier situations, spreadsheet settings included."""
        self._saved = self._new
        self.put_back()
        self.world.avepoint.faults.clear()
        self.world.configure(HISTORY_MONTHS=None)
        self.serve_customers(customers())

    def serve_customers(self, served: list[Customer]) -> None:
        """Make AvePoint know these customers and the Customers tab list them; some more are not listed."""
        listed = {customer.id for customer in served}
        unlisted = [customer for customer in unlisted_customers() if customer.id not in listed]
        self.world.avepoint.directory.replace_all([*served, *unlisted])
        self.world.list_customers(served)

    def run(self, moment: str) -> RunResult:
        """Run once in this process, on a clock that shows this time."""
        settings = load()
        clock = HastyClock(moment)
        avepoint = AvePoint(settings, clock=clock)
        client = connect(settings.sheets_emulator_host)
        try:
            return Run(settings, RunRequest(), client=client, avepoint=avepoint, clock=clock).go()
        finally:
            client.session.close()
            avepoint.close()

    def snapshot(self) -> Snapshot:
        """Read all current tabs."""
        return reading.read(load())

    def annotate(self) -> None:
        """Write into every tab as people do: columns of their own, notes, rows, formulas."""
        report = self.world.person.tab(reading.REPORT)
        report.insert_columns(5)
        report.type("F1", "Our notes")
        height = len(self.world.grid(reading.REPORT))
        rows = self.world.rows(reading.REPORT)
        for place, row in enumerate(rows, start=1):
            if row["Tenant ID"] in ("m-1", "g-2", "m-3", "g-4"):
                report.type((place, 5), f"asked about {row['Tenant ID']}")
        width = len(self.world.grid(reading.REPORT)[0])
        report.make_room(height + 6, width + 4)
        report.paste((0, width + 1), [["Doubled"], *([f"=G{place}*2"] for place in range(2, height + 1))])
        budget: list[list[str | int]] = [["Budget", "Left"]]
        for row in rows:
            # One row in which nobody has written, so that the report may remove it.
            budget.append(["", ""] if row["Tenant ID"] == "m-3b" else [f"b of {row['Tenant ID']}", 1000 + len(budget)])
        # Right beside the report's last column, where a shift by one column hits first.
        report.insert_columns(width, 2)
        report.paste((0, width), budget)
        report.note(f"A{height}", "look at this one")
        total = ["Total", "", "", "", "", "", f"=SUM(G2:G{height})"]
        report.paste(f"A{height + 2}", [total, ["written by", "the controller"]])
        self._enter_billed_numbers()
        for title, column in (
            (reading.BY_CUSTOMER, 3),
            (reading.BILLING, 6),
            (reading.HISTORY, 7),
            (reading.NOT_LISTED, 2),
            (reading.RUNS, 4),
        ):
            tab = self.world.person.tab(title)
            keys = [row.get("Tenant ID", row.get("Customer ID")) for row in self.world.rows(title)]
            remarks_column = [
                ["Remarks"],
                *([f"{title} {place}" if key not in _WITHOUT else ""] for place, key in enumerate(keys)),
            ]
            tab.insert_columns(column - 1)
            tab.paste((0, column - 1), remarks_column)
            width = len(self.world.grid(title)[0])
            tab.make_room(len(remarks_column) + 4, width + 3)
            seen_column = [
                ["Seen"],
                *([f"seen {place}" if key not in _WITHOUT else ""] for place, key in enumerate(keys)),
            ]
            tab.paste((0, width), seen_column)
            tab.paste(f"A{len(remarks_column) + 2}", [[f"end of {title}", "", "kept"]])
        overview = self.world.person.tab(reading.OVERVIEW)
        overview.insert_rows(0, 2)
        overview.paste("A1", [["Our headline"], ["second line", 5]])
        overview.paste("K4", [["right of it"]])
        below = len(self.world.grid(reading.OVERVIEW)) + 3
        overview.make_room(below + 3, 14)
        overview.paste(f"A{below}", [["below it", 17]])

    def _enter_billed_numbers(self) -> None:
        """Enter what is billed: a number each but in one row, a text in another, and a price here and there."""
        tab = self.world.person.tab(reading.BILLING)
        for place, row in enumerate(self.world.rows(reading.BILLING), start=1):
            if row["Customer ID"] == "c-3":
                continue
            tab.type((place, 2), "to be asked" if row["Customer ID"] == "c-4" else 10 * place)
            if place % 2:
                tab.type((place, 3), place)


def _prepare_first(_: Stage) -> None:
    """Leave the spreadsheet with only its Customers tab."""


def _prepare_quiet(stage: Stage) -> None:
    stage.run("2026-01-05 06:00")
    stage.run("2026-01-30 06:00")
    stage.annotate()
    # Removed in January with nothing written beside it: its row goes in February. With a note, it stays.
    without = [
        Customer(customer.id, customer.organization, tuple(t for t in customer.tenants if t.id not in ("m-3b", "g-2")))
        for customer in customers()
    ]
    stage.serve_customers(without)
    stage.run("2026-01-31 18:00")


def _prepare_busy(stage: Stage) -> None:
    _prepare_quiet(stage)
    stage.serve_customers(later_customers())
    stage.world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-4"))


def _prepare_moved(stage: Stage) -> None:
    _prepare_busy(stage)
    stage.run("2026-02-03 06:00")
    for customer in later_customers():
        for tenant in customer.tenants:
            seats = (tenant.assigned + 100, tenant.available + 50)
            stage.world.avepoint.directory.put_tenant(customer.id, Tenant(tenant.id, tenant.name, tenant.type, *seats))


def _prepare_over(stage: Stage) -> None:
    stage.world.configure(HISTORY_MONTHS="2")
    _prepare_busy(stage)
    stage.run("2026-02-03 06:00")


FIRST = Situation("first", _prepare_first, ("2026-01-05 06:00", "2026-01-05 06:15"))
# Nothing has changed.
QUIET = Situation("quiet", _prepare_quiet, ("2026-01-31 20:00", "2026-01-31 20:15"))
# A new month: rows are removed and added, a column is added, a customer fails.
BUSY = Situation("busy", _prepare_busy, ("2026-02-04 06:00", "2026-02-04 06:15"))
# All numbers change, nothing else does.
MOVED = Situation("moved", _prepare_moved, ("2026-02-04 06:00", "2026-02-04 06:15"))
# The oldest month's column is removed.
OVER = Situation("over", _prepare_over, ("2026-03-02 06:00", "2026-03-02 06:15"))
SITUATIONS = (FIRST, QUIET, BUSY, MOVED, OVER)


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage with its own services, for all tests of a module."""
    with pytest.MonkeyPatch.context() as patch, world(patch) as made:
        made.configure(TENANT_TYPES="microsoft-365,google,salesforce", FIND_CUSTOMERS="on", PURCHASED_SEATS="on")
        yield Stage(made)
