"""A workbook whose customers are billed: runs of several customers and types, and people who enter what they bill."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from seat_report.domain import (
    Basis,
    Customer,
    Problem,
    ProblemKind,
    PurchasedSeats,
    Query,
    ReportData,
    Scope,
    SeatResult,
    TenantSeats,
    TenantType,
    UnusableTenant,
    canonical_id,
)
from seat_report.workbook.sheets_api import Request, Tab, requests
from tests.support.local_workbook import LocalWorkbook

M365, GOOGLE = TenantType.MICROSOFT_365, TenantType.GOOGLE
TYPES = (M365, GOOGLE)
PROBLEM = Problem(ProblemKind.UNAVAILABLE, "It did not answer.")
Pair = tuple[str, TenantType]
Seats = Mapping[Pair, Mapping[str, int]]


def run_data(
    day: str,
    seats: Seats,
    *,
    listed: Collection[str] = (),
    failing: Collection[Pair] = (),
    unusable: Collection[tuple[Pair, str]] = (),
    scope: Scope | None = None,
    basis: Basis = Basis.MONTH_END,
    tolerance: int = 0,
    purchased: Mapping[Pair, PurchasedSeats] | None = None,
) -> ReportData:
    """The data of a run on this day, such as `2026-01-05`: the assigned seats of each tenant by customer and type.

    Customers are those with seats and those `listed`.
    """
    names = sorted({*listed, *(customer for customer, _ in seats)})
    customers = tuple(Customer(name, f"Customer {name}", row) for row, name in enumerate(names, start=2))
    scope = scope or Scope()

    def result(pair: Pair) -> SeatResult:
        query = Query(*pair)
        if pair in failing:
            return SeatResult(query, failure=PROBLEM)
        bad = [tenant for other, tenant in unusable if other == pair]
        found = {tenant: count for tenant, count in seats.get(pair, {}).items() if tenant not in bad}
        tenants = tuple(TenantSeats(tenant, tenant.upper(), count, 1) for tenant, count in found.items())
        return SeatResult(query, tenants, tuple(UnusableTenant(tenant, "", PROBLEM) for tenant in bad))

    pairs = [(customer.customer_id, one) for customer in customers for one in TYPES]
    results = {
        (canonical_id(pair[0]), pair[1]): result(pair)
        for pair in pairs
        if scope.admits_customer(pair[0]) and scope.admits_type(pair[1])
    }
    started = datetime.fromisoformat(day).replace(hour=6, tzinfo=UTC)
    return ReportData(
        started,
        UTC,
        customers,
        results,
        TYPES,
        scope=scope,
        billing_basis=basis,
        billing_tolerance=tolerance,
        purchased=purchased or {},
    )


class BilledWorkbook(LocalWorkbook):
    """A workbook with what people do in its Billing tab."""

    def run_on(self, day: str, seats: Seats, **more: Any) -> None:
        """A run on this day; see `run_data`."""
        self.run_with(run_data(day, seats, **more))

    def table(self, title: str = "Billing") -> list[dict[str, Any]]:
        """The rows below the header, by header; blank cells are None."""
        tab = self.tab(title)
        headers = {cell.text: at for at, cell in enumerate(tab.rows[0]) if cell.text}
        return [
            {header: tab.cell(index, at).value for header, at in headers.items()} for index in range(1, len(tab.rows))
        ]

    def row(self, customer: str, tenant_type: TenantType = M365) -> dict[str, Any]:
        """The only row of a customer and type."""
        (found,) = [
            row for row in self.table() if (row["Customer ID"], row["Tenant type"]) == (customer, tenant_type.label)
        ]
        return found

    def pairs(self) -> list[tuple[Any, Any]]:
        """The customer and type of each row."""
        return [(row["Customer ID"], row["Tenant type"]) for row in self.table()]

    def place(self, customer: str, header: str, tenant_type: TenantType = M365) -> tuple[Tab, int, int]:
        """Where a cell of the Billing tab is."""
        tab = self.tab("Billing")
        at = {cell.text: index for index, cell in enumerate(tab.rows[0])}
        (row,) = [
            index
            for index in range(1, len(tab.rows))
            if (tab.cell(index, at["Customer ID"]).text, tab.cell(index, at["Tenant type"]).text)
            == (customer, tenant_type.label)
        ]
        return tab, row, at[header]

    def enter(self, customer: str, value: Any, header: str = "Billed seats", tenant_type: TenantType = M365) -> None:
        """A person enters a value, or a formula as a `RowFormula`; None clears the cell."""
        tab, row, column = self.place(customer, header, tenant_type)
        self.apply([requests.update_cells(tab.sheet_id, row, column, [[value]])])

    def sort_by_filter(self, header: str, *, descending: bool = False) -> None:
        """Sort by the button of the tab's filter."""
        tab = self.tab("Billing")
        assert tab.basic_filter is not None
        block = tab.basic_filter.block
        at = next(index for index, cell in enumerate(tab.rows[0]) if cell.text == header)
        order = {"dimensionIndex": at, "sortOrder": "DESCENDING" if descending else "ASCENDING"}
        span = requests.grid_range(tab.sheet_id, (block.top + 1, block.bottom), (block.left, block.right))
        sort: Request = {"sortRange": {"range": span, "sortSpecs": [order]}}
        self.apply([sort])

    def overview(self) -> list[list[Any]]:
        """The lines of the Overview's section on billing, without blank cells and lines."""
        rows = [[cell.value for cell in row if not cell.is_blank] for row in self.tab("Overview").rows]
        return [row for row in rows[rows.index(["Billing"]) :] if row]
