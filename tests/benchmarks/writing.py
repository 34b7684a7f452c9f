"""The cost of updating the spreadsheet, compared with clients that write the full table every time."""

import math
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.days import CHURN_EVERY, DAYS, QUIET
from tests.benchmarks.population import customers, kept_by_churn
from tests.benchmarks.services import SheetsService, sheets
from tests.benchmarks.subprocesses import run_module
from tests.benchmarks.table import Part, Target, amount, median, number

_OURS = "ours (seven tabs)"
_PLAIN = "gspread clear and update"
_ROW_BY_ROW = "gspread row by row"
_PEERS = (_PLAIN, _ROW_BY_ROW, "gspread-dataframe", "pygsheets")
_REPORT = "Seat Report"
_REMARK = "Ask Ms Miller before billing"
_SIZES, _QUICK_SIZES = (100, 1_000, 15_000), (100, 1_000)
_MAX_ROW_BY_ROW = 100
_MAX_REQUESTS, _MAX_SHARE_OF_BYTES = 5, 0.1


@dataclass(frozen=True, slots=True)
class _Day:
    """One day's measurements: medians of several; all infinite if the writer failed."""

    requests: float
    sent: float
    received: float
    seconds: float

    def __str__(self) -> str:
        """The measurements as a cell of the table."""
        if math.isinf(self.seconds):
            return "**failed**"
        sent, received = amount(self.sent), amount(self.received)
        return f"{number(self.requests)} requests, {sent} out, {received} in, {number(self.seconds)} s"


@dataclass(frozen=True, slots=True)
class _Series:
    """One writer's measurements over the days, and where a person's remark ended up."""

    tenants: int
    writer: str
    days: tuple[_Day, ...]
    remark: str

    def cells(self) -> list[str]:
        """The cells of the row."""
        return [f"{number(self.tenants)}: {self.writer}", *map(str, self.days), self.remark]


def measure(*, quick: bool) -> Part:
    """Write four days' reports of several sizes with each client."""
    with sheets() as service:
        all_series = list(_all_series(service, quick=quick))
    columns = ("tenants and writer", *DAYS, "a person's remark")
    note = (
        "Bytes are those on the wire, headers included. Ours reads the Customers tab, reads and writes Seat Report, By "
        "Customer, Billing, History, Not Listed, Overview and Runs, with purchased seats and unlisted customers asked "
        "for, and reads back what it has written; the others write the one table of Seat Report and read nothing. On "
        "each day all `Last checked` are new. Between the first two days a person enters a remark beside a tenant; the "
        "last column says where it is after the last. Medians of three, the largest size once."
    )
    return Part("Writing", columns, [series.cells() for series in all_series], note, list(_targets(all_series)))


def _targets(all_series: Sequence[_Series]) -> Iterator[Target]:
    quiet = {(series.tenants, series.writer): series.days[QUIET] for series in all_series}
    for tenants in dict.fromkeys(series.tenants for series in all_series):
        ours, plain = quiet[tenants, _OURS], quiet[tenants, _PLAIN]
        name = f"{number(tenants)} tenants, quiet day"
        yield Target(f"{name}: requests", ours.requests, _MAX_REQUESTS)
        remark = (
            f"it reads as well as writes: sent and received are {amount(ours.sent + ours.received)}, of clear and "
            f"update {amount(plain.sent + plain.received)}"
        )
        reached = ours.sent / plain.sent
        yield Target(f"{name}: bytes sent ÷ those of clear and update", reached, _MAX_SHARE_OF_BYTES, remark=remark)


def _all_series(service: SheetsService, *, quick: bool) -> Iterator[_Series]:
    for tenants in _QUICK_SIZES if quick else _SIZES:
        writers = [writer for writer in (_OURS, *_PEERS) if writer != _ROW_BY_ROW or tenants <= _MAX_ROW_BY_ROW]
        times = 1 if quick or tenants == max(_SIZES) else 3
        rounds = [[_series(service, tenants, writer) for writer in writers] for _ in range(times)]
        yield from (_median_series(all_series) for all_series in zip(*rounds, strict=True))


def _median_series(all_series: Sequence[_Series]) -> _Series:
    days = zip(*(series.days for series in all_series), strict=True)
    first = all_series[0]
    return _Series(first.tenants, first.writer, tuple(_median_day(day) for day in days), first.remark)


def _median_day(days: Sequence[_Day]) -> _Day:
    return _Day(
        requests=median(day.requests for day in days),
        sent=median(day.sent for day in days),
        received=median(day.received for day in days),
        seconds=median(day.seconds for day in days),
    )


def _series(service: SheetsService, tenants: int, writer: str) -> _Series:
    # There are half as many tenants again as customers.
    listed = customers(tenants * 2 // 3 + 1)
    spreadsheet_id = service.new_spreadsheet(listed)
    index, tenant = kept_by_churn(listed, CHURN_EVERY)
    days = []
    for day in range(len(DAYS)):
        service.forget_requests()
        job = {"writer": writer, "host": service.host, "spreadsheet_id": spreadsheet_id}
        module = "tests.benchmarks.write_ours" if writer == _OURS else "tests.benchmarks.write_peers"
        try:
            measured = run_module(module, {**job, "customers": len(listed), "day": day})
        except subprocess.CalledProcessError:
            # The reason is on standard error; the other days are still worth measuring.
            days.append(_Day(math.inf, math.inf, math.inf, math.inf))
        else:
            days.append(_Day(service.requests(), measured["sent"], measured["received"], measured["seconds"]))
        if day == 0:
            service.put_beside(spreadsheet_id, _REPORT, index + 2, _REMARK)
    remark = _find_remark(service.values(spreadsheet_id, f"{_REPORT}!A:Z"), tenant.id)
    return _Series(tenants, writer, tuple(days), remark)


def _find_remark(rows: Sequence[Sequence[str]], tenant_id: str) -> str:
    """Where the remark ended up."""
    beside = [row for row in rows if _REMARK in row]
    if not beside:
        return "gone"
    return "beside its tenant" if tenant_id in beside[0] else "beside another tenant"
