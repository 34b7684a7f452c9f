"""The Customers tab: whatever people do to it, each row is a customer, a problem, or blank."""

from collections.abc import Sequence
from urllib.parse import quote, unquote

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from seat_report.domain.customers import LONGEST_ID, Customer, CustomerList, invalid_id_reason
from seat_report.domain.identity import bare_id
from seat_report.domain.problems import ProblemKind
from seat_report.domain.tenants import TenantType
from seat_report.errors import ConfigurationError
from seat_report.workbook.sheets_api.snapshot import BLANK, Cell, Tab, Value
from seat_report.workbook.tabs.customers import missing_tab, parse
from tests.proof.sampling import many

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER_GUID = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

rule = settings(max_examples=many(100, 1000))


def tab_of(*rows: Sequence[Value]) -> Tab:
    """A tab with these values, its rows ending where their values do, as Google sends them."""
    cells = [[Cell(value) if value is not None else BLANK for value in row] for row in rows]
    return Tab(sheet_id=7, title="Customers", row_count=1000, column_count=26, rows=cells)


def parsed(*rows: Sequence[Value], header: Sequence[str] = ("Customer ID",)) -> CustomerList:
    """The customers in a tab with this header and these rows."""
    return parse(tab_of(header, *rows))


def ids(customer_list: CustomerList) -> list[str]:
    """The IDs of the customers, in order."""
    return [customer.customer_id for customer in customer_list.customers]


def kinds(customer_list: CustomerList) -> list[tuple[ProblemKind, int | None]]:
    """The kinds and rows of the problems, in order."""
    return [(problem.kind, problem.row) for problem in customer_list.problems]


@pytest.mark.parametrize(
    "header",
    ["Customer ID", "customer id", "CustomerId", "customer_id", "CUSTOMER ID", "  Customer \n ID ", "Customer\u00a0ID"],
)
def test_header_ignores_case_and_spacing(header: str) -> None:
    """The column of IDs is found however its header is written."""
    assert parsed(["c-1"], header=[header]).customers == (Customer("c-1", "", 2),)


@pytest.mark.parametrize("header", ["Tenant types", "tenantTypes", "TENANT_TYPES", "tenant  types"])
def test_optional_header_ignores_case_and_spacing(header: str) -> None:
    """So are the optional columns."""
    assert parsed(["c-1", "google"], header=["Customer ID", header]).customers[0].tenant_types == (TenantType.GOOGLE,)


@rule
@given(st.permutations(["Customer ID", "Customer", "Tenant types", "Include", "Notes", "", "Customer ID (old)"]))
def test_columns_in_any_order(header: list[str]) -> None:
    """The order of columns doesn't matter, and users' columns are ignored."""
    values = {"Customer ID": "c-1", "Customer": "Contoso", "Tenant types": "1", "Include": "no", "Notes": "c/2"}
    customer_list = parsed([values.get(name, "../x") for name in header], header=header)
    assert customer_list == CustomerList((Customer("c-1", "Contoso", 2, (TenantType.SALESFORCE,), is_included=False),))


def test_bare_ids() -> None:
    """Without a header, column A holds the IDs if A1 is a GUID; other columns are not read."""
    customer_list = parse(tab_of([f"\ufeff{{{GUID}}} ", "Contoso"], [], [OTHER_GUID, "no"], ["c/3"]))
    assert customer_list.customers == (Customer(GUID, "", 1), Customer(OTHER_GUID, "", 3))
    assert kinds(customer_list) == [(ProblemKind.INVALID_CUSTOMER_ID, 4)]


@pytest.mark.parametrize("first", ["contoso", GUID[:-1], f"{{{GUID}"])
def test_no_header_and_no_guid(first: str) -> None:
    """Anything else in row 1 is an error that lists the headers found, with a remedy."""
    with pytest.raises(ConfigurationError) as caught:
        parse(tab_of([first, None, "Kundennummer", "x\u0000y"], [GUID]))
    (fault,) = caught.value.faults
    assert fault.setting == "CUSTOMERS_TAB"
    assert f"'{first}', 'Kundennummer', 'x�y'" in fault.wrong
    assert "'Customers'" in fault.wrong
    assert "'Customer ID'" in fault.remedy


