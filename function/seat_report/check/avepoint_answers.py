"""What AvePoint answers: a token, one customer's seats in both contracts, and what it has not got."""

import re
import uuid
from collections.abc import Iterator
from typing import Any

from seat_report.avepoint import CONTRACTS, Answer, Probe, SeatAnswer
from seat_report.check.findings import Finding, Verdict, wrong
from seat_report.check.shape import shape
from seat_report.clock import Clock
from seat_report.domain import Query, TenantType
from seat_report.errors import ConfigurationError, RunError
from seat_report.settings import Settings

_OK = Verdict.AS_EXPECTED
_LEAST_DAYS_LEFT = 30
_GOOD = frozenset({200, 204})
_REQUEST_IDS = ("request-id", "x-request-id", "x-ms-request-id", "x-correlation-id")
_LIMIT_HEADER = re.compile(r"retry-after|(x-)?rate-?limit(-[a-z]{1,20}){0,4}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_CONTENT_TYPES = ("application/json", "application/problem+json", "text/html", "text/plain")
_DOCUMENTED = "a list of tenants with IDs and counts"
_ATTACH = "Attach the file of --report to a bug report"
_ADVICE = {
    0: "Check the network and AVEPOINT_API_URL, then run this again",
    401: "The token was refused: check AVEPOINT_ENVIRONMENT and the permission elements.license.read.all",
    403: "Add the customer to the scope of the app registration (AvePoint Elements, Settings, API app registration)",
    404: "Check the customer's ID, and that AVEPOINT_ENVIRONMENT is the one it is in",
    429: "AvePoint limits requests: run this again in some minutes, and lower AVEPOINT_CONCURRENCY if it lasts",
}


class AvePointCheck:
    """The facts about AvePoint, asked with one customer, or with none about what needs no customer.

    After each finding, `texts` are the texts that AvePoint has answered, none of which may be told.
    """

    def __init__(self, settings: Settings, clock: Clock, customer_id: str | None, stop_at: float) -> None:
        self._settings = settings
        self._clock = clock
        self._customer_id = customer_id
        self._stop_at = stop_at
        self.texts: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """Ask, one fact at a time."""
        fact = "AvePoint: an access token"
        try:
            probe = Probe(self._settings, self._clock)
            lifetime = probe.get_token(self._stop_at)
        except ConfigurationError as error:
            for fault in error.faults:
                yield wrong(fact, "one", fault)
            return
        except RunError as error:
            yield Finding(Verdict.DIFFERS, fact, "one", str(error).rstrip("."), _ADVICE[0])
            return
        try:
            yield Finding(_OK, fact, "one", f"one for {lifetime:,.0f} s")
            yield self._credential(probe)
            if self._customer_id is None:
                advice = "Give --customer ID, or list a customer in the Customers tab"
                yield Finding(Verdict.NOT_TRIED, "AvePoint: a customer's seats", "", "no customer to ask for", advice)
            else:
                yield from self._seats(probe, self._customer_id)
            yield self._unknown_customer(probe)
            yield self._unknown_route(probe)
        finally:
            probe.close()

    def _credential(self, probe: Probe) -> Finding:
        fact, expected = "AvePoint: the credential", f"{_LEAST_DAYS_LEFT} days left or more"
        ends = probe.credential_ends
        if ends is None:
            return Finding(
                Verdict.SKIPPED, fact, expected, "no date", "Set AVEPOINT_CREDENTIAL_EXPIRES to be warned in time"
            )
        days = (ends - self._clock.now().date()).days
        if days < _LEAST_DAYS_LEFT:
            return Finding(Verdict.DIFFERS, fact, expected, f"{days} days left", "Make a new one before it ends")
        return Finding(_OK, fact, expected, f"{days} days left")

    def _seats(self, probe: Probe, customer_id: str) -> Iterator[Finding]:
        first, *others = self._settings.tenant_types
        answers = {
            contract: probe.ask_seats(contract, Query(customer_id, first), self._stop_at) for contract in CONTRACTS
        }
        good = [contract for contract, answer in answers.items() if _is_good(answer)]
        for contract, answer in answers.items():
            yield self._contract(contract, first, answer, has_other=bool(good) and contract not in good)
        yield self._choice(good)
        configured = self._settings.avepoint_seats_contract
        used = configured if configured in good else next(iter(good), None)
        for tenant_type in others if used else ():
            answer = probe.ask_seats(str(used), Query(customer_id, tenant_type), self._stop_at)
            yield self._contract(str(used), tenant_type, answer, has_other=False)

    def _contract(self, contract: str, tenant_type: TenantType, answer: SeatAnswer, *, has_other: bool) -> Finding:
        fact = f"AvePoint: contract {contract}, {tenant_type.label}"
        found, shown = self._described(answer.first), self._shown(answer.first)
        if answer.first.failure or answer.first.status not in _GOOD:
            # Only one of the two contracts has to be there.
            is_absent = has_other and not answer.first.failure
            expected = f"{_DOCUMENTED}, or a refusal as the other contract answers" if is_absent else _DOCUMENTED
            advice = "" if is_absent else _ADVICE.get(answer.first.status, _ATTACH)
            return Finding(_OK if is_absent else Verdict.DIFFERS, fact, expected, found, advice, shown=shown)
        if answer.unreadable:
            advice = "Set AVEPOINT_SEATS_CONTRACT to the other contract" if has_other else _ATTACH
            shown = f"AvePoint {answer.unreadable}; {shown}"
            return Finding(Verdict.DIFFERS, fact, _DOCUMENTED, f"{found}, which can't be read", advice, shown=shown)
        found += f"; {answer.tenants} tenants can be used"
        if answer.has_text_counts:
            found += ", counts come as text"
        if answer.unusable:
            found += f", {answer.unusable} can't"
            return Finding(Verdict.DIFFERS, fact, _DOCUMENTED, found, _ATTACH, shown=shown)
        return Finding(_OK, fact, _DOCUMENTED, found, "", shown=shown)

    def _choice(self, good: list[str]) -> Finding:
        fact, configured = "AvePoint: the contract", self._settings.avepoint_seats_contract
        found = " and ".join(good) or "none"
        if not good:
            advice = "See the two lines above; no seats can be collected like this"
            return Finding(Verdict.DIFFERS, fact, "one that answers", found, advice)
        if configured not in ("auto", *good):
            advice = "Unset AVEPOINT_SEATS_CONTRACT"
            return Finding(Verdict.WRONG, fact, f"{configured}, as AVEPOINT_SEATS_CONTRACT says", found, advice)
        return Finding(_OK, fact, "one that answers", found)

    def _unknown_customer(self, probe: Probe) -> Finding:
        fact, expected = "AvePoint: a customer that nobody has", "404 or 403"
        query = Query(str(uuid.uuid4()), self._settings.tenant_types[0])
        configured = self._settings.avepoint_seats_contract
        contracts = CONTRACTS if configured == "auto" else (configured,)
        answers = [probe.ask_seats(contract, query, self._stop_at).first for contract in contracts]
        found = " and ".join(
            f"{self._described(answer)} ({contract})" for contract, answer in zip(contracts, answers, strict=True)
        )
        shown = "; ".join(map(self._shown, answers))
        if any(answer.status in _GOOD for answer in answers):
            advice = "A mistyped customer ID is reported as a customer without tenants: check the IDs with care"
        elif any(answer.status not in (403, 404, 405) for answer in answers):
            advice = "A mistyped customer ID is reported as a failure of AvePoint"
        else:
            return Finding(_OK, fact, expected, found, "", shown=shown)
        return Finding(Verdict.DIFFERS, fact, expected, found, advice, shown=shown)

    def _unknown_route(self, probe: Probe) -> Finding:
        fact, expected = "AvePoint: an address that it hasn't got", "404 or 405"
        answer = probe.ask_unknown_route(self._stop_at)
        found, shown = self._described(answer), self._shown(answer)
        if answer.status in (404, 405):
            return Finding(_OK, fact, expected, found, "", shown=shown)
        advice = "Set AVEPOINT_SEATS_CONTRACT to the contract that answers, so that it need not be found out"
        return Finding(Verdict.DIFFERS, fact, expected, found, advice, shown=shown)

    def _described(self, answer: Answer) -> str:
        """The answer without anything that identifies anybody."""
        self._remember(answer.value)
        if answer.failure:
            return answer.failure
        parts = [f"{answer.status} in {answer.seconds:.1f} s"]
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not answer.unreadable:
            parts.append(shape(answer.value))
        elif answer.status != 204:
            parts.append(f"no JSON ({kind if kind in _CONTENT_TYPES else 'another type'})")
        if names := [name for name in _REQUEST_IDS if answer.headers.get(name)]:
            parts.append(f"request ID in {names[0]}")
        for name, value in answer.headers.items():
            if _LIMIT_HEADER.fullmatch(name):
                parts.append(f"{name} {value if _NUMBER.fullmatch(value) else 'as text'}")
        return ", ".join(parts)

    def _shown(self, answer: Answer) -> str:
        parts = [] if answer.unreadable or answer.failure else [repr(answer.value)]
        parts += [f"{name}: {answer.headers[name]}" for name in _REQUEST_IDS if answer.headers.get(name)]
        return ", ".join(parts)

    def _remember(self, value: Any) -> None:
        """Collect all texts and names in an answer."""
        pending = [value]
        while pending:
            one = pending.pop()
            if isinstance(one, dict):
                pending += one.values()
            elif isinstance(one, list):
                pending += one
            elif isinstance(one, str):
                self.texts.add(one)


def _is_good(answer: SeatAnswer) -> bool:
    return not answer.first.failure and answer.first.status in _GOOD and not answer.unreadable
