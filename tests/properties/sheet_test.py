"""Sheets: text from outside is written as exactly that text, never as a formula, a number or anything else."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from seat_report.domain.identity import bare_id
from seat_report.workbook.tabs.seat_row import LONGEST_TEXT
from tests.properties.corpus import MARK
from tests.properties.journey import HEADER, Journey, utf8_text
from tests.support.world import World

REPORT_TABS = ("Overview", "Seat Report", "By Customer", "Billing", "History", "Not Listed", "Runs")
MAX_ID_LENGTH, MAX_NAME_LENGTH = 200, 500
# The report's only formula, which contains nothing but cell references.
TREND = re.compile(r"=SPARKLINE\([A-Z]+[0-9]+(:[A-Z]+[0-9]+)?\)")
NUMBER_COLUMNS = {
    "Assigned seats",
    "Available seats",
    "Total seats",
    "Utilisation",
    "Change this month",
    "Peak this month",
    "Last checked",
    "First seen",
    "Billed seats",
    "Unit price",
    "Last month",
    "Last month difference",
    "Amount",
    "This month",
    "This month difference",
    "Purchased seats",
    "Started",
    "Finished",
    "Seconds",
    "Customers",
    "Failed",
    "Tenants",
    "Rows added",
    "Rows updated",
    "Rows removed",
    "AvePoint requests",
    "Retries",
}
NUMBER_HEADER = re.compile(r".+ (assigned|available)|[0-9]{4}-[0-9]{2}")


def sanitised(text: str) -> str:
    """The expected text: without characters that can't be written, bidirectional controls, and surrounding space."""
    text = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    text = re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)
    return re.sub("[\ud800-\udfff\ufffe\U0010ffff]", "\ufffd", text).strip()


def shortened(text: str) -> str:
    """The text as it is shortened in the Seat Report."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def entered_cells(journey: Journey, title: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each cell of a tab with an entered value: row, column, and the value."""
    (tab,) = [tab for tab in journey.sheets if tab["properties"]["title"] == title]
    for row, row_data in enumerate(tab["data"][0].get("rowData", [])):
        for column, cell in enumerate(row_data.get("values", [])):
            if entered := cell.get("userEnteredValue"):
                yield row, column, entered


def test_names(journey: Journey) -> None:
    """The Seat Report shows names and tenant IDs exactly as received, but sanitised, and IDs bare."""
    rows = {row["Customer ID"]: row for row in journey.world.rows() if row["Tenant type"] == "Microsoft 365"}
    wrong = []
    for hostile in journey.texts:
        text = sanitised(utf8_text(hostile.text))
        row = rows[journey.customer(hostile)]
        tenant_id = bare_id(text) if len(bare_id(text)) <= MAX_ID_LENGTH else ""
        expected = (
            shortened(" ".join(text.split())),
            text[:MAX_NAME_LENGTH].rstrip(),
            tenant_id,
        )
        found = (row["Customer"], row["Tenant"], row["Tenant ID"])
        # Without a valid ID, tenants can't be told apart, so none is named.
        if found != (expected if tenant_id else (expected[0], "", "")):
            wrong.append((str(hostile), found))
    assert wrong == []


def test_names_of_customers_that_nobody_lists(journey: Journey) -> None:
    """Exactly as received, but sanitised and on one line."""
    rows = {row["Customer ID"]: row["Customer"] for row in journey.world.rows("Not Listed")}
    expected = [" ".join(sanitised(utf8_text(one.text))[:MAX_NAME_LENGTH].split()) for one in journey.texts]
    assert [rows[f"u-{number}"] for number in range(len(journey.texts))] == expected


@pytest.mark.parametrize("title", REPORT_TABS[1:])
def test_types_of_cells(journey: Journey, title: str) -> None:
    """Text columns hold only texts, number columns only numbers; the only formula is the report's own."""
    found = list(entered_cells(journey, title))
    header = {column: entered["stringValue"] for row, column, entered in found if row == 0}
    wrong = []
    for row, column, entered in found:
        ((kind, value),) = entered.items()
        name = header[column]
        if row == 0:
            expected = "stringValue"
        elif name == "Trend":
            expected = "formulaValue" if TREND.fullmatch(str(value)) else "our formula"
        else:
            expected = "numberValue" if name in NUMBER_COLUMNS or NUMBER_HEADER.fullmatch(name) else "stringValue"
        if kind != expected:
            wrong.append((row, name, entered))
    assert wrong == []
    assert len(found) > len(header)


