"""One run in which everything that can go wrong does, to different customers at once."""

import time
from datetime import timedelta
from itertools import islice

from seat_report.domain.problems import ProblemKind
from tests.emulators.avepoint.faults import Fault
from tests.emulators.avepoint.options import Options
from tests.support.avepoint_client import bench, queries, right
from tests.support.clocks import NOON

# What strikes a customer, and what comes of it: nothing but the right numbers, or this kind of problem.
PASSING = [
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
LASTING = [
    (Fault(kind="status", status=429, retry_after="86400"), ProblemKind.THROTTLED, "throttled until"),
    (Fault(kind="status", status=429), ProblemKind.THROTTLED, "as too many, 8 times"),
    (Fault(kind="status", status=400), ProblemKind.BAD_ANSWER, "status 400"),
    (Fault(kind="status", status=403), ProblemKind.NOT_AUTHORISED, "customer scope"),
    (Fault(kind="status", status=404), ProblemKind.NOT_FOUND, "Check the ID"),
    (Fault(kind="status", status=500), ProblemKind.UNAVAILABLE, "status 500"),
    (Fault(kind="status", status=502, html=True), ProblemKind.UNAVAILABLE, "status 502"),
    (Fault(kind="status", status=503), ProblemKind.UNAVAILABLE, "status 503"),
    (Fault(kind="status", status=504, html=True), ProblemKind.UNAVAILABLE, "status 504"),
    (Fault(kind="reset"), ProblemKind.UNAVAILABLE, "broke the connection off"),
    (Fault(kind="hang"), ProblemKind.TIMEOUT, "in time, 3 times"),
    (Fault(kind="dribble"), ProblemKind.TIMEOUT, "in time, 3 times"),
    (Fault(kind="truncated"), ProblemKind.UNAVAILABLE, "broke the connection off"),
    (Fault(kind="malformed"), ProblemKind.BAD_ANSWER, "not JSON"),
    (Fault(kind="html"), ProblemKind.BAD_ANSWER, "a web page"),
    (Fault(kind="shape-object"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-other-contract"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-text"), ProblemKind.BAD_ANSWER, "documented list"),
    (Fault(kind="shape-null"), ProblemKind.BAD_ANSWER, "documented list"),
]
# What spoils the numbers of a tenant, and what is said about them.
SPOILING = [
    (Fault(kind="count", value=None), "AvePoint left it out"),
    (Fault(kind="count", value=-1), "-1 is negative"),
    (Fault(kind="count", value="12"), "the text “12”"),
    (Fault(kind="count", value=2.5), "2.5 is not a whole number"),
    (Fault(kind="count-missing"), "AvePoint left it out"),
    (Fault(kind="twice-different"), "two different values"),
    (Fault(kind="no-id"), "no usable id"),
    (Fault(kind="shape-array"), "not an object but a list"),
]
HEALTHY_BETWEEN = 3


def test_everything_at_once() -> None:
    """Every healthy customer's numbers are right, every faulty one says what happened, and the run ends in its time."""
    struck = len(PASSING) + len(LASTING) + len(SPOILING)
    ends = NOON.date() + timedelta(days=3)
    options = Options(contract="users", token_uses=120)
    with bench(
        struck * (1 + HEALTHY_BETWEEN),
        options,
        avepoint_request_timeout_seconds=0.5,
        avepoint_credential_expires=ends,
    ) as it:
        ids = [one.id for one in islice(it.customers, HEALTHY_BETWEEN, None, HEALTHY_BETWEEN + 1)]
        kinds = [fault for fault, *_ in (*LASTING, *SPOILING)]
        for customer_id, fault in zip(ids, [*PASSING, *kinds], strict=True):
            fields = {name: getattr(fault, name) for name in Fault.__dataclass_fields__}
            it.service.faults.add(Fault(**fields | {"customer_id": customer_id}))

        began = time.monotonic()
        collection = it.collect(queries(it.customers), seconds=540)
        assert time.monotonic() - began < 20
        assert it.clock.skipped < 500

        answers = {answer.query.customer_id: answer for answer in collection.results}
        assert len(answers) == len(collection.results) == len(it.passed_on) == len(it.customers)
        faulty = ids[len(PASSING) :]
        assert [one for one in answers if one not in faulty and not right(it, answers[one])] == []
        for customer_id, (_, kind, says) in zip(faulty, LASTING, strict=False):
            failure = answers[customer_id].failure
            assert failure
            assert (failure.kind, says in failure.detail) == (kind, True), failure.detail
            assert not answers[customer_id].tenants
        for customer_id, (_, says) in zip(faulty[len(LASTING) :], SPOILING, strict=True):
            answer = answers[customer_id]
            assert not answer.failure
            assert not answer.tenants
            assert {one.problem.kind for one in answer.unusable} == {ProblemKind.BAD_ANSWER}
            assert says in answer.unusable[0].problem.detail
        assert len(collection.warnings) == 1
        assert collection.contract == "users"