def test_blank_header_row() -> None:
    """Data under a blank row 1 is an error too, so that it isn't overlooked."""
    with pytest.raises(ConfigurationError, match="are: none"):
        parse(tab_of([], [GUID]))


@pytest.mark.parametrize("rows", [[], [[]], [["", None], ["  "]], [["Customer ID"]], [["Customer ID"], [], [" "]]])
def test_no_customers_listed(rows: list[list[Value]]) -> None:
    """A tab that is blank except for its header lists no customers, which is no error."""
    assert parse(tab_of(*rows)) == CustomerList(())


@pytest.mark.parametrize("name", ["Customer ID", "Customer", "Tenant types", "Include"])
def test_duplicate_header(name: str) -> None:
    """The error names the columns; which one is meant is not guessed."""
    with pytest.raises(ConfigurationError, match="columns B and D") as caught:
        parsed(["c-1"], header=["Notes", name, "Customer ID" if name != "Customer ID" else "", name.upper()])
    assert repr(name) in str(caught.value)


def test_cells_are_trimmed() -> None:
    """Space around a cell's text is ignored, and a name is put on one line."""
    customer_list = parsed(
        ["\t c-1 \n", " Contoso\n  GmbH ", "\u00a0No "], header=["Customer ID", "Customer", "Include"]
    )
    assert customer_list.customers == (Customer("c-1", "Contoso GmbH", 2, None, is_included=False),)


def test_blank_rows_are_skipped() -> None:
    """Blank rows are ignored, but a name without an ID is a notice with its row."""
    customer_list = parsed([], ["c-1"], ["", ""], [None, "Contoso"], ["c-2"], header=["Customer ID", "Customer"])
    assert [(customer.customer_id, customer.row) for customer in customer_list.customers] == [("c-1", 3), ("c-2", 6)]
    assert kinds(customer_list) == [(ProblemKind.BLANK_CUSTOMER_ID, 5)]
    assert "'Contoso'" in customer_list.problems[0].detail
    assert customer_list.unusable == 0


def test_duplicate_ids() -> None:
    """A duplicate ID is queried once, by its first row, and reported with its row; the case of a GUID is ignored."""
    customer_list = parsed(["c-1"], [GUID], [" c-1"], ["C-1"], [GUID.upper()])
    assert ids(customer_list) == ["c-1", GUID, "C-1"]
    assert kinds(customer_list) == [(ProblemKind.DUPLICATE_CUSTOMER_ID, 4), (ProblemKind.DUPLICATE_CUSTOMER_ID, 6)]
    assert "row 2" in customer_list.problems[0].detail
    assert customer_list.problems[1].customer_id == GUID.upper()
    assert customer_list.unusable == 0


@rule
@given(st.lists(st.tuples(st.none() | st.sets(st.sampled_from(TenantType)), st.booleans()), min_size=2, max_size=4))
def test_a_duplicate_adds_its_tenant_types(rows: list[tuple[set[TenantType] | None, bool]]) -> None:
    """A customer listed again is queried for the types of all rows that include it, unless its first row doesn't."""
    cells = [("c-1", ", ".join(sorted(types or ())), "yes" if included else "no") for types, included in rows]
    customer_list = parsed(*cells, header=["Customer ID", "Tenant types", "Include"])
    (customer,) = customer_list.customers
    assert [kind for kind, _ in kinds(customer_list)] == [ProblemKind.DUPLICATE_CUSTOMER_ID] * (len(rows) - 1)
    assert customer.is_included is rows[0][1]
    if customer.is_included:
        added = [set(types or TenantType) for types, included in rows if included]
        assert set(customer.tenant_types or TenantType) == set().union(*added)


IMPOSSIBLE: list[Value] = [
    "two words",
    "a\tb",
    "line\nbreak",
    "no\u00a0break",
    "\u2003wide\u2003space\u2003",
    "zero\u200bwidth",
    "turned\u202earound",
    "be\u0007ll",
    "half\ud800pair",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a%2Fb",
    ".",
    "..",
    "../a",
    "a..b",
    "%2e%2e",
    "https://example.com",
    "#REF",
    "x" * 129,
    True,
    1.5,
    -1,
    2**53,
    1e300,
    float("inf"),
    float("nan"),
]