def test_overview(journey: Journey) -> None:
    """The Overview also names customers and tenants, and has no formula at all; the one tick is that of the box."""
    found = [entered for _, _, entered in entered_cells(journey, "Overview")]
    found.remove({"boolValue": False})
    assert not [entered for entered in found if not entered.keys() <= {"stringValue", "numberValue"}]
    assert any(entered.get("stringValue", "").startswith("=") for entered in found)


def test_no_errors_or_links(journey: Journey) -> None:
    """No cell of the report's tabs results in an error, a boolean other than the box, or a link."""
    wrong = []
    for tab in journey.sheets:
        if tab["properties"]["title"] not in REPORT_TABS:
            continue
        for row_data in tab["data"][0].get("rowData", []):
            for cell in row_data.get("values", []):
                effective = cell.get("effectiveValue", {})
                if effective.keys() & {"errorValue", "boolValue"} or "hyperlink" in cell:
                    wrong.append(cell)
    assert [cell["userEnteredValue"] for cell in wrong] == [{"boolValue": False}]


def test_nothing_outside_the_cells(journey: Journey) -> None:
    """No title, note, named range, metadata, protection, rule or chart contains text from outside."""
    around: list[Any] = []
    notes = []
    for tab in journey.sheets:
        around.append({name: part for name, part in tab.items() if name != "data"})
        for grid in tab["data"]:
            around.append({name: part for name, part in grid.items() if name != "rowData"})
            rows = [row.get("values", []) for row in grid.get("rowData", [])]
            notes += [cell["note"] for row in rows for cell in row if "note" in cell]
    texts_around = f"{around} {notes} {journey.world.book.list_named_ranges()}"
    assert notes
    assert not [part for part in (MARK, "evil", "1+1", "reboot", "xxxx") if part in texts_around]


def test_second_run_finds_every_row(journey: Journey) -> None:
    """A second run finds every row of the first one, so each text was read back as it was written."""
    first, second = (journey.responses[name].get_json() for name in ("first", "again"))
    assert first["changes"]["rows_added"] > len(journey.texts)
    assert (second["changes"]["rows_added"], second["changes"]["rows_removed"]) == (0, 0)
    assert [problem for problem in second["problems"] if problem["problem"] == "spreadsheet-busy"] == []


def test_customers_tab_is_unchanged(journey: Journey) -> None:
    """Nothing is written to the tab that people fill in."""
    grid = journey.world.grid("Customers")
    assert grid[0] == HEADER
    names = [row[1] for row in grid[1:] if row[0].startswith("h-")]
    assert names[: len(journey.texts)] == [utf8_text(hostile.text) for hostile in journey.texts]


HOSTILE_TITLES = {
    "CUSTOMERS_TAB": "=IMPORTDATA(A1)",
    "REPORT_TAB": "'a'!A1:B2",
    "BY_CUSTOMER_TAB": f"<script>{MARK}</script>",
    "BILLING_TAB": f"{MARK}; =1+1",
    "HISTORY_TAB": "{row}:{row} ' !",
    "NOT_LISTED_TAB": "=A1&'x'!",
    "OVERVIEW_TAB": '"; ../../x?#%00&',
    "RUNS_TAB": "O’Brien's $A$1",
}


def test_hostile_titles(world: World) -> None:
    """Tabs may have any title that a spreadsheet allows: values are written to the right tab."""
    world.configure(**HOSTILE_TITLES, FIND_CUSTOMERS="on", PURCHASED_SEATS="on")
    world.list_customers(world.avepoint.directory.customers[:3], title=HOSTILE_TITLES["CUSTOMERS_TAB"])
    assert world.run()["outcome"] == "ok"
    assert world.run()["changes"]["cells_changed"] == 0
    assert {tab.title for tab in world.book.worksheets()} >= set(HOSTILE_TITLES.values())
    customer_ids = {customer.id for customer in world.avepoint.directory.customers[:3]}
    assert {row["Customer ID"] for row in world.rows(HOSTILE_TITLES["REPORT_TAB"])} == customer_ids
    assert [row["Outcome"] for row in world.rows(HOSTILE_TITLES["RUNS_TAB"])] == ["ok", "ok"]
