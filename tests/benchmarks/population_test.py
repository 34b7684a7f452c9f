from tests.benchmarks.days import CHURN_EVERY, DAYS, population_of
from tests.benchmarks.population import customers, kept_by_churn, tenants


def test_two_customers_have_three_tenants() -> None:
    """Every second customer has two tenants, and tenant IDs are unique."""
    rows = tenants(customers(200))
    assert len(rows) == 300
    assert len({tenant.id for _, tenant in rows}) == 300


def test_a_quiet_day_changes_nothing() -> None:
    """The second day's data equals the first's."""
    assert population_of(50, 1) == population_of(50, 0)


def test_one_in_a_hundred_changes_on_the_third_day() -> None:
    """One in a hundred tenants has different counts with the same total, and nothing else changes."""
    before, after = tenants(population_of(200, 0)), tenants(population_of(200, 2))
    changed = [(old, new) for (_, old), (_, new) in zip(before, after, strict=True) if old != new]
    assert len(changed) == 3
    assert all(old.assigned + old.available == new.assigned + new.available for old, new in changed)


def test_one_in_ten_is_removed_and_one_added_on_the_last_day() -> None:
    """As many tenants as before, a tenth of them new."""
    before = {tenant.id for _, tenant in tenants(population_of(200, 2))}
    after = {tenant.id for _, tenant in tenants(population_of(200, len(DAYS) - 1))}
    assert (len(before - after), len(after - before)) == (30, 30)


def test_churn_moves_the_tenant_that_it_keeps() -> None:
    """The tenant with the remark is still listed, but in another place."""
    index, tenant = kept_by_churn(customers(200), CHURN_EVERY)
    assert tenants(population_of(200, 0))[index][1] == tenant
    after = [row.id for _, row in tenants(population_of(200, len(DAYS) - 1))]
    assert tenant.id in after
    assert after[index] != tenant.id
