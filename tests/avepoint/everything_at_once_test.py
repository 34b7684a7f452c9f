"""One run in which every kind of fault affects some customer at the same time."""

import time
from datetime import timedelta
from itertools import islice

from seat_report.domain.problems import ProblemKind
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import client_harness, queries
from tests.support.clocks import NOON

# Faults that are retried or harmless: the result is correct.
TRANSIENT = [
    Fault(kind="status", status=429, retry_after="1", times=2),
    Fault(kind="status", status=429, retry_after="2", retry_after_as="date", times=1),
    Fault(kind="status", status=429, times=2),
    Fault(kind="status", status=500, times=2),
    Fault(kind="status", status=502, html=True, times=3),
    Fault(kind="status", status=503, times=1),
    Fault(kind="status", status=503, retry_after="1", times=1),
    Fault(kind="status", status=504, html=True, times=2),
    Fault(kind="status", status=401, times=1),
    Fault(kind="reset", times=2),
    Fault(kind="truncated", times=2),
    Fault(kind="hang", times=1),
    Fault(kind="dribble", times=1),
    Fault(kind="extra-fields"),
    Fault(kind="twice"),
]
# Faults that fail the query, with the kind of problem and its detail.
PERMANENT = [
    (Fault(kind="status", status=429, retry_after="86400"), ProblemKind.THROTTLED, "throttled until"),
    (Fault(kind="status", status=429), ProblemKind.THROTTLED, "tried 8 times"),
    (Fault(kind="status", status=400), ProblemKind.BAD_ANSWER, "status 400"),
    (Fault(kind="status", status=403), ProblemKind.NOT_AUTHORISED, "customer scope"),
    (Fault(kind="status", status=404), ProblemKind.NOT_FOUND, "Check the ID"),
    (Fault(kind="status", status=500), ProblemKind.UNAVAILABLE, "status 500"),
    (Fault(kind="status", status=502, html=True), ProblemKind.UNAVAILABLE, "status 502"),
    (Fault(kind="status", status=503), ProblemKind.UNAVAILABLE, "status 503"),
    (Fault(kind="status", status=504, html=True), ProblemKind.UNAVAILABLE, "status 504"),
    (Fault(kind="reset"), ProblemKind.UNAVAILABLE, "closed the connection"),
    (Fault(kind="hang"), ProblemKind.TIMEOUT, "tried 3 times"),
    (Fault(kind="dribble"), ProblemKind.TIMEOUT, "tried 3 times"),
    (Fault(kind="truncated"), ProblemKind.UNAVAILABLE, "closed the connection"),
    (Fault(kind="malformed"), ProblemKind.BAD_ANSWER, "not JSON"),
    (Fault(kind="html"), ProblemKind.BAD_ANSWER, "a web page"),
    (Fault(kind="shape-object"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-other-contract"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-text"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-null"), ProblemKind.BAD_ANSWER, "documented list"),
]
# Faults that make a tenant's counts unusable, with the detail of the problem.
UNUSABLE = [
    (Fault(kind="count", value=None), "AvePoint left it out"),
    (Fault(kind="count", value=-1), "-1 is negative"),
    (Fault(kind="count", value="N/A"), "the text “N/A”"),
    (Fault(kind="count", value=2.5), "2.5 is not a whole number"),
    (Fault(kind="count-missing"), "AvePoint left it out"),
    (Fault(kind="twice-different"), "two different values"),
    (Fault(kind="no-id"), "no usable ID"),
    (Fault(kind="shape-array"), "not an object but a list"),
]
HEALTHY_BETWEEN = 3


def test_everything_at_once() -> None:
    """Every healthy customer's result is correct, every faulty one's problem says why, and the run ends in time."""
    faulty_count = len(TRANSIENT) + len(PERMANENT) + len(UNUSABLE)
    expires = NOON.date() + timedelta(days=3)
    options = Options(contract="users", token_uses=120)
    with client_harness(
        faulty_count * (1 + HEALTHY_BETWEEN),
        options,
        avepoint_request_timeout_seconds=0.5,
        avepoint_credential_expires=expires,
    ) as harness:
        faulty_ids = [customer.id for customer in islice(harness.customers, HEALTHY_BETWEEN, None, HEALTHY_BETWEEN + 1)]
        lasting = [fault for fault, *_ in (*PERMANENT, *UNUSABLE)]
        for customer_id, fault in zip(faulty_ids, [*TRANSIENT, *lasting], strict=True):
            fields = {name: getattr(fault, name) for name in Fault.__dataclass_fields__}
            harness.service.faults.add(Fault(**fields | {"customer_id": customer_id}))

        started = time.monotonic()
        collection = harness.collect(queries(harness.customers), seconds=540)
        assert time.monotonic() - started < 20
        assert harness.clock.skipped < 500

        by_customer = {result.query.customer_id: result for result in collection.results}
        assert len(by_customer) == len(collection.results) == len(harness.delivered) == len(harness.customers)
        failing_ids = faulty_ids[len(TRANSIENT) :]
        assert [key for key in by_customer if key not in failing_ids and not harness.is_correct(by_customer[key])] == []
        for customer_id, (_, kind, detail) in zip(failing_ids, PERMANENT, strict=False):
            failure = by_customer[customer_id].failure
            assert failure
            assert (failure.kind, detail in failure.full_detail) == (kind, True), failure.full_detail
            assert not by_customer[customer_id].tenants
        for customer_id, (_, detail) in zip(failing_ids[len(PERMANENT) :], UNUSABLE, strict=True):
            result = by_customer[customer_id]
            assert not result.failure
            assert not result.tenants
            assert {tenant.problem.kind for tenant in result.unusable} == {ProblemKind.BAD_ANSWER}
            assert detail in result.unusable[0].problem.detail
        assert len(collection.warnings) == 1
        assert collection.contract == "users"
