"""The statement of a closed month: what it says, that it stays the same, its formats, and its exit statuses."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seat_report.__main__ import main
from seat_report.domain import Basis, Billed, MonthSeats, TenantType, compare
from seat_report.errors import ConfigurationError
from seat_report.statement import as_csv, as_json, is_whole
from seat_report.workbook import ClosedMonth, ClosedMonthLine, closed_month
from tests.emulators.avepoint.data import Customer, Tenant
from tests.emulators.avepoint.data import TenantType as ServiceType
from tests.emulators.avepoint.faults import Fault
from tests.support.billing import GOOGLE, M365, BilledWorkbook
from tests.support.world import World

A, B = ("a", M365), ("b", M365)
SEATS = {A: {"a1": 10, "a2": 5}, B: {"b1": 7}}

texts = st.text(st.characters(exclude_categories=[]), max_size=8) | st.sampled_from(
    ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", " =1", '"=1', "a,b", "'=1", "–1"]
)
numbers = st.none() | st.integers(-9, 99) | st.floats(-9, 99)
lines = st.builds(
    lambda customer_id, name, seats, billed, price: ClosedMonthLine(
        customer_id,
        name,
        TenantType.GOOGLE,
        MonthSeats(seats, "" if seats is not None else "No answer."),
        Billed(billed, price),
        compare(Billed(billed, price), MonthSeats(seats), MonthSeats(None)),
    ),
    texts,
    texts,
    st.none() | st.integers(0, 99),
    numbers,
    numbers,
)


def statement(*found: ClosedMonthLine) -> ClosedMonth:
    """The statement of these lines."""
    return ClosedMonth("2026-10", Basis.PEAK, "Complete", is_complete=True, is_recorded=True, lines=found)


def of_month(book: BilledWorkbook, month: str, tolerance: int = 0) -> ClosedMonth:
    """The month as the workbook has it."""
    return closed_month(book.tab("History"), book.tab("Billing"), month, tolerance)


def seats(found: ClosedMonth) -> dict[tuple[str, TenantType], Any]:
    """The seats of each line."""
    return {(line.customer_id, line.tenant_type): line.seats.seats for line in found.lines}


@given(st.lists(lines, max_size=4))
def test_no_text_in_the_csv_is_a_formula_and_numbers_stay_numbers(found: list[ClosedMonthLine]) -> None:
    """Whatever customers are called; a negative number is no formula."""
    rows = list(csv.DictReader(io.StringIO(as_csv(statement(*found)), newline="")))
    assert len(rows) == len(found)
    for row, line in zip(rows, found, strict=True):
        for name in ("customer_id", "customer"):
            assert not row[name].lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
        assert line.billed is not None
        assert line.comparison is not None
        shown = {"seats": line.seats.seats, "unit_price": line.billed.unit_price, "amount": line.comparison.amount}
        for name, number in shown.items():
            assert row[name] == ("" if number is None else str(number))


@given(st.lists(lines, max_size=4))
def test_the_json_holds_the_same(found: list[ClosedMonthLine]) -> None:
    body = json.loads(as_json(statement(*found)))
    assert (body["month"], body["basis"], body["complete"]) == ("2026-10", "peak", True)
    assert [line["seats"] for line in body["lines"]] == [line.seats.seats for line in found]
    assert [line["customer"] for line in body["lines"]] == [line.customer for line in found]


def test_last_month_is_given_with_what_is_billed_now() -> None:
    """Earlier months are not: what was billed then is not known."""
    book = BilledWorkbook()
    for day in ("2026-01-20", "2026-02-20", "2026-03-05"):
        book.run_on(day, SEATS)
    book.enter("a", 12)
    book.enter("a", 2, "Unit price")
    rows = list(csv.DictReader(io.StringIO(as_csv(of_month(book, "2026-02")))))
    found = {(row["customer_id"], row["tenant_type"]): row for row in rows}
    assert found["a", "Microsoft 365"] == {
        "month": "2026-02",
        "customer_id": "a",
        "customer": "Customer a",
        "tenant_type": "Microsoft 365",
        "seats": "15",
        "basis": "month-end",
        "complete": "yes",
        "reason": "",
        "status": "Complete",
        "billed_seats": "12",
        "difference": "3",
        "unit_price": "2",
        "amount": "6",
        "finding": "Bill more",
    }
    assert (found["b", "Microsoft 365"]["finding"], found["b", "Google"]["finding"]) == ("Not billed", "Agrees")
    earlier = of_month(book, "2026-01")
    assert seats(earlier) == seats(of_month(book, "2026-02"))
    assert {(line.billed, line.comparison) for line in earlier.lines} == {(None, None)}


def test_a_closed_month_never_changes() -> None:
    """Whatever comes after it: other numbers, another basis, customers that come and leave, failures."""
    book = BilledWorkbook()
    book.run_on("2026-01-10", SEATS, basis=Basis.PEAK)
    book.run_on("2026-01-20", {A: {"a1": 3}, B: {"b1": 7}}, failing=[("b", GOOGLE)], basis=Basis.PEAK)
    book.run_on("2026-02-01", SEATS, basis=Basis.PEAK)
    closed = of_month(book, "2026-01")
    assert seats(closed) == {A: 15, ("a", GOOGLE): 0, B: 7, ("b", GOOGLE): 0}
    book.run_on("2026-02-02", {("c", GOOGLE): {"n": 4}, **SEATS})
    book.run_on("2026-03-02", {("c", GOOGLE): {"n": 4}, A: {"a9": 1}}, failing=[A])
    book.run_on("2026-04-02", {("c", GOOGLE): {"n": 4}})
    later = of_month(book, "2026-01")
    assert seats(later) == seats(closed)
    assert (later.basis, later.status, later.is_complete) == (closed.basis, closed.status, closed.is_complete)


def test_what_is_not_known_is_blank_and_says_why() -> None:
    """A billed customer without an answer in the month is in its statement, too."""
    book = BilledWorkbook()
    book.run_on("2026-01-20", SEATS)
    book.run_on("2026-02-05", SEATS, failing=[B])
    book.enter("b", 7)
    book.run_on("2026-03-05", SEATS)
    found = of_month(book, "2026-02")
    (line,) = [line for line in found.lines if line.customer_id == "b" and line.tenant_type is M365]
    assert line.seats == MonthSeats(None, "No complete data for 2026-02.")
    assert line.comparison is not None
    assert line.comparison.finding == "Not compared"
    assert not is_whole(found)
    assert found.status.startswith("Incomplete: no answer for 1 of 4")


@pytest.mark.parametrize("month", ["2026-02", "2025-12", "2026-03"])
def test_only_closed_months_have_a_statement(month: str) -> None:
    """Neither the month under way nor one that History does not have."""
    book = BilledWorkbook()
    book.run_on("2026-01-20", SEATS)
    book.run_on("2026-02-05", SEATS)
    with pytest.raises(ConfigurationError, match=month):
        of_month(book, month)


def test_the_command(world: World, capsys: pytest.CaptureFixture[str], restore_logging: None) -> None:
    """It prints the statement, writes nothing, asks AvePoint nothing, and its exit status says how complete it is."""
    assert restore_logging is None
    tenant = Tenant("t1", "One", ServiceType.MICROSOFT_365, 100, 20)
    world.avepoint.directory.replace_all([Customer("c-1", "=Alder", (tenant,))])
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1", tenant_type=2))
    world.run_at("2026-02-05 06:00")
    world.run_at("2026-03-05 06:00")
    before, asked = world.grids(), len(world.avepoint.log.requests())
    world.sheets.requests.clear()
    assert main(["statement", "--month", "2026-01"]) == 0
    assert "2026-01,c-1,'=Alder,Microsoft 365,100,month-end,yes,,Complete" in capsys.readouterr().out
    assert [request.method for request in world.sheets.requests] == ["GET"]
    assert main(["statement", "--month", "2026-02", "--format", "json"]) == 1
    body = json.loads(capsys.readouterr().out)
    assert (body["status"], body["complete"]) == ("Incomplete: no answer for 1 of 4 (customers × tenant types)", False)
    assert main(["statement", "--month", "2026-03"]) == 3
    assert "2026-03 is not closed yet" in capsys.readouterr().err
    world.sheets.fail(503, nth=1, when="before", method="GET", times=99)
    assert main(["statement", "--month", "2026-01"]) == 2
    world.sheets.conduct.faults.clear()
    for wrong in (["--month", "2026-13"], [], ["--month", "2026-01", "--format", "xml"]):
        with pytest.raises(SystemExit) as ended:
            main(["statement", *wrong])
        assert ended.value.code == 3
    assert (world.grids(), len(world.avepoint.log.requests())) == (before, asked)
