"""Facts about reading and writing cells."""

from collections.abc import Generator

from seat_report.check.client import Json
from seat_report.check.facts.fact import COLUMNS, ROWS, Absent, Fact, Having, Step, Tab
from seat_report.workbook import CONTENT_MASK

_VALUES = "sheets.data.rowData.values(userEnteredValue/formulaValue,effectiveValue)"
_TEXTS = (
    "=1+1",
    "'quoted",
    "line\nbreak\ttab",
    "🌵 Iñtërnâtiônàl",
    " spaced ",
    "0042",
    "TRUE",
    "1/2",
    "+1",
    "@x",
    "<b>&amp;",
)
_NUMBERS = (123456789012345, 999999999999999, 0.1, -1e-7, 45987.123456789, 1.5e300, 0, -0.25)


def _number(value: float) -> Json:
    return {"numberValue": value}


def _text(value: str) -> Json:
    return {"stringValue": value}


def _effective(*values: Json) -> Json:
    """A row of cells with these values and without formulas; the mask may leave an empty object of what was entered."""
    return {
        "values": [Having({"effectiveValue": value, "userEnteredValue": Absent}) if value else {} for value in values]
    }


def _data(*rows: Json) -> Json:
    return {"sheets": [{"data": [{"rowData": list(rows)}]}]}


def _content(tab: Tab, *rows: Json) -> Having:
    """What the mask of the function reads of a tab with these rows."""
    grid = {"rowCount": ROWS, "columnCount": COLUMNS}
    properties = {"sheetId": tab.sheet_id, "title": tab.title, "sheetType": "GRID", "gridProperties": grid}
    sheet = Having({"properties": Having(properties), "data": [Having({"rowData": list(rows), "startRow": Absent})]})
    return Having({"properties": Having({}), "sheets": [sheet]})


def _mask(tab: Tab) -> Generator[Step, Json, None]:
    write = tab.write(
        [_number(1.5), _text("x"), {"boolValue": True}, {"formulaValue": "=A1*2"}], [], [{}, {"formulaValue": "=1/0"}]
    )
    place = {"sheetId": tab.sheet_id, "rowIndex": 1, "columnIndex": 0}
    note = {"updateCells": {"start": place, "rows": [{"values": [{"note": "n"}]}], "fields": "note"}}
    yield Step([write, note])
    first = _effective(_number(1.5), _text("x"), {"boolValue": True})
    formula = {"userEnteredValue": {"formulaValue": "=A1*2"}, "effectiveValue": _number(3)}
    error = {"errorValue": Having({"type": "DIVIDE_BY_ZERO"})}
    wrong = {"userEnteredValue": {"formulaValue": "=1/0"}, "effectiveValue": error}
    rows = [{"values": [*first["values"], formula]}, {"values": [{"note": "n"}]}, {"values": [{}, wrong]}]
    yield Step(fields=CONTENT_MASK, expect=_content(tab, *rows))


def _answered(tab: Tab) -> Generator[Step, Json, None]:
    yield Step(
        [tab.write([_number(7)])],
        fields=f"updatedSpreadsheet({CONTENT_MASK})",
        body={"includeSpreadsheetInResponse": True, "responseRanges": [tab.a1()]},
        expect={"updatedSpreadsheet": _content(tab, _effective(_number(7)))},
    )


def _confirmed(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([_number(7)])], fields="spreadsheetId", expect=Having({"replies": Absent}))


def _empty(tab: Tab) -> Generator[Step, Json, None]:
    yield Step(fields=_VALUES, ranges=[tab.a1()], expect={"sheets": [{"data": [{}]}]})


def _gap(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([{}, {}], [], [{}, _number(1)])])
    yield Step(fields=_VALUES, expect=_data({}, {}, _effective({}, _number(1))))


def _missing(tab: Tab) -> Generator[Step, Json, None]:
    yield Step(fields=_VALUES, ranges=[tab.a1(), "'~check nothing of this title'"], refused="Unable to parse range")


def _spill(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([{"formulaValue": "=SEQUENCE(3)"}])])
    source = {"userEnteredValue": {"formulaValue": "=SEQUENCE(3)"}, "effectiveValue": _number(1)}
    yield Step(fields=_VALUES, expect=_data({"values": [source]}, _effective(_number(2)), _effective(_number(3))))
    filled = {"values": [{"effectiveValue": _number(2)}]}
    both = "sheets.data.rowData.values(userEnteredValue,effectiveValue)"
    yield Step(fields=both, ranges=[tab.a1("A2")], expect=_data(filled))


