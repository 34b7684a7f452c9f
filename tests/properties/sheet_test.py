"""Sheet: a text from outside comes out as that very text, never as a formula, a number or anything of the sheet's."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from seat_report.workbook.tabs.seat_report import LONGEST_TEXT
from tests.properties.corpus import MARK
from tests.properties.journey import HEADER, Journey
from tests.support.world import World

OURS = ("Overview", "Seat Report", "By Customer", "History", "Runs")
LONGEST_ID, LONGEST_NAME = 200, 500
# The one formula of ours, which holds nothing but places.
TREND = re.compile(r"=SPARKLINE\([A-Z]+[0-9]+(:[A-Z]+[0-9]+)?\)")
NUMBERS = {
    "Assigned seats",
    "Available seats",
    "Total seats",
    "Utilisation",
    "Change this month",
    "Peak this month",
    "Last checked",
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
NUMBER = re.compile(r".+ (assigned|available)|[0-9]{4}-[0-9]{2}")


def shown(text: str) -> str:
    """The text as it is meant to be taken: without what can't be written, orders of direction, and space around."""
    text = re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
    text = re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)
    return re.sub("[\ud800-\udfff\ufffe\U0010ffff]", "\ufffd", text).strip()


def cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def cells(journey: Journey, title: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each cell of a tab that something was entered into: row, column, and what was."""
    (tab,) = [tab for tab in journey.sheets if tab["properties"]["title"] == title]
    for row, content in enumerate(tab["data"][0].get("rowData", [])):
        for column, cell in enumerate(content.get("values", [])):
            if entered := cell.get("userEnteredValue"):
                yield row, column, entered


def test_names_read_back(journey: Journey) -> None:
    """A customer's and a tenant's name and a tenant's ID stand in the Seat Report as the very text that came."""
    rows = {row["Customer ID"]: row for row in journey.world.rows() if row["Tenant type"] == "Microsoft 365"}
    wrong = []
    for one in journey.texts:
        whole = one.text.encode("utf-8", "replace").decode()
        row = rows[journey.customer(one)]
        tenant_id = shown(whole) if len(shown(whole)) <= LONGEST_ID else ""
        expected = (cut(" ".join(shown(whole).split())), shown(whole)[:LONGEST_NAME].rstrip(), tenant_id)
        found = (row["Customer"], row["Tenant"], row["Tenant ID"])
        # Without an ID no tenant can be told from another, so there is nothing to name.
        if found != (expected if tenant_id else (expected[0], "", "")):
            wrong.append((str(one), found))
    assert wrong == []


@pytest.mark.parametrize("title", OURS[1:])
def test_only_texts_where_texts_go(journey: Journey, title: str) -> None:
    """A column of texts holds texts alone, one of numbers numbers; the one formula there is is ours to the letter."""
    found = list(cells(journey, title))
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
            expected = "numberValue" if name in NUMBERS or NUMBER.fullmatch(name) else "stringValue"
        if kind != expected:
            wrong.append((row, name, entered))
    assert wrong == []
    assert len(found) > len(header)


def test_overview(journey: Journey) -> None:
    """The Overview names customers and tenants too, and holds no formula at all."""
    found = [entered for _, _, entered in cells(journey, "Overview")]
    assert not [entered for entered in found if not entered.keys() <= {"stringValue", "numberValue"}]
    assert any(entered.get("stringValue", "").startswith("=") for entered in found)


def test_nothing_is_in_error(journey: Journey) -> None:
    """Nothing in our tabs works out to an error, a truth value, or a link."""
    wrong = []
    for tab in journey.sheets:
        if tab["properties"]["title"] not in OURS:
            continue
        for content in tab["data"][0].get("rowData", []):
            for cell in content.get("values", []):
                effective = cell.get("effectiveValue", {})
                if effective.keys() & {"errorValue", "boolValue"} or "hyperlink" in cell:
                    wrong.append(cell)
    assert wrong == []


def test_nothing_goes_around_the_cells(journey: Journey) -> None:
    """No tab's title, note, named range, metadata, protection, rule or chart holds a text from outside."""
    around: list[Any] = []
    notes = []
    for tab in journey.sheets:
        around.append({name: part for name, part in tab.items() if name != "data"})
        for grid in tab["data"]:
            around.append({name: part for name, part in grid.items() if name != "rowData"})
            rows = [row.get("values", []) for row in grid.get("rowData", [])]
            notes += [cell["note"] for row in rows for cell in row if "note" in cell]
    told = f"{around} {notes} {journey.world.book.list_named_ranges()}"
    assert notes
    assert not [part for part in (MARK, "evil", "1+1", "reboot", "xxxx") if part in told]


def test_nothing_wanders(journey: Journey) -> None:
    """A second run finds every row that the first one wrote, so each text was read back as it was written."""
    first, again = (journey.answers[name].get_json() for name in ("first", "again"))
    assert first["changes"]["rows_added"] > len(journey.texts)
    assert (again["changes"]["rows_added"], again["changes"]["rows_removed"]) == (0, 0)
    assert [problem for problem in again["problems"] if problem["problem"] == "spreadsheet-busy"] == []


def test_the_list_stays_as_it_is(journey: Journey) -> None:
    """Nothing was written into the tab that people fill in."""
    grid = journey.world.grid("Customers")
    assert grid[0] == HEADER
    named = [row[1] for row in grid[1:] if row[0].startswith("h-")]
    assert named[: len(journey.texts)] == [one.text.encode("utf-8", "replace").decode() for one in journey.texts]


HOSTILE_TITLES = {
    "CUSTOMERS_TAB": "=IMPORTDATA(A1)",
    "REPORT_TAB": "'a'!A1:B2",
    "BY_CUSTOMER_TAB": f"<script>{MARK}</script>",
    "HISTORY_TAB": "{row}:{row} ' !",
    "OVERVIEW_TAB": '"; ../../x?#%00&',
    "RUNS_TAB": "O’Brien's $A$1",
}


def test_titles(world: World) -> None:
    """Tabs may be called whatever the spreadsheet allows: what is written lands in the tab that is meant."""
    world.configure(**HOSTILE_TITLES)
    world.list_customers(world.avepoint.directory.customers[:3], title=HOSTILE_TITLES["CUSTOMERS_TAB"])
    assert world.run()["outcome"] == "ok"
    assert world.run()["changes"]["cells_changed"] == 0
    assert {tab.title for tab in world.book.worksheets()} >= set(HOSTILE_TITLES.values())
    asked = {one.id for one in world.avepoint.directory.customers[:3]}
    assert {row["Customer ID"] for row in world.rows(HOSTILE_TITLES["REPORT_TAB"])} == asked
    assert [row["Outcome"] for row in world.rows(HOSTILE_TITLES["RUNS_TAB"])] == ["ok", "ok"]
