from __future__ import annotations

from typing import Any

import pytest

from tests.emulators.sheets import calls, looks

from .book import Book

Json = dict[str, Any]


def cell(book: Book, place: str) -> Json:
    """Give a cell with everything."""
    data = book.tab(ranges=f"S!{place}", includeGridData="true")["data"][0]
    found: Json = data.get("rowData", [{}])[0].get("values", [{}])[0]
    return found


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("=ARRAYFORMULA(A1:A3*2)", [[2], [4], [6]]),
        ('=ARRAYFORMULA(IF(A1:A3>1,B1:B3&"!",""))', [[""], ["a!"], ["c!"]]),
        ("=ARRAYFORMULA(SUM(A1:A3)*A1:A3)", [[6], [12], [18]]),
        ("=UNIQUE(C1:C3)", [["x"], [""]]),
        ("=SEQUENCE(2,2)", [[1, 2], [3, 4]]),
        ("=FILTER(A1:B3,A1:A3>1)", [[2, "a"], [3, "c"]]),
        ('=FILTER(A1:B3,A1:A3>1,B1:B3="c")', [[3, "c"]]),
        ("=FILTER(A1:A3,A1:A3>9)", [["#N/A (No matches are found in FILTER evaluation.)"]]),
        ("=SORT(A1:B3,2,TRUE)", [[2, "a"], [1, "b"], [3, "c"]]),
        ("=SORT(A1:B3,1,FALSE)", [[3, "c"], [2, "a"], [1, "b"]]),
        ("=SORT(A1:B3,B1:B3,FALSE)", [[3, "c"], [1, "b"], [2, "a"]]),
        ("=SORT(D1:E3,1,FALSE,2,TRUE)", [[2, "a"], [2, "b"], [1, "c"]]),
        ("=SORT(FILTER(A1:B3,A1:A3>1),1,FALSE)", [[3, "c"], [2, "a"]]),
        ("={A1:A2,B1:B2}", [[1, "b"], [2, "a"]]),
        ("={A1:A2;9}", [[1], [2], [9]]),
    ],
)
def test_arrays_come_to_what_sheets_gives(book: Book, formula: str, expected: Any) -> None:
    """Arguments are those of Sheets, and blank cells stay blank in an array."""
    book.write("A1", [[1, "b", "x", 2, "b"], [2, "a", None, 1, "c"], [3, "c", None, 2, "a"]])
    book.write("G1", [[formula]], "USER_ENTERED")
    shown = book.values("G1:H4", valueRenderOption="UNFORMATTED_VALUE")
    while expected and not any(value != "" for value in expected[-1]) and len(shown) < len(expected):
        expected = expected[:-1]
    assert shown == expected


def test_an_open_range_in_an_array_ends_with_the_tab(book: Book) -> None:
    """What is worked out for each cell of an open range is as long as the tab."""
    book.write("A1", [["h"], [1], [2]])
    book.write("B2", [["=ARRAYFORMULA(A2:A*2)"]], "USER_ENTERED")
    shown = book.values("B:B")
    assert (len(shown), shown[1:4], shown[-1]) == (1000, [["2"], ["4"], ["0"]], ["0"])
    book.write("C3", [["=ARRAYFORMULA(A2:A*2)"]], "USER_ENTERED")
    assert cell(book, "C3")["effectiveValue"]["errorValue"] == {
        "type": "REF",
        "message": "Result was not automatically expanded, please insert more rows (1).",
    }


def test_filled_cells_have_a_value_that_nobody_entered(book: Book) -> None:
    """They have an effectiveValue alone; writing into one breaks the formula until it is cleared."""
    book.write("A1", [["=SEQUENCE(3)"]], "USER_ENTERED")
    filled = cell(book, "A2")
    assert filled["effectiveValue"] == {"numberValue": 2}
    assert filled["formattedValue"] == "2"
    assert "userEnteredValue" not in filled
    book.write("A3", [["mine"]])
    assert book.values("A1:A3") == [["#REF!"], [], ["mine"]]
    message = "Array result was not expanded because it would overwrite data in A3."
    assert cell(book, "A1")["effectiveValue"]["errorValue"] == {"type": "REF", "message": message}
    book.write("A3", [[""]])
    assert book.values("A1:A3") == [["1"], ["2"], ["3"]]


@pytest.mark.parametrize(
    "formula",
    [
        '=VLOOKUP("k",A1:B2,2,FALSE)',
        "=INDEX(B1:B2,1)",
        '=XLOOKUP("k",A1:A2,B1:B2)',
        '=IFERROR(VLOOKUP("k",A1:B2,2,FALSE),"")',
        "=IF(TRUE,B1,1)",
        "=B1",
        "=D1",
        '=""',
    ],
)
def test_a_formula_that_comes_to_nothing_has_no_value(book: Book, formula: str) -> None:
    """A look-up of a blank cell is blank, and so is an empty text."""
    book.write("A1", [["k"], ["z", 0]])
    book.write("D1", [["=B1"]], "USER_ENTERED")
    book.write("E1", [[formula]], "USER_ENTERED")
    found = cell(book, "E1")
    assert (found.get("effectiveValue"), found.get("formattedValue")) == (None, None)
    assert book.values("E1") == [[""]]


