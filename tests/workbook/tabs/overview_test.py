"""The Overview's layout: months without empty ones, texts that go on in the next line, and its charts."""

from dataclasses import replace
from typing import Any

import pytest

from seat_report.domain import TenantType
from seat_report.workbook.tabs.month_totals import MonthState, MonthTotal
from seat_report.workbook.tabs.overview_lines import MOST_LISTED, wrapped
from seat_report.workbook.tabs.overview_months import month_lines
from tests.emulators.avepoint.data import Customer, Tenant
from tests.emulators.avepoint.data import TenantType as Product
from tests.emulators.avepoint.faults import Fault
from tests.support.overview import text_of
from tests.support.world import World

GOOGLE, M365 = TenantType.GOOGLE, TenantType.MICROSOFT_365
NUMBERS = MonthTotal({GOOGLE: 3, M365: 4}, MonthState.COMPLETE)


def values(by_month: dict[str, MonthTotal], month: str = "2026-03") -> list[list[Any]]:
    """The values of the table of months."""
    return [[cell.value for cell in line] for line in month_lines(by_month, month, 7)]


def test_months_begin_with_the_first_that_has_numbers() -> None:
    """One between two others without any is shown as such; a type that is not known is blank, not 0."""
    empty = MonthTotal({}, MonthState.NO_DATA)
    shown = values({"2025-11": empty, "2025-12": NUMBERS, "2026-01": empty, "2026-03": NUMBERS})
    assert shown == [
        ["Assigned by month", "2025-12", "2026-01", "2026-02", "2026-03"],
        ["Microsoft 365", 4, None, None, 4],
        ["Salesforce", None, None, None, None],
        ["Google", 3, None, None, 3],
        ["Dynamics 365", None, None, None, None],
        ["Total", 7, None, None, 7],
        ["Status", "Complete", "No data", "No data", "Complete"],
    ]


def test_at_most_so_many_months_are_shown() -> None:
    """The newest, with those of a run whose clock is behind."""
    months = {f"2026-{number:02}": NUMBERS for number in range(1, 13)}
    assert values(months, "2026-10")[0] == ["Assigned by month", *list(months)[-7:]]


def test_without_any_month_the_current_one_is_shown() -> None:
    """The lines above the lists are as many as ever, for the charts."""
    assert values({})[0] == ["Assigned by month", "2026-03"]
    assert len(values({})) == 7


def test_what_a_month_lacks_is_said_below() -> None:
    assert values({"2026-03": MonthTotal({}, MonthState.SO_FAR, "no answer yet for 1 of 2")})[7:] == [
        ["2026-03: no answer yet for 1 of 2"]
    ]


@pytest.mark.parametrize(
    "text", ["", "one word", "a long issue and what to do about it, in many words " * 5, "x" * 200]
)
def test_a_long_text_goes_on_in_the_next_line(text: str) -> None:
    """No line is longer than fits; only the first has the names; no word is lost."""
    lines = list(wrapped(("Alder", "Stale"), text))
    assert [[cell.value for cell in line[:2]] for line in lines] == [
        ["Alder", "Stale"],
        *[[None, None]] * (len(lines) - 1),
    ]
    parts = [str(line[2].value) for line in lines]
    assert max(map(len, parts)) < 90
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


def test_long_names_go_on_in_the_next_line_too() -> None:
    """Beside the text, which may be shorter."""
    lines = list(wrapped(("Alder and Sons Limited, Beech and Daughters Limited", "Stale"), "short"))
    assert [[cell.value for cell in line] for line in lines] == [
        ["Alder and Sons Limited, Beech", "Stale", "short"],
        ["and Daughters Limited", None, None],
    ]


def test_customers_with_the_same_issue_are_named_together(world: World) -> None:
    """In an outage people read one issue with one next step, not one for each customer."""
    names = ("Alder", "Beech", "Cedar", "Dogwood", "Elm")
    tenant = Tenant("t", "T", Product.GOOGLE, 1, 1)
    customers = [Customer(f"c-{place}", name, (tenant,)) for place, name in enumerate(names)]
    world.avepoint.directory.replace_all(customers)
    world.list_customers()
    for place in range(4):
        world.avepoint.faults.add(Fault(kind="status", status=403, customer_id=f"c-{place}"))
    world.avepoint.faults.add(Fault(kind="status", status=404, customer_id="c-4"))
    world.run_at("2026-01-05 06:00")
    text = text_of(world.grid("Overview"))
    assert text.count("This app isn't authorised for this customer") == 1
    assert "Alder, Beech, Cedar and 1 more | No data | This app isn't" in text
    assert "Elm | No data | AvePoint doesn't know a customer with this ID" in text


