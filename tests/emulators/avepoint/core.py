"""The service without HTTP: a request in, an answer out."""

import itertools
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import cast
from urllib.parse import unquote

from tests.emulators.avepoint import customer_list, purchased
from tests.emulators.avepoint.answers import JSON, Answer, Received, as_html, as_json, vendor_error
from tests.emulators.avepoint.contracts import Asked, BadRequestError, ContractName, draft, in_style, read
from tests.emulators.avepoint.data import Customer, Directory, TenantType
from tests.emulators.avepoint.documents import options_with
from tests.emulators.avepoint.fault_answers import Moment
from tests.emulators.avepoint.fault_book import FaultBook, Occasion
from tests.emulators.avepoint.fault_kinds import ANSWERS, DELIVERIES, PAGING, SHAPES
from tests.emulators.avepoint.limits import FixedWindow, Limit, SlidingWindow, TokenBucket, retry_after
from tests.emulators.avepoint.options import Options
from tests.emulators.avepoint.request_log import LoggedRequest, RequestLog
from tests.emulators.avepoint.tokens import CUSTOMERS_SCOPE, SEATS_SCOPE, AppRegistration, Tokens
from tests.emulators.clock import Clock

TOKEN_PATH = "/connect/token"
_SEATS_PATH = re.compile(
    r"/partner/external/v3/general/customers/(?P<customer>[^/]+)/3rd-party-products/type/(?P<type>[^/]+)"
    r"/(?P<contract>users|tenants/batch)"
)
_CONTRACTS: dict[str, ContractName] = {"users": "users", "tenants/batch": "tenants-batch"}
_ALTERING = {
    "users": frozenset({*SHAPES, *DELIVERIES}),
    "tenants-batch": frozenset({*SHAPES, *PAGING, *DELIVERIES}),
}
_Decision = tuple[Answer, str | None]


