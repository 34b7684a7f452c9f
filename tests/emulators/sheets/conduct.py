"""How the service misbehaves when told to: latency, quota, refusals, failures of chosen requests."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .errors import ApiError, Json, forbidden, invalid


class Logged(NamedTuple):
    """A request as the service saw it: method, path without query, length of the body, kinds of a batchUpdate."""

    method: str
    path: str
    size: int
    kinds: tuple[str, ...] = ()


@dataclass
class Fault:
    """A failure of the `nth` request from when it is set that matches, before or after the request is carried out.

    `action` is a status such as "503", "reset" (the connection breaks) or "hang" (no answer until the client leaves,
    `seconds` at most).
    """

    action: str
    nth: int = 1
    times: int = 1
    when: str = "before"
    method: str | None = None
    path: str | None = None
    kind: str | None = None
    seconds: float = 60.0
    seen: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[45]\d\d|reset|hang", self.action):
            raise ValueError(f"action must be a status from 400 on, reset or hang, not {self.action!r}")
        if self.when not in ("before", "after") or self.nth < 1 or self.times < 1:
            raise ValueError("when must be before or after; nth and times count from 1")
        re.compile(self.path or "")

    def strikes(self, request: Logged) -> bool:
        """Count a request if it matches; tell whether it is one that fails."""
        if self.method and self.method.upper() != request.method:
            return False
        if self.path and not re.search(self.path, request.path):
            return False
        if self.kind and self.kind not in request.kinds:
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    @property
    def spent(self) -> bool:
        """Whether the fault has struck as often as it will."""
        return self.seen >= self.nth + self.times - 1


def fault_from(given: Any) -> Fault:
    """Make a fault from the JSON of the control API; raises ApiError if it isn't one."""
    names = {"action", "nth", "times", "when", "method", "path", "kind", "seconds"}
    if not isinstance(given, dict) or not given.keys() <= names or "action" not in given:
        raise invalid(f"A fault takes action (required) and of {sorted(names)}.")
    try:
        return Fault(**{**given, "action": str(given["action"])})
    except (TypeError, ValueError, re.error) as error:
        raise invalid(f"Invalid fault: {error}") from error


@dataclass
class Conduct:
    """All settings of how the service treats its clients."""

    latency: float = 0.0
    quota: tuple[int, int] | None = None
    # Take requests without a token as those of an anonymous caller.
    anonymous: bool = False
    refused_tokens: set[str] = field(default_factory=set)
    # Tokens, or ids of spreadsheets, that get a 403.
    forbidden: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    _used: dict[tuple[str, bool], list[float]] = field(default_factory=dict)

    def fault_for(self, request: Logged) -> Fault | None:
        """Give the fault that strikes a request, if one does."""
        struck = next((fault for fault in list(self.faults) if fault.strikes(request)), None)
        self.faults = [fault for fault in self.faults if not fault.spent]
        return struck

    def authenticate(self, token: str | None) -> str:
        """Give who asks, by the token; raises ApiError if it is missing or refused."""
        if token is None and self.anonymous:
            return "anonymous@example.com"
        if token is None:
            raise _unauthenticated("Request is missing required authentication credential.", "CREDENTIALS_MISSING")
        if not token or token in self.refused_tokens:
            raise _unauthenticated("Request had invalid authentication credentials.", "ACCESS_TOKEN_TYPE_UNSUPPORTED")
        self.check_access(token)
        # A token that is an address speaks for that person.
        return token if "@" in token else "caller@example.com"

    def check_access(self, token_or_id: str) -> None:
        """Raise ApiError (403) if a token, or a spreadsheet's id, is one that gets no access."""
        if token_or_id in self.forbidden:
            raise forbidden()

    def check_quota(self, caller: str, now: float, *, writes: bool) -> None:
        """Count a request of a caller in this second; raises ApiError (429) past the quota of the last sixty."""
        if self.quota is None:
            return
        limit = self.quota[1 if writes else 0]
        recent = [moment for moment in self._used.get((caller, writes), []) if now - moment < 60]
        if len(recent) >= limit:
            self._used[caller, writes] = recent
            raise quota_exceeded(limit, writes=writes)
        self._used[caller, writes] = [*recent, now]


def _unauthenticated(message: str, reason: str) -> ApiError:
    text = (
        f"{message} Expected OAuth 2 access token, login cookie or other valid authentication credential. "
        "See https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return ApiError(401, text, [_error_info(reason, {"service": "sheets.googleapis.com"})])


def _error_info(reason: str, metadata: Json) -> Json:
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


def quota_exceeded(limit: int, *, writes: bool) -> ApiError:
    """Give the 429 of a used up quota."""
    noun = "Write" if writes else "Read"
    message = (
        f"Quota exceeded for quota metric '{noun} requests' and limit '{noun} requests per minute per user' "
        "of service 'sheets.googleapis.com' for consumer 'project_number:1'."
    )
    metadata = {
        "service": "sheets.googleapis.com",
        "consumer": "projects/1",
        "quota_metric": f"sheets.googleapis.com/{noun.lower()}_requests",
        "quota_limit": f"{noun}RequestsPerMinutePerUser",
        "quota_limit_value": str(limit),
        "quota_location": "global",
    }
    link = {
        "description": "Request a higher quota limit.",
        "url": "https://cloud.google.com/docs/quotas/help/request_increase",
    }
    help_links = {"@type": "type.googleapis.com/google.rpc.Help", "links": [link]}
    return ApiError(429, message, [_error_info("RATE_LIMIT_EXCEEDED", metadata), help_links])


_MESSAGES = {
    429: "Resource has been exhausted (e.g. check quota).",
    500: "Internal error encountered.",
    502: "Bad gateway.",
    503: "The service is currently unavailable.",
    504: "The operation was cancelled.",
}


def failure(status: int, kind: str | None = None, kinds: Sequence[str] = ()) -> ApiError:
    """Give the answer of a fault; a 400 about a kind of request names the first of it among `kinds`, as Sheets does."""
    if status == 400 and kind in kinds:
        return ApiError(status, f"Invalid requests[{kinds.index(kind)}].{kind}: A failure that was asked for.")
    if status == 429:
        return quota_exceeded(60, writes=True)
    return ApiError(status, _MESSAGES.get(status, "A failure that was asked for."))
