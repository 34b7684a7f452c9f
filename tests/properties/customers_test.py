"""The Customers tab: whatever people type, each row is a customer, a problem or blank, and the run continues."""

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

HOSTILE_TEXTS = CORPUS + HALVES
many_examples = settings(max_examples=many(50, 4000))

texts = st.sampled_from([hostile.text for hostile in HOSTILE_TEXTS]) | st.text(st.characters(exclude_categories=[]))
values = texts | st.none() | st.booleans() | st.integers() | st.floats()
cells = st.builds(Cell, values, st.none() | texts.map(lambda text: f"={text}"), st.none() | texts)
headers = st.sampled_from([*HEADER, "customer_id", " CUSTOMER  ID ", "Include", "Notes"]).map(Cell) | cells


def tab_with(rows: list[list[Cell]]) -> Tab:
    """A tab with these rows."""
    return Tab(sheet_id=1, title="Customers", row_count=1000, column_count=26, rows=rows)


def check_rows(rows: list[list[Cell]]) -> None:
    """Check that the tab yields valid customers and short problems, or one configuration error."""
    try:
        customer_list = parse(tab_with(rows))
    except ConfigurationError as error:
        customer_list, message = CustomerList(()), str(error)
        assert len(message) < 4000
    for customer in customer_list.customers:
        assert invalid_id_reason(customer.customer_id) is None
        assert not set(customer.name) & set(map(chr, [*range(32), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
        customer.name.encode()
    for problem in customer_list.problems:
        assert len(problem.detail) < 500
        assert problem.detail.isprintable()
        assert len(problem.customer_id or "") <= 129
        assert problem.row
    scope = scope_of(RunRequest(), customer_list, tuple(TenantType))
    assert {query.customer_id for query in scope.queries} <= {
        customer.customer_id for customer in customer_list.included
    }


@many_examples
@given(st.lists(headers, max_size=6), st.lists(st.lists(cells, max_size=6), max_size=6))
def test_any_cells(header: list[Cell], rows: list[list[Cell]]) -> None:
    """Any cells under any headers yield valid customers and problems, or one configuration error."""
    check_rows([header, *rows])


@many_examples
@given(st.lists(st.tuples(cells, cells, cells, cells), max_size=6))
def test_any_cells_under_valid_headers(rows: list[tuple[Cell, ...]]) -> None:
    """Any cells under valid headers yield valid customers and problems."""
    check_rows([[Cell(name) for name in HEADER], *(list(row) for row in rows)])


@pytest.mark.parametrize("hostile", chosen(CORPUS, 25) + HALVES, ids=str)
def test_each_text_in_each_column(hostile: Hostile) -> None:
    """Each text in the header or in any column of a row affects no other row."""
    for column, _ in enumerate(HEADER):
        row: list[Value] = ["c-1", "Contoso", "google", "yes"]
        row[column] = hostile.text
        rows = [[Cell(name) for name in HEADER], [Cell(value) for value in row], [Cell("c-2")]]
        check_rows(rows)
        assert "c-2" in [customer.customer_id for customer in parse(tab_with(rows)).customers]
    check_rows([[Cell(hostile.text)], [Cell("c-1")]])
    check_rows([[Cell("Customer ID"), Cell(hostile.text)], [Cell("c-1"), Cell(hostile.text)]])


def test_tab_without_a_valid_header(world: World) -> None:
    """For a tab without a valid header, the fault lists what was found, short and escaped, on the page and in JSON."""
    world.put("Customers", [[hostile.text for hostile in CORPUS if len(hostile.text) < 5000][:26], ["c-1"]])
    response = world.function.post("/")
    assert response.status_code == 500
    body: dict[str, Any] = json.loads(response.get_data())
    (fault,) = body["faults"]
    assert fault["setting"] == "CUSTOMERS_TAB"
    assert fault["wrong"].isprintable()
    assert "and 6 more" in fault["wrong"]
    page = world.function.post("/", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<script" not in page
    assert "&lt;" in page or "IMPORTDATA" in page
