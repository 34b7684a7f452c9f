from tests.benchmarks.days import CHURN_EVERY, DAYS, population_of
from tests.benchmarks.population import customers, staying, tenants


def test_three_tenants_come_to_two_customers() -> None:
    """Every second customer has two tenants, and no tenant's ID comes twice."""
    rows = tenants(customers(200))
    assert len(rows) == 300
    assert len({one.id for _, one in rows}) == 300


def test_a_quiet_day_changes_nothing() -> None:
    """The second day's numbers are those of the first."""
    assert population_of(50, 1) == population_of(50, 0)


def test_one_in_a_hundred_changes_on_the_third_day() -> None:
    """The same tenants, of which one in a hundred has other counts and as many seats in all."""
    before, after = tenants(population_of(200, 0)), tenants(population_of(200, 2))
    moved = [(was, now) for (_, was), (_, now) in zip(before, after, strict=True) if was != now]
    assert len(moved) == 3
    assert all(was.assigned + was.available == now.assigned + now.available for was, now in moved)


def test_one_in_ten_goes_and_one_comes_on_the_last_day() -> None:
    """As many tenants as before, a tenth of them new."""
    before = {one.id for _, one in tenants(population_of(200, 2))}
    after = {one.id for _, one in tenants(population_of(200, len(DAYS) - 1))}
    assert (len(before - after), len(after - before)) == (30, 30)


def test_the_tenant_that_stays_stands_elsewhere_after_churn() -> None:
    """The remark's tenant is still there, but not where it was."""
    place, tenant = staying(customers(200), CHURN_EVERY)
    assert tenants(population_of(200, 0))[place][1] == tenant
    after = [one.id for _, one in tenants(population_of(200, len(DAYS) - 1))]
    assert tenant.id in after
    assert after[place] != tenant.id
