"""One run's questions, asked by several workers at once, until each has an answer or a reason why not."""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog

from seat_report.avepoint import problems
from seat_report.avepoint.agenda import Agenda
from seat_report.avepoint.answers import UnreadableAnswerError, read_json
from seat_report.avepoint.contracts import NO_CONTENT, Inquiry, is_segment
from seat_report.avepoint.crew import Crew
from seat_report.avepoint.http import Http, Reply, UnansweredError
from seat_report.avepoint.ledger import Ledger
from seat_report.avepoint.negotiation import Negotiation, Next
from seat_report.avepoint.pace import Pace, Turn
from seat_report.avepoint.redaction import without
from seat_report.avepoint.references import request_id, said
from seat_report.avepoint.retries import (
    LONGEST_PAUSE_SECONDS,
    LONGEST_PAUSES_SECONDS,
    MOST_ATTEMPTS,
    MOST_REFUSALS,
    MOST_TIMEOUTS,
    Meaning,
    backoff,
    meaning,
    retry_after,
)
from seat_report.avepoint.task import Task
from seat_report.avepoint.tokens import NoTokenError, Token, Tokens
from seat_report.clock import Clock
from seat_report.errors import ConfigurationError, Fault
from seat_report.seats import Answer, Problem, ProblemKind, Query
from seat_report.texts import quote

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
    http: Http
    tokens: Tokens
    clock: Clock


