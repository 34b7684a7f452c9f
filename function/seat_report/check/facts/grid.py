"""Facts about rows and columns, and the ranges that lie over them."""

from collections.abc import Generator

from seat_report.check.client import Json
from seat_report.check.facts.fact import COLUMNS, ROWS, Absent, Anything, Fact, Having, Including, Step, Tab

_SIZE = "sheets.properties.gridProperties(rowCount,columnCount)"
_ONE = {"numberValue": 1}


def _size(rows: int, columns: int = COLUMNS) -> Step:
    grid = {"rowCount": rows, "columnCount": columns}
    return Step(fields=_SIZE, expect={"sheets": [{"properties": {"gridProperties": grid}}]})


def _insert(tab: Tab, at: int, *, inherit: bool) -> Json:
    return {"insertDimension": {"range": tab.rows(at, at + 1), "inheritFromBefore": inherit}}


def _end(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_insert(tab, ROWS, inherit=False)], refused="must be less than the grid size")
    yield Step([_insert(tab, ROWS, inherit=True)])
    yield _size(ROWS + 1)
    yield Step([_insert(tab, ROWS + 2, inherit=True)], refused="larger than current grid size")
    yield Step([{"appendDimension": {"sheetId": tab.sheet_id, "dimension": "ROWS", "length": 2}}])
    yield Step([{"appendDimension": {"sheetId": tab.sheet_id, "dimension": "COLUMNS", "length": 1}}])
    yield _size(ROWS + 3, COLUMNS + 1)


def _beyond(tab: Tab) -> Generator[Step, Json, None]:
    cell = {"cell": {"note": "x"}, "fields": "note"}
    yield Step([{"repeatCell": {**cell, "range": tab.range(ROWS, None, 0, 1)}}], refused="exceeds grid limits")
    yield Step([{"repeatCell": {**cell, "range": tab.range(0, ROWS + 3, 0, 1)}}])
    yield _size(ROWS)


def _delete(tab: Tab, start: int, end: int) -> Json:
    return {"deleteDimension": {"range": tab.rows(start, end)}}


def _deleting(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_delete(tab, 0, ROWS)], refused="You can't delete all the rows on the sheet.")
    yield Step([_delete(tab, 1, ROWS)])
    yield _size(1)
    yield Step([_delete(tab, 0, 1)], refused="You can't delete all the rows on the sheet.")


def _frozen(tab: Tab) -> Generator[Step, Json, None]:
    grid = {"sheetId": tab.sheet_id, "gridProperties": {"frozenRowCount": 1}}
    yield Step([{"updateSheetProperties": {"properties": grid, "fields": "gridProperties.frozenRowCount"}}])
    yield Step([_delete(tab, 1, ROWS)], refused="it is not possible to delete all non-frozen rows")
    yield Step([_delete(tab, 2, ROWS)])
    yield _size(2)


def _order(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([{"stringValue": "head"}], [_ONE], [{"numberValue": 2}])])
    yield Step([_insert(tab, 1, inherit=False), _delete(tab, 2, 3), _insert(tab, 3, inherit=True)])
    two = {"values": [{"effectiveValue": {"numberValue": 2}}]}
    head = {"values": [{"effectiveValue": {"stringValue": "head"}}]}
    yield Step(
        fields="sheets.data.rowData.values.effectiveValue",
        expect={"sheets": [{"data": [{"rowData": [head, {}, two]}]}]},
    )
    yield _size(ROWS + 1)


def _filter(**given: object) -> Json:
    return {"setBasicFilter": {"filter": given}}


def _filtered(area: Json, **more: object) -> Step:
    return Step(fields="sheets.basicFilter", expect={"sheets": [{"basicFilter": Having({"range": area, **more})}]})


def _filtering(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_filter(range={"sheetId": tab.sheet_id})])
    yield _filtered(tab.range(0, ROWS, 0, COLUMNS))
    yield Step([_filter(range=tab.range(0, None, 0, 2))])
    yield _filtered(tab.range(0, ROWS, 0, 2))
    yield Step([tab.write([{"stringValue": "head"}], [_ONE], [{"numberValue": 2}])])
    criteria = {"0": {"hiddenValues": ["2"]}}
    yield Step([_filter(range=tab.range(0, 3, 0, 2), criteria=criteria)])
    kept = Having({"0": Having({"hiddenValues": ["2"]})})
    yield _filtered(tab.range(0, 3, 0, 2), criteria=kept)
    yield Step([_insert(tab, 1, inherit=False)])
    yield _filtered(tab.range(0, 4, 0, 2), criteria=kept)