@pytest.mark.parametrize("value", IMPOSSIBLE, ids=ascii)
def test_impossible_ids(value: Value) -> None:
    """Text that can't be an ID is a problem with its row and a remedy, and no customer."""
    customer_list = parsed(["c-1"], [value], ["c-2"])
    assert ids(customer_list) == ["c-1", "c-2"]
    assert kinds(customer_list) == [(ProblemKind.INVALID_CUSTOMER_ID, 3)]
    assert customer_list.unusable == 1
    (problem,) = customer_list.problems
    assert "again." in problem.detail
    assert problem.customer_id
    assert problem.customer_id.isprintable()
    assert len(problem.customer_id) <= LONGEST_ID + 1


@pytest.mark.parametrize(
    ("value", "customer_id"),
    [
        (GUID, GUID),
        ("x" * 128, "x" * 128),
        ("a.b-c_d~e", "a.b-c_d~e"),
        ("=1+1", "=1+1"),
        ("'quoted'", "'quoted'"),
        ("a:b@c;d,e&f+g", "a:b@c;d,e&f+g"),
        ("Müller", "Müller"),
        ("客户", "客户"),
        (42, "42"),
        (42.0, "42"),
        (0, "0"),
        (2**53 - 1, "9007199254740991"),
    ],
)
def test_possible_ids(value: Value, customer_id: str) -> None:
    """Unusual but possible IDs are used as they are; an integer without its decimal point."""
    assert ids(parsed([value])) == [customer_id]


def test_a_name_is_one_printable_line() -> None:
    """Characters that can't be written, or that change the direction of the text around them, are dropped."""
    customer_list = parsed(["c-1", "\u202eCon\x07toso\r\n AG\ud800"], header=["Customer ID", "Customer"])
    assert customer_list.customers[0].name == "Con toso AG\ufffd"


def test_errors_list_a_limited_number_of_names() -> None:
    """However many tabs or columns there are."""
    message = str(missing_tab("Clients", [f"Tab {number}" for number in range(500)]))
    assert message.startswith("CUSTOMERS_TAB: there is no tab 'Clients'; ")
    assert message.endswith("'Tab 19', and 480 more. Correct the title")
    assert str(missing_tab("Clients", [f"Tab {number}" for number in range(20)])).endswith(
        "'Tab 19'. Correct the title"
    )
    with pytest.raises(ConfigurationError, match="columns A and B of tab") as raised:
        parsed(header=["Customer ID"] * 500)
    assert len(str(raised.value)) < 200


nasty = st.text(st.sampled_from("./\\%?#;&=:@ \t\u00a0\u200b2eEfF~aé客\u0301😀\x00\x7f\ud800"), max_size=12)
any_text = st.text(st.characters(exclude_categories=[]), max_size=140)


@rule
@given(nasty | any_text)
def test_an_id_is_one_segment_of_a_url(text: str) -> None:
    """Any text is either refused as an ID, or is exactly one segment of the URL that is sent and can be decoded."""
    cell = Cell(text)
    if not cell.text or invalid_id_reason(cell.text) is not None:
        return
    assert 1 <= len(cell.text) <= LONGEST_ID
    url = f"https://api.example.com/customers/{quote(cell.text, safe='')}/seats/0"
    # requests resolves dot segments as it prepares the URL.
    sent = requests.Request("GET", url).prepare().url or ""
    path, *segments = sent.removeprefix("https://").split("/")
    assert path == "api.example.com"
    assert [unquote(segment) for segment in segments] == ["customers", cell.text, "seats", "0"]


@pytest.mark.parametrize(
    ("value", "included"),
    [
        ("no", False),
        ("NO", False),
        ("False", False),
        (False, False),
        ("0", False),
        (0, False),
        (0.0, False),
        (None, True),
        ("", True),
        ("yes", True),
        (True, True),
        (1, True),
        ("not yet known", True),
    ],
)
def test_include(value: Value, included: bool) -> None:
    """Only a clear no excludes a customer, which is still listed."""
    customer_list = parsed(["c-1", value], ["c-2"], header=["Customer ID", "Include"])
    assert ids(customer_list) == ["c-1", "c-2"]
    assert [customer.customer_id for customer in customer_list.included] == (["c-1"] if included else []) + ["c-2"]