class Collector:
    """One run: the queries are asked in their order, and each is settled exactly once."""

    def __init__(
        self,
        service: Service,
        negotiation: Negotiation,
        queries: Sequence[Query],
        *,
        stop_at: float,
        on_answer: Callable[[Answer], None] | None,
    ) -> None:
        self._service = service
        self._clock = service.clock
        self._negotiation = negotiation
        self._stop_at = stop_at
        self._size = min(service.concurrency, len(queries))
        self._agenda = Agenda(queries)
        self.ledger = Ledger(queries, on_answer)
        self._pace = Pace()
        self._crew = Crew(self._work, self._size)
        self._chance = random.Random()  # nosec B311 # noqa: S311 - jitter, not cryptography
        self._lock = threading.Lock()
        self._long_refusals: list[str] = []
        self._unauthorised: set[str] = set()
        self._authorised = False
        self._handlers: dict[Meaning, Callable[[Task, Reply, Token], bool]] = {
            Meaning.ABSENT: self._absent,
            Meaning.UNAUTHORISED: self._not_authorised,
            Meaning.OUT_OF_SCOPE: self._out_of_scope,
            Meaning.FAILED: self._failed,
            Meaning.REDIRECTED: self._redirected,
            Meaning.WRONG: self._wrong,
        }

    def run(self) -> tuple[Answer, ...]:
        """Ask until every query is settled or the time is up; raises ConfigurationError."""
        # One worker finds out which contract it is; the others would only ask the wrong one as well.
        self._crew.join_in(None if self._negotiation.known else 1)
        self._crew.wait(self._clock, self._stop_at)
        for task in self._negotiation.remaining():
            self._fail(task, problems.not_found(task.query))
        answers = self.ledger.close(problems.out_of_time, problems.cut_off)
        if self.ledger.error:
            raise self.ledger.error
        if self._unauthorised and all(self._is_unauthorised(answer) for answer in answers):
            raise _unauthorised()
        return answers

    def _work(self) -> None:
        """What each worker does: one task after the other, until there is none."""
        try:
            while not self.ledger.closed:
                taken = self._agenda.take()
                if not taken:
                    return
                self._see_to(*taken)
        except Exception as error:  # noqa: BLE001 - it is raised again where the run was asked for
            self.ledger.fail(error)

    def _see_to(self, task: Task, due: float) -> None:
        """Bring a task on until it is settled, or has to wait and is given back."""
        if not task.inquiry:
            if not is_segment(task.query.customer_id):
                self._fail(task, problems.bad_customer_id(task.query))
                return
            task.ask_by(self._negotiation.contract)
        going = True
        while going and (turn := self._may_ask(task, due)):
            going = self._ask(task, turn)

    # Waiting

    def _may_ask(self, task: Task, due: float) -> Turn | None:
        """Wait for the task's time and its turn; without either in the time left, the task is settled."""
        if not self._wait_until(task, due):
            return None
        while True:
            turn = self._pace.turn(self._clock.monotonic())
            if not self._wait_until(task, turn.at, turn.generation):
                return None
            if turn.granted and turn.generation == self._pace.generation:
                return turn

    def _wait_until(self, task: Task, moment: float, generation: int | None = None) -> bool:
        """Sleep until then, or until the pace changed; whether the task is still to be asked."""
        while True:
            if self.ledger.closed:
                return False
            if self.ledger.given_up:
                return self._fail(task, task.last or self.ledger.given_up(task.query))
            now = self._clock.monotonic()
            if max(now, moment) > self._stop_at - _LEAST_SECONDS:
                return self._fail(task, self._too_late(task))
            if moment <= now or generation not in {None, self._pace.generation}:
                return True
            self._clock.sleep(min(moment - now, _NAP_SECONDS))

    def _too_late(self, task: Task) -> Problem:
        if task.last:
            return task.last
        return problems.cut_off(task.query) if task.asked else problems.out_of_time(task.query)

    # Asking

    def _ask(self, task: Task, turn: Turn) -> bool:
        """Send the task's request and see to what comes back; whether the task goes on at once."""
        service = self._service
        try:
            token = service.tokens.get(self._stop_at)
        except NoTokenError as error:
            return self._no_token(task, error)
        started = self._clock.monotonic()
        left = self._stop_at - started
        if left < _LEAST_SECONDS or task.inquiry is None:
            return self._fail(task, self._too_late(task))
        self.ledger.asking(task.index, again=task.again)
        task.asked, task.again, task.asked_at = True, False, self._negotiation.moment
        headers = {"Authorization": f"Bearer {token.value}", "Content-Type": "application/json"}
        url = service.api_url + task.inquiry.path
        try:
            reply = service.http.post(url, headers, task.inquiry.body, min(service.timeout, left))
        except UnansweredError as error:
            return self._unanswered(task, error, cut_off=left < service.timeout)
        reply = without(reply, token.value, service.secret)
        found = meaning(reply)
        if found is Meaning.REFUSED:
            return self._refused(task, reply, turn)
        self._pace.admitted(turn)
        self._long_refusals = []
        if found is Meaning.ANSWER:
            return self._answered(task, task.inquiry, reply, token)
        return self._handlers[found](task, reply, token)

    def _settle(self, task: Task, answer: Answer) -> bool:
        self.ledger.settle(task.index, answer)
        return False

    def _fail(self, task: Task, problem: Problem) -> bool:
        return self._settle(task, Answer(task.query, failure=problem))

    def _later(self, task: Task, wait: float, why: str) -> bool:
        """Give the task back, to be asked again after so many seconds."""
        log.debug(
            "AvePoint is asked again",
            customer_id=task.query.customer_id,
            tenant_type=task.query.tenant_type.value,
            why=why,
            wait=round(wait, 2),
        )
        task.again = True
        self._agenda.give_back(task, self._clock.monotonic() + wait)
        return False

    # What comes back

    def _answered(self, task: Task, inquiry: Inquiry, reply: Reply, token: Token) -> bool:
        query = task.query
        try:
            done = inquiry.take(NO_CONTENT if reply.status == 204 else read_json(reply.body))
        except UnreadableAnswerError as error:
            return self._fail(task, problems.unreadable(query, str(error), quote(reply.body), request_id(reply)))
        self._trust(token)
        self._confirm(task)
        if not done:
            task.failures = task.timeouts = 0
            return True
        tenants, unusable = inquiry.result(request_id(reply))
        return self._settle(task, Answer(query, tenants, unusable))

    def _trust(self, token: Token) -> None:
        """The service knows us by this token."""
        token.accepted = self._authorised = True

    def _confirm(self, task: Task) -> None:
        """The service speaks the contract that the task was asked by."""
        absent, others = self._negotiation.answered(task.contract, task.asked_at)
        for waiting in absent:
            self._fail(waiting, problems.not_found(waiting.query))
        self._ask_again(others)
        self._crew.join_in()

    def _ask_again(self, tasks: list[Task]) -> None:
        for task in tasks:
            task.ask_by(task.contract.other)
            self._agenda.give_back(task, 0.0)

    def _absent(self, task: Task, reply: Reply, token: Token) -> bool:
        self._trust(token)
        task.absent_by.add(task.contract)
        found, again = self._negotiation.absent(task)
        self._ask_again(again)
        if found is Next.ASK_THE_OTHER:
            task.ask_by(task.contract.other)
            return True
        if found is Next.NOT_FOUND:
            return self._fail(task, problems.not_found(task.query, request_id(reply)))
        return False

    def _not_authorised(self, task: Task, reply: Reply, token: Token) -> bool:
        task.unauthorised += 1
        task.renewals += self._service.tokens.is_current(token)
        newer = None
        if task.unauthorised <= _MOST_UNAUTHORISED and task.renewals <= _MOST_RENEWALS:
            try:
                newer = self._service.tokens.replace(token, self._stop_at)
            except NoTokenError as error:
                return self._no_token(task, error)
        if newer:
            task.again = True
            return True
        with self._lock:
            self._unauthorised.add(task.query.customer_id)
            hopeless = not self._authorised and len(self._unauthorised) >= _UNAUTHORISED_CUSTOMERS
        if hopeless:
            raise _unauthorised()
        return self._fail(task, problems.token_refused(task.query, request_id(reply)))

    def _out_of_scope(self, task: Task, reply: Reply, token: Token) -> bool:
        self._trust(token)
        return self._fail(task, problems.out_of_scope(task.query, request_id(reply)))

    def _redirected(self, task: Task, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        return self._fail(task, problems.redirected(task.query, reply.status, request_id(reply)))

    def _wrong(self, task: Task, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        return self._fail(task, problems.question_refused(task.query, reply.status, said(reply), request_id(reply)))

    def _failed(self, task: Task, reply: Reply, token: Token) -> bool:  # noqa: ARG002 - handlers are alike
        task.failures += 1
        task.last = problems.failed(task.query, reply.status, task.failures, request_id(reply))
        return self._again(task, f"status {reply.status}", enough=task.failures >= MOST_ATTEMPTS)

    def _unanswered(self, task: Task, error: UnansweredError, *, cut_off: bool) -> bool:
        timed_out = error.kind is ProblemKind.TIMEOUT
        if timed_out and cut_off:
            return self._fail(task, problems.cut_off(task.query))
        task.failures += 1
        task.timeouts += timed_out
        task.last = problems.unanswered(task.query, error.kind, error.what, task.failures)
        lasting = error.kind is ProblemKind.BAD_ANSWER
        enough = lasting or task.failures >= MOST_ATTEMPTS or task.timeouts >= MOST_TIMEOUTS
        return self._again(task, error.what, enough=enough)

    def _again(self, task: Task, why: str, *, enough: bool) -> bool:
        """Ask the task again later, unless it was often enough."""
        if enough and task.last:
            return self._fail(task, task.last)
        return self._later(task, backoff(task.failures, self._chance), why)

    def _no_token(self, task: Task, error: NoTokenError) -> bool:
        """Without a token nobody can ask anything."""
        kind, what = error.kind, error.what
        self.ledger.give_up(lambda query: problems.no_token(query, kind, what))
        return self._fail(task, task.last or problems.no_token(task.query, kind, what))

    def _refused(self, task: Task, reply: Reply, turn: Turn) -> bool:
        """The service wants fewer questions: all workers go slower, and pause for as long as it says."""
        self.ledger.turned_away()
        pause = retry_after(reply.headers, self._clock.now())
        if pause is not None and pause > LONGEST_PAUSE_SECONDS:
            return self._refused_for_long(task, reply, pause)
        self._pace.refused(self._clock.monotonic(), turn, pause or 0.0)
        task.refusals += 1
        task.paused += pause or 0.0
        task.last = problems.throttled(task.query, task.refusals, request_id(reply))
        if task.refusals >= MOST_REFUSALS or task.paused > LONGEST_PAUSES_SECONDS:
            return self._fail(task, task.last)
        return self._later(task, pause or backoff(task.refusals, self._chance), f"status {reply.status}")

    def _refused_for_long(self, task: Task, reply: Reply, pause: float) -> bool:
        """The service wants to be left alone for longer than a run can wait; if it means everybody, the run is over."""
        until = self._clock.now() + timedelta(seconds=min(pause, timedelta(days=366).total_seconds()))
        with self._lock:
            self._long_refusals.append(task.query.customer_id)
            everybody = len(set(self._long_refusals)) >= _LONG_REFUSALS_IN_A_ROW
        if everybody:
            self.ledger.give_up(lambda query: problems.throttled_until(query, until))
        return self._fail(task, problems.throttled_until(task.query, until, request_id(reply)))

    def _is_unauthorised(self, answer: Answer) -> bool:
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
