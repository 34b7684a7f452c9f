"""The Customers tab: whatever its editors type, each row is a customer, a problem or blank, and the run goes on."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.domain.customers import CustomerList, invalid_id_reason
from seat_report.domain.scope import RunRequest, scope_of
from seat_report.domain.tenants import TenantType
from seat_report.errors import ConfigurationError
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tabs.customers import parse
from tests.proof.sampling import chosen, many
from tests.properties.corpus import CORPUS, HALVES, Hostile
from tests.properties.journey import HEADER
from tests.support.world import World

EVERYTHING = CORPUS + HALVES
unhurried = settings(max_examples=many(100, 4000))

texts = st.sampled_from([one.text for one in EVERYTHING]) | st.text(st.characters(exclude_categories=[]))
values = texts | st.none() | st.booleans() | st.integers() | st.floats()
cells = st.builds(Cell, values, st.none() | texts.map(lambda text: f"={text}"), st.none() | texts)
headers = st.sampled_from([*HEADER, "customer_id", " CUSTOMER  ID ", "Include", "Notes"]).map(Cell) | cells


def tab(rows: list[list[Cell]]) -> Tab:
    """A tab that holds these rows."""
    return Tab(sheet_id=1, title="Customers", row_count=1000, column_count=26, rows=rows)


def check(rows: list[list[Cell]]) -> None:
    """The tab comes to customers and problems that can be told, or to one fault of the settings."""
    try:
        found = parse(tab(rows))
    except ConfigurationError as error:
        found, told = CustomerList(()), str(error)
        assert len(told) < 4000
    for customer in found.customers:
        assert invalid_id_reason(customer.customer_id) is None
        assert not set(customer.name) & set(map(chr, [*range(32), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
        customer.name.encode()
    for problem in found.problems:
        assert len(problem.detail) < 500
        assert problem.detail.isprintable()
        assert len(problem.customer_id or "") <= 129
        assert problem.row
    scope = scope_of(RunRequest(), found, tuple(TenantType))
    assert {query.customer_id for query in scope.queries} <= {customer.customer_id for customer in found.included}


@unhurried
@given(st.lists(headers, max_size=6), st.lists(st.lists(cells, max_size=6), max_size=6))
def test_whatever_stands_there(header: list[Cell], rows: list[list[Cell]]) -> None:
    """Any cells under any headers come to customers and problems that can be told, or to one fault."""
    check([header, *rows])


@unhurried
@given(st.lists(st.tuples(cells, cells, cells, cells), max_size=6))
def test_whatever_stands_under_our_headers(rows: list[tuple[Cell, ...]]) -> None:
    """Any cells under our headers come to customers and problems that can be told."""
    check([[Cell(name) for name in HEADER], *(list(row) for row in rows)])


@pytest.mark.parametrize("hostile", chosen(CORPUS, 50) + HALVES, ids=str)
def test_each_text_in_each_place(hostile: Hostile) -> None:
    """Each text in the header, or in any column of a row, spoils no other row."""
    for column, _ in enumerate(HEADER):
        row: list[Value] = ["c-1", "Contoso", "google", "yes"]
        row[column] = hostile.text
        rows = [[Cell(name) for name in HEADER], [Cell(value) for value in row], [Cell("c-2")]]
        check(rows)
        assert "c-2" in [customer.customer_id for customer in parse(tab(rows)).customers]
    check([[Cell(hostile.text)], [Cell("c-1")]])
    check([[Cell("Customer ID"), Cell(hostile.text)], [Cell("c-1"), Cell(hostile.text)]])


def test_a_tab_that_is_no_list(world: World) -> None:
    """A tab whose header is lost names what it found instead, short and harmless, as a page and in JSON."""
    world.put("Customers", [[one.text for one in CORPUS if len(one.text) < 5000][:26], ["c-1"]])
    answer = world.function.post("/")
    assert answer.status_code == 500
    body: dict[str, Any] = json.loads(answer.get_data())
    (fault,) = body["faults"]
    assert fault["setting"] == "CUSTOMERS_TAB"
    assert fault["wrong"].isprintable()
    assert "and 6 more" in fault["wrong"]
    page = world.function.post("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<script" not in page
    assert "&lt;" in page or "IMPORTDATA" in page
