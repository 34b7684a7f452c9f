"""What it takes to bring the spreadsheet up to date, against clients that write the whole table every time."""

import math
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.days import CHURN_EVERY, DAYS, QUIET
from tests.benchmarks.fresh import run_fresh
from tests.benchmarks.population import customers, staying
from tests.benchmarks.services import SheetsService, sheets
from tests.benchmarks.table import Part, Target, amount, median, number

_OURS = "ours (five tabs)"
_PLAIN = "gspread clear and update"
_ROW_BY_ROW = "gspread row by row"
_PEERS = (_PLAIN, _ROW_BY_ROW, "gspread-dataframe", "pygsheets")
_REPORT = "Seat Report"
_REMARK = "Ask Ms Miller before billing"
_SIZES, _QUICK_SIZES = (100, 1_000, 15_000), (100, 1_000)
_MOST_ROW_BY_ROW = 100
_MOST_REQUESTS, _MOST_OF_BYTES = 5, 0.1


@dataclass(frozen=True, slots=True)
class _Day:
    """What one day took: the medians of several measurements; all infinite if the writer failed."""

    requests: float
    sent: float
    received: float
    seconds: float

    def __str__(self) -> str:
        """The figures as a cell of the table."""
        if math.isinf(self.seconds):
            return "**failed**"
        sent, received = amount(self.sent), amount(self.received)
        return f"{number(self.requests)} requests, {sent} out, {received} in, {number(self.seconds)} s"


@dataclass(frozen=True, slots=True)
class _Course:
    """What one way of writing took over the days, and what became of a person's remark."""

    tenants: int
    writer: str
    days: tuple[_Day, ...]
    remark: str

    def cells(self) -> list[str]:
        """The line's cells."""
        return [f"{number(self.tenants)}: {self.writer}", *map(str, self.days), self.remark]


def measure(*, quick: bool) -> Part:
    """Write four days' reports of several sizes by each client."""
    with sheets() as service:
        courses = list(_courses(service, quick=quick))
    columns = ("tenants and writer", *DAYS, "a person's remark")
    note = (
        "Bytes are those on the wire, headers included. Ours reads and writes the Customers tab, Seat Report, By "
        "Customer, History, Overview and Runs, and reads back what it has written; the others write the one table of "
        "Seat Report and read nothing. On each day all `Last checked` are new. Between the first two days a person "
        "enters a remark beside a tenant; the last column says where it is after the last. Medians "
        "of three, the largest size once."
    )
    return Part("Writing", columns, [course.cells() for course in courses], note, list(_targets(courses)))


def _targets(courses: Sequence[_Course]) -> Iterator[Target]:
    quiet = {(course.tenants, course.writer): course.days[QUIET] for course in courses}
    for tenants in dict.fromkeys(course.tenants for course in courses):
        ours, plain = quiet[tenants, _OURS], quiet[tenants, _PLAIN]
        what = f"{number(tenants)} tenants, quiet day"
        yield Target(f"{what}: requests", ours.requests, _MOST_REQUESTS)
        remark = (
            f"it reads as well as writes: sent and received are {amount(ours.sent + ours.received)}, of clear and "
            f"update {amount(plain.sent + plain.received)}"
        )
        reached = ours.sent / plain.sent
        yield Target(f"{what}: bytes sent ÷ those of clear and update", reached, _MOST_OF_BYTES, remark=remark)


def _courses(service: SheetsService, *, quick: bool) -> Iterator[_Course]:
    for tenants in _QUICK_SIZES if quick else _SIZES:
        writers = [one for one in (_OURS, *_PEERS) if one != _ROW_BY_ROW or tenants <= _MOST_ROW_BY_ROW]
        times = 1 if quick or tenants == max(_SIZES) else 3
        rounds = [[_course(service, tenants, writer) for writer in writers] for _ in range(times)]
        yield from (_middle(courses) for courses in zip(*rounds, strict=True))


def _middle(courses: Sequence[_Course]) -> _Course:
    days = zip(*(course.days for course in courses), strict=True)
    first = courses[0]
    return _Course(first.tenants, first.writer, tuple(_middle_day(each) for each in days), first.remark)


def _middle_day(days: Sequence[_Day]) -> _Day:
    return _Day(
        requests=median(day.requests for day in days),
        sent=median(day.sent for day in days),
        received=median(day.received for day in days),
        seconds=median(day.seconds for day in days),
    )


def _course(service: SheetsService, tenants: int, writer: str) -> _Course:
    # There are half as many tenants again as customers.
    listed = customers(tenants * 2 // 3 + 1)
    spreadsheet_id = service.new_spreadsheet(listed)
    place, tenant = staying(listed, CHURN_EVERY)
    days = []
    for day in range(len(DAYS)):
        service.forget_requests()
        order = {"writer": writer, "host": service.host, "spreadsheet_id": spreadsheet_id}
        module = "tests.benchmarks.write_ours" if writer == _OURS else "tests.benchmarks.write_peers"
        try:
            took = run_fresh(module, {**order, "customers": len(listed), "day": day})
        except subprocess.CalledProcessError:
            # Why stands on standard error; the other days are worth knowing nevertheless.
            days.append(_Day(math.inf, math.inf, math.inf, math.inf))
        else:
            days.append(_Day(service.requests(), took["sent"], took["received"], took["seconds"]))
        if day == 0:
            service.put_beside(spreadsheet_id, _REPORT, place + 2, _REMARK)
    remark = _remark(service.values(spreadsheet_id, f"{_REPORT}!A:Z"), tenant.id)
    return _Course(tenants, writer, tuple(days), remark)


def _remark(rows: Sequence[Sequence[str]], tenant_id: str) -> str:
    """Where the remark is."""
    beside = [row for row in rows if _REMARK in row]
    if not beside:
        return "gone"
    return "beside its tenant" if tenant_id in beside[0] else "beside another tenant"
