from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from tests.emulators.sheets import numbers, references, typed
from tests.emulators.sheets.engine import Calculator
from tests.emulators.sheets.formulas import CellError
from tests.emulators.sheets.service import running
from tests.emulators.sheets.view import View
from tests.support.clocks import ManualClock

from .book import Book, Json, area, create, rows

TODAY = datetime(2026, 11, 23)  # noqa: DTZ001 - serial dates have no time zone


@pytest.mark.parametrize(
    ("entered", "stored"),
    [
        ("=sum( s!a3:a3 )", "=sum( S!A3 )"),
        ("=B3:A2", "=A2:B3"),
        ("='S'!a1", "=S!A1"),
        ("= 1 / 1024", "= 1 / 1024"),
        ('="a1:B2"&a1', '="a1:B2"&A1'),
        ("=log10(a1)+tax1rate", "=log10(A1)+tax1rate"),
        ("=$a$1+a:b+2:1", "=$A$1+A:B+1:2"),
        ("=A2:a", "=A2:A"),
    ],
)
def test_references_are_normalised(book: Book, entered: str, stored: str) -> None:
    """Formulas keep case and spaces; references are written in their normal form, text in quotes is left alone."""
    book.write("C9", [[entered]], "USER_ENTERED")
    assert book.formulas("C9") == [[stored]]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=SUM(A1:A3)", 6),
        ("=SUM(A:A)", 6),
        ("=SUM(A2:A)", 5),
        ('=SUMIF(B1:B3,"x",A1:A3)', 4),
        ('=XLOOKUP("y",B1:B3,A1:A3)', 2),
        ("=VLOOKUP(2,A1:B3,2,FALSE)", "y"),
        ("=INDEX(B1:B3,MATCH(3,A1:A3,0))", "x"),
        ('=IF(A1>1,"big","small")', "small"),
        ('=IFERROR(1/0,"none")', "none"),
        ('=A1&" of "&A3', "1 of 3"),
        ("=ROUND(A3/A2,1)*2%", 0.03),
        ("=Data*2", 12),
        ("=T!A1+1", 8),
        ("=EOMONTH(DATE(2026,11,23),0)", 46356),
        ('=COUNTIFS(B1:B3,"x",A1:A3,">1")', 1),
        ("=TODAY()", 46349),
    ],
)
def test_what_people_put_beside_a_report_is_evaluated(book: Book, formula: str, value: Any) -> None:
    """Sums, look-ups, conditions, texts, names and other tabs come to what Sheets gives."""
    whole = {"startRowIndex": 0, "endRowIndex": 3, "startColumnIndex": 0, "endColumnIndex": 1}
    formula = formula.replace("Data*2", "SUM(Data)*2")
    book.batch(
        {"addSheet": {"properties": {"title": "T"}}},
        {"addNamedRange": {"namedRange": {"name": "Data", "range": whole}}},
    )
    book.write("A1", [[1, "x"], [2, "y"], [3, "x"]])
    book.write("T!A1", [[7]])
    book.write("D1", [[formula]], "USER_ENTERED")
    assert book.values("D1", valueRenderOption="UNFORMATTED_VALUE") == [[value]]


@pytest.mark.parametrize("formula", ["=ARRAYFORMULA(LEN(A1:A3))", '=QUERY(A1:B2,"select A")', "=GOOGLEFINANCE(1)"])
def test_what_cannot_be_evaluated_is_never_a_wrong_number(book: Book, formula: str) -> None:
    """A function that only Sheets has shows #N/A here."""
    book.write("D9", [[formula]], "USER_ENTERED")
    assert book.values("D9") == [["#N/A"]]


def test_values_follow_changes(book: Book) -> None:
    """A result is worked out anew when what it needs changes, whoever changes it."""
    book.write("A1", [[1, "=A1*2"]], "USER_ENTERED")
    assert book.values("B1") == [["2"]]
    book.write("A1", [[5]])
    assert book.values("B1") == [["10"]]
    book.batch({"insertDimension": {"range": {"dimension": "ROWS", "startIndex": 0, "endIndex": 1}}})
    book.write("A2", [[6]])
    assert book.values("B2") == [["12"]]
    book.write("B2", [["text"]])
    assert book.values("B2") == [["text"]]


