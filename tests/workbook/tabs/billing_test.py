"""The Billing tab: which rows it has, what they say, and that people's numbers stay theirs."""

from dataclasses import replace
from typing import Any

import pytest

from seat_report.domain import Basis, Finding, PurchasedSeats, Scope
from seat_report.workbook.sheets_api import requests
from seat_report.workbook.sheets_api.requests import RowFormula
from seat_report.workbook.tables.observed import ObservedTable
from seat_report.workbook.tabs.billing import COLUMNS
from seat_report.workbook.tabs.formatting import table_formatting
from tests.support.billing import GOOGLE, M365, BilledWorkbook

A, B = ("a", M365), ("b", M365)
SEATS = {A: {"a1": 10, "a2": 5}, B: {"b1": 7}, ("a", GOOGLE): {"g1": 3}}
NO_NUMBERS = "No billed numbers entered."


@pytest.fixture
def book() -> BilledWorkbook:
    """A workbook after a run in each of two months, in which nobody has entered a number yet."""
    made = BilledWorkbook()
    made.run_on("2026-01-20", SEATS)
    made.run_on("2026-02-05", SEATS)
    return made


def said(book: BilledWorkbook, customer: str, *headers: str) -> tuple[Any, ...]:
    """What the row of a customer's Microsoft 365 says in these columns."""
    return tuple(book.row(customer)[header] for header in headers)


def test_a_row_for_each_customer_and_type_with_seats(book: BilledWorkbook) -> None:
    """In the order of the Customers tab, names first and IDs last; a type without seats has no row."""
    assert book.pairs() == [("a", "Microsoft 365"), ("a", "Google"), ("b", "Microsoft 365")]
    assert [cell.text for cell in book.tab("Billing").rows[0]] == [
        *("Customer", "Tenant type", "Billed seats", "Unit price", "Last month", "Last month difference", "Amount"),
        *("Finding", "This month", "This month difference", "Purchased seats", "Detail", "Customer ID"),
    ]
    assert said(book, "a", "Customer", "Last month", "This month") == ("Customer a", 15, 15)


def test_nothing_is_compared_while_nobody_has_entered_a_number(book: BilledWorkbook) -> None:
    assert {(row["Finding"], row["Detail"]) for row in book.table()} == {("Not compared", NO_NUMBERS)}
    assert {row["Last month difference"] for row in book.table()} == {None}


def test_a_number_is_compared_with_last_month(book: BilledWorkbook) -> None:
    """And in another column with this one; what is blank beside it is not billed."""
    book.enter("a", 12)
    book.enter("a", 2.5, "Unit price")
    book.run_on("2026-02-06", {**SEATS, A: {"a1": 20}})
    compared = ("Last month", "Last month difference", "Amount", "Finding", "This month", "This month difference")
    assert said(book, "a", *compared) == (15, 3, 7.5, "Bill more", 20, 8)
    assert said(book, "b", *compared) == (7, 7, None, "Not billed", 7, 7)


def test_both_bases() -> None:
    """By the end of the month the last good answer, by peak the most that any run saw, of all tenants together."""
    for basis, last, this in ((Basis.MONTH_END, 8, 6), (Basis.PEAK, 15, 9)):
        book = BilledWorkbook()
        book.run_on("2026-01-10", SEATS, basis=basis)
        book.run_on("2026-01-20", {**SEATS, A: {"a2": 8}}, basis=basis)
        book.run_on("2026-02-05", {**SEATS, A: {"a2": 9}}, basis=basis)
        book.run_on("2026-02-06", {**SEATS, A: {"a2": 6}}, basis=basis)
        assert said(book, "a", "Last month", "This month") == (last, this)


def test_a_closed_month_keeps_its_basis() -> None:
    """Another setting holds for the month under way."""
    book = BilledWorkbook()
    book.run_on("2026-01-10", SEATS)
    book.run_on("2026-01-20", {**SEATS, A: {"a2": 8}})
    book.run_on("2026-02-05", SEATS)
    book.run_on("2026-02-06", {**SEATS, A: {"a2": 6}}, basis=Basis.PEAK)
    assert said(book, "a", "Last month", "This month") == (8, 15)
    assert book.overview()[1] == ["2026-01, seats at the end of the month: Complete"]


