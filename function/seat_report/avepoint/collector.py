"""Runs all queries of one run on several workers, until each has a result or a failure."""

import random
from collections.abc import Callable, Sequence
from functools import partial

from seat_report.avepoint import problems
from seat_report.avepoint.api_access import ApiAccess
from seat_report.avepoint.contract_detection import Absence, ContractDetection
from seat_report.avepoint.contracts import Contract, RequestFactory, seat_request
from seat_report.avepoint.inquiry import Inquiry, Run
from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter
from seat_report.avepoint.refusals import Refusals
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.retry_policy import ReplyKind, classify
from seat_report.avepoint.sender import RequestSender
from seat_report.avepoint.transport import Reply
from seat_report.avepoint.work_queue import WorkQueue
from seat_report.avepoint.worker_pool import WorkerPool
from seat_report.domain import ProblemKind, Query, SeatResult


class Collector:
    """One run: queries are sent in order, and each is settled exactly once.

    `rate_limiter` is one that has learnt from earlier requests, `new_request` makes the requests and `classify` tells
    the kind of a reply to one.
    """

    def __init__(
        self,
        api: ApiAccess,
        detection: ContractDetection,
        queries: Sequence[Query],
        *,
        stop_at: float,
        on_result: Callable[[SeatResult], None] | None = None,
        rate_limiter: AdaptiveRateLimiter | None = None,
        new_request: RequestFactory = seat_request,
        classify: Callable[[Reply], ReplyKind] = classify,
    ) -> None:
        self.results = QueryResults(queries, on_result)
        self._sender = RequestSender(api, self.results, rate_limiter or AdaptiveRateLimiter(), classify, stop_at)
        self._detection = detection
        self._refusals = Refusals()
        rng = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        run = Run(self._sender, detection, self.results, self._refusals, new_request, self._handle_success, rng)
        self._queue = WorkQueue(Inquiry(run, index, query) for index, query in enumerate(queries))
        self._pool = WorkerPool(self._work, min(api.concurrency, len(queries)))

    def run(self) -> tuple[SeatResult, ...]:
        """Run until every query is settled or the time is up; raises ConfigurationError."""
        # A single worker detects the contract; more of them would only send more requests in the wrong one.
        self._pool.start(None if self._detection.known else 1)
        self._pool.wait(self._sender.clock, self._sender.stop_at)
        self._detection.settle_waiting()
        self._work()
        results = self.results.close(problems.out_of_time, problems.cut_off)
        if self.results.error:
            raise self.results.error
        if self._refusals.unauthorised and all(self._is_unauthorised(result) for result in results):
            raise problems.unauthorised()
        return results

    def _work(self) -> None:
        """Go on with one query after the other until the queue is empty; run by each worker, and for what is left."""
        try:
            while not self.results.closed and (item := self._queue.take()):
                inquiry, due = item
                self._sender.wait_until(due)
                self._advance(inquiry)
        except Exception as error:  # noqa: BLE001 - raised again by `run`
            self.results.fail(error)

    def _advance(self, inquiry: Inquiry) -> None:
        """Go on with a query until it is settled or has to wait."""
        try:
            wait = next(inquiry.steps)
        except StopIteration as end:
            self.results.settle(inquiry.index, end.value)
            return
        if isinstance(wait, Absence):
            self._detection.wait(wait, partial(self._queue.requeue, inquiry, 0.0))
        else:
            self._queue.requeue(inquiry, wait)

    def _handle_success(self, contract: Contract, sent_at: int) -> None:
        """Tell the contract detection; now that the contract is known, all workers are of use."""
        self._detection.confirm(contract, sent_at)
        self._pool.start()

    def _is_unauthorised(self, result: SeatResult) -> bool:
        failure = result.failure
        return bool(
            failure
            and failure.kind is ProblemKind.NOT_AUTHORISED
            and failure.customer_id in self._refusals.unauthorised
            and not self._refusals.authorised
        )