def test_a_look_up_of_zero_is_zero(book: Book) -> None:
    """Only a blank cell is blank."""
    book.write("A1", [["k", 0]])
    book.write("E1", [['=VLOOKUP("k",A1:B2,2,FALSE)', "=B1", "=INDEX(B1:B2,1)", "=C1*2"]], "USER_ENTERED")
    assert book.values("E1:H1") == [["0", "0", "0", "0"]]


@pytest.mark.parametrize(
    ("formula", "shown", "number_format"),
    [
        ("=A1", "3/19/2023", {"type": "DATE"}),
        ("=A1+1", "3/20/2023", {"type": "DATE"}),
        ("=A2", "2023-03-19", {"type": "DATE", "pattern": "yyyy-mm-dd"}),
        ("=A1-A2", "0", None),
        ("=A3", "$5.50", {"type": "CURRENCY", "pattern": '"$"#,##0.00'}),
        ("=SUM(A3:A3)", "$5.50", {"type": "CURRENCY", "pattern": '"$"#,##0.00'}),
        ("=A4", "3/19/2023", {"type": "DATE"}),
        ("=S!A1", "3/19/2023", {"type": "DATE"}),
        ("=DATE(2023,3,19)+1", "3/20/2023", {"type": "DATE"}),
        ("=YEAR(A1)", "2023", None),
        ("=A1*1", "45004", None),
        ("=DATE(2023,3,19)-DATE(2023,3,18)", "1", None),
    ],
)
def test_results_are_shown_like_what_they_come_from(
    book: Book, formula: str, shown: str, number_format: Json | None
) -> None:
    """A date stays a date by reference, in the format of the cell it is taken from."""
    book.write("A1", [["=DATE(2023,3,19)"], ["2023-03-19"], ["$5.50"], ["=A1"]], "USER_ENTERED")
    book.write("C1", [[formula]], "USER_ENTERED")
    found = cell(book, "C1")
    assert found["formattedValue"] == shown
    assert found["effectiveFormat"].get("numberFormat") == number_format
    assert "userEnteredFormat" not in found


@pytest.mark.parametrize(
    "formula", ['=HYPERLINK("https://example.com/1","here")', '=HYPERLINK("https://example.com/"&A1,"here")']
)
def test_hyperlinks_look_like_links(book: Book, formula: str) -> None:
    """HYPERLINK gives its cell an address and the look of a link."""
    book.write("A1", [[1, formula]], "USER_ENTERED")
    found = cell(book, "B1")
    assert (found["hyperlink"], found["formattedValue"]) == ("https://example.com/1", "here")
    assert found["effectiveFormat"]["hyperlinkDisplayType"] == "LINKED"
    text_format = found["effectiveFormat"]["textFormat"]
    assert text_format["underline"] is True
    assert text_format["link"] == {"uri": "https://example.com/1"}
    assert text_format["foregroundColorStyle"] == {"themeColor": "LINK"}
    assert "userEnteredFormat" not in found


def test_what_is_imported_loads_and_fails(book: Book) -> None:
    """IMPORTRANGE reads as loading once, and then as an error, as nothing is connected."""
    book.write("A1", [['=IMPORTRANGE("x","y")', "=A1"]], "USER_ENTERED")
    assert cell(book, "A1")["effectiveValue"]["errorValue"]["type"] == "LOADING"
    assert cell(book, "A1")["effectiveValue"]["errorValue"] == {
        "type": "REF",
        "message": "You need to connect these sheets.",
    }
    assert book.values("A1:B1") == [["#REF!", "#REF!"]]
    book.write("A2", [['=IMPORTDATA("x")']], "USER_ENTERED")
    assert [book.values("A2"), book.values("A2")] == [[["Loading..."]], [["#N/A"]]]


@pytest.mark.parametrize(
    ("formula", "call"),
    [
        ('=F(1,"a,(b",{1,2},G(3,4))', ("F", ("1", '"a,(b"', "{1,2}", "G(3,4)"), 25)),
        ("=F()", ("F", (), 4)),
        ("=F(1", ("F", ("1",), 4)),
        ("=A1", None),
    ],
)
def test_calls_end_where_their_bracket_closes(formula: str, call: Any) -> None:
    """Commas in texts, arrays and inner calls part nothing."""
    assert calls.call_at(formula, 1) == call


def test_only_sums_take_over_a_format() -> None:
    """Products, texts and comparisons have none."""
    for formula in ("=A1*2", "=A1&B1", "=A1>1", "=(A1)", "=", "=A1 A2"):
        assert looks.terms(formula) == ()
    assert [term.is_negative for term in looks.terms("=-A1 + $B$2 - 3")] == [True, False, True]