class _RefusedError(Exception):
    """A request is answered with an error."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class _Query:
    """A request to one of the seats contracts, before anything in it was checked."""

    customer_id: str
    type_text: str
    contract: ContractName
    request: Received

    @property
    def tenant_type(self) -> int | None:
        return int(self.type_text) if re.fullmatch(r"[0-9]{1,3}", self.type_text) else None

    @property
    def page_index(self) -> int | None:
        text = self.request.query.get("pageIndex", "1")
        return int(text) if self.contract == "tenants-batch" and re.fullmatch(r"[0-9]{1,9}", text) else None


@dataclass(slots=True)
class AvePoint:
    """The service: what it knows, how it behaves, what it received. All of it is safe to use from any thread."""

    directory: Directory
    clock: Clock
    options: Options = field(default_factory=Options)
    registration: AppRegistration = field(default_factory=AppRegistration)
    faults: FaultBook = field(default_factory=FaultBook)
    log: RequestLog = field(default_factory=RequestLog)
    tokens: Tokens = field(init=False)
    _limit: Limit | None = field(init=False)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Start without tokens and with every place free."""
        self.tokens = Tokens(self.registration, self.clock)
        self._limit = self._new_limit(self.options)

    def configure(self, **changes: object) -> Options:
        """Change fields of the options from now on and return them; with another rate limit every place is free.

        Raises ValueError for a field that isn't one or a value that can't be.
        """
        with self._lock:
            options = options_with(self.options, changes)
            if _rate_limit(options) != _rate_limit(self.options):
                self._limit = self._new_limit(options)
            self.options = options
            return options

    def answer(self, request: Received) -> Answer:
        """Decide on a request and note it in the log."""
        moment = Moment(_request_id(next(self._numbers)), self.clock.now())
        seen = LoggedRequest(
            moment.now.timestamp(),
            request.method,
            request.path,
            request.query,
            request.headers,
            request.body.decode("utf-8", "replace"),
        )
        if request.path == TOKEN_PATH:
            answer, fault = self._answer_token(request, moment)
            self.log.add(replace(seen, endpoint="token", status=answer.status, fault=fault))
        elif match := _SEATS_PATH.fullmatch(request.path):
            query = _Query(unquote(match["customer"]), unquote(match["type"]), _CONTRACTS[match["contract"]], request)
            seen = replace(
                seen,
                endpoint="seats",
                contract=query.contract,
                customer_id=query.customer_id,
                tenant_type=query.tenant_type,
            )
            answer = self._answer(seen, moment, lambda: self._decide(query, moment, self.options))
        elif match := purchased.PATH.fullmatch(request.path):
            tenant_type = purchased.tenant_type_of(match["type"])
            customer_id = unquote(match["customer"])
            seen = replace(seen, endpoint="purchased", customer_id=customer_id, tenant_type=tenant_type)
            occasion = Occasion("purchased", customer_id, tenant_type)
            answer = self._answer(seen, moment, lambda: self._decide_purchased(request, occasion, moment))
        elif request.path == customer_list.PATH:
            seen = replace(seen, endpoint="customers")
            answer = self._answer(seen, moment, lambda: self._decide_customers(request, moment))
        else:
            answer = vendor_error(404, "Resource not found", moment.request_id)
            self.log.add(replace(seen, status=404))
        return replace(answer, headers={"x-request-id": moment.request_id, **answer.headers})

    def _answer_token(self, request: Received, moment: Moment) -> _Decision:
        occasion = Occasion("token")
        if fault := self.faults.take(occasion, ANSWERS):
            return ANSWERS[fault.kind](fault, moment), fault.kind
        if request.method != "POST":
            return Answer(405, content_type=None, headers={"Allow": "POST"}), None
        answer = self.tokens.answer(request, self.options)
        if answer.status == 200 and (fault := self.faults.take(occasion, DELIVERIES)):
            return DELIVERIES[fault.kind](fault, answer), fault.kind
        return answer, None

    def _answer(self, seen: LoggedRequest, moment: Moment, decide: Callable[[], _Decision]) -> Answer:
        options, limit = self.options, self._limit
        if limit is not None and (seconds := limit.take()):
            headers = retry_after(seconds, options.retry_after, moment.now)
            answer = vendor_error(429, "Too Many Requests", moment.request_id, headers=headers)
            self.log.add(replace(seen, status=429), limited=True)
        else:
            answer, fault = decide()
            self.log.add(replace(seen, status=answer.status, fault=fault))
        return replace(answer, wait=answer.wait + options.latency_ms / 1000) if options.latency_ms else answer

    def _decide(self, query: _Query, moment: Moment, options: Options) -> _Decision:
        served = options.contract in ("both", query.contract)
        occasion = Occasion("seats", query.customer_id, query.tenant_type, query.contract, served, query.page_index)
        if fault := self.faults.take(occasion, ANSWERS):
            return ANSWERS[fault.kind](fault, moment), fault.kind
        try:
            self._check_route(query, moment, options, served=served)
            self._check_token(query.request, moment, SEATS_SCOPE)
            asked = _read(query, moment)
            tenants = self._customer(query.customer_id, moment).of_type(cast("int", query.tenant_type))
        except _RefusedError as refused:
            return _styled(refused.answer, options), None
        content = draft(query.contract, tenants, asked, options)
        fault = self.faults.take(occasion, _ALTERING[query.contract])
        if fault is None:
            return _styled(as_json(200, content.document()), options), None
        shape = SHAPES.get(fault.kind) or PAGING.get(fault.kind)
        if shape is not None:
            return _styled(as_json(200, shape(fault, content)), options), fault.kind
        return DELIVERIES[fault.kind](fault, _styled(as_json(200, content.document()), options)), fault.kind

    def _decide_purchased(self, request: Received, occasion: Occasion, moment: Moment) -> _Decision:
        if fault := self.faults.take(occasion, ANSWERS):
            return ANSWERS[fault.kind](fault, moment), fault.kind
        try:
            _check_method(request, "GET", moment)
            self._check_token(request, moment, SEATS_SCOPE)
            if occasion.tenant_type is None:
                raise _bad_request(BadRequestError("productType", "There is no such product."), moment)
            tenant_type = TenantType(occasion.tenant_type)
            seats = self._customer(occasion.customer_id or "", moment).purchased(tenant_type)
        except _RefusedError as refused:
            return refused.answer, None
        if seats is None and (answer := purchased.unpurchased(tenant_type, self.options)) is not None:
            return answer, None
        if seats is None:
            return vendor_error(404, "The subscription does not exist.", moment.request_id), None
        body = purchased.document(tenant_type, seats)
        fault = self.faults.take(occasion, {*purchased.SHAPES, *DELIVERIES})
        if fault is None:
            return as_json(200, body), None
        if shape := purchased.SHAPES.get(fault.kind):
            return as_json(200, shape(fault, body)), fault.kind
        return DELIVERIES[fault.kind](fault, as_json(200, body)), fault.kind

    def _decide_customers(self, request: Received, moment: Moment) -> _Decision:
        page = request.query.get("pageIndex", "1")
        page_index = int(page) if re.fullmatch(r"[0-9]{1,9}", page) else None
        occasion = Occasion("customers", page_index=page_index)
        if fault := self.faults.take(occasion, ANSWERS):
            return ANSWERS[fault.kind](fault, moment), fault.kind
        try:
            _check_method(request, "POST", moment)
            self._check_token(request, moment, CUSTOMERS_SCOPE)
            content = customer_list.draft(request, self.directory.customers)
        except _RefusedError as refused:
            return refused.answer, None
        except BadRequestError as error:
            return _bad_request(error, moment).answer, None
        fault = self.faults.take(occasion, {*SHAPES, *PAGING, *DELIVERIES})
        if fault is None:
            return as_json(200, content.document()), None
        shape = SHAPES.get(fault.kind) or PAGING.get(fault.kind)
        if shape is not None:
            return as_json(200, shape(fault, content)), fault.kind
        return DELIVERIES[fault.kind](fault, as_json(200, content.document())), fault.kind

    def _check_route(self, query: _Query, moment: Moment, options: Options, *, served: bool) -> None:
        if not served:
            raise _RefusedError(_unknown_route(moment, options))
        _check_method(query.request, "POST", moment)

    def _check_token(self, request: Received, moment: Moment, scope: str) -> None:
        scopes = self.tokens.scopes_of(request.headers.get("authorization"))
        if scopes is None:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise _RefusedError(vendor_error(401, "Unauthorized", moment.request_id, headers=headers))
        if scope not in scopes:
            raise _RefusedError(vendor_error(403, f"The permission {scope} is required.", moment.request_id))

    def _customer(self, customer_id: str, moment: Moment) -> Customer:
        customer = self.directory.find(customer_id)
        if customer is None:
            raise _RefusedError(vendor_error(404, "The customer does not exist.", moment.request_id))
        if not customer.in_scope:
            message = "The customer is not in the scope of the app registration."
            raise _RefusedError(vendor_error(403, message, moment.request_id))
        return customer

    def _new_limit(self, options: Options) -> Limit | None:
        if options.rate is None:
            return None
        if options.counted == "fixed-window":
            return FixedWindow(options.rate, self.clock.monotonic)
        if options.counted == "sliding-window":
            return SlidingWindow(options.rate, self.clock.monotonic)
        return TokenBucket(options.rate, options.burst, self.clock.monotonic)


