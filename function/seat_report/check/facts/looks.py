"""Facts about formatting, rules, protections and charts."""

from collections.abc import Generator

from seat_report.check.client import Json
from seat_report.check.facts.fact import Absent, Anything, Fact, Having, Step, Tab, loosely


def _rule(tab: Tab, condition: str, value: str) -> Json:
    rule = {"condition": {"type": condition, "values": [{"userEnteredValue": value}]}}
    boolean = {**rule, "format": {"textFormat": {"bold": True}}}
    return {
        "addConditionalFormatRule": {"rule": {"ranges": [tab.range(0, None, 0, 1)], "booleanRule": boolean}, "index": 0}
    }


def _open(tab: Tab) -> Generator[Step, Json, None]:
    stored = {"sheets": [{"conditionalFormats": [{"ranges": [tab.range(0, None, 0, 1)]}]}]}
    yield Step([_rule(tab, "TEXT_EQ", "x")])
    yield Step(fields="sheets.conditionalFormats.ranges", expect=stored)
    yield Step([{"appendDimension": {"sheetId": tab.sheet_id, "dimension": "ROWS", "length": 3}}])
    yield Step(fields="sheets.conditionalFormats.ranges", expect=stored)


def _half(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([tab.write([{"numberValue": 0.4}], [{"numberValue": 0.6}]), _rule(tab, "NUMBER_LESS", "=1/2")])
    values = {"type": "NUMBER_LESS", "values": [{"userEnteredValue": "=1/2"}]}
    condition = {"booleanRule": {"condition": values}}
    yield Step(
        fields="sheets.conditionalFormats.booleanRule.condition",
        expect={"sheets": [{"conditionalFormats": [condition]}]},
    )
    bold = {"values": [{"effectiveFormat": {"textFormat": {"bold": True}}}]}
    yield Step(
        fields="sheets.data.rowData.values.effectiveFormat.textFormat.bold",
        ranges=[tab.a1("A1")],
        expect={"sheets": [{"data": [{"rowData": [bold]}]}]},
    )


def _order(tab: Tab) -> Generator[Step, Json, None]:
    yield Step([_rule(tab, "TEXT_EQ", "first"), _rule(tab, "TEXT_EQ", "second")])
    rules = [{"booleanRule": {"condition": {"values": [{"userEnteredValue": text}]}}} for text in ("second", "first")]
    fields = "sheets.conditionalFormats.booleanRule.condition.values"
    yield Step(fields=fields, expect={"sheets": [{"conditionalFormats": rules}]})
    yield Step([{"deleteConditionalFormatRule": {"sheetId": tab.sheet_id, "index": 0}}])
    yield Step(fields=fields, expect={"sheets": [{"conditionalFormats": rules[1:]}]})


def _warning(tab: Tab) -> Generator[Step, Json, None]:
    area = tab.range(0, None, 0, 1)
    protected = {"range": area, "description": "written by the report", "warningOnly": True}
    answer = yield Step([{"addProtectedRange": {"protectedRange": protected}}])
    made = answer["replies"][0]["addProtectedRange"]["protectedRange"]
    stored = Having({**protected, "protectedRangeId": made["protectedRangeId"]})
    yield Step(fields="sheets.protectedRanges", expect={"sheets": [{"protectedRanges": [stored]}]})
    yield Step([tab.write([{"numberValue": 1}])])
    yield Step([{"deleteProtectedRange": {"protectedRangeId": made["protectedRangeId"]}}])
    yield Step(fields="sheets.protectedRanges", expect={"sheets": [{}]})


def _banding(tab: Tab) -> Generator[Step, Json, None]:
    bands = {"headerColor": {"red": 1}, "firstBandColor": {"green": 1}, "secondBandColor": {"blue": 1}}
    adding = {"addBanding": {"bandedRange": {"range": tab.range(0, None, 0, 2), "rowProperties": bands}}}
    answer = yield Step([adding])
    made = answer["replies"][0]["addBanding"]["bandedRange"]
    yield Step([adding], refused="already has alternating background colors")
    wider = {"bandedRangeId": made["bandedRangeId"], "range": tab.range(0, None, 0, 3)}
    yield Step([{"updateBanding": {"bandedRange": wider, "fields": "range"}}])
    stored = Having({"range": Having({"startColumnIndex": 0, "endColumnIndex": 3}), "rowProperties": Anything})
    yield Step(fields="sheets.bandedRanges", expect={"sheets": [{"bandedRanges": [stored]}]})


def _spec(tab: Tab, title: str, rows: int) -> Json:
    def source(column: int) -> Json:
        return {"sourceRange": {"sources": [tab.range(0, rows, column, column + 1)]}}

    basic = {"chartType": "COLUMN", "legendPosition": "BOTTOM_LEGEND", "headerCount": 1}
    lines = {"domains": [{"domain": source(0)}], "series": [{"series": source(1), "targetAxis": "LEFT_AXIS"}]}
    return {"title": title, "basicChart": {**basic, **lines}}


def _chart(tab: Tab) -> Generator[Step, Json, None]:
    anchor = {"sheetId": tab.sheet_id, "rowIndex": 1, "columnIndex": 2}
    position = {"overlayPosition": {"anchorCell": anchor, "widthPixels": 480, "heightPixels": 270}}
    answer = yield Step([{"addChart": {"chart": {"spec": _spec(tab, "Before", 3), "position": position}}}])
    chart_id = answer["replies"][0]["addChart"]["chart"]["chartId"]
    yield Step([{"updateChartSpec": {"chartId": chart_id, "spec": _spec(tab, "After", 4)}}])
    chart = loosely({"chartId": chart_id, "spec": _spec(tab, "After", 4), "position": position})
    answer = yield Step(fields="sheets.charts", expect={"sheets": [{"charts": [chart]}]})
    # What was read can be written.
    spec = answer["sheets"][0]["charts"][0]["spec"]
    yield Step([{"updateChartSpec": {"chartId": chart_id, "spec": spec}}])
    yield Step(fields="sheets.charts", expect={"sheets": [{"charts": [chart]}]})
    yield Step([{"insertDimension": {"range": tab.rows(1, 2), "inheritFromBefore": False}}])
    moved = loosely({"chartId": chart_id, "spec": _spec(tab, "After", 5)})
    yield Step(fields="sheets.charts", expect={"sheets": [{"charts": [moved]}]})


def _outside(tab: Tab) -> Generator[Step, Json, None]:
    anchor = {"sheetId": tab.sheet_id, "rowIndex": 0, "columnIndex": 99}
    chart = {"spec": _spec(tab, "x", 3), "position": {"overlayPosition": {"anchorCell": anchor}}}
    yield Step([{"addChart": {"chart": chart}}], refused="Invalid requests[0].addChart")


def _formats(tab: Tab) -> Generator[Step, Json, None]:
    looks = {"numberFormat": {"type": "NUMBER", "pattern": "#,##0"}, "textFormat": {"bold": True}}
    cell = {"userEnteredFormat": looks, "note": "n"}
    whole = {"range": tab.range(0, 2, 0, 1), "cell": cell, "fields": "userEnteredFormat,note"}
    yield Step([{"repeatCell": whole}, tab.write([{"numberValue": 1234}])])
    shown = {"formattedValue": "1,234", "note": "n", "userEnteredFormat": looks}
    fields = "sheets.data.rowData.values(formattedValue,note,userEnteredFormat)"
    yield Step(
        fields=fields, ranges=[tab.a1("A1")], expect={"sheets": [{"data": [{"rowData": [{"values": [shown]}]}]}]}
    )
    insert = {"insertDimension": {"range": tab.rows(1, 2), "inheritFromBefore": True}}
    yield Step([insert])
    inherited = {"userEnteredFormat": looks, "note": Absent, "formattedValue": Absent}
    data = {"sheets": [{"data": [{"startRow": 1, "rowData": [{"values": [inherited]}]}]}]}
    yield Step(fields=f"sheets.data.startRow,{fields}", ranges=[tab.a1("A2")], expect=data)


LOOKS = (
    Fact("A rule without an end stays without", "Rows added at the end are not coloured.", _open),
    Fact("A rule compares with half by a formula in any locale", "Formatting of a tab is refused.", _half),
    Fact("A rule at index 0 comes before the others", "Of two colours the wrong one is seen.", _order),
    Fact("A protection that only warns stops no write", "The report can't write into its own columns.", _warning),
    Fact("A banded range can be widened, and not doubled", "New columns have no bands, or formatting fails.", _banding),
    Fact("A chart can be given what was read of it", "Charts that people changed are reset, or not updated.", _chart),
    Fact("A chart must be anchored within the grid", "Charts beside a narrow Overview fail in another way.", _outside),
    Fact(
        "Values leave formats and notes, and new rows inherit formats", "New rows are shown as plain numbers.", _formats
    ),
)
