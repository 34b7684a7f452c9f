"""Over any sequence of runs, failures and edits of the Customers tab, every total is right or says what it lacks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from seat_report.domain import SeatSum, TenantType, canonical_id
from seat_report.reporting.result import RunResult
from tests.emulators.avepoint.data import Customer, Tenant
from tests.emulators.avepoint.data import TenantType as ServiceType
from tests.emulators.avepoint.faults import Fault
from tests.proof.sampling import many
from tests.support.world import World, world

TYPES = (TenantType.MICROSOFT_365, TenantType.GOOGLE, TenantType.SALESFORCE)
IDS = ("c-1", "c-2", "c-3")
PARTS = [(customer, tenant_type) for customer in IDS for tenant_type in TYPES]
Part = tuple[str, TenantType]


@dataclass(frozen=True)
class Listed:
    """What a row of the Customers tab says."""

    types: frozenset[TenantType] | None = None
    is_included: bool = True


@dataclass(frozen=True)
class Step:
    """What changes before a run, what the run asks for, and what AvePoint does not answer properly."""

    listed: dict[str, Listed]
    tenants: dict[Part, tuple[int, ...]]
    customers: frozenset[str] = frozenset()
    types: frozenset[TenantType] = frozenset()
    failing: frozenset[Part] = frozenset()
    unnamed: frozenset[Part] = frozenset()


@dataclass
class Model:
    """What can be known: the seats in the last answer for each part, None if a tenant of it could not be told."""

    listed: dict[str, Listed] = field(default_factory=dict)
    answers: dict[Part, tuple[int, ...] | None] = field(default_factory=dict)

    def expected(self) -> list[Part]:
        """The parts that the report should hold."""
        return [
            (customer, one)
            for customer, row in self.listed.items()
            if row.is_included
            for one in TYPES
            if row.types is None or one in row.types
        ]

    def covered(self, step: Step) -> list[Part]:
        """The parts that the run asks for."""
        return [
            (customer, one)
            for customer, one in self.expected()
            if (not step.customers or customer in step.customers) and (not step.types or one in step.types)
        ]

    def take(self, step: Step) -> None:
        """What the run learns."""
        for part in self.covered(step):
            if part not in step.failing:
                tenants = step.tenants.get(part, ())
                self.answers[part] = None if part in step.unnamed and tenants else tenants

    def assigned(self, parts: Iterable[Part]) -> int | None:
        """The assigned seats of these parts; None if one of them is not known."""
        answers = [self.answers.get(part) for part in parts]
        return None if None in answers else sum(seats for answer in answers for seats in answer or ())


rows = st.builds(
    Listed,
    st.sampled_from([None, None, frozenset(TYPES[:1]), frozenset(TYPES[1:2]), frozenset(TYPES[:2])]),
    st.sampled_from([True, True, True, False]),
)
steps = st.builds(
    Step,
    # One customer is always there: an emptied tab is another matter.
    listed=st.fixed_dictionaries({"c-1": st.just(Listed())}, optional={"c-2": rows, "c-3": rows}),
    tenants=st.dictionaries(st.sampled_from(PARTS), st.lists(st.integers(0, 50), max_size=2).map(tuple)),
    customers=st.sampled_from([frozenset[str](), frozenset(), frozenset({"c-1"}), frozenset({"c-2", "c-3"})]),
    types=st.sampled_from([frozenset[TenantType](), frozenset(), frozenset(TYPES[:1]), frozenset(TYPES[1:])]),
    failing=st.frozensets(st.sampled_from(PARTS), max_size=3),
    unnamed=st.frozensets(st.sampled_from(PARTS), max_size=1),
)


# An example takes seconds, so that to shrink one would take many minutes.
_PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

# A customer that is left out goes in parts: of its types without a row nothing is known when it comes back.
_ONE, _BOTH = {"c-1": Listed()}, {"c-1": Listed(), "c-2": Listed()}
_FAILED = Step(_BOTH, {("c-2", TYPES[0]): (7,)}, failing=frozenset({("c-2", TYPES[1])}))
_GONE = Step(_ONE, {}, types=frozenset(TYPES[1:]))
_BACK = Step(_BOTH, {}, types=frozenset(TYPES[:1]))


@example([_FAILED, _GONE, _BACK])
@settings(
    max_examples=many(3, 200),
    phases=_PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(st.lists(steps, min_size=1, max_size=6))
def test_a_total_is_right_or_says_what_it_lacks(sequence: list[Step]) -> None:
    """No total that is called complete differs from what AvePoint last answered, and all places agree."""
    model = Model()
    with pytest.MonkeyPatch.context() as patch, world(patch) as made:
        made.configure(TENANT_TYPES=",".join(TYPES))
        for day, step in enumerate(sequence, start=1):
            _prepare(made, step)
            model.listed = step.listed
            model.take(step)
            result = made.run_at(
                f"2026-01-{day:02} 06:00",
                customer_ids=tuple(sorted(step.customers)),
                tenant_types=tuple(sorted(step.types)),
            )
            if model.covered(step):
                _check_totals(result, model)
                _check_runs_and_overview(made, result)
                _check_by_customer(made, model, step)
        # Whatever happened, one good run for everybody makes everything complete.
        calm = Step(step.listed, step.tenants)
        _prepare(made, calm)
        model.take(calm)
        result = made.run_at("2026-01-20 06:00")
        assert all(seats.is_complete for seats in result.seats.values())
        _check_totals(result, model)
        _check_by_customer(made, model, calm)
        assert "No data" not in {row["Status"] for row in made.rows()}


def _prepare(made: World, step: Step) -> None:
    """Bring the Customers tab and AvePoint to where the step begins."""
    made.avepoint.faults.clear()
    made.avepoint.directory.replace_all(
        Customer(
            customer,
            customer.upper(),
            tuple(
                Tenant(f"{customer} {one} {number}", f"T{number}", ServiceType(one.number), seats, 1)
                for one in TYPES
                for number, seats in enumerate(step.tenants.get((customer, one), ()))
            ),
        )
        for customer in IDS
    )
    for customer, one in step.failing:
        made.avepoint.faults.add(Fault(kind="status", status=403, customer_id=customer, tenant_type=one.number))
    for customer, one in step.unnamed - step.failing:
        made.avepoint.faults.add(Fault(kind="no-id", customer_id=customer, tenant_type=one.number))
    table = [["Customer ID", "Tenant types", "Include"]]
    for customer, row in step.listed.items():
        table.append([customer, ", ".join(sorted(row.types or ())), "yes" if row.is_included else "no"])
    made.put("Customers", table)


def _check_totals(result: RunResult, model: Model) -> None:
    for tenant_type in TYPES:
        parts = [part for part in model.expected() if part[1] is tenant_type]
        seats = result.seats.get(tenant_type, SeatSum())
        assert seats.expected == len(parts)
        # A part that never was answered, or has a tenant that can't be told, is missing.
        assert seats.missing >= sum(model.answers.get(part) is None for part in parts)
        if seats.is_complete:
            assert seats.assigned == model.assigned(parts)


def _check_runs_and_overview(made: World, result: RunResult) -> None:
    sums = result.seats.values()
    is_complete = all(seats.is_complete for seats in sums)
    run = made.rows("Runs")[0]
    assert run["Assigned seats"] == (sum(seats.assigned or 0 for seats in sums) if is_complete else "")
    assert run["Tenants"] == (result.tenants if is_complete else "")
    # The first line of each label: the months below are by type too.
    lines = {row[0]: [*row, *[""] * 8] for row in reversed(made.grid("Overview")) if row}
    for tenant_type, seats in result.seats.items():
        assert _line(lines, tenant_type.label, seats) == ("" if seats.assigned is None else seats.assigned)
    known = [seats.assigned for seats in sums if seats.assigned is not None]
    overall = SeatSum(known=sum(one.known for one in sums), expected=sum(one.expected for one in sums))
    assert _line(lines, "All", overall) == (sum(known) if known else "")
    says_complete = any(str(label).startswith("Complete") for label in lines)
    assert is_complete or not says_complete
    assert result.outcome != "ok" or says_complete or result.is_limited


def _line(lines: dict[str, list[Any]], label: str, seats: SeatSum) -> Any:
    """The assigned seats in the Overview's line, whose label says how many are missing."""
    gap = f" (incomplete, {seats.missing} of {seats.expected} missing)" if seats.missing else ""
    return lines[f"{label}{gap}"][2]


def _check_by_customer(made: World, model: Model, step: Step) -> None:
    table = {canonical_id(row["Customer ID"]): row for row in made.rows("By Customer")}
    for customer in {customer for customer, _ in model.covered(step)}:
        row = table[customer]
        parts = [part for part in model.expected() if part[0] == customer]
        if row["Status"] in ("Current", "Stale", "No tenants"):
            has_tenants = any(model.answers[part] for part in parts)
            assert row["Assigned seats"] == (model.assigned(parts) if has_tenants else "")
        else:
            assert (row["Status"], row["Assigned seats"], row["Total seats"]) == ("Incomplete", "", "")
        for _, tenant_type in parts:
            shown = row[f"{tenant_type.label} assigned"]
            assert shown in ("", model.assigned([(customer, tenant_type)]))
