"""What is remembered of the types that customers were asked for, and what it says of types without a row."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from seat_report.domain import Customer, ReportData, Scope, TenantType
from seat_report.workbook.sheets_api import Tab, TabEntry
from seat_report.workbook.tabs.known_parts import ENTRY_KEY, AskedTypes

ALL = tuple(TenantType)
M365, SALESFORCE, GOOGLE, DYNAMICS = ALL


def tab(*values: str) -> Tab:
    """The Seat Report tab with such entries."""
    return Tab(5, "Seat Report", 9, 9, entries=tuple(TabEntry(n, ENTRY_KEY, value) for n, value in enumerate(values)))


def data(*customers: Customer, scope: Scope | None = None, types: tuple[TenantType, ...] = ALL) -> ReportData:
    """The data of a run for these customers."""
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    return ReportData(moment, UTC, customers, {}, types, scope=scope or Scope())


def only(*customers: str) -> Scope:
    """The scope of a run limited to these customers."""
    return Scope(customers=frozenset(customers))


def asked(remembered: AskedTypes, customer: str) -> set[TenantType]:
    """The types that the customer was asked for."""
    return {tenant_type for tenant_type in ALL if remembered.includes(customer, tenant_type)}


def test_a_report_without_limited_customers_needs_no_entry() -> None:
    assert AskedTypes.of(tab()).after(data(Customer("a", "A", 2))).requests(tab()) == []
    assert asked(AskedTypes.of(tab()), "a") == set(ALL)


def test_an_entry_that_cannot_be_read_vouches_for_nothing() -> None:
    for value in ("", "g", "f123", "fabcdefgh", "f " + "a" * 9):
        assert asked(AskedTypes.of(tab(value)), "a") == set()


def test_a_customer_limited_to_a_type_was_asked_for_that_one() -> None:
    """Widened later, it still was not asked for the others, until a run covers it."""
    first = AskedTypes().after(data(Customer("a", "A", 2, (M365,)), Customer("b", "B", 3)))
    assert (asked(first, "a"), asked(first, "b")) == ({M365}, set(ALL))
    widened = Customer("a", "A", 2, (M365, GOOGLE))
    assert asked(first.after(data(widened, scope=only("b"))), "a") == {M365}
    assert asked(first.after(data(widened, scope=only("a"))), "a") == {M365, GOOGLE}


def test_more_types_in_the_settings_were_asked_for_only_where_a_run_covers_them() -> None:
    first = AskedTypes().after(data(Customer("a", "A", 2), Customer("b", "B", 3), types=(M365,)))
    later = first.after(data(Customer("a", "A", 2), Customer("b", "B", 3), scope=only("b")))
    assert (asked(later, "a"), asked(later, "b")) == ({M365}, set(ALL))


def test_what_does_not_fit_is_forgotten_rather_than_guessed() -> None:
    customers = [Customer(f"c-{number}", "C", 2, (M365,)) for number in range(3_000)]
    many = AskedTypes().after(data(Customer("a", "A", 2), *customers))
    assert asked(many, "a") == asked(many, "c-1") == set()


def test_an_entry_is_written_only_when_it_changes() -> None:
    remembered = AskedTypes().after(data(Customer("a", "A", 2, (M365,))))
    (create,) = remembered.requests(tab())
    assert create["createDeveloperMetadata"]["developerMetadata"]["metadataValue"] == remembered.value
    (update,) = remembered.requests(tab("f"))
    assert update["updateDeveloperMetadata"]["developerMetadata"] == {"metadataValue": remembered.value}
    assert remembered.requests(tab(remembered.value)) == []


LIMITS = st.dictionaries(
    st.text("abXY-é客", min_size=1, max_size=5),
    st.none() | st.frozensets(st.sampled_from(ALL)).map(lambda types: tuple(types)),
)


@given(LIMITS, st.frozensets(st.sampled_from(ALL)))
def test_what_is_written_is_read_back(
    limits: dict[str, tuple[TenantType, ...] | None], types: frozenset[TenantType]
) -> None:
    run = data(*(Customer(name, "", 2, limit) for name, limit in limits.items()), types=tuple(types))
    written = AskedTypes().after(run)
    read = AskedTypes.of(tab(written.value))
    assert read == written
    for customer in run.customers:
        assert asked(read, customer.customer_id) == set(run.types_of(customer))
