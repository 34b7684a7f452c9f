"""One run of the report over a spreadsheet, AvePoint's answers being known: what writing takes. Run by `fresh`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import structlog

from seat_report.domain.queries import Collection, Query, SeatResult
from seat_report.domain.scope import RunRequest
from seat_report.domain.tenants import TenantSeats
from seat_report.run import Run
from seat_report.settings import load
from seat_report.workbook.sheets_api.client import connect
from tests.benchmarks.days import moment_of, population_of
from tests.benchmarks.fresh import answer_order
from tests.benchmarks.gauge import Figures, gauged
from tests.emulators.avepoint.data import Customer
from tests.support.clocks import ShownClock


class _Known:
    """A collector that knows all answers already."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._customers = {customer.id: customer for customer in customers}

    def collect(
        self, queries: list[Query], *, stop_at: float, on_result: Callable[[SeatResult], None] | None = None
    ) -> Collection:
        """The answers, at once."""
        del stop_at, on_result
        answers = tuple(self._answer(query) for query in queries)
        return Collection(answers, contract="users", requests=len(queries), retries=0, throttled=0)

    def _answer(self, query: Query) -> SeatResult:
        tenants = self._customers[query.customer_id].of_type(query.tenant_type.number)
        return SeatResult(query, tuple(TenantSeats(one.id, one.name, one.assigned, one.available) for one in tenants))


def run_once(host: str, spreadsheet_id: str, population: Sequence[Customer], moment: datetime) -> Figures:
    """Do one run over these customers at that moment; what it took. Raises RuntimeError if it failed."""
    settings = load(
        {
            "SPREADSHEET_ID": spreadsheet_id,
            "SHEETS_EMULATOR_HOST": host,
            "AVEPOINT_CLIENT_ID": "none",
            "AVEPOINT_CLIENT_SECRET": "none",
        }
    )
    with gauged() as figures:
        client = connect(settings.sheets_emulator_host)
        result = Run(settings, RunRequest(), client=client, avepoint=_Known(population), clock=ShownClock(moment)).go()
    client.session.close()
    if result.failure or result.warnings:
        raise RuntimeError(f"{result.failure} {result.warnings}")
    return figures


def write(order: dict[str, Any]) -> Mapping[str, Any]:
    """Do the day's run; what it took."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    day = order["day"]
    population = population_of(order["customers"], day)
    return asdict(run_once(order["host"], order["spreadsheet_id"], population, moment_of(day)))


if __name__ == "__main__":
    answer_order(write)
