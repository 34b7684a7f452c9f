"""Runs all queries of one run on several workers, until each has a result or a failure."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from seat_report.avepoint import problems
from seat_report.avepoint.api_access import ApiAccess
from seat_report.avepoint.contract_detection import AbsenceAction, ContractDetection
from seat_report.avepoint.contracts import RequestFactory, SeatRequest, content_of, is_segment, seat_request
from seat_report.avepoint.parsing import UnreadableResponseError
from seat_report.avepoint.query_state import Doubt, QueryState
from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter, Slot
from seat_report.avepoint.redaction import redact
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.retry_policy import (
    LONGEST_PAUSE_SECONDS,
    LONGEST_TOTAL_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    MOST_THROTTLES,
    MOST_TIMEOUTS,
    ReplyKind,
    backoff,
    classify,
    retry_after,
)
from seat_report.avepoint.tokens import NoTokenError, Token
from seat_report.avepoint.transport import Reply, RequestFailedError
from seat_report.avepoint.work_queue import WorkQueue
from seat_report.avepoint.worker_pool import WorkerPool
from seat_report.domain import Problem, ProblemKind, Query, SeatResult, quote

# A request is started only if the run has at least this much time left.
_LEAST_REQUEST_SECONDS = 0.1
# A waiting worker checks this often whether it still has to wait.
_POLL_SECONDS = 0.25
_LONG_PAUSES_IN_A_ROW = 3
# How many times one query may have its token refused, and how many times it may cause the token's renewal.
_MOST_UNAUTHORISED = 8
_MOST_RENEWALS = 2
# If this many customers are all unauthorised and none is authorised, the rest will be too.
_UNAUTHORISED_CUSTOMERS = 10

log = structlog.get_logger()


class Collector:
    """One run: queries are sent in order, and each is settled exactly once.

    Methods that process or settle a query return whether the worker goes on with it at once. `rate_limiter` is one that
    has learnt from earlier requests, `new_request` makes the requests and `classify` tells the kind of a reply to one.
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
        self._api = api
        self._clock = api.clock
        self._detection = detection
        self._stop_at = stop_at
        self._size = min(api.concurrency, len(queries))
        self._queue = WorkQueue(queries, new_request)
        self._classify = classify
        self.results = QueryResults(queries, on_result)
        self._rate_limiter = rate_limiter or AdaptiveRateLimiter()
        self._pool = WorkerPool(self._work, self._size)
        self._rng = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        self._lock = threading.Lock()
        # Replies take many times their size while they are read, so they are read one at a time.
        self._reading = threading.Lock()
        self._long_pauses: list[str] = []
        self._unauthorised: set[str] = set()
        self._authorised = False
        self._handlers: dict[ReplyKind, Callable[[QueryState, Reply, Token], bool]] = {
            ReplyKind.ABSENT: self._handle_absent,
            ReplyKind.UNAUTHORISED: self._handle_unauthorised,
            ReplyKind.OUT_OF_SCOPE: self._handle_out_of_scope,
            ReplyKind.FAILED: self._handle_failure,
            ReplyKind.REDIRECTED: self._handle_redirect,
            ReplyKind.UNEXPECTED: self._handle_unexpected,
        }

    def run(self) -> tuple[SeatResult, ...]:
        """Run until every query is settled or the time is up; raises ConfigurationError."""
        # A single worker detects the contract; more of them would only send more requests in the wrong one.
        self._pool.start(None if self._detection.known else 1)
        self._pool.wait(self._clock, self._stop_at)
        for state in self._detection.take_waiting():
            self._fail(state, problems.not_found(state.query))
        results = self.results.close(problems.out_of_time, problems.cut_off)
        if self.results.error:
            raise self.results.error
        if self._unauthorised and all(self._is_unauthorised(result) for result in results):
            raise problems.unauthorised()
        return results

    def _work(self) -> None:
        """Process queries one after the other until the queue is empty; run by each worker."""
        try:
            while not self.results.closed:
                item = self._queue.take()
                if not item:
                    return
                self._process(*item)
        except Exception as error:  # noqa: BLE001 - raised again by `run`
            self.results.fail(error)

    def _process(self, state: QueryState, due: float) -> None:
        """Send the query's requests until it is settled or put back in the queue."""
        if not state.request:
            if not is_segment(state.query.customer_id):
                self._fail(state, problems.bad_customer_id(state.query))
                return
            state.start(self._detection.contract)
        self._detection.follow(state)
        active = True
        while active and (slot := self._acquire_slot(state, due)):
            active = self._send(state, slot)

    # Waiting

    def _acquire_slot(self, state: QueryState, due: float) -> Slot | None:
        """Wait until the query is due and has a rate limiter slot; None if it was settled instead."""
        if not self._wait_until(state, due):
            return None
        while True:
            slot = self._rate_limiter.next_slot(self._clock.monotonic())
            if not self._wait_until(state, slot.at, slot.generation):
                return None
            if slot.granted and slot.generation == self._rate_limiter.generation:
                return slot

    def _wait_until(self, state: QueryState, moment: float, generation: int | None = None) -> bool:
        """Sleep until then, or until the rate limiter's generation changes; return whether the query is still open."""
        while True:
            if self.results.closed:
                return False
            if self.results.give_up_reason:
                return self._fail(state, state.last_problem or self.results.give_up_reason(state.query))
            now = self._clock.monotonic()
            if max(now, moment) > self._stop_at - _LEAST_REQUEST_SECONDS:
                return self._fail(state, self._deadline_problem(state))
            if moment <= now or generation not in {None, self._rate_limiter.generation}:
                return True
            self._clock.sleep(min(moment - now, _POLL_SECONDS))

    def _deadline_problem(self, state: QueryState) -> Problem:
        if state.last_problem:
            return state.last_problem
        return problems.cut_off(state.query) if state.was_sent else problems.out_of_time(state.query)

    # Sending

    def _send(self, state: QueryState, slot: Slot) -> bool:
        """Send the query's next request and handle the reply."""
        api = self._api
        try:
            token = api.tokens.get(self._stop_at)
        except NoTokenError as error:
            return self._handle_no_token(state, error)
        started = self._clock.monotonic()
        remaining = self._stop_at - started
        if remaining < _LEAST_REQUEST_SECONDS or state.request is None:
            return self._fail(state, self._deadline_problem(state))
        self.results.record_request(state.index, is_retry=state.is_retry)
        state.was_sent, state.is_retry, state.sent_at = True, False, self._detection.moment
        headers = {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json"}
        url = api.api_url + state.request.path
        try:
            reply = api.send(state.request, url, headers, min(api.timeout, remaining))
        except RequestFailedError as error:
            return self._handle_no_reply(state, error, cut_off=remaining < api.timeout)
        with self._reading:
            reply = redact(reply, token.value, api.secret)
        kind = self._classify(reply)
        if kind is ReplyKind.THROTTLED:
            return self._handle_throttled(state, reply, slot)
        self._rate_limiter.record_admitted(slot)
        self._long_pauses = []
        if kind is ReplyKind.SUCCESS:
            return self._handle_success(state, state.request, reply, token)
        return self._handlers[kind](state, reply, token)

    def _settle(self, state: QueryState, result: SeatResult) -> bool:
        self.results.settle(state.index, result)
        return False

    def _fail(self, state: QueryState, problem: Problem) -> bool:
        return self._settle(state, SeatResult(state.query, failure=problem))

    def _retry_later(self, state: QueryState, wait: float, why: str) -> bool:
        """Put the query back in the queue, to be sent again after this many seconds."""
        log.debug(
            "AvePoint is asked again",
            customer_id=state.query.customer_id,
            tenant_type=state.query.tenant_type.value,
            why=why,
            wait=round(wait, 2),
        )
        state.is_retry = True
        self._queue.requeue(state, self._clock.monotonic() + wait)
        return False

    # Handling replies

    def _handle_success(self, state: QueryState, request: SeatRequest, reply: Reply, token: Token) -> bool:
        query = state.query
        try:
            with self._reading:
                is_complete = request.receive(content_of(reply))
        except UnreadableResponseError as error:
            return self._refuse(state, problems.unreadable(query, str(error), quote(reply.body), reply.request_id))
        self._mark_authorised(token)
        state.doubt = None
        self._confirm_contract(state)
        if not is_complete:
            state.failures = state.timeouts = 0
            return True
        tenants, unusable = request.result(reply.request_id)
        self.results.has_text_counts |= request.has_text_counts
        return self._settle(state, SeatResult(query, tenants, unusable))

    def _mark_authorised(self, token: Token) -> None:
        """Note that the service accepts this token."""
        token.accepted = self._authorised = True

    def _confirm_contract(self, state: QueryState) -> None:
        """Note that the service supports the contract the query was sent in."""
        absent, others = self._detection.confirm(state.contract, state.sent_at)
        for waiting in absent:
            self._fail(waiting, problems.not_found(waiting.query))
        self._requeue_in_other_contract(others)
        self._pool.start()

    def _requeue_in_other_contract(self, states: list[QueryState]) -> None:
        for state in states:
            state.start(state.contract.other)
            self._queue.requeue(state, 0.0)

    def _refuse(self, state: QueryState, problem: Problem) -> bool:
        """Fail the query, unless the refusal may be due to its contract: then the other one is tried."""
        if state.doubt:
            return self._end_doubt(state, state.doubt, problem)
        return self._doubt_contract(state, problem, is_transient=False) or self._fail(state, problem)

    def _doubt_contract(self, state: QueryState, problem: Problem, *, is_transient: bool) -> bool:
        """Start the query over in the other contract, for one request, if its own is doubtful; whether that is so."""
        if not self._detection.is_doubtful(state):
            return False
        state.doubt = Doubt(state.contract, problem, is_transient)
        state.start(state.contract.other)
        return True

    def _end_doubt(self, state: QueryState, doubt: Doubt, problem: Problem) -> bool:
        """The other contract failed too: retry what a retry may mend, and fail everything else."""
        contract, further = self._detection.settle_doubt(state, doubt, problem)
        if not doubt.is_transient:
            return self._fail(state, further)
        state.start(contract)
        return self._back_off(state, "both contracts failed", exhausted=False)

    def _handle_absent(self, state: QueryState, reply: Reply, token: Token) -> bool:
        self._mark_authorised(token)
        if state.doubt:
            return self._end_doubt(state, state.doubt, problems.not_found(state.query, reply.request_id))
        state.absent_in.add(state.contract)
        action, retry = self._detection.record_absence(state)
        self._requeue_in_other_contract(retry)
        if action is AbsenceAction.TRY_OTHER:
            state.start(state.contract.other)
            return True
        if action is AbsenceAction.NOT_FOUND:
            return self._fail(state, problems.not_found(state.query, reply.request_id))
        return False

    def _handle_unauthorised(self, state: QueryState, reply: Reply, token: Token) -> bool:
        state.unauthorised += 1
        state.renewals += self._api.tokens.is_current(token)
        replacement = None
        if state.unauthorised <= _MOST_UNAUTHORISED and state.renewals <= _MOST_RENEWALS:
            try:
                replacement = self._api.tokens.replace(token, self._stop_at)
            except NoTokenError as error:
                return self._handle_no_token(state, error)
        if replacement:
            state.is_retry = True
            return True
        with self._lock:
            self._unauthorised.add(state.query.customer_id)
            hopeless = not self._authorised and len(self._unauthorised) >= _UNAUTHORISED_CUSTOMERS
        if hopeless:
            raise problems.unauthorised()
        return self._fail(state, problems.token_refused(state.query, reply.request_id))

    def _handle_out_of_scope(self, state: QueryState, reply: Reply, token: Token) -> bool:
        self._mark_authorised(token)
        return self._refuse(state, problems.out_of_scope(state.query, reply.request_id))

    def _handle_redirect(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - a handler
        return self._fail(state, problems.redirected(state.query, reply.status, reply.request_id))

    def _handle_unexpected(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - a handler
        return self._refuse(
            state, problems.unexpected_status(state.query, reply.status, reply.error_message, reply.request_id)
        )

    def _handle_failure(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - a handler
        if state.doubt:
            return self._end_doubt(state, state.doubt, problems.failed(state.query, reply.status, 1, reply.request_id))
        state.failures += 1
        state.last_problem = problems.failed(state.query, reply.status, state.failures, reply.request_id)
        if self._doubt_contract(state, state.last_problem, is_transient=True):
            return True
        return self._back_off(state, f"status {reply.status}", exhausted=state.failures >= MOST_ATTEMPTS)

    def _handle_no_reply(self, state: QueryState, error: RequestFailedError, *, cut_off: bool) -> bool:
        timed_out = error.kind is ProblemKind.TIMEOUT
        if timed_out and cut_off:
            return self._fail(state, problems.cut_off(state.query))
        if state.doubt:
            return self._end_doubt(state, state.doubt, problems.no_reply(state.query, error.kind, error.what, 1))
        state.failures += 1
        state.timeouts += timed_out
        state.last_problem = problems.no_reply(state.query, error.kind, error.what, state.failures)
        is_permanent = error.kind is ProblemKind.BAD_ANSWER
        exhausted = is_permanent or state.failures >= MOST_ATTEMPTS or state.timeouts >= MOST_TIMEOUTS
        return self._back_off(state, error.what, exhausted=exhausted)

    def _back_off(self, state: QueryState, why: str, *, exhausted: bool) -> bool:
        """Retry the query after a back-off, or fail it if its attempts are exhausted."""
        if exhausted and state.last_problem:
            return self._fail(state, self._detection.failure_of(state, state.last_problem))
        return self._retry_later(state, backoff(state.failures, self._rng), why)

    def _handle_no_token(self, state: QueryState, error: NoTokenError) -> bool:
        """Give up on all queries: none can be sent without a token."""
        kind, what = error.kind, error.what
        self.results.give_up(lambda query: problems.no_token(query, kind, what))
        return self._fail(state, state.last_problem or problems.no_token(state.query, kind, what))

    def _handle_throttled(self, state: QueryState, reply: Reply, slot: Slot) -> bool:
        """Slow all workers down, and pause them for as long as the service asks."""
        self.results.record_throttled()
        pause = retry_after(reply.headers, self._clock.now())
        if pause is not None and pause > LONGEST_PAUSE_SECONDS:
            return self._handle_long_pause(state, reply, pause)
        self._rate_limiter.record_throttled(self._clock.monotonic(), slot, pause or 0.0)
        state.throttles += 1
        state.total_pause += pause or 0.0
        state.last_problem = problems.throttled(state.query, state.throttles, reply.request_id)
        if state.throttles >= MOST_THROTTLES or state.total_pause > LONGEST_TOTAL_PAUSE_SECONDS:
            return self._fail(state, state.last_problem)
        return self._retry_later(state, pause or backoff(state.throttles, self._rng), f"status {reply.status}")

    def _handle_long_pause(self, state: QueryState, reply: Reply, pause: float) -> bool:
        """Fail a query throttled for longer than a run can wait, and all queries if this applies to every customer."""
        until = self._clock.now() + timedelta(seconds=min(pause, timedelta(days=366).total_seconds()))
        with self._lock:
            self._long_pauses.append(state.query.customer_id)
            applies_to_all = len(set(self._long_pauses)) >= _LONG_PAUSES_IN_A_ROW
        if applies_to_all:
            self.results.give_up(lambda query: problems.throttled_until(query, until))
        return self._fail(state, problems.throttled_until(state.query, until, reply.request_id))

    def _is_unauthorised(self, result: SeatResult) -> bool:
        failure = result.failure
        return bool(
            failure
            and failure.kind is ProblemKind.NOT_AUTHORISED
            and failure.customer_id in self._unauthorised
            and not self._authorised
        )