def test_a_month_without_a_good_answer_is_not_compared(book: BilledWorkbook) -> None:
    """It is blank, not 0, and Detail says why; the others are compared."""
    book.enter("a", 15)
    book.enter("b", 7)
    book.run_on("2026-03-05", SEATS, failing=[A])
    book.run_on("2026-04-05", SEATS)
    reason = "No complete data for 2026-03."
    assert said(book, "a", "Last month", "This month", "Finding", "Detail") == (None, 15, "Not compared", reason)
    assert said(book, "b", "Last month", "Finding", "Detail") == (7, "Agrees", None)


def test_a_sum_that_lacks_a_tenant_is_blank() -> None:
    """A tenant whose number can't be used makes neither the month's end nor its peak known."""
    for basis in Basis:
        book = BilledWorkbook()
        book.run_on("2026-01-05", SEATS, unusable=[(B, "b1")], basis=basis)
        book.run_on("2026-02-05", SEATS, unusable=[(A, "a2")], basis=basis)
        assert said(book, "a", "Last month", "This month") == (15, None)
        book.enter("a", 15)
        book.run_on("2026-03-05", SEATS, basis=basis)
        assert said(book, "a", "Last month", "This month", "Finding") == (None, 15, "Not compared")


def test_what_is_first_seen_this_month_is_not_compared(book: BilledWorkbook) -> None:
    book.enter("a", 15)
    book.run_on("2026-02-06", {**SEATS, ("c", M365): {"c1": 4}})
    expected = (None, 4, "Not compared", "First seen after 2026-01, so there is nothing to compare yet.")
    assert said(book, "c", "Last month", "This month", "Finding", "Detail") == expected


@pytest.mark.parametrize(
    ("entered", "finding", "detail"),
    [
        ("twelve", "Not compared", "Billed seats is not a number. Enter the quantity as a number."),
        ("15", "Not compared", "Billed seats is not a number. Enter the quantity as a number."),
        (-1, "Not compared", "Billed seats is negative. Enter the quantity on the invoice."),
        (RowFormula("=1/0"), "Not compared", "Billed seats shows an error. Correct its formula, or enter a number."),
        (RowFormula("=10+5"), "Agrees", None),
        (0, "Not billed", None),
        (14.5, "Bill more", None),
        (16, "Bill less", None),
    ],
)
def test_what_people_enter(book: BilledWorkbook, entered: Any, finding: str, detail: str | None) -> None:
    """A formula counts by its value; what is no number, or negative, is not compared."""
    book.enter("a", entered)
    book.enter("b", 7)
    book.run_on("2026-02-06", SEATS)
    assert said(book, "a", "Finding", "Detail") == (finding, detail)
    assert said(book, "b", "Finding") == ("Agrees",)


def test_a_difference_within_the_tolerance_agrees_and_is_shown(book: BilledWorkbook) -> None:
    book.enter("a", 13)
    book.enter("b", 10)
    book.run_on("2026-02-06", SEATS, tolerance=2)
    assert said(book, "a", "Last month difference", "Finding") == (2, "Agrees")
    assert said(book, "b", "Last month difference", "Finding") == (-3, "Bill less")
    assert ["Agrees by a tolerance of 2", 1, 2, 1] in book.overview()


def test_a_customer_that_left_stays_until_its_last_month_is_billed(book: BilledWorkbook) -> None:
    """And as long as a number is billed; then its row goes."""
    book.enter("a", 15)
    left = {A: SEATS[A]}
    book.run_on("2026-02-10", left)
    assert said(book, "b", "Last month", "This month") == (7, 7)
    book.run_on("2026-03-05", left)
    assert said(book, "b", "Last month", "This month", "Finding") == (7, None, "Not billed")
    book.enter("b", 7)
    book.run_on("2026-04-05", left)
    assert said(book, "b", "Billed seats", "Last month", "Finding") == (7, None, "Not compared")
    book.enter("b", None)
    book.run_on("2026-04-06", left)
    assert ("b", "Microsoft 365") not in book.pairs()


