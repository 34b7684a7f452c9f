"""Collecting speed, compared with simple collectors, with the arithmetic limit, and under a rate limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seat_report.domain.queries import Query
from tests.benchmarks import collectors
from tests.benchmarks.collectors import Collect, queries_of
from tests.benchmarks.population import customers
from tests.benchmarks.services import AvePointService, avepoint
from tests.benchmarks.table import Part, Target, median, number

_CUSTOMERS = 1_000
_LATENCIES_MS = (0, 20, 100)
_CONCURRENCIES = (1, 16, 64)
_MAX_OF_LIMIT, _MIN_OF_POOL = 1.10, 0.8
# The service's limits in requests per second, and the form of its Retry-After.
_LIMITS = ((25, "seconds"), (100, "seconds"), (100, "none"))
_LIMITED_LATENCY_MS, _LIMITED_CONCURRENCY = 20, 16


@dataclass(frozen=True, slots=True)
class _Case:
    """One row of the table: median rates of several measurements, in responses per second.

    `seen_ms` is the latency that an otherwise idle caller sees.
    """

    latency_ms: int
    seen_ms: float
    concurrency: int
    calls: int
    ours: float
    pool: float
    loop: float

    @property
    def limit(self) -> float:
        """The arithmetic limit, calls × latency ÷ concurrency, as a rate; infinite without latency."""
        return self.concurrency / self.latency_ms * 1000 if self.latency_ms else float("inf")

    @property
    def reachable_limit(self) -> float:
        """The same with the latency that the service really has."""
        return self.concurrency / self.seen_ms * 1000

    def cells(self) -> list[str]:
        """The cells of the row."""
        is_limited = self.latency_ms > 0
        return [
            f"{self.latency_ms} ms, {self.concurrency} at once",
            number(self.calls),
            number(round(self.loop)),
            number(round(self.pool)),
            number(round(self.ours)),
            number(round(self.limit)) if is_limited else "–",
            f"{self.limit / self.ours:.2f}" if is_limited else "–",
            f"{self.reachable_limit / self.ours:.2f}" if is_limited else "–",
            f"{self.ours / self.pool:.2f}",
        ]


def measure(*, quick: bool) -> Part:
    """Query 1,000 customers at several latencies and concurrencies."""
    queries = queries_of(customers(_CUSTOMERS))
    with avepoint() as service:
        service.serve(customers(_CUSTOMERS))
        cases = list(_cases(service, queries, quick=quick))
    targets = [_target(case) for case in cases]
    seen = ", ".join({f"{case.latency_ms} ms: {case.seen_ms:.1f} ms": None for case in cases})
    columns = (
        "latency and queries at once",
        "queries",
        "loop /s",
        "bare pool /s",
        "ours /s",
        "limit /s",
        "ours: time ÷ limit",
        "÷ limit by seen latency",
        "ours: rate ÷ pool",
    )
    note = (
        "Answers a second, each from a standing start: token, contract and connections are found out first. The "
        "limit is concurrency ÷ latency, as if neither side had anything to do. Latencies as an idle caller sees them, "
        f"the service's own work included: {seen}."
    )
    return Part("Collecting", columns, [case.cells() for case in cases], note, targets)


def _target(case: _Case) -> Target:
    name = f"{case.latency_ms} ms, {case.concurrency} at once"
    if case.latency_ms:
        remark = (
            f"{case.reachable_limit / case.ours:.2f} by the latency seen, the bare pool {case.limit / case.pool:.2f}"
        )
        return Target(f"{name}: time ÷ arithmetic limit", case.limit / case.ours, _MAX_OF_LIMIT, remark=remark)
    return Target(f"{name}: rate ÷ bare pool's", case.ours / case.pool, _MIN_OF_POOL, at_least=True)


def _cases(service: AvePointService, queries: Sequence[Query], *, quick: bool) -> Iterator[_Case]:
    for latency_ms in _LATENCIES_MS:
        service.behave(latency_ms=latency_ms, rate=None)
        seen_ms = collectors.response_seconds(service, queries[0]) * 1000
        loop = _rates(service, [collectors.one_by_one], _enough(queries, latency_ms, 1, quick=quick), 1, quick=quick)
        for concurrency in _CONCURRENCIES:
            selected = _enough(queries, latency_ms, concurrency, quick=quick)
            collectors_ = [collectors.ours, collectors.bare_pool]
            ours, pool = _rates(service, collectors_, selected, concurrency, quick=quick)
            yield _Case(latency_ms, seen_ms, concurrency, len(selected), ours, pool, *loop)


def _enough(queries: Sequence[Query], latency_ms: int, concurrency: int, *, quick: bool) -> Sequence[Query]:
    """All queries, or as many as take a few seconds where all would take minutes; that is enough for a rate."""
    longest = 1.5 if quick else 3.0 if concurrency == 1 else 30.0
    shortest_query = max(latency_ms / 1000 / concurrency, 0.001)
    return queries[: int(longest / shortest_query)]


def _rates(
    service: AvePointService, collectors_: Sequence[Collect], queries: Sequence[Query], concurrency: int, *, quick: bool
) -> list[float]:
    """The median rate of each collector; they take turns so that disturbances affect all alike."""
    rounds = [[collect(service, queries, concurrency) for collect in collectors_] for _ in range(2 if quick else 3)]
    for collected in (result for turn in rounds for result in turn):
        if collected.responses != len(queries):
            raise RuntimeError(f"only {collected.responses} of {len(queries)} queries were answered")
    return [median(collected.rate for collected in turns) for turns in zip(*rounds, strict=True)]


def measure_throttled(*, quick: bool) -> Part:
    """Query a service with a rate limit."""
    rows = []
    with avepoint() as service:
        service.serve(customers(_CUSTOMERS))
        for rate, retry_after in _LIMITS:
            selected = queries_of(customers(_CUSTOMERS))[: rate * (4 if quick else 10)]
            for name, collect in (("ours", collectors.ours), ("pool with urllib3's Retry", collectors.patient_pool)):
                results = [_throttled(service, collect, selected, rate, retry_after) for _ in range(1 if quick else 3)]
                useful, refused, unanswered = (median(values) for values in zip(*results, strict=True))
                hint = "Retry-After" if retry_after == "seconds" else "no hint"
                cells = [f"{useful:.0%}", f"{refused:.1%}", number(unanswered)]
                rows.append([f"{rate} a second, {hint}: {name}", number(len(selected)), *cells])
    columns = ("limit and way to ask", "queries", "useful share of the limit", "refused requests", "left unanswered")
    note = (
        f"{_LIMITED_LATENCY_MS} ms latency, {_LIMITED_CONCURRENCY} at once. The useful share is the time that the "
        "service's limit makes inevitable ÷ the time taken, for what was answered; the burst of one second's worth "
        "that the service grants at first is taken off."
    )
    return Part("Throttled collecting", columns, rows, note)


def _throttled(
    service: AvePointService, collect: Collect, queries: Sequence[Query], rate: int, retry_after: str
) -> tuple[float, float, int]:
    """The useful share of the limit, the share of refused requests, and the number of queries without a response."""
    # A different burst first: changing the rate starts with a full bucket.
    service.behave(rate=rate, burst=rate + 1, retry_after=retry_after, latency_ms=_LIMITED_LATENCY_MS)
    service.behave(burst=rate)
    collected = collect(service, queries, _LIMITED_CONCURRENCY)
    refused = service.refused()
    inevitable = (collected.responses - rate) / rate
    return inevitable / collected.seconds, refused / (refused + len(queries)), len(queries) - collected.responses