def test_the_day_is_that_of_the_services_clock() -> None:
    """TODAY, dates without a year and relative dates go by the clock that the service was given, past midnight too."""
    clock = ManualClock(datetime(2027, 12, 31, 23, 59, 30, tzinfo=UTC))
    with running(clock=clock) as service, create(service) as book:
        book.write("A1", [["=TODAY()", "1/1", "=TODAY()+1"]], "USER_ENTERED")
        book.batch(_bold_where({"type": "DATE_EQ", "values": [{"relativeDate": "TOMORROW"}]}))
        assert _seen_in_row(book) == [(46752, False), (46388, False), (46753, True)]
        clock.advance(60)
        book.write("B1", [["1/2"]], "USER_ENTERED")
        assert _seen_in_row(book) == [(46753, False), (46754, True), (46754, True)]


def test_a_new_day_needs_no_change() -> None:
    """What was worked out yesterday is worked out again today, though nobody has changed anything."""
    clock = ManualClock(datetime(2028, 2, 28, 23, 59, 30, tzinfo=UTC))
    with running(clock=clock) as service, create(service) as book:
        book.write("A1", [["=TODAY()"]], "USER_ENTERED")
        assert book.values("A1") == [["2/28/2028"]]
        clock.advance(60)
        assert book.values("A1") == [["2/29/2028"]]


def _bold_where(condition: Json) -> Json:
    rule = {
        "ranges": [area(0, 1, 0, 3)],
        "booleanRule": {"condition": condition, "format": {"textFormat": {"bold": True}}},
    }
    return {"addConditionalFormatRule": {"rule": rule}}


def _seen_in_row(book: Book) -> list[tuple[float, bool]]:
    """Give the number in each cell of the first row, and whether it is bold."""
    cells = book.tab(ranges="A1:C1", includeGridData=True)["data"][0]["rowData"][0]["values"]
    return [(cell["effectiveValue"]["numberValue"], cell["effectiveFormat"]["textFormat"]["bold"]) for cell in cells]


def test_arrays_fill_the_cells_beside_them(book: Book) -> None:
    """The results of an array formula are seen, though nothing was entered where they are."""
    book.write("A1", [["b"], ["a"], ["b"]])
    book.write("C1", [["=UNIQUE(A1:A3)"]], "USER_ENTERED")
    assert book.values("C1:C3") == [["b"], ["a"]]
    assert book.formulas("C1:C3")[0] == ["=UNIQUE(A1:A3)"]


def test_sparklines_have_no_value(book: Book) -> None:
    """SPARKLINE is drawn and reads as nothing."""
    book.write("A1", [[1, 2, "=SPARKLINE(A1:B1)"]], "USER_ENTERED")
    assert book.values("A1:C1") == [["1", "2", ""]]
    assert book.formulas("C1") == [["=SPARKLINE(A1:B1)"]]


def test_cycles_are_errors(book: Book) -> None:
    """A formula that needs itself is a #REF!, and its neighbours are unharmed."""
    book.write("A1", [["=A1+1", "=1+1", "=D1", "=C1", "=nope+1"]], "USER_ENTERED")
    assert book.values("A1:E1") == [["#REF!", "2", "#REF!", "#REF!", "#NAME?"]]


@pytest.mark.parametrize(("broken", "shown"), [("=SUM(", "#VALUE!"), ("=A1+1", "#REF!"), ("=Foo()", "#NAME?")])
def test_what_needs_a_broken_formula_is_broken_too(book: Book, broken: str, shown: str) -> None:
    """A formula that replaces a number and can't be evaluated never leaves the old number in what depends on it."""
    book.write("A1", [[5, "=SUM(A1:A1)+1"]], "USER_ENTERED")
    assert book.values("B1") == [["6"]]
    book.write("A1", [[broken]], "USER_ENTERED")
    assert book.values("B1") == [[shown]]


@pytest.mark.parametrize(
    ("down", "right", "expected"),
    [
        (1, 1, "=B2+$A$1+$A2+B$1+S!B2+SUM(B2:C3)"),
        (-1, 0, "=#REF!+$A$1+#REF!+A$1+S!#REF!+SUM(#REF!)"),
    ],
)
def test_relative_references_shift(down: int, right: int, expected: str) -> None:
    """Copied formulas keep what a dollar fixes; what falls off the grid is #REF!."""
    assert references.offset("=A1+$A$1+$A1+A$1+S!A1+SUM(A1:B2)", down, right) == expected