def test_seats_that_are_gone_are_not_used(book: BilledWorkbook) -> None:
    """An answer without tenants is 0; once nothing is billed either, it agrees and the row stays."""
    book.enter("b", 7)
    book.run_on("2026-02-10", {A: SEATS[A]}, listed=["b"])
    assert said(book, "b", "Last month", "This month", "This month difference") == (7, 0, -7)
    book.run_on("2026-03-05", {A: SEATS[A]}, listed=["b"])
    assert said(book, "b", "Last month", "Last month difference", "Finding") == (0, -7, "Not used")
    book.enter("b", None)
    book.enter("a", 15)
    book.run_on("2026-03-06", {A: SEATS[A]}, listed=["b"])
    assert said(book, "b", "Last month", "Finding") == (0, "Agrees")


def test_a_row_with_a_price_or_a_note_stays(book: BilledWorkbook) -> None:
    """People wrote in it."""
    book.enter("b", 3, "Unit price")
    for day in ("2026-03-05", "2026-04-05", "2026-05-05"):
        book.run_on(day, {A: SEATS[A]})
    assert said(book, "b", "Unit price", "Last month", "Finding") == (3, None, "Not compared")
    assert ("a", "Google") in book.pairs()


def test_numbers_stay_beside_their_customer_however_people_sort(book: BilledWorkbook) -> None:
    """New rows come in, rows leave, and the people's columns are never written."""
    book.enter("a", 15)
    book.enter("b", 9)
    book.enter("a", 3, tenant_type=GOOGLE)
    for day, header in (("2026-02-07", "Billed seats"), ("2026-02-08", "Customer ID"), ("2026-03-02", "Finding")):
        book.sort_by_filter(header, descending=True)
        book.run_on(day, {**SEATS, ("0", M365): {"n": 2}, ("zz", GOOGLE): {"m": 2}})
        billed = {(row["Customer ID"], row["Tenant type"]): row["Billed seats"] for row in book.table()}
        assert {key: value for key, value in billed.items() if value is not None} == {
            ("a", "Microsoft 365"): 15,
            ("b", "Microsoft 365"): 9,
            ("a", "Google"): 3,
        }
        assert (book.row("b")["Finding"], book.row("0")["Billed seats"]) == ("Bill less", None)


def test_a_formula_that_the_rows_share_is_continued_in_a_new_row(book: BilledWorkbook) -> None:
    """As a look-up into a list of people's own would be; the finding is by its value."""
    for customer, tenant_type in (("a", M365), ("a", GOOGLE), ("b", M365)):
        tab, row, column = book.place(customer, "Billed seats", tenant_type)
        book.apply([requests.update_cells(tab.sheet_id, row, column, [[RowFormula("=I{row}")]])])
    book.run_on("2026-02-07", {**SEATS, ("ab", M365): {"n": 2}})
    tab, row, column = book.place("ab", "Billed seats")
    assert tab.cell(row, column).formula == f"=I{row + 1}"
    assert said(book, "ab", "Billed seats", "This month difference") == (2, 0)
    assert said(book, "b", "Finding") == ("Agrees",)


def test_people_add_a_row_of_their_own(book: BilledWorkbook) -> None:
    """What is billed but not in the report is shown as not compared, and stays."""
    tab = book.tab("Billing")
    values = [[None] * 13]
    values[0][1], values[0][2], values[0][12] = "Google", 9, "x"  # type: ignore[call-overload] # texts and numbers
    book.apply(
        [requests.append(tab.sheet_id, "ROWS", 1), requests.update_cells(tab.sheet_id, len(tab.rows), 0, values)]
    )
    book.run_on("2026-02-07", SEATS)
    row = book.row("x", GOOGLE)
    assert (row["Billed seats"], row["Last month"], row["Finding"]) == (9, None, "Not compared")
    assert row["Detail"] == "No complete data for 2026-01."


def test_a_copied_row_is_not_counted_twice(book: BilledWorkbook) -> None:
    """With a number in each, neither is compared; a copy without anything of people's goes."""
    book.enter("a", 15)
    book.enter("b", 7)
    tab = book.tab("Billing")
    source = requests.grid_range(tab.sheet_id, (1, 4), (0, 13))
    target = requests.grid_range(tab.sheet_id, (4, 7), (0, 13))
    copy = {"copyPaste": {"source": source, "destination": target, "pasteType": "PASTE_NORMAL"}}
    book.apply([requests.append(tab.sheet_id, "ROWS", 3), copy])
    book.run_on("2026-02-07", SEATS)
    findings = [(row["Customer ID"], row["Tenant type"], row["Finding"]) for row in book.table()]
    assert findings == [
        ("a", "Microsoft 365", "Not compared"),
        ("a", "Google", "Not billed"),
        ("b", "Microsoft 365", "Not compared"),
        ("a", "Microsoft 365", "Not compared"),
        ("b", "Microsoft 365", "Not compared"),
    ]
    assert "Keep one billed number" in book.table()[0]["Detail"]
    assert book.table()[3]["Last month"] is None


