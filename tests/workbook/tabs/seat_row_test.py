"""Reading rows of the Seat Report: their status, their key, and whether their numbers count."""

from collections.abc import Mapping

import pytest

from seat_report.domain.scope import Scope
from seat_report.domain.tenants import Status, TenantKey, TenantRow, TenantType
from seat_report.workbook.sheets_api.snapshot import Cell, Tab, Value
from seat_report.workbook.tables.observed import ObservedRow, ObservedTable
from seat_report.workbook.tabs import seat_report
from seat_report.workbook.tabs.row_states import RowStates
from seat_report.workbook.tabs.seat_row import (
    LOST_KEY,
    is_in_month,
    is_result,
    is_surely_in_scope,
    key_of,
    read_tenant_row,
    status_of,
)

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def row(**texts: str) -> ObservedRow:
    """A row of the Seat Report with these texts."""
    return row_of(texts)


def row_of(values: Mapping[str, Value]) -> ObservedRow:
    """A row of the Seat Report with these values."""
    header = [Cell(column.header) for column in seat_report.COLUMNS]
    cells = [Cell(values.get(column.name)) for column in seat_report.COLUMNS]
    (only_row,) = ObservedTable(seat_report.COLUMNS, Tab(7, "Seat Report", 100, 26, 1, [header, cells])).rows()
    return only_row


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Current", Status.CURRENT),
        (" No tenants ", Status.NO_TENANTS),
        ("Not reported", Status.NOT_REPORTED),
        ("", None),
        ("stale?", None),
    ],
)
def test_status_of_a_row(text: str, expected: Status | None) -> None:
    """One of our statuses; any other text was written by a person."""
    assert status_of(row(status=text)) is expected


def test_the_key_of_a_tenant() -> None:
    """Its customer, type and id; the case of a GUID is ignored in each."""
    key = key_of(row(customer_id=GUID.upper(), tenant_type="Google", tenant_id="t-1"))
    assert key == TenantKey(GUID, TenantType.GOOGLE, "t-1")
    assert TenantKey.of("c", TenantType.GOOGLE, GUID.upper()) == TenantKey("c", TenantType.GOOGLE, GUID)


def test_the_key_of_a_customer_without_tenants() -> None:
    """Type and tenant are blank."""
    assert key_of(row(customer_id="c-1")) == TenantKey("c-1", None, "") == TenantKey.of("c-1")


@pytest.mark.parametrize(
    "texts", [{}, {"tenant_type": "Google", "tenant_id": "t"}, {"customer_id": "c", "tenant_type": "Fax"}]
)
def test_a_row_without_a_key(texts: dict[str, str]) -> None:
    """Without a customer, or with an unknown type, a row is a user's."""
    assert key_of(row(**texts)) is None


@pytest.mark.parametrize(
    ("status", "is_shown"),
    [
        (Status.CURRENT, True),
        (Status.STALE, True),
        (Status.NO_DATA, False),
        (Status.NO_TENANTS, False),
        (Status.NOT_REPORTED, False),
    ],
)
def test_which_numbers_count(status: Status, is_shown: bool) -> None:
    """Current and stale ones; none of a tenant that is not reported or was never known."""
    key = TenantKey.of("c-1", TenantType.GOOGLE, "t")
    tenant_row = TenantRow(key, "c-1", "C", "t", "T", status, "")
    assert tenant_row.is_shown is is_shown
    assert tenant_row.tenant_type is TenantType.GOOGLE


VALUES: dict[str, Value] = {
    "customer_id": "c-1",
    "customer": "Contoso",
    "tenant_id": "t-1",
    "tenant": "contoso.com",
    "status": "Current",
    "detail": "All right.",
    "assigned": 7,
    "available": 3,
    "total": 10,
    "change": -2,
    "last_checked": 46349.25,
}


def test_a_tenant_row_from_values() -> None:
    """Every value comes under its own name, and a current row that was last checked by this run is confirmed."""
    key = TenantKey.of("c-1", TenantType.GOOGLE, "t-1")
    expected = TenantRow(
        key,
        "c-1",
        "Contoso",
        "t-1",
        "contoso.com",
        Status.CURRENT,
        "All right.",
        7,
        3,
        10,
        -2,
        46349.25,
        is_confirmed=True,
    )
    assert read_tenant_row(key, VALUES, 46349.25) == expected
    assert read_tenant_row(key, VALUES, 46349.5) == expected._replace(is_confirmed=False)