def _awkward(tab: Tab) -> Generator[Step, Json, None]:
    middle = len(_TEXTS) // 3
    rows = [_TEXTS[:middle], _TEXTS[middle : 2 * middle], _TEXTS[2 * middle : 3 * middle], _TEXTS[3 * middle :]]
    yield Step([tab.write(*([_text(text) for text in row] for row in rows))])
    yield Step(fields=_VALUES, expect=_data(*(_effective(*(_text(text) for text in row)) for row in rows)))


def _numbers(tab: Tab) -> Generator[Step, Json, None]:
    rows = [_NUMBERS[:4], _NUMBERS[4:]]
    yield Step([tab.write(*([_number(value) for value in row] for row in rows))])
    yield Step(fields=_VALUES, expect=_data(*(_effective(*(_number(value) for value in row)) for row in rows)))


def _dates(tab: Tab) -> Generator[Step, Json, None]:
    looks = {"numberFormat": {"type": "DATE_TIME", "pattern": "yyyy-mm-dd hh:mm"}}
    cell = {"userEnteredValue": _number(45987.5), "userEnteredFormat": looks}
    repeat = {"range": tab.range(0, 1, 0, 1), "cell": cell, "fields": "userEnteredValue,userEnteredFormat"}
    yield Step([{"repeatCell": repeat}])
    shown = {"effectiveValue": _number(45987.5), "formattedValue": "2025-11-26 12:00"}
    yield Step(fields="sheets.data.rowData.values(effectiveValue,formattedValue)", expect=_data({"values": [shown]}))


def _cleared(tab: Tab) -> Generator[Step, Json, None]:
    one = _number(1)
    yield Step([tab.write([one, one, one], [one, one, one], [one])])
    short = {"range": tab.range(0, 2, 0, 2), "rows": [{"values": [{"userEnteredValue": _number(2)}]}]}
    yield Step([{"updateCells": {**short, "fields": "userEnteredValue"}}])
    rows = [_effective(_number(2), {}, one), _effective({}, {}, one), _effective(one)]
    yield Step(fields=_VALUES, expect=_data(*rows))


def _ragged(tab: Tab) -> Generator[Step, Json, None]:
    one, two = _number(1), _number(2)
    yield Step([tab.write([one, one], [one, one])])
    yield Step([tab.write([two], [{}, two])])
    yield Step(fields=_VALUES, expect=_data(_effective(two, one), _effective({}, two)))


def _copied(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([_number(1), {"formulaValue": "=A1*2"}], [_number(5)])])
    paste = {"source": tab.range(0, 1, 1, 2), "destination": tab.range(1, 2, 1, 2), "pasteType": "PASTE_FORMULA"}
    yield Step([{"copyPaste": paste}])
    formula = {"userEnteredValue": {"formulaValue": "=A2*2"}, "effectiveValue": _number(10)}
    yield Step(fields=_VALUES, ranges=[tab.a1("B2")], expect=_data({"values": [formula]}))


def _atomic(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([_number(1)]), {"deleteDimension": {"range": tab.rows(50, 51)}}], refused="deleteDimension")
    yield Step(fields=_VALUES, expect={"sheets": [{"data": [{}]}]})


CELLS = (
    Fact("The function's mask reads values, formulas, errors and notes", "No run can read the report.", _mask),
    Fact(
        "A batch answers the content of its tabs under a mask",
        "Every run reads again after it writes: slower, and what people type in between is not noticed.",
        _answered,
    ),
    Fact("A batch can be asked for its confirmation alone", "Writes of any size are taken for uncertain.", _confirmed),
    Fact("An empty tab has no rows", "A first run takes a new tab for one with content.", _empty),
    Fact("Empty rows and cells are kept up to the last", "Values are taken for those of other rows.", _gap),
    Fact("A tab that is missing refuses the reading", "A renamed tab is not noticed while reading.", _missing),
    Fact(
        "Cells that an array fills have a value that nobody entered",
        "A run takes what a formula of somebody's fills for free cells, writes there and breaks it.",
        _spill,
    ),
    Fact("Texts come back to the letter", "Every run finds texts changed and writes them again.", _awkward),
    Fact("Numbers of 15 digits come back exactly", "Counts or moments change between runs.", _numbers),
    Fact("Serial dates are shown as dates", "People see numbers in place of moments.", _dates),
    Fact("updateCells of a range clears what its rows leave out", "Old values stay beside new ones.", _cleared),
    Fact("updateCells from a cell leaves ragged ends alone", "Cells beside those of the report are emptied.", _ragged),
    Fact("A copied formula refers to its own row", "Formulas of new rows refer to another tenant.", _copied),
    Fact("A batch is carried out wholly or not at all", "A refused write leaves half a report.", _atomic),
)