def test_two_columns_that_could_be_the_billed_seats(book: BilledWorkbook) -> None:
    """Nothing is compared or removed, and both columns stay as they are."""
    book.enter("a", 15)
    tab = book.tab("Billing")
    book.apply(
        [
            requests.append(tab.sheet_id, "COLUMNS", 1),
            requests.update_cells(tab.sheet_id, 0, 13, [["Billed seats"], [4]]),
        ]
    )
    book.run_on("2026-02-07", SEATS)
    assert {row["Finding"] for row in book.table()} == {"Not compared"}
    assert book.table()[0]["Detail"].startswith("Two columns could be 'Billed seats'")
    assert [book.tab("Billing").cell(1, column).value for column in (2, 13)] == [15, 4]


def test_a_row_that_lost_its_key_says_so(book: BilledWorkbook) -> None:
    """Its customer gets a new row; what people entered in the old one stays there."""
    book.enter("a", 15)
    tab, row, column = book.place("b", "Customer ID")
    book.enter("b", 7)
    book.apply([requests.update_cells(tab.sheet_id, row, column, [[None]])])
    book.run_on("2026-02-07", SEATS)
    assert said(book, "b", "Billed seats", "Finding") == (None, "Not billed")
    (lost,) = [one for one in book.table() if one["Customer ID"] is None]
    assert (lost["Billed seats"], lost["Last month"], lost["Finding"]) == (7, None, "Not compared")


def test_a_run_for_one_customer_changes_what_people_entered_everywhere(book: BilledWorkbook) -> None:
    """The rest of the tab is known from History: it follows, but no row is removed that the run did not ask for."""
    book.enter("a", 15)
    book.enter("b", 7)
    book.run_on("2026-03-02", SEATS, scope=Scope(customers=frozenset("a")))
    assert said(book, "a", "Last month", "This month", "Finding") == (15, 15, "Agrees")
    assert said(book, "b", "Last month", "This month", "Finding") == (7, None, "Agrees")
    book.enter("b", None)
    book.run_on("2026-04-02", SEATS, scope=Scope(customers=frozenset("a")))
    assert said(book, "b", "Last month", "This month", "Finding") == (None, None, "Not compared")


def test_a_run_of_an_earlier_month_changes_nothing(book: BilledWorkbook) -> None:
    """Whatever moved its clock back."""
    book.enter("a", 15)
    book.run_on("2026-02-06", SEATS)
    before = book.table()
    book.run_on("2026-01-31", {**SEATS, A: {"a1": 99}})
    assert book.table() == before


def test_purchased_seats_are_shown_where_they_were_asked_for(book: BilledWorkbook) -> None:
    """With the reason where there is no answer; a run for others leaves them."""
    purchased = {A: PurchasedSeats(20), B: PurchasedSeats(None, "Purchased seats: not authorised.")}
    book.run_on("2026-02-06", SEATS, purchased=purchased)
    assert said(book, "a", "Purchased seats", "Detail") == (20, NO_NUMBERS)
    expected = (None, f"{NO_NUMBERS} Purchased seats: not authorised.")
    assert said(book, "b", "Purchased seats", "Detail") == expected
    book.run_on("2026-02-07", SEATS, scope=Scope(customers=frozenset("b")))
    assert said(book, "a", "Purchased seats") == (20,)
    book.run_on("2026-02-08", SEATS)
    assert said(book, "a", "Purchased seats") == (None,)


def test_the_first_month_of_a_report_has_nothing_to_compare() -> None:
    book = BilledWorkbook()
    book.run_on("2026-01-20", SEATS)
    book.enter("a", 15)
    book.run_on("2026-01-21", SEATS)
    assert said(book, "a", "Finding", "Detail") == ("Not compared", "History has no numbers for 2025-12.")
    assert book.overview() == [["Billing"], ["Nothing to compare yet: History has no numbers for 2025-12."]]


