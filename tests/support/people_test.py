"""People's actions do to a spreadsheet what they do in Google Sheets, and nothing else."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.emulators.sheets.service import Handle, running
from tests.emulators.sheets.tests.book import Book, create
from tests.support.clocks import ManualClock
from tests.support.people import OpenTab, Person

ROWS = [["Name", "Seats", "Theirs"], ["b", 2, "of b"], ["a", 1, "of a"], ["c", 3, "of c"]]


@pytest.fixture(scope="module")
def service() -> Iterator[Handle]:
    """One local service for all tests."""
    with running(clock=ManualClock()) as handle:
        yield handle


@pytest.fixture
def book(service: Handle) -> Iterator[Book]:
    """A spreadsheet with one tab of four rows and three columns in a grid of six rows and five columns."""
    grid = {"rowCount": 6, "columnCount": 5}
    with create(service, {"sheets": [{"properties": {"title": "S", "gridProperties": grid}}]}) as made:
        made.write("S!A1", ROWS)
        yield made


@pytest.fixture
def person(book: Book) -> Iterator[Person]:
    """A person who has it open."""
    with closing(Person(book.service, book.id)) as somebody:
        yield somebody


@pytest.fixture
def tab(person: Person) -> OpenTab:
    """Its tab, as the person sees it."""
    return person.tab("S")


def seen(book: Book) -> Any:
    """The values of the tab, numbers as numbers."""
    return book.values("S", valueRenderOption="UNFORMATTED_VALUE")


def test_the_filter_button_moves_all_columns_of_the_filter_and_nothing_outside(book: Book, tab: OpenTab) -> None:
    """Neither the header, nor the column right of the filter, nor the row below it."""
    tab.create_filter("A1:B3")
    tab.sort_by_filter(1)
    assert seen(book) == [ROWS[0], ["a", 1, "of b"], ["b", 2, "of a"], ROWS[3]]
    assert tab.filter()["sortSpecs"] == [{"dimensionIndex": 1, "sortOrder": "ASCENDING"}]


def test_sorting_with_the_filter_button_keeps_its_criteria(book: Book, tab: OpenTab) -> None:
    """What is hidden stays hidden; choosing nothing in a column's menu shows its rows again."""
    tab.create_filter("A1:C4")
    tab.filter_by(0, hidden=["c"])
    tab.sort_by_filter(1, descending=True)
    assert tab.filter()["criteria"] == {"0": {"hiddenValues": ["c"]}}
    tab.filter_by(1, condition={"type": "NUMBER_GREATER", "values": [{"userEnteredValue": "1"}]})
    tab.filter_by(0)
    assert list(tab.filter()["criteria"]) == ["1"]
    tab.remove_filter()
    assert "basicFilter" not in book.tab()


def test_what_is_typed_is_read_as_google_reads_it(book: Book, tab: OpenTab) -> None:
    """Numbers, texts with an apostrophe, formulas; None empties a cell."""
    tab.type_all({"A2": "0042", "A3": "'0042", "A4": "=1+1", (1, 2): None})
    assert [row[0] for row in seen(book)[1:]] == [42, "0042", 2]
    assert book.values("S!C2") == []


def test_pasting_past_the_edge_makes_room(book: Book, tab: OpenTab) -> None:
    """The tab grows by just as many rows and columns as the block needs."""
    tab.paste("E6", [["x", "y"], ["z", None]])
    assert book.values("S!E6:F7") == [["x", "y"], ["z"]]
    grid = book.tab()["properties"]["gridProperties"]
    assert (grid["rowCount"], grid["columnCount"]) == (7, 6)


def test_rows_and_columns_are_inserted_deleted_dragged_and_hidden(book: Book, tab: OpenTab) -> None:
    """The places are those before the action."""
    tab.insert_rows(1)
    tab.insert_columns(3, right=True)
    tab.drag_column(0, 3)
    tab.drag_row(2, 5)
    assert seen(book) == [
        ["Seats", "Theirs", "Name"],
        [],
        [1, "of a", "a"],
        [3, "of c", "c"],
        [2, "of b", "b"],
    ]
    tab.delete_rows(1, 3)
    tab.delete_columns(1)
    assert seen(book) == [["Seats", "Name"], [3, "c"], [2, "b"]]
    tab.hide_rows(1)
    tab.hide_columns(0)
    data = book.tab(includeGridData="true")["data"][0]
    assert data["rowMetadata"][1]["hiddenByUser"]
    assert data["columnMetadata"][0]["hiddenByUser"]
    tab.copy_row(2)
    assert seen(book)[2:] == [[2, "b"], [2, "b"]]


def test_tabs_headers_and_notes_are_renamed_and_written(book: Book, person: Person, tab: OpenTab) -> None:
    """Through an open tab that has been renamed, too."""
    tab.rename("T")
    tab.rename_header(1, "Zugewiesen")
    tab.note("B2", "ask Birch")
    assert book.values("T!A1:C1") == [["Name", "Zugewiesen", "Theirs"]]
    assert book.tab(includeGridData="true")["data"][0]["rowData"][1]["values"][1]["note"] == "ask Birch"
    person.set_time_zone("Pacific/Auckland")
    assert book.get()["properties"]["timeZone"] == "Pacific/Auckland"
    tab.copy()
    tab.hide()
    assert [sheet["properties"].get("hidden", False) for sheet in book.get()["sheets"]].count(True) == 1
    tab.delete()
    assert [sheet["properties"]["title"] for sheet in book.get()["sheets"]] == ["Copy of T"]


def test_a_comment_follows_its_cell(person: Person, tab: OpenTab) -> None:
    """It is on the cell and nothing in it; undone, it is gone."""
    tab.comment("B2", "Is this right?")
    tab.insert_rows(0)
    (place,) = person.commented_cells()
    assert (place["startRowIndex"], place["startColumnIndex"]) == (2, 1)
    person.undo()
    person.undo()
    assert person.commented_cells() == []


def test_undo_puts_the_content_back_as_it_was_before_each_action(book: Book, tab: OpenTab) -> None:
    """One action after the other, a paste that makes room being one."""
    before = book.get(includeGridData="true")
    tab.type("B2", "=1+1")
    with_formula = book.get(includeGridData="true")
    tab.paste("E6", [["x", "y"], ["z", "w"]])
    tab.person.undo()
    assert book.get(includeGridData="true") == with_formula
    tab.person.undo()
    assert book.get(includeGridData="true") == before
