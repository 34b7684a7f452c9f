from collections import Counter

import pytest

from tests.emulators.avepoint.data import Directory, TenantType
from tests.emulators.avepoint.documents import customers_from_json, customers_to_json
from tests.emulators.avepoint.sample_customers import sample_customers
from tests.emulators.avepoint.tests.client import ACME, STRANGER


def test_sample_is_always_the_same() -> None:
    """The sample customers come with the same ids and numbers each time."""
    assert sample_customers() == sample_customers()
    first = sample_customers()[0]
    tenant = first.tenants[0]
    assert (first.id, tenant.id) == ("50db6dd5-dda7-529f-976a-77f56effb2ca", "d79f5d57-0e7a-5ab7-a24c-b346a6dc4878")
    assert (tenant.assigned, tenant.available) == (70, 15)


def test_sample_is_believable() -> None:
    """The sample has a few dozen customers, of which most have Microsoft 365, and one very many tenants."""
    customers = sample_customers()
    types = Counter(tenant_type for customer in customers for tenant_type in {t.type for t in customer.tenants})
    assert 24 <= len(customers) <= 60
    assert types[TenantType.MICROSOFT_365] > len(customers) * 3 / 4
    assert all(types[tenant_type] >= 4 for tenant_type in TenantType)
    assert max(len(customer.tenants) for customer in customers) == 250
    assert min(len(customer.tenants) for customer in customers) == 0
    tenants = [tenant for customer in customers for tenant in customer.tenants]
    assert len({tenant.id for tenant in tenants}) == len(tenants)
    assert all(tenant.assigned > 0 and tenant.available >= 0 for tenant in tenants)


@pytest.mark.parametrize("text", ["東京", "ü", "&", "+", "'"])
def test_sample_has_names_that_are_hard_to_bear(text: str) -> None:
    """The sample's names try what a spreadsheet must show as text."""
    assert any(text in customer.organization for customer in sample_customers())


def test_months_move_things() -> None:
    """In a month some counts move, a tenant comes and one goes."""
    directory = Directory.of(sample_customers())
    before = {tenant.id: tenant for customer in directory.customers for tenant in customer.tenants}
    month = directory.let_a_month_pass()
    after = {tenant.id: tenant for customer in directory.customers for tenant in customer.tenants}
    assert set(after) - set(before) == set(month.came)
    assert set(before) - set(after) == set(month.went)
    assert len(month.came) == len(month.went) == 1
    moved = {tenant_id for tenant_id in set(before) & set(after) if before[tenant_id] != after[tenant_id]}
    assert moved == set(month.moved)
    assert len(before) / 10 < len(moved) < len(before) / 2
    assert all(tenant.assigned >= 0 and tenant.available >= 0 for tenant in after.values())


def test_months_are_deterministic() -> None:
    """The same months pass in the same way, one unlike the other; a seed makes another month."""
    one, other = Directory.of(sample_customers()), Directory.of(sample_customers())
    assert [one.let_a_month_pass() for _ in range(3)] == [other.let_a_month_pass() for _ in range(3)]
    assert one.customers == other.customers
    assert one.let_a_month_pass() != other.let_a_month_pass(seed=99)


def test_month_of_nobody() -> None:
    """Where there is nobody nothing changes; where there is one tenant it stays."""
    month = Directory().let_a_month_pass()
    assert (month.moved, month.came, month.went) == ((), (), ())
    assert Directory.of([STRANGER]).let_a_month_pass().went == ()


def test_scope() -> None:
    """A customer can be put out of the scope and into it again."""
    directory = Directory.of([ACME])
    directory.set_scope(ACME.id, in_scope=False)
    assert directory.customers[0].in_scope is False
    directory.set_scope(ACME.id, in_scope=True)
    assert directory.customers == (ACME,)


def test_what_is_not_there() -> None:
    """To change what isn't there is an error, and changes nothing."""
    directory = Directory.of([ACME])
    with pytest.raises(KeyError):
        directory.remove("nobody")
    with pytest.raises(KeyError):
        directory.set_scope("nobody", in_scope=True)
    with pytest.raises(KeyError):
        directory.remove_tenant(ACME.id, "nothing")
    with pytest.raises(KeyError):
        directory.put_tenant("nobody", ACME.tenants[0])
    assert directory.customers == (ACME,)


def test_data_file() -> None:
    """Customers survive being written to a data file."""
    assert customers_from_json(customers_to_json(sample_customers())) == sample_customers()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"customers": [{"id": "a"}]}',
        '{"customers": [{"id": "a", "organization": "A", "tennants": []}]}',
        '{"customers": [{"id": "a", "organization": "A", "tenants": [{"id": "t", "name": "T", "type": 9}]}]}',
    ],
)
def test_wrong_data_file(text: str) -> None:
    """A data file with something missing, misspelt or impossible is refused."""
    with pytest.raises(ValueError, match="validation error"):
        customers_from_json(text)