def test_a_tenant_row_with_gaps() -> None:
    """Blank and missing values are empty texts and unknown numbers; a status of people's vouches for nothing."""
    key = TenantKey.of("c-1")
    blank = read_tenant_row(key, {"status": "Stale", "assigned": "many", "last_checked": 46349.25}, 46349.25)
    assert blank == TenantRow(key, "", "", "", "", Status.STALE, "", last_checked=46349.25)
    assert read_tenant_row(key, {"status": "fine"}, 46349.25).status is Status.NOT_REPORTED


KEYED = {"customer_id": "c-1", "tenant_type": "Google", "tenant_id": "t-1"}
PART = {"customer_id": "c-1", "tenant_type": "Google"}
ALONE = {"customer_id": "c-1"}


@pytest.mark.parametrize(
    ("texts", "is_lost"),
    [
        ({"status": "Current", **KEYED}, False),
        ({"status": "Current", **PART}, True),
        ({"status": "Stale", **PART}, True),
        ({"status": "Current", **ALONE}, True),
        ({"status": "Current", "customer_id": "c-1", "tenant_id": "t-1"}, True),
        ({"status": "Current", "tenant_type": "Google", "tenant_id": "t-1"}, True),
        ({"status": "Current", **KEYED, "tenant_type": "Fax"}, True),
        ({"status": "No tenants"}, True),
        ({"status": "No tenants", **ALONE}, False),
        ({"status": "No data", **PART}, False),
        ({"status": "No data", **ALONE}, True),
        ({"status": "Not reported"}, True),
        ({"status": "Not reported", **PART}, False),
        ({"status": "Not reported", **PART, "detail": f"Not reported since 2026-01-05: {LOST_KEY}."}, True),
        ({"status": "Not reported", **KEYED, "detail": f"Not reported since 2026-01-05: {LOST_KEY}."}, False),
        ({"status": "mine", **PART}, False),
        ({}, False),
    ],
)
def test_rows_that_have_lost_their_key(texts: dict[str, str], is_lost: bool) -> None:
    """Those with a status of ours without what a row of that status has; rows of people have no status."""
    assert RowStates().has_lost_key(row(**texts)) is is_lost


@pytest.mark.parametrize(
    ("cells", "key", "is_ours"),
    [
        ({}, TenantKey("c", TenantType.GOOGLE, "t"), True),
        ({}, TenantKey("c", TenantType.GOOGLE, ""), False),
        ({}, TenantKey("c", None, "t"), False),
        ({}, TenantKey("c", None, ""), False),
        ({"last_checked": 46_000}, TenantKey("c", None, ""), True),
        ({"detail": "why"}, TenantKey("c", TenantType.GOOGLE, ""), True),
        ({"detail": "why"}, TenantKey("c", None, "t"), False),
    ],
)
def test_rows_without_a_status_that_are_results(cells: dict[str, Value], key: TenantKey, is_ours: bool) -> None:
    """Somebody overwrote the status; what only a run writes tells the row from one of people's."""
    assert is_result(row_of(cells), key) is is_ours


GOOGLE = (TenantType.GOOGLE,)


@pytest.mark.parametrize(
    ("customer_id", "scope", "may_change"),
    [
        ("", Scope(), True),
        ("c-1", Scope(), True),
        ("", Scope(customers=frozenset({"c-1"})), False),
        ("c-1", Scope(customers=frozenset({"c-1"})), True),
        ("c-2", Scope(customers=frozenset({"c-1"})), False),
        ("c-1", Scope(tenant_types=GOOGLE), False),
        ("", Scope(tenant_types=GOOGLE), False),
        ("c-1", Scope(customers=frozenset({"c-1"}), tenant_types=GOOGLE), False),
    ],
)
def test_a_row_without_its_key_is_changed_only_by_a_run_for_whosever_it_may_be(
    customer_id: str, scope: Scope, may_change: bool
) -> None:
    """Its type may be missing, and without an ID it may be anybody's."""
    assert is_surely_in_scope(row(customer_id=customer_id), scope) is may_change


@pytest.mark.parametrize(
    ("last_checked", "is_in"),
    [(None, False), (46_053, False), (46_054, True), (46_081.999, True), (46_082, False)],
)
def test_numbers_of_a_month(last_checked: float | None, is_in: bool) -> None:
    """Those last checked from its first moment to its last; 46,054 is the 1st of February 2026."""
    assert is_in_month(last_checked, "2026-02") is is_in
