"""Measures the writing of one run, with AvePoint's data already known. Run by `subprocesses`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog

from seat_report.domain.found_customers import FoundCustomer, FoundCustomers
from seat_report.domain.identity import canonical_id
from seat_report.domain.purchased import PurchasedByPart, PurchasedSeats
from seat_report.domain.queries import Collection, Query, SeatResult, Traffic
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantSeats
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import connect
from tests.benchmarks.days import moment_of, population_of
from tests.benchmarks.gauge import Figures, measured
from tests.benchmarks.subprocesses import serve_job
from tests.emulators.avepoint.data import Customer
from tests.support.clocks import ShownClock


class _KnownData:
    """A collector that already has all data."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._customers = {customer.id: customer for customer in customers}

    def collect(
        self, queries: list[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """All results, at once."""
        del stop_at, on_result
        results = tuple(self._result(query) for query in queries)
        return Collection(results, contract="users", requests=len(queries), retries=0, throttled=0)

    def purchased(self, queries: Sequence[Query], *, stop_at: float) -> tuple[PurchasedByPart, Traffic]:
        """A hundred seats for each."""
        del stop_at
        bought = PurchasedSeats(100)
        return {(canonical_id(query.customer_id), query.tenant_type): bought for query in queries}, Traffic(
            len(queries)
        )

    def customers(self, *, stop_at: float) -> tuple[FoundCustomers, Traffic]:
        """Those listed, and one that nobody lists."""
        del stop_at
        known = [FoundCustomer(customer.id, customer.organization) for customer in self._customers.values()]
        return FoundCustomers((*known, FoundCustomer("not-listed", "Not listed")), is_complete=True), Traffic(1)

    def _result(self, query: Query) -> SeatResult:
        tenants = self._customers[query.customer_id].of_type(query.tenant_type.number)
        return SeatResult(
            query, tuple(TenantSeats(tenant.id, tenant.name, tenant.assigned, tenant.available) for tenant in tenants)
        )


def run_once(host: str, spreadsheet_id: str, population: Sequence[Customer], moment: datetime) -> Figures:
    """Run once for these customers at that time; its measurements. Raises RuntimeError if the run failed."""
    settings = load(
        {
            "SPREADSHEET_ID": spreadsheet_id,
            "SHEETS_EMULATOR_HOST": host,
            "AVEPOINT_CLIENT_ID": "none",
            "AVEPOINT_CLIENT_SECRET": "none",
            "PURCHASED_SEATS": "on",
            "FIND_CUSTOMERS": "on",
        }
    )
    with measured() as figures:
        client = connect(settings.sheets_emulator_host)
        result = Run(
            settings, RunRequest(), client=client, avepoint=_KnownData(population), clock=ShownClock(moment)
        ).go()
    client.session.close()
    if result.failure or result.warnings:
        raise RuntimeError(f"{result.failure} {result.warnings}")
    return figures


def write(job: dict[str, Any]) -> Mapping[str, Any]:
    """Run on that day; its measurements."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    day = job["day"]
    population = population_of(job["customers"], day)
    return asdict(run_once(job["host"], job["spreadsheet_id"], population, moment_of(day)))


if __name__ == "__main__":
    serve_job(write)
