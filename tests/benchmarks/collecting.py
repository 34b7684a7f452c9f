"""How fast the answers come in: against plain ways to ask, against the arithmetic limit, and against a rate limit."""

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
_AT_ONCE = (1, 16, 64)
_MOST_OF_LIMIT, _LEAST_OF_POOL = 1.10, 0.8
# The service's limits in requests a second, and how it tells when to come back.
_LIMITS = ((25, "seconds"), (100, "seconds"), (100, "none"))
_LIMITED_LATENCY_MS, _LIMITED_AT_ONCE = 20, 16


@dataclass(frozen=True, slots=True)
class _Case:
    """One line of the table: the medians of the rates of several measurements, in answers a second.

    `seen_ms` is the latency as a caller sees it who does nothing else.
    """

    latency_ms: int
    seen_ms: float
    at_once: int
    calls: int
    ours: float
    pool: float
    loop: float

    @property
    def limit(self) -> float:
        """The arithmetic limit, calls × latency ÷ concurrency, as a rate; infinite without latency."""
        return self.at_once / self.latency_ms * 1000 if self.latency_ms else float("inf")

    @property
    def reachable_limit(self) -> float:
        """The same by the latency that the service has in truth."""
        return self.at_once / self.seen_ms * 1000

    def cells(self) -> list[str]:
        """The line's cells."""
        is_limited = self.latency_ms > 0
        return [
            f"{self.latency_ms} ms, {self.at_once} at once",
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
    """Ask about 1,000 customers, at several latencies, so many at once."""
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
    what = f"{case.latency_ms} ms, {case.at_once} at once"
    if case.latency_ms:
        remark = (
            f"{case.reachable_limit / case.ours:.2f} by the latency seen, the bare pool {case.limit / case.pool:.2f}"
        )
        return Target(f"{what}: time ÷ arithmetic limit", case.limit / case.ours, _MOST_OF_LIMIT, remark=remark)
    return Target(f"{what}: rate ÷ bare pool's", case.ours / case.pool, _LEAST_OF_POOL, at_least=True)


def _cases(service: AvePointService, queries: Sequence[Query], *, quick: bool) -> Iterator[_Case]:
    for latency_ms in _LATENCIES_MS:
        service.behave(latency_ms=latency_ms, rate=None)
        seen_ms = collectors.seconds_of_an_answer(service, queries[0]) * 1000
        loop = _rates(service, [collectors.one_by_one], _so_many(queries, latency_ms, 1, quick=quick), 1, quick=quick)
        for at_once in _AT_ONCE:
            asked = _so_many(queries, latency_ms, at_once, quick=quick)
            contenders = [collectors.ours, collectors.bare_pool]
            ours, pool = _rates(service, contenders, asked, at_once, quick=quick)
            yield _Case(latency_ms, seen_ms, at_once, len(asked), ours, pool, *loop)


def _so_many(queries: Sequence[Query], latency_ms: int, at_once: int, *, quick: bool) -> Sequence[Query]:
    """All queries, or what takes a few seconds where all would take minutes: a rate needs no more."""
    longest = 1.5 if quick else 3.0 if at_once == 1 else 30.0
    least_a_query = max(latency_ms / 1000 / at_once, 0.001)
    return queries[: int(longest / least_a_query)]


def _rates(
    service: AvePointService, contenders: Sequence[Collect], queries: Sequence[Query], at_once: int, *, quick: bool
) -> list[float]:
    """The median rate of each contender; they take turns, so that what disturbs one disturbs the others."""
    rounds = [[collect(service, queries, at_once) for collect in contenders] for _ in range(2 if quick else 3)]
    for collected in (one for turn in rounds for one in turn):
        if collected.answers != len(queries):
            raise RuntimeError(f"only {collected.answers} of {len(queries)} queries were answered")
    return [median(collected.rate for collected in turns) for turns in zip(*rounds, strict=True)]


def measure_throttled(*, quick: bool) -> Part:
    """Ask a service that takes only so many requests a second."""
    rows = []
    with avepoint() as service:
        service.serve(customers(_CUSTOMERS))
        for rate, retry_after in _LIMITS:
            asked = queries_of(customers(_CUSTOMERS))[: rate * (4 if quick else 10)]
            for name, collect in (("ours", collectors.ours), ("pool with urllib3's Retry", collectors.patient_pool)):
                found = [_throttled(service, collect, asked, rate, retry_after) for _ in range(1 if quick else 3)]
                useful, refused, left = (median(values) for values in zip(*found, strict=True))
                hint = "Retry-After" if retry_after == "seconds" else "no hint"
                shown = [f"{useful:.0%}", f"{refused:.1%}", number(left)]
                rows.append([f"{rate} a second, {hint}: {name}", number(len(asked)), *shown])
    columns = ("limit and way to ask", "queries", "useful share of the limit", "refused requests", "left unanswered")
    note = (
        f"{_LIMITED_LATENCY_MS} ms latency, {_LIMITED_AT_ONCE} at once. The useful share is the time that the "
        "service's limit makes inevitable ÷ the time taken, for what was answered; the burst of one second's worth "
        "that the service grants at first is taken off."
    )
    return Part("Throttled collecting", columns, rows, note)


def _throttled(
    service: AvePointService, collect: Collect, queries: Sequence[Query], rate: int, retry_after: str
) -> tuple[float, float, int]:
    """Useful share of the limit, share of requests that were refused, queries left without an answer."""
    # Another burst first: a rate that changes starts with a full bucket.
    service.behave(rate=rate, burst=rate + 1, retry_after=retry_after, latency_ms=_LIMITED_LATENCY_MS)
    service.behave(burst=rate)
    collected = collect(service, queries, _LIMITED_AT_ONCE)
    refused = service.refused()
    inevitable = (collected.answers - rate) / rate
    return inevitable / collected.seconds, refused / (refused + len(queries)), len(queries) - collected.answers
