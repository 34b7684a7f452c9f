"""Facts about developer metadata: the lock, and the marks of columns."""

from collections.abc import Generator

from seat_report.check.client import Json
from seat_report.check.facts.fact import Anything, Fact, Filled, Having, Including, Step, Tab

_KEY = "seat-report.check"
_MARKS = "sheets.data.columnMetadata.developerMetadata(metadataKey,metadataValue)"


def _lock(tab: Tab, value: str) -> Json:
    entry = {"metadataId": tab.sheet_id, "metadataKey": _KEY, "metadataValue": value, "visibility": "DOCUMENT"}
    return {"createDeveloperMetadata": {"developerMetadata": {**entry, "location": {"sheetId": tab.sheet_id}}}}


def _unlock(tab: Tab, value: str) -> Json:
    lookup = {"metadataId": tab.sheet_id, "metadataValue": value}
    return {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": lookup}}}


def _held(tab: Tab, value: str) -> Step:
    entry = Having({"metadataId": tab.sheet_id, "metadataKey": _KEY, "metadataValue": value})
    return Step(
        fields="sheets/developerMetadata(metadataId,metadataKey,metadataValue)",
        expect={"sheets": [{"developerMetadata": [entry]}]},
    )


def _locking(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_lock(tab, "one")])
    yield Step([_lock(tab, "two")], refused="already exists")
    yield _held(tab, "one")
    yield Step([_unlock(tab, "two")])
    yield _held(tab, "one")
    yield Step([_unlock(tab, "one"), _lock(tab, "three")])
    yield _held(tab, "three")
    yield Step([_unlock(tab, "three")])
    yield Step(fields="sheets/developerMetadata", expect={"sheets": [{}]})
    yield Step([_lock(tab, "four"), _unlock(tab, "four"), _lock(tab, "five")])
    yield _held(tab, "five")


def _both(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([{"numberValue": 1}]), _lock(tab, "one"), _lock(tab, "two")], refused="already exists")
    yield Step(fields="sheets.data.rowData.values.effectiveValue", expect={"sheets": [{"data": [{}]}]})


def _mark(tab: Tab, column: int, value: str) -> Json:
    location = {"dimensionRange": tab.columns(column, column + 1)}
    entry = {"metadataKey": _KEY, "metadataValue": value, "visibility": "DOCUMENT", "location": location}
    return {"createDeveloperMetadata": {"developerMetadata": entry}}


def _marked(*values: str, ranges: tuple[str, ...] = ()) -> Step:
    """A reading in which the columns bear these marks, empty for none."""
    columns = [
        {"developerMetadata": [{"metadataKey": _KEY, "metadataValue": value}]} if value else {} for value in values
    ]
    return Step(fields=_MARKS, ranges=ranges, expect={"sheets": [{"data": [{"columnMetadata": Filled(columns)}]}]})


def _marks(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_mark(tab, 0, "a"), _mark(tab, 1, "b")])
    yield _marked("a", "b", "", "")
    yield Step([{"insertDimension": {"range": tab.columns(1, 2), "inheritFromBefore": False}}])
    yield _marked("a", "", "b", "", "")
    yield Step([{"moveDimension": {"source": tab.columns(0, 1), "destinationIndex": 4}}])
    yield _marked("", "b", "", "a", "")
    yield Step([{"deleteDimension": {"range": tab.columns(1, 2)}}])
    yield _marked("", "", "a", "")


def _duplicated(tab: Tab) -> Generator[Step, Json, None]:
    copy = Tab(tab.sheet_id + 1, f"~check {tab.sheet_id} copy")
    duplicate = {"sourceSheetId": tab.sheet_id, "newSheetId": copy.sheet_id, "newSheetName": copy.title}
    yield Step([_mark(tab, 0, "a"), _lock(tab, "one")])
    reply = {"duplicateSheet": {"properties": Having({"sheetId": copy.sheet_id, "title": copy.title})}}
    yield Step([{"duplicateSheet": duplicate}], expect=Having({"replies": [reply]}))
    yield _marked("a", "", "", "")
    yield _held(tab, "one")
    yield _marked("", "", "", "", ranges=(copy.a1(),))


def _changed(tab: Tab) -> Generator[Step, Json, None]:
    answer = yield Step([_mark(tab, 0, "a")])
    entry = answer["replies"][0]["createDeveloperMetadata"]["developerMetadata"]
    update = {
        "dataFilters": [{"developerMetadataLookup": {"metadataId": entry["metadataId"]}}],
        "fields": "metadataValue",
    }
    expected = {"updateDeveloperMetadata": {"developerMetadata": [{**entry, "metadataValue": "b"}]}}
    yield Step(
        [{"updateDeveloperMetadata": {**update, "developerMetadata": {"metadataValue": "b"}}}],
        expect=Having({"replies": [expected], "spreadsheetId": Anything}),
    )
    yield _marked("b", "", "", "")


def _located(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_mark(tab, 2, "c")])
    location = {"locationType": "COLUMN", "dimensionRange": tab.columns(2, 3)}
    entry = Having({"metadataId": Anything, "metadataKey": _KEY, "location": location})
    column = Having({"developerMetadata": Including(entry)})
    fields = "sheets.data.columnMetadata.developerMetadata"
    yield Step(fields=fields, expect={"sheets": [{"data": [{"columnMetadata": Filled([{}, {}, column])}]}]})


COLUMNS = (
    Fact("An id of developer metadata is taken once", "Two runs work at once and undo each other's writes.", _locking),
    Fact("A lock that is refused refuses its whole batch", "A run that may not start leaves its row behind.", _both),
    Fact("Marks stay with their columns", "A column that people moved is written where it was.", _marks),
    Fact(
        "A copy of a tab has no marks, and the original keeps them",
        "The copy's columns are taken for the report's only if the copy is given the tab's title; nothing otherwise.",
        _duplicated,
    ),
    Fact("An entry's value can be changed by its id", "Columns are formatted again in every run.", _changed),
    Fact(
        "A mark says which column it is on", "Marks on a stretch of columns can't be told from those on one.", _located
    ),
)
