"""Rules, protections, formats, anchors and ranges that the service doesn't take."""

from __future__ import annotations

from typing import Any

import pytest

from .book import Book, area, rows

_BOLD = {"textFormat": {"bold": True}}
_SINGLE = {"sources": [area(0, 3, 0, 1)]}


def _rule(kind: str, *values: str, **given: Any) -> dict[str, Any]:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    boolean = {"condition": condition, "format": _BOLD, **given}
    return {"addConditionalFormatRule": {"rule": {"ranges": [area(0, 9, 0, 3)], "booleanRule": boolean}}}


def _validation(kind: str, *values: str) -> dict[str, Any]:
    condition = {"type": kind, "values": [{"userEnteredValue": value} for value in values]}
    return {"setDataValidation": {"range": area(0, 1, 0, 1), "rule": {"condition": condition}}}


def _protect(**given: Any) -> dict[str, Any]:
    return {"addProtectedRange": {"protectedRange": given}}


def _repeat(fields: str, cell: Any, where: Any = None) -> dict[str, Any]:
    return {"repeatCell": {"range": where or area(0, 1, 0, 1), "cell": cell, "fields": fields}}


def _chart(row: int, column: int, sources: Any = None) -> dict[str, Any]:
    spec = {"basicChart": {"series": [{"series": {"sourceRange": sources or _SINGLE}}]}}
    anchor = {"sheetId": 0, "rowIndex": row, "columnIndex": column}
    return {"addChart": {"chart": {"spec": spec, "position": {"overlayPosition": {"anchorCell": anchor}}}}}


