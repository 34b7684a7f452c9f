"""Facts about the report itself: what a first run writes, and a native table over a tab."""

import json
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from seat_report.check.client import Json
from seat_report.check.facts.fact import PREFIX, Anything, DifferenceError, Fact, Having, Including, Step, Tab
from seat_report.domain import (
    Customer,
    FoundCustomer,
    FoundCustomers,
    PurchasedSeats,
    Query,
    ReportData,
    SeatResult,
    TenantSeats,
    TenantType,
    canonical_id,
)
from seat_report.workbook import (
    CONTENT_MASK,
    MARK_KEY,
    PROPERTIES_MASK,
    Snapshot,
    Titles,
    WorkbookPlan,
    WorkbookPlanner,
    batches,
    filter_requests,
    formatting_requests,
    parse_snapshot,
)

_MONTHS = 24
_STARTED = datetime(2026, 11, 23, 12, tzinfo=UTC)
# The report gives its named ranges names that begin so.
_NAMED = "SeatReport"


def _data() -> ReportData:
    """A report of three rows: two tenants of a customer and one of another; a third customer is not listed."""
    first, second = Customer("check-1", "=Check & <Co>", 2), Customer("check-2", "Prüfung 🌵", 3)
    types = (TenantType.MICROSOFT_365, TenantType.GOOGLE)
    tenants = {
        (first, types[0]): (TenantSeats("t-1", "+1 'one'", 12, 3), TenantSeats("t-2", "0042", 7, 0)),
        (first, types[1]): (),
        (second, types[0]): (),
        (second, types[1]): (TenantSeats("t-3", "2026-11", 123456, 1),),
    }
    results = {
        (canonical_id(customer.customer_id), tenant_type): SeatResult(Query(customer.customer_id, tenant_type), seats)
        for (customer, tenant_type), seats in tenants.items()
    }
    purchased = {(canonical_id(first.customer_id), types[0]): PurchasedSeats(25)}
    found = FoundCustomers((FoundCustomer("check-3", "-3"),), is_complete=True)
    return ReportData(_STARTED, UTC, (first, second), results, types, purchased=purchased, found=found)


def _first_run(tab: Tab) -> Generator[Step, Json, None]:
    """What a first run sends, then its formatting; after each, planning again must find nothing to do."""
    titles = Titles(*(f"{PREFIX}{tab.sheet_id} {name}" for name in Titles._fields))
    data = _data()
    planner = WorkbookPlanner(titles, data, run_id="check", history_months=_MONTHS)
    answer = yield Step(fields=PROPERTIES_MASK, is_whole=True)
    snapshot = _parsed(answer)
    if any(name.startswith(_NAMED) for name in snapshot.named_ids):
        # The planner would take the range for the report's own and write there.
        raise DifferenceError("not tried: this spreadsheet has a report of its own; use an empty one")
    for batch in batches(_plan(planner, snapshot).steps()):
        yield Step(batch, fields="spreadsheetId", expect={"spreadsheetId": Anything})
    snapshot = yield from _read(titles)
    _expect_nothing_left(planner, snapshot, "after the first run")
    formatting = formatting_requests(snapshot, titles, data, _MONTHS, planner.last_rows)
    yield Step(formatting, fields="spreadsheetId", expect={"spreadsheetId": Anything})
    snapshot = yield from _read(titles)
    _expect_nothing_left(planner, snapshot, "after its formatting")
    again = [
        *formatting_requests(snapshot, titles, data, _MONTHS, planner.last_rows),
        *filter_requests(snapshot, titles, data, _MONTHS, planner.last_rows),
    ]
    if again:
        raise DifferenceError(f"expected all to be formatted, but this is left: {_kinds(again)}")


def _plan(planner: WorkbookPlanner, snapshot: Snapshot) -> WorkbookPlan:
    return planner.with_run(planner.plan(snapshot), snapshot, {"outcome": "ok"})


def _read(titles: Titles) -> Generator[Step, Json, Snapshot]:
    ranges = [Tab(0, title).a1() for title in titles if title]
    answer = yield Step(fields=CONTENT_MASK, ranges=ranges)
    return _parsed(answer)


def _parsed(answer: Json) -> Snapshot:
    try:
        return parse_snapshot([json.dumps(answer).encode()], MARK_KEY)
    except ValueError as error:
        raise DifferenceError(f"the spreadsheet can't be read: {error}") from error


def _expect_nothing_left(planner: WorkbookPlanner, snapshot: Snapshot, when: str) -> None:
    left = [request for step in _plan(planner, snapshot).steps() for request in step.requests]
    if left:
        raise DifferenceError(
            f"expected nothing left to write {when}, found {len(left)} requests: {_kinds(left)}; "
            f"the first is {json.dumps(left[0])[:300]}"
        )


def _kinds(requests: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(next(iter(request), "?") for request in requests))


def _native_table(tab: Tab) -> Generator[Step, Json, None]:
    """People may turn a tab into a table; what a run does to it then must still be carried out."""
    head, one = [{"stringValue": "Head"}, {"stringValue": "Other"}], [{"numberValue": 1}, {"numberValue": 2}]
    location = {"dimensionRange": tab.columns(0, 1)}
    entry = {"metadataKey": "seat-report.check", "metadataValue": "a", "visibility": "DOCUMENT", "location": location}
    mark = {"createDeveloperMetadata": {"developerMetadata": entry}}
    yield Step([tab.write(head, one, one), mark])
    # The name must be free in the spreadsheet.
    table = {"name": f"Check{tab.sheet_id}", "range": tab.range(0, 3, 0, 2)}
    yield Step([{"addTable": {"table": table}}])
    insert = {"insertDimension": {"range": tab.rows(1, 2), "inheritFromBefore": False}}
    write = {
        "updateCells": {
            "start": {"sheetId": tab.sheet_id, "rowIndex": 1},
            "rows": [{"values": [{"userEnteredValue": {"numberValue": 9}}]}],
            "fields": "userEnteredValue",
        }
    }
    yield Step([insert, write])
    grown = Having({"range": Having({"startRowIndex": 0, "endRowIndex": 4})})
    yield Step(fields="sheets.tables.range", expect={"sheets": [{"tables": [grown]}]})
    yield Step([{"deleteDimension": {"range": tab.rows(1, 2)}}])
    marked = Having({"developerMetadata": [{"metadataValue": "a"}]})
    values = [{"values": [{"effectiveValue": value} for value in row]} for row in (head, one, one)]
    yield Step(
        fields="sheets.data(rowData.values.effectiveValue,columnMetadata.developerMetadata.metadataValue)",
        expect={"sheets": [{"data": [{"rowData": values, "columnMetadata": Including(marked)}]}]},
    )


REPORT = (
    Fact(
        "A first run and its formatting are taken, and planning again finds nothing to do",
        "The report can't be made or formatted, or every run writes it again.",
        _first_run,
    ),
    Fact(
        "Rows of a native table are inserted, written and deleted like others",
        "A tab that people turned into a table can't be updated.",
        _native_table,
    ),
)