@pytest.mark.parametrize("basis", Basis)
def test_months_of_before_peaks_are_compared_by_their_end_only(basis: Basis) -> None:
    """Nobody knows which peak they had; where a tenant is unknown, their end is not known either."""
    book = BilledWorkbook()
    book.run_on("2026-01-20", SEATS)
    book.run_on("2026-02-20", {A: {"a1": 10}, B: {"b1": 7}}, failing=[("a", GOOGLE)])
    history = book.tab("History")
    at = next(index for index, cell in enumerate(history.rows[0]) if cell.text == "Seats")
    peaks = [index for index, row in enumerate(history.rows) if len(row) > at and row[at].text == "Peak"]
    deletions = [requests.delete(history.sheet_id, "ROWS", index, index + 1) for index in reversed(peaks)]
    entries = [requests.unmark(entry.metadata_id) for entry in history.column_entries]
    book.apply([*deletions, *entries])
    book.enter("a", 15)
    book.run_on("2026-03-20", SEATS, basis=basis)
    if basis is Basis.PEAK:
        assert said(book, "b", "Last month", "Detail") == (None, "No peak recorded yet for 2026-02.")
    else:
        assert said(book, "b", "Last month", "Finding") == (7, "Not billed")
        assert said(book, "a", "Last month") == (10,)
        assert book.row("a", GOOGLE)["Last month"] is None


def test_the_overview_says_what_to_bill(book: BilledWorkbook) -> None:
    """The sum of each finding, the largest differences, and why the rest was not compared."""
    book.enter("a", 12)
    book.enter("a", 2, "Unit price")
    book.enter("a", "?", tenant_type=GOOGLE)
    book.run_on("2026-02-06", SEATS)
    assert book.overview() == [
        ["Billing"],
        ["2026-01, seats at the end of the month: Complete"],
        ["Finding", "Rows", "Seats", "Amount", "No price"],
        ["Bill more", 1, 3, 6],
        ["Bill less", 0, 0],
        ["Not billed", 1, 7, 1],
        ["Not used", 0, 0],
        ["Agrees", 0, 0],
        ["Not compared", 1],
        ["Customer", "Tenant type", "Finding", "Billed", "Last month", "Difference", "Amount"],
        ["Customer b", "Microsoft 365", "Not billed", 7, 7],
        ["Customer a", "Microsoft 365", "Bill more", 12, 15, 3, 6],
        ["Not compared", "Tenant type", "Why"],
        ["Customer a", "Google", "Billed seats is not a number. Enter the quantity as a number."],
    ]


def test_a_quiet_run_writes_nothing_into_the_tab(book: BilledWorkbook) -> None:
    book.enter("a", 12)
    book.run_on("2026-02-06", SEATS)
    before = book.tab("Billing")
    book.run_on("2026-02-06", SEATS)
    assert book.tab("Billing") == before


def test_peoples_columns_look_like_theirs_and_warn_nobody(book: BilledWorkbook) -> None:
    """They have another colour and no protection; each finding has a colour, by a rule that no locale can refuse."""
    tab = book.tab("Billing")
    observed = ObservedTable(COLUMNS, replace(tab, entries=()))
    batch = table_formatting(observed, len(tab.rows) - 1)
    theirs = {observed.placement.at[name] for name in ("billed", "price")}
    protected = {
        request["addProtectedRange"]["protectedRange"]["range"]["startColumnIndex"]
        for request in batch
        if "addProtectedRange" in request
    }
    assert protected == set(range(len(COLUMNS))) - theirs
    tinted = {
        request["repeatCell"]["range"]["startColumnIndex"]
        for request in batch
        if "repeatCell" in request and request["repeatCell"]["fields"] == "userEnteredFormat.backgroundColor"
    }
    assert tinted == theirs
    rules = [request["addConditionalFormatRule"]["rule"] for request in batch if "addConditionalFormatRule" in request]
    conditions = [rule["booleanRule"]["condition"] for rule in rules]
    assert {condition["type"] for condition in conditions} == {"TEXT_EQ"}
    assert {condition["values"][0]["userEnteredValue"] for condition in conditions} == {*map(str, Finding)}