@pytest.mark.parametrize(
    "request_",
    [
        _rule("NUMBER_BETWEEN", "1"),
        _rule("NUMBER_BETWEEN", "1", "2", "3"),
        _rule("NUMBER_LESS"),
        _rule("NUMBER_LESS", "x"),
        _rule("CUSTOM_FORMULA", "A1>1"),
        _rule("CUSTOM_FORMULA"),
        _rule("BLANK", "1"),
        _rule("ONE_OF_LIST", "a"),
        _rule("CONDITION_TYPE_UNSPECIFIED"),
        _rule("NOT_BLANK", format={"numberFormat": {"type": "NUMBER"}}),
        _rule("NOT_BLANK", format={"horizontalAlignment": "LEFT"}),
        _rule("NOT_BLANK", format={"borders": {"top": {"style": "SOLID"}}}),
        _rule("NOT_BLANK", format={"textFormat": {"fontSize": 12}}),
        _rule("NOT_BLANK", format={"textFormat": {"fontFamily": "Roboto"}}),
        {"addConditionalFormatRule": {"rule": {"ranges": [area(0, 1, 0, 1)]}}},
        {"addConditionalFormatRule": {"rule": {**_rule("BLANK")["addConditionalFormatRule"]["rule"], "ranges": []}}},
        {"addConditionalFormatRule": {}},
        {
            "addConditionalFormatRule": {
                "rule": {"ranges": [area(0, 1, 0, 1)], "gradientRule": {"minpoint": {"type": "MIN"}}}
            }
        },
        _validation("NUMBER_BETWEEN", "1"),
        _validation("CUSTOM_FORMULA", "A1>1"),
        _validation("ONE_OF_RANGE", "A1:A3"),
        _validation("ONE_OF_LIST", "=A1"),
        _repeat("userEnteredFormat", {"userEnteredFormat": {"numberFormat": {"pattern": "0.00"}}}),
        _repeat("userEnteredFormat.numberFormat", {"userEnteredFormat": {"numberFormat": {"pattern": "0"}}}),
        _protect(),
        _protect(range=area(0, 1, 0, 1), namedRangeId="x"),
        _protect(namedRangeId="nowhere"),
        _protect(range=area(0, 1, 0, 1, sheet=77)),
        _protect(range=area(1000, 1001, 0, 1)),
        _repeat("effectiveValue", {}),
        _repeat("formattedValue", {}),
        _repeat("effectiveFormat.textFormat", {}),
        _repeat("note,hyperlink", {}),
        _repeat("noSuchField", {}),
        _repeat("note.text", {}),
        {"updateSheetProperties": {"properties": {"sheetId": 0}, "fields": "dataSourceSheetProperties"}},
        _chart(1000, 0),
        _chart(0, 26),
        _chart(-1, 0),
        _chart(0, 0, {"sources": [area(1000, 1001, 0, 1)]}),
        _repeat("note", {"note": "x"}, area(1000, 1001, 0, 1)),
        _repeat("note", {"note": "x"}, area(0, 1, 26, 27)),
        _repeat("note", {"note": "x"}, {"sheetId": 0, "startRowIndex": 1000}),
        {"updateCells": {"range": area(1000, 1001, 0, 1), "fields": "note"}},
        {"updateCells": {"start": {"rowIndex": 1000}, "rows": [{"values": [{}]}], "fields": "note"}},
        {"setBasicFilter": {"filter": {"range": area(1000, 1001, 0, 1)}}},
        {"addNamedRange": {"namedRange": {"name": "x", "range": area(1000, 1001, 0, 1)}}},
        {"addBanding": {"bandedRange": {"range": area(1000, 1001, 0, 1), "rowProperties": {"firstBandColor": {}}}}},
        {"sortRange": {"range": area(1000, 1001, 0, 1), "sortSpecs": [{"dimensionIndex": 0}]}},
        {"copyPaste": {"source": area(1000, 1001, 0, 1), "destination": area(0, 1, 0, 1)}},
        {"copyPaste": {"source": area(0, 1, 0, 1), "destination": area(1000, 1001, 0, 1)}},
        {"updateCells": {"start": {"columnIndex": -1}, "rows": [{"values": [{"note": "x"}]}], "fields": "note"}},
        {"pasteData": {"coordinate": {"columnIndex": -1}, "data": "x", "delimiter": ","}},
        {"pasteData": {"coordinate": {"rowIndex": 1000}, "data": "", "delimiter": ","}},
        {"cutPaste": {"source": area(0, 1, 0, 1), "destination": {"rowIndex": -1}}},
        {"deleteDimension": {"range": rows(1000, 1001)}},
        {"findReplace": {"find": "(a", "searchByRegex": True, "allSheets": True}},
        {"findReplace": {"find": "a", "replacement": "$1", "searchByRegex": True, "allSheets": True}},
        {
            "updateDimensionProperties": {
                "range": rows(1000, 1001), "properties": {"pixelSize": 5}, "fields": "pixelSize",
            }
        },
    ],
)  # fmt: skip
def test_what_is_not_valid_is_refused(book: Book, request_: dict[str, Any]) -> None:
    """It is a 400 that names the request, and nothing has changed."""
    before = book.get(includeGridData="true")
    error = book.batch(request_)["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"].startswith(f"Invalid requests[0].{next(iter(request_))}: ")
    assert book.get(includeGridData="true") == before


def test_a_tab_of_one_row_has_no_second(book: Book) -> None:
    """Formatting the rows below the header of a tab that has only a header is refused."""
    properties = {"sheetId": 5, "gridProperties": {"rowCount": 1, "columnCount": 3}, "title": "T"}
    book.reply({"addSheet": {"properties": properties}})
    refused = book.refusal(_repeat("note", {"note": "x"}, {"sheetId": 5, "startRowIndex": 1}))
    assert "exceeds grid limits. Max rows: 1, max columns: 3" in refused


@pytest.mark.parametrize(
    "request_",
    [
        _rule("NUMBER_BETWEEN", "1", "2"),
        _rule("NUMBER_LESS", "=1/2"),
        _rule("CUSTOM_FORMULA", "=A1>1"),
        _rule("NOT_BLANK", format={"textFormat": {"bold": True, "italic": True, "strikethrough": True}}),
        _rule("NOT_BLANK", format={"backgroundColor": {"red": 1}, "textFormat": {"foregroundColor": {}}}),
        _validation("ONE_OF_LIST", "a", "b"),
        _repeat("userEnteredFormat.numberFormat", {"userEnteredFormat": {"numberFormat": {"type": "DATE"}}}),
        _repeat("note", {"note": "x"}, area(999, 1010, 0, 30)),
        _protect(range=area(0, 1, 0, 1), warningOnly=True),
        _chart(999, 25),
    ],
)
def test_what_is_valid_is_taken(book: Book, request_: dict[str, Any]) -> None:
    book.reply(request_)
