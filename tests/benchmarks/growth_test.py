"""How a run's work grows with the report, counted in calls, which are independent of the machine's load."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import FrameType

import pytest

from tests.benchmarks.days import CHURN_EVERY, moment_of
from tests.benchmarks.population import customers, with_churn
from tests.benchmarks.services import SheetsService
from tests.benchmarks.write_ours import run_once
from tests.emulators.sheets.service import running
from tests.proof.sampling import IS_COMPLETE

pytestmark = pytest.mark.skipif(not IS_COMPLETE, reason="a part of the complete run (PROOF=all): it takes long")

_SIZES = (20, 40, 80)
# Exactly two if everything is linear; searching all customers for each removed tenant makes it 2.1.
_MAX_RATIO = 2.05


@contextmanager
def _calls_counted() -> Iterator[Callable[[], int]]:
    """Count this thread's calls and returns; the function gives the count so far."""
    events = 0

    # It is called millions of times: nothing else counts as quickly.
    def count(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal events
        events += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield lambda: events
    finally:
        sys.setprofile(before)


def _calls_of_each_run(size: int) -> dict[str, int]:
    """The calls of each of several runs for that many customers."""
    listed = customers(size)
    without_tenants = [replace(customer, tenants=()) for customer in listed]
    runs = {
        "first run": (listed, 0),
        "churn": (with_churn(listed, CHURN_EVERY), 1),
        "all gone": (without_tenants, 2),
        "a month later": (without_tenants, 31),
    }
    calls = {}
    with running() as service:
        sheets = SheetsService(service.url)
        spreadsheet_id = sheets.new_spreadsheet(listed)
        for name, (population, day) in runs.items():
            with _calls_counted() as calls_so_far:
                run_once(service.host, spreadsheet_id, population, moment_of(0) + timedelta(days=day))
                calls[name] = calls_so_far()
    return calls


def test_work_grows_no_faster_than_the_report() -> None:
    """Twice as many additional customers take twice as many additional calls, whatever happens to their tenants."""
    small, medium, large = map(_calls_of_each_run, _SIZES)
    growth = {name: (large[name] - medium[name]) / (medium[name] - small[name]) for name in small}
    assert {name: ratio for name, ratio in growth.items() if ratio > _MAX_RATIO} == {}