def _following(tab: Tab) -> Generator[Step, Json, None]:
    area = tab.range(0, 3, 0, 2)
    bands = {"firstBandColor": {"red": 1}, "secondBandColor": {"green": 1}}
    rule = {"condition": {"type": "NOT_BLANK"}, "format": {"textFormat": {"bold": True}}}
    yield Step(
        [
            {"addBanding": {"bandedRange": {"range": area, "rowProperties": bands}}},
            {"addProtectedRange": {"protectedRange": {"range": area, "warningOnly": True}}},
            {"addConditionalFormatRule": {"rule": {"ranges": [area], "booleanRule": rule}, "index": 0}},
        ]
    )
    yield Step([_insert(tab, 1, inherit=False), _insert(tab, 0, inherit=False)])
    grown = tab.range(1, 5, 0, 2)
    over = {
        "bandedRanges": [Having({"range": grown})],
        "protectedRanges": [Having({"range": grown})],
        "conditionalFormats": [Having({"ranges": [grown]})],
    }
    yield Step(fields="sheets(bandedRanges,protectedRanges,conditionalFormats)", expect={"sheets": [over]})


def _named(tab: Tab) -> Generator[Step, Json, None]:
    area, name = tab.range(1, 3, 0, 2), f"CheckedRange{tab.sheet_id}"
    answer = yield Step([{"addNamedRange": {"namedRange": {"name": name, "range": area}}}])
    named = answer["replies"][0]["addNamedRange"]["namedRange"]
    expected = {"namedRangeId": named["namedRangeId"], "name": name, "range": area}
    yield Step(fields="namedRanges", expect={"namedRanges": Including(expected)})
    yield Step([_insert(tab, 2, inherit=False)])
    grown = {**expected, "range": tab.range(1, 4, 0, 2)}
    yield Step(fields="namedRanges", expect={"namedRanges": Including(grown)})
    again = {"addNamedRange": {"namedRange": {"name": name, "range": area}}}
    yield Step([again], refused="Invalid requests[0].addNamedRange")
    yield Step([{"deleteNamedRange": {"namedRangeId": named["namedRangeId"]}}, again])


def _added(tab: Tab) -> Generator[Step, Json, None]:
    copy = Tab(tab.sheet_id + 1, f"~check {tab.sheet_id} added")
    grid = {"rowCount": 2, "columnCount": 3, "frozenRowCount": 1}
    properties = {"sheetId": copy.sheet_id, "title": copy.title, "gridProperties": grid}
    reply = Having({"sheetId": copy.sheet_id, "title": copy.title, "gridProperties": grid, "index": Anything})
    adding = {"addSheet": {"properties": properties}}
    writing = copy.write([_ONE])
    expected = [{"addSheet": {"properties": reply}}, {}]
    yield Step([adding, writing], expect=Having({"replies": expected}))
    yield Step([adding], refused="already exists")
    listed = {"properties": {"title": copy.title, "hidden": Absent}}
    yield Step(fields="sheets.properties(title,hidden)", ranges=[copy.a1()], expect={"sheets": [listed]})


GRID = (
    Fact("Behind the last row one is inserted only after it", "Runs that add rows to a full tab are refused.", _end),
    Fact(
        "A range must start within the grid", "Formatting of a tab with a header alone fails in another way.", _beyond
    ),
    Fact("The last row of a tab can't be deleted", "A tab without tenants can lose its header.", _deleting),
    Fact("The last row that isn't frozen can't be deleted", "A run that removes the last tenant is refused.", _frozen),
    Fact("Requests count rows as those before them left them", "Values land in other tenants' rows.", _order),
    Fact("A filter is stored with its bounds and keeps its criteria", "People's filters are lost or cut.", _filtering),
    Fact(
        "What lies over rows grows with those inserted inside",
        "New rows have no bands, colours or warning.",
        _following,
    ),
    Fact(
        "A named range follows its cells and gives its name back", "The Overview is written in a second place.", _named
    ),
    Fact("A tab can be added with an id and written to at once", "The first run can't make its tabs.", _added),
)
