"""One query on its way to a result: a straight line of attempts, in one contract or the other.

The line is a generator: where a query has to wait, its worker goes on with another one.
"""

import random
from collections.abc import Callable, Generator
from datetime import timedelta
from typing import NamedTuple

import structlog

from seat_report.avepoint import problems
from seat_report.avepoint.contract_detection import Absence, AbsenceAction, ContractDetection
from seat_report.avepoint.contracts import Contract, RequestFactory, SeatRequest, content_of, is_segment
from seat_report.avepoint.parsing import UnreadableResponseError
from seat_report.avepoint.refusals import Refusals
from seat_report.avepoint.results import QueryResults
from seat_report.avepoint.retry_policy import (
    LONGEST_PAUSE_SECONDS,
    LONGEST_TOTAL_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    MOST_RENEWALS,
    MOST_THROTTLES,
    MOST_TIMEOUTS,
    MOST_UNAUTHORISED,
    ReplyKind,
    backoff,
    retry_after,
)
from seat_report.avepoint.sender import Exchange, RequestSender
from seat_report.avepoint.tokens import NoTokenError, Token
from seat_report.avepoint.transport import RequestFailedError
from seat_report.domain import Problem, ProblemKind, Query, SeatResult, quote

log = structlog.get_logger()

# What an inquiry yields where it has to wait: the moment from which it goes on, or an absence until it is let go on.
Wait = float | Absence
_Waits = Generator[Wait, None, None]


class Run(NamedTuple):
    """What the inquiries of a run share."""

    sender: RequestSender
    detection: ContractDetection
    results: QueryResults
    refusals: Refusals
    new_request: RequestFactory
    # Called whenever a contract has succeeded, with the moment at which the request was sent.
    on_success: Callable[[Contract, int], None]
    rng: random.Random