def _unknown_route(moment: Moment, options: Options) -> Answer:
    status = options.absent_status
    if options.absent_as == "html":
        return as_html(status)
    if options.absent_as == "empty":
        return Answer(status, content_type=None)
    return vendor_error(status, HTTPStatus(status).phrase, moment.request_id)


def _styled(answer: Answer, options: Options) -> Answer:
    """Return the answer with its members and numbers in the style that the options ask for."""
    if answer.content_type != JSON or (options.members, options.numbers) == ("camel-case", "number"):
        return answer
    styled = as_json(answer.status, in_style(json.loads(answer.body), options), answer.headers)
    return replace(answer, body=styled.body)


def _rate_limit(options: Options) -> tuple[float | None, int | None, str]:
    return options.rate, options.burst, options.counted


def _read(query: _Query, moment: Moment) -> Asked:
    try:
        _check_type(query)
        return read(query.contract, query.request)
    except BadRequestError as error:
        raise _bad_request(error, moment) from error


def _bad_request(error: BadRequestError, moment: Moment) -> _RefusedError:
    entry = {"code": "InvalidParameter", "field": error.field, "message": str(error)}
    return _RefusedError(vendor_error(400, "Bad Request", moment.request_id, errors=(entry,)))


def _check_method(request: Received, method: str, moment: Moment) -> None:
    if request.method != method:
        answer = vendor_error(405, "Method Not Allowed", moment.request_id, headers={"Allow": method})
        raise _RefusedError(answer)


def _check_type(query: _Query) -> None:
    if query.tenant_type not in set(TenantType):
        raise BadRequestError("type", "type must be one of 0, 1, 2 and 3.")


def _request_id(number: int) -> str:
    """Return the id of the service's nth request: a GUID by its looks, and a number to find it by."""
    return f"a0e90000-0000-4000-8000-{number:012x}"
