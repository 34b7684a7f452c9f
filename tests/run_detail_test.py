"""`Detail` is for people: runs depend on none of its sentences, except in sheets that earlier versions wrote."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from seat_report.avepoint import problems
from seat_report.avepoint.client import AvePoint
from seat_report.domain import Collection, Query, SeatResult
from seat_report.workbook.tabs.row_states import ENTRY_KEY
from tests.emulators.avepoint.data import Customer, Tenant, TenantType
from tests.emulators.avepoint.faults import Fault
from tests.support.world import Row, World
from tests.support.world import world as create_world

# Called between two runs, with the date of the one before.
Meanwhile = Callable[[World, str], None]
LATE = ("c-4", "c-6")


def tenant(number: int, assigned: int | None = None) -> Tenant:
    """A customer's tenant."""
    return Tenant(f"t-{number}", f"T {number}", TenantType.GOOGLE, assigned or 10 * number, number)


class Story:
    """Days on which rows come to stand for all that is remembered of them, and what the runs of these days did."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> None:
        self.rows: list[list[Row]] = []
        self.asked: list[list[str]] = []
        self.late: Sequence[str] = ()
        self._world = world
        self._meanwhile = meanwhile
        collect = AvePoint.collect

        def collect_in_time(avepoint: AvePoint, queries: Sequence[Query], **options: Any) -> Collection:
            """Leave no time for the customers that are late."""
            self.asked.append([query.customer_id for query in queries])
            in_time = [query for query in queries if query.customer_id not in self.late]
            collection = collect(avepoint, in_time, **options)
            answers = {result.query: result for result in collection.results}
            missing = {query: SeatResult(query, failure=problems.out_of_time(query)) for query in queries}
            return collection._replace(results=tuple((missing | answers).values()))

        with monkeypatch.context() as patched:
            patched.setattr(AvePoint, "collect", collect_in_time)
            self._tell()

    def _tell(self) -> None:
        world, directory = self._world, self._world.avepoint.directory
        world.configure(TENANT_TYPES="google")
        customers = [Customer(f"c-{n}", f"Customer {n}", (tenant(n),)) for n in range(1, 7)]
        directory.replace_all(customers)
        world.list_customers(customers[:5])
        self._run("2026-01-05")
        # One tenant is gone, one customer is left out, one row has lost its key, one customer is refused, two are late.
        directory.replace_all([Customer("c-1", "Customer 1"), *customers[1:]])
        world.list_customers([customers[0], *customers[2:]])
        world.tab().batch_clear([f"{_letter(world, 'Tenant ID')}4"])
        world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-5"))
        self.late = LATE
        self._run("2026-01-06")
        # The tenant is back with fewer seats.
        directory.replace_all([Customer("c-1", "Customer 1", (tenant(1, 4),)), *customers[1:]])
        self.late = ("c-4",)
        self._run("2026-01-07")
        self._run("2026-01-08")
        self._run("2026-02-01")

    def _run(self, day: str) -> None:
        self._world.run_at(f"{day} 06:00")
        self.rows.append(
            [{name: value for name, value in row.items() if name != "Detail"} for row in self._world.rows()]
        )
        self._meanwhile(self._world, day)


def _letter(world: World, header: str) -> str:
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[world.grid()[0].index(header)]


def write_details(world: World, details: Sequence[str]) -> None:
    """Replace the texts of the column."""
    world.tab().update([[detail] for detail in details], f"{_letter(world, 'Detail')}2", raw=True)


def told(monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile) -> Story:
    """The story in a new world."""
    with monkeypatch.context() as patched, create_world(patched) as world:
        return Story(world, patched, meanwhile)


def leave_alone(_world: World, _day: str) -> None:
    """Do nothing."""


def write_as_earlier_versions(world: World, day: str) -> None:
    """Leave the sheet as a version did that remembered rows by the sentences in `Detail` alone."""
    lookup = {"developerMetadataLookup": {"metadataKey": ENTRY_KEY}}
    world.book.batch_update({"requests": [{"deleteDeveloperMetadata": {"dataFilter": lookup}}]})
    details = []
    for row in world.rows():
        number = int(row["Customer ID"][2:])
        detail = ""
        if row["Status"] == "Not reported":
            is_lost = not row["Tenant ID"]
            reason = (
                "its Customer ID, Tenant type or Tenant ID is missing" if is_lost else "AvePoint no longer reports it"
            )
            since = "2026-01-06" if day < "2026-02" else day
            detail = f"Not reported since {since}: {reason}. Last: {10 * number} assigned, {number} available on "
            detail += f"2026-01-05. Peak of 2026-01: {10 * number}."
        elif row["Customer ID"] in LATE and row["Status"] != "Current":
            detail = "Not checked: the run's time was used up. The next run will ask again."
        elif row["Status"] != "Current":
            detail = "AvePoint does not let this report see this customer."
        details.append(detail)
    write_details(world, details)


@pytest.fixture(scope="module")
def usual() -> Iterator[Story]:
    """The story without anything in between."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield told(monkeypatch, leave_alone)


def test_the_story_needs_what_is_remembered(usual: Story) -> None:
    """Rows go with the first run of the next month, a peak comes back, the late are asked first, the refused last."""
    second, third, last = (
        [(row["Customer ID"], row["Status"], row["Peak this month"]) for row in usual.rows[index]]
        for index in (1, 2, 4)
    )
    assert [status for *_, status, _ in second].count("Not reported") == 3
    assert ("c-1", "Current", 10) in third
    assert [status for *_, status, _ in last].count("Not reported") == 0
    assert usual.asked[2][:2] == ["c-6", "c-4"]
    assert usual.asked[3][0] == "c-4"
    assert usual.asked[2][-1] == usual.asked[3][-1] == "c-5"


@pytest.mark.parametrize("text", ["", "Reworded.", "Not checked, and gone: ask Lee", "#N/A"])
def test_any_other_text_in_detail_changes_nothing_else(
    monkeypatch: pytest.MonkeyPatch, usual: Story, text: str
) -> None:
    """No number, status, row or order depends on the texts."""
    story = told(monkeypatch, lambda world, _day: write_details(world, [text] * len(world.rows())))
    assert story.rows == usual.rows
    assert story.asked == usual.asked


def test_sheets_of_earlier_versions_are_understood(monkeypatch: pytest.MonkeyPatch, usual: Story) -> None:
    """Rows that nothing else is remembered of are read by the sentences that those versions wrote."""
    story = told(monkeypatch, write_as_earlier_versions)
    assert story.rows == usual.rows
    assert story.asked == usual.asked
