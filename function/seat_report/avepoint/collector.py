"""One run's questions, asked by several workers at once, until each has an answer or a reason why not."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog

from seat_report.avepoint import problems
from seat_report.avepoint.contract_detection import AbsenceAction, ContractDetection
from seat_report.avepoint.contracts import NO_CONTENT, SeatRequest, is_segment
from seat_report.avepoint.parsing import UnreadableAnswerError, read_json
from seat_report.avepoint.query_state import QueryState
from seat_report.avepoint.rate_limiter import AdaptiveRateLimiter, Slot
from seat_report.avepoint.redaction import without
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.retry_policy import (
    LONGEST_PAUSE_SECONDS,
    LONGEST_PAUSES_SECONDS,
    MOST_ATTEMPTS,
    MOST_REFUSALS,
    MOST_TIMEOUTS,
    ReplyKind,
    backoff,
    classify,
    retry_after,
)
from seat_report.avepoint.tokens import NoTokenError, Token, Tokens
from seat_report.avepoint.transport import Reply, Transport, UnansweredError
from seat_report.avepoint.work_queue import WorkQueue
from seat_report.avepoint.worker_pool import WorkerPool
from seat_report.clock import Clock
from seat_report.domain import Problem, ProblemKind, Query, SeatResult, quote
from seat_report.errors import ConfigurationError, Fault

# A request needs at least so much of the run's time to be worth starting.
_LEAST_SECONDS = 0.1
# A worker that waits looks this often whether it still should.
_NAP_SECONDS = 0.25
_LONG_REFUSALS_IN_A_ROW = 3
# How often one query may find its token refused, and how often it may be the one that has it renewed.
_MOST_UNAUTHORISED = 8
_MOST_RENEWALS = 2
# If the first so many customers are all refused, so will be the rest.
_UNAUTHORISED_CUSTOMERS = 10

log = structlog.get_logger()


class Service(NamedTuple):
    """What a run asks with; outlives the run. `secret` is what no answer may repeat, "" if there is none."""

    api_url: str
    secret: str
    timeout: float
    concurrency: int
    transport: Transport
    tokens: Tokens
    clock: Clock


class Collector:
    """One run: the queries are asked in their order, and each is settled exactly once."""

    def __init__(
        self,
        service: Service,
        detection: ContractDetection,
        queries: Sequence[Query],
        *,
        stop_at: float,
        on_result: Callable[[SeatResult], None] | None,
    ) -> None:
        self._service = service
        self._clock = service.clock
        self._detection = detection
        self._stop_at = stop_at
        self._size = min(service.concurrency, len(queries))
        self._queue = WorkQueue(queries)
        self.results = QueryResults(queries, on_result)
        self._rate_limiter = AdaptiveRateLimiter()
        self._pool = WorkerPool(self._work, self._size)
        self._chance = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        self._lock = threading.Lock()
        self._long_refusals: list[str] = []
        self._unauthorised: set[str] = set()
        self._authorised = False
        self._handlers: dict[ReplyKind, Callable[[QueryState, Reply, Token], bool]] = {
            ReplyKind.ABSENT: self._absent,
            ReplyKind.UNAUTHORISED: self._not_authorised,
            ReplyKind.OUT_OF_SCOPE: self._out_of_scope,
            ReplyKind.FAILED: self._failed,
            ReplyKind.REDIRECTED: self._redirected,
            ReplyKind.WRONG: self._wrong,
        }

    def run(self) -> tuple[SeatResult, ...]:
        """Ask until every query is settled or the time is up; raises ConfigurationError."""
        # One worker finds out which contract it is; the others would only ask the wrong one as well.
        self._pool.join_in(None if self._detection.known else 1)
        self._pool.wait(self._clock, self._stop_at)
        for state in self._detection.remaining():
            self._fail(state, problems.not_found(state.query))
        answers = self.results.close(problems.out_of_time, problems.cut_off)
        if self.results.error:
            raise self.results.error
        if self._unauthorised and all(self._is_unauthorised(answer) for answer in answers):
            raise _unauthorised()
        return answers

    def _work(self) -> None:
        """What each worker does: one task after the other, until there is none."""
        try:
            while not self.results.closed:
                taken = self._queue.take()
                if not taken:
                    return
                self._see_to(*taken)
        except Exception as error:  # noqa: BLE001 - it is raised again where the run was asked for
            self.results.fail(error)

    def _see_to(self, state: QueryState, due: float) -> None:
        """Bring a task on until it is settled, or has to wait and is given back."""
        if not state.request:
            if not is_segment(state.query.customer_id):
                self._fail(state, problems.bad_customer_id(state.query))
                return
            state.ask_by(self._detection.contract)
        going = True
        while going and (slot := self._may_ask(state, due)):
            going = self._ask(state, slot)

    # Waiting

    def _may_ask(self, state: QueryState, due: float) -> Slot | None:
        """Wait for the task's time and its turn; without either in the time left, the task is settled."""
        if not self._wait_until(state, due):
            return None
        while True:
            slot = self._rate_limiter.slot(self._clock.monotonic())
            if not self._wait_until(state, slot.at, slot.generation):
                return None
            if slot.granted and slot.generation == self._rate_limiter.generation:
                return slot

    def _wait_until(self, state: QueryState, moment: float, generation: int | None = None) -> bool:
        """Sleep until then, or until the pace changed; whether the task is still to be asked."""
        while True:
            if self.results.closed:
                return False
            if self.results.given_up:
                return self._fail(state, state.last or self.results.given_up(state.query))
            now = self._clock.monotonic()
            if max(now, moment) > self._stop_at - _LEAST_SECONDS:
                return self._fail(state, self._too_late(state))
            if moment <= now or generation not in {None, self._rate_limiter.generation}:
                return True
            self._clock.sleep(min(moment - now, _NAP_SECONDS))

    def _too_late(self, state: QueryState) -> Problem:
        if state.last:
            return state.last
        return problems.cut_off(state.query) if state.asked else problems.out_of_time(state.query)

    # Asking

    def _ask(self, state: QueryState, slot: Slot) -> bool:
        """Send the task's request and see to what comes back; whether the task goes on at once."""
        service = self._service
        try:
            token = service.tokens.get(self._stop_at)
        except NoTokenError as error:
            return self._no_token(state, error)
        started = self._clock.monotonic()
        left = self._stop_at - started
        if left < _LEAST_SECONDS or state.request is None:
            return self._fail(state, self._too_late(state))
        self.results.asking(state.index, again=state.again)
        state.asked, state.again, state.asked_at = True, False, self._detection.moment
        headers = {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json"}
        url = service.api_url + state.request.path
        try:
            reply = service.transport.post(url, headers, state.request.body, min(service.timeout, left))
        except UnansweredError as error:
            return self._unanswered(state, error, cut_off=left < service.timeout)
        reply = without(reply, token.value, service.secret)
        found = classify(reply)
        if found is ReplyKind.REFUSED:
            return self._refused(state, reply, slot)
        self._rate_limiter.admitted(slot)
        self._long_refusals = []
        if found is ReplyKind.ANSWER:
            return self._answered(state, state.request, reply, token)
        return self._handlers[found](state, reply, token)

    def _settle(self, state: QueryState, answer: SeatResult) -> bool:
        self.results.settle(state.index, answer)
        return False

    def _fail(self, state: QueryState, problem: Problem) -> bool:
        return self._settle(state, SeatResult(state.query, failure=problem))

    def _later(self, state: QueryState, wait: float, why: str) -> bool:
        """Give the task back, to be asked again after so many seconds."""
        log.debug(
            "AvePoint is asked again",
            customer_id=state.query.customer_id,
            tenant_type=state.query.tenant_type.value,
            why=why,
            wait=round(wait, 2),
        )
        state.again = True
        self._queue.give_back(state, self._clock.monotonic() + wait)
        return False

    # What comes back

    def _answered(self, state: QueryState, request: SeatRequest, reply: Reply, token: Token) -> bool:
        query = state.query
        try:
            done = request.take(NO_CONTENT if reply.status == 204 else read_json(reply.body))
        except UnreadableAnswerError as error:
            return self._fail(state, problems.unreadable(query, str(error), quote(reply.body), reply.request_id))
        self._trust(token)
        self._confirm(state)
        if not done:
            state.failures = state.timeouts = 0
            return True
        tenants, unusable = request.result(reply.request_id)
        return self._settle(state, SeatResult(query, tenants, unusable))

    def _trust(self, token: Token) -> None:
        """The service knows us by this token."""
        token.accepted = self._authorised = True

    def _confirm(self, state: QueryState) -> None:
        """The service speaks the contract that the task was asked by."""
        absent, others = self._detection.answered(state.contract, state.asked_at)
        for waiting in absent:
            self._fail(waiting, problems.not_found(waiting.query))
        self._ask_again(others)
        self._pool.join_in()

    def _ask_again(self, states: list[QueryState]) -> None:
        for state in states:
            state.ask_by(state.contract.other)
            self._queue.give_back(state, 0.0)

    def _absent(self, state: QueryState, reply: Reply, token: Token) -> bool:
        self._trust(token)
        state.absent_by.add(state.contract)
        found, again = self._detection.absent(state)
        self._ask_again(again)
        if found is AbsenceAction.ASK_THE_OTHER:
            state.ask_by(state.contract.other)
            return True
        if found is AbsenceAction.NOT_FOUND:
            return self._fail(state, problems.not_found(state.query, reply.request_id))
        return False

    def _not_authorised(self, state: QueryState, reply: Reply, token: Token) -> bool:
        state.unauthorised += 1
        state.renewals += self._service.tokens.is_current(token)
        newer = None
        if state.unauthorised <= _MOST_UNAUTHORISED and state.renewals <= _MOST_RENEWALS:
            try:
                newer = self._service.tokens.replace(token, self._stop_at)
            except NoTokenError as error:
                return self._no_token(state, error)
        if newer:
            state.again = True
            return True
        with self._lock:
            self._unauthorised.add(state.query.customer_id)
            hopeless = not self._authorised and len(self._unauthorised) >= _UNAUTHORISED_CUSTOMERS
        if hopeless:
            raise _unauthorised()
        return self._fail(state, problems.token_refused(state.query, reply.request_id))

    def _out_of_scope(self, state: QueryState, reply: Reply, token: Token) -> bool:
        self._trust(token)
        return self._fail(state, problems.out_of_scope(state.query, reply.request_id))

    def _redirected(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        return self._fail(state, problems.redirected(state.query, reply.status, reply.request_id))

    def _wrong(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        return self._fail(
            state, problems.question_refused(state.query, reply.status, reply.error_message, reply.request_id)
        )

    def _failed(self, state: QueryState, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        state.failures += 1
        state.last = problems.failed(state.query, reply.status, state.failures, reply.request_id)
        return self._again(state, f"status {reply.status}", enough=state.failures >= MOST_ATTEMPTS)

    def _unanswered(self, state: QueryState, error: UnansweredError, *, cut_off: bool) -> bool:
        timed_out = error.kind is ProblemKind.TIMEOUT
        if timed_out and cut_off:
            return self._fail(state, problems.cut_off(state.query))
        state.failures += 1
        state.timeouts += timed_out
        state.last = problems.unanswered(state.query, error.kind, error.what, state.failures)
        lasting = error.kind is ProblemKind.BAD_ANSWER
        enough = lasting or state.failures >= MOST_ATTEMPTS or state.timeouts >= MOST_TIMEOUTS
        return self._again(state, error.what, enough=enough)

    def _again(self, state: QueryState, why: str, *, enough: bool) -> bool:
        """Ask the task again later, unless it was often enough."""
        if enough and state.last:
            return self._fail(state, state.last)
        return self._later(state, backoff(state.failures, self._chance), why)

    def _no_token(self, state: QueryState, error: NoTokenError) -> bool:
        """Without a token nobody can ask anything."""
        kind, what = error.kind, error.what
        self.results.give_up(lambda query: problems.no_token(query, kind, what))
        return self._fail(state, state.last or problems.no_token(state.query, kind, what))

    def _refused(self, state: QueryState, reply: Reply, slot: Slot) -> bool:
        """The service wants fewer questions: all workers go slower, and pause for as long as it says."""
        self.results.turned_away()
        pause = retry_after(reply.headers, self._clock.now())
        if pause is not None and pause > LONGEST_PAUSE_SECONDS:
            return self._refused_for_long(state, reply, pause)
        self._rate_limiter.refused(self._clock.monotonic(), slot, pause or 0.0)
        state.refusals += 1
        state.paused += pause or 0.0
        state.last = problems.throttled(state.query, state.refusals, reply.request_id)
        if state.refusals >= MOST_REFUSALS or state.paused > LONGEST_PAUSES_SECONDS:
            return self._fail(state, state.last)
        return self._later(state, pause or backoff(state.refusals, self._chance), f"status {reply.status}")

    def _refused_for_long(self, state: QueryState, reply: Reply, pause: float) -> bool:
        """The service wants to be left alone for longer than a run can wait; if it means everybody, the run is over."""
        until = self._clock.now() + timedelta(seconds=min(pause, timedelta(days=366).total_seconds()))
        with self._lock:
            self._long_refusals.append(state.query.customer_id)
            everybody = len(set(self._long_refusals)) >= _LONG_REFUSALS_IN_A_ROW
        if everybody:
            self.results.give_up(lambda query: problems.throttled_until(query, until))
        return self._fail(state, problems.throttled_until(state.query, until, reply.request_id))

    def _is_unauthorised(self, answer: SeatResult) -> bool:
        failure = answer.failure
        return bool(
            failure
            and failure.kind is ProblemKind.NOT_AUTHORISED
            and failure.customer_id in self._unauthorised
            and not self._authorised
        )


def _unauthorised() -> ConfigurationError:
    return ConfigurationError(
        Fault(
            "AVEPOINT_CLIENT_ID / AVEPOINT_ENVIRONMENT",
            "AvePoint gives access tokens and then refuses them for every customer (status 401)",
            "Check in AvePoint Elements (Settings, API app registration) that the app has the permission "
            "elements.license.read.all, and that AVEPOINT_ENVIRONMENT and AVEPOINT_API_URL belong to it",
        )
    )