def test_a_label_that_says_what_is_missing_is_not_cut(world: World) -> None:
    """It is wider than its column and has numbers beside it, so it goes on within its cell."""
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    params: dict[str, Any] = {
        "ranges": "Overview!A5:A10",
        "fields": "sheets/data/rowData/values/userEnteredFormat/wrapStrategy",
    }
    rows = world.book.fetch_sheet_metadata(params)["sheets"][0]["data"][0]["rowData"]
    found = [row["values"][0]["userEnteredFormat"].get("wrapStrategy") for row in rows]
    assert found == ["OVERFLOW_CELL", *["WRAP"] * 5]


def test_an_issue_is_shown_with_all_of_its_next_step(world: World) -> None:
    """Over several lines, none of which people have to widen a column for."""
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", (Tenant("t", "T", Product.GOOGLE, 1, 1),))])
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    world.avepoint.faults.add(Fault(kind="status", status=403, customer_id="c-1"))
    result = world.run_at("2026-01-06 06:00")
    (detail,) = {problem.detail for problem in result.problems}
    assert f"Alder | Stale | {detail}" in text_of(world.grid("Overview"))


def test_more_changes_than_are_listed_are_counted(world: World) -> None:
    """Those that changed most are listed."""
    tenants = [Tenant(f"t-{number:02}", f"T{number}", Product.GOOGLE, 100, 1) for number in range(MOST_LISTED + 3)]
    world.avepoint.directory.replace_all([Customer("c-1", "Alder", tuple(tenants))])
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    for number, tenant in enumerate(tenants):
        world.avepoint.directory.put_tenant("c-1", replace(tenant, assigned=101 + number))
    world.run_at("2026-02-05 06:00")
    text = text_of(world.grid("Overview"))
    assert "and 3 more changed tenants" in text
    assert "Alder | Google | Changed | 100 | 113 | 13 | T12" in text


def test_the_charts_show_the_months(world: World) -> None:
    """All types stacked, and their sum: each series is a line of the table of months, with its name."""
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    assert series_of(world) == [["Microsoft 365", "Salesforce", "Google", "Dynamics 365"], ["Total"]]


def test_charts_of_an_earlier_version_get_the_new_cells(world: World) -> None:
    """The months were in one column: what still has its title shows the months again, what people renamed stays."""
    world.list_customers()
    world.run_at("2026-01-05 06:00")
    sheet = overview_sheet(world)
    earlier = [("Seats by tenant type", sheet["charts"][0]), ("Ours now", sheet["charts"][1])]
    specs = [{"chartId": chart["chartId"], "spec": old_spec(sheet, title)} for title, chart in earlier]
    (entry,) = [one for one in sheet["developerMetadata"] if one["metadataKey"] == "seat-report.looks"]
    back = {
        "dataFilters": [{"developerMetadataLookup": {"metadataId": entry["metadataId"]}}],
        "developerMetadata": {"metadataValue": "overview"},
        "fields": "metadataValue",
    }
    requests = [*({"updateChartSpec": spec} for spec in specs), {"updateDeveloperMetadata": back}]
    world.book.batch_update({"requests": requests})
    world.run_at("2026-01-06 06:00")
    first, second = overview_sheet(world)["charts"]
    assert (first["spec"]["title"], second["spec"]["title"]) == ("Assigned seats by tenant type", "Ours now")
    assert series_of(world)[0] == ["Microsoft 365", "Salesforce", "Google", "Dynamics 365"]
    world.sheets.requests.clear()
    world.run_at("2026-01-06 07:00")
    assert not any("updateChartSpec" in request.kinds for request in world.sheets.requests)


def overview_sheet(world: World) -> Any:
    """The Overview as the API describes it."""
    sheets = world.book.fetch_sheet_metadata()["sheets"]
    return next(sheet for sheet in sheets if sheet["properties"]["title"] == "Overview")


def old_spec(sheet: Any, title: str) -> dict[str, Any]:
    """A chart over two columns."""
    sheet_id = sheet["properties"]["sheetId"]

    def source(column: int) -> dict[str, Any]:
        rows = {"sheetId": sheet_id, "startRowIndex": 11, "endRowIndex": 24}
        return {"sourceRange": {"sources": [{**rows, "startColumnIndex": column, "endColumnIndex": column + 1}]}}

    basic = {"chartType": "LINE", "domains": [{"domain": source(0)}], "series": [{"series": source(1)}]}
    return {"title": title, "basicChart": basic}


def series_of(world: World) -> list[list[str]]:
    """The first cell of each series of each chart."""
    grid = world.grid("Overview")
    found = []
    for chart in overview_sheet(world)["charts"]:
        sources = [one["series"]["sourceRange"]["sources"][0] for one in chart["spec"]["basicChart"]["series"]]
        found.append([str(grid[one["startRowIndex"]][one.get("startColumnIndex", 0)]) for one in sources])
    return found