@pytest.mark.parametrize(
    ("value", "pattern", "shown"),
    [
        (1234.5, "#,##0.00", "1,234.50"),
        (0.1234, "0.0%", "12.3%"),
        (-5, "0;(0)", "(5)"),
        (-5, "+0;-0;0", "-5"),
        (5, "+0;-0;0", "+5"),
        (0, '0;-0;"none"', "none"),
        (-0.001, "0.0", "0.0"),
        (1_500_000, '0.0,,"M"', "1.5M"),
        (3.14159, "0.00E+00", "3.14E+00"),
        (0.5, "0.0##", "0.5"),
        (2.675, "0.00", "2.68"),
        (45004.75, "m/d/yyyy h:mm am/pm", "3/19/2023 6:00 PM"),
        (45004.75, "dddd, d mmmm yyyy hh:mm:ss", "Sunday, 19 March 2023 18:00:00"),
        (45004.5001, "yyyy-mm-dd hh:mm", "2023-03-19 12:00"),
        (2.5, "[h]:mm", "60:00"),
        (5, '"$"#,##0', "$5"),
        (5, "[red]0", "5"),
        (5, "@", "5"),
    ],
)
def test_number_formats(value: float, pattern: str, shown: str) -> None:
    """Patterns show numbers, dates and durations as the guide says."""
    assert numbers.show(value, {"type": "NUMBER", "pattern": pattern}) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (123, "123"),
        (-0.5, "-0.5"),
        (1 / 3, "0.3333333333"),
        (12345.678901234, "12345.6789"),
        (1e15, "1E+15"),
        (123456789012345, "123456789012345"),
        (0.000001234, "1.234E-06"),
        (42.01, "42.01"),
    ],
)
def test_numbers_without_a_format(value: float, shown: str) -> None:
    """A plain number shows ten significant digits at most, whole ones in full."""
    assert numbers.show(value, None) == shown


@pytest.mark.parametrize(
    ("text", "value", "pattern"),
    [
        ("$100.15", 100.15, '"$"#,##0.00'),
        ("12%", 0.12, "0%"),
        ("1e3", 1000, "0.00E+00"),
        ("(5)", -5, None),
        ("-1.5", -1.5, None),
        ("1:30 PM", 0.5625, "h:mm am/pm"),
        ("2020-01-01 12:00:00", 43831.5, "yyyy-mm-dd h:mm:ss"),
        ("1/2/2020", 43832, "m/d/yyyy"),
        ("Jan 5, 2020", 43835, "mmm d, yyyy"),
        ("1-2", 46024, "m-d"),
        ("2020-02-30", "2020-02-30", None),
        ("25:99", "25:99", None),
        ("1.2.3", "1.2.3", None),
        ("5 apples", "5 apples", None),
        ("1,23", "1,23", None),
    ],
)
def test_what_typing_makes_of_texts(text: str, value: Any, pattern: str | None) -> None:
    """Numbers, money, percentages, dates and times are read with the format they were typed in."""
    found = typed.read(text, TODAY)
    assert found.value == value
    assert (found.number_format or {}).get("pattern") == pattern


def test_an_engine_that_is_told_of_changes_agrees_with_a_fresh_one(book: Book) -> None:
    """However cells, rows and formulas change, results are those of working everything out anew."""
    random = Random(7)
    formulas = ["=A{n}+1", "=SUM(A1:C{n})", '=B{n}&"z"', '=IF(B{n}>3,1,"n")', "=UNIQUE(A1:A6)", '=COUNTIF(A:A,">2")']
    for _ in range(60):
        step = random.random()
        if step < 0.7:
            entered = random.choice([str(random.randint(0, 9)), "x", "", random.choice(formulas)])
            place = f"{random.choice('ABCDE')}{random.randint(1, 10)}"
            book.write(place, [[entered.replace("{n}", str(random.randint(1, 9)))]], "USER_ENTERED")
        elif step < 0.8:
            top = random.randint(0, 8)
            book.batch({"insertDimension": {"range": rows(top, top + 1)}}, {"deleteDimension": {"range": rows(12, 13)}})
        elif step < 0.9:
            specs = [{"dimensionIndex": random.randint(0, 3)}]
            book.batch({"sortRange": {"range": area(0, 9, 0, 4), "sortSpecs": specs}})
        else:
            book.batch({"moveDimension": {"source": rows(1, 3), "destinationIndex": random.randint(4, 9)}})
        told = book.service.store.view(book.id)
        fresh = View(told.spreadsheet, Calculator(), told.now)
        sheet = told.spreadsheet.sheets[0]
        for row in range(15):
            for column in range(6):
                ours, theirs = (_seen(view.effective(sheet, row, column)) for view in (told, fresh))
                assert ours == theirs, (row, column, sheet.grid.get(row, column).value)


def _seen(value: Any) -> Any:
    """Give a result, of an error only its kind: in a cycle the message depends on where one enters it."""
    return value.kind if isinstance(value, CellError) else value
