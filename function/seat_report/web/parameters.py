"""What a request asks for: parameters of the query string, of a form or of a JSON object, checked."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from flask import Request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import RequestEntityTooLarge

from seat_report.domain import RunRequest, TenantType, found, invalid_id_reason, repeated

Format = Literal["json", "html"]
_OF_A_RUN = ("customer_id", "dry_run", "format", "tenant_type")
_OF_A_CHECK = ("deep", "fresh")
_FORM = ("application/x-www-form-urlencoded", "multipart/form-data")
_AGE = re.compile(r"([1-9]\d{0,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_IAP_PREFIX = "accounts.google.com:"
_LONGEST_BY = 200
# As much as the framework takes of a form; nobody means to send more.
_LARGEST_BODY = 500_000
_TOO_LARGE = "found a body too large to be read, expected a few short values"
_MOST_CUSTOMERS = 1_000
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


class BadRequestError(Exception):
    """The request can't be understood; the text says what was found and what is expected."""


class ParsedRequest(NamedTuple):
    """What to run, and in which format to answer."""

    run_request: RunRequest
    format: Format


class HealthRequest(NamedTuple):
    """What to check besides the settings: `deep` or not, and how old the newest good run may be."""

    deep: bool
    fresh: timedelta | None


def parse(request: Request) -> ParsedRequest:
    """What a run's request asks for; raises BadRequestError for any parameter that is unknown or malformed."""
    values = _known(_values(request), _OF_A_RUN)
    answer_in = _format(values.get("format", []), request)
    ids = values.get("customer_id", [])
    if answer_in == "html" and request.mimetype in _FORM:
        # The page has one field for all IDs, which may be empty; an ID has no space in it.
        ids = [part for text in ids for part in text.split()]
    if len(ids) > _MOST_CUSTOMERS:
        raise BadRequestError(
            f"customer_id: found {len(ids):,} values, expected {_MOST_CUSTOMERS:,} at most, or none for all customers"
        )
    run_request = RunRequest(
        dry_run=_flag("dry_run", values),
        customer_ids=tuple(dict.fromkeys(_customer_id(text) for text in ids)),
        tenant_types=_tenant_types(values.get("tenant_type", [])),
        # What the header says proves nothing; it only words the answer and the run's row.
        trigger="schedule" if request.headers.get("X-CloudScheduler") == "true" else "manual",
        by=_by(request.headers),
    )
    return ParsedRequest(run_request, answer_in)


def parse_health(request: Request) -> HealthRequest:
    """What a health check's request asks for; raises BadRequestError as `parse` does."""
    values = _known({name: request.args.getlist(name) for name in request.args}, _OF_A_CHECK)
    text = _single("fresh", values.get("fresh", []))
    match = _AGE.fullmatch(text) if text is not None else None
    if text is not None and match is None:
        raise BadRequestError(f"fresh: {found(text)}, expected an age such as 90m, 26h or 2d")
    return HealthRequest(_flag("deep", values), timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None)


def wants_page(request: Request) -> bool:
    """Whether to answer a request with a page, even if its parameters can't be understood."""
    asked_for = request.args.get("format", "").strip().casefold()
    return asked_for == "html" or (asked_for != "json" and _accepts_page(request))


def _by(headers: Headers) -> str:
    """Who asks, as the platform tells: the scheduler's job, or a person behind an identity-aware proxy."""
    text = headers.get("X-CloudScheduler-JobName") or headers.get("X-Goog-Authenticated-User-Email") or ""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split()).removeprefix(_IAP_PREFIX)[:_LONGEST_BY]


def _values(request: Request) -> dict[str, list[str]]:
    values: dict[str, list[str]] = {name: request.args.getlist(name) for name in request.args}
    for name, more in _body(request).items():
        values.setdefault(name, []).extend(more)
    return values


def _known(values: dict[str, list[str]], known: Collection[str]) -> dict[str, list[str]]:
    if unknown := sorted(values.keys() - set(known)):
        raise BadRequestError(f"found the parameter {repeated(unknown[0])}, expected some of: {', '.join(known)}")
    return values


def _body(request: Request) -> Mapping[str, list[str]]:
    # Read whole in any case: the framework does so before it answers, and fails if it can't.
    body = request.get_data()
    if len(body) > _LARGEST_BODY:
        raise BadRequestError(_TOO_LARGE)
    if body and request.mimetype in _FORM:
        return _fields(request)
    return _members(body) if body else {}


def _members(body: bytes) -> Mapping[str, list[str]]:
    try:
        found = json.loads(body, object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BadRequestError("found a body that is no JSON object, expected one, form fields, or no body")
    return {name: list(_texts(name, value)) for name, value in found.items()}


def _once_each(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; of a member that comes twice, nobody can tell which one is meant."""
    found = dict(members)
    if len(found) < len(members):
        twice = next(name for name, count in Counter(name for name, _ in members).items() if count > 1)
        raise BadRequestError(f"{repeated(twice)}: found this member more than once, expected one, or a list in it")
    return found


def _fields(request: Request) -> Mapping[str, list[str]]:
    try:
        form, files = request.form, request.files
    except RequestEntityTooLarge:
        raise BadRequestError(_TOO_LARGE) from None
    # A form that can't be read comes as an empty one; run for nothing, it could write what was to be a dry run.
    if files or not form:
        raise BadRequestError("found a form without fields or with files, expected fields alone, or no body")
    # A part of a form may come without one, which werkzeug gives as None, whatever its types say.
    if any(name is None for name in form):
        raise BadRequestError("found a form with a field that has no name, expected fields with names, or no body")
    return {name: form.getlist(name) for name in form}


def _texts(name: str, value: Any) -> Iterable[str]:
    if value == []:
        raise BadRequestError(f"{repeated(name)}: found an empty list, expected a value, or no such member")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, bool):
            yield str(one).lower()
        elif isinstance(one, str | int):
            yield str(one)
        else:
            raise BadRequestError(f"{repeated(name)}: {found(one)}, expected a text, a number, true or false")


def _single(name: str, values: list[str]) -> str | None:
    if len(values) > 1:
        raise BadRequestError(f"{name}: found {len(values)} values, expected one")
    return values[0].strip().casefold() if values else None


def _flag(name: str, values: Mapping[str, list[str]]) -> bool:
    text = _single(name, values.get(name, []))
    if text is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise BadRequestError(f"{name}: {found(text)}, expected true or false")


def _customer_id(text: str) -> str:
    text = text.strip()
    if not text:
        raise BadRequestError("customer_id: found nothing, expected a customer's ID")
    if why := invalid_id_reason(text):
        several = " Several IDs go into as many customer_id parameters." if len(text.split()) > 1 else ""
        raise BadRequestError(f"customer_id: {found(text)}. {why}{several}")
    return text


def _tenant_types(values: list[str]) -> tuple[TenantType, ...]:
    try:
        wanted = {TenantType.parse(part) for value in values for part in value.split(",")}
    except ValueError as error:
        raise BadRequestError(f"tenant_type: {error}") from None
    return tuple(tenant_type for tenant_type in TenantType if tenant_type in wanted)


def _format(values: list[str], request: Request) -> Format:
    text = _single("format", values)
    if text == "json":
        return "json"
    if text == "html":
        return "html"
    if text is not None:
        raise BadRequestError(f"format: {found(text)}, expected json or html")
    return "html" if _accepts_page(request) else "json"


def _accepts_page(request: Request) -> bool:
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