class _QueryFailedError(Exception):
    """Nothing is left to try."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class _SetbackError(Exception):
    """A request failed; one in the other contract (if `casts_doubt`) or a later one may succeed.

    `transient` says in a few words what a retry may mend, "" if that is nothing.
    """

    def __init__(self, problem: Problem, *, transient: str = "", casts_doubt: bool = True) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.transient = transient
        self.casts_doubt = casts_doubt


class _AbsentError(_SetbackError):
    """The service knows no such customer, or no such route."""


class Inquiry:
    """A query, its index among the results, and its attempts so far; advanced by one worker at a time.

    `steps` makes the attempts. It yields where the query has to wait, and returns the result.
    """

    def __init__(self, run: Run, index: int, query: Query) -> None:
        self.index = index
        self.query = query
        self.steps = self._steps()
        self._run = run
        self._contract = run.detection.contract
        self._request: SeatRequest
        self._absence = Absence(query.customer_id)
        # While the other contract is tried: the one that failed, and how. Whether that has been done, and if both
        # failed, the refusal of the one that got further.
        self._doubt: tuple[Contract, _SetbackError] | None = None
        self._was_doubted = False
        self._refusal: Problem | None = None
        # When the last request was sent, as counted by the contract detection.
        self._sent_at = 0
        self._was_sent = self._is_retry = False
        self._failures = self._timeouts = self._throttles = self._unauthorised = self._renewals = 0
        self._total_pause = 0.0
        self._last_problem: Problem | None = None

    def _steps(self) -> Generator[Wait, None, SeatResult]:
        try:
            return (yield from self._ask())
        except _QueryFailedError as error:
            return SeatResult(self.query, failure=error.problem)

    def _ask(self) -> Generator[Wait, None, SeatResult]:
        """Send request after request until the last one has its answer."""
        if not is_segment(self.query.customer_id):
            raise _QueryFailedError(problems.bad_customer_id(self.query))
        self._start(self._run.detection.contract)
        while True:
            try:
                exchange = yield from self._exchange()
                is_complete = self._receive(exchange)
            except _SetbackError as setback:
                yield from self._recover(setback)
                continue
            self._accept(exchange.token)
            self._doubt = None
            self._run.on_success(self._contract, self._sent_at)
            if is_complete:
                tenants, unusable = self._request.result(exchange.reply.request_id)
                self._run.results.has_text_counts |= self._request.has_text_counts
                return SeatResult(self.query, tenants, unusable)
            self._failures = self._timeouts = 0

    def _start(self, contract: Contract) -> None:
        """Start over in this contract."""
        self._contract = contract
        self._request = self._run.new_request(contract, self.query)

    def _accept(self, token: Token) -> None:
        token.accepted = self._run.refusals.authorised = True

    # One request

    def _exchange(self) -> Generator[Wait, None, Exchange]:
        """Send the next request until the service takes it: later if it is throttled, with a new token if need be."""
        while True:
            exchange = self._send()
            if exchange.kind is ReplyKind.THROTTLED:
                yield from self._slow_down(exchange)
                continue
            self._run.sender.rate_limiter.record_admitted(exchange.slot)
            self._run.refusals.end_long_pauses()
            if exchange.kind is not ReplyKind.UNAUTHORISED:
                return exchange
            self._renew_token(exchange)

    def _send(self) -> Exchange:
        """Send the next request in its turn; raises an error if there is no reply, or no time left to send it."""
        sender = self._run.sender
        slot = sender.acquire_slot()
        if slot is None:
            raise _QueryFailedError(self._not_sent())
        try:
            token = sender.tokens.get(sender.stop_at)
        except NoTokenError as error:
            raise self._give_up(error) from None
        timeout, is_cut_off = sender.timeout()
        if not timeout:
            raise _QueryFailedError(self._not_sent())
        self._run.results.record_request(self.index, is_retry=self._is_retry)
        self._was_sent, self._is_retry, self._sent_at = True, False, self._run.detection.moment
        try:
            return sender.send(self._request, token, slot, timeout)
        except RequestFailedError as error:
            raise self._no_reply(error, is_cut_off=is_cut_off) from None

    def _receive(self, exchange: Exchange) -> bool:
        """Take what the reply says; gives whether it was the last one, and raises an error if it is a refusal."""
        query, (reply, kind, token, _) = self.query, exchange
        if kind in {ReplyKind.ABSENT, ReplyKind.OUT_OF_SCOPE}:
            self._accept(token)
        match kind:
            case ReplyKind.SUCCESS:
                try:
                    with self._run.sender.reading:
                        return self._request.receive(content_of(reply))
                except UnreadableResponseError as error:
                    problem = problems.unreadable(query, str(error), quote(reply.body), reply.request_id)
                    raise _SetbackError(problem) from None
            case ReplyKind.ABSENT:
                raise _AbsentError(problems.not_found(query, reply.request_id))
            case ReplyKind.OUT_OF_SCOPE:
                raise _SetbackError(problems.out_of_scope(query, reply.request_id))
            case ReplyKind.FAILED:
                failures = self._count_failure()
                problem = problems.failed(query, reply.status, failures, reply.request_id)
                raise _SetbackError(problem, transient=f"status {reply.status}")
            case ReplyKind.REDIRECTED:
                raise _QueryFailedError(problems.redirected(query, reply.status, reply.request_id))
        raise _SetbackError(problems.unexpected_status(query, reply.status, reply.error_message, reply.request_id))

    def _count_failure(self) -> int:
        """Count a failure that a retry may mend; gives how many there were, to be told. The other contract has one."""
        if self._doubt:
            return 1
        self._failures += 1
        return self._failures

    def _no_reply(self, error: RequestFailedError, *, is_cut_off: bool) -> Exception:
        is_timeout = error.kind is ProblemKind.TIMEOUT
        if is_timeout and is_cut_off:
            return _QueryFailedError(problems.cut_off(self.query))
        failures = self._count_failure()
        self._timeouts += is_timeout and not self._doubt
        problem = problems.no_reply(self.query, error.kind, error.what, failures)
        # What is no HTTP now will be none the next time.
        transient = "" if error.kind is ProblemKind.BAD_ANSWER else error.what
        return _SetbackError(problem, transient=transient, casts_doubt=False)

    def _not_sent(self) -> Problem:
        """Why a request that is due was not sent."""
        if self._last_problem:
            return self._last_problem
        unsent = problems.cut_off if self._was_sent else problems.out_of_time
        return (self._run.results.give_up_reason or unsent)(self.query)

    def _give_up(self, error: NoTokenError) -> _QueryFailedError:
        """Give up on all queries: none can be sent without a token."""
        kind, what = error.kind, error.what
        self._run.results.give_up(lambda query: problems.no_token(query, kind, what))
        return _QueryFailedError(self._last_problem or problems.no_token(self.query, kind, what))

    def _slow_down(self, exchange: Exchange) -> _Waits:
        """Slow all workers down, and pause them for as long as the service asks; then let the query go on."""
        run, reply = self._run, exchange.reply
        run.results.record_throttled()
        now = run.sender.clock.now()
        pause = retry_after(reply.headers, now)
        if pause is not None and pause > LONGEST_PAUSE_SECONDS:
            until = now + timedelta(seconds=min(pause, timedelta(days=366).total_seconds()))
            if run.refusals.record_long_pause(self.query.customer_id):
                run.results.give_up(lambda query: problems.throttled_until(query, until))
            raise _QueryFailedError(problems.throttled_until(self.query, until, reply.request_id))
        run.sender.rate_limiter.record_throttled(run.sender.clock.monotonic(), exchange.slot, pause or 0.0)
        self._throttles += 1
        self._total_pause += pause or 0.0
        self._last_problem = problems.throttled(self.query, self._throttles, reply.request_id)
        if self._throttles >= MOST_THROTTLES or self._total_pause > LONGEST_TOTAL_PAUSE_SECONDS:
            raise _QueryFailedError(self._last_problem)
        yield from self._pause(pause or backoff(self._throttles, run.rng), f"status {reply.status}")

    def _renew_token(self, exchange: Exchange) -> None:
        """Get another token than the one that was refused; raises an error if that has been tried often enough."""
        tokens, refused = self._run.sender.tokens, exchange.token
        self._unauthorised += 1
        self._renewals += tokens.is_current(refused)
        if self._unauthorised <= MOST_UNAUTHORISED and self._renewals <= MOST_RENEWALS:
            try:
                self._is_retry = tokens.replace(refused, self._run.sender.stop_at) is not None
            except NoTokenError as error:
                raise self._give_up(error) from None
            if self._is_retry:
                return
        if self._run.refusals.record_unauthorised(self.query.customer_id):
            raise problems.unauthorised()
        raise _QueryFailedError(problems.token_refused(self.query, exchange.reply.request_id))

    # What is left to try

    def _recover(self, setback: _SetbackError) -> _Waits:
        """Prepare what is tried next: the other contract, or the same request later."""
        if self._doubt:
            yield from self._end_doubt(*self._doubt, setback)
            return
        if isinstance(setback, _AbsentError):
            yield from self._handle_absence(setback)
            return
        if setback.transient:
            self._last_problem = setback.problem
        if setback.casts_doubt and self._is_doubtful():
            self._doubt = self._contract, setback
            self._start(self._contract.other)
        else:
            yield from self._back_off(setback)

    def _is_doubtful(self) -> bool:
        """Whether the other contract is worth a request."""
        is_open = not self._was_doubted and self._contract.other not in self._absence.contracts
        return is_open and self._run.detection.is_doubtful(self._contract)

    def _handle_absence(self, absent: _AbsentError) -> _Waits:
        """Try the other contract if that may help, if need be after waiting for more to be known about this one."""
        action = self._run.detection.record_absence(self._absence, self._contract)
        if action is AbsenceAction.WAIT:
            yield self._absence
        if action is AbsenceAction.NOT_FOUND or self._absence.is_certain:
            raise _QueryFailedError(absent.problem)
        self._start(self._contract.other)

    def _end_doubt(self, contract: Contract, first: _SetbackError, second: _SetbackError) -> _Waits:
        """Both contracts failed: report the failure in the one that has succeeded for others, or got further.

        What a retry may mend is retried.
        """
        self._doubt, self._was_doubted = None, True
        self._run.detection.record_failed_in_both(self.query.customer_id)
        confirmed = self._run.detection.confirmed
        if confirmed is None:
            self._refusal = problem = max(first.problem, second.problem, key=problems.progress)
        else:
            contract, problem = confirmed, (first if confirmed is contract else second).problem
        if not first.transient:
            raise _QueryFailedError(problem)
        self._start(contract)
        yield from self._pause(backoff(self._failures, self._run.rng), "both contracts failed")

    def _back_off(self, setback: _SetbackError) -> _Waits:
        """Wait before the next attempt, if any is left."""
        problem = setback.problem
        if not setback.transient or self._failures >= MOST_ATTEMPTS or self._timeouts >= MOST_TIMEOUTS:
            if self._refusal and not self._run.detection.confirmed:
                problem = max(self._refusal, problem, key=problems.progress)
            raise _QueryFailedError(problem)
        yield from self._pause(backoff(self._failures, self._run.rng), setback.transient)

    def _pause(self, seconds: float, why: str) -> _Waits:
        log.debug(
            "AvePoint is asked again",
            customer_id=self.query.customer_id,
            tenant_type=self.query.tenant_type.value,
            why=why,
            wait=round(seconds, 2),
        )
        self._is_retry = True
        yield self._run.sender.clock.monotonic() + seconds
        # By now it may be known which contract is the right one.
        confirmed = self._run.detection.confirmed
        if self._was_doubted and confirmed and confirmed is not self._contract:
            self._start(confirmed)