@pytest.mark.parametrize(
    ("value", "types"),
    [
        (None, None),
        (" , ", None),
        ("google", (TenantType.GOOGLE,)),
        (0, (TenantType.MICROSOFT_365,)),
        (3.0, (TenantType.DYNAMICS_365,)),
        ("Google; Microsoft 365", (TenantType.MICROSOFT_365, TenantType.GOOGLE)),
        ("3\n0, 3", (TenantType.MICROSOFT_365, TenantType.DYNAMICS_365)),
    ],
)
def test_tenant_types(value: Value, types: tuple[TenantType, ...] | None) -> None:
    """A customer is limited to the types named, each once and in our order; without any it is not limited."""
    customer_list = parsed(["c-1", value], header=["Customer ID", "Tenant types"])
    assert customer_list.customers[0].tenant_types == types
    assert customer_list.problems == ()


@pytest.mark.parametrize("value", ["sharepoint", "google, 7", True, 1.5])
def test_unknown_tenant_types(value: Value) -> None:
    """An unknown type is a problem with its row; the customer is still queried, for every type."""
    customer_list = parsed(["c-1", value], header=["Customer ID", "Tenant types"])
    assert customer_list.customers == (Customer("c-1", "", 2, None),)
    assert kinds(customer_list) == [(ProblemKind.INVALID_TENANT_TYPES, 2)]
    assert "use one or more of Microsoft 365, Salesforce" in customer_list.problems[0].detail
    assert customer_list.unusable == 0


def test_error_in_a_cell() -> None:
    """A formula's error in place of an ID is a problem with its row, not a customer of that name."""
    tab = tab_of(["Customer ID"])
    tab.rows.append([Cell("#N/A", formula="=VLOOKUP(A1;B:C;2)")])
    assert kinds(parse(tab)) == [(ProblemKind.INVALID_CUSTOMER_ID, 2)]


cell_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), nasty, any_text, st.sampled_from([GUID, GUID.upper(), "c-1"])
)


@rule
@given(st.lists(st.lists(cell_values, max_size=4), max_size=8))
def test_any_content_is_accounted_for(rows: list[list[Value]]) -> None:
    """Whatever people type, every row with an ID is exactly one of customer, duplicate and problem."""
    customer_list = parsed(*rows, header=["Customer ID", "Customer", "Tenant types", "Include"])
    with_id = [index + 2 for index, row in enumerate(rows) if row and bare_id(Cell(row[0]).text)]
    invalid, duplicate = ProblemKind.INVALID_CUSTOMER_ID, ProblemKind.DUPLICATE_CUSTOMER_ID
    reported = [problem.row for problem in customer_list.problems if problem.kind in (invalid, duplicate)]
    assert sorted([customer.row for customer in customer_list.customers] + [row for row in reported if row]) == with_id
    assert customer_list.unusable == sum(problem.kind is invalid for problem in customer_list.problems)
    assert all(invalid_id_reason(customer.customer_id) is None for customer in customer_list.customers)
    assert all(len(problem.detail) < 500 for problem in customer_list.problems)


@pytest.mark.parametrize(
    ("rows", "detail"),
    [
        ([("", "yes"), ("", "yes")], "Duplicate of row 2; counted once."),
        ([("Google", "yes"), ("Google", "yes")], "Duplicate of row 2; counted once."),
        (
            [("Google", "yes"), ("Salesforce", "yes")],
            "Duplicate of row 2; counted once, with the tenant types of both rows.",
        ),
        ([("Google", "no"), ("Salesforce", "yes")], "Duplicate of row 2; counted once."),
        ([("Google", "yes"), ("Salesforce", "no")], "Duplicate of row 2; counted once."),
        ([("Google", "no"), ("Google", "yes")], "Duplicate of row 2; counted once."),
    ],
)
def test_what_is_said_of_a_duplicate(rows: list[tuple[str, str]], detail: str) -> None:
    """Tenant types are mentioned only where those of the second row are added."""
    cells = [("c-1", types, include) for types, include in rows]
    (problem,) = parsed(*cells, header=["Customer ID", "Tenant types", "Include"]).problems
    assert problem.detail == detail
