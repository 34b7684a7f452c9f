"""How the work of a run grows with the report: counted in calls, which no other process on the machine disturbs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

from tests.benchmarks.days import CHURN_EVERY, moment_of
from tests.benchmarks.population import customers, with_churn
from tests.benchmarks.services import SheetsService
from tests.benchmarks.write_ours import run_once
from tests.emulators.sheets.service import running

_SIZES = (50, 100, 200)
# Exactly two if all is linear; a search of all customers for each tenant that is gone makes it 2.1.
_MOST = 2.05


@contextmanager
def _calls_counted() -> Iterator[Callable[[], int]]:
    """Count what this thread calls, and each return; the function tells how many so far."""
    events = count()
    before = sys.getprofile()
    sys.setprofile(lambda *_: next(events) and None)
    try:
        yield lambda: next(events)
    finally:
        sys.setprofile(before)


def _calls_of_each_run(size: int) -> dict[str, int]:
    """The calls of each of several runs over so many customers."""
    listed = customers(size)
    gone = [replace(one, tenants=()) for one in listed]
    runs = {
        "first run": (listed, 0),
        "churn": (with_churn(listed, CHURN_EVERY), 1),
        "all gone": (gone, 2),
        "a month later": (gone, 31),
    }
    counted = {}
    with running() as service:
        sheets = SheetsService(service.url)
        spreadsheet_id = sheets.new_spreadsheet(listed)
        for name, (population, day) in runs.items():
            with _calls_counted() as so_far:
                run_once(service.host, spreadsheet_id, population, moment_of(0) + timedelta(days=day))
                counted[name] = so_far()
    return counted


def test_work_grows_no_faster_than_the_report() -> None:
    """Twice as many customers more take twice as many calls more, whatever happens to their tenants."""
    few, more, many = map(_calls_of_each_run, _SIZES)
    growth = {name: (many[name] - more[name]) / (more[name] - few[name]) for name in few}
    assert {name: ratio for name, ratio in growth.items() if ratio > _MOST} == {}
